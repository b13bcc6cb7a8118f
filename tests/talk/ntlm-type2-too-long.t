# All of it is sent, but its fields lie outside.
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
<| Proxy-Authenticate: NTLM TlRMTVNTUAACAAAA//////D///8FgoiiASNFZ4mr
<* 10000 AAAA
<
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: NTLM TlRMTVNTUAADAAAAGAAYAHQAAAA0ADQAjAAAAAAAAABYAAAABgAGAFgAAAAWABYAXgAAAAAAAADAAAAABYKIogoAYUoAAAAPAAAAAAAAAAAAAAAAAAAAAGIAbwBiAFcATwBSAEsAUwBUAEEAVABJAE8ATgBV7GgLw/pQinsnXCX97QHuqqqqqqqqqqqCBZdv5voU7K6qHJVzJlolAQEAAAAAAAAAAG3GRxfaAaqqqqqqqqqqAAAAAAAAAAAAAAAA
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
