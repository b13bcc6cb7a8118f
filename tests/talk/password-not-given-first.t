# Without one it still may be a proxy that wants none.
set user bob
set auth basic
set asks 3
? fault no password was given
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Basic realm="x"
< Content-Length: 0
<
! failed 77 demands credentials and offers Basic: no password was given
