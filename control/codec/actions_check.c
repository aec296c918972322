// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_check.c - is a list of actions safe on every packet that its flow
 * matches? The module's rules (__ovs_nla_copy_actions()) come first, so what
 * the module calls -EINVAL is that here; then what this datapath can't do.
 *
 * As in the module, what a list knows of the packet (tags, labels, Ethernet
 * type) goes into the lists inside it, but not out of them again. The MAC layer
 * is that of the flow at the start of each list.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>

#include "control/codec/actions_int.h"
#include "control/codec/ct.h"

#define BAD(c, a, ...) ox_actions_bad(c, -EINVAL, a, __VA_ARGS__)

static int check_output(struct ox_actions_check *c, const struct nlattr *a)
{
	uint32_t port = mnl_attr_get_u32(a);

	if (port < OX_DP_MAX_PORTS)
		return 0;
	return BAD(c, a, "output to port %u: the largest is %u", port,
		   OX_DP_MAX_PORTS - 1);
}

static int check_trunc(struct ox_actions_check *c, const struct nlattr *a)
{
	if (mnl_attr_get_u32(a) >= ETH_HLEN)
		return 0;
	return BAD(c, a, "trunc to %u bytes: %d is the least",
		   mnl_attr_get_u32(a), ETH_HLEN);
}

static int check_hash(struct ox_actions_check *c, const struct nlattr *a)
{
	struct ovs_action_hash h;

	memcpy(&h, mnl_attr_get_payload(a), sizeof(h));
	if (h.hash_alg == OVS_HASH_ALG_L4 || h.hash_alg == OVS_HASH_ALG_SYM_L4)
		return 0;
	return BAD(c, a, "hash algorithm %u is not known", h.hash_alg);
}

static int no_eth(struct ox_actions_check *c, const struct nlattr *a)
{
	return BAD(c, a, "%s: no Ethernet header", ox_action_name(a));
}

static int has_vlan(struct ox_actions_check *c, const struct nlattr *a)
{
	return BAD(c, a, "%s: there is a VLAN tag", ox_action_name(a));
}

static int check_push_vlan(struct ox_actions_check *c, const struct nlattr *a,
			   struct ox_actions_at *at)
{
	struct ovs_action_push_vlan v;

	if (at->mac_proto != 1)
		return no_eth(c, a);
	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	if (!ox_eth_type_vlan(v.vlan_tpid))
		return BAD(c, a,
			   "push_vlan: TPID 0x%04x is neither 0x8100 nor "
			   "0x88a8",
			   ntohs(v.vlan_tpid));
	if (!(v.vlan_tci & htons(OX_VLAN_CFI)))
		return BAD(c, a,
			   "push_vlan: TCI 0x%04x lacks the CFI bit 0x1000",
			   ntohs(v.vlan_tci));
	at->vlan_tci = v.vlan_tci;
	return 0;
}

static int check_pop_vlan(struct ox_actions_check *c, const struct nlattr *a,
			  struct ox_actions_at *at)
{
	if (at->mac_proto != 1)
		return no_eth(c, a);
	at->vlan_tci = 0;
	return 0;
}

/* Labels only go in front of headers whose place is known. */
static int before_label(struct ox_actions_check *c, const struct nlattr *a,
			const struct ox_actions_at *at)
{
	if (at->vlan_tci & htons(OX_VLAN_CFI))
		return has_vlan(c, a);
	switch (ntohs(at->eth_type)) {
	case ETH_P_IP:
	case ETH_P_IPV6:
	case ETH_P_ARP:
	case ETH_P_RARP:
	case ETH_P_MPLS_UC:
	case ETH_P_MPLS_MC:
		return 0;
	}
	return BAD(c, a, "%s needs a match on IP, ARP, RARP or MPLS",
		   ox_action_name(a));
}

static int check_label_type(struct ox_actions_check *c, const struct nlattr *a,
			    __be16 type)
{
	if (ox_eth_type_mpls(type))
		return 0;
	return BAD(c, a, "%s: Ethernet type 0x%04x is not of MPLS",
		   ox_action_name(a), ntohs(type));
}

