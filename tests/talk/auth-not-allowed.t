set user bob
set password s3cret::x
set auth digest,ntlm
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Basic realm="x"
< Content-Length: 0
<
! failed 77 demands credentials and offers Basic; Basic: --auth does not allow it
