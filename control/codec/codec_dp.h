/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * codec_dp.h - OVS_DP_ATTR_* to plain structs and back; no socket, no map.
 */
#ifndef OVSXDP_CODEC_DP_H
#define OVSXDP_CODEC_DP_H

#include <stdbool.h>
#include <stdint.h>

#include "control/base/attr.h"
#include "control/base/nlbuf.h"
#include "ovsxdp/uapi.h"

extern const struct ox_nla_policy ox_dp_policy[OX_DP_ATTR_MAX + 1];

/* A request. Pointers go into the message; NULL or false: not given. */
struct ox_dp_attrs {
	const char *name;
	const void *upcall_pid;	 /* u32, or an array of them, unaligned */
	uint32_t upcall_pid_len; /* bytes */
	bool has_features;
	bool has_cache;
	uint32_t features;
	uint32_t cache_size;
	const void *cpu_pids; /* u32 port ids, unaligned */
	uint32_t cpu_pids_len;
	uint32_t ifindex;			  /* 0: any */
	uint32_t max_flows, max_masks, max_ports; /* vendor's; 0: default */
};
/*
 * tb: as ox_attrs_parse() filled it by ox_dp_policy. buf, len: the attribute
 * stream, searched for vendor attributes beyond the policy.
 */
void ox_dp_attrs_get(const struct nlattr *const *tb, const void *buf,
		     size_t len, struct ox_dp_attrs *out);

/* A datapath as replies and notifications describe it. */
struct ox_dp_info {
	const char *name;
	struct ovs_dp_stats stats;
	struct ovs_dp_megaflow_stats megaflow;
	uint32_t user_features;
	uint32_t cache_size;
	const uint32_t *cpu_pids; /* NULL: leave out */
	uint32_t n_cpu_pids;
	uint32_t upcall_pid;
};
/* The module's attributes in its order, then OVS_DP_ATTR_UPCALL_PID. */
int ox_dp_info_put(struct ox_nlbuf *b, const struct ox_dp_info *i);
/* The way back, for clients: tb by ox_dp_policy. -EINVAL if one of those
 * that are always there is missing or short. */
int ox_dp_info_get(const struct nlattr *const *tb, struct ox_dp_info *out);

#endif /* OVSXDP_CODEC_DP_H */
