# RFC 9110 9.3.6: neither Content-Length nor Transfer-Encoding counts.
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
< Content-Length: 10
< Transfer-Encoding: chunked
<
. 5\r\nhello
! done
