# servers.bash -- real servers on loopback, for any user.  Needs lib.bash.

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

# syslog_shim FILE: a library that puts what goes to syslogd in the file SYSLOG.
syslog_shim() {
	need "${CC:-cc}"
	"${CC:-cc}" -shared -fPIC -o "$1" -x c - <<-'END'
		#include <stdarg.h>
		#include <stdio.h>
		#include <stdlib.h>

		static void
		put(const char *text, va_list ap)
		{
			FILE *file = fopen(getenv("SYSLOG"), "a");

			vfprintf(file, text, ap);
			fputc('\n', file);
			fclose(file);
		}

		void
		syslog(int priority, const char *text, ...)
		{
			va_list ap;

			(void)priority;
			va_start(ap, text);
			put(text, ap);
			va_end(ap);
		}

		/* With _FORTIFY_SOURCE that is its name. */
		void
		__syslog_chk(int priority, int flag, const char *text, ...)
		{
			va_list ap;

			(void)priority;
			(void)flag;
			va_start(ap, text);
			put(text, ap);
			va_end(ap);
		}
	END
}

# Users of the proxies: plain, awkward, not ASCII, and long; and one who never
# logs in, for wrong passwords: squid may let them pass while it checks the right
# one of the same user.
export PLAIN_USER=amy PLAIN_PASSWORD=tiger7
export ODD_USER=ben ODD_PASSWORD='p:a ss%41:wo%rd '
export UTF8_USER=jörg UTF8_PASSWORD='grüße €5'
export MISTAKEN_USER=kim MISTAKEN_PASSWORD=otter9
LONG_USER=lou
printf -v LONG_PASSWORD '%01500d' 7
export LONG_USER LONG_PASSWORD

# password_file FILE apache|squid: for Basic at squid and Apache.
password_file() {
	local pair
	need htpasswd openssl
	: >"$1"
	for pair in PLAIN ODD UTF8 MISTAKEN; do
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

# digest_file FILE: for Digest at both; a hash takes any password.
digest_file() {
	local pair
	need openssl
	: >"$1"
	for pair in PLAIN ODD UTF8 LONG MISTAKEN; do
		local user=${pair}_USER password=${pair}_PASSWORD
		printf '%s:test:%s\n' "${!user}" "$(printf '%s:test:%s' \
			"${!user}" "${!password}" | openssl dgst -md5 -r |
			cut -c1-32)"
	done >>"$1"
}

# The domain of the NTLM server; PLAIN_USER is known in another, too.
export NTLM_DOMAIN=TEST OTHER_DOMAIN=OTHER OTHER_PASSWORD=lion8

# ntlm_file FILE: for gss-ntlmssp, where a password can't have a colon.
ntlm_file() {
	cat >"$1" <<-END
		$NTLM_DOMAIN:$PLAIN_USER:$PLAIN_PASSWORD
		$NTLM_DOMAIN:$UTF8_USER:$UTF8_PASSWORD
		$NTLM_DOMAIN:$MISTAKEN_USER:$MISTAKEN_PASSWORD
		$OTHER_DOMAIN:$PLAIN_USER:$OTHER_PASSWORD
	END
}

# ntlm_shim FILE: a library for Apache; gss-ntlmssp compares names in the
# encoding of the locale, which Apache does not set.
ntlm_shim() {
	need "${CC:-cc}"
	"${CC:-cc}" -shared -fPIC -o "$1" -x c - <<-'END'
		#include <locale.h>

		__attribute__((constructor)) static void
		set_locale(void)
		{
			setlocale(LC_CTYPE, "C.UTF-8");
		}
	END
}

# krb5_conf FILE ADDRESS: for a KDC that listens there.  Nobody asks a DNS, and
# there is no ticket until ticket() gets one.
krb5_conf() {
	cat >"$1" <<-END
		[libdefaults]
		  default_realm = $REALM
		  dns_lookup_kdc = false
		  dns_lookup_realm = false
		  dns_canonicalize_hostname = false
		  rdns = false
		  udp_preference_limit = 1
		  default_ccache_name = FILE:$1.none
		[realms]
		  $REALM = {
		    kdc = $2
		  }
		[domain_realm]
		  localhost = $REALM
	END
}

