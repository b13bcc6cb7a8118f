set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: NTLM
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: NTLM TlRMTVNTUAABAAAAB4KIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: NTLM TlRMTVNTUAACAAAADgAOADgAAAA=
< Content-Length: 0
<
! failed 77 demands credentials and offers NTLM; NTLM: its message is too short
