> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 403 Forbidden
< Content-Type: text/html
< Content-Length: 129
<
<| <html><head><title>ERROR</title><style>p {x: y}</style></head><body><h1>Forbidden</h1><p>Port 22 is <b>denied</b> &amp; done.</p>
= eof
! failed 77 refused the tunnel to host.example:22: 403 Forbidden: Port 22 is denied & done. | 443
