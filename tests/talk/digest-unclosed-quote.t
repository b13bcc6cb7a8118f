set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Digest nonce="n1", qop="auth", realm="x, Basic realm=y
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Digest username="bob", realm="x, Basic realm=y", nonce="n1", uri="host.example:22", response="e50e7eff37f4ab5c087494dd22772c99", qop=auth, nc=00000001, cnonce="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
