/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * linger.h - a flush that leaves flows to the packets for some time
 * (--flush-linger).
 */
#ifndef OVSXDP_LINGER_H
#define OVSXDP_LINGER_H

#include <stdint.h>

struct ox_datapath;

/*
 * Deletes all flows of a datapath, or lets them linger: by ox_linger_step(),
 * some in each turn of the loop, until dp->flush.job is 0. Begins it, and
 * returns its number; none is under way.
 */
uint64_t ox_linger_flush(struct ox_datapath *dp);
void ox_linger_step(struct ox_datapath *dp);
/* Flows that lingered when the last daemon ended: their time begins anew. */
void ox_linger_open(struct ox_datapath *dp);
void ox_linger_close(struct ox_datapath *dp);

#endif /* OVSXDP_LINGER_H */
