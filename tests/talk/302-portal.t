> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 302 Found
< Location: http://login.example/\x1b]0;x\x07
< Content-Length: 0
<
! failed 77 302 Found: http://login.example/?]0;x? | login page
