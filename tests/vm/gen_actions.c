// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gen_actions.c - random lists of actions. They fit the packets of the flow
 * most of the time, since the shape is tracked through pushes and pops. Now and
 * then one doesn't, and both implementations have to refuse it alike.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/if_ether.h>

#include "gen.h"
#include "ovsxdp/uapi.h"

uint64_t gen_action_count[64];

struct gen {
	struct rnd *r;
	struct nlb *out;
	struct gen_shape s;
	uint32_t recirc; /* last id used; the next is greater: no loops */
	uint32_t recirc_end;
	uint32_t pid;
	int depth;
};

static void list(struct gen *g, int max);

static void put_list(struct gen *g, uint16_t type, int max)
{
	uint32_t at = nlb_nest(g->out, type | NLA_F_NESTED);
	struct gen_shape s = g->s;

	g->depth++;
	list(g, max);
	g->depth--;
	g->s = s;
	nlb_end(g->out, at);
}

/* Most of the time behind the key that it needs. */
static void do_output_tunnel(struct gen *g)
{
	enum gen_tun kind = rnd_below(g->r, gen_tunnels);
	uint32_t at;

	if (rnd_pct(g->r, 92)) {
		at = nlb_nest(g->out, OVS_ACTION_ATTR_SET | NLA_F_NESTED);
		if (rnd_pct(g->r, 80))
			gen_tunnel_to(g->out, kind, g->r);
		else
			gen_tunnel(g->out, GEN_SET_OPTS, g->r);
		nlb_end(g->out, at);
		gen_action_count[32 + OVS_KEY_ATTR_TUNNEL]++;
	}
	nlb_u32(g->out, OVS_ACTION_ATTR_OUTPUT, GEN_TUN_PORT(kind));
}

static void do_output(struct gen *g)
{
	uint32_t port = 1 + rnd_below(g->r, GEN_PORTS);

	if (gen_tunnels && rnd_pct(g->r, 40))
		return do_output_tunnel(g);
	if (rnd_pct(g->r, 4))
		port = rnd_of(g->r, 9, 300, 65534, 65535, 0x10000);
	nlb_u32(g->out, OVS_ACTION_ATTR_OUTPUT, port);
}

static void do_userspace(struct gen *g)
{
	uint32_t at =
		nlb_nest(g->out, OVS_ACTION_ATTR_USERSPACE | NLA_F_NESTED);
	uint8_t b[64];

	if (rnd_pct(g->r, 98))
		nlb_u32(g->out, OVS_USERSPACE_ATTR_PID, g->pid);
	if (rnd_pct(g->r, 60)) {
		rnd_fill(g->r, b, sizeof(b));
		nlb_put(g->out, OVS_USERSPACE_ATTR_USERDATA, b,
			rnd_below(g->r, sizeof(b)));
	}
	if (rnd_pct(g->r, 10))
		nlb_u32(g->out, OVS_USERSPACE_ATTR_EGRESS_TUN_PORT,
			1 + rnd_below(g->r, GEN_PORTS + gen_tunnels));
	if (rnd_pct(g->r, 20))
		nlb_put(g->out, OVS_USERSPACE_ATTR_ACTIONS, NULL, 0);
	nlb_end(g->out, at);
}

/* ---- set, set_masked ---- */

