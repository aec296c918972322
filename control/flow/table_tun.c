// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_tun.c - the tunnel of a flow's key, for user space. A flow with a UFID
 * is shown masked, so its words say it all. One without is known by its
 * unmasked key, whose tunnel has a slot of "acts" for itself as long as the
 * flow lives: lists of actions come and go without it.
 */
#include <errno.h>
#include <string.h>

#include "control/flow/table_int.h"
#include "ovsxdp/err.h"

int ox_tun_store(struct ox_table *t, const struct ox_flow_spec *spec,
		 uint32_t *slot, struct ox_err *e)
{
	struct ox_acts *s;

	*slot = OX_NONE;
	if (spec->ufid_len || !spec->key.tun_proto)
		return 0;
	*slot = ox_acts_slot(t);
	if (*slot == OX_NONE)
		return ox_err_set(e, -ENOSPC,
				  "no room left for the tunnels of keys (%u "
				  "slots)",
				  t->acts_slots.cap);
	s = ox_mem_acts(t->m, *slot);
	ox_publish(&s->state, OX_FREE);
	s->flags = OX_ACTS_TUN;
	s->next = OX_NONE;
	s->nla_len = 0;
	s->n_ops = 0;
	s->tun = spec->tun;
	ox_publish(&s->state, OX_LIVE);
	return 0;
}

/* No program looks at it, so it is free at once. */
void ox_tun_release(struct ox_table *t, uint32_t slot)
{
	if (slot == OX_NONE)
		return;
	ox_publish(&ox_mem_acts(t->m, slot)->state, OX_FREE);
	ox_slots_put(&t->acts_slots, slot);
}

bool ox_tun_mark(const struct ox_table *t, uint32_t slot, uint8_t *used)
{
	const struct ox_acts *s;

	if (slot == OX_NONE)
		return true;
	s = ox_mem_acts(t->m, slot);
	if (!s || s->state != OX_LIVE || !(s->flags & OX_ACTS_TUN) ||
	    used[slot])
		return false;
	used[slot] = 1;
	return true;
}

/* The words that the flow matches. */
static void tun_masked(const struct ox_table *t, uint32_t flow,
		       struct ox_tun *tun)
{
	const struct ox_mask *m = &t->m->masks[ox_mem_flow(t->m, flow)->mask];

	for (uint32_t i = 0; i < m->n_words && i < OX_KEY_WORDS; i++)
		if (m->word[i] >= OX_KEY_WORDS)
			tun->x[m->word[i] - OX_KEY_WORDS] =
				*ox_mem_flow_word(t->m, flow, i);
}

void ox_table_tun(const struct ox_table *t, uint32_t flow, struct ox_tun *tun)
{
	const struct ox_uflow *u = ox_mem_uflow(t->m, flow);

	memset(tun, 0, sizeof(*tun));
	if (u->tun != OX_NONE)
		*tun = ox_mem_acts(t->m, u->tun)->tun;
	else if (u->key.tun_proto)
		tun_masked(t, flow, tun);
}

bool ox_tun_same(const struct ox_table *t, uint32_t flow,
		 const struct ox_tun *tun)
{
	uint32_t slot = ox_mem_uflow(t->m, flow)->tun;

	/* neither has one: the keys are equal */
	return slot == OX_NONE ||
	       !memcmp(&ox_mem_acts(t->m, slot)->tun, tun, sizeof(*tun));
}
