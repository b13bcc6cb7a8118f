> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 Proxy Authentication Required
< Proxy-Authenticate: Negotiate
< Proxy-Authenticate: Digest realm="a, b", nonce="x", Basic realm="Squid proxy"
< Content-Length: 3
<
? fault there is no ticket
! failed 77 demands credentials and offers Negotiate, Digest, Basic; | Negotiate: there is no ticket | -P USER
