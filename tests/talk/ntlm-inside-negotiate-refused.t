set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate
< Content-Length: 0
<
? fault there is no ticket
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Negotiate TlRMTVNTUAABAAAAB4KIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate TlRMTVNTUAACAAAADgAOADgAAAAFgoiiASNFZ4mrze8AAAAAAAAAAHAAcABGAAAACgBhSgAAAA9FAFgAQQBNAFAATABFAAIADgBFAFgAQQBNAFAATABFAAEACgBQAFIATwBYAFkABAAWAGUAeABhAG0AcABsAGUALgBjAG8AbQADACIAcAByAG8AeAB5AC4AZQB4AGEAbQBwAGwAZQAuAGMAbwBtAAcACAAAAG3GRxfaAQAAAAA=
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Negotiate TlRMTVNTUAADAAAAGAAYAIIAAADAAMAAmgAAAA4ADgBYAAAABgAGAGYAAAAWABYAbAAAAAAAAABaAQAABYKIogoAYUoAAAAPxTXNoBVxtV/0nqDOO30WeEUAWABBAE0AUABMAEUAYgBvAGIAVwBPAFIASwBTAFQAQQBUAEkATwBOAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAKDBIJpFgRKcZSOxogFa2NsBAQAAAAAAAAAAbcZHF9oBqqqqqqqqqqoAAAAAAgAOAEUAWABBAE0AUABMAEUAAQAKAFAAUgBPAFgAWQAEABYAZQB4AGEAbQBwAGwAZQAuAGMAbwBtAAMAIgBwAHIAbwB4AHkALgBlAHgAYQBtAHAAbABlAC4AYwBvAG0ABwAIAAAAbcZHF9oBBgAEAAIAAAAKABAAAAAAAAAAAAAAAAAAAAAAAAkAAAAAAAAAAAAAAA==
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Negotiate
< Content-Length: 0
<
! failed 77 refused the credentials of this user: it offers Negotiate; Negotiate: there is no ticket, NTLM: refused (is the password right?)
