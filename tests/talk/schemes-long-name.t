set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
<| Proxy-Authenticate: 
<* 20000 x
<
< Content-Length: 0
<
! failed 77 offers xxxxxxxxxxxxxxxxxxxxxxxx...: none that proxytunnel can answer
