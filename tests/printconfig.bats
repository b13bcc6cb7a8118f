#!/usr/bin/env bats
# --print-config: what counts, and who has said so.

load lib
load hostile
load config

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

# shown ARGUMENT...: what counts for these goes to the file "shown".
shown() {
	expect 0 pt --print-config "$@" </dev/null
	# shellcheck disable=SC2154 # set by run
	[[ -z $stderr ]] || fail "$stderr"
	echo "$output" >"$DIR/shown"
}

# says LINE ORIGIN: that line is there, once, and has that origin.
says() {
	local n
	n=$(sed -n 's/  *# /# /p' "$DIR/shown" | grep -cxF -- "$1# $2") || :
	((n == 1)) || fail "$n times: $1 # $2" "$(<"$DIR/shown")"
}

# silent WORD...: nothing is said of them.
silent() {
	local word
	for word; do
		! grep -qi "^$word" "$DIR/shown" ||
			fail "$word" "$(<"$DIR/shown")"
	done
}

# lines: those of "shown" that are for a file, each with its hop in front, in an
# order that does not go by who has said them.
lines() {
	sed 's/  *# .*//' "$DIR/shown" | awk '/^#/ { next }
		/^For / { hop = $2; next }
		/^(Proxy|Remproxy|Encrypt(Rem)?[pP]roxy|Wa) / { print; next }
		{ print hop ":" $0 | "sort" }'
}

@test "print-config: an option, a variable, a file, a default" {
	shown -p proxy:1 --timeout=7 -4 h:22
	says 'Proxy proxy:1' 'option -p'
	says 'Timeout 7' 'option --timeout'
	says 'Ipv4 yes' 'option -4'
	says 'ConnectTimeout 7' default
	says 'HalfClose 5' default
	says 'Keepalive 120' default
	says 'Auth negotiate,digest,ntlm,basic' default
	grep -qx '# no configuration file' "$DIR/shown"
	grep -qx '# hop 1: http://proxy:1' "$DIR/shown"
	grep -qx '# destination: h:22' "$DIR/shown"
	silent TlsMin Drain
	https_proxy=http://p:1 shown -d h:22 -e
	says 'Proxy http://p:1' 'variable https_proxy'
	says 'TlsMin 1.2' default
	grep -qx '# destination: h:22, in TLS' "$DIR/shown"
	ALL_PROXY=socks5h://p shown h:22
	says 'Proxy socks5h://p' 'variable ALL_PROXY'
	grep -qx '# hop 1: socks5h://p:1080' "$DIR/shown"
	put "$FILE" <<-END
		# A comment
		Host *.far
		   Proxy = https://gate:444
		   Linger 0.25
		Host *
		   Linger 2
	END
	shown x.far 22
	says 'Proxy https://gate:444' "$FILE:3"
	says 'Linger 0.25' "$FILE:4"
	says 'HalfClose 5' default
	grep -qx "# file $FILE" "$DIR/shown"
	https_proxy=p:1 shown x.near 22
	says 'Linger 2' "$FILE:6"
	says 'Proxy p:1' 'variable https_proxy'
	shown -f none -p a:1 --half-close=never --retry=3 x.far 22
	says 'HalfClose never' 'option --half-close'
	says 'Retry 3' 'option --retry'
}

@test "print-config: the file of the machine" {
	local user=
	need unshare
	((UID == 0)) || user=-r
	# Not in a chroot, where / is no mount of its own.
	unshare -m $user true 2>/dev/null || skip "no namespace of mounts"
	put "$FILE" <<<'Timeout 9'
	put "$DIR/etc" <<-END
		Proxy p:1
		Timeout 8
	END
	mkdir "$DIR/new"
	cat >"$DIR/script" <<-'END'
		mount -t tmpfs none "$DIR/new" && cp -a /etc/. "$DIR/new/" &&
		cp "$DIR/etc" "$DIR/new/proxytunnel.conf" &&
		mount --bind "$DIR/new" /etc && "$PT" --print-config h:1
	END
	export DIR
	expect 0 unshare -m $user sh "$DIR/script"
	echo "$output" >"$DIR/shown"
	says 'Timeout 9' "$FILE:1"
	says 'Proxy p:1' /etc/proxytunnel.conf:1
	grep -qx '# file /etc/proxytunnel.conf' "$DIR/shown"
}

