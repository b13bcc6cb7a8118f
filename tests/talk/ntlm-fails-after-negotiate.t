# What was tried is told, though it is not offered any more.
set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate
< Proxy-Authenticate: NTLM
< Content-Length: 0
<
? fault there is no ticket
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: NTLM TlRMTVNTUAABAAAAB4KIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: NTLM TlRMTVNTUAACAAAADgAOADgAAAAFgoiiASNFZ4mr
< Content-Length: 0
<
! failed 77 demands credentials and offers Negotiate, NTLM; Negotiate: there is no ticket, NTLM: its message is too short
