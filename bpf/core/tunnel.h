/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tunnel.h - set(tunnel()): from the op TUN and its arguments to a tunnel key.
 * A run only keeps in mind where its TUN stands, because packets come and go
 * by tunnels seldom, and no stack has room for a key. The key is put together
 * when the packet leaves: execute_set_action() of net/openvswitch/actions.c
 * does it at once.
 */
#ifndef OVSXDP_BPF_TUNNEL_H
#define OVSXDP_BPF_TUNNEL_H

#include "bpf/core/rx.h"

#define OX_AF_INET  2
#define OX_AF_INET6 10

/* A TUN's arguments, one after the other. */
struct ox_tun_walk {
	struct ox_tun_key *to;
	__u32 slot; /* as OX_TUN_REF() */
	__u32 at;
	__u32 bad; /* the list ended before the arguments */
	__u32 pad;
};

/* The op that the walk is at, and past it. NULL: there is none. */
static __always_inline const struct ox_op *tier_tun_op(struct ox_tun_walk *w);

/* The same in lists in slots. */
static __always_inline const struct ox_op *tun_slot_op(struct ox_tun_walk *w)
{
	const struct ox_acts *a = acts_live(w->slot);

	if (a && w->at >= OX_ACTS_OPS) {
		w->slot = a->next;
		w->at -= OX_ACTS_OPS;
		a = acts_live(w->slot);
	}
	if (!a || w->at >= OX_ACTS_OPS)
		return NULL;
	return &a->ops[w->at++];
}

static long tun_arg_step(__u32 i, void *arg)
{
	struct ox_tun_walk *w = arg;
	const struct ox_op_tun_arg *op = (const void *)tier_tun_op(w);
	struct ox_tun *t = &w->to->tun;
	__u32 at;

	(void)i;
	if (!op || op->code != OX_OP_TUN_ARG) {
		w->bad = 1;
		return 1;
	}
	switch ((enum ox_tun_arg)op->what) {
	case OX_TUN_ARG_SRC6:
		t->x[1] = op->w[0];
		t->x[2] = op->w[1];
		break;
	case OX_TUN_ARG_DST6:
		t->x[3] = op->w[0];
		t->x[4] = op->w[1];
		break;
	case OX_TUN_ARG_PORTS:
		t->x[5] = op->w[0];
		break;
	case OX_TUN_ARG_OPTS:
		at = 6 + 2 * (op->at & 15);
		barrier_var(at);
		if (at < OX_TUN_WORDS - 1) {
			t->x[at] = op->w[0];
			t->x[at + 1] = op->w[1];
		}
		break;
	}
	return 0;
}

/* Words of IPv4: both addresses in the first. */
static __always_inline void tun_key_begin(struct ox_tun_key *to,
					  const struct ox_op_tun *op)
{
	to->w23 = 0;
	to->proto = op->flags & OX_OPF_TUN6 ? OX_AF_INET6 : OX_AF_INET;
	to->opts_len = op->opts_len;
	to->flags = op->tun_flags;
	to->tos = op->tos;
	to->ttl = op->ttl;
	to->tun.tun_id = op->tun_id;
	to->tun.x[1] = op->src | (__u64)op->dst << 32;
	to->tun.x[2] = 0;
	to->tun.x[3] = 0;
	to->tun.x[4] = 0;
	to->tun.x[5] = 0;
}

/* The key that is in force, the TUN of which is at slot and at. Options after
 * opts_len are anything. Not 0: no TUN is there. */
static __always_inline int tun_key_read(__u32 slot, __u32 at,
					struct ox_tun_key *to)
{
	struct ox_tun_walk w = { .to = to, .slot = slot, .at = at };
	const struct ox_op_tun *op = (const void *)tier_tun_op(&w);
	__u32 n;

	if (!op || op->code != OX_OP_TUN)
		return -1;
	tun_key_begin(to, op);
	n = op->n_args;
	if (n > OX_TUN_MAX_ARGS)
		return -1;
	if (n)
		ox_loop(n, tun_arg_step, &w);
	return w.bad ? -1 : 0;
}

#endif /* OVSXDP_BPF_TUNNEL_H */
