#!/usr/bin/env python3
"""Destinations for the tests, on 127.0.0.1 and ::1.

Prints NAME_PORT=PORT for each, then "ready":
  ECHO    sends back what it gets; an end only after an end
  LINE    reads a line, answers "got LINE" and closes
  LATE    the same, 0.4 s later
  BANNER  speaks first ("BANNER 1.0"), then echoes
  SINK    reads to the end, then answers "COUNT SHA256"
  SOURCE  sends 8 MiB, whatever comes in, and closes
  TRADE   reads "COUNT" and a line end, then reads and sends COUNT bytes at the
          same time, then answers "sent SHA256 got SHA256"; needs no half-close
  RESET   answers the first byte with a reset
"""
import hashlib
import os
import socket
import struct
import sys
import threading
import time

PIECE = 65536


def pieces(conn):
    while True:
        data = conn.recv(PIECE)
        if not data:
            return
        yield data


def read_line(conn):
    line = b""
    while not line.endswith(b"\n"):
        byte = conn.recv(1)
        if not byte:
            break
        line += byte
    return line.rstrip(b"\n")


def echo(conn):
    for data in pieces(conn):
        conn.sendall(data)
    conn.shutdown(socket.SHUT_WR)


def line(conn):
    conn.sendall(b"got " + read_line(conn) + b"\n")


def late(conn):
    text = read_line(conn)
    time.sleep(0.4)
    conn.sendall(b"got " + text + b"\n")


def banner(conn):
    conn.sendall(b"BANNER 1.0\r\n")
    echo(conn)


def sink(conn):
    count, digest = 0, hashlib.sha256()
    for data in pieces(conn):
        count += len(data)
        digest.update(data)
    conn.sendall(b"%d %s\n" % (count, digest.hexdigest().encode()))


def source(conn):
    block = bytes(range(256)) * 256
    for _ in range(128):
        conn.sendall(block)


def trade(conn):
    count = int(read_line(conn))
    out = os.urandom(count)
    sender = threading.Thread(target=conn.sendall, args=(out,), daemon=True)
    sender.start()
    digest = hashlib.sha256()
    left = count
    while left > 0:
        data = conn.recv(min(left, PIECE))
        if not data:
            return
        digest.update(data)
        left -= len(data)
    sender.join()
    conn.sendall(b"sent %s got %s\n" % (
        hashlib.sha256(out).hexdigest().encode(),
        digest.hexdigest().encode()))


def reset(conn):
    conn.recv(1)
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))


def serve(conn, service):
    with conn:
        try:
            service(conn)
        except (OSError, ValueError):
            pass


def accept(listener, service):
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            continue
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(conn, service),
                         daemon=True).start()


def listen(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM)
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((host, port))
        s.listen(128)
    except OSError:
        s.close()
        raise
    return s


def listen_twice():
    """The same port on both addresses."""
    for _ in range(100):
        v4 = listen("127.0.0.1", 0)
        try:
            return v4, listen("::1", v4.getsockname()[1])
        except OSError as error:
            v4.close()
            last = error
    sys.exit("targets.py: no port is free on both 127.0.0.1 and ::1: %s" % last)


def main():
    for service in (echo, line, late, banner, sink, source, trade, reset):
        both = listen_twice()
        for listener in both:
            threading.Thread(target=accept, args=(listener, service),
                             daemon=True).start()
        print("%s_PORT=%d" % (service.__name__.upper(),
                              both[0].getsockname()[1]))
    print("ready", flush=True)
    threading.Event().wait()


main()
