set header User-Agent: other/1
set header Proxy-Connection:
set header X-Two: 2
set host other.example
> CONNECT host.example:22 HTTP/1.1
> Host: other.example
> User-Agent: other/1
> X-Two: 2
>
< HTTP/1.1 200 OK
<
! done
