/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * codec_vport.h - OVS_VPORT_ATTR_* to plain structs and back; no socket, no
 * map.
 */
#ifndef OVSXDP_CODEC_VPORT_H
#define OVSXDP_CODEC_VPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "control/base/attr.h"
#include "control/base/nlbuf.h"
#include "ovsxdp/abi.h"
#include "ovsxdp/uapi.h"

extern const struct ox_nla_policy ox_vport_policy[OX_VPORT_ATTR_MAX + 1];

/* OVS_TUNNEL_ATTR_*, the options of a tunnel's vport. */
struct ox_vport_tun_attrs {
	bool has_port; /* DST_PORT, two bytes wide as it must be */
	uint16_t port; /* host's order */
	uint32_t exts; /* bit n: EXTENSION has attribute n */
	int exts_err;  /* the module's errno for a bad EXTENSION */
};

/* A request. Pointers go into the message; NULL or false: not given. */
struct ox_vport_attrs {
	const char *name;
	bool has_port_no;
	bool has_type;
	bool has_options;
	bool has_ifindex;
	bool has_mode;
	uint32_t port_no;
	uint32_t type;
	uint32_t ifindex;
	const void *pids;  /* u32 port ids, unaligned */
	uint32_t pids_len; /* bytes */
	uint32_t mode;	   /* enum ox_attach_mode, from the vendor option */
	struct ox_vport_tun_attrs tun;
};
/* tb: as ox_attrs_parse() filled it by ox_vport_policy. base: start of the
 * message. -EINVAL: options that are no attributes. */
int ox_vport_attrs_get(const void *base, const struct nlattr *const *tb,
		       struct ox_vport_attrs *out, struct ox_err *e);

/* A vport as replies and notifications describe it. */
struct ox_vport_info {
	uint32_t port_no;
	uint32_t type;
	const char *name;
	uint32_t ifindex; /* 0: it has no device */
	bool has_netnsid; /* the device is in another network namespace */
	int32_t netnsid;
	struct ox_port_stats stats; /* laid out as struct ovs_vport_stats */
	uint64_t upcall_success;
	uint64_t upcall_fail;
	const uint32_t *pids;
	uint32_t n_pids;
	bool has_options;
	struct ox_vport_tun_attrs tun;
};
/* The module's attributes in its order. */
int ox_vport_info_put(struct ox_nlbuf *b, const struct ox_vport_info *i);
/* The way back, for clients: tb by ox_vport_policy. -EINVAL if one of those
 * that are always there is missing or short. */
int ox_vport_info_get(const struct nlattr *const *tb,
		      struct ox_vport_info *out);

#endif /* OVSXDP_CODEC_VPORT_H */