# start_kdc: MIT's, with the users, the proxies' HTTP/localhost in the file
# KEYTAB, and HTTP/other, which is not in it.  Exports KRB5_CONFIG, REALM,
# KDC_PORT.  Negotiate at a proxy needs it first.
start_kdc() {
	local folder=$DIR/kdc pair
	need krb5kdc kdb5_util kadmin.local kinit klist ss
	KDC_PORT=$(free_port)
	export KDC_PORT REALM=PT.TEST KEYTAB=$folder/keytab
	export KRB5_CONFIG=$folder/krb5.conf
	local -x KRB5_KDC_PROFILE=$folder/kdc.conf
	mkdir -p "$folder"
	krb5_conf "$KRB5_CONFIG" "127.0.0.1:$KDC_PORT"
	cat >"$KRB5_KDC_PROFILE" <<-END
		[kdcdefaults]
		  kdc_listen = 127.0.0.1:$KDC_PORT
		  kdc_tcp_listen = 127.0.0.1:$KDC_PORT
		[realms]
		  $REALM = {
		    database_name = $folder/principal
		    key_stash_file = $folder/stash
		    acl_file = $folder/acl
		  }
		[logging]
		  kdc = STDERR
		  admin_server = FILE:$folder/admin.log
	END
	{
		kdb5_util create -s -r "$REALM" -P master
		for pair in PLAIN ODD UTF8 MISTAKEN; do
			local user=${pair}_USER password=${pair}_PASSWORD
			kadmin.local addprinc -pw "${!password}" "${!user}"
		done
		kadmin.local addprinc -randkey HTTP/localhost
		kadmin.local addprinc -randkey HTTP/other
		kadmin.local ktadd -k "$KEYTAB" HTTP/localhost
	} >"$DIR/kdc.log" 2>&1
	[[ -s $KEYTAB ]] || show_log "$DIR/kdc.log"
	start kdc krb5kdc -n
	wait_port "$KDC_PORT" kdc
}

# ticket PLAIN|ODD|UTF8 [OPTION-OF-KINIT...]: exports KRB5CCNAME.
ticket() {
	local user=$1_USER password=$1_PASSWORD
	shift
	export KRB5CCNAME=FILE:$DIR/ticket
	kinit "$@" "${!user}" <<<"${!password}" >/dev/null
}

# expired_ticket PLAIN|ODD|UTF8: one that ended long ago, beyond any clock skew.
expired_ticket() {
	ticket "$1" -s -1h -l 10m
}

