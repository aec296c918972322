/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions_kind.h - the actions that this datapath knows. Every pass over a
 * list of them switches over enum ox_action_type and names all, so that the
 * compiler (-Wswitch-enum) finds the passes that lack a new one.
 */
#ifndef OVSXDP_ACTIONS_KIND_H
#define OVSXDP_ACTIONS_KIND_H

#include <stdbool.h>

#include "control/codec/key_attr.h"
#include "ovsxdp/uapi.h"

#define OX_LEN_ANY (-1)

/* Its name as ovs-dpctl writes it; bytes of its argument, or OX_LEN_ANY.
 * psample is unknown, as to a kernel that was built without it. */
#define OX_ACTION_TYPES(X)                                             \
	X(OUTPUT, "output", 4)                                         \
	X(USERSPACE, "userspace", OX_LEN_ANY)                          \
	X(SET, "set", OX_LEN_ANY)                                      \
	X(PUSH_VLAN, "push_vlan", sizeof(struct ovs_action_push_vlan)) \
	X(POP_VLAN, "pop_vlan", 0)                                     \
	X(SAMPLE, "sample", OX_LEN_ANY)                                \
	X(RECIRC, "recirc", 4)                                         \
	X(HASH, "hash", sizeof(struct ovs_action_hash))                \
	X(PUSH_MPLS, "push_mpls", sizeof(struct ovs_action_push_mpls)) \
	X(POP_MPLS, "pop_mpls", 2)                                     \
	X(SET_MASKED, "set_masked", OX_LEN_ANY)                        \
	X(CT, "ct", OX_LEN_ANY)                                        \
	X(TRUNC, "trunc", sizeof(struct ovs_action_trunc))             \
	X(PUSH_ETH, "push_eth", sizeof(struct ovs_action_push_eth))    \
	X(POP_ETH, "pop_eth", 0)                                       \
	X(CT_CLEAR, "ct_clear", 0)                                     \
	X(PUSH_NSH, "push_nsh", OX_LEN_ANY)                            \
	X(POP_NSH, "pop_nsh", 0)                                       \
	X(METER, "meter", 4)                                           \
	X(CLONE, "clone", OX_LEN_ANY)                                  \
	X(CHECK_PKT_LEN, "check_pkt_len", OX_LEN_ANY)                  \
	X(ADD_MPLS, "add_mpls", sizeof(struct ovs_action_add_mpls))    \
	X(DEC_TTL, "dec_ttl", OX_LEN_ANY)                              \
	X(DROP, "drop", 4)

/* Numbers of enum ovs_action_attr, which has more in some kernels. */
enum ox_action_type {
#define OX_ACTION_ENUM(id, name, len) OX_ACTION_##id = OVS_ACTION_ATTR_##id,
	OX_ACTION_TYPES(OX_ACTION_ENUM)
#undef OX_ACTION_ENUM
};

/* May be a number that isn't in the enum: ox_action_known() tells. */
static inline enum ox_action_type ox_action_type(const struct nlattr *a)
{
	return (enum ox_action_type)mnl_attr_get_type(a);
}

/* An action of the list above? */
bool ox_action_known(const struct nlattr *a);
/* Has a known action's argument the right length? */
bool ox_action_len_ok(const struct nlattr *a);
/* Of a known action: the two columns above. */
const char *ox_action_name(const struct nlattr *a);
int ox_action_len(const struct nlattr *a);

/*
 * What a set may write; the argument of OVS_ACTION_ATTR_SET(_MASKED) is one
 * of these key attributes.
 */
#define OX_SET_TYPES(X) \
	X(PRIORITY)     \
	X(SKB_MARK)     \
	X(ETHERNET)     \
	X(IPV4)         \
	X(IPV6) X(TCP) X(UDP) X(SCTP) X(MPLS) X(TUNNEL) X(CT_MARK) X(CT_LABELS)

enum ox_set_type {
#define OX_SET_ENUM(id) OX_SET_##id = OVS_KEY_ATTR_##id,
	OX_SET_TYPES(OX_SET_ENUM)
#undef OX_SET_ENUM
};

#endif /* OVSXDP_ACTIONS_KIND_H */
