/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table_int.h - inside table*.c.
 *
 * One writer, many readers without locks. What readers see changes by single
 * aligned stores, and this is their order; a crash between any two is undone
 * or finished by table_takeover.c:
 *
 *  insert   mask record, its state, its copy in "scan", config->scan, its
 *           bits in "prune"
 *           acts slots from the last to the first, each before its state
 *           uflow and flow record, then flow state LIVE
 *           its bits in "prune", those of the tops after them
 *           overflow of the full buckets passed, flow[], then sig[]
 *           => the flow exists from its sig on
 *  linger   a flag of the uflow: one byte
 *  remove   sig[] = 0, overflow of the buckets passed, flow state DEAD,
 *           states of its acts slots DEAD
 *           => the flow is gone from its sig on
 *  actions  new acts slots, ox_flow.action, then the uflow's reference to
 *           the verbatim list, then the old slots' state DEAD
 *           => ox_flow.action is the truth
 *  masks    inactive half of "scan" and "prune" complete, config->scan, then
 * the states of masks that are no longer in it DEAD
 *
 * A DEAD slot may still be read by a program that found it before. It can be
 * used again once a grace period (mem->ops->sync) has passed, and waits in a
 * limbo list until then. DEAD stays in memory until then and longer: it also
 * says that a flow slot's counters are not zero.
 */
#ifndef OVSXDP_TABLE_INT_H
#define OVSXDP_TABLE_INT_H

#include "control/flow/table.h"

/* Which slots of an array are free; see table_slots.c. */
struct ox_slots {
	uint32_t *next; /* [cap]: chains of the free and the limbo list */
	uint32_t cap;
	uint32_t hi; /* slots from here on were never used */
	uint32_t free;
	uint32_t limbo;
	uint32_t limbo_tail;
	uint32_t n_limbo;
	uint32_t leaving; /* of limbo: those that the grace period under way
			   * lets go, chained alike */
	uint32_t leaving_tail;
};

/* Does a grace period make some free? One may be under way for them. */
static inline bool ox_slots_waiting(const struct ox_slots *s)
{
	return s->n_limbo || s->leaving != OX_NONE;
}

/* Chained hash of slots, u32 links; see table_index.c. */
struct ox_index {
	uint32_t *heads; /* [mask + 1] */
	uint32_t *next;	 /* [cap] */
	uint32_t *hash;	 /* [cap] */
	uint32_t mask;
	uint32_t cap;
	uint32_t n;
};

struct ox_table {
	struct ox_mem *m;
	uint32_t n_flows;  /* with lingering ones */
	uint32_t n_linger; /* of these */
	uint32_t n_masks;  /* with flows */
	uint32_t generation;

	struct ox_slots flow_slots;
	struct ox_slots acts_slots;
	struct ox_slots mask_slots;
	struct ox_slots group_slots; /* of groups */
	struct ox_index by_id;	     /* flows, by UFID or unmasked key */
	struct ox_index by_mask;     /* masks, by their bits */

	uint32_t *order;	/* [max_masks]: mask slots as in "scan" */
	uint32_t n_scan;	/* used of order; config->scan says the same */
	uint32_t n_unused;	/* of these, masks without flows */
	bool spare_clean;	/* no program reads the inactive half */
	bool syncing;		/* a grace period is under way */
	uint32_t n_rebuilds;	/* switches of the half */
	uint32_t sync_rebuilds; /* as of the beginning of that period */
	uint64_t *hits;		/* [max_masks]: delta of the last tick */
	uint64_t *hits_prev;	/* [max_masks]: OX_HITS_UNKNOWN for a new one */
	uint64_t *hits_now;	/* [max_masks]: scratch */

	struct ox_pruning *pruning;
	struct ox_groups *groups; /* NULL: the memory has none */

	uint64_t *gone_ports; /* a bit each: lingering flows are to go, too */
	uint32_t gone_at;     /* the next place to be looked at for these */
};
#define OX_GONE_PORTS_SIZE(t) (((t)->m->config->max_ports / 64 + 1) * 8)
#define OX_HITS_UNKNOWN	      (~0ull)

/* Stores that programs see: all before it is done when it is seen. */
#define ox_publish(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

/* ---- table.c ---- */
/* Room in the host's arrays for all chunks that are there. */
int ox_table_fit_flows(struct ox_table *t, uint32_t cap);