@test "print-config: what comes before what" {
	put "$FILE" <<-END
		Proxy from-file:1
		Timeout 9
		Auth digest
	END
	https_proxy=from-variable:1 shown h:1
	says 'Proxy from-file:1' "$FILE:1"
	shown -p from-option:1 --timeout=8 --timeout=7 h:1
	says 'Proxy from-option:1' 'option -p'
	says 'Timeout 7' 'option --timeout'
	# What one proxy is told no other one hears.
	says 'Auth negotiate,digest,ntlm,basic' default
	shown -N h:1
	says 'Ntlm yes' 'option -N'
	silent Auth
	expect 0 pt --print-config -v -v h:1
	echo "$output" >"$DIR/shown"
	says 'Verbose yes' 'option -vv'
	shown -v -q h:1
	says 'Quiet yes' 'option -q'
	silent Verbose
}

@test "print-config: without a proxy, and why" {
	https_proxy=p:1 no_proxy=h shown h:1
	says 'Proxy direct' 'variable no_proxy has the destination'
	silent Auth Remproxy
	grep -qx '# destination: h:1' "$DIR/shown"
	run ! grep '# hop' "$DIR/shown"
	NO_PROXY='*' shown -p p:1 -P bob:x h:1
	says 'Proxy direct' 'variable NO_PROXY has the destination'
	silent Proxyauth
	# Not with -d.
	NO_PROXY='*' shown -p p:1 -d h:1
	says 'Proxy p:1' 'option -p'
	shown --direct -e -z h:1
	says 'Proxy direct' 'option --direct'
	says 'NoCheckCertificate yes' 'option -z'
	says 'Encrypt yes' 'option -e'
	NO_PROXY=h shown -p p:1 -r q:1 -r s:1 -e --for=dest -I --for=2 -z h:1
	says 'NoSni yes' 'option -I'
	silent For NoCheckCertificate Remproxy
	shown -p none h:1
	says 'Proxy direct' 'option -p'
	put "$FILE" <<<'Proxy direct'
	shown h:1
	says 'Proxy direct' "$FILE:1"
	no_proxy=b shown -f none --check -p p:1 a:1 b:2
	says 'Proxy p:1' 'option -p'
	says '# --check' 'option --check'
	grep -qx '# destination: a:1' "$DIR/shown"
	grep -qx '# destination: b:2, without a proxy' "$DIR/shown"
}

@test "print-config: hop by hop" {
	put "$FILE" <<-END
		RemProxy socks5h://second:1080
		RemProxyAuth carol
		RemProxy third:3
		EncryptRemproxy yes
		For 2
		Auth basic
	END
	shown -p first:1 --for=1 --auth=digest --tls-min=1.3 --for=3 -z \
		--for=all -H 'X-All: 1' -H 'Cookie: one' --for=2 -H 'X-Two: 2' h:1
	diff "$DIR/shown" - <<-END || fail "$(<"$DIR/shown")"
		# file $FILE
		# hop 1: http://first:1
		# hop 2: socks5h://second:1080
		# hop 3: http://third:3, in TLS
		# destination: h:1
		Proxy first:1                           # option -p
		Remproxy socks5h://second:1080          # $FILE:1
		Remproxy third:3                        # $FILE:3
		EncryptRemproxy yes                     # $FILE:4
		Header X-All: 1                         # option -H
		TlsMin 1.2                              # default
		Timeout 30                              # default
		ConnectTimeout 30                       # default
		Retry 0                                 # default
		IdleTimeout 0                           # default
		HalfClose 5                             # default
		Linger 1                                # default
		Keepalive 120                           # default
		For 1
		Auth digest                             # option --auth
		Header Cookie:***                       # option -H
		For 2
		Header X-Two: 2                         # option -H
		Auth basic                              # $FILE:6
		Proxyauth carol                         # $FILE:2
		For 3
		NoCheckCertificate yes                  # option -z
		Auth negotiate,digest,ntlm,basic        # default
	END
	shown -p auto h:1
	says 'Proxy auto' 'option -p'
	grep -qx '# hop 1: libproxy is asked, and names it' "$DIR/shown"
}

