set user bob
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Digest realm="x", nonce="n1"
< Proxy-Authenticate: NTLM
< Content-Length: 0
<
! failed 77 demands credentials and offers Digest, NTLM: give the password with PROXYPASS
