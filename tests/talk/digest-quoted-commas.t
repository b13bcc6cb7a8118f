# Commas, quotes and what looks like a challenge within a quoted string.
set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Digest realm="a, Basic realm=\\"y\\", \\\\", qop="auth,auth-int",nonce = "n1" , opaque="b=c, NTLM"
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Digest username="bob", realm="a, Basic realm=\\"y\\", \\\\", nonce="n1", uri="host.example:22", response="c5423416a206b23e0cbd2d5c17918daa", opaque="b=c, NTLM", qop=auth, nc=00000001, cnonce="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
