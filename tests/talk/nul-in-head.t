> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
<| HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n
! failed 76 NUL
