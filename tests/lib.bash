# Shared by the .bats files: load lib
#
# A server is started by start_*, in setup_file for a whole file or in a test
# for that test, and ended by stop_all in teardown_file or teardown.  Its port
# is exported as a variable; its configuration and logs are in "$DIR/NAME/"
# and "$DIR/NAME.log".  Only what start has started is ever ended.

bats_require_minimum_version 1.5.0

PT=${PROXYTUNNEL:-$BATS_TEST_DIRNAME/../proxytunnel}
export PT

# A test has its own folder, and so has a file (setup_file, teardown_file).
DIR=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}

unset http_proxy https_proxy all_proxy no_proxy
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
unset proxyuser proxypass remproxyuser remproxypass
unset PROXYUSER PROXYPASS REMPROXYUSER REMPROXYPASS
unset SSL_CERT_FILE SSL_CERT_DIR SSH_AUTH_SOCK BASH_ENV ENV
export LC_ALL=C SHELL=/bin/sh
umask 022
export PATH=$PATH:/usr/sbin:/sbin

# fail MESSAGE...: ends the test.
fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# need COMMAND...: a missing program is a failure, not a reason to skip.
need() {
	local command missing=
	for command; do
		command -v "$command" >/dev/null || missing+=" $command"
	done
	[[ -z $missing ]] || fail "missing programs:$missing"
}

# has TEXT GLOB: fails and shows the text where it does not match.
has() {
	# shellcheck disable=SC2053 # a pattern
	[[ $1 == $2 ]] || fail "not like: $2" "$1"
}

# expect STATUS COMMAND...: run, stdout in $output and stderr in $stderr.
expect() {
	local wanted=$1
	shift
	run --separate-stderr "$@"
	# shellcheck disable=SC2154 # set by run
	[[ $status == "$wanted" ]] ||
		fail "status $status, not $wanted: $*" "$output" "$stderr"
}

# pt ARGUMENT...: proxytunnel, bounded, and without a terminal to ask on.
pt() {
	setsid -w timeout -k 5 "${PT_SECONDS:-30}" "$PT" "$@"
}

# wait_until SECONDS COMMAND...: looks every 20 ms whether it succeeds.
wait_until() {
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@"; do
		((${EPOCHREALTIME/./} < end)) || return 1
		sleep 0.02
	done
}

# free_port: prints a port of loopback that nobody else gets: outside the range
# of the kernel's own choice, and reserved while this shell runs.
free_port() {
	local folder=${TMPDIR:-/tmp}/pt-ports-$UID port link
	mkdir -p "$folder"
	for link in "$folder"/*; do
		port=$(readlink "$link") || continue
		[[ -e /proc/$port ]] || rm -f "$link"
	done
	for ((;;)); do
		port=$((10000 + RANDOM % 20000))
		ln -s "$$" "$folder/$port" 2>/dev/null || continue
		if [[ -z $(ss -Htanu "sport = :$port") ]]; then
			echo "$port"
			return 0
		fi
		rm -f "$folder/$port"
	done
}

# start NAME COMMAND...: runs a server in a session of its own.
start() {
	local name=$1
	shift
	(
		for fd in /proc/"$BASHPID"/fd/*; do
			fd=${fd##*/}
			((fd <= 2 || fd == 255)) || eval "exec $fd>&-"
		done
		exec setsid "$@"
	) </dev/null >>"$DIR/$name.log" 2>&1 &
	echo $! >"$DIR/$name.pid"
	disown $!
}

# alive NAME: does it run?  A zombie does not.
alive() {
	local pid state
	pid=$(<"$DIR/$1.pid") || return 1
	state=$(sed 's/.*) \(.\).*/\1/' "/proc/$pid/stat" 2>/dev/null) ||
		return 1
	[[ $state != [ZX] ]]
}

is_listening() {
	[[ -n $(ss -Hltn "sport = :$1") ]]
}

is_listening_or_dead() {
	is_listening "$1" || ! alive "$2"
}

show_log() {
	printf -- '--- %s\n' "$@" >&2
	tail -n 30 -- "$@" >&2
	return 1
}

