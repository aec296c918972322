// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * portids.c - which socket had a port id last. Nothing says that a socket is
 * closed (a filter on close(2) would cost every file), and programs get the
 * same port id again and again: their process id. So when another socket comes
 * with it, the daemon hears first that the former is gone, and drops its dump
 * and subscriptions. Entries that fall to the same place displace each other:
 * the daemon finds out by itself, only later.
 */
#include "seccomp.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "control/preload/preload.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

#define PLACES 1024

static struct entry {
	uint64_t netns, cookie;
	uint32_t portid;
	int protocol;
} entries[PLACES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct entry identify(const struct ox_call *c, uint32_t portid)
{
	struct entry e = { .netns = c->netns,
			   .portid = portid,
			   .protocol = c->protocol };
	socklen_t len = sizeof(e.cookie);

	getsockopt(c->sock, SOL_SOCKET, SO_COOKIE, &e.cookie, &len);
	return e;
}

/* Each protocol has port ids of its own, and programs have the same one of
 * both. */
static struct entry *place(const struct ox_call *c, uint32_t portid)
{
	return &entries[(portid + 511u * (uint32_t)c->protocol) % PLACES];
}

void ox_portids_note(const struct ox_call *c, uint32_t portid)
{
	struct entry e = identify(c, portid);

	pthread_mutex_lock(&lock);
	*place(c, portid) = e;
	pthread_mutex_unlock(&lock);
}

/* What the daemon sent to the former socket: this one has asked nothing yet. */
static void drain(uint64_t netns, int sock)
{
	struct sockaddr_nl from = { 0 };
	socklen_t len = sizeof(from);

	while (recvfrom(sock, NULL, 0, MSG_PEEK | MSG_DONTWAIT,
			(struct sockaddr *)&from, &len) >= 0 &&
	       ox_known(netns, from.nl_pid)) {
		recv(sock, NULL, 0, MSG_DONTWAIT);
		len = sizeof(from);
	}
}

bool ox_portids_noted(const struct ox_call *c, uint32_t portid)
{
	struct entry e = identify(c, portid);
	const struct entry *at = place(c, portid);
	bool noted;

	pthread_mutex_lock(&lock);
	noted = at->portid == portid && at->netns == e.netns &&
		at->protocol == e.protocol && at->cookie == e.cookie;
	pthread_mutex_unlock(&lock);
	return noted;
}

void ox_portids_check(const struct ox_call *c, uint32_t portid)
{
	struct ox_side_call call = { .cmd = OX_CMD_FORGET, .portid = portid };
	struct entry e = identify(c, portid);
	struct entry *at = place(c, portid);
	bool stale;

	pthread_mutex_lock(&lock);
	stale = at->portid == portid && at->netns == e.netns &&
		at->protocol == e.protocol && at->cookie != e.cookie;
	if (stale)
		memset(at, 0, sizeof(*at));
	pthread_mutex_unlock(&lock);
	if (!stale || ox_caller_netns(c))
		return;
	if (c->protocol != NETLINK_GENERIC)
		call.protocol = (uint32_t)c->protocol;
	ox_side_ask(c->netns, -1, &call, NULL);
	drain(c->netns, c->sock);
}
