> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
<| \x15\x03\x01\0\x02\x02\x46
= eof
! failed 76 this looks like a TLS port: use -E
