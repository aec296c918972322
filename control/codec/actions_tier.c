// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_tier.c - which tier can do what is in a list. XDP owns one frame and
 * can send it once. The skb tier can copy, but not move headers. User space can
 * do all.
 */
#include <stdio.h>
#include <stdlib.h>

#include "control/codec/actions_int.h"
#include "ovsxdp/cleanup.h"

enum tier { TIER_NONE, TIER_XDP, TIER_SKB, TIER_USER };

static const char *const op_names[OX_OP_MAX] = {
	[OX_OP_OUTPUT] = "output",
	[OX_OP_USERSPACE] = "userspace",
	[OX_OP_CLONE] = "clone",
	[OX_OP_TRUNC] = "trunc",
	[OX_OP_SET_PRIORITY] = "set(skb_priority)",
	[OX_OP_SET_MARK] = "set(skb_mark)",
	[OX_OP_PUSH_MPLS] = "push_mpls",
	[OX_OP_ADD_MPLS] = "add_mpls",
	[OX_OP_POP_MPLS] = "pop_mpls",
	[OX_OP_PUSH_ETH] = "push_eth",
	[OX_OP_POP_ETH] = "pop_eth",
	[OX_OP_PUSH_NSH] = "push_nsh",
	[OX_OP_POP_NSH] = "pop_nsh",
	[OX_OP_TUN] = "set(tunnel)",
};

static bool moves_head(uint8_t code)
{
	return ox_op_traits(code) & OX_TRAIT_MOVES_HEAD;
}

/* XDP cuts a frame only for the output that comes right after it, the last
 * one. */
static bool cuts_last_output(const struct ox_op *ops, uint32_t n, uint32_t i)
{
	return i + 1 < n && ops[i + 1].code == OX_OP_OUTPUT &&
	       (ops[i + 1].flags & OX_OPF_LAST);
}

static bool xdp_can(const struct ox_op *ops, uint32_t n, uint32_t i)
{
	switch ((enum ox_opcode)ops[i].code) {
	case OX_OP_OUTPUT:
	case OX_OP_USERSPACE:
		return ops[i].flags & OX_OPF_LAST;
	case OX_OP_TRUNC:
		return cuts_last_output(ops, n, i);
	case OX_OP_CLONE:
	case OX_OP_SET_PRIORITY:
	case OX_OP_SET_MARK:
	case OX_OP_PUSH_NSH:
	case OX_OP_TUN:
		return false;
	case OX_OP_SET_ETH_DST:
	case OX_OP_SET_ETH_SRC:
	case OX_OP_HASH:
	case OX_OP_SET_IPV4_SRC:
	case OX_OP_SET_IPV4_DST:
	case OX_OP_SET_IPV4_TOS:
	case OX_OP_SET_IPV4_TTL:
	case OX_OP_SET_IPV6_SRC:
	case OX_OP_SET_IPV6_DST:
	case OX_OP_SET_IPV6_TCLASS:
	case OX_OP_SET_IPV6_LABEL:
	case OX_OP_SET_IPV6_HLIMIT:
	case OX_OP_SET_TP_SRC:
	case OX_OP_SET_TP_DST:
	case OX_OP_PUSH_VLAN:
	case OX_OP_POP_VLAN:
	case OX_OP_SET_MPLS:
	case OX_OP_SET_NSH:
	case OX_OP_PUSH_MPLS:
	case OX_OP_ADD_MPLS:
	case OX_OP_POP_MPLS:
	case OX_OP_PUSH_ETH:
	case OX_OP_POP_ETH:
	case OX_OP_POP_NSH:
	case OX_OP_END:
	case OX_OP_SAMPLE:
	case OX_OP_CHECK_LEN:
	case OX_OP_JUMP:
	case OX_OP_DEC_TTL:
	case OX_OP_RECIRC:
	case OX_OP_METER:
	case OX_OP_DROP:
	case OX_OP_GROUP:
	case OX_OP_CT:
	case OX_OP_CT_ARG:
	case OX_OP_CT_CLEAR:
	case OX_OP_TUN_ARG:
	case OX_OP_REFUSE:
		return true;
	}
	return true;
}

