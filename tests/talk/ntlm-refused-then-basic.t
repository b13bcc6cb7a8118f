# A connection on which it failed is not used again.
set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: NTLM
< Proxy-Authenticate: Basic realm="x"
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: NTLM TlRMTVNTUAABAAAAB4KIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: NTLM TlRMTVNTUAACAAAADgAOADgAAAAFgoiiASNFZ4mrze8AAAAAAAAAAHAAcABGAAAACgBhSgAAAA9FAFgAQQBNAFAATABFAAIADgBFAFgAQQBNAFAATABFAAEACgBQAFIATwBYAFkABAAWAGUAeABhAG0AcABsAGUALgBjAG8AbQADACIAcAByAG8AeAB5AC4AZQB4AGEAbQBwAGwAZQAuAGMAbwBtAAcACAAAAG3GRxfaAQAAAAA=
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: NTLM TlRMTVNTUAADAAAAGAAYAIIAAADAAMAAmgAAAA4ADgBYAAAABgAGAGYAAAAWABYAbAAAAAAAAABaAQAABYKIogoAYUoAAAAPxTXNoBVxtV/0nqDOO30WeEUAWABBAE0AUABMAEUAYgBvAGIAVwBPAFIASwBTAFQAQQBUAEkATwBOAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAKDBIJpFgRKcZSOxogFa2NsBAQAAAAAAAAAAbcZHF9oBqqqqqqqqqqoAAAAAAgAOAEUAWABBAE0AUABMAEUAAQAKAFAAUgBPAFgAWQAEABYAZQB4AGEAbQBwAGwAZQAuAGMAbwBtAAMAIgBwAHIAbwB4AHkALgBlAHgAYQBtAHAAbABlAC4AYwBvAG0ABwAIAAAAbcZHF9oBBgAEAAIAAAAKABAAAAAAAAAAAAAAAAAAAAAAAAkAAAAAAAAAAAAAAA==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: NTLM
< Proxy-Authenticate: Basic realm="x"
< Transfer-Encoding: chunked
<
< 6
<| denied\r\n
< 0
<
! again
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Basic Ym9iOnMzY3JldDo6eA==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