/* Which key a set is of, and a value that fits; returns its length. */
static uint32_t set_value(struct gen *g, int kind, uint8_t *v)
{
	struct ovs_key_ipv4 v4 = { 0 };
	struct ovs_key_ipv6 v6 = { 0 };

	rnd_fill(g->r, v, 64);
	switch (kind) {
	case OVS_KEY_ATTR_ETHERNET:
		return sizeof(struct ovs_key_ethernet);
	case OVS_KEY_ATTR_IPV4:
		memcpy(&v4, v, sizeof(v4));
		v4.ipv4_proto = g->s.proto;
		v4.ipv4_frag = g->s.frag;
		memcpy(v, &v4, sizeof(v4));
		return sizeof(v4);
	case OVS_KEY_ATTR_IPV6:
		memcpy(&v6, v, sizeof(v6));
		v6.ipv6_label = htonl(ntohl(v6.ipv6_label) &
				      (rnd_pct(g->r, 95) ? 0xfffff : ~0u));
		v6.ipv6_proto = g->s.proto;
		v6.ipv6_frag = g->s.frag;
		memcpy(v, &v6, sizeof(v6));
		return sizeof(v6);
	case OVS_KEY_ATTR_ARP:
		return sizeof(struct ovs_key_arp);
	case OVS_KEY_ATTR_ND:
		return sizeof(struct ovs_key_nd);
	case OVS_KEY_ATTR_ETHERTYPE:
	case OVS_KEY_ATTR_TCP_FLAGS:
	case OVS_KEY_ATTR_VLAN:
		return 2;
	default: /* ports, marks, one MPLS label */
		return 4;
	}
}

static int l4_kind(struct gen *g)
{
	switch (g->s.proto) {
	case IPPROTO_TCP:
		return OVS_KEY_ATTR_TCP;
	case IPPROTO_UDP:
		return OVS_KEY_ATTR_UDP;
	case IPPROTO_SCTP:
		return OVS_KEY_ATTR_SCTP;
	}
	return OVS_KEY_ATTR_SKB_MARK;
}

static int set_kind(struct gen *g)
{
	bool v4 = g->s.type == ETH_P_IP, v6 = g->s.type == ETH_P_IPV6;

	if (rnd_pct(g->r, 4))
		return 1 + (int)rnd_below(g->r, 33);
	if ((v4 || v6) && rnd_pct(g->r, 70)) {
		if (rnd_pct(g->r, 50))
			return l4_kind(g);
		return v4 ? OVS_KEY_ATTR_IPV4 : OVS_KEY_ATTR_IPV6;
	}
	if (g->s.labels && rnd_pct(g->r, 70))
		return OVS_KEY_ATTR_MPLS;
	if (g->s.type == ETH_P_NSH && rnd_pct(g->r, 70))
		return OVS_KEY_ATTR_NSH;
	if (g->s.eth && rnd_pct(g->r, 60))
		return OVS_KEY_ATTR_ETHERNET;
	return rnd_pct(g->r, 50) ? OVS_KEY_ATTR_PRIORITY
				 : OVS_KEY_ATTR_SKB_MARK;
}

/* value and, right behind it, mask */
static void nsh_part(struct gen *g, uint16_t type, uint32_t n, bool masked)
{
	uint8_t v[64];

	rnd_fill(g->r, v, sizeof(v));
	if (type == OVS_NSH_KEY_ATTR_BASE) {
		v[1] &= 0x3f;					 /* ttl */
		v[2] = rnd_pct(g->r, 95) ? (masked ? 0 : 1) : 2; /* mdtype */
		if (masked)
			v[3] = 0;
	}
	if (masked) {
		for (uint32_t i = 0; i < n; i++)
			v[n + i] |= v[i];
		if (type == OVS_NSH_KEY_ATTR_BASE)
			v[n + 2] = v[n + 3] = 0;
	}
	nlb_put(g->out, type, v, masked ? 2 * n : n);
}

static void set_nsh(struct gen *g, bool masked)
{
	uint32_t at = nlb_nest(g->out, OVS_KEY_ATTR_NSH | NLA_F_NESTED);

	nsh_part(g, OVS_NSH_KEY_ATTR_BASE, 8, masked);
	if (rnd_pct(g->r, 80))
		nsh_part(g, OVS_NSH_KEY_ATTR_MD1, 16, masked);
	nlb_end(g->out, at);
}

