#!/usr/bin/env bats
# Configuration files: which are read, and what they do.

load lib
load hostile
load config

unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY

OPENS='send:HTTP/1.1 200 OK\r\n\r\nopened'

# proxy NAME: starts one that opens a tunnel as often as it is asked.
proxy() {
	hostile "$1" -l "$DIR/$1.heads" head "$OPENS" fin drain
}

# opened ARGUMENT...: a tunnel, and nothing is said.
opened() {
	expect 0 pt "$@" </dev/null
	# shellcheck disable=SC2154 # set by run
	[[ $output == opened && -z $stderr ]] || fail "$output" "$stderr"
}

# asked NAME: for what the proxy was.
asked() {
	sed -n 's/^CONNECT \(.*\) HTTP.*/\1/p' "$DIR/$1.heads" 2>/dev/null |
		paste -sd' '
}

@test "config: the proxy by destination" {
	local a b
	proxy a
	a=$PORT
	proxy b
	b=$PORT
	put "$FILE" <<-END
		# Ours are behind a.
		Host *.corp 10.0.0.0/8
		    Proxy 127.0.0.1:$a
		Host *.example:22
		    Proxy = "127.0.0.1:$b"   # the other
	END
	opened x.corp 22
	opened -d 10.1.2.3:443
	opened x.example 22
	[[ $(asked a) == "x.corp:22 10.1.2.3:443" ]]
	[[ $(asked b) == "x.example:22" ]]
	refuses 64 "no proxy: *" pt x.example 23
	refuses 64 "no proxy: *" pt -f none x.corp 22
}

@test "config: first the user's file, then that of the machine" {
	local user=
	need unshare
	((UID == 0)) || user=-r
	# Not in a chroot, where / is no mount of its own.
	unshare -m $user true 2>/dev/null || skip "no namespace of mounts"
	proxy p
	put "$FILE" <<-END
		Host a
		Proxy 127.0.0.1:$PORT
	END
	put "$DIR/etc" <<-END
		Proxy 127.0.0.1:$PORT
		Header X-Machine: yes
		Host a
		Proxy 127.0.0.1:1
	END
	mkdir "$DIR/new"
	cat >"$DIR/script" <<-'END'
		mount -t tmpfs none "$DIR/new" && cp -a /etc/. "$DIR/new/" &&
		cp "$DIR/etc" "$DIR/new/proxytunnel.conf" &&
		mount --bind "$DIR/new" /etc &&
		"$PT" -v a:1 </dev/null && "$PT" -v b:1 </dev/null
	END
	export DIR
	expect 0 unshare -m $user sh "$DIR/script"
	[[ $output == openedopened ]]
	has "$stderr" "*: config $FILE*: config /etc/proxytunnel.conf*"
	[[ $(asked p) == "a:1 b:1" ]]
	[[ $(grep -c '^X-Machine: yes' "$DIR/p.heads") == 1 ]]
}

@test "config: XDG_CONFIG_HOME, -f FILE, -f none" {
	proxy p
	echo 'Nonsense' | put "$FILE"
	refuses 64 "config $FILE line 1: 'Nonsense': not an option" \
		pt h:1
	mkdir -p "$DIR/xdg/proxytunnel"
	echo "Proxy 127.0.0.1:$PORT" | put "$DIR/xdg/proxytunnel/config"
	XDG_CONFIG_HOME=$DIR/xdg opened h:1
	# A path that is not whole does not count.
	cd "$DIR"
	XDG_CONFIG_HOME=xdg refuses 64 "config $FILE line 1: *" pt h:1
	opened -f xdg/proxytunnel/config h:1
	opened --config="$DIR/xdg/proxytunnel/config" h:1
	opened h:1 -f none "-p127.0.0.1:$PORT"
	opened -f <(echo "Proxy 127.0.0.1:$PORT") h:1
	"$PT" --help | grep -q '^Usage'
	"$PT" -f /nonexistent --version | grep -q '^proxytunnel '
}

@test "config: a file that is missing or can't be read" {
	proxy p
	opened -p "127.0.0.1:$PORT" h:1
	refuses 66 "config $DIR/none: No such file or directory" \
		pt -f "$DIR/none" -p "127.0.0.1:$PORT" h:1
	refuses 66 "config $DIR: Is a directory" pt -f "$DIR" h:1
	mkdir "$FILE"
	refuses 66 "config $FILE: Is a directory" pt h:1
	rmdir "$FILE" "$HOME/.config/proxytunnel"
	: >"$HOME/.config/proxytunnel"
	opened -p "127.0.0.1:$PORT" h:1
	env -u HOME "$PT" -p "127.0.0.1:$PORT" h:1 </dev/null
	head -c 1100000 /dev/zero | tr '\0' '\n' >"$DIR/large"
	refuses 66 "config $DIR/large: File too large" pt -f "$DIR/large" h:1
}