@test "print-config: what is for the command line alone" {
	shown -p p:1 -a 2222 -a unix:/x --drain=3 --max-tunnels=4 --daemon \
		--pidfile=/p -x 'a title' h:1
	says '# --standalone=2222' 'option -a'
	says '# --standalone=unix:/x' 'option -a'
	says '# --daemon' 'option --daemon'
	says '# --pidfile=/p' 'option --pidfile'
	says '# --proctitle=a title' 'option -x'
	says 'Drain 3' 'option --drain'
	says 'MaxTunnels 4' 'option --max-tunnels'
	[[ ! -e /p ]]
	SSLKEYLOGFILE=/k shown -p p:1 h:1
	grep -qx '# SSLKEYLOGFILE=/k' "$DIR/shown"
	SSH_ASKPASS=/a DISPLAY=:0 shown -p p:1 h:1
	grep -qx '# SSH_ASKPASS=/a' "$DIR/shown"
	# It is of no file.
	put "$FILE" <<<'PrintConfig yes'
	refuses 64 "config $FILE line 1: 'PrintConfig': an option for the command line alone" \
		pt -p p:1 h:1
}

@test "print-config: where user and password are from" {
	put "$DIR/passfile" <<-END
		proxy_user = amy
		proxy_passwd = sEcret
		remproxy_passwd = sEcret
	END
	put "$DIR/netrc" <<-END
		machine p login ned password sEcret
	END
	shown -p p:1 -P bob:sEcret h:1
	says 'Proxyauth bob:***' 'option -P'
	PROXYPASS=sEcret shown -p p:1 -P bob h:1
	says 'Proxyauth bob:***' 'option -P; password: variable PROXYPASS'
	PROXYUSER=eve PROXYPASS=sEcret shown -p p:1 h:1
	says 'Proxyauth eve:***' \
		'variable PROXYUSER; password: variable PROXYPASS'
	PROXYUSER=eve shown -p p:1 -F "$DIR/passfile" h:1
	says 'Proxyauth amy:***' "file $DIR/passfile"
	shown -p p:1 --netrc="$DIR/netrc" h:1
	says 'Proxyauth ned:***' "file $DIR/netrc"
	shown -p p:1 -P ned --netrc="$DIR/netrc" h:1
	says 'Proxyauth ned:***' "option -P; password: file $DIR/netrc"
	https_proxy=http://jim:sEcret@p:1 PROXYPASS=other shown h:1
	says 'Proxy http://jim:***@p:1' 'variable https_proxy'
	says 'Proxyauth jim:***' 'variable https_proxy'
	https_proxy=http://jim@p:1 PROXYPASS=sEcret shown h:1
	says 'Proxyauth jim:***' \
		'variable https_proxy; password: variable PROXYPASS'
	REMPROXYUSER=rob REMPROXYPASS=sEcret shown -p p:1 -r q:1 h:1
	says 'Proxyauth rob:***' \
		'variable REMPROXYUSER; password: variable REMPROXYPASS'
	shown -p p:1 -r q:1 -R rob h:1 -F "$DIR/passfile"
	says 'Proxyauth rob:***' "option -R; password: file $DIR/passfile"
	put "$FILE" <<<'ProxyAuth kim:sEcret'
	shown -p p:1 h:1
	says 'Proxyauth kim:***' "$FILE:1"
	# It has been said with the address already.
	shown -f none -p jim:sEcret@p:1 h:1
	says 'Proxy jim:***@p:1' 'option -p'
	silent Proxyauth
}

