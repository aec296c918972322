/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * datapath.h - what the family and the takeover need of datapath.c beyond
 * daemon.h.
 */
#ifndef OVSXDP_DATAPATH_H
#define OVSXDP_DATAPATH_H

#include "control/daemon.h"

/* What OVS_DP_CMD_NEW and _SET may change; see ovs_dp_change(). */
struct ox_dp_change {
	bool has_features; /* without it they become 0, as the module does */
	bool has_cache;
	bool has_cpu_pids;
	uint32_t features;
	uint32_t cache_size;
	const void *cpu_pids;  /* u32 port ids, unaligned */
	uint32_t cpu_pids_len; /* bytes */
};
/*
 * Applies it as far as the first error, like the module: -EOPNOTSUPP for
 * unknown features, -EINVAL for a cache size that is no power of two and for
 * per-CPU port ids that are no array of u32.
 */
int ox_datapath_change(struct ox_datapath *dp, const struct ox_dp_change *ch,
		       struct ox_err *e);
/* The same checks alone, before there is a datapath. */
int ox_datapath_change_check(const struct ox_daemon *d,
			     const struct ox_dp_change *ch, struct ox_err *e);

/* A handle around open memory; takes dp over, also on error. Enters nothing
 * in the daemon's list. */
int ox_datapath_new(struct ox_daemon *d, const char *name, struct ox_dp *dp,
		    struct ox_datapath **out, struct ox_err *e);
void ox_datapath_free(struct ox_datapath *dp); /* closes handles; NULL ok */
/* Puts it at the end of the daemon's list. */
void ox_datapath_link(struct ox_datapath *dp);

#endif /* OVSXDP_DATAPATH_H */