@test "config: whose file it is, and who may write to it" {
	proxy p
	echo "Proxy 127.0.0.1:$PORT" | put "$FILE"
	opened h:1
	chmod 644 "$FILE"
	opened h:1
	local mode
	for mode in 620 602; do
		chmod $mode "$FILE"
		refuses 66 "config $FILE: others may write to it (chmod go-w)" \
			pt h:1
		# Who names it knows it.
		opened -f "$FILE" h:1
	done
	((UID == 0)) || return 0
	chmod 600 "$FILE"
	chown 12345 "$FILE"
	refuses 66 "config $FILE: it belongs to somebody else" pt h:1
	opened -f "$FILE" h:1
}

@test "config: a password in it is for the user alone" {
	hostile p -l "$DIR/p.heads" head \
		'send:HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n' \
		head "$OPENS" fin drain
	put "$FILE" <<-END
		Host h
		Proxy 127.0.0.1:$PORT
		ProxyAuth bob:sEcret
	END
	opened h:1
	grep -qx "Proxy-Authorization: Basic $(printf bob:sEcret | base64)" \
		<(tr -d '\r' <"$DIR/p.heads")
	chmod 640 "$FILE"
	refuses 66 "config $FILE line 3: a secret, and others may read the file (chmod 600 it)" \
		pt h:1
	# For another destination, too; and wherever it is.
	refuses 66 "config $FILE line 3: a secret, *" \
		pt -p "127.0.0.1:$PORT" other:1
	refuses 66 "config $FILE line 3: a secret, *" pt -f "$FILE" h:1
	[[ $stderr != *sEcret* ]]
	sed -i 's/:sEcret//; $a PasswordCommand echo sEcret' "$FILE"
	opened h:1
}

@test "config: the command line comes before it, the environment behind" {
	local a
	proxy a
	a=$PORT
	proxy b
	echo "Proxy 127.0.0.1:$a" | put "$FILE"
	opened h:1
	https_proxy=127.0.0.1:1 no_proxy='*' opened h:2
	opened -p "127.0.0.1:$PORT" h:3
	[[ $(asked a) == "h:1 h:2" && $(asked b) == h:3 ]]
	# Without a proxy in it that of the environment is used.
	echo 'Timeout 20' | put "$FILE"
	https_proxy=127.0.0.1:$PORT opened h:4
	[[ $(asked b) == "h:3 h:4" ]]
}

@test "config: without a proxy" {
	hostile far send:hello fin drain
	put "$FILE" <<-END
		Host localhost 127.0.0.0/8
		Proxy direct
		Host *
		Proxy 127.0.0.1:1
	END
	expect 0 pt -v "127.0.0.1:$PORT" </dev/null
	[[ $output == hello ]]
	has "$stderr" "*no proxy: a configuration file has it so*"
	expect 0 pt -v -f none -p direct "127.0.0.1:$PORT" </dev/null
	has "$stderr" "*no proxy: -p direct*"
	refuses 69 "127.0.0.1:1 *" pt other:1
}

@test "config: through two proxies, and ssh's ProxyCommand" {
	local first
	# The second one is what the first one's tunnel leads to.
	hostile chain -l "$DIR/chain.heads" head \
		'send:HTTP/1.1 200 OK\r\n\r\n' head "$OPENS" fin drain
	first=$PORT
	put "$FILE" <<-END
		Host *.far
		Proxy 127.0.0.1:$first
		RemProxy second:8080
		Host *
		RemProxy third:8080
	END
	opened h.far 22
	[[ $(asked chain) == "second:8080 h.far:22" ]]
}

@test "config: what is wrong in it, with file and line" {
	put "$FILE" <<-END
		# A comment

		Host x
		Proxxy p:1
	END
	refuses 64 "config $FILE line 4: 'Proxxy': not an option (is it proxy?)" pt h:1
	printf 'Proxy p:1\r\nTimeout soon\r\n' >"$FILE"
	refuses 64 "config $FILE line 2: --timeout='soon': not a number of seconds above 0" \
		pt h:1
	printf 'Host a:b\n' >"$FILE"
	refuses 64 "config $FILE line 1: 'a:b': the port is a number from 1 to 65535" \
		pt h:1
	printf 'a\n\0\033[31mx' >"$FILE"
	refuses 64 "config $FILE line 1: 'a': not an option" pt h:1
	printf '\033[31m\0x' >"$FILE"
	refuses 64 "config $FILE line 1: '*': a NUL byte is in this line" pt h:1
	[[ $stderr != *$'\033'* ]]
}

