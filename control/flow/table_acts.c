// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_acts.c - action lists in memory: an empty list or a single output is in
 * the flow itself. Any other takes a chain of slots of "acts", each with its
 * share of the ops and of the verbatim list.
 */
#include <errno.h>
#include <string.h>
#include <linux/openvswitch.h>

#include "control/codec/key_attr.h"
#include "control/flow/table_int.h"

void ox_acts_canonical(uint64_t action, struct ox_acts_ref *out)
{
	struct nlattr a = { NLA_HDRLEN + 4, OVS_ACTION_ATTR_OUTPUT };
	uint32_t port = OX_ACTION_ARG(action);

	memset(out, 0, sizeof(*out));
	out->action = action;
	out->acts = OX_NONE;
	if (OX_ACTION_KIND(action) != OX_ACT_OUTPUT)
		return;
	memcpy(out->nla, &a, sizeof(a));
	memcpy(out->nla + sizeof(a), &port, sizeof(port));
	out->inline_len = sizeof(a) + sizeof(port);
}

static int grow(struct ox_table *t)
{
	int err = t->m->ops->grow_acts(t->m);

	if (err)
		return err;
	return ox_slots_fit(&t->acts_slots,
			    t->m->n_acts_chunks << OX_ACTS_SHIFT);
}

/* A slot; a few in limbo are not worth a grace period while there is room. */
uint32_t ox_acts_slot(struct ox_table *t)
{
	if (!ox_slots_any(&t->acts_slots)) {
		if (t->acts_slots.n_limbo > t->acts_slots.cap / 8)
			ox_table_sync(t);
		if (!ox_slots_any(&t->acts_slots) && grow(t) &&
		    ox_slots_waiting(&t->acts_slots))
			ox_table_sync(t);
	}
	return ox_slots_get(&t->acts_slots);
}

/* Numbers the uses of a slot: who was told of a list that has gone since
 * (struct ox_upcall_md) notices by it. */
static uint16_t next_gen(const struct ox_acts *s)
{
	return (uint16_t)(((s->flags >> OX_ACTS_GEN_SHIFT) + 1)
			  << OX_ACTS_GEN_SHIFT);
}

static uint32_t n_slots(uint32_t n_ops, uint32_t nla_len)
{
	uint32_t ops = (n_ops + OX_ACTS_OPS - 1) / OX_ACTS_OPS;
	uint32_t nla = (nla_len + OX_ACTS_NLA - 1) / OX_ACTS_NLA;
	uint32_t n = ops > nla ? ops : nla;

	return n ? n : 1;
}

/* The part of a list of len elements that slot k of the chain has. */
static uint32_t part(uint32_t len, uint32_t k, uint32_t each)
{
	uint32_t off = k * each;

	if (off >= len)
		return 0;
	return len - off < each ? len - off : each;
}

static void write_slot(struct ox_acts *s, const struct ox_actions *a,
		       uint32_t k, uint32_t next)
{
	uint32_t ops = part(a->n_ops, k, OX_ACTS_OPS);
	uint32_t nla = part(a->nla_len, k, OX_ACTS_NLA);
	uint16_t flags = k ? OX_ACTS_CONT : a->acts_flags & OX_ACTS_SKB;

	ox_publish(&s->state, OX_FREE);
	s->flags = next_gen(s) | flags;
	s->next = next;
	s->nla_len = k ? 0 : a->nla_len;
	s->n_ops = k ? 0 : (uint16_t)a->n_ops;
	if (ops)
		memcpy(s->ops, a->ops + k * OX_ACTS_OPS,
		       ops * sizeof(s->ops[0]));
	memset(&s->ops[ops], 0, (OX_ACTS_OPS - ops) * sizeof(s->ops[0]));
	if (nla)
		memcpy(s->nla, (const uint8_t *)a->nla + k * OX_ACTS_NLA, nla);
	ox_publish(&s->state, OX_LIVE);
}

/* Writes the list from its end to its start, so that each slot's successor
 * is there before it. */