static int check_push_mpls(struct ox_actions_check *c, const struct nlattr *a,
			   struct ox_actions_at *at)
{
	struct ovs_action_push_mpls v;
	int err;

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	err = check_label_type(c, a, v.mpls_ethertype);
	if (!err)
		err = before_label(c, a, at);
	at->eth_type = v.mpls_ethertype;
	at->mpls_labels++;
	return err;
}

static int check_add_mpls(struct ox_actions_check *c, const struct nlattr *a,
			  struct ox_actions_at *at)
{
	struct ovs_action_add_mpls v;
	int err;

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	err = check_label_type(c, a, v.mpls_ethertype);
	if (err)
		return err;
	if (v.tun_flags & OVS_MPLS_L3_TUNNEL_FLAG_MASK) {
		err = before_label(c, a, at);
		at->mpls_labels++;
	} else if (at->mac_proto == 1) {
		at->mpls_labels = 1;
		at->mac_proto = 0;
	} else {
		at->mpls_labels++;
	}
	at->eth_type = v.mpls_ethertype;
	return err;
}

static int check_pop_mpls(struct ox_actions_check *c, const struct nlattr *a,
			  struct ox_actions_at *at)
{
	__be16 inner = mnl_attr_get_u16(a);

	if (at->vlan_tci & htons(OX_VLAN_CFI))
		return has_vlan(c, a);
	if (!ox_eth_type_mpls(at->eth_type))
		return BAD(c, a, "pop_mpls needs a match on MPLS");
	if (inner == htons(ETH_P_TEB) && at->mac_proto)
		return BAD(c, a,
			   "pop_mpls: Ethernet inside of a label, but "
			   "Ethernet in front of it");
	/* what is after the last label is not known: no more edits of it */
	at->mpls_labels--;
	at->eth_type = ox_eth_type_mpls(inner) && at->mpls_labels ? inner : 0;
	return 0;
}

static int check_push_eth(struct ox_actions_check *c, const struct nlattr *a,
			  struct ox_actions_at *at)
{
	if (at->mac_proto)
		return BAD(c, a, "push_eth: there is an Ethernet header");
	at->mac_proto = 1;
	return 0;
}

static int check_pop_eth(struct ox_actions_check *c, const struct nlattr *a,
			 struct ox_actions_at *at)
{
	if (at->mac_proto != 1)
		return no_eth(c, a);
	if (at->vlan_tci & htons(OX_VLAN_CFI))
		return has_vlan(c, a);
	at->mac_proto = 0;
	return 0;
}

/* tun_p_to_eth_p(): the next protocols that NSH knows. */
static __be16 nsh_eth_type(uint8_t np)
{
	static const uint16_t types[] = { 0,	     ETH_P_IP,	ETH_P_IPV6,
					  ETH_P_TEB, ETH_P_NSH, ETH_P_MPLS_UC };

	return np < sizeof(types) / sizeof(types[0]) ? htons(types[np]) : 0;
}
#define NSH_NP_ETHERNET 3
#define NSH_NP_MAX	5

static int check_push_nsh(struct ox_actions_check *c, const struct nlattr *a,
			  struct ox_actions_at *at)
{
	bool known = at->mac_proto == 1;

	for (uint8_t np = 1; np <= NSH_NP_MAX; np++)
		known = known || nsh_eth_type(np) == at->eth_type;
	if (!known)
		return BAD(c, a, "push_nsh: no next protocol for 0x%04x",
			   ntohs(at->eth_type));
	at->mac_proto = 0;
	return ox_actions_validate_push_nsh(c, a);
}

static int check_pop_nsh(struct ox_actions_check *c, const struct nlattr *a,
			 struct ox_actions_at *at)
{
	uint8_t np = c->key->nsh.np;

	if (at->eth_type != htons(ETH_P_NSH))
		return BAD(c, a, "pop_nsh needs a match on NSH");
	if (!nsh_eth_type(np))
		return BAD(c, a, "pop_nsh needs a match on a known NSH np");
	at->mac_proto = np == NSH_NP_ETHERNET;
	return 0;
}

static int check_drop(struct ox_actions_check *c, const struct nlattr *a,
		      bool last)
{
	if (last)
		return 0;
	return BAD(c, a, "drop is not the last action");
}

/* Where it isn't served, as kernels before 4.11: ovs-vswitchd's probe takes any
 * other errno for a fault and warns. */
