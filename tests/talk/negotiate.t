# A ticket needs no user.
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate
< Content-Length: 6
<
<| denied
? token - ticket
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Negotiate dGlja2V0
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
