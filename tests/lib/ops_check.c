// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ops_check.c - see ops_check.h. Walks every way through the list: an op is
 * reached from others with the end of the branch copy that it stands in.
 */
#include "tests/lib/ops_check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/codec/key_attr.h"
#include "ovsxdp/uapi.h"

struct walk {
	const struct ox_actions *a;
	uint32_t *end; /* [n_ops]: of the branch around it; 0: not reached */
	const char *why;
	uint32_t at;
};

static void bad(struct walk *w, uint32_t at, const char *why)
{
	if (!w->why) {
		w->why = why;
		w->at = at;
	}
}

static bool uses_packet(uint8_t code)
{
	return code == OX_OP_OUTPUT || code == OX_OP_USERSPACE ||
	       code == OX_OP_RECIRC || code == OX_OP_METER ||
	       code == OX_OP_DROP || code == OX_OP_CT || code == OX_OP_REFUSE;
}

static bool is_edit(uint8_t code)
{
	return (code >= OX_OP_SET_ETH_DST && code <= OX_OP_LAST_EDIT) ||
	       code == OX_OP_HASH || code == OX_OP_TRUNC || code == OX_OP_TUN ||
	       code == OX_OP_TUN_ARG;
}

/* The places that can follow op i, at most two; the branch of a CLONE isn't
 * one of them. */
static int next_of(const struct walk *w, uint32_t i, uint32_t *to)
{
	const struct ox_op *op = &w->a->ops[i];
	uint32_t target = i + 1 + op->arg;

	to[0] = i + 1;
	to[1] = target;
	switch (op->code) {
	case OX_OP_END:
	case OX_OP_RECIRC:
	case OX_OP_DROP:
		return 0;
	case OX_OP_JUMP:
	case OX_OP_CLONE:
		to[0] = target;
		return 1;
	case OX_OP_SAMPLE:
	case OX_OP_CHECK_LEN:
	case OX_OP_DEC_TTL:
		return 2;
	}
	return 1;
}

static bool has_skip(uint8_t code)
{
	return code == OX_OP_CLONE || code == OX_OP_SAMPLE ||
	       code == OX_OP_CHECK_LEN || code == OX_OP_JUMP ||
	       code == OX_OP_DEC_TTL;
}

static void reach(struct walk *w, uint32_t from, uint32_t to, uint32_t end)
{
	if (to > end)
		bad(w, from, "skips out of its branch");
	else if (to < end && w->end[to] && w->end[to] != end)
		bad(w, from, "skips into another branch");
	else if (to < end)
		w->end[to] = end;
}

static void check_attr(struct walk *w, uint32_t i, uint16_t type)
{
	uint32_t off = w->a->ops[i].arg;
	const struct nlattr *a = (void *)((uint8_t *)w->a->nla + off);

	if (off >= w->a->nla_len || off % NLA_ALIGNTO ||
	    !mnl_attr_ok(a, (int)(w->a->nla_len - off)) ||
	    mnl_attr_get_type(a) != type)
		bad(w, i, "names no such attribute");
}

static bool recirculates(const struct ox_op *ops, uint32_t n)
{
	while (n && ops[n - 1].code != OX_OP_RECIRC)
		n--;
	return n;
}

/* A TUN has its arguments right after it, each once, and what they are for. */
static void check_tun(struct walk *w, uint32_t i)
{
	const struct ox_op_tun *t = (const void *)&w->a->ops[i];
	uint32_t six = t->flags & OX_OPF_TUN6 ? 2 : 0;
	uint32_t opts = (t->opts_len + 15u) / 16, n = t->n_args;

	if (t->flags & ~OX_OPF_TUN6)
		bad(w, i, "flags that a TUN can't have");
	if (n < six + opts || n > six + opts + 1 || n > OX_TUN_MAX_ARGS ||
	    i + 1 + n > w->a->n_ops) {
		bad(w, i, "TUN with another number of arguments");
		return;
	}
	for (uint32_t k = 0; k < n; k++) {
		const struct ox_op_tun_arg *arg =
			(const void *)&w->a->ops[i + 1 + k];
		uint32_t want = k >= n - opts ? OX_TUN_ARG_OPTS
				: k < six     ? OX_TUN_ARG_SRC6 + k
					      : OX_TUN_ARG_PORTS;

		if (arg->code != OX_OP_TUN_ARG || arg->what != want ||
		    (want == OX_TUN_ARG_OPTS && arg->at != k - (n - opts)))
			bad(w, i + 1 + k, "argument of a TUN out of place");
	}
	if (!six && !t->dst)
		bad(w, i, "TUN without a destination");
}

