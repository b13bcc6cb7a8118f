/* route.c -- where a tunnel goes.  Floor 3. */
#include "route.h"

#include <stdlib.h>

#define NAME_MAX_BYTES 2048 /* a host, brackets and a port fit */

static char *
name_of(const struct endpoint *e)
{
	struct buf b;
	char *name = NULL;

	buf_init(&b, NAME_MAX_BYTES);
	if (endpoint_authority(e, &b) == 0)
		name = secret_of(&b);
	buf_free(&b);
	return name;
}

int
route_complete(struct route *r)
{
	size_t i;

	r->target_name = name_of(&r->target);
	if (r->target_name == NULL)
		return -1;
	for (i = 0; i < r->nhops; i++) {
		r->hops[i].name = name_of(&r->hops[i].at);
		if (r->hops[i].name == NULL)
			return -1;
		r->hops[i].ask.credentials = &r->hops[i].credentials;
		if (i > 0)
			r->hops[i - 1].ask.authority = r->hops[i].name;
	}
	if (i > 0)
		r->hops[i - 1].ask.authority = r->target_name;
	return 0;
}

void
route_free(struct route *r)
{
	size_t i;

	for (i = 0; i < r->nhops; i++) {
		endpoint_free(&r->hops[i].at);
		credentials_free(&r->hops[i].credentials);
		free(r->hops[i].name);
	}
	free(r->hops);
	r->hops = NULL;
	r->nhops = 0;
	endpoint_free(&r->target);
	free(r->target_name);
	r->target_name = NULL;
}

const struct endpoint *
route_first(const struct route *r)
{
	return r->nhops > 0 ? &r->hops[0].at : &r->target;
}

const char *
route_first_name(const struct route *r)
{
	return r->nhops > 0 ? r->hops[0].name : r->target_name;
}

struct handshake *
route_handshake(const struct route *r, size_t hop)
{
	return http_connect(&r->hops[hop].ask);
}
