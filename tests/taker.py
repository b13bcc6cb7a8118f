#!/usr/bin/env python3
"""Runs a command as ssh does with ProxyUseFdpass: takes a descriptor from it.

  taker.py BYTES COMMAND... <INPUT

Prints "status N", what kind of socket it got, and what comes through it while
INPUT is sent; the end is passed on once that is BYTES.
"""
import os
import socket
import subprocess
import sys
import threading

ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
process = subprocess.Popen(sys.argv[2:], stdin=theirs, stdout=theirs)
theirs.close()
data, fds, _, _ = socket.recv_fds(ours, 1, 4)
ours.settimeout(10)
print("status", process.wait())
assert len(fds) == len(data), (data, fds)
if fds:
    got = socket.socket(fileno=fds[0])
    print({socket.AF_UNIX: "unix", socket.AF_INET: "inet",
           socket.AF_INET6: "inet"}[got.family],
          "blocking" if os.get_blocking(fds[0]) else "non-blocking")
    # The command has let go of its own end.
    assert ours.recv(1) == b""
    sender = threading.Thread(target=got.sendall,
                              args=(sys.stdin.buffer.read(),))
    sender.start()
    sys.stdout.flush()
    left = int(sys.argv[1])
    while piece := got.recv(65536):
        sys.stdout.buffer.write(piece)
        left -= len(piece)
        if left <= 0:
            sender.join()
            got.shutdown(socket.SHUT_WR)
            left = sys.maxsize