static void set_masked_value(struct gen *g, int kind, const uint8_t *v,
			     uint32_t n)
{
	uint8_t b[128], *m = b + n;

	rnd_fill(g->r, m, n);
	for (uint32_t i = 0; i < n; i += 2)
		if (rnd_pct(g->r, 60))
			memset(m + i, rnd_pct(g->r, 50) ? 0xff : 0,
			       n - i < 2 ? 1 : 2);
	if (kind == OVS_KEY_ATTR_IPV4)
		m[8] = m[11] = 0; /* proto, frag */
	if (kind == OVS_KEY_ATTR_IPV6)
		m[36] = m[39] = 0;
	if (kind == OVS_KEY_ATTR_IPV6)
		m[32] = 0, m[33] &= 0x0f; /* 20 bits of label */
	for (uint32_t i = 0; i < n; i++)
		b[i] = rnd_pct(g->r, 99) || n > 8 ? v[i] & m[i] : v[i];
	nlb_put(g->out, (uint16_t)kind, b, 2 * n);
}

static void do_set_tunnel(struct gen *g)
{
	uint32_t at = nlb_nest(g->out, OVS_ACTION_ATTR_SET | NLA_F_NESTED);

	gen_tunnel(g->out, GEN_SET_OPTS, g->r);
	nlb_end(g->out, at);
	gen_action_count[32 + OVS_KEY_ATTR_TUNNEL]++;
}

static void do_set(struct gen *g)
{
	bool masked = rnd_pct(g->r, 60);
	uint32_t at = nlb_nest(g->out, (masked ? OVS_ACTION_ATTR_SET_MASKED
					       : OVS_ACTION_ATTR_SET) |
					       NLA_F_NESTED);
	int kind = set_kind(g);
	uint8_t v[64];
	uint32_t n;

	/* do_set_tunnel(); and conntrack's can't be matched by a packet */
	if (kind == OVS_KEY_ATTR_TUNNEL ||
	    (kind >= OVS_KEY_ATTR_CT_STATE &&
	     kind <= OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6))
		kind = OVS_KEY_ATTR_ETHERTYPE;
	n = set_value(g, kind, v);
	if (kind == OVS_KEY_ATTR_NSH)
		set_nsh(g, masked);
	else if (masked)
		set_masked_value(g, kind, v, n);
	else
		nlb_put(g->out, (uint16_t)kind, v, n);
	nlb_end(g->out, at);
	gen_action_count[32 + (kind & 31)]++;
}

/* ---- pushes and pops ---- */

static void do_push_vlan(struct gen *g)
{
	struct ovs_action_push_vlan a = {
		.vlan_tpid =
			htons(rnd_pct(g->r, 60) ? ETH_P_8021Q : ETH_P_8021AD),
		.vlan_tci = htons((uint16_t)rnd_below(g->r, 65536) | 0x1000),
	};

	if (rnd_pct(g->r, 2))
		a.vlan_tci &= htons(0xefff);
	nlb_put(g->out, OVS_ACTION_ATTR_PUSH_VLAN, &a, sizeof(a));
	g->s.vlan = true;
}

static void do_pop_vlan(struct gen *g)
{
	nlb_put(g->out, OVS_ACTION_ATTR_POP_VLAN, NULL, 0);
	g->s.vlan = false;
}

static void labels_under(struct gen *g)
{
	g->s.type = ETH_P_MPLS_UC;
	g->s.labels++;
	g->s.proto = 0;
}

static void do_push_mpls(struct gen *g)
{
	struct ovs_action_push_mpls a = {
		.mpls_lse = htonl((uint32_t)rnd64(g->r)),
		.mpls_ethertype = htons(rnd_pct(g->r, 80) ? ETH_P_MPLS_UC
							  : ETH_P_MPLS_MC),
	};

	if (rnd_pct(g->r, 2))
		a.mpls_ethertype = htons(ETH_P_IP);
	nlb_put(g->out, OVS_ACTION_ATTR_PUSH_MPLS, &a, sizeof(a));
	labels_under(g);
}

