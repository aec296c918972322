// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_takeover.c - from memory that another daemon left, perhaps in the
 * middle of a change, to a table. Programs read it all the while.
 *
 * A flow exists if a bucket names it, and everything else follows from that.
 * Flows that no bucket names are dead. Overflow counts, masks and action slots
 * are what the flows need, and the rest is free after a grace period.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/core/hash.h"
#include "control/flow/table_int.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/err.h"

/* What is learned on the way. */
struct survey {
	uint8_t *linked;      /* [flows]: a bucket names it */
	uint16_t *overflow;   /* [n_buckets]: as it should be */
	uint32_t *mask_flows; /* [max_masks] */
	uint8_t *acts_used;   /* [acts slots] */
};

static void survey_free(struct survey *s)
{
	free(s->linked);
	free(s->overflow);
	free(s->mask_flows);
	free(s->acts_used);
}

static int survey_alloc(struct survey *s, const struct ox_table *t)
{
	const struct ox_config *c = t->m->config;

	s->linked = calloc(t->flow_slots.cap + 1, 1);
	s->overflow = calloc(c->n_buckets, sizeof(*s->overflow));
	s->mask_flows = calloc(c->max_masks, sizeof(*s->mask_flows));
	s->acts_used = calloc(t->acts_slots.cap + 1, 1);
	if (s->linked && s->overflow && s->mask_flows && s->acts_used)
		return 0;
	return -ENOMEM;
}

static bool mask_ok(const struct ox_table *t, uint32_t slot)
{
	const struct ox_mask *m;

	if (slot >= t->m->config->max_masks)
		return false;
	m = &t->m->masks[slot];
	if (m->state != OX_LIVE || m->slot != slot || m->n_words > OX_KEY_WORDS)
		return false;
	for (uint32_t i = 0; i < m->n_words; i++)
		if (m->word[i] >= OX_KEY_WORDS + OX_TUN_WORDS)
			return false;
	return true;
}

/* Buckets between a flow's home and bucket b, or OX_PROBES: unreachable. */
static uint32_t distance(const struct ox_table *t, uint64_t hash, uint32_t b)
{
	uint32_t n = t->m->config->n_buckets;
	uint32_t home = ox_hash_bucket(hash, n);
	uint32_t d = b >= home ? b - home : b + n - home;

	return d < OX_PROBES ? d : OX_PROBES;
}

static bool entry_ok(const struct ox_table *t, const struct survey *s,
		     uint32_t b, int way)
{
	const struct ox_bucket *bucket = &t->m->buckets[b];
	const struct ox_flow *f = ox_mem_flow(t->m, bucket->flow[way]);
	uint64_t hash;

	if (!f || f->state != OX_LIVE || !mask_ok(t, f->mask))
		return false;
	hash = ox_mem_flow_more(t->m, bucket->flow[way])->hash;
	return bucket->sig[way] == ox_hash_sig(hash) &&
	       distance(t, hash, b) < OX_PROBES &&
	       !s->linked[bucket->flow[way]];
}

static void survey_buckets(struct ox_table *t, struct survey *s)
{
	uint32_t n = t->m->config->n_buckets;

	for (uint32_t b = 0; b < n; b++) {
		struct ox_bucket *bucket = &t->m->buckets[b];

		for (int i = 0; i < OX_BUCKET_WAYS; i++) {
			uint64_t hash;

			if (!bucket->sig[i])
				continue;
			if (!entry_ok(t, s, b, i)) {
				ox_publish(&bucket->sig[i], (uint16_t)0);
				continue;
			}
			hash = ox_mem_flow_more(t->m, bucket->flow[i])->hash;
			s->linked[bucket->flow[i]] = 1;
			for (uint32_t d = distance(t, hash, b); d; d--)
				s->overflow[b >= d ? b - d : b + n - d]++;
		}
	}
	for (uint32_t b = 0; b < n; b++)
		if (t->m->buckets[b].overflow != s->overflow[b])
			ox_publish(&t->m->buckets[b].overflow, s->overflow[b]);
}

static void set_ref(struct ox_table *t, uint32_t flow,
		    const struct ox_acts_ref *ref)
{
	struct ox_uflow *u = ox_mem_uflow(t->m, flow);

	memcpy(ox_mem_flow_more(t->m, flow)->nla, ref->nla, sizeof(ref->nla));
	u->inline_len = ref->inline_len;
	ox_publish(&u->acts, ref->acts);
}

