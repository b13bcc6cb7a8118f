set user bob
set typed yes
set asks 3
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
? fault no password was given
! failed 77 refused the credentials of this user: it offers Basic; Basic: refused (is the password right?)
