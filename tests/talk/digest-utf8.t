set user Jäsøn
set password Ünï:cöde
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Digest realm="x", nonce="n1", qop="auth", algorithm=SHA-256, charset=UTF-8
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Digest username*=UTF-8''J%C3%A4s%C3%B8n, realm="x", nonce="n1", uri="host.example:22", response="94565710c237597033a7ca65e1d66800acdfd53fd810edeec24f39314d2d7f7a", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