static bool in_tun(const struct walk *w, uint32_t i)
{
	uint32_t at = i;

	while (at && w->a->ops[at].code == OX_OP_TUN_ARG)
		at--;
	return w->a->ops[at].code == OX_OP_TUN &&
	       i - at <= ((const struct ox_op_tun *)&w->a->ops[at])->n_args;
}

static void check_op(struct walk *w, uint32_t i)
{
	const struct ox_op *op = &w->a->ops[i];

	if (op->code >= OX_OP_MAX)
		bad(w, i, "unknown op");
	if (op->code == OX_OP_TUN) {
		check_tun(w, i);
		return;
	}
	if (op->code == OX_OP_CT || op->code == OX_OP_CT_ARG)
		return; /* laid out otherwise */
	if (op->code == OX_OP_TUN_ARG) {
		if (!in_tun(w, i))
			bad(w, i, "argument of no TUN");
		return;
	}
	if (has_skip(op->code) && i + 1 + (uint64_t)op->arg > w->a->n_ops) {
		bad(w, i, "skips out of the list");
		return;
	}
	if (has_skip(op->code) && !op->arg && op->code != OX_OP_DEC_TTL)
		bad(w, i, "skips nothing");
	if (op->code == OX_OP_USERSPACE)
		check_attr(w, i, OVS_ACTION_ATTR_USERSPACE);
	if (op->code == OX_OP_PUSH_NSH)
		check_attr(w, i, OVS_ACTION_ATTR_PUSH_NSH);
	if ((op->flags &
	     ~(OX_OPF_LAST | OX_OPF_FRESH | OX_OPF_KEEP_CUT | OX_OPF_WHOLE)) ||
	    op->pad[0] || op->pad[1])
		bad(w, i, "flags that there aren't");
	if ((op->flags & OX_OPF_FRESH) &&
	    (op->code != OX_OP_CLONE || !recirculates(op + 1, op->arg)))
		bad(w, i, "FRESH in front of no recirculated copy");
	if ((op->flags & ~OX_OPF_FRESH) && op->code != OX_OP_OUTPUT &&
	    op->code != OX_OP_USERSPACE)
		bad(w, i, "LAST on an op that uses nothing up");
	if ((op->flags & OX_OPF_WHOLE) && !(op->flags & OX_OPF_KEEP_CUT))
		bad(w, i, "WHOLE where nothing is kept");
	if (op->code >= OX_OP_SET_ETH_DST && op->code <= OX_OP_SET_NSH &&
	    (op->val & ~op->mask))
		bad(w, i, "value outside of its mask");
	if (op->code == OX_OP_GROUP &&
	    (op->val < 2 || op->val > OX_GROUP_PORTS ||
	     i + 1 + op->val != w->a->n_ops ||
	     i % OX_ACTS_OPS + 1 + op->val > OX_ACTS_OPS))
		bad(w, i, "group isn't the rest of the list");
}

static void go_on(struct walk *w, uint32_t i)
{
	uint32_t to[2], n = (uint32_t)next_of(w, i, to);
	const struct ox_op *op = &w->a->ops[i];

	for (uint32_t k = 0; k < n && !w->why; k++)
		reach(w, i, to[k], w->end[i]);
	if (op->code == OX_OP_CLONE && !w->why) {
		if (i + 1 + op->arg > w->end[i])
			bad(w, i, "branch isn't inside of the one around it");
		else
			reach(w, i, i + 1, i + 1 + op->arg);
	}
}

