#!/usr/bin/env bats
# The manual, the completions, README and NEWS say what the program does.
# shellcheck disable=SC2016 # what other shells expand

bats_require_minimum_version 1.5.0

ROOT=$BATS_TEST_DIRNAME/..
PT=${PROXYTUNNEL:-$ROOT/proxytunnel}
MAN=$ROOT/man/proxytunnel.1
COMPLETIONS=$ROOT/build/completions
export LC_ALL=C

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

need() {
	local command
	for command; do
		command -v "$command" >/dev/null || fail "missing: $command"
	done
}

# same WHAT LIST LIST: fails and shows the difference.
same() {
	[[ -n $2 && -n $3 ]] || fail "$1: an empty list"
	diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") >&2 || fail "$1 differ"
}

# Options in any text: -x and --long, one a line, sorted.  What divides words
# is doubled, so that two neighbours do not share one.
options_of() {
	sed 's/[^[:alnum:]-]/&&/g' |
		grep -oE "(^|[^[:alnum:]-])(-[[:alnum:]]|--[a-z][a-z0-9-]+)($|[^[:alnum:]-])" |
		grep -oE -- '--?[[:alnum:]][[:alnum:]-]*' | sort -u
}

help_options() {
	"$PT" --help=all | options_of
}

# section NAME: its lines of the manual.
section() {
	awk -v name="$1" '$1 == ".Sh" { on = $0 == ".Sh " name } on' "$MAN"
}

# What follows Fl in the lines that it is given.
flags() {
	awk '{ for (i = 1; i <= NF; i++) if ($i == "Fl") {
		for (i++; i <= NF && $i ~ /^[-[:alnum:],]+$/; i++)
			if ($i ~ /^[[:alnum:]]$|^-[a-z]/) {
				print "-" $i
				if ($(i + 1) != ",") break
			}
		i--
	} }' | sort -u
}

option_list() {
	section OPTIONS | sed '/^\.Ss/,$d' | grep '^\.It Fl'
}

# option_text NAME: what the manual says of a long option.
option_text() {
	section OPTIONS | awk -v name="-$1" '$1 == ".It" {
		on = 0
		for (i = 1; i <= NF; i++) if ($i == name) on = 1
	} on'
}

# rows: the table of options as "-x --name=VALUE", "- --name[=VALUE]" and the
# like, a line each, sorted; so is what follows.
rows() {
	# shellcheck disable=SC2086 # flags
	printf '%s\n' '#define OPTION(c, name, takes, value, ...) ROW c name takes value' \
		'#define LONG(id, name, takes, value, ...) ROW 0 name takes value' \
		'#include "options.def"' |
		${CC:-cc} -E -P -I"$ROOT" -x c - | tr -d "\"'" |
		awk '$1 == "ROW" {
			value = $4 == "MAYBE" ? "[=" $5 "]" : \
				$4 == "VALUE" ? "=" $5 : ""
			print ($2 == "0" ? "-" : "-" $2) " --" $3 value
		}' | sort
}

# rows_of_text FROM: as help and the manual have them, from that column on or,
# without a letter, 4 further on.
rows_of_text() {
	sed -nE "s/^.{$1}( {4})?-/-/p" |
		sed -nE 's/^(-[[:alnum:]]), (--[a-z][^ ]*)( .*)?$/\1 \2/p
			s/^(--[a-z][^ ]*)( .*)?$/- \1/p' | sort
}

# The same without the names of values, which a shell need not know.
kinds() {
	sed -E 's/\[=.*/[=]/; t; s/=.*/=/' | sort
}

@test "all agree: the table, help and the manual" {
	need cc mandoc
	local rows
	rows=$(rows)
	[[ $(wc -l <<<"$rows") -ge 60 ]] || fail "$rows"
	same "table and help" "$rows" \
		"$("$PT" --help=all | rows_of_text 2)"
	same "table and manual" "${rows^^}" \
		"$(mandoc -T ascii -O width=200 "$MAN" | sed 's/.\x08//g' |
			sed -n '/^OPTIONS/,/^ *Options of/p' |
			rows_of_text 5 | tr '[:lower:]' '[:upper:]')"
	# What most people want is some of it.
	[[ -z $(comm -13 <(printf '%s\n' "$rows") \
		<("$PT" --help | rows_of_text 8)) ]] ||
		fail "$("$PT" --help)"
	[[ $("$PT" --help | rows_of_text 8 | wc -l) -ge 12 ]]
}

