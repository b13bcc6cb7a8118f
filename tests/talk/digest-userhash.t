set user bob
set password s3cret::x
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 407 No
< Proxy-Authenticate: Digest realm="x", nonce="n1", qop="auth", algorithm=SHA-256, userhash=true
< Content-Length: 0
<
> CONNECT host.example:22 HTTP/1.1
> Host: host.example:22
> Proxy-Authorization: Digest username="859a561088ac7e36dc98b240fd2354f9f20eec22a18a7e756519383ee2e65daa", realm="x", nonce="n1", uri="host.example:22", response="bcbadc7da8f31857ff6ea46dd5ba6fb979a4e4a593f494ae3016a7e1ccc62d39", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", userhash=true
> User-Agent: proxytunnel/2.0.0
> Proxy-Connection: Keep-Alive
>
< HTTP/1.1 200 OK
<
. hello
! done