static void do_add_mpls(struct gen *g)
{
	struct ovs_action_add_mpls a = {
		.mpls_lse = htonl((uint32_t)rnd64(g->r)),
		.mpls_ethertype = htons(ETH_P_MPLS_UC),
		.tun_flags = g->s.eth ? 1 : (uint16_t)rnd_below(g->r, 2),
	};

	if (rnd_pct(g->r, 15)) {
		a.tun_flags = 0;
		g->s.eth = false;
	}
	nlb_put(g->out, OVS_ACTION_ATTR_ADD_MPLS, &a, sizeof(a));
	labels_under(g);
}

static void do_pop_mpls(struct gen *g)
{
	__be16 type = htons(rnd_of(g->r, ETH_P_IP, ETH_P_IP, ETH_P_IPV6,
				   ETH_P_MPLS_UC, ETH_P_MPLS_UC, ETH_P_ARP));

	nlb_put(g->out, OVS_ACTION_ATTR_POP_MPLS, &type, sizeof(type));
	g->s.labels = g->s.labels ? g->s.labels - 1 : 0;
	g->s.type = g->s.labels ? ETH_P_MPLS_UC : 0;
	g->s.proto = 0;
}

static void do_push_eth(struct gen *g)
{
	struct ovs_action_push_eth a;

	rnd_fill(g->r, &a, sizeof(a));
	nlb_put(g->out, OVS_ACTION_ATTR_PUSH_ETH, &a, sizeof(a));
	g->s.eth = true;
}

static void do_pop_eth(struct gen *g)
{
	nlb_put(g->out, OVS_ACTION_ATTR_POP_ETH, NULL, 0);
	g->s.eth = false;
}

static void do_push_nsh(struct gen *g)
{
	uint32_t at = nlb_nest(g->out, OVS_ACTION_ATTR_PUSH_NSH | NLA_F_NESTED);
	struct ovs_nsh_key_base base = { 0 };
	uint8_t md[248];
	bool one = rnd_pct(g->r, 60);

	rnd_fill(g->r, md, sizeof(md));
	base.ttl = md[0] & 63;
	base.mdtype = rnd_pct(g->r, 97) ? (one ? 1 : 2) : 3;
	base.np = g->s.eth ? 3 : (uint8_t)(1 + rnd_below(g->r, 2));
	base.path_hdr = htonl(rnd_below(g->r, 0xffffffff));
	nlb_put(g->out, OVS_NSH_KEY_ATTR_BASE, &base, sizeof(base));
	if (one)
		nlb_put(g->out, OVS_NSH_KEY_ATTR_MD1, md, 16);
	else
		nlb_put(g->out, OVS_NSH_KEY_ATTR_MD2, md,
			4 * rnd_below(g->r, rnd_pct(g->r, 90) ? 8 : 62));
	nlb_end(g->out, at);
	g->s = (struct gen_shape){ .type = ETH_P_NSH };
}

static void do_pop_nsh(struct gen *g)
{
	nlb_put(g->out, OVS_ACTION_ATTR_POP_NSH, NULL, 0);
	g->s = (struct gen_shape){ .eth = rnd_pct(g->r, 50) };
}

/* ---- the way through the list ---- */

static void do_sample(struct gen *g)
{
	uint32_t at = nlb_nest(g->out, OVS_ACTION_ATTR_SAMPLE | NLA_F_NESTED);

	nlb_u32(g->out, OVS_SAMPLE_ATTR_PROBABILITY,
		rnd_pct(g->r, 75) ? 0xffffffff : 0);
	put_list(g, OVS_SAMPLE_ATTR_ACTIONS, 3);
	nlb_end(g->out, at);
}

static void do_check_len(struct gen *g)
{
	uint32_t at =
		nlb_nest(g->out, OVS_ACTION_ATTR_CHECK_PKT_LEN | NLA_F_NESTED);

	nlb_u16(g->out, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN,
		(uint16_t)rnd_of(g->r, 14, 40, 60, 64, 80, 100, 1500, 65535));
	put_list(g, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER, 2);
	put_list(g, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL, 2);
	nlb_end(g->out, at);
}