/* Going on behind op i, does any op satisfy want? live: [n_ops], scratch. */
static bool any_behind(const struct walk *w, uint32_t i,
		       bool (*want)(uint8_t code), uint8_t *seen)
{
	uint32_t end = w->end[i], to[2], n;

	memset(seen, 0, w->a->n_ops + 1);
	n = (uint32_t)next_of(w, i, to);
	for (uint32_t k = 0; k < n; k++)
		seen[to[k]] = 1;
	for (uint32_t at = i + 1; at < end; at++) {
		if (!seen[at])
			continue;
		if (want(w->a->ops[at].code))
			return true;
		n = (uint32_t)next_of(w, at, to);
		for (uint32_t k = 0; k < n; k++)
			seen[to[k]] = 1;
	}
	return false;
}

static bool needs(uint8_t code)
{
	return uses_packet(code) || code == OX_OP_CLONE || is_edit(code) ||
	       code == OX_OP_DEC_TTL;
}

static bool sees(uint8_t code)
{
	return uses_packet(code) || code == OX_OP_CLONE;
}

static void check_use(struct walk *w, uint32_t i, uint8_t *seen)
{
	const struct ox_op *op = &w->a->ops[i];
	/* an error in a branch copy ends the list around it, too */
	bool in_clone = w->end[i] != w->a->n_ops;

	if (op->code == OX_OP_OUTPUT || op->code == OX_OP_USERSPACE) {
		bool last = !any_behind(w, i, needs, seen);

		if (last != !!(op->flags & OX_OPF_LAST))
			bad(w, i,
			    last ? "is not marked as the last use"
				 : "isn't the last use");
	} else if (op->code == OX_OP_CLONE) {
		if (!any_behind(w, i, in_clone ? needs : sees, seen))
			bad(w, i, "copy, and nobody for the original");
	} else if (is_edit(op->code) && !in_clone &&
		   !any_behind(w, i, sees, seen)) {
		bad(w, i, "edit that nobody sees");
	}
}

static uint32_t kind_of(const struct ox_actions *a)
{
	uint32_t edits = 0, users = 0;

	for (uint32_t i = 0; i < a->n_ops; i++) {
		edits += a->ops[i].code >= OX_OP_SET_ETH_DST &&
			 a->ops[i].code <= OX_OP_POP_VLAN;
		users += a->ops[i].code == OX_OP_USERSPACE;
	}
	if (!a->n_ops)
		return OX_ACT_DROP;
	if (users == a->n_ops)
		return OX_ACT_USER;
	if (edits == a->n_ops - 1 && a->n_ops <= OX_ACTS_OPS &&
	    a->ops[edits].code == OX_OP_OUTPUT)
		return edits ? OX_ACT_OPS : OX_ACT_OUTPUT;
	return OX_ACT_RUN;
}

static void check_whole(struct walk *w)
{
	const struct ox_actions *a = w->a;

	if (a->n_ops > OX_ACTS_MAX_OPS)
		bad(w, a->n_ops, "too many ops");
	if (a->kind != kind_of(a))
		bad(w, a->kind, "another kind");
	if (a->kind == OX_ACT_OUTPUT && a->port != a->ops[0].arg)
		bad(w, a->port, "another port");
	if ((a->acts_flags & ~OX_ACTS_SKB) ||
	    (a->acts_flags && a->kind != OX_ACT_RUN))
		bad(w, a->acts_flags, "flags that there aren't");
}

int ox_ops_check(const struct ox_actions *a)
{
	struct walk w = { .a = a };
	uint8_t *seen = calloc(a->n_ops + 1, 1);

	w.end = calloc(a->n_ops + 1, sizeof(*w.end));
	if (!seen || !w.end)
		abort();
	check_whole(&w);
	for (uint32_t i = 0; i < a->n_ops && !w.why; i++)
		check_op(&w, i);
	w.end[0] = a->n_ops;
	for (uint32_t i = 0; i < a->n_ops && !w.why; i++)
		if (w.end[i])
			go_on(&w, i);
	for (uint32_t i = 0; i < a->n_ops && !w.why; i++)
		if (w.end[i])
			check_use(&w, i, seen);
		else if (a->ops[i].code != OX_OP_JUMP &&
			 a->ops[i].code != OX_OP_END)
			bad(&w, i, "no way leads there");
	if (w.why)
		fprintf(stderr, "ops check: %s (%u)\n", w.why, w.at);
	free(seen);
	free(w.end);
	return w.why ? -1 : 0;
}
