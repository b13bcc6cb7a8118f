/*
 * resolver.h -- getaddrinfo(3), played by the test: instead of libc's own, in
 * the one file that includes this.
 */
#ifndef RESOLVER_H
#define RESOLVER_H

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define RESOLVER_MAX 8 /* addresses in an answer */

static pthread_mutex_t resolver_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t resolver_moves = PTHREAD_COND_INITIALIZER;
static int resolver_held;		/* answers wait */
static const char *resolver_says = "";	/* IPv4, a blank between them */
static int resolver_fails = EAI_NONAME; /* with that where it says nothing */
static atomic_int resolver_asked, resolver_lists; /* out, not given back */
static atomic_int resolver_answered;

/* Lets the answers go, or holds them back. */
static void
resolver_hold(int on)
{
	pthread_mutex_lock(&resolver_lock);
	resolver_held = on;
	pthread_cond_broadcast(&resolver_moves);
	pthread_mutex_unlock(&resolver_lock);
}

static struct addrinfo *
resolver_address(const char *text)
{
	struct sockaddr_in *at = calloc(1, sizeof *at);
	struct addrinfo *a = calloc(1, sizeof *a);

	if (at == NULL || a == NULL)
		abort();
	at->sin_family = AF_INET;
	if (inet_pton(AF_INET, text, &at->sin_addr) != 1)
		abort();
	a->ai_family = AF_INET;
	a->ai_socktype = SOCK_STREAM;
	a->ai_addr = (struct sockaddr *)at;
	a->ai_addrlen = sizeof *at;
	return a;
}

int
getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
    struct addrinfo **list)
{
	char says[RESOLVER_MAX * INET_ADDRSTRLEN], *word, *rest = NULL;
	int rc = resolver_fails;

	(void)host;
	(void)service;
	(void)hints;
	resolver_asked++;
	pthread_mutex_lock(&resolver_lock);
	while (resolver_held)
		pthread_cond_wait(&resolver_moves, &resolver_lock);
	strncpy(says, resolver_says, sizeof says - 1);
	says[sizeof says - 1] = '\0';
	pthread_mutex_unlock(&resolver_lock);
	for (word = strtok_r(says, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		*list = resolver_address(word);
		list = &(*list)->ai_next;
		resolver_lists += rc != 0;
		rc = 0;
	}
	resolver_answered++;
	return rc;
}

void
freeaddrinfo(struct addrinfo *list)
{
	struct addrinfo *next;

	resolver_lists--;
	for (; list != NULL; list = next) {
		next = list->ai_next;
		free(list->ai_addr);
		free(list);
	}
}

#endif
