# Each in its own way.
set user a:b
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate
< Proxy-Authenticate: Digest realm="x"
< Proxy-Authenticate: NTLM
< Proxy-Authenticate: Basic realm="x"
< Proxy-Authenticate: Bearer
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
< Proxy-Authenticate: Negotiate
< Proxy-Authenticate: Digest realm="x"
< Proxy-Authenticate: NTLM TlRMTVNTUAACAAAADgAOADgAAAAFgoiiASNFZ4mr
< Proxy-Authenticate: Basic realm="x"
< Proxy-Authenticate: Bearer
< Content-Length: 0
<
! failed 77 demands credentials and offers Negotiate, Digest, NTLM, Basic, Bearer; Negotiate: there is no ticket, Digest: it has no nonce, NTLM: its message is too short, Basic: it can't send a user name with a colon
