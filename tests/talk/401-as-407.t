# tinyproxy answers a wrong password with 401.
set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.0 407 No
< Proxy-Authenticate: Basic realm="x"
< Connection: close
<
! again
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Basic Ym9iOnMzY3JldDo6eA==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.0 401 Unauthorized
< WWW-Authenticate: Basic realm="x"
< Connection: close
<
! failed 77 refused the credentials