static void do_dec_ttl(struct gen *g)
{
	uint32_t at = nlb_nest(g->out, OVS_ACTION_ATTR_DEC_TTL | NLA_F_NESTED);

	put_list(g, OVS_DEC_TTL_ATTR_ACTION, 2);
	nlb_end(g->out, at);
}

static void do_hash(struct gen *g)
{
	struct ovs_action_hash a = {
		.hash_alg = rnd_pct(g->r, 97) ? OVS_HASH_ALG_L4 : 7,
		.hash_basis = rnd_below(g->r, 100),
	};

	nlb_put(g->out, OVS_ACTION_ATTR_HASH, &a, sizeof(a));
}

static void do_trunc(struct gen *g)
{
	struct ovs_action_trunc a = {
		rnd_of(g->r, 14, 20, 34, 60, 64, 100, 1500),
	};

	if (rnd_pct(g->r, 3))
		a.max_len = rnd_below(g->r, 14);
	nlb_put(g->out, OVS_ACTION_ATTR_TRUNC, &a, sizeof(a));
}

static void do_recirc(struct gen *g)
{
	if (g->recirc + 1 >= g->recirc_end)
		return do_output(g);
	nlb_u32(g->out, OVS_ACTION_ATTR_RECIRC, ++g->recirc);
}

/* ---- connection tracking ---- */

/* One address: which one of a range is taken is each side's own choice. A port
 * that isn't free is sought at random, so most actions name none. */
static void do_nat(struct gen *g)
{
	bool v6 = g->s.type == ETH_P_IPV6;
	uint8_t addr[16] = { v6 ? 0xfd : 10, 0, 0 };
	uint32_t at = nlb_nest(g->out, OVS_CT_ATTR_NAT | NLA_F_NESTED);
	uint32_t kind = rnd_below(g->r, 5);

	addr[v6 ? 15 : 3] = (uint8_t)rnd_of(g->r, 1, 2, 3, 200);
	if (kind < 4) {
		nlb_put(g->out, kind < 2 ? OVS_NAT_ATTR_SRC : OVS_NAT_ATTR_DST,
			NULL, 0);
		if (kind & 1 || rnd_pct(g->r, 70))
			nlb_put(g->out, OVS_NAT_ATTR_IP_MIN, addr, v6 ? 16 : 4);
		if (rnd_pct(g->r, 15))
			nlb_u16(g->out, OVS_NAT_ATTR_PROTO_MIN,
				(uint16_t)rnd_of(g->r, 80, 1000, 60000));
		if (rnd_pct(g->r, 5))
			nlb_put(g->out, OVS_NAT_ATTR_PERSISTENT, NULL, 0);
	}
	nlb_end(g->out, at);
}

static void do_ct(struct gen *g)
{
	uint32_t at = nlb_nest(g->out, OVS_ACTION_ATTR_CT | NLA_F_NESTED);
	bool commit = rnd_pct(g->r, 60);
	uint32_t mark[2] = { rnd64(g->r), rnd_of(g->r, 0, 0xff, ~0u) };
	uint8_t labels[32];

	if (commit)
		nlb_put(g->out,
			rnd_pct(g->r, 15) ? OVS_CT_ATTR_FORCE_COMMIT
					  : OVS_CT_ATTR_COMMIT,
			NULL, 0);
	if (rnd_pct(g->r, 80))
		nlb_u16(g->out, OVS_CT_ATTR_ZONE,
			(uint16_t)rnd_of(g->r, 0, 1, 1, 2, 65535));
	if (commit ? rnd_pct(g->r, 40) : rnd_pct(g->r, 2)) {
		mark[0] &= mark[1];
		nlb_put(g->out, OVS_CT_ATTR_MARK, mark, sizeof(mark));
	}
	if (commit ? rnd_pct(g->r, 30) : rnd_pct(g->r, 2)) {
		rnd_fill(g->r, labels, sizeof(labels));
		for (int i = 0; i < 16; i++)
			labels[i] &= labels[16 + i];
		nlb_put(g->out, OVS_CT_ATTR_LABELS, labels, sizeof(labels));
	}
	if (rnd_pct(g->r, 5))
		nlb_u32(g->out, OVS_CT_ATTR_EVENTMASK, rnd_below(g->r, 2048));
	if (rnd_pct(g->r, 25))
		do_nat(g);
	nlb_end(g->out, at);
}

