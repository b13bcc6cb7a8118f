# Without a qop -sess still wants the cnonce.
set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Digest realm="x", nonce="n1", algorithm=SHA-256-sess
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Digest username="bob", realm="x", nonce="n1", uri="host.example:22", response="f4f5870bb36350a39f61208587f107ac60173d61ce824cfc14211f225a00f1b4", algorithm=SHA-256-sess, cnonce="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
