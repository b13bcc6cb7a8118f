/* optiontable.c -- all options, as getopt_long(3) wants them.  Floor 5. */
#include "optiontable.h"

#include <string.h>
#include <strings.h>

const char options_letters[] =
    ":f:ia:p:r:d:eEXWBLTzC:F:P:c:k:R:Nt:H:o:x:I46vqhV";

const struct option options_table[] = {
	{ "proxy", required_argument, NULL, 'p' },
	{ "dest", required_argument, NULL, 'd' },
	{ "remproxy", required_argument, NULL, 'r' },
	{ "for", required_argument, NULL, OPTION_FOR },
	{ "direct", no_argument, NULL, OPTION_DIRECT },
	{ "fdpass", no_argument, NULL, OPTION_FDPASS },
	{ "progress", no_argument, NULL, OPTION_PROGRESS },
	{ "inetd", no_argument, NULL, 'i' },
	{ "standalone", required_argument, NULL, 'a' },
	{ "max-tunnels", required_argument, NULL, OPTION_MAX_TUNNELS },
	{ "drain", required_argument, NULL, OPTION_DRAIN },
	{ "daemon", no_argument, NULL, OPTION_DAEMON },
	{ "pidfile", required_argument, NULL, OPTION_PIDFILE },
	{ "proxyauth", required_argument, NULL, 'P' },
	{ "remproxyauth", required_argument, NULL, 'R' },
	{ "passfile", required_argument, NULL, 'F' },
	{ "auth", required_argument, NULL, OPTION_AUTH },
	{ "password-command", required_argument, NULL,
	    OPTION_PASSWORD_COMMAND },
	{ "netrc", optional_argument, NULL, OPTION_NETRC },
	{ "spn", required_argument, NULL, OPTION_SPN },
	{ "delegate", no_argument, NULL, OPTION_DELEGATE },
	{ "ntlm", no_argument, NULL, 'N' },
	{ "domain", required_argument, NULL, 't' },
	{ "header", required_argument, NULL, 'H' },
	{ "host", required_argument, NULL, 'o' },
	{ "host-header", required_argument, NULL, 'o' },
	{ "ipv4", no_argument, NULL, '4' },
	{ "ipv6", no_argument, NULL, '6' },
	{ "connect-timeout", required_argument, NULL, OPTION_CONNECT_TIMEOUT },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "retry", required_argument, NULL, OPTION_RETRY },
	{ "idle-timeout", required_argument, NULL, OPTION_IDLE_TIMEOUT },
	{ "half-close", required_argument, NULL, OPTION_HALF_CLOSE },
	{ "linger", required_argument, NULL, OPTION_LINGER },
	{ "keepalive", required_argument, NULL, OPTION_KEEPALIVE },
	{ "encrypt", no_argument, NULL, 'e' },
	{ "encrypt-proxy", no_argument, NULL, 'E' },
	{ "encrypt-remproxy", no_argument, NULL, 'X' },
	{ "wa-bug-29744", no_argument, NULL, 'W' },
	{ "buggy-encrypt-proxy", no_argument, NULL, 'B' },
	{ "no-check-certificate", no_argument, NULL, 'z' },
	{ "cacert", required_argument, NULL, 'C' },
	{ "cert", required_argument, NULL, 'c' },
	{ "key", required_argument, NULL, 'k' },
	{ "pin", required_argument, NULL, OPTION_PIN },
	{ "sni", required_argument, NULL, OPTION_SNI },
	{ "no-sni", no_argument, NULL, 'I' },
	{ "alpn", required_argument, NULL, OPTION_ALPN },
	{ "tls-min", required_argument, NULL, OPTION_TLS_MIN },
	{ "ciphers", required_argument, NULL, OPTION_CIPHERS },
	{ "tlsenforce", no_argument, NULL, 'L' },
	{ "no-ssl3", no_argument, NULL, 'T' },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "repeat", required_argument, NULL, OPTION_REPEAT },
	{ "interval", required_argument, NULL, OPTION_INTERVAL },
	{ "scan", required_argument, NULL, OPTION_SCAN },
	{ "auth-info", no_argument, NULL, OPTION_AUTH_INFO },
	{ "config", required_argument, NULL, 'f' },
	{ "proctitle", required_argument, NULL, 'x' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	/* The old tool's abbreviations that younger options would take. */
	{ "de", required_argument, NULL, 'd' },
	{ "in", no_argument, NULL, 'i' },
	{ "pa", required_argument, NULL, 'F' },
	{ "pas", required_argument, NULL, 'F' },
	{ "pass", required_argument, NULL, 'F' },
	{ "ho", required_argument, NULL, 'o' },
	{ "hos", required_argument, NULL, 'o' },
	{ "s", required_argument, NULL, 'a' },
	{ "k", required_argument, NULL, 'k' },
	{ "ke", required_argument, NULL, 'k' },
	{ "t", no_argument, NULL, 'L' },
	{ "tl", no_argument, NULL, 'L' },
	{ "tls", no_argument, NULL, 'L' },
	{ NULL, 0, NULL, 0 },
};

const struct option *
options_find(struct span keyword)
{
	const struct option *o;
	const char *name;
	size_t i;

	/* What is behind the version are abbreviations. */
	for (o = options_table; o->val != 'V'; o++) {
		name = o->name;
		for (i = 0; i < keyword.n; i++) {
			if (keyword.p[i] == '-')
				continue;
			name += *name == '-';
			if (strncasecmp(name, keyword.p + i, 1) != 0)
				break;
			name++;
		}
		if (i == keyword.n && *name == '\0')
			return o;
	}
	return NULL;
}

const char *
options_near(struct span name)
{
	size_t distance, best = name.n / 3 < 3 ? name.n / 3 + 1 : 4;
	const struct option *o = options_table;
	const char *found = NULL;

	/* What is behind the version are abbreviations. */
	do {
		distance = text_distance(name, span_of(o->name));
		if (distance < best) {
			best = distance;
			found = o->name;
		}
	} while (o++->val != 'V');
	return found;
}
