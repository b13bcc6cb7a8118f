# Three challenges in three fields.
set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Digest realm="x", nonce="n1", qop="auth", algorithm=SHA-256
< Proxy-Authenticate: Digest realm="x", nonce="n2", qop="auth", algorithm=SHA-512-256
< Proxy-Authenticate: Digest realm="x", nonce="n3", qop="auth", algorithm=MD5
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Digest username="bob", realm="x", nonce="n2", uri="host.example:22", response="a7e3d04106a6eadd3e9311ab2432625b0c4f19ced6e6f51ccb0b2433c2d1f984", algorithm=SHA-512-256, qop=auth, nc=00000001, cnonce="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
