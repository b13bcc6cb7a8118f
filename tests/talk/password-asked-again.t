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
< Content-Length: 6
<
<| denied
? password first
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Basic Ym9iOmZpcnN0
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Basic realm="x"
< Transfer-Encoding: chunked
<
< 6
<| denied\r\n
< 0
<
? password second
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Basic Ym9iOnNlY29uZA==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
