> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate
< Content-Length: 0
<
? fault there is no ticket
! failed 77 demands credentials and offers Negotiate; Negotiate: there is no ticket
