> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 100 Continue
<
< HTTP/1.1 103 Early Hints
< Link: </x>
<
< HTTP/1.1 200 OK
<
. x
! done
