> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 503 Service Unavailable
<
= eof
! failed 69 503 Service Unavailable (the proxy could not reach it)