@test "help fits a screen, and topics have all options once" {
	local topic topics text
	text=$("$PT" --help)
	[[ $(wc -l <<<"$text") -le 23 ]] || fail "$text"
	[[ $("$PT" -h) == "$text" ]]
	run ! grep -E '.{81}' <("$PT" --help; "$PT" --help=all)
	topics=$("$PT" --help | sed -n 's/^\(tunnel, .*\)\.$/\1/p' |
		tr -d ,)
	[[ $topics == *' all' ]] || fail "$topics"
	same "topics of help and manual" "$(tr ' ' '\n' <<<"$topics" | sort)" \
		"$(option_text help | sed -n 's/^\.Cm //p' | tr -d ',;' |
			tr ' ' '\n' | grep . | sort)"
	# The first screen has them all at the left.
	same "topics of the screen" "${topics% all}" \
		"$(sed -nE 's/^([a-z]+) +-.*/\1/p' <<<"$text" | paste -sd' ')"
	text=$(for topic in ${topics% all}; do
		"$PT" --help="$topic" || fail "$topic"
		echo
	done)
	same "all and each" "$("$PT" --help=all)" "$text"
	for topic in nosuch '' ALL tunnels; do
		run -64 "$PT" --help="$topic"
		[[ $output == "proxytunnel: --help='$topic': not a topic (${topics// /, })" ]] ||
			fail "$output"
	done
}

@test "the manual is quiet under lint" {
	need mandoc
	run mandoc -T lint -W warning "$MAN"
	[[ $status -eq 0 && -z $output ]] || fail "$output"
}

@test "help and manual have the same options" {
	same "help and manual" "$(help_options)" "$(option_list | flags)"
}

@test "each option of the manual is in its synopsis" {
	local synopsis
	synopsis=$(section SYNOPSIS | sed 's/^\.Fl h | V$/Fl h Fl V/
		/^\.Op Fl 46/{ s/^.* //; s/./Fl & /g; }' | flags)
	same "synopsis and options" "$synopsis" \
		"$(option_list | awk '{ print $1, $2, $3 }' | flags)"
}

@test "the options of the manual are in order" {
	local keys
	keys=$(option_list | awk '{ sub(/^-/, "", $3); print tolower($3) }')
	same "order" "$keys" "$(sort <<<"$keys")"
}

@test "the schemes of the manual are those of the program" {
	local schemes scheme
	schemes=$(option_text auth | sed -n 's/^\.Cm \([a-z]*\).*/\1/p' | sort -u)
	same "manual and bash" "$schemes" "$(bash_try --auth '' | sort)"
	for scheme in $schemes; do
		run -0 "$PT" "--auth=$scheme" --help
	done
	run -0 "$PT" "--auth=$(paste -sd, <<<"$schemes")" --help
	run -64 "$PT" --auth=bearer --help
}

@test "addresses and versions of the manual are those of the program" {
	local scheme schemes version versions
	schemes=$(section 'PROXY ADDRESSES' |
		sed -n 's/^\.It Li \([a-z]\)/\1/p' |
		grep -oE '[a-z][a-z0-9]*' | grep -vx example -m 7)
	[[ $(wc -l <<<"$schemes") -eq 7 ]] || fail "$schemes"
	for scheme in $schemes; do
		run -0 "$PT" -p "$scheme://proxy" --help
		run -0 "$PT" -p "$scheme://amy:x@unix:/path" --help
	done
	run -64 "$PT" -p ftp://proxy --help
	versions=$(option_text tls-min | sed -n 's/^\.Cm \([0-9.]*[0-9]\).*/\1/p')
	same "manual and bash" "$versions" "$(bash_try --tls-min '')"
	for version in $versions; do
		run -0 "$PT" "--tls-min=$version" --help
	done
}

@test "variables of the manual are those of the program" {
	same "sources and manual" \
		"$({
			grep -ohE '"[A-Za-z_]{4,}"' "$ROOT/proxytunnel.c" \
				"$ROOT"/{environment,systemd,configread}.c
			grep -ohE '"[A-Z_]{4,}"' "$ROOT/report.c"
		} | tr -d '"' | grep -vxE 'force|prefer|never|none|include|nowhere|FAIL' |
			sort -u)" \
		"$(section ENVIRONMENT | sed -n 's/^\.It Ev //p' | tr -d , |
			tr ' ' '\n' | grep -vE '^$|^KRB5|^SSL_CERT' | sort -u)"
}

