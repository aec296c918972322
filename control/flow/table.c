// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table.c - the flow table: what a request to put, change or remove a flow
 * does to the memory. The order of the stores is in table_int.h.
 */
#include "control/flow/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/core/hash.h"
#include "bpf/host.h"
#include "control/flow/table_int.h"
#include "ovsxdp/err.h"

#define ZERO_BATCH 64 /* flows that are zeroed in one go */

int ox_table_fit_flows(struct ox_table *t, uint32_t cap)
{
	int err = ox_slots_fit(&t->flow_slots, cap);

	return err ? err : ox_index_fit(&t->by_id, cap);
}

static uint32_t flow_cap(const struct ox_table *t)
{
	return t->m->n_flow_chunks << t->m->config->chunk_shift;
}

static int table_alloc(struct ox_table *t)
{
	uint32_t n = t->m->config->max_masks, heads = 16;
	int err;

	while (heads < 2 * n)
		heads *= 2;
	t->order = calloc(n, sizeof(*t->order));
	t->hits = calloc(n, sizeof(*t->hits));
	t->hits_prev = calloc(n, sizeof(*t->hits_prev));
	t->hits_now = calloc(n, sizeof(*t->hits_now));
	t->gone_ports = calloc(1, OX_GONE_PORTS_SIZE(t));
	if (!t->order || !t->hits || !t->hits_prev || !t->hits_now ||
	    !t->gone_ports)
		return -ENOMEM;
	err = ox_prune_open(t);
	if (!err)
		err = ox_index_init(&t->by_mask, heads);
	if (!err)
		err = ox_index_fit(&t->by_mask, n);
	if (!err)
		err = ox_slots_fit(&t->mask_slots, n);
	if (!err)
		err = ox_slots_fit(&t->acts_slots,
				   t->m->n_acts_chunks << OX_ACTS_SHIFT);
	if (!err)
		err = ox_index_init(&t->by_id, 1024);
	return err ? err : ox_table_fit_flows(t, flow_cap(t));
}

int ox_table_open(struct ox_mem *m, struct ox_table **out, struct ox_err *e)
{
	struct ox_table *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return ox_err_set(e, -ENOMEM, "no memory for the flow table");
	t->m = m;
	err = table_alloc(t);
	if (err)
		ox_err_set(e, err, "no memory for the flow table's index");
	else
		err = ox_table_takeover(t, e);
	if (!err)
		err = ox_group_open(t);
	if (err) {
		ox_table_close(t);
		return err;
	}
	*out = t;
	return 0;
}

void ox_table_close(struct ox_table *t)
{
	if (!t)
		return;
	ox_group_close(t);
	ox_prune_close(t);
	ox_slots_fini(&t->flow_slots);
	ox_slots_fini(&t->acts_slots);
	ox_slots_fini(&t->mask_slots);
	ox_index_fini(&t->by_id);
	ox_index_fini(&t->by_mask);
	free(t->order);
	free(t->hits);
	free(t->hits_prev);
	free(t->hits_now);
	free(t->gone_ports);
	free(t);
}

uint32_t ox_table_n_flows(const struct ox_table *t)
{
	return t->n_flows - t->n_linger;
}

uint32_t ox_table_n_masks(const struct ox_table *t)
{
	return t->n_masks;
}

uint32_t ox_table_generation(const struct ox_table *t)
{
	return t->generation;
}

static int grow_flows(struct ox_table *t)
{
	int err = t->m->ops->grow_flows(t->m);

	return err ? err : ox_table_fit_flows(t, flow_cap(t));
}

/*
 * Zeroes the counters of a free slot that was used, and of those that will be
 * taken next: a call for many flows.
 */
static int zero_next(struct ox_table *t, uint32_t flow)
{
	uint32_t flows[ZERO_BATCH], n = 0;
	int err;

	for (; flow != OX_NONE && n < ZERO_BATCH;
	     flow = ox_slots_after(&t->flow_slots, flow))
		if (ox_mem_flow(t->m, flow)->state == OX_DEAD)
			flows[n++] = flow;
	err = t->m->ops->flow_stats_zero(t->m, flows, n);
	for (uint32_t i = 0; !err && i < n; i++)
		ox_publish(&ox_mem_flow(t->m, flows[i])->state, OX_FREE);
	return err;
}

