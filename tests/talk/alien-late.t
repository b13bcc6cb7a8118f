# It begins like HTTP and is not.
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
<| HTTP-over-pigeon\n
! failed 76 it sent 'HTTP-over-pigeon'
