# bash completion for proxytunnel(1)
# shellcheck disable=SC2207 # no mapfile in bash 3

_proxytunnel_hosts()
{
	if declare -F _known_hosts_real >/dev/null; then
		_known_hosts_real -- "$1"
	else
		COMPREPLY=($(compgen -A hostname -- "$1"))
	fi
}

# The values of an option; fails for one that has none, or is not known.
_proxytunnel_values()
{
	case $1 in
	-a | --standalone)
		COMPREPLY=($(compgen -W unix: -- "$2"))
		;;
	-p | --proxy | -r | --remproxy | -d | --dest | -o | --host | --sni)
		_proxytunnel_hosts "$2"
		;;
	-F | --passfile | -f | --config | --netrc | -C | --cacert | -c | --cert | -k | --key | \
	    --pidfile)
		compopt -o filenames 2>/dev/null
		local IFS=$'\n'
		COMPREPLY=($(compgen -f -- "$2"))
		;;
	--auth)
		# A list: what is behind its last comma.
		local before=
		[[ $2 != *,* ]] || before=${2%,*},
		COMPREPLY=($(compgen -P "$before" \
			-W 'negotiate digest ntlm basic' -- "${2##*,}"))
		;;
	--password-command)
		COMPREPLY=($(compgen -c -- "$2"))
		;;
	--half-close)
		COMPREPLY=($(compgen -W 'now never' -- "$2"))
		;;
	--for)
		COMPREPLY=($(compgen -W '1 2 3 dest all' -- "$2"))
		;;
	--tls-min)
		COMPREPLY=($(compgen -W '1.0 1.1 1.2 1.3' -- "$2"))
		;;
	-P | --proxyauth | -R | --remproxyauth | -H | --header | -x | \
	    --proctitle | -t | --domain | --spn | --alpn | --ciphers | --pin | \
	    --connect-timeout | --timeout | --idle-timeout | --linger | \
	    --keepalive | --max-tunnels | --drain | --retry | --repeat | \
	    --interval | --scan) ;;
	*)
		return 1
		;;
	esac
}

_proxytunnel()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	# --name=value is three words, as = divides words.
	if [[ $cur == = && $prev == --* ]]; then
		cur=
	elif [[ $prev == = && $COMP_CWORD -ge 2 ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $prev == --netrc ]]; then
		prev= # its value stands behind a = only
	fi
	_proxytunnel_values "$prev" "$cur" && return
	if [[ $cur != -* ]]; then
		_proxytunnel_hosts "$cur"
		return
	fi
	COMPREPLY=($(compgen -W '-4 -6 -a -B -C -c -d -E -e -F -f -H -h -I -i -k -N -o
	    -P -p -q -R -r -t -V -v -W -X -x -z --buggy-encrypt-proxy
	    --auth-info --check --daemon --delegate --direct --encrypt
	    --encrypt-proxy --encrypt-remproxy --fdpass --inetd --ipv4 --ipv6 --help --json --netrc
	    --no-check-certificate --no-sni
	    --ntlm --progress --quiet --verbose --version --wa-bug-29744 --alpn= --auth=
	    --cacert= --cert= --ciphers= --config= --connect-timeout= --dest= --domain=
	    --drain= --for= --half-close= --header= --host= --idle-timeout=
	    --interval= --keepalive= --key= --linger= --max-tunnels= --passfile= --password-command=
	    --pidfile= --pin= --proctitle= --proxy= --proxyauth= --remproxy=
	    --remproxyauth= --repeat= --retry= --scan= --sni= --spn= --standalone= --timeout= --tls-min=' -- "$cur"))
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace 2>/dev/null
	fi
	return 0
}

complete -F _proxytunnel proxytunnel