/* A slot whose counters are zero. One that was used has a state of DEAD, and
 * only such a one costs the call to zero them. */
static uint32_t flow_slot(struct ox_table *t)
{
	struct ox_slots *s = &t->flow_slots;
	uint32_t flow;

	if (t->n_flows == s->cap / 2 && t->m->ops->grow_flows_soon)
		t->m->ops->grow_flows_soon(t->m);
	if (!ox_slots_any(s)) {
		if (s->n_limbo > s->cap / 8)
			ox_table_sync(t);
		if (!ox_slots_any(s) && grow_flows(t) && ox_slots_waiting(s))
			ox_table_sync(t);
	}
	flow = ox_slots_first(s);
	if (flow != OX_NONE && ox_mem_flow(t->m, flow)->state == OX_DEAD &&
	    zero_next(t, flow))
		return OX_NONE;
	return ox_slots_get(s);
}

static void write_uflow(struct ox_uflow *u, const struct ox_flow_spec *spec,
			const struct ox_acts_ref *ref, uint32_t tun)
{
	memset(u, 0, sizeof(*u));
	memcpy(u->ufid, spec->ufid, sizeof(u->ufid));
	u->ufid_len = spec->ufid_len;
	u->flags = spec->probe ? OX_UFLOW_PROBE : 0;
	u->key = spec->key;
	u->acts = ref->acts;
	u->tun = tun;
	u->inline_len = ref->inline_len;
}

/* A word of a key, as masks count them. */
static uint64_t word(const struct ox_flow_spec *spec, uint32_t w)
{
	return w < OX_KEY_WORDS ? spec->key.w[w]
				: spec->tun.x[w - OX_KEY_WORDS];
}

static void write_flow(struct ox_table *t, uint32_t flow,
		       const struct ox_mask *mask,
		       const struct ox_flow_spec *spec,
		       const struct ox_acts_ref *ref)
{
	struct ox_flow_more *more = ox_mem_flow_more(t->m, flow);
	struct ox_flow *f = ox_mem_flow(t->m, flow);

	ox_publish(&f->state, OX_FREE);
	f->mask = mask->slot;
	f->action = ref->action;
	memset(f->key, 0, sizeof(f->key));
	memset(more, 0, sizeof(*more));
	memcpy(more->nla, ref->nla, sizeof(more->nla));
	for (uint32_t i = 0; i < mask->n_words; i++)
		*ox_mem_flow_word(t->m, flow, i) = word(spec, mask->word[i]) &
						   mask->bits[i];
	more->hash = ox_host_mask_hash(mask, &spec->key, &spec->tun);
}

/* Puts a slot whose flow no program has seen back. */
static void flow_abandon(struct ox_table *t, uint32_t flow)
{
	struct ox_uflow *u = ox_mem_uflow(t->m, flow);

	ox_publish(&ox_mem_flow(t->m, flow)->state, OX_FREE);
	ox_acts_retire(t, u->acts);
	ox_tun_release(t, u->tun);
	ox_slots_put(&t->flow_slots, flow);
}

/* A place for a flow, and all that it names. */
struct places {
	uint32_t flow;
	uint32_t mask;
	uint32_t tun;
	struct ox_acts_ref acts;
};

static int find_mask(struct ox_table *t, const struct ox_flow_spec *spec,
		     uint32_t *slot, struct ox_err *e)
{
	struct ox_mask compact;
	uint32_t n = ox_mask_compact(spec, &compact);

	if (n > OX_KEY_WORDS)
		return ox_err_set(
			e, -E2BIG,
			"the mask has %u words of 8 bytes, a mask has "
			"up to %u: match fewer bytes of the tunnel's "
			"options",
			n, OX_KEY_WORDS);
	return ox_mask_get(t, &compact, slot, e);
}