/* Does the verbatim list in slots say what the action word says? */
static bool list_says(const struct ox_table *t, uint32_t first, uint64_t action)
{
	_cleanup_free_ void *buf = malloc(OX_TABLE_MAX_NLA);
	struct ox_actions a;
	bool same;

	if (!buf ||
	    ox_actions_recompile(
		    buf, ox_acts_load(t, first, buf, OX_TABLE_MAX_NLA), &a))
		return false;
	same = a.kind == OX_ACTION_KIND(action) &&
	       (a.kind == OX_ACT_DROP || a.port == OX_ACTION_ARG(action));
	ox_actions_free(&a);
	return same;
}

/*
 * A change of actions that was cut: the action word is the truth, the
 * verbatim list follows it. Where the word names no slot, and the list
 * that the client gave is lost, the plain form of the same actions is put.
 */
static void repair_actions(struct ox_table *t, struct survey *s, uint32_t flow)
{
	const struct ox_uflow *u = ox_mem_uflow(t->m, flow);
	struct ox_flow *f = ox_mem_flow(t->m, flow);
	uint64_t action = f->action;
	uint32_t kind = OX_ACTION_KIND(action);
	struct ox_acts_ref ref;

	if (ox_acts_kind(kind)) {
		ox_acts_canonical(OX_ACTION(OX_ACT_DROP, 0), &ref);
		ref.acts = OX_ACTION_ARG(action);
		if (ox_acts_mark(t, ref.acts, s->acts_used)) {
			if (u->acts != ref.acts || u->inline_len)
				set_ref(t, flow, &ref);
			return;
		}
		/* no such list: better drop than run what isn't there */
		action = OX_ACTION(OX_ACT_DROP, 0);
		ox_publish(&f->action, action);
	} else if (u->acts != OX_NONE &&
		   ox_acts_mark(t, u->acts, s->acts_used)) {
		if (list_says(t, u->acts, action))
			return;
		ox_acts_unmark(t, u->acts, s->acts_used);
	}
	ox_acts_canonical(action, &ref);
	if (u->acts != OX_NONE || u->inline_len != ref.inline_len ||
	    memcmp(ox_mem_flow_more(t->m, flow)->nla, ref.nla, sizeof(ref.nla)))
		set_ref(t, flow, &ref);
}

static void take_flow(struct ox_table *t, struct survey *s, uint32_t flow)
{
	struct ox_uflow *u = ox_mem_uflow(t->m, flow);

	if (u->ufid_len > sizeof(u->ufid))
		u->ufid_len = sizeof(u->ufid);
	repair_actions(t, s, flow);
	if (!ox_tun_mark(t, u->tun, s->acts_used))
		u->tun = OX_NONE;
	if (!s->mask_flows[ox_mem_flow(t->m, flow)->mask]++)
		ox_prune_mask(t, ox_mem_flow(t->m, flow)->mask);
	ox_prune_flow(t, flow);
	ox_index_add(&t->by_id, flow,
		     ox_table_id_hash(t, u->ufid, u->ufid_len, &u->key));
	t->n_flows++;
	t->n_linger += !!(u->flags & OX_UFLOW_LINGER);
}

/* Slots up to the highest one that was ever used are sorted into lists. */
static void take_flows(struct ox_table *t, struct survey *s)
{
	struct ox_slots *slots = &t->flow_slots;

	slots->hi = slots->cap;
	while (slots->hi && ox_mem_flow(t->m, slots->hi - 1)->state == OX_FREE)
		slots->hi--;
	for (uint32_t i = slots->hi; i--;) {
		struct ox_flow *f = ox_mem_flow(t->m, i);

		if (f->state == OX_LIVE && s->linked[i]) {
			take_flow(t, s, i);
		} else if (f->state == OX_FREE) {
			ox_slots_put(slots, i);
		} else {
			ox_publish(&f->state, OX_DEAD);
			ox_slots_retire(slots, i);
		}
	}
}

static void take_acts(struct ox_table *t, const struct survey *s)
{
	struct ox_slots *slots = &t->acts_slots;

	slots->hi = slots->cap;
	while (slots->hi && ox_mem_acts(t->m, slots->hi - 1)->state == OX_FREE)
		slots->hi--;
	for (uint32_t i = slots->hi; i--;) {
		struct ox_acts *a = ox_mem_acts(t->m, i);

		if (s->acts_used[i])
			continue;
		if (a->state == OX_FREE) {
			ox_slots_put(slots, i);
			continue;
		}
		ox_publish(&a->state, OX_DEAD);
		ox_slots_retire(slots, i);
	}
}

