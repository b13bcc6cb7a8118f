set user bob
set asks 3
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: NTLM
< Proxy-Authenticate: Basic realm="x"
< Content-Length: 0
<
? fault no password was given
! failed 77 demands credentials and offers NTLM, Basic: no password was given
