/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * codec_flow.h - messages of the family ovs_flow: requests to plain structs,
 * flows to attributes. No I/O.
 */
#ifndef OVSXDP_CODEC_FLOW_H
#define OVSXDP_CODEC_FLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/openvswitch.h>

#include "control/codec/flow_spec.h"
#include "control/base/attr.h"
#include "control/base/nlbuf.h"

extern const struct ox_nla_policy ox_flow_policy[OVS_FLOW_ATTR_MAX + 1];

/* A request decoded. Owns actions: ox_flow_request_done(). */
struct ox_flow_request {
	struct ox_flow_spec spec; /* .actions is NULL or &actions */
	struct ox_actions actions;
	uint32_t ufid_flags; /* OVS_UFID_F_* */
	bool has_key;
	bool clear;
};

/* What a command needs of the attributes. */
enum ox_flow_want {
	OX_FLOW_WANT_ALL,	 /* NEW: key and actions */
	OX_FLOW_WANT_ID_ACTIONS, /* SET: key or UFID; actions need a key */
	OX_FLOW_WANT_ID,  /* GET: key or UFID; the mask isn't looked at */
	OX_FLOW_WANT_ANY, /* DEL: neither means all flows */
};

/* base: start of the message; tb: attributes by ox_flow_policy. 0 or -errno
 * with e filled; rq needs ox_flow_request_done() after 0 only. */
int ox_flow_decode(const void *base, const struct nlattr *const *tb,
		   enum ox_flow_want want, struct ox_flow_request *rq,
		   struct ox_err *e);
void ox_flow_request_done(struct ox_flow_request *rq);

/* A flow for writing. Nothing is owned. */
struct ox_flow_view {
	const uint8_t *ufid;
	uint8_t ufid_len;
	const struct ox_key *key;  /* unmasked */
	const struct ox_key *mask; /* full form */
	const struct ox_tun *tun;  /* the rest of both */
	const struct ox_tun *tun_mask;
	const struct ox_flow_stats *stats;
	const void *nla; /* verbatim actions */
	uint32_t nla_len;
};

/* Attributes of a flow, as ovs_flow_cmd_fill_info() orders them, after the
 * header that is there. -EMSGSIZE: no room (part of it may be written). */
int ox_flow_put(struct ox_nlbuf *b, const struct ox_flow_view *v,
		uint32_t ufid_flags);

#endif /* OVSXDP_CODEC_FLOW_H */
