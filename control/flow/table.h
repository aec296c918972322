/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table.h - a datapath's flow table. It is the single writer of masks, scan,
 * buckets, flows, uflows and acts in struct ox_mem. Host-side indexes (by UFID,
 * by key) find a flow for netlink. What net/openvswitch/flow_table.c is to the
 * module. No I/O, no logging; works on heap memory as well as on maps.
 */
#ifndef OVSXDP_TABLE_H
#define OVSXDP_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "control/codec/flow_spec.h"
#include "ovsxdp/mem.h"

struct ox_table;

/*
 * Takes over what m holds: counts, rebuilds the indexes, finishes or undoes
 * writes that a crash tore, frees what was dying.
 */
int ox_table_open(struct ox_mem *m, struct ox_table **out, struct ox_err *e);
void ox_table_close(struct ox_table *t); /* the memory stays; NULL ok */

/* Without lingering ones. */
uint32_t ox_table_n_flows(const struct ox_table *t);
uint32_t ox_table_n_masks(const struct ox_table *t);
/* Changes with each insert and remove; for interrupted dumps. */
uint32_t ox_table_generation(const struct ox_table *t);

/* All return a flow index or OX_NONE, and know nothing of lingering flows. tun:
 * the rest of a key with a tunnel; of others it isn't looked at. */
uint32_t ox_table_find_ufid(const struct ox_table *t, const uint8_t *ufid,
			    uint8_t len);
/* ovs_flow_tbl_lookup_exact(): the flow identified by this unmasked key. */
uint32_t ox_table_find_key(const struct ox_table *t, const struct ox_key *key,
			   const struct ox_tun *tun);
/* ovs_flow_tbl_lookup(): any flow that matches key under its own mask. */
uint32_t ox_table_lookup(const struct ox_table *t, const struct ox_key *key,
			 const struct ox_tun *tun);
/* ovs_flow_cmp(): is this spec the same flow (by UFID or unmasked key)? */
bool ox_table_same(const struct ox_table *t, uint32_t flow,
		   const struct ox_flow_spec *spec);
/* First live flow at or after from, for dumps. */
uint32_t ox_table_next(const struct ox_table *t, uint32_t from);

/* 0 and *flow. -ENOSPC (texts say which limit), -ENOMEM, -E2BIG: the mask has
 * more words than OX_KEY_WORDS. The caller has checked for duplicates. */
int ox_table_insert(struct ox_table *t, const struct ox_flow_spec *spec,
		    uint32_t *flow, struct ox_err *e);
/* Replaces the actions with one store that running programs see whole. */
int ox_table_set_actions(struct ox_table *t, uint32_t flow,
			 const struct ox_actions *a, struct ox_err *e);
/* Unlinks a flow: no packet meets it after this. Its counters can be read
 * until the index is used again. */
void ox_table_remove(struct ox_table *t, uint32_t flow);
/* All flows, lingering ones too. */
void ox_table_flush(struct ox_table *t);
/*
 * The same in steps of OX_FLUSH_STEP places, from *at on, which is 0 at first.
 * True: there are more. Nothing may be inserted between two steps.
 */
bool ox_table_flush_step(struct ox_table *t, uint32_t *at);
#define OX_FLUSH_STEP 4096

/* ---- table_linger.c: flows that a flush left to the packets ---- */

/* A flush that lets flows linger. Packets match them and count, but all of the
 * above except remove and stats takes them for deleted. An insert puts those
 * away that it replaces. Flows that neither output nor recirculate, and probes,
 * are removed. */
void ox_table_linger(struct ox_table *t);
bool ox_table_linger_step(struct ox_table *t, uint32_t *at);
uint32_t ox_table_n_lingering(const struct ox_table *t);
/* First lingering flow at or after from. */
uint32_t ox_table_next_lingering(const struct ox_table *t, uint32_t from);
/* A port goes: so do lingering flows from it or to it, by steps. False: there
 * are none. Until the last step the number mustn't be another port's. */
bool ox_table_linger_port(struct ox_table *t, uint32_t port_no);
/* For all ports that have gone; false: it was the last step. */
bool ox_table_linger_port_step(struct ox_table *t);
/* May a lingering flow name this port that has gone? */
bool ox_table_linger_names(const struct ox_table *t, uint32_t port_no);
/* All that linger are removed. */
void ox_table_linger_end(struct ox_table *t);
bool ox_table_linger_end_step(struct ox_table *t, uint32_t *at);

/* The mask of a flow in full form. */
void ox_table_mask(const struct ox_table *t, uint32_t flow, struct ox_key *mask,
		   struct ox_tun *tun);
/* The rest of its key (ox_uflow.key), which with a UFID is masked already. All
 * zero where it has no tunnel. */
void ox_table_tun(const struct ox_table *t, uint32_t flow, struct ox_tun *tun);
/* The verbatim actions: copies to buf (size bytes; OX_TABLE_MAX_NLA is
 * always enough), returns the length. */
uint32_t ox_table_actions(const struct ox_table *t, uint32_t flow, void *buf,
			  uint32_t size);
#define OX_TABLE_MAX_NLA (64 * 1024)
/* Since creation or the last clear. */
int ox_table_stats(const struct ox_table *t, uint32_t flow,
		   struct ox_flow_stats *out);
/* The same for n flows from first on, in one go (dumps). */
int ox_table_stats_range(const struct ox_table *t, uint32_t first, uint32_t n,
			 struct ox_flow_stats *out);
int ox_table_stats_clear(struct ox_table *t, uint32_t flow);

/* The device of a port is another one, or has gone: sets of ports that XDP
 * sends to are made anew at the next tick. */
void ox_table_port_changed(struct ox_table *t, uint32_t port_no);

/* Once a second: orders masks by hits, retires unused ones, frees what no
 * program can see any more. May call mem->ops->sync (some ms). */
void ox_table_tick(struct ox_table *t);

#endif /* OVSXDP_TABLE_H */
