# Digest can say a user that Basic can not.
set user DOM:bob "b\
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Basic realm="x"
< Proxy-Authenticate: Digest realm="x", nonce="n1", qop="auth"
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Digest username="DOM:bob \\"b\\\\", realm="x", nonce="n1", uri="host.example:22", response="aa5dca5509a8ec3585ad6dfde181a71a", qop=auth, nc=00000001, cnonce="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
