> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 503 Service Unavailable
< X-Squid-Error: ERR_DNS_FAIL 0
< Content-Length: 0
<
! failed 68 503 Service Unavailable