# wait_port PORT [NAME]: until it listens; shows the log where it does not.
wait_port() {
	if [[ -z ${2:-} ]]; then
		wait_until 20 is_listening "$1" || fail "port $1: nobody there"
		return
	fi
	if ! wait_until 20 is_listening_or_dead "$1" "$2" || ! alive "$2"; then
		printf '%s does not listen on port %s\n' "$2" "$1" >&2
		show_log "$DIR/$2.log"
	fi
}

# What is left of a session may be zombies, until init has time.
group_ended() {
	local stat
	while read -r stat; do
		[[ $stat == Z* ]] || return 1
	done < <(ps -o stat= -g "$1")
}

# stop NAME...: TERM to its process group, and KILL where that is not enough.
stop() {
	local name pid
	for name; do
		pid=$(<"$DIR/$name.pid")
		kill -TERM -- "-$pid" 2>/dev/null ||
			kill -TERM "$pid" 2>/dev/null || :
	done
	for name; do
		pid=$(<"$DIR/$name.pid")
		if ! wait_until 5 group_ended "$pid"; then
			kill -KILL -- "-$pid" 2>/dev/null || :
			wait_until 5 group_ended "$pid" || :
		fi
		rm -f "$DIR/$name.pid"
	done
}

# stop_all: what was started here and still runs.
stop_all() {
	local file names=()
	for file in "$DIR"/*.pid; do
		[[ -e $file ]] || continue
		file=${file##*/}
		names+=("${file%.pid}")
	done
	stop "${names[@]}"
}

# server_folder NAME USER: a folder for a server that gives up root for USER.
server_folder() {
	mkdir -p "$DIR/$1"
	((UID == 0)) || return 0
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/{file,test} \
		"$DIR" 2>/dev/null || :
	chown "$2" "$DIR/$1"
	chmod 755 "$DIR/$1"
	setpriv --reuid="$2" --clear-groups test -x "$DIR/$1" ||
		fail "$DIR: $2 can't reach it; set TMPDIR to a folder for all"
}

# Users of the proxies: plain, awkward, not ASCII, and long.
export PLAIN_USER=amy PLAIN_PASSWORD=tiger7
export ODD_USER=ben ODD_PASSWORD='p:a ss%41:wo%rd '
export UTF8_USER=jörg UTF8_PASSWORD='grüße €5'
LONG_USER=lou
printf -v LONG_PASSWORD '%01500d' 7
export LONG_USER LONG_PASSWORD

# password_file FILE apache|squid: for Basic at squid and Apache.
password_file() {
	local pair
	need htpasswd openssl
	: >"$1"
	for pair in PLAIN ODD UTF8; do
		local user=${pair}_USER password=${pair}_PASSWORD
		htpasswd -bm "$1" "${!user}" "${!password}" 2>/dev/null
	done
	# htpasswd(1) stops at 255, and the two have no other form in common.
	if [[ $2 == apache ]]; then
		printf '%s:{SHA}%s\n' "$LONG_USER" "$(printf %s \
			"$LONG_PASSWORD" | openssl dgst -sha1 -binary | base64)"
	else
		printf '%s:%s\n' "$LONG_USER" "$(printf %s \
			"$LONG_PASSWORD" | openssl dgst -md5 -r | cut -c1-32)"
	fi >>"$1"
}

# export_port NAME KIND PORT: squid basic-close -> SQUID_BASIC_CLOSE.
export_port() {
	local name=${1^^}_${2^^}
	export "${name//-/_}=$3"
}

# start_targets: exports ECHO_PORT, LINE_PORT ... (see targets.py), and
# CLOSED_PORT, where nobody listens.
start_targets() {
	local line
	need python3
	start targets python3 -u "$BATS_TEST_DIRNAME/targets.py"
	wait_until 20 grep -qs '^ready$' "$DIR/targets.log" ||
		show_log "$DIR/targets.log"
	while read -r line; do
		[[ $line == ready ]] || export "${line?}"
	done <"$DIR/targets.log"
	CLOSED_PORT=$(free_port)
	export CLOSED_PORT
}

# The proxies listen on 127.0.0.1 and ::1, ask nobody or for Basic, and allow
# port 443 and those from 1024 (tinyproxy "limited": 443; else all).  A line of
# the log of squid and Apache is: STATUS CLIENT-PORT X-Test

