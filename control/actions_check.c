/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions_check.c - is a list of actions safe on every packet that its flow
 * matches? The module's rules (__ovs_nla_copy_actions()) come first, so what
 * the module calls -EINVAL is that here; then what this datapath can't do.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>

#include "control/actions_int.h"
#include "control/attr.h"
#include "ovsxdp/uapi.h"

#define ANY (-1)

static const struct {
	const char *name;
	int len; /* of the argument */
} kinds[OX_ACTION_ATTR_MAX + 1] = {
	[OVS_ACTION_ATTR_OUTPUT] = { "output", 4 },
	[OVS_ACTION_ATTR_USERSPACE] = { "userspace", ANY },
	[OVS_ACTION_ATTR_SET] = { "set", ANY },
	[OVS_ACTION_ATTR_PUSH_VLAN] = { "push_vlan", 4 },
	[OVS_ACTION_ATTR_POP_VLAN] = { "pop_vlan", 0 },
	[OVS_ACTION_ATTR_SAMPLE] = { "sample", ANY },
	[OVS_ACTION_ATTR_RECIRC] = { "recirc", 4 },
	[OVS_ACTION_ATTR_HASH] = { "hash", sizeof(struct ovs_action_hash) },
	[OVS_ACTION_ATTR_PUSH_MPLS] = { "push_mpls",
					sizeof(struct ovs_action_push_mpls) },
	[OVS_ACTION_ATTR_POP_MPLS] = { "pop_mpls", 2 },
	[OVS_ACTION_ATTR_SET_MASKED] = { "set_masked", ANY },
	[OVS_ACTION_ATTR_CT] = { "ct", ANY },
	[OVS_ACTION_ATTR_TRUNC] = { "trunc", sizeof(struct ovs_action_trunc) },
	[OVS_ACTION_ATTR_PUSH_ETH] = { "push_eth",
				       sizeof(struct ovs_action_push_eth) },
	[OVS_ACTION_ATTR_POP_ETH] = { "pop_eth", 0 },
	[OVS_ACTION_ATTR_CT_CLEAR] = { "ct_clear", 0 },
	[OVS_ACTION_ATTR_PUSH_NSH] = { "push_nsh", ANY },
	[OVS_ACTION_ATTR_POP_NSH] = { "pop_nsh", 0 },
	[OVS_ACTION_ATTR_METER] = { "meter", 4 },
	[OVS_ACTION_ATTR_CLONE] = { "clone", ANY },
	[OVS_ACTION_ATTR_CHECK_PKT_LEN] = { "check_pkt_len", ANY },
	[OVS_ACTION_ATTR_ADD_MPLS] = { "add_mpls",
				       sizeof(struct ovs_action_add_mpls) },
	[OVS_ACTION_ATTR_DEC_TTL] = { "dec_ttl", ANY },
	[OVS_ACTION_ATTR_DROP] = { "drop", 4 },
	[OVS_ACTION_ATTR_PSAMPLE] = { "psample", ANY },
};

static int check_userspace(struct ox_actions_check *c, const struct nlattr *a)
{
	static const struct ox_nla_policy policy[OVS_USERSPACE_ATTR_MAX + 1] = {
		[OVS_USERSPACE_ATTR_PID] = { .type = OX_NLA_U32 },
		[OVS_USERSPACE_ATTR_USERDATA] = { .type = OX_NLA_ANY },
		[OVS_USERSPACE_ATTR_EGRESS_TUN_PORT] = { .type = OX_NLA_U32 },
	};
	const struct nlattr *tb[OVS_USERSPACE_ATTR_MAX + 1];
	int err;

	err = ox_attrs_parse(c->base, ox_nla_data(a), ox_nla_len(a), policy,
			     OVS_USERSPACE_ATTR_MAX, tb, c->err);
	if (err)
		return err;
	if (!tb[OVS_USERSPACE_ATTR_PID] ||
	    !ox_nla_u32(tb[OVS_USERSPACE_ATTR_PID]))
		return ox_actions_bad(c, -EINVAL, a,
				      "userspace needs a netlink port id");
	return 0;
}

