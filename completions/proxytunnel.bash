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
	-p | --proxy | -d | --dest | -o | --host)
		_proxytunnel_hosts "$2"
		;;
	-F | --passfile)
		compopt -o filenames 2>/dev/null
		local IFS=$'\n'
		COMPREPLY=($(compgen -f -- "$2"))
		;;
	--auth)
		COMPREPLY=($(compgen -W 'basic' -- "$2"))
		;;
	--half-close)
		COMPREPLY=($(compgen -W 'now never' -- "$2"))
		;;
	-P | --proxyauth | -H | --header | -x | --proctitle | \
	    --connect-timeout | --timeout | --idle-timeout | --linger | \
	    --keepalive) ;;
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
	fi
	_proxytunnel_values "$prev" "$cur" && return
	if [[ $cur != -* ]]; then
		_proxytunnel_hosts "$cur"
		return
	fi
	COMPREPLY=($(compgen -W '-4 -6 -d -F -H -h -o -P -p -q -V -v -x
	    --ipv4 --ipv6 --help --quiet --verbose --version
	    --auth= --connect-timeout= --dest= --half-close= --header= --host=
	    --idle-timeout= --keepalive= --linger= --passfile= --proctitle=
	    --proxy= --proxyauth= --timeout=' -- "$cur"))
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace 2>/dev/null
	fi
	return 0
}

complete -F _proxytunnel proxytunnel