/* ---- table_remove.c ---- */
/* Unlinks a flow, lingering or not; its mask may be left without flows. */
void ox_table_unlink(struct ox_table *t, uint32_t flow);
/* fn for the flows in the next OX_FLUSH_STEP places from *at on; it may unlink
 * them. True: there are more places. */
bool ox_table_step(struct ox_table *t, uint32_t *at,
		   void (*fn)(struct ox_table *t, uint32_t flow));

/* ---- table_walk.c ---- */
bool ox_flow_lingers(const struct ox_table *t, uint32_t flow);
/* Is there a flow that packets can match? Of places below flow_slots.hi. */
bool ox_table_linked(const struct ox_table *t, uint32_t flow);
/* First flow at or after from that packets can match: lingering ones, too. */
uint32_t ox_table_next_linked(const struct ox_table *t, uint32_t from);

/* ---- table_find.c ---- */
/* A flow that key matches, under each mask in turn: one that lingers or one
 * that doesn't. Slow. */
uint32_t ox_table_match(const struct ox_table *t, const struct ox_key *key,
			const struct ox_tun *tun, bool lingering);

/* ---- table_linger.c ---- */
/* Before and after the insert of a flow: lingering ones that must not run
 * beside it, and those in whose place it comes, go. */
void ox_linger_before(struct ox_table *t, const struct ox_flow_spec *spec);
void ox_linger_replace(struct ox_table *t, const struct ox_flow_spec *spec);

/* ---- table_sync.c ---- */
void ox_slots_retire(struct ox_slots *s, uint32_t slot); /* into limbo */
/* Waits for a grace period; limbo becomes free. 0 or -errno. */
int ox_table_sync(struct ox_table *t);
/* Begins a grace period for what is in limbo now, if there is any; waits for it
 * only where the memory can't do otherwise. */
void ox_table_sync_begin(struct ox_table *t);
/* Has it ended? Then its slots are free. Also true if none is under way. */
bool ox_table_sync_ended(struct ox_table *t);

/* ---- table_slots.c ---- */
int ox_slots_fit(struct ox_slots *s, uint32_t cap);
void ox_slots_fini(struct ox_slots *s);
/* A free slot or else a new one; OX_NONE: none without a sync or growth. */
uint32_t ox_slots_get(struct ox_slots *s);
/* The one of those used before that comes next, and the one after it. */
uint32_t ox_slots_first(const struct ox_slots *s);
uint32_t ox_slots_after(const struct ox_slots *s, uint32_t slot);
void ox_slots_put(struct ox_slots *s, uint32_t slot); /* free at once */
/* Free ones that need no sync, without growth. */
bool ox_slots_any(const struct ox_slots *s);

/* ---- table_index.c ---- */
int ox_index_init(struct ox_index *x, uint32_t n_heads);
void ox_index_fini(struct ox_index *x);
int ox_index_fit(struct ox_index *x, uint32_t cap);
void ox_index_add(struct ox_index *x, uint32_t slot, uint32_t hash);
void ox_index_del(struct ox_index *x, uint32_t slot);
/* Walks the slots of a hash: first, then next; OX_NONE at the end. */
uint32_t ox_index_first(const struct ox_index *x, uint32_t hash);
uint32_t ox_index_next(const struct ox_index *x, uint32_t slot);
uint32_t ox_hash_bytes(uint64_t seed, const void *p, uint32_t len);
/* How a flow is indexed in by_id. */
uint32_t ox_table_id_hash(const struct ox_table *t, const uint8_t *ufid,
			  uint8_t ufid_len, const struct ox_key *key);

/* ---- table_mask.c ---- */
/* Bits, words; neither slot nor seed. Returns how many words it takes: with
 * more than OX_KEY_WORDS out isn't whole. */
uint32_t ox_mask_compact(const struct ox_flow_spec *spec, struct ox_mask *out);
void ox_mask_expand(const struct ox_mask *mask, const struct ox_key *key,
		    struct ox_key *out, struct ox_tun *tun);
/* The slot of a mask; makes one if need be. Does not count the flow. */
int ox_mask_get(struct ox_table *t, const struct ox_mask *compact,
		uint32_t *slot, struct ox_err *e);
uint32_t ox_mask_hash(const struct ox_table *t, const struct ox_mask *m);
void ox_mask_ref(struct ox_table *t, uint32_t slot);
void ox_mask_unref(struct ox_table *t, uint32_t slot);

