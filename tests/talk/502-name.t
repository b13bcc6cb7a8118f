> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 502 Proxy Error
< Content-Type: text/html
<
<| <p>The proxy server could not handle the request<p>Reason: <strong>DNS lookup failure for: host.example</strong></p>
= eof
! failed 68 DNS lookup failure for: host.example | can't resolve
