# A command would say the same once more.
set user bob
set asks 1
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Basic realm="x"
< Content-Length: 0
<
? password first
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Basic Ym9iOmZpcnN0
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Basic realm="x"
< Content-Length: 0
<
! failed 77 Basic: refused (is the password right?)
