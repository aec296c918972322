/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions.h - OVS_FLOW_ATTR_ACTIONS / OVS_PACKET_ATTR_ACTIONS: checked as
 * __ovs_nla_copy_actions() (net/openvswitch/flow_netlink.c) checks them,
 * kept verbatim, and compiled to ops that the core runs. No I/O.
 */
#ifndef OVSXDP_ACTIONS_H
#define OVSXDP_ACTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <libmnl/libmnl.h>

#include "ovsxdp/abi.h"
#include "ovsxdp/err.h"

#define OX_ACTIONS_MAX_OPS OX_ACTS_MAX_OPS

struct ox_actions {
	void *nla; /* verbatim attribute stream, owned */
	uint32_t nla_len;
	uint32_t kind;	     /* enum ox_act: which tier runs it, and how */
	uint32_t port;	     /* OX_ACT_OUTPUT: port number */
	uint32_t acts_flags; /* OX_ACTS_SKB, or 0 */
	uint32_t n_ops;
	struct ox_op *ops; /* owned; all of the list, whatever the kind */
};

/*
 * Validates a nest of actions for a flow with this key and mask, and compiles
 * it. Key and mask are the full forms; a packet's EXECUTE passes an all-ones
 * mask. The offsets in e are from base, the start of the message. -EINVAL,
 * -EOVERFLOW (nested too deep) and -EMSGSIZE are as the module's. -EOPNOTSUPP
 * has a text for what this datapath can't do (yet). -E2BIG: more than
 * OX_ACTIONS_MAX_OPS.
 */
int ox_actions_compile(const void *base, const struct nlattr *nest,
		       const struct ox_key *key, const struct ox_key *mask,
		       struct ox_actions *out, struct ox_err *e);
/* The same from a verbatim stream that was accepted before. -EINVAL, and no
 * harm, where it wasn't. */
int ox_actions_recompile(const void *nla, uint32_t nla_len,
			 struct ox_actions *out);
void ox_actions_free(struct ox_actions *a); /* contents; NULL ok */

/*
 * The innermost list of a verbatim stream that the attribute at offset off
 * stands in: what OVS_USERSPACE_ATTR_ACTIONS shows. The whole stream where
 * off is none of an action. Points into nla; *len in bytes.
 */
const void *ox_actions_list_of(const void *nla, uint32_t nla_len, uint32_t off,
			       uint32_t *len);

/* ---- actions_tier.c ---- */
/*
 * The highest tier that can finish the list, whatever the ports' modes: "xdp",
 * "skb" or "user". In why (size bytes, cut if need be; "" for "xdp") stand the
 * ops that move packets down, in words. Takes the worst of all branches.
 */
void ox_actions_tier(const struct ox_actions *a, const char **tier, char *why,
		     size_t size);

#endif /* OVSXDP_ACTIONS_H */
