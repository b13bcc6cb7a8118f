set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 Go away
< Proxy-Authenticate: SCRAM-SHA-256 realm="x"
< proxy-authenticate: Bearer
< Content-Length: 0
<
! failed 77 demands credentials and offers SCRAM-SHA-256, Bearer: none that proxytunnel can answer
