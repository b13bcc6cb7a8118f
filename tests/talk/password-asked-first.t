# With Basic alone it goes out unasked.
set user bob
set auth basic
set asks 3
? password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Basic Ym9iOnMzY3JldDo6eA==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
