set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 Proxy Authentication Required
< Proxy-Authenticate: Basic realm="x"
< Transfer-Encoding: chunked
<
< 1a;name=value
< abcdefghijklmnopqrstuvwxyz
< 003
< \r\nx
< 0
< Trailer: yes
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Basic Ym9iOnMzY3JldDo6eA==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. 0\r\n\r\n
! done
