> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate
< Content-Length: 0
<
? token - ticket
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Negotiate dGlja2V0
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
< Proxy-Authenticate: Negotiate cHJvb2Y=
<
. SSH-2.0-x
? fault the token is not for us
! failed 77 opened the tunnel but could not prove who it is: the token is not for us
