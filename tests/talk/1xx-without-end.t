> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
<* 17 HTTP/1.1 102 Processing\r\n\r\n
! failed 76 interim answers without end