@test "destinations of a check go one way, or one by one" {
	hostile proxy head 'send:HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n' hold
	put "$FILE" <<-END
		Host a b
		Proxy 127.0.0.1:$PORT
		Host c
		Proxy 127.0.0.1:1
	END
	expect 0 pt --check a:1 b:2
	has "$output" "*2 of 2 can be reached*"
	expect 64 pt --check a:1 c:2
	has "$stderr" "proxytunnel: 'c': a configuration file has other settings *"
	expect 69 pt --check c:2
	put "$FILE" <<<'Check yes'
	expect 64 pt --check --direct a:1
	has "$stderr" '*command line alone*'
}

@test "config: Include, by names and patterns" {
	local folder="$DIR/a [b]" name
	mkdir -p "$folder/d" "$HOME/own"
	put "$folder/main" <<-END
		Timeout 1
		Include d/*.conf d/none-* "$DIR/a file" ~/own/x
		Host h
		   Include "for h"
		   Linger 4
	END
	put "$folder/d/2.conf" <<<'Retry 2'
	put "$folder/d/1.conf" <<-END
		Retry 1
		Host other
		Linger 9
		Include deeper
	END
	put "$folder/d/deeper" <<<'IdleTimeout 5'
	put "$DIR/a file" <<<'KeepAlive 7'
	put "$HOME/own/x" <<<'HalfClose now'
	put "$folder/for h" <<<'ConnectTimeout 0.5'
	name=$folder/main
	expect 0 pt --print-config -p p:1 -f "$name" h:1
	[[ $(sed -n 's/^# file //p' <<<"$output") == "$(printf '%s\n' "$name" \
		"$folder/d/"{1,2}.conf "$DIR/a file" "$HOME/own/x" \
		"$folder/for h" "$folder/d/deeper")" ]] || fail "$output"
	for name in "Retry 1 *# $folder/d/1.conf:1" "Linger 4 *# $folder/main:5" \
		"KeepAlive 7 *# $DIR/a file:1" \
		"HalfClose now *# $HOME/own/x:1" \
		"ConnectTimeout 0.5 *# $folder/for h:1" 'IdleTimeout 0 *# default'; do
		shopt -s nocasematch
		has "$output" "*${name//[/\\[}*"
		shopt -u nocasematch
	done
	expect 0 pt --print-config -p p:1 -f "$folder/main" other:1
	has "$output" "*IdleTimeout 5 *"
	has "$output" "*Linger 9 *"
	# From where it is, too.
	cd "$folder"
	expect 0 pt --print-config -p p:1 -f main h:1
	has "$output" "*# file d/1.conf*Linger 4 *# main:5*"
}

@test "config: Include of what is missing, or includes itself" {
	put "$FILE" <<-END
		Host other
		Include more
	END
	refuses 66 "config $FILE line 2: Include ${FILE%/*}/more: No such file or directory" \
		pt -p p:1 h:1
	put "${FILE%/*}/more" <<<'Include config'
	refuses 66 "config ${FILE%/*}/more line 1: Include $FILE: too deep (does it include itself?)" \
		pt -p p:1 h:1
	# By twos it is the number of files that ends it.
	put "${FILE%/*}/more" <<<'Include config more'
	refuses 66 "config ${FILE%/*}/* line *: Include *: too many files" \
		pt -p p:1 h:1
	mkdir "${FILE%/*}/many"
	touch "${FILE%/*}/many/"{1..300}
	put "$FILE" <<<'Include many/*'
	refuses 66 "config $FILE line 1: Include ${FILE%/*}/many/*: too many files" \
		pt -p p:1 h:1
	put "$DIR/empty" <<<'Include a ""'
	touch "$DIR/a"
	cd "$DIR"
	refuses 66 "config empty line 1: Include : No such file or directory" \
		pt -f empty -p p:1 h:1
	# A folder that can't be looked into is not one that is empty.
	ln -s loop "${FILE%/*}/loop"
	put "$FILE" <<<'Include loop/*'
	refuses 66 "config $FILE line 1: Include ${FILE%/*}/loop/*: Too many levels of symbolic links" \
		pt -p p:1 h:1
	# A line that is wrong is told of all the same.
	put "$FILE" <<-END
		Host a:b
		Include nowhere
	END
	refuses 64 "config $FILE line 1: 'a:b': *" pt -p p:1 h:1
}

@test "config: Include asks who may write to a file, and read it" {
	proxy p
	put "$FILE" <<<'Include more'
	put "${FILE%/*}/more" <<<"Proxy bob:sEcret@127.0.0.1:$PORT"
	opened h:1
	chmod 644 "${FILE%/*}/more"
	refuses 66 "config ${FILE%/*}/more line 1: a secret, and others may read the file (chmod 600 it)" \
		pt h:1
	chmod 620 "${FILE%/*}/more"
	refuses 66 "config $FILE line 1: Include ${FILE%/*}/more: others may write to it (chmod go-w)" \
		pt h:1
	# Who names the first one knows it.
	put "${FILE%/*}/more" <<<"Proxy 127.0.0.1:$PORT"
	chmod 666 "${FILE%/*}/more"
	opened -f "$FILE" h:1
}