@test "options for a hop are those of the manual" {
	local logins option
	logins=$(section ROUTES |
		sed -n '/^\.It Em for the first/,/^\.El/s/^\.//p' | flags)
	[[ $(wc -l <<<"$logins") -ge 6 ]] || fail "$logins"
	for option in $logins; do
		run "$PT" --for=dest "$option" HTTP@x --help
		[[ $status -eq 64 && $output == *--for=dest* ]] ||
			fail "$option: status $status" "$output"
	done
	for option in $(comm -23 <(help_options) <(printf '%s\n' "$logins") |
		grep -vxE -- '--(auth|proxyauth|ntlm|domain)'); do
		run "$PT" --for=dest "$option" --help
		[[ $output != *'--for=dest: '* ]] || fail "$option: $output"
	done
}

@test "exit statuses of the manual are those of the program" {
	local in_code in_manual in_readme
	in_code=$(sed -n '/^fail_exit/,/^}/s/.*return \([0-9]*\);.*/\1/p' \
		"$ROOT/fail.c" | sort -nu)
	in_manual=$(section 'EXIT STATUS' |
		sed -n 's/^\.It \([0-9]*\)$/\1/p' | sort -nu)
	same "fail.c and manual" "$in_code" "$in_manual"
	in_readme=$( (echo 0; sed -n 's/^| \([0-9]*\) |.*/\1/p' \
		"$ROOT/README.md") | sort -nu)
	same "fail.c and README" "$in_code" "$in_readme"
}

