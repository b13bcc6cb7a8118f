> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 403 Forbidden
< Proxy-Status: a.example; error=destination_ip_prohibited, b.example; error=http_request_denied; details="no, not 22"
< Content-Length: 4
<
<| body
! failed 77 http_request_denied: no, not 22