/* After a CHECK_LEN come its two branches: at the op after the second. */
static uint32_t join(const struct ox_op *ops, uint32_t n, uint32_t i)
{
	uint32_t to = i + 1 + ops[i].arg;

	/* only this op's first branch can end in a jump over its second */
	if (ops[i].code == OX_OP_CHECK_LEN && to <= n && to > i + 1 &&
	    ops[to - 1].code == OX_OP_JUMP)
		return to + ops[to - 1].arg;
	return to;
}

static bool has_op(const struct ox_op *ops, uint32_t n, uint8_t code)
{
	for (uint32_t i = 0; i < n; i++)
		if (ops[i].code == code)
			return true;
	return false;
}

/*
 * OX_ACTS_SKB: an op that every packet meets is none for XDP, so XDP would only
 * do the first half. But a list that moves headers in front of it does better
 * to start there, as the skb tier can't. Not so if user space is told of the
 * packet, with the key that the list began with. A list that sets a tunnel in
 * some branch starts there, too: XDP can't hand down which one is in force.
 */
uint32_t ox_actions_flags(const struct ox_op *ops, uint32_t n)
{
	bool moved = false;
	uint32_t next;

	if (has_op(ops, n, OX_OP_TUN))
		return OX_ACTS_SKB;
	for (uint32_t i = 0; i < n && !moved; i = next) {
		if (ops[i].code == OX_OP_GROUP)
			return 0; /* and that's the end */
		if (!xdp_can(ops, n, i))
			return ops[i].code == OX_OP_PUSH_NSH ? 0 : OX_ACTS_SKB;
		next = i + 1;
		if (ops[i].code == OX_OP_SAMPLE ||
		    ops[i].code == OX_OP_CHECK_LEN ||
		    ops[i].code == OX_OP_DEC_TTL)
			next = join(ops, n, i);
		else if (ops[i].code == OX_OP_JUMP)
			next = i + 1 + ops[i].arg;
		for (uint32_t k = i; k < next && k < n; k++)
			moved = moved || moves_head(ops[k].code);
	}
	return moved && has_op(ops, n, OX_OP_USERSPACE) ? OX_ACTS_SKB : 0;
}

/* ---- for people ---- */

/* The lowest tier in which packets can be when they come to each op. */
struct walk {
	const struct ox_op *ops;
	uint32_t n;
	uint8_t *at;	/* [n + 1]: enum tier; NONE: no way leads there */
	uint8_t *depth; /* [n + 1]: branch copies around it */
	uint32_t first[TIER_USER + 1]; /* op that moved down to it */
};

static void reach(struct walk *w, uint32_t i, uint8_t tier)
{
	if (i <= w->n && w->at[i] < tier)
		w->at[i] = tier;
}

static enum tier tier_behind(struct walk *w, uint32_t i)
{
	enum tier t = w->at[i];

	if (t == TIER_XDP && !xdp_can(w->ops, w->n, i)) {
		t = TIER_SKB;
		if (w->first[t] == OX_NONE)
			w->first[t] = i;
	}
	if (t == TIER_SKB &&
	    (moves_head(w->ops[i].code) ||
	     (w->ops[i].code == OX_OP_CLONE && w->depth[i] >= OX_MAX_DEPTH))) {
		t = TIER_USER;
		if (w->first[t] == OX_NONE)
			w->first[t] = i;
	}
	return t;
}

