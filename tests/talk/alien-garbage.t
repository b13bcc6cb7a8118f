> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
<| \x1b[2Jhello\x07\xff\xfe\n
! failed 76 it sent '?[2Jhello???'