/* ---- table_scan.c ---- */
/* Publishes a mask at the end of the active half. There is room. */
void ox_scan_append(struct ox_table *t, uint32_t slot);
/* Rewrites "scan" from order, without unused masks. Syncs if it must. */
int ox_scan_rebuild(struct ox_table *t);
/* Empties it at once (flush). */
void ox_scan_clear(struct ox_table *t);
/* Reads the hits; sorts order if it has become wrong. True: rebuild. */
bool ox_scan_sort(struct ox_table *t);

/* ---- table_prune.c ---- */
/* 0 or -ENOMEM. All blocks are taken for dirty until ox_prune_clean(). */
int ox_prune_open(struct ox_table *t);
void ox_prune_close(struct ox_table *t);
/* The memory has no bits. */
void ox_prune_clean(struct ox_table *t);
/* A mask's record is complete; it has no flows yet. */
void ox_prune_mask(struct ox_table *t, uint32_t slot);
/* It is at this place of the half in use, which had no mask. */
void ox_prune_place(struct ox_table *t, uint32_t slot, uint32_t place);
/* A flow's record is complete: the half in use will lead to it. */
void ox_prune_flow(struct ox_table *t, uint32_t flow);
/* One is gone; its bits stay for now. */
void ox_prune_gone(struct ox_table *t);
/* The first n of order, into a half that no program reads. */
void ox_prune_build(struct ox_table *t, uint32_t half, uint32_t n);
/* Works on the bits of flows that are gone. True: rebuild. */
bool ox_prune_tick(struct ox_table *t);

/* ---- table_bucket.c ---- */
/* Links a flow record that is complete. -ENOSPC: no place within reach. */
int ox_bucket_link(struct ox_table *t, uint32_t flow);
void ox_bucket_unlink(struct ox_table *t, uint32_t flow);

/* ---- table_tun.c ---- */
/* What identifies a flow without a UFID beside ox_uflow.key: a slot, or OX_NONE
 * where nothing does. */
int ox_tun_store(struct ox_table *t, const struct ox_flow_spec *spec,
		 uint32_t *slot, struct ox_err *e);
void ox_tun_release(struct ox_table *t, uint32_t slot);
/* As ox_acts_mark(). */
bool ox_tun_mark(const struct ox_table *t, uint32_t slot, uint8_t *used);
/* Of a flow without a UFID whose key is equal otherwise. */
bool ox_tun_same(const struct ox_table *t, uint32_t flow,
		 const struct ox_tun *tun);

/* ---- table_acts.c ---- */
/* A slot, which is free or was never used; OX_NONE: there is none. */
uint32_t ox_acts_slot(struct ox_table *t);
/* What a list becomes in memory. */
struct ox_acts_ref {
	uint64_t action; /* for ox_flow */
	uint32_t acts;	 /* first slot or OX_NONE: the list is inline */
	uint16_t inline_len;
	uint8_t nla[OX_INLINE_NLA];
};
int ox_acts_store(struct ox_table *t, const struct ox_actions *a,
		  struct ox_acts_ref *out, struct ox_err *e);
/* Does an action word of this kind name a slot? */
bool ox_acts_kind(uint32_t kind);
/* The inline list that says the same as an action word. */
void ox_acts_canonical(uint64_t action, struct ox_acts_ref *out);
void ox_acts_retire(struct ox_table *t, uint32_t first);
/* Marks a chain's slots in used ([acts slots]). False, and none is marked, if
 * it isn't whole or shares a slot with another. */
bool ox_acts_mark(const struct ox_table *t, uint32_t first, uint8_t *used);
void ox_acts_unmark(const struct ox_table *t, uint32_t first, uint8_t *used);
/* Copies a verbatim list from its slots; returns its length. */
uint32_t ox_acts_load(const struct ox_table *t, uint32_t first, void *buf,
		      uint32_t size);

/* ---- table_group.c ---- */
/* Notes all flows' GROUP ops. 0 or -ENOMEM. */
int ox_group_open(struct ox_table *t);
void ox_group_close(struct ox_table *t);
/* A chain of slots has come, one slot of a chain goes. */
void ox_group_ref(struct ox_table *t, uint32_t first);
void ox_group_unref(struct ox_table *t, const struct ox_acts *a);
/* Makes sets that were asked for, and those with other devices anew. */
void ox_group_tick(struct ox_table *t);

/* ---- table_takeover.c ---- */
int ox_table_takeover(struct ox_table *t, struct ox_err *e);

#endif /* OVSXDP_TABLE_INT_H */