# keytab FILE USER: for a proxy that runs as that user.
keytab() {
	cp "$KEYTAB" "$1"
	((UID != 0)) || chown "$2" "$1"
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

# The proxies listen on 127.0.0.1 and ::1, and allow port 443 and those from
# 1024 (tinyproxy "limited": 443; else all).  A line of the log of squid and
# Apache is: STATUS CLIENT-PORT X-Test

# squid_auth KIND FOLDER USER: the lines for it, in the order of the offers.
squid_auth() {
	local kind=$1 folder=$2 helpers=/usr/lib/squid word
	[[ $kind != everything ]] || kind=negotiate-ntlm-digest-basic
	[[ $kind != tls ]] || kind=none
	for word in ${kind//-/ }; do
		case $word in
		basic)
			password_file "$folder/passwords" squid
			cat <<-END
				auth_param basic program $helpers/basic_ncsa_auth $folder/passwords
				auth_param basic children 1 startup=1
				auth_param basic realm test
			END
			;;
		digest)
			digest_file "$folder/digests"
			cat <<-END
				auth_param digest program $helpers/digest_file_auth -c $folder/digests
				auth_param digest children 1 startup=1
				auth_param digest realm test
			END
			;;
		ntlm)
			# It believes any password.
			cat <<-END
				auth_param ntlm program $helpers/ntlm_fake_auth
				auth_param ntlm children 8 startup=1
			END
			;;
		negotiate)
			keytab "$folder/keytab" "$3"
			cat <<-END
				auth_param negotiate program $helpers/negotiate_kerberos_auth -k $folder/keytab -s HTTP/localhost@$REALM
				auth_param negotiate children 8 startup=1
			END
			;;
		wrapper)
			# What it offers is Negotiate alone, and means NTLM, too.
			keytab "$folder/keytab" "$3"
			cat <<-END
				auth_param negotiate program $helpers/negotiate_wrapper_auth --ntlm $helpers/ntlm_fake_auth --kerberos $helpers/negotiate_kerberos_auth -k $folder/keytab -s HTTP/localhost@$REALM
				auth_param negotiate children 8 startup=1
			END
			;;
		stale)
			# A nonce is, at its second use.
			echo 'auth_param digest nonce_max_count 0'
			;;
		close)
			echo 'client_persistent_connections off'
			[[ $kind != ntlm* ]] ||
				echo 'auth_param ntlm keep_alive off'
			;;
		esac
	done
	[[ $kind == none ]] || cat <<-END
		acl known proxy_auth REQUIRED
		http_access deny !known
	END
}

# squid_tls NAME CERTIFICATE [WORD...]: the lines for a port with TLS; exports it
# as NAME.
squid_tls() {
	local port address
	port=$(free_port)
	export "$1=$port"
	for address in 127.0.0.1 '[::1]'; do
		echo "https_port $address:$port tls-cert=$CERTS/$2.pem" \
			"tls-key=$CERTS/$2.key" "${@:3}"
	done
}

# squid_ports KIND PORT: the lines for what it listens on.
squid_ports() {
	local kind=$1 name
	if [[ $kind != tls* ]]; then
		printf 'http_port %s\n' "127.0.0.1:$2" "[::1]:$2"
		return
	fi
	name=SQUID_${kind^^}
	squid_tls "${name//-/_}" good
	[[ $kind == tls ]] || return 0
	for name in expired future other foreign self below; do
		squid_tls "SQUID_TLS_${name^^}" $name
	done
	squid_tls SQUID_TLS_12 good options=NO_TLSv1_3
	squid_tls SQUID_TLS_CLIENT good "clientca=$CA_FILE"
}

# start_squid [none|everything|tls|WORD-WORD...]: exports SQUID_NONE,
# SQUID_BASIC_CLOSE ...; see squid_auth.  "tls-WORD..." is behind TLS, "tls" is,
# without a login, on several ports: SQUID_TLS with the certificate "good",
# SQUID_TLS_EXPIRED ... with others, SQUID_TLS_12 without TLS 1.3, and
# SQUID_TLS_CLIENT, which demands a certificate.
start_squid() {
	local kind=${1:-none} name=squid-${1:-none} port user=proxy
	need squid ss
	port=$(free_port)
	((UID == 0)) || user=$(id -un)
	server_folder "$name" "$user"
	squid_ports "$kind" "$port" >"$DIR/$name/ports.conf"
	cat >"$DIR/$name/squid.conf" <<-END
		include $DIR/$name/ports.conf
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
		$(squid_auth "$kind" "$DIR/$name" "$user")
		http_access allow all
	END
	start "$name" env KRB5RCACHENAME="file2:$DIR/$name/replays" \
		squid -N -n "pt$port" -f "$DIR/$name/squid.conf"
	[[ $kind == tls* ]] || export_port squid "$kind" "$port"
	wait_port "$(sed -n '$s/^[^ ]* [^ ]*:\([0-9]*\).*/\1/p' \
		"$DIR/$name/ports.conf")" "$name"
}