@test "one version everywhere" {
	local version line
	version=$(sed -n 's/^#define VERSION "\(.*\)"$/\1/p' "$ROOT/version.h")
	[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "version.h: $version"
	[[ $("$PT" --version | head -n 1) == "proxytunnel $version" ]] ||
		fail "--version"
	[[ $(head -n 1 "$ROOT/NEWS") == "proxytunnel $version" ]] || fail "NEWS"
	# The manual need not name it.
	while IFS= read -r line; do
		[[ ${line##* } == "$version" ]] || fail "manual: $line"
	done < <(grep -oE '(proxytunnel|\.Nm|[Vv]ersion) [0-9]+\.[0-9]+\.[0-9]+' \
		"$MAN")
}

# Each command line of README for this program, options and all.
readme_commands() {
	# Of the table with the old tools only what is on the right.
	sed 's/^| `.*` | `\(.*\)` |$/`\1`/; s/^| `.*| `\(.*\)` |$/`\1`/' \
		"$ROOT/README.md" |
		grep -oE "proxytunnel +[-%a-z][^\`'|;<]*" |
		grep -E -- '(^| )-|%h'
}

@test "README has no option that the program refuses" {
	local line words n=0 known
	while IFS= read -r line; do
		# xargs takes the quotes off as a shell does.
		mapfile -t words < <(xargs -n 1 printf '%s\n' <<<"$line")
		run "$PT" "${words[@]:1}" --help
		[[ $status -eq 0 ]] || fail "$line" "$output"
		n=$((n + 1))
	done < <(readme_commands)
	((n >= 15)) || fail "only $n command lines were found"
	# And options by themselves, in running text.
	known=$(help_options)
	while IFS= read -r words; do
		grep -qx -- "$words" <<<"$known" || fail "README: $words"
	done < <(grep -v '^|' "$ROOT/README.md" | grep -oE '`-[^`]*`' |
		options_of)
}

@test "README and NEWS are of a readable size" {
	[[ $(wc -l <"$ROOT/README.md") -le 240 ]] || fail "README is too long"
	run grep -nE '.{81,}' "$ROOT/NEWS"
	[[ -z $output ]] || fail "$output"
}

@test "links of README lead somewhere" {
	local file
	while IFS= read -r file; do
		[[ -e $ROOT/$file ]] || fail "README: $file"
	done < <(grep -oE '\]\([^):]*\)' "$ROOT/README.md" | tr -d '])(')
}

# bash_try WORD...: what bash completes the last one to.
bash_try() {
	bash --norc --noprofile -c 'source "$1" || exit
		shift
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_proxytunnel
		printf "%s\n" "${COMPREPLY[@]}"' \
		bash "$COMPLETIONS/proxytunnel.bash" proxytunnel "$@"
}

# The bash in which hosts have a name that is easy to tell.
bash_values() {
	bash --norc --noprofile -c 'source "$1" || exit
		_proxytunnel_hosts() { COMPREPLY=(a-host); }
		COMP_WORDS=(proxytunnel "${@:2}")
		COMP_CWORD=$(($# - 1))
		_proxytunnel
		echo "${COMPREPLY[@]}"' \
		bash "$COMPLETIONS/proxytunnel.bash" "$@"
}

@test "all agree: bash" {
	need cc
	local letter name n=0 of_letter of_name
	same "table and bash" "$(rows | kinds | tr ' ' '\n' | sed 's/\[=\]//' |
		grep -vx -e - | sort)" "$(bash_try - | sort)"
	cd "$BATS_TEST_TMPDIR"
	touch a-file
	while read -r letter name; do
		of_name=$(bash_values "${name%%[[=]*}" '')
		# Where no value stands behind it comes the destination.
		case $name in
		*[!\[]=*) ;;
		*) [[ $of_name == a-host ]] || fail "$name: $of_name" ;;
		esac
		[[ $letter == - ]] && continue
		of_letter=$(bash_values "$letter" '')
		[[ $of_letter == "$of_name" ]] ||
			fail "$letter: $of_letter, $name: $of_name"
		n=$((n + 1))
	done < <(rows)
	((n >= 25))
	# Without a value that is known there is none, nor the destination.
	[[ -z $(bash_values -P '') && -z $(bash_values --timeout '') ]]
	same "topics" "$("$PT" --help=x 2>&1 | sed 's/.*(\(.*\))/\1/; s/, /\n/g')" \
		"$(bash_try --help =)"
	[[ $(bash_try --help = ch) == check ]]
	[[ $(bash_values --help '') == a-host ]]
}

@test "bash completes" {
	local options
	run -0 bash --norc --noprofile -c 'source "$1" && complete -p proxytunnel' \
		bash "$COMPLETIONS/proxytunnel.bash"
	[[ $output == 'complete -F _proxytunnel proxytunnel' ]] || fail "$output"
	options=$(bash_try - | sed 's/=$//' | sort -u)
	same "bash and help" "$options" "$(help_options)"
	[[ $(bash_try --auth =) == $'negotiate\ndigest\nntlm\nbasic' ]]
	[[ $(bash_try --auth = b) == basic ]]
	[[ $(bash_try --auth = ntlm,d) == ntlm,digest ]]
	[[ $(bash_try --auth ntlm,digest,b) == ntlm,digest,basic ]]
	[[ $(bash_try --half-close = ne) == never ]]
	[[ $(bash_try --half-close '') == $'now\nnever' ]]
	[[ $(bash_try --for = d) == dest ]]
	[[ $(bash_try --for '') == $'1\n2\n3\ndest\nall' ]]
	[[ $(bash_try --tls-min '') == $'1.0\n1.1\n1.2\n1.3' ]]
	[[ $(bash_try --time) == --timeout= ]]
	[[ -z $(bash_try -P '') && -z $(bash_try -t '') ]]
	[[ -z $(bash_try --domain = '') && -z $(bash_try --spn = '') ]]
	[[ $(bash_try --password-command = ech) == *echo* ]]
	cd "$BATS_TEST_TMPDIR"
	touch 'the login'
	[[ $(bash_try -F the) == 'the login' ]]
	[[ $(bash_try --passfile = the) == 'the login' ]]
	[[ $(bash_try -C the) == 'the login' ]]
	[[ $(bash_try --key = the) == 'the login' ]]
	[[ $(bash_try --netrc = the) == 'the login' ]]
	[[ $(bash_try --pidfile = the) == 'the login' ]]
	[[ $(bash_try --netrc the) != *login* ]]
}

# zsh_specs: what zsh is told, as rows: spellings with one text are one option.
zsh_specs() {
	zsh -fc '_arguments() { print -rl -- "$@" }; source "$1"' \
		zsh "$COMPLETIONS/_proxytunnel" |
		sed -nE 's/^(\([^)]*\))?\*?(-[^[]*)\[([^]]*)\](:.*)?$/\2\t\3\t\4/p' |
		awk -F '\t' '{
			name = $1; value = $3
			if (name ~ /^-[^-]/) { letter[$2] = name; next }
			sub(/^::?/, "", value)
			gsub(/\\:/, "\001", value)
			sub(/:.*/, "", value)
			gsub(/\001/, ":", value)
			l = $2 in letter ? letter[$2] : "-"
			# What takes a value has + behind the letter.
			if ((l ~ /\+$/) != (name ~ /=$/) && l != "-" &&
			    name !~ /=-$/) print "not alike: " l " " name
			sub(/\+$/, "", l)
			if (sub(/=-$/, "", name)) name = name "[=" value "]"
			else name = name value
			print l, name
		}' | sort
}

# zsh_offers WORD: what a zsh on a terminal has for it, a line each.
zsh_offers() {
	local folder=$BATS_TEST_TMPDIR
	rm -f "$folder/offers"
	cat >"$folder/setup" <<-END
		PS1= PS2=
		LISTMAX=10000
		fpath=("$COMPLETIONS" \$fpath)
		autoload -Uz compinit && compinit -u -D
	END
	cat >>"$folder/setup" <<-'END'
		compadd() {
			if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
				typeset -a found
				builtin compadd -A found "$@"
				print -rl -- $found >>$OUT
			fi
			builtin compadd "$@"
		}
		ended() { print -n ENDED }
		zle -N ended
		bindkey '^X^E' ended
		print READY
	END
	OUT=$folder/offers timeout 60 zsh -fc 'zmodload zsh/zpty
		zpty z "TERM=dumb zsh -fi"
		zpty -w z "source ${(q)1}"
		zpty -r -m z out "*READY*"
		zpty -w -n z "proxytunnel $2"$'"'\t\030\005'"'
		zpty -r -m z out "*ENDED*"
		zpty -d z' zsh "$folder/setup" "$1" >/dev/null || return 1
	grep . "$folder/offers" | sort -u
}

@test "all agree: zsh" {
	need cc zsh
	local rows
	rows=$(rows)
	same "table and zsh" "${rows,,}" "$(zsh_specs | sed 's/.*/\L&/')"
	same "table and what zsh offers" "$(tr ' ' '\n' <<<"$rows" |
		sed 's/\[*=.*//' | grep -vx -e - | sort)" \
		"$(zsh_offers - | sed 's/=$//' | sort -u)"
	same "topics" "$("$PT" --help=x 2>&1 |
		sed 's/.*(\(.*\))/\1/; s/, /\n/g' | sort)" \
		"$(zsh_offers --help=)"
}

@test "zsh completes" {
	need zsh
	local specs
	run -0 zsh -fn "$COMPLETIONS/_proxytunnel"
	[[ $(head -n 1 "$COMPLETIONS/_proxytunnel") == '#compdef proxytunnel' ]]
	# What it hands to _arguments, the options alone.
	run -0 zsh -fc '_arguments() { print -rl -- "$@" }; source "$1"' \
		zsh "$COMPLETIONS/_proxytunnel"
	specs=$(sed -n 's/^\(([^)]*)\)\{0,1\}\**\(--\{0,1\}[[:alnum:]][-[:alnum:]]*\)[+=]*-\{0,1\}\[.*/\2/p' \
		<<<"$output" | sort -u)
	same "zsh and help" "$specs" "$(help_options)"
	# And it is found, loaded and used, in a shell on a terminal.
	cd "$BATS_TEST_TMPDIR"
	touch login
	run -0 timeout 60 zsh -fc 'zmodload zsh/zpty
		zpty z "TERM=dumb zsh -fi"
		send() { zpty -w -n z "$1" }
		until_seen() { zpty -r -m z out "*$1*" }
		send "PS1= PS2=; fpath=(${(q)1} \$fpath)
			autoload -Uz compinit && compinit -u -D && print RE\"\"ADY
		"
		until_seen READY
		send "proxytunnel --half-close=ne"$'"'\t'"'
		until_seen never
		send $'"'\025'"'"proxytunnel --auth=b"$'"'\t'"'
		until_seen basic
		send $'"'\025'"'"proxytunnel --auth=ntlm,d"$'"'\t'"'
		until_seen ntlm,digest
		send $'"'\025'"'"proxytunnel --for=de"$'"'\t'"'
		until_seen dest
		send $'"'\025'"'"proxytunnel --for=2 -N --for=dest --for=al"$'"'\t'"'
		until_seen all
		send $'"'\025'"'"proxytunnel --tls-min=1.3 --cacert=log"$'"'\t'"'
		until_seen login
		send $'"'\025'"'"proxytunnel --netrc=log"$'"'\t'"'
		until_seen login
		send $'"'\025'"'"proxytunnel --password-command=ech"$'"'\t'"'
		until_seen echo
		zpty -d z' zsh "$COMPLETIONS"
}

fish_try() {
	HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR \
		XDG_DATA_HOME=$BATS_TEST_TMPDIR fish --no-config -c \
		'source $argv[1]; or exit 1; complete -C "$argv[2]"' \
		"$COMPLETIONS/proxytunnel.fish" "$1" | cut -f 1
}

# fish_rows: what fish offers, as rows without the names of values.  Spellings
# with one text are one option; where a value is due, no destination is offered.
fish_rows() {
	HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR \
		XDG_DATA_HOME=$BATS_TEST_TMPDIR fish --no-config -c \
		'source $argv[1]; or exit 1
		function __fish_print_hostnames
			echo a-host
		end
		for line in (complete -C "proxytunnel -")
			set -l name (string split \t -- $line)
			string match -qr "=\$" -- $name[1]; and continue
			set -l kind
			set -l value $name[1](string match -q -- "--*" $name[1]
				and echo =; or echo)
			set -l offers (complete -C "proxytunnel $value")
			if not contains a-host (complete -C "proxytunnel $name[1] ")
				or contains -- {$value}a-host $offers
				set kind =
			else if string match -q -- "--*=*" $offers
				set kind "[=]"
			end
			printf "%s\t%s\t%s\n" $name[1] $name[2] "$kind"
		end' "$COMPLETIONS/proxytunnel.fish" |
		sort | awk -F '\t' '
			$1 ~ /^--/ { name[$2] = $1; kind[$2] = $3; next }
			{ letter[$2] = $1; if (kind[$2] ~ /^=/ || $3 ~ /=/)
				if (kind[$2] != $3) print "not alike: " $1 }
			END { for (text in name) print text in letter ? \
				letter[text] : "-", name[text] kind[text] }' |
		sort
}

@test "all agree: fish" {
	need cc fish
	cd "$BATS_TEST_TMPDIR"
	touch a-file
	same "table and fish" "$(rows | kinds)" "$(fish_rows)"
	same "topics" "$("$PT" --help=x 2>&1 |
		sed 's/.*(\(.*\))/--help=\1/; s/, /\n--help=/g' | sort)" \
		"$(fish_try 'proxytunnel --help=' | sort)"
}