static int check_ct_clear(struct ox_actions_check *c, const struct nlattr *a)
{
	if (ox_ct_served >= OX_CT_SERVE_ALL)
		return 0;
	return BAD(c, a, "action ct_clear is not supported");
}

/* What an action that stands for itself takes in the module's copy. */
static uint32_t copy_len(const struct nlattr *a)
{
	return NLA_ALIGN(a->nla_len);
}

static int check_length(struct ox_actions_check *c, const struct nlattr *a)
{
	if (!ox_action_known(a))
		return BAD(c, a, "unknown action %u", mnl_attr_get_type(a));
	if (!ox_action_len_ok(a))
		return BAD(c, a, "%s has %d bytes, %d are right",
			   ox_action_name(a), mnl_attr_get_payload_len(a),
			   ox_action_len(a));
	return 0;
}

/* One action; what its lists don't count themselves goes into *copied. */
static int check_action(struct ox_actions_check *c, const struct nlattr *a,
			struct ox_actions_at *at, bool last, uint32_t *copied)
{
	int err = check_length(c, a);

	if (err)
		return err;
	switch (ox_action_type(a)) {
	case OX_ACTION_OUTPUT:
		err = check_output(c, a);
		break;
	case OX_ACTION_USERSPACE:
		err = ox_actions_validate_userspace(c, a);
		break;
	case OX_ACTION_TRUNC:
		err = check_trunc(c, a);
		break;
	case OX_ACTION_HASH:
		err = check_hash(c, a);
		break;
	case OX_ACTION_POP_VLAN:
		err = check_pop_vlan(c, a, at);
		break;
	case OX_ACTION_PUSH_VLAN:
		err = check_push_vlan(c, a, at);
		break;
	case OX_ACTION_ADD_MPLS:
		err = check_add_mpls(c, a, at);
		break;
	case OX_ACTION_PUSH_MPLS:
		err = check_push_mpls(c, a, at);
		break;
	case OX_ACTION_POP_MPLS:
		err = check_pop_mpls(c, a, at);
		break;
	case OX_ACTION_SET:
		return ox_actions_validate_set(c, a, at, false, copied);
	case OX_ACTION_SET_MASKED:
		return ox_actions_validate_set(c, a, at, true, copied);
	case OX_ACTION_CT_CLEAR:
		err = check_ct_clear(c, a);
		break;
	case OX_ACTION_CT:
		return ox_actions_validate_ct(c, a, copied);
	case OX_ACTION_PUSH_ETH:
		err = check_push_eth(c, a, at);
		break;
	case OX_ACTION_POP_ETH:
		err = check_pop_eth(c, a, at);
		break;
	case OX_ACTION_PUSH_NSH:
		err = check_push_nsh(c, a, at);
		break;
	case OX_ACTION_POP_NSH:
		err = check_pop_nsh(c, a, at);
		break;
	case OX_ACTION_DROP:
		err = check_drop(c, a, last);
		break;
	case OX_ACTION_RECIRC:
	case OX_ACTION_METER:
		break; /* any id will do */
	case OX_ACTION_SAMPLE:
		return ox_actions_validate_sample(c, a, at, copied);
	case OX_ACTION_CLONE:
		return ox_actions_validate_clone(c, a, at, copied);
	case OX_ACTION_CHECK_PKT_LEN:
		return ox_actions_validate_check_len(c, a, at, copied);
	case OX_ACTION_DEC_TTL:
		return ox_actions_validate_dec_ttl(c, a, at, copied);
	}
	if (!err)
		*copied += copy_len(a);
	return err;
}

int ox_actions_validate(struct ox_actions_check *c, const struct nlattr *nest,
			struct ox_actions_at at, uint32_t *copied)
{
	const struct nlattr *a;
	int rem, err;

	if (at.depth > OX_ACTIONS_MAX_DEPTH)
		return ox_actions_bad(c, -EOVERFLOW, nest,
				      "actions are nested more than %d deep",
				      OX_ACTIONS_MAX_DEPTH);
	at.mac_proto = c->key->mac_proto;
	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		err = check_action(c, a, &at, a->nla_len == rem, copied);
		if (err)
			return err;
	}
	if (rem > 0)
		return BAD(c, nest, "%d stray bytes behind the actions", rem);
	return 0;
}
