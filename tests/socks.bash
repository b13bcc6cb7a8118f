# socks.bash -- servers of SOCKS, and proxies at sockets of unix.  Needs
# servers.bash.

# users_shim: prints a library for a server that asks the system for users and
# their passwords: PLAIN_USER, ODD_USER and UTF8_USER, and nobody else has one.
users_shim() {
	local library=$1 pair
	need "${CC:-cc}" openssl
	{
		echo 'static const char *const users[][2] = {'
		for pair in PLAIN ODD UTF8; do
			local user=${pair}_USER password=${pair}_PASSWORD
			printf '{ "%s", "%s" },\n' "${!user}" \
				"$(openssl passwd -6 -- "${!password}")"
		done
		cat <<-'END'
			{ 0, 0 } };

			#define _GNU_SOURCE
			#include <dlfcn.h>
			#include <pwd.h>
			#include <shadow.h>
			#include <string.h>

			static const char *
			password_of(const char *name)
			{
				int i;

				for (i = 0; users[i][0] != NULL; i++)
					if (strcmp(users[i][0], name) == 0)
						return users[i][1];
				return NULL;
			}

			struct passwd *
			getpwnam(const char *name)
			{
				static char none[] = "x", root[] = "/";
				static struct passwd user;
				struct passwd *(*next)(const char *);

				if (password_of(name) == NULL) {
					next = (struct passwd * (*)(const char *))
					    dlsym(RTLD_NEXT, "getpwnam");
					return next(name);
				}
				user.pw_name = (char *)name;
				user.pw_passwd = none;
				user.pw_uid = user.pw_gid = 65534;
				user.pw_dir = user.pw_shell = user.pw_gecos = root;
				return &user;
			}

			struct spwd *
			getspnam(const char *name)
			{
				static struct spwd user;

				user.sp_namp = (char *)name;
				user.sp_pwdp = (char *)password_of(name);
				return user.sp_pwdp != NULL ? &user : NULL;
			}
		END
	} | "${CC:-cc}" -shared -fPIC -o "$library" -x c -
	echo "$library"
}

# start_dante [none|password]: SOCKS 4, 4a and 5, on 127.0.0.1 and ::1; exports
# DANTE_NONE ...
start_dante() {
	local kind=${1:-none} name=dante-${1:-none} port method=none preload=
	local user
	need danted ss
	port=$(free_port)
	user=$(id -un)
	server_folder "$name" "$user"
	if [[ $kind == password ]]; then
		method=username
		preload=$(users_shim "$DIR/$name/shim.so")
	fi
	cat >"$DIR/$name/danted.conf" <<-END
		logoutput: stderr
		internal: 127.0.0.1 port = $port
		internal: ::1 port = $port
		external: 127.0.0.1
		external: ::1
		clientmethod: none
		socksmethod: $method
		user.privileged: $user
		user.unprivileged: $user
		client pass {
			from: 0/0 to: 0/0
		}
		socks pass {
			from: 0/0 to: 0/0
			command: connect
			log: connect error
		}
	END
	start "$name" env TMPDIR="$DIR/$name" RES_OPTIONS='timeout:1 attempts:1' \
		${preload:+"LD_PRELOAD=$preload"} danted -N 1 \
		-f "$DIR/$name/danted.conf" -p "$DIR/$name/pid"
	wait_port "$port" "$name"
	export_port dante "$kind" "$port"
}

# start_ssh: a client with the sshd of start_sshd.  Exports SSH_SOCKS, a port of
# 127.0.0.1 and ::1 with SOCKS 4, 4a and 5, SOCKS_SOCKET, a unix socket with
# the same, and HTTP_SOCKET, one that leads to the port HTTP.
start_ssh() {
	local http=$1
	need ssh
	SSH_SOCKS=$(free_port)
	export SSH_SOCKS SOCKS_SOCKET=$DIR/socks.sock
	export HTTP_SOCKET=$DIR/http.sock
	start ssh ssh -F "$SSH_CONFIG" -N -D "127.0.0.1:$SSH_SOCKS" \
		-D "[::1]:$SSH_SOCKS" -D "$SOCKS_SOCKET" \
		-L "$HTTP_SOCKET:127.0.0.1:$http" 127.0.0.1
	wait_port "$SSH_SOCKS" ssh
	wait_until 10 test -S "$HTTP_SOCKET"
}