/* Masks with flows, first in the order that "scan" has, then any that it
 * hasn't got. Returns whether "scan" is as it should be. */
static bool take_masks(struct ox_table *t, struct survey *s)
{
	const struct ox_config *c = t->m->config;
	uint32_t n = OX_SCAN_N(c->scan), kept = 0;
	const struct ox_mask *scan = t->m->scan;
	bool right = n <= c->max_masks;

	if (!right)
		n = 0;
	scan += (size_t)OX_SCAN_HALF(c->scan) * c->max_masks;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t slot = scan[i].slot;

		if (slot >= c->max_masks || !s->mask_flows[slot]) {
			right = false;
			continue;
		}
		if (memcmp(scan[i].bits, t->m->masks[slot].bits,
			   sizeof(scan[i].bits)) ||
		    memcmp(scan[i].word, t->m->masks[slot].word,
			   sizeof(scan[i].word)))
			right = false;
		t->order[t->n_scan++] = slot;
		t->m->masks[slot].n_flows = s->mask_flows[slot];
		s->mask_flows[slot] = 0; /* taken */
		kept++;
	}
	for (uint32_t slot = 0; slot < c->max_masks; slot++) {
		if (!s->mask_flows[slot])
			continue;
		t->order[t->n_scan++] = slot;
		t->m->masks[slot].n_flows = s->mask_flows[slot];
		right = false;
	}
	return right && kept == n;
}

static void sort_mask_slots(struct ox_table *t)
{
	struct ox_slots *slots = &t->mask_slots;
	_cleanup_free_ uint8_t *used = calloc(slots->cap + 1, 1);

	slots->hi = slots->cap;
	if (!used)
		return; /* none to give, then */
	for (uint32_t i = 0; i < t->n_scan; i++) {
		struct ox_mask *m = &t->m->masks[t->order[i]];

		used[t->order[i]] = 1;
		t->n_masks++;
		t->hits_prev[t->order[i]] = OX_HITS_UNKNOWN;
		ox_index_add(&t->by_mask, t->order[i], ox_mask_hash(t, m));
	}
	while (slots->hi && !used[slots->hi - 1] &&
	       t->m->masks[slots->hi - 1].state == OX_FREE)
		slots->hi--;
	for (uint32_t i = slots->hi; i--;) {
		if (used[i])
			continue;
		ox_publish(&t->m->masks[i].state, OX_DEAD);
		t->m->masks[i].n_flows = 0;
		ox_slots_retire(slots, i);
	}
}

static int check_config(const struct ox_config *c, struct ox_err *e)
{
	if (c->max_masks && c->max_flows && c->n_buckets)
		return 0;
	return ox_err_set(e, -EINVAL,
			  "datapath memory is damaged: %u flows, %u masks, "
			  "%u buckets",
			  c->max_flows, c->max_masks, c->n_buckets);
}

static bool fresh(const struct ox_table *t)
{
	return !t->flow_slots.hi && !t->acts_slots.hi && !t->mask_slots.hi;
}

int ox_table_takeover(struct ox_table *t, struct ox_err *e)
{
	_cleanup_(survey_free) struct survey s = { 0 };
	bool scan_right;
	int err;

	err = check_config(t->m->config, e);
	if (err)
		return err;
	if (t->m->fresh) {
		t->spare_clean = true;
		ox_prune_clean(t);
		return 0;
	}
	if (survey_alloc(&s, t))
		return ox_err_set(e, -ENOMEM,
				  "no memory to take the flow table over");
	survey_buckets(t, &s);
	take_flows(t, &s);
	take_acts(t, &s);
	scan_right = take_masks(t, &s);
	sort_mask_slots(t);
	if (fresh(t) && scan_right) {
		t->spare_clean = true;
		ox_prune_clean(t);
		return 0;
	}
	/* what the last daemon retired, programs may still be reading; and
	 * "prune" was half written perhaps, or is full of flows long gone */
	err = ox_table_sync(t);
	if (!err)
		err = ox_scan_rebuild(t);
	if (err)
		return ox_err_set(e, err, "no grace period: %s",
				  strerror(-err));
	return 0;
}
