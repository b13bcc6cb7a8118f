# The ticket is gone when it starts over.
set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate
< Proxy-Authenticate: Digest realm="x", nonce="n1", qop="auth"
< Content-Length: 0
<
? token - one
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Negotiate b25l
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
= eof
! again
? fault the ticket has expired
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Digest username="bob", realm="x", nonce="n1", uri="host.example:22", response="a4bdc6a644c21b138929823639adeddf", qop=auth, nc=00000001, cnonce="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
