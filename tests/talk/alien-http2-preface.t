> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
<| PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
! failed 76 HTTP/2
