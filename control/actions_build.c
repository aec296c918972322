/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions_build.c - from a checked stream of attributes to ops, and to which
 * tier runs them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "control/actions_int.h"
#include "ovsxdp/cleanup.h"

/* What the list does with the packet, for choosing the kind. */
struct build {
	struct ox_op *ops;
	uint32_t n; /* may exceed OX_ACTIONS_MAX_OPS: then it's an error */
	uint32_t n_edits; /* ops in front of the output */
	uint32_t n_outputs;
	uint32_t n_users;
	uint32_t port;
};

/* A place for one more op; NULL when full (b->n still counts). */
static struct ox_op *add(struct build *b, enum ox_opcode code, uint32_t arg)
{
	struct ox_op *op;

	if (b->n++ >= OX_ACTIONS_MAX_OPS)
		return NULL;
	op = &b->ops[b->n - 1];
	memset(op, 0, sizeof(*op));
	op->code = code;
	op->arg = arg;
	return op;
}

/* An edit of len bytes at value; none where the mask is zero. */
static void edit(struct build *b, enum ox_opcode code, uint32_t arg,
		 const void *value, const void *mask, size_t len)
{
	struct ox_op *op;

	if (ox_all_zero(mask, len))
		return;
	op = add(b, code, arg);
	if (!op)
		return;
	memcpy(&op->mask, mask, len);
	memcpy(&op->val, value, len);
	op->val &= op->mask;
}

#define EDIT(b, code, arg, v, m, field) \
	edit(b, code, arg, &(v).field, &(m).field, sizeof((v).field))

static void build_eth(struct build *b, const void *value, const void *mask)
{
	struct ovs_key_ethernet v, m;

	memcpy(&v, value, sizeof(v));
	memcpy(&m, mask, sizeof(m));
	EDIT(b, OX_OP_SET_ETH_SRC, 0, v, m, eth_src);
	EDIT(b, OX_OP_SET_ETH_DST, 0, v, m, eth_dst);
}

static void build_ipv4(struct build *b, const void *value, const void *mask)
{
	struct ovs_key_ipv4 v, m;

	memcpy(&v, value, sizeof(v));
	memcpy(&m, mask, sizeof(m));
	EDIT(b, OX_OP_SET_IPV4_SRC, 0, v, m, ipv4_src);
	EDIT(b, OX_OP_SET_IPV4_DST, 0, v, m, ipv4_dst);
	EDIT(b, OX_OP_SET_IPV4_TOS, 0, v, m, ipv4_tos);
	EDIT(b, OX_OP_SET_IPV4_TTL, 0, v, m, ipv4_ttl);
}

static void build_ipv6(struct build *b, const void *value, const void *mask)
{
	struct ovs_key_ipv6 v, m;

	memcpy(&v, value, sizeof(v));
	memcpy(&m, mask, sizeof(m));
	m.ipv6_label &= htonl(0x000fffff);
	for (int i = 0; i < 2; i++) {
		edit(b, OX_OP_SET_IPV6_SRC, i, &v.ipv6_src[2 * i],
		     &m.ipv6_src[2 * i], 8);
		edit(b, OX_OP_SET_IPV6_DST, i, &v.ipv6_dst[2 * i],
		     &m.ipv6_dst[2 * i], 8);
	}
	EDIT(b, OX_OP_SET_IPV6_TCLASS, 0, v, m, ipv6_tclass);
	EDIT(b, OX_OP_SET_IPV6_LABEL, 0, v, m, ipv6_label);
	EDIT(b, OX_OP_SET_IPV6_HLIMIT, 0, v, m, ipv6_hlimit);
}

static void build_ports(struct build *b, uint32_t proto, const void *value,
			const void *mask)
{
	const uint8_t *v = value, *m = mask;

	edit(b, OX_OP_SET_TP_SRC, proto, v, m, 2);
	edit(b, OX_OP_SET_TP_DST, proto, v + 2, m + 2, 2);
}

