/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table_acts.c - action lists in memory: an empty list or a single output
 * stands in the flow itself; any other takes one slot of "acts" for its ops
 * and the first bytes of the verbatim list, and linked ones for the rest.
 */
#include <errno.h>
#include <string.h>
#include <linux/openvswitch.h>

#include "control/key_attr.h"
#include "control/table_int.h"

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
static uint32_t acts_slot(struct ox_table *t)
{
	if (!ox_slots_any(&t->acts_slots)) {
		if (t->acts_slots.n_limbo > t->acts_slots.cap / 8)
			ox_table_sync(t);
		if (!ox_slots_any(&t->acts_slots) && grow(t) &&
		    t->acts_slots.n_limbo)
			ox_table_sync(t);
	}
	return ox_slots_get(&t->acts_slots);
}

static void write_slot(struct ox_acts *s, uint32_t next, uint32_t len,
		       const uint8_t *nla, const struct ox_actions *first)
{
	ox_publish(&s->state, OX_FREE);
	s->next = next;
	s->nla_len = first ? first->nla_len : 0;
	s->flags = first ? 0 : OX_ACTS_CONT;
	s->n_ops = 0;
	/* more than fit: user space compiles the list again */
	if (first && first->n_ops <= OX_ACTS_OPS) {
		s->n_ops = (uint16_t)first->n_ops;
		if (first->n_ops)
			memcpy(s->ops, first->ops,
			       first->n_ops * sizeof(s->ops[0]));
	}
	if (len)
		memcpy(s->nla, nla, len);
	ox_publish(&s->state, OX_LIVE);
}

/* Writes the list from its end to its start, so that each slot's successor
 * is there before it. */
static int store_slots(struct ox_table *t, const struct ox_actions *a,
		       uint32_t *first)
{
	uint32_t n = a->nla_len ? (a->nla_len - 1) / OX_ACTS_NLA + 1 : 1;
	const uint8_t *nla = a->nla;
	uint32_t next = OX_NONE, slot;

	while (n--) {
		uint32_t off = n * OX_ACTS_NLA, len = a->nla_len - off;

		slot = acts_slot(t);
		if (slot == OX_NONE) {
			ox_acts_retire(t, next);
			return -ENOSPC;
		}
		write_slot(ox_mem_acts(t->m, slot), next,
			   len < OX_ACTS_NLA ? len : OX_ACTS_NLA, nla + off,
			   n ? NULL : a);
		next = slot;
	}
	*first = next;
	return 0;
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
	memset(out, 0, sizeof(*out));
	out->acts = slot;
	out->action = a->kind == OX_ACT_OPS || a->kind == OX_ACT_USER
			      ? OX_ACTION(a->kind, slot)
			      : action;
	return 0;
}

void ox_acts_retire(struct ox_table *t, uint32_t first)
{
	struct ox_acts *s;
	uint32_t next;

	for (; first != OX_NONE; first = next) {
		s = ox_mem_acts(t->m, first);
		next = s->next;
		ox_publish(&s->state, OX_DEAD);
		ox_slots_retire(&t->acts_slots, first);
	}
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
