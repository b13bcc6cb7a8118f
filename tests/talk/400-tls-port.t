> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 400 Bad Request
< Content-Type: text/html
<
<| <html><body><p>Your browser sent a request.<br />You're speaking plain HTTP to an SSL-enabled server port.</p></body></html>
= eof
! failed 76 400 Bad Request | this is a TLS port: use -E