static int store_slots(struct ox_table *t, const struct ox_actions *a,
		       uint32_t *first)
{
	uint32_t k = n_slots(a->n_ops, a->nla_len);
	uint32_t next = OX_NONE, slot;

	while (k--) {
		slot = ox_acts_slot(t);
		if (slot == OX_NONE) {
			ox_acts_retire(t, next);
			return -ENOSPC;
		}
		write_slot(ox_mem_acts(t->m, slot), a, k, next);
		next = slot;
	}
	*first = next;
	return 0;
}

bool ox_acts_kind(uint32_t kind)
{
	return kind == OX_ACT_OPS || kind == OX_ACT_USER || kind == OX_ACT_RUN;
}

int ox_acts_store(struct ox_table *t, const struct ox_actions *a,
		  struct ox_acts_ref *out, struct ox_err *e)
{
	uint64_t action = OX_ACTION(a->kind, a->port);
	uint32_t slot;
	int err;

	if (a->kind == OX_ACT_DROP || a->kind == OX_ACT_OUTPUT) {
		if (a->kind == OX_ACT_DROP)
			action = OX_ACTION(OX_ACT_DROP, 0);
		ox_acts_canonical(action, out);
		if (out->inline_len == a->nla_len &&
		    (!a->nla_len || !memcmp(out->nla, a->nla, a->nla_len)))
			return 0;
	}
	err = store_slots(t, a, &slot);
	if (err)
		return ox_err_set(e, err,
				  "no room left for action lists (%u slots)",
				  t->acts_slots.cap);
	ox_group_ref(t, slot);
	memset(out, 0, sizeof(*out));
	out->acts = slot;
	out->action = ox_acts_kind(a->kind) ? OX_ACTION(a->kind, slot) : action;
	return 0;
}

void ox_acts_retire(struct ox_table *t, uint32_t first)
{
	struct ox_acts *s;
	uint32_t next;

	for (; first != OX_NONE; first = next) {
		s = ox_mem_acts(t->m, first);
		next = s->next;
		ox_group_unref(t, s);
		ox_publish(&s->state, OX_DEAD);
		ox_slots_retire(&t->acts_slots, first);
	}
}

/* Is a the k-th slot of a chain? */
static bool link_ok(const struct ox_acts *a, uint32_t k)
{
	if (!a || a->state != OX_LIVE || (a->flags & OX_ACTS_TUN))
		return false;
	if (!k)
		return !(a->flags & OX_ACTS_CONT);
	return (a->flags & OX_ACTS_CONT) && !a->n_ops && !a->nla_len;
}

static void unmark(const struct ox_table *t, uint32_t first, uint32_t n,
		   uint8_t *used)
{
	while (n--) {
		used[first] = 0;
		first = ox_mem_acts(t->m, first)->next;
	}
}

bool ox_acts_mark(const struct ox_table *t, uint32_t first, uint8_t *used)
{
	uint32_t slot = first, n = 0;
	const struct ox_acts *a;

	while (slot != OX_NONE) {
		a = ox_mem_acts(t->m, slot);
		if (!link_ok(a, n) || used[slot])
			break;
		used[slot] = 1;
		slot = a->next;
		n++;
	}
	a = ox_mem_acts(t->m, first);
	if (slot == OX_NONE && n && a->n_ops <= OX_ACTS_MAX_OPS &&
	    a->nla_len <= OX_TABLE_MAX_NLA &&
	    n == n_slots(a->n_ops, a->nla_len))
		return true;
	unmark(t, first, n, used);
	return false;
}

void ox_acts_unmark(const struct ox_table *t, uint32_t first, uint8_t *used)
{
	const struct ox_acts *a = ox_mem_acts(t->m, first);

	unmark(t, first, n_slots(a->n_ops, a->nla_len), used);
}

uint32_t ox_acts_load(const struct ox_table *t, uint32_t first, void *buf,
		      uint32_t size)
{
	const struct ox_acts *s = ox_mem_acts(t->m, first);
	uint32_t len = s ? s->nla_len : 0, done = 0;

	if (len > size)
		len = size;
	while (s && done < len) {
		uint32_t n = len - done;

		if (n > OX_ACTS_NLA)
			n = OX_ACTS_NLA;
		memcpy((uint8_t *)buf + done, s->nla, n);
		done += n;
		s = ox_mem_acts(t->m, s->next);
	}
	return done;
}
