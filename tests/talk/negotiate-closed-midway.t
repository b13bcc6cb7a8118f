> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate
< Content-Length: 0
<
? token - one
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Negotiate b25l
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate dHdv
< Connection: close
<
? token two three
! again
? token - four
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Negotiate Zm91cg==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate Zml2ZQ==
< Content-Length: 0
<
? token five six
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Negotiate c2l4
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
