set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Digest realm="x", nonce="n1", qop="auth", algorithm=MD5, opaque="o"
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Digest username="bob", realm="x", nonce="n1", uri="host.example:22", response="a4bdc6a644c21b138929823639adeddf", algorithm=MD5, opaque="o", qop=auth, nc=00000001, cnonce="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
