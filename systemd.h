/*
 * systemd.h -- what a service manager hands over and wants to hear:
 * sd_listen_fds(3), sd_notify(3).  Floor 2.
 */
#ifndef SYSTEMD_H
#define SYSTEMD_H

#define SYSTEMD_FIRST 3 /* the first descriptor that is handed over */

/*
 * How many sockets this very process was given, from SYSTEMD_FIRST on; from
 * now on no other program inherits them.  env as getenv(3).
 */
int systemd_sockets(char *(*env)(const char *));

/* Is that socket a connection, and not one that listens? */
int systemd_is_connection(int fd);

/* Does standard error lead to the journal, which puts the time there? */
int systemd_has_journal(char *(*env)(const char *));

/*
 * Tells the manager, in its words such as "READY=1", at the address that the
 * environment has; NULL: there is nobody to tell.
 */
void systemd_notify(const char *address, const char *words);

/* The same for the begin of a reload, which wants the time with it. */
void systemd_notify_reload(const char *address);

#endif
