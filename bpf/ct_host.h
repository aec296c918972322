/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_host.h - the host build of connection tracking (part of build/libcore.a):
 * the same ct*.h that the BPF programs include, over plain memory. It is what
 * unit tests and fuzzers run. One thread a table; no I/O, no privileges. The
 * clock is the owner's: ox_ct_host_mem.now, in jiffies.
 */
#ifndef OVSXDP_BPF_CT_HOST_API_H
#define OVSXDP_BPF_CT_HOST_API_H

#include <stdint.h>

#include "ovsxdp/ct_pkt.h"
#include "bpf/host.h"
#include "bpf/tier/ct_host.h"

/*
 * A table for "max" entries, a multiple of 64, with the kernel's defaults for
 * all timeouts and knobs and "hz" jiffies a second. NULL without memory.
 */
struct ox_ct_host_mem *ox_ct_host_open(uint32_t max, uint32_t hz);
void ox_ct_host_close(struct ox_ct_host_mem *m);

/* What the tracker sees of a packet with its key; -EINVAL: it can't be tracked,
 * which p->kind says, too. */
int ox_ct_host_parse(const struct ox_host_pkt *pkt, uint16_t zone,
		     struct ox_ct_pkt *p);

/* ox_ct_in(), ox_ct_commit(), and the end of a connection that r->over asks
 * for (bpf/core/ct.h). r->now is set. */
int ox_ct_host_in(struct ox_ct_host_mem *m, struct ox_ct_run *r);
int ox_ct_host_commit(struct ox_ct_host_mem *m, struct ox_ct_run *r);
void ox_ct_host_over(struct ox_ct_host_mem *m, struct ox_ct_run *r);

/* The action ct() on a packet, whose key it changes: 0, or -errno with which
 * the packet is dropped. */
int ox_ct_host_execute(struct ox_ct_host_mem *m, struct ox_host_pkt *pkt,
		       const struct ox_ct_act *act);

/* What ox_host_sink.ct has to do, over m: ct_do(). */
int ox_ct_host_do(struct ox_ct_host_mem *m, uint32_t what,
		  struct ox_ct_run *run, struct ox_key *key,
		  const struct ox_ct_act *act);

/* The entry that p belongs to, or NULL. Its state doesn't change. */
struct ox_ct *ox_ct_host_find(struct ox_ct_host_mem *m,
			      const struct ox_ct_pkt *p);

/* The same by tuple, seen from its end from_b; *dir: the packet's. */
struct ox_ct *ox_ct_host_lookup(struct ox_ct_host_mem *m,
				const struct ox_ct_tuple *t, int from_b,
				uint8_t *dir);

/* Commits an entry; *idx is its place. -EEXIST, -ENOMEM, -ENOSPC. */
int ox_ct_host_make(struct ox_ct_host_mem *m, const struct ox_ct *e,
		    uint32_t *idx);

/* A table for "max" entries, a multiple of 64, with the seed, the knobs and the
 * timeouts of another one. NULL without memory. */
struct ox_ct_host_mem *ox_ct_host_like(const struct ox_ct_conf *conf,
				       const struct ox_ct_tp *tps,
				       uint32_t max);

/* Puts a copy of another table's entry in, as it is there but for its place and
 * gen. The zone's word doesn't change, and no limit counts. As make. */
int ox_ct_host_adopt(struct ox_ct_host_mem *m, const struct ox_ct *e,
		     uint32_t *idx);

/* Takes an entry out; -ENOENT: it isn't there. */
int ox_ct_host_kill(struct ox_ct_host_mem *m, const struct ox_ct *e);

/* Looks at all entries: how many were ended. */
uint32_t ox_ct_host_sweep(struct ox_ct_host_mem *m);

/* All entries of a zone end: how many there were. */
uint32_t ox_ct_host_flush(struct ox_ct_host_mem *m, uint16_t zone);

/* Entries in a zone. */
uint32_t ox_ct_host_count(const struct ox_ct_host_mem *m, uint16_t zone);

#endif /* OVSXDP_BPF_CT_HOST_API_H */
