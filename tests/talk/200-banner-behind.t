# The first bytes of the tunnel come in the segment of the answer.
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 Connection established
< Via: 1.1 proxy
<
. SSH-2.0-OpenSSH_9.2\r\n
! done
