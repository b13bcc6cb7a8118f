> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 500 Unable to connect
< Content-Length: 0
<
! failed 69 could not open the tunnel to host.example:22: 500 Unable to connect