# apache_auth KIND FOLDER USER: what stands in <Proxy>.
apache_auth() {
	case $1 in
	none | tls | tls-client)
		echo Require all granted
		return
		;;
	basic | tls-basic)
		password_file "$2/passwords" apache
		cat <<-END
			AuthType Basic
			AuthBasicProvider file
			AuthUserFile $2/passwords
		END
		;;
	digest | tls-digest)
		digest_file "$2/digests"
		cat <<-END
			AuthType Digest
			AuthDigestProvider file
			AuthUserFile $2/digests
		END
		;;
	ntlm | tls-ntlm)
		# It offers NTLM, and also Negotiate with NTLM in it.
		ntlm_file "$2/users"
		cat <<-END
			AuthType GSSAPI
			GssapiAllowedMech ntlmssp
			GssapiConnectionBound On
		END
		;;
	negotiate* | tls-negotiate)
		# A delegated ticket is left in a file.
		mkdir -p "$2/delegated"
		((UID != 0)) || chown "$3" "$2/delegated"
		keytab "$2/keytab" "$3"
		cat <<-END
			AuthType GSSAPI
			GssapiAllowedMech krb5
			GssapiCredStore keytab:$2/keytab
			GssapiDelegCcacheDir $2/delegated
		END
		[[ $1 != *-basic ]] || echo GssapiBasicAuth On
		;;
	esac
	echo AuthName test
	echo Require valid-user
}

# apache_tls KIND: the lines for TLS, "client" with a client's certificate.
apache_tls() {
	[[ $1 == tls* ]] || return 0
	cat <<-END
		SSLEngine on
		SSLCertificateFile $CERTS/apache.pem
		SSLCertificateKeyFile $CERTS/apache.key
	END
	[[ $1 != tls-client ]] || cat <<-END
		SSLCACertificateFile $CA_FILE
		SSLVerifyClient require
		SSLVerifyDepth 3
	END
}

# start_apache [none|basic|digest|ntlm|negotiate|negotiate-basic]: exports
# APACHE_NONE ...; also tls, tls-client, tls-basic, tls-digest, tls-ntlm,
# tls-negotiate, with the certificate "apache".
start_apache() {
	local kind=${1:-none} name=apache-${1:-none} port module preload=
	local modules=(mpm_event proxy proxy_connect authn_core authz_core
		authz_user)
	need apache2 ss
	port=$(free_port)
	server_folder "$name" www-data
	[[ $kind != tls* ]] || modules+=(ssl)
	case ${kind#tls-} in
	basic) modules+=(auth_basic authn_file) ;;
	digest) modules+=(auth_digest authn_file) ;;
	ntlm)
		modules+=(auth_gssapi)
		ntlm_shim "$DIR/$name/shim.so"
		preload=$DIR/$name/shim.so
		;;
	negotiate*) modules+=(auth_gssapi) ;;
	esac
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
			$(apache_tls "$kind")
			<Directory />
			  Require all denied
			</Directory>
			<Proxy "*">
			$(apache_auth "$kind" "$DIR/$name" www-data)
			</Proxy>
		END
	} >"$DIR/$name/httpd.conf"
	start "$name" env RES_OPTIONS='timeout:1 attempts:1' \
		${preload:+"LD_PRELOAD=$preload"} \
		NTLM_USER_FILE="$DIR/$name/users" \
		NETBIOS_COMPUTER_NAME=PROXY NETBIOS_DOMAIN_NAME="$NTLM_DOMAIN" \
		KRB5RCACHENAME="file2:$DIR/$name/replays" \
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

# sshd_shim: prints a library for an sshd: its user is at home in the server's
# folder, where no file of the machine's has a say, may have no shell, as nobody,
# and can't give a terminal to the group tty.
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
	local folder=$DIR/sshd key
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
	start sshd env LD_PRELOAD="$(sshd_shim)" \
		"$(command -v sshd)" -D -e -f "$folder/sshd_config"
	wait_port "$SSHD_PORT" sshd
	SSH_CONFIG=$folder/ssh_config
	export SSHD_PORT SSH_CONFIG
}
