#!/usr/bin/env python3
"""Clients of a port: clients.py ADDRESS WHAT..., ADDRESS being PORT,
HOST:PORT, [HOST]:PORT or a path.

  ask         sends standard input, and prints what comes
  end         the same, and ends its side behind it
  listen      prints what comes
  echo N SIZE N connections at once, each with SIZE bytes of its own that are
              to come back; prints how many were right

Prints how it ended where that is not in order: "reset", "refused".
"""
import asyncio
import os
import socket
import sys


def connect(address):
    if "/" in address:
        s = socket.socket(socket.AF_UNIX)
        s.connect(address)
        return s
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]") or "127.0.0.1", port))


def talk(address, what):
    s = connect(address)
    if what != "listen":
        s.sendall(sys.stdin.buffer.read())
    if what == "end":
        s.shutdown(socket.SHUT_WR)
    while piece := s.recv(65536):
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


async def one(address, size):
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host or "127.0.0.1", port)
    data = os.urandom(size)
    writer.write(data)
    got = await reader.readexactly(size)
    # All are there at the same time.
    yield
    writer.close()
    yield got == data


async def echo(address, n, size):
    async def begin():
        client = one(address, size)
        await anext(client)
        return client
    clients = await asyncio.gather(*[begin() for _ in range(n)])
    right = [await anext(client) for client in clients]
    print(sum(right), "right")


def main():
    address, what, *numbers = sys.argv[1:]
    try:
        if what == "echo":
            asyncio.run(echo(address, *map(int, numbers)))
        else:
            talk(address, what)
    except ConnectionResetError:
        print("reset")
    except BrokenPipeError:
        print("reset")
    except ConnectionRefusedError:
        print("refused")


main()
