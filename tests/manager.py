#!/usr/bin/env python3
"""What a service manager hears: manager.py ADDRESS LOG

Listens at a datagram socket, a path or @NAME, and puts each message in LOG as
a line, its own lines divided by blanks.
"""
import socket
import sys

s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
address, log = sys.argv[1:]
s.bind("\0" + address[1:] if address.startswith("@") else address)
print("ready", flush=True)
with open(log, "ab", buffering=0) as file:
    while True:
        file.write(s.recv(4096).replace(b"\n", b" ") + b"\n")