static int places_find(struct ox_table *t, const struct ox_flow_spec *spec,
		       struct places *p, struct ox_err *e)
{
	int err = find_mask(t, spec, &p->mask, e);

	if (err)
		return err;
	err = ox_tun_store(t, spec, &p->tun, e);
	if (err)
		return err;
	err = ox_acts_store(t, spec->actions, &p->acts, e);
	if (err) {
		ox_tun_release(t, p->tun);
		return err;
	}
	p->flow = flow_slot(t);
	if (p->flow != OX_NONE)
		return 0;
	ox_acts_retire(t, p->acts.acts);
	ox_tun_release(t, p->tun);
	return ox_err_set(e, -ENOSPC, "all %u flows of the datapath are in use",
			  t->m->config->max_flows);
}

static int insert(struct ox_table *t, const struct ox_flow_spec *spec,
		  uint32_t *flow, struct ox_err *e)
{
	struct places p;
	int err = places_find(t, spec, &p, e);

	if (err)
		return err;
	*flow = p.flow;
	write_flow(t, p.flow, &t->m->masks[p.mask], spec, &p.acts);
	write_uflow(ox_mem_uflow(t->m, p.flow), spec, &p.acts, p.tun);
	ox_publish(&ox_mem_flow(t->m, p.flow)->state, OX_LIVE);
	ox_prune_flow(t, p.flow);
	if (ox_bucket_link(t, p.flow)) {
		flow_abandon(t, p.flow);
		return ox_err_set(e, -ENOSPC,
				  "no free bucket in reach: %u flows in %u "
				  "buckets",
				  t->n_flows, t->m->config->n_buckets);
	}
	ox_mask_ref(t, p.mask);
	ox_index_add(
		&t->by_id, p.flow,
		ox_table_id_hash(t, spec->ufid, spec->ufid_len, &spec->key));
	t->n_flows++;
	t->generation++;
	return 0;
}

int ox_table_insert(struct ox_table *t, const struct ox_flow_spec *spec,
		    uint32_t *flow, struct ox_err *e)
{
	bool more = t->n_linger;
	uint32_t at = 0;
	int err;

	/* a probe comes to go again: nothing makes way for it but for room */
	if (t->n_linger && !spec->probe)
		ox_linger_before(t, spec);
	err = insert(t, spec, flow, e);
	while (err == -ENOSPC && more) {
		more = ox_table_linger_end_step(t, &at);
		err = insert(t, spec, flow, e);
	}
	if (!err && t->n_linger && !spec->probe)
		ox_linger_replace(t, spec);
	return err;
}

int ox_table_set_actions(struct ox_table *t, uint32_t flow,
			 const struct ox_actions *a, struct ox_err *e)
{
	struct ox_uflow *u = ox_mem_uflow(t->m, flow);
	struct ox_flow *f = ox_mem_flow(t->m, flow);
	uint32_t old = u->acts;
	struct ox_acts_ref ref;
	int err = ox_acts_store(t, a, &ref, e);

	if (err)
		return err;
	ox_publish(&f->action, ref.action);
	if (ref.acts == OX_NONE) {
		memcpy(ox_mem_flow_more(t->m, flow)->nla, ref.nla,
		       sizeof(ref.nla));
		u->inline_len = ref.inline_len;
	}
	ox_publish(&u->acts, ref.acts);
	ox_acts_retire(t, old);
	return 0;
}

/* Masks in a new order, or fewer. Needs the half of "scan" that no program
 * reads; where none is known to be so, a grace period begins instead. */
static void tick_scan(struct ox_table *t)
{
	bool rebuild;

	if (!t->spare_clean && t->m->ops->sync_begin)
		return;
	rebuild = ox_scan_sort(t);
	rebuild = ox_prune_tick(t) || rebuild || t->n_unused;
	if (rebuild)
		ox_scan_rebuild(t);
}

void ox_table_tick(struct ox_table *t)
{
	if (ox_table_sync_ended(t))
		tick_scan(t);
	ox_group_tick(t);
	ox_table_sync_begin(t);
}
