#!/usr/bin/env python3
"""A proxy for the tests that proves by Negotiate who it is, or fails to.

gss-proxy.py HOW [legs]: prints its port on 127.0.0.1, then a line for each
context, who came with how many legs and which flags, and one with what came
through the tunnel.  The key is in KRB5_KTNAME.  In a tunnel it sends "got "
together with the 200, then a line that it reads.  HOW, the last token:
  right    is that of the context
  wrong    the same with a bit changed in the last 8 bytes
  garbage  is not a token
  other    is that of the context before; the first one gets its own
  none     is not sent
With legs it wants NTLM, with NTLM_USER_FILE: the token of Kerberos that came
first is of no use, and the last is a MIC of the offers (RFC 4178 5).
"""
import base64
import ctypes
import socket
import sys

GSS = ctypes.CDLL("libgssapi_krb5.so.2")
GSS_C_ACCEPT, GSS_S_CONTINUE_NEEDED = 2, 1
FLAGS = {1: "delegation", 2: "mutual"}
ref = ctypes.byref


class Oid(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint32), ("elements", ctypes.c_char_p)]


class OidSet(ctypes.Structure):
    _fields_ = [("count", ctypes.c_size_t), ("elements", ctypes.POINTER(Oid))]


class Buffer(ctypes.Structure):
    _fields_ = [("length", ctypes.c_size_t), ("value", ctypes.c_void_p)]

    def bytes(self):
        return ctypes.string_at(self.value, self.length)


def call(name, *args):
    """The major status, unless it is an error."""
    minor = ctypes.c_uint32()
    major = getattr(GSS, name)(ref(minor), *args)
    if major & 0xffff0000:
        raise ValueError("%s: %x %x" % (name, major, minor.value))
    return major


def prefer_ntlm():
    ntlm = Oid(10, b"\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a")
    credentials = ctypes.c_void_p()
    call("gss_acquire_cred", None, 0, None, GSS_C_ACCEPT, ref(credentials),
         None, None)
    call("gss_set_neg_mechs", credentials, ref(OidSet(1, ctypes.pointer(ntlm))))
    return credentials


class Context:
    def __init__(self, credentials):
        self.credentials, self.handle = credentials, ctypes.c_void_p()
        self.name, self.flags = ctypes.c_void_p(), ctypes.c_uint32()
        self.legs, self.complete = 0, False

    def step(self, token):
        """The token to send."""
        out = Buffer()
        given = Buffer(len(token), ctypes.cast(token, ctypes.c_void_p))
        self.legs += 1
        self.complete = GSS_S_CONTINUE_NEEDED != call(
            "gss_accept_sec_context", ref(self.handle), self.credentials,
            ref(given), None, ref(self.name), None, ref(out), ref(self.flags),
            None, None)
        return out.bytes()

    def __str__(self):
        name = Buffer()
        call("gss_display_name", self.name, ref(name), None)
        return " ".join([name.bytes().decode(), "legs=%d" % self.legs] + [
            word for flag, word in FLAGS.items() if self.flags.value & flag])


def last_token(how, token, before):
    if how == "wrong":
        return token[:-8] + bytes([token[-8] ^ 1]) + token[-7:]
    return {"garbage": b"garbage", "none": None,
            "other": before or token}.get(how, token)


def respond(conn, head, token, body=b""):
    if token is not None:
        head += b"\r\nProxy-Authenticate: Negotiate " + base64.b64encode(token)
    conn.sendall(b"HTTP/1.1 " + head + b"\r\n\r\n" + body)


def serve(conn, how, context, before):
    """The right last token of this context."""
    lines = conn.makefile("rb")
    while not context.complete:
        token = b""
        while (line := lines.readline()) != b"\r\n":
            if not line:
                return before
            if line.startswith(b"Proxy-Authorization: Negotiate "):
                token = context.step(base64.b64decode(line.split()[-1]))
        if not context.complete:
            respond(conn, b"407 No\r\nContent-Length: 0", token)
    print(context)
    respond(conn, b"200 OK", last_token(how, token, before), b"got ")
    try:
        line = lines.readline()
        conn.sendall(line)
    except OSError:
        line = b""
    print("through: " + line.decode().rstrip("\n"))
    return token


def main():
    how, before = sys.argv[1], b""
    credentials = prefer_ntlm() if "legs" in sys.argv[2:] else None
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1])
    while True:
        conn, _ = listener.accept()
        with conn:
            try:
                before = serve(conn, how, Context(credentials), before)
            except (OSError, ValueError) as error:
                print("error:", error)


main()