static void build_set(struct build *b, const struct nlattr *a, bool masked)
{
	static const uint8_t ones[sizeof(struct ovs_key_ipv6)] = {
		[0 ... sizeof(struct ovs_key_ipv6) - 1] = 0xff
	};
	const struct nlattr *attr = ox_nla_data(a);
	const uint8_t *value = ox_nla_data(attr);
	const uint8_t *mask = masked ? value + ox_nla_len(attr) / 2 : ones;

	switch (ox_nla_type(attr)) {
	case OVS_KEY_ATTR_ETHERNET:
		build_eth(b, value, mask);
		break;
	case OVS_KEY_ATTR_IPV4:
		build_ipv4(b, value, mask);
		break;
	case OVS_KEY_ATTR_IPV6:
		build_ipv6(b, value, mask);
		break;
	case OVS_KEY_ATTR_TCP:
		build_ports(b, IPPROTO_TCP, value, mask);
		break;
	case OVS_KEY_ATTR_UDP:
		build_ports(b, IPPROTO_UDP, value, mask);
		break;
	case OVS_KEY_ATTR_SCTP:
		build_ports(b, IPPROTO_SCTP, value, mask);
		break;
	}
}

/* The CFI bit of an attribute's TCI only says "tag": it isn't sent. */
static void build_push_vlan(struct build *b, const struct nlattr *a)
{
	struct ovs_action_push_vlan v;

	memcpy(&v, ox_nla_data(a), sizeof(v));
	add(b, OX_OP_PUSH_VLAN,
	    (uint32_t)ntohs(v.vlan_tpid) << 16 |
		    (ntohs(v.vlan_tci) & ~OX_VLAN_CFI));
}

static void build_output(struct build *b, const struct nlattr *a)
{
	if (!b->n_outputs++)
		b->n_edits = b->n;
	b->port = ox_nla_u32(a);
	add(b, OX_OP_OUTPUT, b->port);
}

static void build_action(struct build *b, const struct nlattr *a, uint32_t off)
{
	switch (ox_nla_type(a)) {
	case OVS_ACTION_ATTR_OUTPUT:
		build_output(b, a);
		break;
	case OVS_ACTION_ATTR_USERSPACE:
		b->n_users++;
		add(b, OX_OP_USERSPACE, off);
		break;
	case OVS_ACTION_ATTR_SET:
		build_set(b, a, false);
		break;
	case OVS_ACTION_ATTR_SET_MASKED:
		build_set(b, a, true);
		break;
	case OVS_ACTION_ATTR_PUSH_VLAN:
		build_push_vlan(b, a);
		break;
	case OVS_ACTION_ATTR_POP_VLAN:
		add(b, OX_OP_POP_VLAN, 0);
		break;
	}
}

/* Edits behind the last action that looks at the packet change nothing. */
static void trim_tail(struct build *b)
{
	while (b->n && b->ops[b->n - 1].code != OX_OP_OUTPUT &&
	       b->ops[b->n - 1].code != OX_OP_USERSPACE)
		b->n--;
}

static uint32_t choose_kind(const struct build *b)
{
	if (b->n_users)
		return OX_ACT_USER;
	if (!b->n_outputs)
		return OX_ACT_DROP;
	if (!b->n_edits)
		return OX_ACT_OUTPUT;
	return b->n > OX_ACTS_OPS ? OX_ACT_USER : OX_ACT_OPS;
}

int ox_actions_build(const void *nla, uint32_t nla_len, struct ox_actions *out)
{
	struct ox_op ops[OX_ACTIONS_MAX_OPS];
	struct build b = { .ops = ops };
	const struct nlattr *a;
	int rem;

	ox_nla_for_each(a, nla, (int)nla_len, rem) build_action(
		&b, a, (uint32_t)((const uint8_t *)a - (const uint8_t *)nla));
	if (b.n > OX_ACTIONS_MAX_OPS)
		return -E2BIG;
	trim_tail(&b);

	out->kind = choose_kind(&b);
	out->port = b.port;
	out->n_ops = b.n;
	out->ops = NULL;
	if (!b.n)
		return 0;
	out->ops = malloc(b.n * sizeof(*ops));
	if (!out->ops)
		return -ENOMEM;
	memcpy(out->ops, ops, b.n * sizeof(*ops));
	return 0;
}
