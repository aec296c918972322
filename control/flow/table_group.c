// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_group.c - sets of ports that XDP sends copies to in one redirect
 * (OX_OP_GROUP). Sets in the map cost a grace period, so a new one is only
 * noted when a flow comes, and made at a tick, with others. Until then the skb
 * tier does the flow's outputs. Equal sets are shared and counted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/flow/table_int.h"

/* A GROUP op in memory: the slot that holds it and its place there. */
struct ox_group_op {
	uint32_t acts;
	uint32_t at;
};

struct ox_group {
	uint32_t n;			/* 0: not in use, or given up */
	uint32_t refs;			/* GROUP ops that name it */
	uint32_t ports[OX_GROUP_PORTS]; /* rising */
	bool dirty;			/* a device of it has changed */
};

struct ox_groups {
	struct ox_group g[OX_MAX_GROUPS];
	struct ox_group_op *want; /* ops without a set */
	uint32_t n_want;
	uint32_t cap_want;
};

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The ports after a GROUP op, in order and each once. False: XDP can't. */
static bool op_ports(const struct ox_acts *a, uint32_t at, struct ox_group *g)
{
	uint32_t n = (uint32_t)a->ops[at].val;

	memset(g, 0, sizeof(*g));
	if (n < 2 || n > OX_GROUP_PORTS || at + 1 + n > OX_ACTS_OPS)
		return false;
	for (uint32_t i = 0; i < n; i++)
		g->ports[i] = a->ops[at + 1 + i].arg;
	qsort(g->ports, n, sizeof(g->ports[0]), by_number);
	/* a port twice is two copies, and a set has only one */
	for (uint32_t i = 1; i < n; i++)
		if (g->ports[i] == g->ports[i - 1])
			return false;
	g->n = n;
	return true;
}

static uint32_t find(const struct ox_table *t, const struct ox_group *g)
{
	const struct ox_group *have = t->groups->g;

	for (uint32_t i = 0; i < t->group_slots.hi; i++)
		if (have[i].n == g->n &&
		    !memcmp(have[i].ports, g->ports, sizeof(g->ports)))
			return i;
	return OX_NONE;
}

static void want(struct ox_groups *gs, uint32_t acts, uint32_t at)
{
	if (gs->n_want == gs->cap_want) {
		uint32_t cap = gs->cap_want ? 2 * gs->cap_want : 64;
		void *p = realloc(gs->want, cap * sizeof(*gs->want));

		/* the skb tier goes on with it, that's all */
		if (!p)
			return;
		gs->want = p;
		gs->cap_want = cap;
	}
	gs->want[gs->n_want++] = (struct ox_group_op){ acts, at };
}

static void op_name(struct ox_groups *gs, struct ox_op *op, uint32_t slot)
{
	gs->g[slot].refs++;
	__atomic_store_n(&op->arg, slot, __ATOMIC_RELEASE);
}

void ox_group_ref(struct ox_table *t, uint32_t first)
{
	struct ox_acts *a = ox_mem_acts(t->m, first);

	for (; a; first = a->next, a = ox_mem_acts(t->m, first)) {
		for (uint32_t at = 0; at < OX_ACTS_OPS; at++) {
			struct ox_group g;
			uint32_t slot;

			if (a->ops[at].code != OX_OP_GROUP)
				continue;
			__atomic_store_n(&a->ops[at].arg, OX_NONE,
					 __ATOMIC_RELAXED);
			if (!t->groups || !op_ports(a, at, &g))
				continue;
			slot = find(t, &g);
			if (slot == OX_NONE)
				want(t->groups, first, at);
			else
				op_name(t->groups, &a->ops[at], slot);
		}
	}
}

/* Of one slot of a chain. */
void ox_group_unref(struct ox_table *t, const struct ox_acts *a)
{
	for (uint32_t at = 0; t->groups && at < OX_ACTS_OPS; at++) {
		uint32_t slot = a->ops[at].arg;

		if (a->ops[at].code != OX_OP_GROUP || slot >= OX_MAX_GROUPS)
			continue;
		if (t->groups->g[slot].refs && !--t->groups->g[slot].refs) {
			t->groups->g[slot].n = 0;
			ox_slots_retire(&t->group_slots, slot);
		}
	}
}

/* The sets that a tick makes. */
struct batch {
	struct ox_group_ports sets[OX_GROUPS_AT_ONCE];
	uint32_t n;
};

static void batch_add(struct batch *b, struct ox_groups *gs, uint32_t slot)
{
	struct ox_group *g = &gs->g[slot];

	b->sets[b->n++] = (struct ox_group_ports){ slot, g->n, g->ports };
}

