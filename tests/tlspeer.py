#!/usr/bin/env python3
"""A server with TLS that follows a script, on 127.0.0.1.

  tlspeer.py -c CERT -k KEY [-a CA] [-x 1.2] [-p ALPN,...] STEP...

Prints its port, and what happens.  -a demands a certificate of a client by
CA, -x is the highest version.  A connection plays the steps:

  hello         no TLS: prints what the ClientHello offers, and closes
  head          reads up to an empty line, prints the lines as "| LINE"
  line          reads a line, prints it as "| LINE"
  send:TEXT     sends TEXT, which knows \\r \\n \\0 \\xHH
  echo          sends back what comes, to the end of it
  count         sends the number of bytes that come, once they end
  drain         takes what comes to the end of it
  relay:PORT    joins it with a connection to that port
  end           ends our side: close_notify
  clear         what follows goes without TLS, and nothing tells so
  cut           closes without close_notify
  wait:SECONDS
At the end of the steps comes an "end", then the connection is closed.
"""
import getopt
import select
import socket
import ssl
import struct
import sys
import threading
import time

PIECE = 65536
VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1,
            "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Cut(Exception):
    """The other side went without a close_notify."""


class Clear:
    """The bare connection."""

    def __init__(self, sock):
        self.sock = sock

    def read(self, most):
        return self.sock.recv(most)

    def write(self, data):
        self.sock.sendall(data)

    def end(self):
        self.sock.shutdown(socket.SHUT_WR)

    def relay(self, port):
        other = socket.create_connection(("127.0.0.1", port))
        sides = {self.sock: other, other: self.sock}
        while sides:
            for side in select.select(list(sides), [], [])[0]:
                if data := side.recv(PIECE):
                    sides[side].sendall(data)
                else:
                    sides.pop(side).shutdown(socket.SHUT_WR)


class Tls:
    """TLS over a socket, in one thread, under our eyes."""

    def __init__(self, sock, context):
        self.sock = sock
        self.came, self.goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.came, self.goes, server_side=True)
        self.ended = False
        self.do(self.tls.do_handshake)

    def flush(self):
        if data := self.goes.read():
            self.sock.sendall(data)

    def take_in(self):
        data = self.sock.recv(PIECE)
        if data:
            self.came.write(data)
        else:
            self.came.write_eof()

    def do(self, call, *args):
        while True:
            try:
                return call(*args)
            except ssl.SSLWantReadError:
                self.flush()
                self.take_in()
            except ssl.SSLZeroReturnError:
                return b""
            except (ssl.SSLEOFError, ssl.SSLSyscallError) as error:
                raise Cut() from error
            finally:
                self.flush()

    def read(self, most):
        return self.do(self.tls.read, most)

    def write(self, data):
        self.do(self.tls.write, data)

    def end(self):
        if self.ended:
            return
        self.ended = True
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.flush()

    def relay(self, port):
        other = socket.create_connection(("127.0.0.1", port))
        sides = [self.sock, other]
        while sides:
            ready = select.select(sides, [], [])[0]
            if other in ready:
                if data := other.recv(PIECE):
                    self.write(data)
                else:
                    sides.remove(other)
                    self.end()
            if self.sock in ready:
                self.take_in()
                try:
                    while data := self.tls.read(PIECE):
                        other.sendall(data)
                    ended = True
                except ssl.SSLZeroReturnError:
                    ended = True
                except ssl.SSLWantReadError:
                    ended = False
                except ssl.SSLEOFError as error:
                    raise Cut() from error
                self.flush()
                if ended:
                    say("close_notify")
                    sides.remove(self.sock)
                    other.shutdown(socket.SHUT_WR)


def pieces(peer):
    while data := peer.read(PIECE):
        yield data
    say("close_notify" if isinstance(peer, Tls) else "end")


def read_to(peer, end):
    text = b""
    while not text.endswith(end):
        byte = peer.read(1)
        if not byte:
            break
        text += byte
    return text


