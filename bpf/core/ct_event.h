/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_event.h - telling those who listen what happens to connections:
 * nf_conntrack_ecache.c. What a packet changes is noted in the entry, and told
 * by a packet that meets ct(commit), as the module does. The end of a
 * connection is told at once. As long as nobody listens nothing is noted.
 */
#ifndef OVSXDP_BPF_CT_EVENT_H
#define OVSXDP_BPF_CT_EVENT_H

#include "bpf/core/ct_ctx.h"

/* nf_ct_ecache_ext_add(): the mask of a new connection, without an action's. */
static __always_inline __u16 ct_event_mask(const struct ox_ct_conf *cf)
{
	if ((cf->flags & OX_CT_CONF_NO_EVENTS) ||
	    !(cf->flags & (OX_CT_CONF_EVENTS | OX_CT_CONF_LISTEN)))
		return 0;
	return OX_CT_EV_TELLS | OX_CT_EV_ALL;
}

/* nf_conntrack_event_cache(). Under the entry's lock. */
static __always_inline void
ct_event_note(struct ox_ct *e, const struct ox_ct_conf *cf, __u16 what)
{
	if ((cf->flags & OX_CT_CONF_LISTEN) && e->eventmask)
		e->events |= what;
}

/* A connection that isn't given up for others. Under its lock. */
static __always_inline void ct_assured(struct ox_ct *e,
				       const struct ox_ct_conf *cf)
{
	if (e->status & OX_IPS_ASSURED)
		return;
	e->status |= OX_IPS_ASSURED;
	ct_event_note(e, cf, OX_CT_EV_ASSURED);
}

/* Is anybody to be told? */
static __always_inline int
ct_event_heard(const struct ox_ct *e, const struct ox_ct_conf *cf, __u16 what)
{
	__u16 mask = e->eventmask;

	return (cf->flags & OX_CT_CONF_LISTEN) && (mask & OX_CT_EV_TELLS) &&
	       (mask & what & OX_CT_EV_ALL);
}

static __always_inline void ct_event_head(struct ox_ct_event *ev, __u32 what,
					  __u32 idx, __u32 portid)
{
	ev->what = what;
	ev->idx = idx;
	ev->now = ct_now();
	ev->portid = portid;
	ev->now_ns = ct_now_ns();
}

/* A loop, as it is rare: the programs are large enough. */
static __always_inline void ct_event_copy(struct ox_ct_event *ev,
					  const void *from, __u32 size)
{
	const __u64 *w = from;
	__u64 *to = (__u64 *)&ev->e;
	__u32 i;

	OX_ROLLED
	for (i = 0; i < size / 8; i++)
		to[i] = w[i];
}

/* Tells of the entry in place idx, as it is now. The caller knows that it is
 * the one he means, or has it to himself. */
__noinline int ox_ct_tell(__u32 idx, __u32 what, __u32 portid)
{
	const struct ox_ct *e = tbl_ct(idx);
	struct ox_ct_event *ev = e ? tbl_ct_event() : NULL;

	if (!ev) {
		ct_count(OX_CT_S_EVENT_LOST);
		return -1;
	}
	ct_event_head(ev, what, idx, portid);
	ct_event_copy(ev, e, sizeof(*e));
	tbl_ct_event_send(ev);
	return 0;
}

#endif /* OVSXDP_BPF_CT_EVENT_H */