/* Those of which a device has changed; they are used meanwhile, since programs
 * compare the devices. */
static void collect_dirty(struct ox_table *t, struct batch *b)
{
	struct ox_groups *gs = t->groups;

	for (uint32_t i = 0; i < t->group_slots.hi; i++)
		if (gs->g[i].dirty && gs->g[i].refs && b->n < OX_GROUPS_AT_ONCE)
			batch_add(b, gs, i);
}

/* The op that was noted, if it is still there and without a set; else NULL. */
static struct ox_op *wanted_op(const struct ox_table *t,
			       const struct ox_group_op *w, struct ox_group *g)
{
	struct ox_acts *a = ox_mem_acts(t->m, w->acts);

	if (!a || a->state != OX_LIVE || a->ops[w->at].code != OX_OP_GROUP ||
	    a->ops[w->at].arg != OX_NONE || !op_ports(a, w->at, g))
		return NULL;
	return &a->ops[w->at];
}

/* A slot for the set of a noted op, if no equal set has one. */
static void collect_wanted(struct ox_table *t, const struct ox_group_op *w,
			   struct batch *b)
{
	struct ox_group g;
	uint32_t slot;

	if (!wanted_op(t, w, &g) || find(t, &g) != OX_NONE)
		return;
	slot = ox_slots_get(&t->group_slots);
	if (slot == OX_NONE)
		return;
	t->groups->g[slot] = g;
	batch_add(b, t->groups, slot);
}

/* What could be made is in use from now on; the rest has taken no place. */
static void batch_end(struct ox_table *t, const struct batch *b, int err)
{
	for (uint32_t i = 0; i < b->n; i++) {
		struct ox_group *g = &t->groups->g[b->sets[i].slot];

		if (!err) {
			g->dirty = false;
		} else if (!g->refs) {
			g->n = 0;
			ox_slots_put(&t->group_slots, b->sets[i].slot);
		}
	}
}

void ox_group_tick(struct ox_table *t)
{
	struct ox_groups *gs = t->groups;
	struct batch b = { .n = 0 };
	struct ox_group g;
	uint32_t n, slot;
	int err = 0;

	if (!gs)
		return;
	collect_dirty(t, &b);
	n = OX_GROUPS_AT_ONCE - b.n;
	n = gs->n_want < n ? gs->n_want : n;
	for (uint32_t i = 0; i < n; i++)
		collect_wanted(t, &gs->want[i], &b);
	if (b.n)
		err = t->m->ops->groups_set(t->m, b.sets, b.n);
	batch_end(t, &b, err);
	for (uint32_t i = 0; i < n; i++) {
		struct ox_op *op = wanted_op(t, &gs->want[i], &g);

		slot = op ? find(t, &g) : OX_NONE;
		if (slot != OX_NONE)
			op_name(gs, op, slot);
	}
	gs->n_want -= n;
	memmove(gs->want, gs->want + n, gs->n_want * sizeof(*gs->want));
}

void ox_table_port_changed(struct ox_table *t, uint32_t port_no)
{
	struct ox_groups *gs = t->groups;

	for (uint32_t i = 0; gs && i < t->group_slots.hi; i++)
		for (uint32_t j = 0; j < gs->g[i].n; j++)
			if (gs->g[i].ports[j] == port_no)
				gs->g[i].dirty = true;
}

/*
 * Sets of an earlier daemon are made anew: which ops name them is known, what
 * is in them isn't. A program that runs may have read an op while it named one;
 * so no slot gets another set before those have ended.
 */
int ox_group_open(struct ox_table *t)
{
	uint32_t i;

	if (!t->m->ops || !t->m->ops->groups_set)
		return 0;
	t->groups = calloc(1, sizeof(*t->groups));
	if (!t->groups || ox_slots_fit(&t->group_slots, OX_MAX_GROUPS))
		return -ENOMEM;
	for (i = ox_table_next_linked(t, 0); i != OX_NONE;
	     i = ox_table_next_linked(t, i + 1))
		if (ox_mem_uflow(t->m, i)->acts != OX_NONE)
			ox_group_ref(t, ox_mem_uflow(t->m, i)->acts);
	return t->groups->n_want ? ox_table_sync(t) : 0;
}

void ox_group_close(struct ox_table *t)
{
	if (!t->groups)
		return;
	ox_slots_fini(&t->group_slots);
	free(t->groups->want);
	free(t->groups);
	t->groups = NULL;
}
