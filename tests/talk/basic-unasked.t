set user bob
set password s3cret::x
set auth basic
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Basic Ym9iOnMzY3JldDo6eA==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
! done
