set user bob
set password s3cret::x
set typed yes
set auth basic
set asks 1
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Basic Ym9iOnMzY3JldDo6eA==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Content-Length: 0
<
? fault no password was given
! failed 77 refused the credentials of this user: it offers no scheme; Basic: refused (is the password right?)
