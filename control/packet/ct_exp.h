/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_exp.h - the table of expectations, and what helpers remember of their
 * connections: maps "ct_exps" and "ct_algs" (ovsxdp/abi/ct.h). Only the daemon
 * fills them in. Whatever store it dies at, the tables do for programs and for
 * the next daemon: what isn't whole isn't there.
 */
#ifndef OVSXDP_PACKET_CT_EXP_H
#define OVSXDP_PACKET_CT_EXP_H

#include <stdbool.h>

#include "ovsxdp/ct_mem.h"

/* ---- expectations ---- */

/*
 * nf_ct_expect_related(): puts *x in, and that of the same master before it is
 * gone: ftp and tftp wait for one connection at a time. "word", "expires" and
 * the master are filled in here. -EBUSY: another one waits for such packets;
 * -EALREADY: for exactly these, of another master; -EMFILE: no room.
 */
int ox_ct_exp_relate(struct ox_ct_mem *m, struct ox_ct_alg *a,
		     struct ox_ct_exp *x);
/* Takes out the one in a place, if it is still that of word. */
bool ox_ct_exp_remove(struct ox_ct_mem *m, uint32_t at, uint32_t word);
/* A copy of the one in a place. -ENOENT: there is none, its time is over, or
 * its master is gone. */
int ox_ct_exp_view(const struct ox_ct_mem *m, uint32_t at,
		   struct ox_ct_exp *out);
/*
 * Takes out those whose time is over, or whose master is gone, and counts the
 * others for their zones: programs look for none where there was none. To be
 * called at the start, then some times per second; costs nothing while there
 * are none.
 */
void ox_ct_exp_start(struct ox_ct_mem *m);
void ox_ct_exp_tick(struct ox_ct_mem *m);

/* Who is told of one that was put in (made), or taken out by the daemon; a copy
 * is in *x. NULL: nobody. */
typedef void ox_ct_exp_fn(struct ox_ct_mem *m, uint32_t at,
			  const struct ox_ct_exp *x, bool made);
extern ox_ct_exp_fn *ox_ct_exp_told;

/* Since the daemon began. */
struct ox_ct_exp_stats {
	uint32_t created;
	uint32_t deleted;
};
extern struct ox_ct_exp_stats ox_ct_exp_stats;

/* ---- what a helper remembers ---- */

/* Of the connection in place idx, which is that of gen. NULL: there is nothing
 * yet, and no room for more if make. */
struct ox_ct_alg *ox_ct_alg_of(struct ox_ct_mem *m, uint32_t idx, uint16_t gen,
			       bool make);

#endif /* OVSXDP_PACKET_CT_EXP_H */
