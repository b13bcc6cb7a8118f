> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 403 Forbidden
< Transfer-Encoding: chunked
<
< 4
< Only
< 9
<  for you.
< 0
<
! failed 77 403 Forbidden: Only for you.