# start_squid [none|basic|basic-close]: exports SQUID_NONE ...
start_squid() {
	local kind=${1:-none} name=squid-${1:-none} port user=proxy
	need squid ss
	port=$(free_port)
	((UID == 0)) || user=$(id -un)
	server_folder "$name" "$user"
	cat >"$DIR/$name/squid.conf" <<-END
		http_port 127.0.0.1:$port
		http_port [::1]:$port
		visible_hostname localhost
		pid_filename none
		cache_effective_user $user
		cache_log $DIR/$name/cache.log
		logformat test %>Hs %>p %{X-Test}>h
		access_log stdio:$DIR/$name/access.log logformat=test
		coredump_dir $DIR/$name
		cache deny all
		cache_mem 1 MB
		memory_pools off
		pinger_enable off
		netdb_filename none
		max_filedescriptors 512
		shutdown_lifetime 0 seconds
		# Names fail at once, and nobody outside is asked.
		dns_nameservers 127.0.0.1
		dns_timeout 1 second
		dns_retransmit_interval 1 second
		acl forbidden port 1-442 444-1023
		http_access deny forbidden
	END
	case $kind in
	none) ;;
	basic*)
		password_file "$DIR/$name/passwords" squid
		cat >>"$DIR/$name/squid.conf" <<-END
			auth_param basic program /usr/lib/squid/basic_ncsa_auth $DIR/$name/passwords
			auth_param basic children 1 startup=1
			auth_param basic realm test
			acl known proxy_auth REQUIRED
			http_access deny !known
		END
		;;&
	basic-close)
		echo 'client_persistent_connections off' \
			>>"$DIR/$name/squid.conf"
		;;
	esac
	echo 'http_access allow all' >>"$DIR/$name/squid.conf"
	start "$name" squid -N -n "pt$port" -f "$DIR/$name/squid.conf"
	wait_port "$port" "$name"
	export_port squid "$kind" "$port"
}

# start_apache [none|basic]: exports APACHE_NONE ...
start_apache() {
	local kind=${1:-none} name=apache-${1:-none} port module
	local modules=(mpm_event proxy proxy_connect authn_core authz_core
		authz_user)
	need apache2 ss
	port=$(free_port)
	server_folder "$name" www-data
	[[ $kind != basic ]] || modules+=(auth_basic authn_file)
	{
		for module in "${modules[@]}"; do
			echo "LoadModule ${module}_module" \
				"/usr/lib/apache2/modules/mod_$module.so"
		done
		((UID != 0)) || printf 'User www-data\nGroup www-data\n'
		cat <<-END
			ServerRoot $DIR/$name
			ServerName localhost
			PidFile $DIR/$name/httpd.pid
			DefaultRuntimeDir $DIR/$name
			Mutex file:$DIR/$name default
			ErrorLog $DIR/$name/error.log
			LogFormat "%>s %{remote}p %{X-Test}i" test
			CustomLog $DIR/$name/access.log test
			Listen 127.0.0.1:$port
			Listen [::1]:$port
			StartServers 1
			ServerLimit 2
			ThreadsPerChild 32
			MaxRequestWorkers 64
			ProxyRequests On
			AllowCONNECT 443 1024-65535
			<Directory />
			  Require all denied
			</Directory>
			<Proxy "*">
		END
		if [[ $kind == basic ]]; then
			password_file "$DIR/$name/passwords" apache
			cat <<-END
				AuthType Basic
				AuthName test
				AuthBasicProvider file
				AuthUserFile $DIR/$name/passwords
				Require valid-user
			END
		else
			echo Require all granted
		fi
		echo '</Proxy>'
	} >"$DIR/$name/httpd.conf"
	start "$name" env RES_OPTIONS='timeout:1 attempts:1' \
		apache2 -DFOREGROUND -f "$DIR/$name/httpd.conf"
	wait_port "$port" "$name"
	export_port apache "$kind" "$port"
}