def unescape(text):
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise Cut()
        data += piece
    return data


def pairs(data):
    return [struct.unpack_from(">H", data, i)[0]
            for i in range(0, len(data) - 1, 2)]


def hello(sock):
    """RFC 8446, 4.1.2; what comes is believed to be well-formed."""
    kind, _, size = struct.unpack(">BHH", exactly(sock, 5))
    data = exactly(sock, size)
    if kind != 22 or data[0] != 1:
        say("no ClientHello")
        return
    at = 38
    at += 1 + data[at]
    size = struct.unpack_from(">H", data, at)[0]
    ciphers = pairs(data[at + 2:at + 2 + size])
    at += 2 + size
    at += 1 + data[at] + 2
    extensions = {}
    while at < len(data):
        kind, size = struct.unpack_from(">HH", data, at)
        extensions[kind] = data[at + 4:at + 4 + size]
        at += 4 + size
    names = extensions.get(0, b"")[5:].decode()
    rest, alpn = extensions.get(16, b"")[2:], []
    while rest:
        alpn.append(rest[1:1 + rest[0]].decode())
        rest = rest[1 + rest[0]:]
    versions = pairs(extensions.get(43, b"")[1:])
    say("sni=%s alpn=%s versions=%s ciphers=%s" % (
        names, ",".join(alpn), ",".join("%04x" % v for v in versions),
        ",".join("%04x" % c for c in ciphers)))


def play(peer, step):
    """Plays a step; the peer that goes on, or None."""
    name, _, arg = step.partition(":")
    if name == "head":
        for line in read_to(peer, b"\r\n\r\n").split(b"\r\n")[:-2]:
            say("| " + line.decode("latin-1"))
    elif name == "line":
        say("| " + read_to(peer, b"\n").decode("latin-1").rstrip("\n"))
    elif name == "send":
        peer.write(unescape(arg))
    elif name == "echo":
        for data in pieces(peer):
            peer.write(data)
    elif name == "count":
        peer.write(b"%d\n" % sum(len(data) for data in pieces(peer)))
    elif name == "drain":
        for _ in pieces(peer):
            pass
    elif name == "relay":
        peer.relay(int(arg))
        return None
    elif name == "end":
        peer.end()
    elif name == "clear":
        return Clear(peer.sock)
    elif name == "cut":
        return None
    elif name == "wait":
        time.sleep(float(arg))
    else:
        sys.exit("tlspeer.py: no such step: " + step)
    return peer


def serve(sock, context, steps):
    try:
        with sock:
            if steps == ["hello"]:
                hello(sock)
                return
            peer = Tls(sock, context)
            tls, client = peer.tls, peer.tls.getpeercert() or {}
            say("open sni=%s alpn=%s version=%s cipher=%s client=%s" % (
                getattr(tls, "name_asked", ""),
                tls.selected_alpn_protocol() or "", tls.version(),
                tls.cipher()[0], ",".join(
                    part[0][1] for part in client.get("subject", ()))))
            for step in steps:
                peer = play(peer, step)
                if peer is None:
                    return
            peer.end()
    except Cut:
        say("cut off")
    except (OSError, ValueError) as error:
        say("failed: %s" % error)


def main():
    options, steps = getopt.getopt(sys.argv[1:], "c:k:a:x:p:")
    options = dict(options)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options["-c"], options["-k"])
    if "-a" in options:
        context.load_verify_locations(options["-a"])
        context.verify_mode = ssl.CERT_REQUIRED
    if "-x" in options:
        context.maximum_version = VERSIONS[options["-x"]]
    if "-p" in options:
        context.set_alpn_protocols(options["-p"].split(","))

    def asked(tls, name, _):
        tls.name_asked = name or ""

    context.sni_callback = asked
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    say("%d" % listener.getsockname()[1])
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(sock, context, steps),
                         daemon=True).start()


main()