static bool is_ip(const struct gen *g)
{
	return g->s.type == ETH_P_IP || g->s.type == ETH_P_IPV6;
}

/* An action that fits by its shape; the rest is left to chance. */
static int choose(struct gen *g)
{
	static const uint8_t any[] = {
		OVS_ACTION_ATTR_OUTPUT,	   OVS_ACTION_ATTR_OUTPUT,
		OVS_ACTION_ATTR_OUTPUT,	   OVS_ACTION_ATTR_OUTPUT,
		OVS_ACTION_ATTR_SET,	   OVS_ACTION_ATTR_SET,
		OVS_ACTION_ATTR_SET,	   OVS_ACTION_ATTR_SET,
		OVS_ACTION_ATTR_USERSPACE, OVS_ACTION_ATTR_PUSH_VLAN,
		OVS_ACTION_ATTR_POP_VLAN,  OVS_ACTION_ATTR_TRUNC,
		OVS_ACTION_ATTR_HASH,	   OVS_ACTION_ATTR_METER,
		OVS_ACTION_ATTR_RECIRC,	   OVS_ACTION_ATTR_SAMPLE,
		OVS_ACTION_ATTR_CLONE,	   OVS_ACTION_ATTR_CHECK_PKT_LEN,
		OVS_ACTION_ATTR_DEC_TTL,   OVS_ACTION_ATTR_PUSH_MPLS,
		OVS_ACTION_ATTR_POP_MPLS,  OVS_ACTION_ATTR_ADD_MPLS,
		OVS_ACTION_ATTR_PUSH_ETH,  OVS_ACTION_ATTR_POP_ETH,
		OVS_ACTION_ATTR_PUSH_NSH,  OVS_ACTION_ATTR_POP_NSH,
		OVS_ACTION_ATTR_CT,	   OVS_ACTION_ATTR_CT,
		OVS_ACTION_ATTR_CT,	   OVS_ACTION_ATTR_CT_CLEAR,
	};
	int kind = any[rnd_below(g->r, sizeof(any))];
	bool fits = true;

	switch (kind) {
	case OVS_ACTION_ATTR_PUSH_VLAN:
	case OVS_ACTION_ATTR_POP_VLAN:
		fits = g->s.eth;
		break;
	case OVS_ACTION_ATTR_DEC_TTL:
	case OVS_ACTION_ATTR_CT:
		fits = is_ip(g);
		break;
	case OVS_ACTION_ATTR_PUSH_MPLS:
		fits = !g->s.vlan &&
		       (is_ip(g) || g->s.labels || g->s.type == ETH_P_ARP);
		break;
	case OVS_ACTION_ATTR_POP_MPLS:
		fits = !g->s.vlan && g->s.labels;
		break;
	case OVS_ACTION_ATTR_ADD_MPLS:
		fits = !g->s.vlan && g->s.type;
		break;
	case OVS_ACTION_ATTR_PUSH_ETH:
		fits = !g->s.eth;
		break;
	case OVS_ACTION_ATTR_POP_ETH:
		fits = g->s.eth && !g->s.vlan;
		break;
	case OVS_ACTION_ATTR_PUSH_NSH:
		fits = g->s.eth || is_ip(g);
		break;
	case OVS_ACTION_ATTR_POP_NSH:
		fits = g->s.type == ETH_P_NSH;
		break;
	}
	if (!fits && rnd_pct(g->r, 96))
		return OVS_ACTION_ATTR_OUTPUT;
	if (g->depth >= 3 &&
	    (kind == OVS_ACTION_ATTR_SAMPLE || kind == OVS_ACTION_ATTR_CLONE ||
	     kind == OVS_ACTION_ATTR_CHECK_PKT_LEN ||
	     kind == OVS_ACTION_ATTR_DEC_TTL))
		return OVS_ACTION_ATTR_OUTPUT;
	return kind;
}