@test "print-config: no secret is shown, and nobody is asked" {
	local log
	hostile proxy -l "$DIR/heads" head 'send:HTTP/1.1 200 OK\r\n\r\n' fin drain
	put "$FILE" <<-END
		Header Authorization: sEcret
		RemProxy http://a:sEcret@q:1
		RemProxy http://b@r:1
		RemProxyAuth b:sEcret
		ProxyAuth c:sEcret
		Host other
		Proxy d:sEcret@s:1
	END
	put "$DIR/netrc" <<<'default login ned password sEcret'
	export PROXYUSER=e PROXYPASS=sEcret REMPROXYPASS=sEcret
	export https_proxy=http://f:sEcret@127.0.0.1:$PORT
	for log in '' -v -vv; do
		for proxy in "" "-p127.0.0.1:$PORT" "-pg:sEcret@127.0.0.1:$PORT" \
			"-phttp://g:s%45cret@127.0.0.1:$PORT" -pauto; do
			# shellcheck disable=SC2086 # no word where it is empty
			expect 0 pt --print-config $log $proxy h:1 \
				--netrc="$DIR/netrc" -H 'Proxy-Authorization: sEcret' \
				--password-command="echo x >$DIR/ran; echo of-a-command" \
				-H $'COOKIE:\tsEcret' -P h:sEcret \
				-r socks5://i:sEcret@t:1 -R j:sEcret </dev/null
			[[ $output$stderr != *[sS]Ecret* &&
				$output$stderr != *s%45* ]] ||
				fail "$output" "$stderr"
			has "$output" '*of-a-command*'
			has "$output" '*Cookie*\*\*\**' ||
				has "$output" $'*COOKIE:\*\*\**'
		done
	done
	expect 0 pt --print-config other:1 </dev/null
	has "$output" '*Proxy d:\*\*\*@s:1*'
	[[ $output$stderr != *sEcret* ]]
	[[ ! -e $DIR/ran && ! -e $DIR/heads ]]
}

@test "print-config: what is wrong fails as in any run" {
	local alike=0 line args
	put "$DIR/wrong" <<<'Timeout soon'
	while read -r line; do
		read -ra args <<<"$line"
		run --separate-stderr pt "${args[@]}"
		local was=$status said=$stderr
		((was > 1)) || fail "$line: $was"
		run --separate-stderr pt --print-config "${args[@]}"
		[[ $status == "$was" && $stderr == "$said" && -z $output ]] ||
			fail "$line: $was, $status" "$said" "$stderr" "$output"
		alike=$((alike + 1))
	done <<-END
		-p p:1
		h:1
		-p p h:1
		-p p:1 h:1 --auth=bearer
		-p p:1 -X h:1
		-p p:1 --daemon h:1
		-p p:1 -F /nonexistent h:1
		-p p:1 --netrc=/nonexistent h:1
		-f /nonexistent -p p:1 h:1
		-f $DIR/wrong -p p:1 h:1
		-p https://p -C /nonexistent h:1
		-p p:1 -k /key h:1
		-p p:1 -i --fdpass h:1
		-p p:1 --for=3 -z h:1
	END
	((alike == 14))
	# shellcheck disable=SC2016 # it is of the environment
	expect 1 sh -c '"$PT" --print-config -p p:1 h:1 >/dev/full'
	has "$stderr" "*can't write to standard output*"
}

# again ARGUMENT...: a file of what is shown comes to the same.
again() {
	shown "$@"
	lines >"$DIR/once"
	grep -v '^#' "$DIR/shown" | put "$DIR/file"
	shown -f "$DIR/file" h:1
	lines | diff "$DIR/once" - || fail "$* comes to something else" \
		"$(<"$DIR/file")"
}

@test "print-config: what it shows may be a configuration file" {
	again -f none -p p:1 h:1
	again -f none --direct -e --for=dest --pin=sha256//9y1mdNRkNbfU5EVapHhpcC2gDyBIZeASl6bvgDRzhoI= \
		--alpn=a,b --sni=x --ciphers=TLS_AES_128_GCM_SHA256:AES128-SHA h:1
	again -f none -p https://bob:x@p -r q:1 -X -R 'eve:y' -r socks5://r:1 \
		-H 'X-A: "b" # c' -H "X-B: it's" -H 'Cookie: z' -H 'X-C:' \
		--for=3 --auth=basic,digest --for=2 -N -t CORP --spn=HTTP@x \
		--delegate --tls-min=1.3 -I --for=1 -z h:1
	again -f none -p p:1 -P bob:x --password-command='echo "a b" # c' -6 \
		--half-close=now --linger=0.125 --retry=2 --idle-timeout=9 \
		--keepalive=0 --connect-timeout=2 --timeout=20 -o front h:1
	again -f none -E -W -p p:1 -C /etc/ssl/certs -x 'a # b' --progress h:1
	again -f none -p auto -r gate:1 -q h:1
}
