/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * top.h - a sample of a datapath's counters, and the rates between two.
 */
#ifndef OVSXDP_CTL_TOP_H
#define OVSXDP_CTL_TOP_H

#include "control/ctl/ctl.h"

#define OX_TOP_FLOWS 10 /* busiest flows shown */

/* A flow's counters under a hash of its identity. */
struct ox_top_count {
	uint64_t id;
	uint64_t packets, bytes;
};

struct ox_top_flow {
	uint64_t packets, bytes; /* since the sample before */
	char *text;		 /* owned */
};

struct ox_top_sample {
	uint64_t ns; /* CLOCK_MONOTONIC */
	struct ox_dp_info dp;
	struct ox_port_infos ports;
	struct ox_top_count *counts; /* owned, sorted by id */
	uint32_t n_counts, room;
	struct ox_top_flow busiest[OX_TOP_FLOWS]; /* most packets first */
	uint32_t n_busiest;
};

/* old: the sample before, or NULL. */
int ox_top_take(struct ox_ctl *ctl, const struct ox_dp_info *dp,
		const struct ox_top_sample *old, struct ox_top_sample *s);
void ox_top_free(struct ox_top_sample *s);
/* The counters of a flow in a sample; NULL: it wasn't there. */
const struct ox_top_count *ox_top_find(const struct ox_top_sample *s,
				       uint64_t id);
/* Growth of a counter that may have been reset. */
static inline uint64_t ox_top_grown(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

#endif /* OVSXDP_CTL_TOP_H */
