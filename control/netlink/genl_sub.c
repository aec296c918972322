// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_sub.c - who has joined which group. Multicast groups can't be the
 * daemon's (docs/facts.md, T4), so members are port ids, notified one by one.
 * The list is pinned memory when there is one: members outlive the daemon.
 */
#include "control/netlink/genl_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/log.h"

static bool in_use(const struct ox_sub *s)
{
	return OX_MCGRP_IS_OURS(s->group) && s->portid;
}

/* What a crash left half written is neither ours nor complete: freed. */
static void take_over(struct ox_genl *g)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < OX_MAX_SUBS; i++) {
		struct ox_sub *s = &g->subs[i];

		if (!in_use(s)) {
			memset(s, 0, sizeof(*s));
			continue;
		}
		g->subs_end = i + 1;
		n++;
	}
	if (n)
		ox_log_info("%u subscriptions taken over", n);
}

int ox_subs_open(struct ox_genl *g, struct ox_state_mem *state)
{
	if (state) {
		g->subs = state->subs;
		take_over(g);
		return 0;
	}
	g->own_subs = calloc(OX_MAX_SUBS, sizeof(*g->own_subs));
	g->subs = g->own_subs;
	return g->subs ? 0 : -ENOMEM;
}

static struct ox_sub *find(const struct ox_genl *g, uint32_t group,
			   uint32_t portid)
{
	for (uint32_t i = 0; i < g->subs_end; i++) {
		struct ox_sub *s = &g->subs[i];

		if (s->group == group && s->portid == portid)
			return s;
	}
	return NULL;
}

int ox_genl_subscribe(struct ox_genl *g, uint32_t group, uint32_t portid)
{
	if (!OX_MCGRP_IS_OURS(group) || !portid)
		return -EINVAL;
	if (find(g, group, portid))
		return 0;
	for (uint32_t i = 0; i < OX_MAX_SUBS; i++) {
		struct ox_sub *s = &g->subs[i];

		if (s->group)
			continue;
		s->portid = portid;
		__atomic_store_n(&s->group, group, __ATOMIC_RELEASE);
		if (i >= g->subs_end)
			g->subs_end = i + 1;
		return 0;
	}
	return -ENOSPC;
}

static void free_sub(struct ox_genl *g, struct ox_sub *s)
{
	__atomic_store_n(&s->group, 0, __ATOMIC_RELEASE);
	s->portid = 0;
	while (g->subs_end && !g->subs[g->subs_end - 1].group)
		g->subs_end--;
}

int ox_genl_unsubscribe(struct ox_genl *g, uint32_t group, uint32_t portid)
{
	struct ox_sub *s;

	if (!OX_MCGRP_IS_OURS(group))
		return -EINVAL;
	s = find(g, group, portid);
	if (s)
		free_sub(g, s);
	return 0;
}

void ox_subs_drop(struct ox_genl *g, uint32_t portid)
{
	for (uint32_t i = 0; i < g->subs_end; i++) {
		if (g->subs[i].group && g->subs[i].portid == portid)
			free_sub(g, &g->subs[i]);
	}
}

bool ox_must_notify(const struct ox_genl *g, const struct ox_req *req,
		    uint32_t group)
{
	if (req && (req->nlh->nlmsg_flags & NLM_F_ECHO))
		return true;
	for (uint32_t i = 0; i < g->subs_end; i++) {
		if (g->subs[i].group == group)
			return true;
	}
	return false;
}

struct ox_nlbuf *ox_notify_begin(struct ox_genl *g, struct ox_req *req,
				 const struct ox_genl_family *f, uint8_t cmd,
				 void **user_hdr)
{
	struct ox_nlbuf *b = &g->notify;

	b->len = 0;
	b->nlh = NULL;
	ox_nl_begin(b, f->id, 0, req ? req->nlh->nlmsg_seq : 0,
		    req ? req->portid : 0, cmd, f->version, f->hdrsize,
		    user_hdr);
	return b;
}

int ox_notify_send(struct ox_genl *g, struct ox_req *req, struct ox_nlbuf *b,
		   uint32_t group)
{
	bool echo = req && (req->nlh->nlmsg_flags & NLM_F_ECHO);

	if (b->nlh)
		ox_nl_end(b);
	for (uint32_t i = 0; i < g->subs_end; i++) {
		struct ox_sub *s = &g->subs[i];
		uint32_t portid = s->portid;

		if (s->group != group || (echo && portid == req->portid))
			continue;
		if (ox_client_send(g, portid, b->data, b->len) ==
		    -ECONNREFUSED) {
			ox_log_dbg("subscriber %u is gone", portid);
			ox_subs_drop(g, portid);
		}
	}
	if (!echo)
		return 0;
	return ox_client_send(g, req->portid, b->data, b->len);
}
