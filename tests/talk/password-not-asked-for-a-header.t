set user bob
set auth basic
set asks 3
set header Proxy-Authorization: Basic eDp5
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
> Proxy-Authorization: Basic eDp5
>
< HTTP/1.1 200 OK
<
. hello
! done