/* A branch copy that goes down alone leaves the original where it is. */
static void reach_next(struct walk *w, uint32_t i, enum tier t)
{
	const struct ox_op *op = &w->ops[i];

	switch ((enum ox_opcode)op->code) {
	case OX_OP_END:
	case OX_OP_RECIRC:
	case OX_OP_DROP:
	case OX_OP_REFUSE:
		return;
	case OX_OP_CLONE:
		for (uint32_t k = i + 1; k <= i + op->arg && k < w->n; k++)
			w->depth[k]++;
		reach(w, i + 1 + op->arg, t);
		break;
	case OX_OP_SAMPLE:
	case OX_OP_CHECK_LEN:
	case OX_OP_DEC_TTL:
		reach(w, i + 1 + op->arg, t);
		break;
	case OX_OP_JUMP:
		reach(w, i + 1 + op->arg, t);
		return;
	case OX_OP_GROUP:
		if (t == TIER_XDP)
			return; /* it did all that follows */
		break;
	case OX_OP_OUTPUT:
	case OX_OP_USERSPACE:
	case OX_OP_METER:
	case OX_OP_SET_ETH_DST:
	case OX_OP_SET_ETH_SRC:
	case OX_OP_SET_PRIORITY:
	case OX_OP_SET_MARK:
	case OX_OP_HASH:
	case OX_OP_TRUNC:
	case OX_OP_SET_IPV4_SRC:
	case OX_OP_SET_IPV4_DST:
	case OX_OP_SET_IPV4_TOS:
	case OX_OP_SET_IPV4_TTL:
	case OX_OP_SET_IPV6_SRC:
	case OX_OP_SET_IPV6_DST:
	case OX_OP_SET_IPV6_TCLASS:
	case OX_OP_SET_IPV6_LABEL:
	case OX_OP_SET_IPV6_HLIMIT:
	case OX_OP_SET_TP_SRC:
	case OX_OP_SET_TP_DST:
	case OX_OP_PUSH_VLAN:
	case OX_OP_POP_VLAN:
	case OX_OP_SET_MPLS:
	case OX_OP_SET_NSH:
	case OX_OP_PUSH_MPLS:
	case OX_OP_ADD_MPLS:
	case OX_OP_POP_MPLS:
	case OX_OP_PUSH_ETH:
	case OX_OP_POP_ETH:
	case OX_OP_PUSH_NSH:
	case OX_OP_POP_NSH:
	case OX_OP_CT:
	case OX_OP_CT_ARG:
	case OX_OP_CT_CLEAR:
	case OX_OP_TUN:
	case OX_OP_TUN_ARG:
		break;
	}
	reach(w, i + 1, t);
}

static int add_words(char *why, size_t size, const struct ox_op *op,
		     const char *what)
{
	const char *name = op_names[op->code];
	int n = (int)strlen(why);

	return snprintf(why + n, size - (size_t)n, "%s%s%s", n ? "; " : "",
			name ? name : "an op", what);
}

static void words(const struct walk *w, char *why, size_t size)
{
	uint32_t skb = w->first[TIER_SKB], user = w->first[TIER_USER];
	const char *what = "";

	if (!size)
		return;
	why[0] = '\0';
	if (skb != OX_NONE) {
		if (w->ops[skb].code == OX_OP_OUTPUT ||
		    w->ops[skb].code == OX_OP_USERSPACE)
			what = " isn't the last use of the packet";
		else if (w->ops[skb].code == OX_OP_TRUNC)
			what = " isn't for the last output";
		else
			what = " is none of XDP's";
		if (skb != user)
			add_words(why, size, &w->ops[skb], what);
	}
	if (user == OX_NONE)
		return;
	if (w->ops[user].code == OX_OP_CLONE)
		what = " is nested too deep for the skb tier";
	else if (w->ops[user].code == OX_OP_PUSH_NSH)
		what = " is user space's";
	else
		what = " behind it is none of the skb tier's";
	add_words(why, size, &w->ops[user], what);
}

void ox_actions_tier(const struct ox_actions *a, const char **tier, char *why,
		     size_t size)
{
	static const char *const names[] = { "", "xdp", "skb", "user" };
	_cleanup_free_ uint8_t *state = calloc(a->n_ops + 1, 2);
	struct walk w = { .ops = a->ops, .n = a->n_ops };
	enum tier lowest = TIER_XDP, t;

	*tier = names[TIER_USER];
	if (size)
		snprintf(why, size, "%s", state ? "userspace" : "no memory");
	if (!state || a->kind == OX_ACT_USER)
		return;
	w.at = state;
	w.depth = state + a->n_ops + 1;
	for (t = TIER_NONE; t <= TIER_USER; t++)
		w.first[t] = OX_NONE;
	w.at[0] = TIER_XDP;
	for (uint32_t i = 0; i < w.n; i++) {
		if (w.at[i] == TIER_NONE)
			continue;
		t = tier_behind(&w, i);
		if (t > lowest)
			lowest = t;
		reach_next(&w, i, t);
	}
	words(&w, why, size);
	*tier = names[lowest];
}
