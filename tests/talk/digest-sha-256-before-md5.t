# Three challenges in one field, the weaker first.
set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Basic realm="x", Digest realm="x", nonce="n1", qop="auth", Digest realm="x", nonce="n2", qop="auth", algorithm=SHA-256
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Digest username="bob", realm="x", nonce="n2", uri="host.example:22", response="465b49ace860b4fab16d43cbd59900e8e82c30086c159343eef6b408e2e7afdc", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
