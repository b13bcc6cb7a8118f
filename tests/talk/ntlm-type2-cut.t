# What lies outside of the message counts for none.
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
< Proxy-Authenticate: NTLM TlRMTVNTUAACAAAADgAOADgAAAAFgoiiASNFZ4mrze8AAAAAAAAAAHAAcABGAAAACgBhSgAAAA9FAFgAQQBNAFAATABFAAIADgBFAFgAQQBNAFAATABFAAEACgBQAFIATwBYAA==
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: NTLM TlRMTVNTUAADAAAAGAAYAIIAAAA0ADQAmgAAAA4ADgBYAAAABgAGAGYAAAAWABYAbAAAAAAAAADOAAAABYKIogoAYUoAAAAPAAAAAAAAAAAAAAAAAAAAAEUAWABBAE0AUABMAEUAYgBvAGIAVwBPAFIASwBTAFQAQQBUAEkATwBOAK8LNTyx5UlbQLY8MXnKgU2qqqqqqqqqqtCHf04rdtPegUz1n8xQpxoBAQAAAAAAAAAAbcZHF9oBqqqqqqqqqqoAAAAAAAAAAAAAAAA=
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
