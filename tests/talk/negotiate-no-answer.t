# Some proxies close rather than say that a token is no good.
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
? token - two
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Negotiate dHdv
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
= eof
! again
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate
< Proxy-Authenticate: Digest realm="x", nonce="n2", qop="auth"
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Digest username="bob", realm="x", nonce="n2", uri="host.example:22", response="3f62e113c1b26c734f73832edde9adec", qop=auth, nc=00000001, cnonce="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
