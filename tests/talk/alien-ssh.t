> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
<| SSH-2.0-OpenSSH_9.2p1 Debian\r\n
! failed 76 an SSH server