static int check_push_vlan(struct ox_actions_check *c, const struct nlattr *a)
{
	struct ovs_action_push_vlan v;

	memcpy(&v, ox_nla_data(a), sizeof(v));
	if (!ox_eth_type_vlan(v.vlan_tpid))
		return ox_actions_bad(c, -EINVAL, a,
				      "push_vlan: TPID 0x%04x is neither "
				      "0x8100 nor 0x88a8",
				      ntohs(v.vlan_tpid));
	if (!(v.vlan_tci & htons(OX_VLAN_CFI)))
		return ox_actions_bad(c, -EINVAL, a,
				      "push_vlan: TCI 0x%04x lacks the CFI "
				      "bit 0x1000",
				      ntohs(v.vlan_tci));
	return 0;
}

static int check_output(struct ox_actions_check *c, const struct nlattr *a,
			unsigned int *n_outputs)
{
	uint32_t port = ox_nla_u32(a);

	if (port >= OX_DP_MAX_PORTS)
		return ox_actions_bad(c, -EINVAL, a,
				      "output to port %u: the largest is %u",
				      port, OX_DP_MAX_PORTS - 1);
	if (++*n_outputs > 1)
		return ox_actions_bad(c, -EOPNOTSUPP, a,
				      "more than one output is not supported");
	return 0;
}

/* Rules of the module on actions that aren't supported anyway: a client that
 * probes tells "wrong" from "not here" by the errno. */
static int check_unsupported(struct ox_actions_check *c, const struct nlattr *a,
			     bool has_eth)
{
	uint16_t type = ox_nla_type(a);
	const void *data = ox_nla_data(a);
	bool wrong = false;
	uint32_t v = 0;

	if (kinds[type].len >= 4)
		memcpy(&v, data, sizeof(v));
	if (type == OVS_ACTION_ATTR_TRUNC)
		wrong = v < ETH_HLEN;
	else if (type == OVS_ACTION_ATTR_HASH)
		wrong = v != OVS_HASH_ALG_L4;
	else if (type == OVS_ACTION_ATTR_PUSH_ETH)
		wrong = has_eth;
	else if (type == OVS_ACTION_ATTR_POP_ETH)
		wrong = !has_eth;
	if (wrong)
		return ox_actions_bad(c, -EINVAL, a,
				      "%s: wrong argument or place",
				      kinds[type].name);
	return ox_actions_bad(c, -EOPNOTSUPP, a, "action %s is not supported",
			      kinds[type].name);
}

static int check_action(struct ox_actions_check *c, const struct nlattr *a,
			unsigned int *n_outputs)
{
	bool has_eth = c->key->mac_proto;
	uint16_t type = ox_nla_type(a);

	if (type > OX_ACTION_ATTR_MAX || !kinds[type].name)
		return ox_actions_bad(c, -EINVAL, a, "unknown action %u", type);
	if (kinds[type].len != ANY && kinds[type].len != ox_nla_len(a))
		return ox_actions_bad(
			c, -EINVAL, a, "%s has %d bytes, %d are right",
			kinds[type].name, ox_nla_len(a), kinds[type].len);
	switch (type) {
	case OVS_ACTION_ATTR_OUTPUT:
		return check_output(c, a, n_outputs);
	case OVS_ACTION_ATTR_USERSPACE:
		return check_userspace(c, a);
	case OVS_ACTION_ATTR_POP_VLAN:
	case OVS_ACTION_ATTR_PUSH_VLAN:
		if (!has_eth)
			return ox_actions_bad(c, -EINVAL, a,
					      "%s: no Ethernet header",
					      kinds[type].name);
		return type == OVS_ACTION_ATTR_PUSH_VLAN ? check_push_vlan(c, a)
							 : 0;
	case OVS_ACTION_ATTR_SET:
		return ox_actions_validate_set(c, a, has_eth, false);
	case OVS_ACTION_ATTR_SET_MASKED:
		return ox_actions_validate_set(c, a, has_eth, true);
	default:
		return check_unsupported(c, a, has_eth);
	}
}

int ox_actions_validate(struct ox_actions_check *c, const struct nlattr *nest)
{
	unsigned int n_outputs = 0;
	const struct nlattr *a;
	int rem, err;

	ox_nla_for_each(a, ox_nla_data(nest), ox_nla_len(nest), rem)
	{
		err = check_action(c, a, &n_outputs);
		if (err)
			return err;
	}
	if (rem > 0)
		return ox_actions_bad(c, -EINVAL, nest,
				      "%d stray bytes behind the actions", rem);
	return 0;
}
