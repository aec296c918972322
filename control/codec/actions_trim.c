// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_trim.c - takes out the ops whose work nobody sees, and marks the
 * last use of the packet.
 *
 * From the end to the start: an op needs the packet if a later one on some way
 * through the list does, or if it gives the packet to somebody. Skips only go
 * forward, so one pass does. What is left over of branches, skips over nothing,
 * goes in rounds after it.
 */
#include "control/codec/actions_int.h"

static struct ox_build_op *step(struct ox_build *b, uint32_t i)
{
	return &b->steps[i];
}

/* Does anybody need the packet, going on at index to from step i? */
static bool live_at(struct ox_build *b, uint32_t i, uint32_t to)
{
	return to < step(b, i)->end && step(b, to)->live;
}

static uint32_t target(const struct ox_build *b, uint32_t i)
{
	return i + 1 + b->steps[i].op.arg;
}

/*
 * Can this edit fail? In a branch copy that ends the list around it as well
 * (as in the module), so there it is kept for that alone.
 */
static bool may_fail(uint8_t code)
{
	return ox_op_traits(code) & OX_TRAIT_MAY_FAIL;
}

/* Would somebody miss a packet whose branch copy ended with an error? */
static bool error_seen(struct ox_build *b, uint32_t i)
{
	uint32_t at = i;

	while (step(b, at)->depth) {
		at = step(b, at)->end;
		if (at >= b->n)
			return false;
		if (step(b, at)->live)
			return true;
	}
	return false;
}

static void look_edit(struct ox_build *b, uint32_t i)
{
	struct ox_build_op *s = step(b, i);

	s->live = live_at(b, i, i + 1) ||
		  (may_fail(s->op.code) && error_seen(b, i));
	s->keep = s->live;
}

static void look_dec_ttl(struct ox_build *b, uint32_t i)
{
	struct ox_build_op *s = step(b, i);

	look_edit(b, i);
	s->live = s->live || live_at(b, i, target(b, i));
	s->keep = s->live;
	if (!s->keep)
		step(b, target(b, i) - 1)->keep = false; /* its END */
}

static void look_use(struct ox_build *b, uint32_t i)
{
	struct ox_build_op *s = step(b, i);

	s->live = s->keep = true;
	if (!live_at(b, i, i + 1))
		s->op.flags |= OX_OPF_LAST;
}

static void look(struct ox_build *b, uint32_t i)
{
	struct ox_build_op *s = step(b, i);

	switch ((enum ox_opcode)s->op.code) {
	case OX_OP_OUTPUT:
	case OX_OP_USERSPACE:
		look_use(b, i);
		break;
	case OX_OP_RECIRC:
	case OX_OP_METER:
	case OX_OP_DROP:
	case OX_OP_CT: /* a connection sees the packet */
	case OX_OP_CT_ARG:
	case OX_OP_REFUSE:
		s->live = s->keep = true;
		break;
	case OX_OP_END:
		s->keep = true;
		s->live = false;
		break;
	case OX_OP_JUMP:
		s->keep = true;
		s->live = live_at(b, i, target(b, i));
		break;
	case OX_OP_CLONE:
		/* with nobody to use the original, it needs no copy */
		s->live = s->op.arg && step(b, i + 1)->live;
		s->keep = s->live && live_at(b, i, target(b, i));
		s->live = s->live || live_at(b, i, target(b, i));
		break;
	case OX_OP_SAMPLE:
	case OX_OP_CHECK_LEN:
		s->live = live_at(b, i, i + 1) || live_at(b, i, target(b, i));
		s->keep = s->live;
		break;
	case OX_OP_DEC_TTL:
		look_dec_ttl(b, i);
		break;
	case OX_OP_SET_ETH_DST:
	case OX_OP_SET_ETH_SRC:
	case OX_OP_SET_PRIORITY:
	case OX_OP_SET_MARK:
	case OX_OP_HASH:
	case OX_OP_TRUNC:
	case OX_OP_CT_CLEAR:
	case OX_OP_TUN: /* whoever uses the packet after it may send it by */
	case OX_OP_TUN_ARG: /* a tunnel: that port may be one */
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
		look_edit(b, i);
		break;
	case OX_OP_GROUP: /* none is there yet: group_tail() */
		break;
	}
}

static bool skips(uint8_t code)
{
	return ox_op_traits(code) & OX_TRAIT_SKIPS;
}

/* How many of the arg ops after step i stay. */
static uint32_t kept_behind(const struct ox_build *b, uint32_t i)
{
	uint32_t n = 0;

	for (uint32_t k = i + 1; k < target(b, i); k++)
		n += b->steps[k].keep;
	return n;
}

/* Closes the gaps; skips get shorter by what went from under them. */
static void compact(struct ox_build *b)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < b->n; i++)
		if (b->steps[i].keep && skips(b->steps[i].op.code))
			b->steps[i].end = kept_behind(b, i);
	for (uint32_t i = 0; i < b->n; i++) {
		struct ox_build_op s = b->steps[i];

		if (!s.keep)
			continue;
		if (skips(s.op.code))
			s.op.arg = s.end;
		b->steps[n++] = s;
	}
	b->n = n;
}

/* Skips over nothing, and an END that ends nothing. */
static bool leftovers(struct ox_build *b)
{
	bool found = false;

	for (uint32_t i = 0; i < b->n; i++) {
		struct ox_build_op *s = step(b, i);

		if (!skips(s->op.code))
			continue;
		if (s->op.code == OX_OP_DEC_TTL) {
			if (s->op.arg == 1)
				step(b, i + 1)->keep = false;
			found = found || s->op.arg == 1;
		} else if (!s->op.arg) {
			s->keep = false;
			found = true;
		}
	}
	return found;
}

/* The outputs at the end of the list: how many, to different ports. */
static uint32_t tail_outputs(const struct ox_build *b)
{
	uint32_t n = 0;

	while (n < b->n && n < OX_GROUP_PORTS) {
		const struct ox_op *op = &b->steps[b->n - 1 - n].op;

		if (op->code != OX_OP_OUTPUT || b->steps[b->n - 1 - n].depth)
			break;
		for (uint32_t i = b->n - n; i < b->n; i++)
			if (b->steps[i].op.arg == op->arg)
				return n;
		n++;
	}
	return n;
}

/* Puts a GROUP in front of the outputs at the end, which XDP may do in one go.
 * They are in one slot with it, or else there is none. */
static void group_tail(struct ox_build *b)
{
	uint32_t n = tail_outputs(b), at = b->n - n;

	if (n < 2 || at % OX_ACTS_OPS + 1 + n > OX_ACTS_OPS ||
	    b->n == OX_ACTIONS_MAX_OPS)
		return;
	b->depth = 0;
	ox_build_add(b, OX_OP_GROUP, OX_NONE);
	if (b->err)
		return;
	for (uint32_t i = 0; i < at; i++)
		if (skips(b->steps[i].op.code) && target(b, i) > at)
			b->steps[i].op.arg++;
	memmove(&b->steps[at + 1], &b->steps[at], n * sizeof(*b->steps));
	memset(&b->steps[at], 0, sizeof(*b->steps));
	b->steps[at].op.code = OX_OP_GROUP;
	b->steps[at].op.arg = OX_NONE;
	b->steps[at].op.val = n;
	b->steps[at].keep = true;
}

void ox_build_trim(struct ox_build *b)
{
	for (uint32_t i = b->n; i--;)
		look(b, i);
	do
		compact(b);
	while (leftovers(b));
	group_tail(b);
}