static void action(struct gen *g)
{
	int kind = choose(g);

	gen_action_count[kind]++;
	switch (kind) {
	case OVS_ACTION_ATTR_USERSPACE:
		return do_userspace(g);
	case OVS_ACTION_ATTR_SET:
		return rnd_pct(g->r, 15) ? do_set_tunnel(g) : do_set(g);
	case OVS_ACTION_ATTR_PUSH_VLAN:
		return do_push_vlan(g);
	case OVS_ACTION_ATTR_POP_VLAN:
		return do_pop_vlan(g);
	case OVS_ACTION_ATTR_TRUNC:
		return do_trunc(g);
	case OVS_ACTION_ATTR_HASH:
		return do_hash(g);
	case OVS_ACTION_ATTR_METER:
		/* 1 and 2 never drop; there is no 77 */
		return nlb_u32(g->out, OVS_ACTION_ATTR_METER,
			       rnd_of(g->r, 1, 1, 2, 2, 2, 77));
	case OVS_ACTION_ATTR_RECIRC:
		return do_recirc(g);
	case OVS_ACTION_ATTR_SAMPLE:
		return do_sample(g);
	case OVS_ACTION_ATTR_CLONE:
		return put_list(g, OVS_ACTION_ATTR_CLONE, 3);
	case OVS_ACTION_ATTR_CHECK_PKT_LEN:
		return do_check_len(g);
	case OVS_ACTION_ATTR_DEC_TTL:
		return do_dec_ttl(g);
	case OVS_ACTION_ATTR_PUSH_MPLS:
		return do_push_mpls(g);
	case OVS_ACTION_ATTR_POP_MPLS:
		return do_pop_mpls(g);
	case OVS_ACTION_ATTR_ADD_MPLS:
		return do_add_mpls(g);
	case OVS_ACTION_ATTR_PUSH_ETH:
		return do_push_eth(g);
	case OVS_ACTION_ATTR_POP_ETH:
		return do_pop_eth(g);
	case OVS_ACTION_ATTR_PUSH_NSH:
		return do_push_nsh(g);
	case OVS_ACTION_ATTR_POP_NSH:
		return do_pop_nsh(g);
	case OVS_ACTION_ATTR_CT:
		do_ct(g);
		/* mostly to see what came of it */
		return rnd_pct(g->r, 50) ? do_recirc(g) : (void)0;
	case OVS_ACTION_ATTR_CT_CLEAR:
		return nlb_put(g->out, OVS_ACTION_ATTR_CT_CLEAR, NULL, 0);
	default:
		return do_output(g);
	}
}

static void list(struct gen *g, int max)
{
	uint32_t n = rnd_below(g->r, (uint32_t)max + 1);

	for (uint32_t i = 0; i < n; i++)
		action(g);
	if (rnd_pct(g->r, 55)) /* something to see */
		do_output(g);
}

void gen_actions(struct nlb *out, struct gen_shape shape, uint32_t recirc,
		 uint32_t pid, struct rnd *r)
{
	struct gen g = {
		.r = r,
		.out = out,
		.s = shape,
		.recirc = recirc,
		.recirc_end = recirc - recirc % GEN_RECIRC + GEN_RECIRC,
		.pid = pid,
	};

	out->len = 0;
	list(&g, 5);
	if (rnd_pct(r, 1)) /* no such action, or broken */
		nlb_u32(out, (uint16_t)rnd_of(r, 0, 60, 200), 0);
}