@test "fish completes" {
	need fish
	run -0 fish --no-config --no-execute "$COMPLETIONS/proxytunnel.fish"
	# Where a value may be missing it offers the option with = as well.
	same "fish and help" \
		"$(fish_try 'proxytunnel -' | sed 's/=$//' | sort -u)" \
		"$(help_options)"
	[[ $(fish_try 'proxytunnel --auth ' | sort) == \
		$'basic\ndigest\nnegotiate\nntlm' ]]
	[[ $(fish_try 'proxytunnel --auth=b') == --auth=basic ]]
	[[ $(fish_try 'proxytunnel --auth=ntlm,d') == --auth=ntlm,digest ]]
	[[ $(fish_try 'proxytunnel --half-close ' | sort) == $'never\nnow' ]]
	[[ $(fish_try 'proxytunnel --for ' | sort) == $'1\n2\n3\nall\ndest' ]]
	[[ $(fish_try 'proxytunnel --tls-min=1.3') == --tls-min=1.3 ]]
	cd "$BATS_TEST_TMPDIR"
	touch login
	[[ $(fish_try 'proxytunnel -F lo') == login ]]
	[[ $(fish_try 'proxytunnel --passfile=lo') == --passfile=login ]]
	[[ $(fish_try 'proxytunnel -C lo') == login ]]
	[[ $(fish_try 'proxytunnel --key=lo') == --key=login ]]
	[[ $(fish_try 'proxytunnel --pidfile lo') == login ]]
	[[ $(fish_try 'proxytunnel --netrc=lo') == --netrc=login ]]
	[[ $(fish_try 'proxytunnel --password-command ech') == *echo* ]]
	[[ -z $(fish_try 'proxytunnel -P lo') && -z $(fish_try 'proxytunnel -t lo') ]]
}