# start_tinyproxy [none|basic|limited]: exports TINYPROXY_NONE ...; it knows
# PLAIN_USER alone.
start_tinyproxy() {
	local kind=${1:-none} name=tinyproxy-${1:-none} port
	need tinyproxy ss
	port=$(free_port)
	server_folder "$name" tinyproxy
	{
		((UID != 0)) || printf 'User tinyproxy\nGroup tinyproxy\n'
		cat <<-END
			Port $port
			Listen 127.0.0.1
			Listen ::1
			Timeout 60
			MaxClients 100
			LogFile "$DIR/$name/tinyproxy.log"
			LogLevel Info
		END
		[[ $kind != basic ]] ||
			echo "BasicAuth $PLAIN_USER $PLAIN_PASSWORD"
		[[ $kind != limited ]] || echo 'ConnectPort 443'
	} >"$DIR/$name/tinyproxy.conf"
	start "$name" env RES_OPTIONS='timeout:1 attempts:1' \
		tinyproxy -d -c "$DIR/$name/tinyproxy.conf"
	wait_port "$port" "$name"
	export_port tinyproxy "$kind" "$port"
}

# sshd_shim: prints a library for an sshd that is not root's: its user may have
# no shell, as nobody, and can't give a terminal to the group tty.
sshd_shim() {
	local library=$DIR/sshd/shim.so
	need "${CC:-cc}"
	"${CC:-cc}" -shared -fPIC -D_GNU_SOURCE -DHOME="\"$DIR/sshd\"" \
		-o "$library" -x c - <<-'END' || return
		#include <dlfcn.h>
		#include <grp.h>
		#include <pwd.h>
		#include <shadow.h>
		#include <string.h>
		#include <unistd.h>

		struct passwd *
		getpwnam(const char *name)
		{
			static struct passwd *(*next)(const char *);
			struct passwd *user;

			if (next == NULL)
				next = (struct passwd * (*)(const char *))
				    dlsym(RTLD_NEXT, "getpwnam");
			user = next(name);
			if (user != NULL && user->pw_uid == getuid()) {
				user->pw_shell = "/bin/bash";
				user->pw_dir = HOME;
			}
			return user;
		}

		struct group *
		getgrnam(const char *name)
		{
			static struct group *(*next)(const char *);

			if (strcmp(name, "tty") == 0)
				return NULL;
			if (next == NULL)
				next = (struct group * (*)(const char *))
				    dlsym(RTLD_NEXT, "getgrnam");
			return next(name);
		}

		/* It may say that the account is locked. */
		struct spwd *
		getspnam(const char *name)
		{
			(void)name;
			return NULL;
		}
	END
	echo "$library"
}

# start_sshd: exports SSHD_PORT, and SSH_CONFIG, a file for ssh -F.
start_sshd() {
	local folder=$DIR/sshd key preload=''
	need sshd ssh-keygen ss
	SSHD_PORT=$(free_port)
	mkdir -p "$folder"
	for key in host user; do
		ssh-keygen -q -t ed25519 -N '' -f "$folder/$key"
	done
	cp "$folder/user.pub" "$folder/authorized_keys"
	((UID != 0)) || mkdir -p /run/sshd
	cat >"$folder/sshd_config" <<-END
		ListenAddress 127.0.0.1:$SSHD_PORT
		ListenAddress [::1]:$SSHD_PORT
		HostKey $folder/host
		AuthorizedKeysFile $folder/authorized_keys
		PidFile none
		StrictModes no
		UsePAM no
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		PermitRootLogin yes
		PermitUserRC no
		PrintMotd no
		PrintLastLog no
		UseDNS no
		MaxStartups 100
		LogLevel VERBOSE
		Subsystem sftp internal-sftp
	END
	echo "test $(cut -d' ' -f1,2 "$folder/host.pub")" \
		>"$folder/known_hosts"
	cat >"$folder/ssh_config" <<-END
		Host *
		Port $SSHD_PORT
		IdentityFile $folder/user
		IdentitiesOnly yes
		UserKnownHostsFile $folder/known_hosts
		GlobalKnownHostsFile /dev/null
		HostKeyAlias test
		StrictHostKeyChecking yes
		BatchMode yes
		ControlMaster no
		ConnectTimeout 20
		LogLevel ERROR
	END
	((UID == 0)) || preload=$(sshd_shim)
	start sshd env ${preload:+"LD_PRELOAD=$preload"} \
		"$(command -v sshd)" -D -e -f "$folder/sshd_config"
	wait_port "$SSHD_PORT" sshd
	SSH_CONFIG=$folder/ssh_config
	export SSHD_PORT SSH_CONFIG
}
