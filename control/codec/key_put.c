// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_put.c - struct ox_key to attributes, in the module's order. swkey
 * decides which attributes there are, output has their values (a mask is
 * written along its key).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#include "control/codec/key_int.h"

#define ND_SOLICIT   135
#define ND_ADVERTISE 136
#define NSH_MD_TYPE1 1

/* Where a key is being written. */
struct put {
	struct ox_nlbuf *b;
	bool is_mask;
	const struct ox_key *k;	  /* swkey */
	const struct ox_key *out; /* output */
	const struct ox_tun *tun; /* of output, or NULL */
};

/* A mask shows the tunnel fields even where there is none. */
static int put_tunnel(struct put *p)
{
	if (!p->k->tun_proto && !p->is_mask)
		return 0;
	return ox_key_put_tunnel(p->b, OVS_KEY_ATTR_TUNNEL, p->k, p->out,
				 p->tun);
}

/* The module keeps 16 bits of a port number; in a mask the upper half reads
 * as matched even where the port is wildcarded. */
static int put_in_port(struct put *p)
{
	uint32_t v = p->out->in_port;

	if (p->k->in_port == OX_NONE) {
		if (!p->is_mask || !v)
			return 0;
		v = 0xffffffff;
	} else if (p->is_mask) {
		v |= 0xffff0000;
	}
	return ox_nl_put_u32(p->b, OVS_KEY_ATTR_IN_PORT, v);
}

static int put_metadata(struct put *p)
{
	const struct ox_key *o = p->out;
	int err;

	err = ox_nl_put_u32(p->b, OVS_KEY_ATTR_RECIRC_ID, o->recirc_id);
	if (!err)
		err = ox_nl_put_u32(p->b, OVS_KEY_ATTR_DP_HASH, o->dp_hash);
	if (!err)
		err = ox_nl_put_u32(p->b, OVS_KEY_ATTR_PRIORITY,
				    o->skb_priority);
	if (!err)
		err = put_tunnel(p);
	if (!err)
		err = put_in_port(p);
	if (!err)
		err = ox_nl_put_u32(p->b, OVS_KEY_ATTR_SKB_MARK, o->skb_mark);
	if (!err)
		err = ox_key_put_ct(p->b, p->k, o);
	return err;
}

static int put_ethernet(struct put *p)
{
	struct ovs_key_ethernet v;

	memcpy(v.eth_src, p->out->eth_src, ETH_ALEN);
	memcpy(v.eth_dst, p->out->eth_dst, ETH_ALEN);
	return ox_nl_put(p->b, OVS_KEY_ATTR_ETHERNET, &v, sizeof(v));
}

static int put_tag(struct put *p, __be16 tpid, __be16 tci, uint32_t *mark)
{
	int err;

	err = ox_nl_put_u16(p->b, OVS_KEY_ATTR_ETHERTYPE,
			    p->is_mask ? 0xffff : tpid);
	if (!err)
		err = ox_nl_put_u16(p->b, OVS_KEY_ATTR_VLAN, tci);
	if (!err)
		err = ox_nl_nest(p->b, OVS_KEY_ATTR_ENCAP, mark);
	return err;
}

static int put_ipv4(struct put *p)
{
	const struct ox_key *o = p->out;
	struct ovs_key_ipv4 v = {
		.ipv4_src = o->ipv4.src,
		.ipv4_dst = o->ipv4.dst,
		.ipv4_proto = o->ip_proto,
		.ipv4_tos = o->ip_tos,
		.ipv4_ttl = o->ip_ttl,
		.ipv4_frag = o->ip_frag,
	};

	return ox_nl_put(p->b, OVS_KEY_ATTR_IPV4, &v, sizeof(v));
}

static int put_ipv6(struct put *p)
{
	const struct ox_key *o = p->out;
	struct ovs_key_ipv6 v = {
		.ipv6_label = o->ipv6_label,
		.ipv6_proto = o->ip_proto,
		.ipv6_tclass = o->ip_tos,
		.ipv6_hlimit = o->ip_ttl,
		.ipv6_frag = o->ip_frag,
	};
	int err;

	memcpy(v.ipv6_src, o->ipv6.src, sizeof(v.ipv6_src));
	memcpy(v.ipv6_dst, o->ipv6.dst, sizeof(v.ipv6_dst));
	err = ox_nl_put(p->b, OVS_KEY_ATTR_IPV6, &v, sizeof(v));
	if (!err)
		err = ox_nl_put(p->b, OVS_KEY_ATTR_IPV6_EXTHDRS,
				&o->ipv6_exthdrs, sizeof(o->ipv6_exthdrs));
	return err;
}

/* Context words are shown where they have a meaning, in a mask always. */
static int put_nsh(struct put *p)
{
	const struct ox_key *o = p->out;
	struct ovs_nsh_key_base v = {
		.flags = o->nsh.flags,
		.ttl = o->nsh.ttl,
		.mdtype = o->nsh.mdtype,
		.np = o->nsh.np,
		.path_hdr = o->nsh.path_hdr,
	};
	uint32_t mark;
	int err;

	err = ox_nl_nest(p->b, OVS_KEY_ATTR_NSH, &mark);
	if (!err)
		err = ox_nl_put(p->b, OVS_NSH_KEY_ATTR_BASE, &v, sizeof(v));
	if (!err && (p->is_mask || v.mdtype == NSH_MD_TYPE1))
		err = ox_nl_put(p->b, OVS_NSH_KEY_ATTR_MD1, o->nsh.context,
				sizeof(o->nsh.context));
	if (!err)
		ox_nl_nest_end(p->b, mark);
	return err;
}

static int put_arp(struct put *p)
{
	const struct ox_key *o = p->out;
	struct ovs_key_arp v;

	memset(&v, 0, sizeof(v));
	v.arp_sip = o->arp.src;
	v.arp_tip = o->arp.dst;
	v.arp_op = htons(o->ip_proto);
	memcpy(v.arp_sha, o->arp.sha, ETH_ALEN);
	memcpy(v.arp_tha, o->arp.tha, ETH_ALEN);
	return ox_nl_put(p->b, OVS_KEY_ATTR_ARP, &v, sizeof(v));
}

static int put_mpls(struct put *p)
{
	const struct ox_key *o = p->out;
	int n = __builtin_popcount(o->mpls.num_labels_mask & 7);

	return ox_nl_put(p->b, OVS_KEY_ATTR_MPLS, o->mpls.lse,
			 n * sizeof(o->mpls.lse[0]));
}

/* TCP, UDP and SCTP attributes have the same form. */
static int put_ports(struct put *p, uint16_t attr)
{
	__be16 v[2] = { p->out->tp_src, p->out->tp_dst };

	return ox_nl_put(p->b, attr, v, sizeof(v));
}

static int put_icmp(struct put *p, uint16_t attr)
{
	uint8_t v[2] = { (uint8_t)ntohs(p->out->tp_src),
			 (uint8_t)ntohs(p->out->tp_dst) };

	return ox_nl_put(p->b, attr, v, sizeof(v));
}

static int put_nd(struct put *p)
{
	const struct ox_key *o = p->out;
	struct ovs_key_nd v;

	memcpy(v.nd_target, o->nd_target, sizeof(v.nd_target));
	memcpy(v.nd_sll, o->nd_sll, ETH_ALEN);
	memcpy(v.nd_tll, o->nd_tll, ETH_ALEN);
	return ox_nl_put(p->b, OVS_KEY_ATTR_ND, &v, sizeof(v));
}

static int put_icmpv6(struct put *p)
{
	int err = put_icmp(p, OVS_KEY_ATTR_ICMPV6);

	if (!err && (p->k->tp_src == htons(ND_SOLICIT) ||
		     p->k->tp_src == htons(ND_ADVERTISE)))
		err = put_nd(p);
	return err;
}

static int put_transport(struct put *p)
{
	bool ipv6 = p->k->eth_type == htons(ETH_P_IPV6);
	int err;

	if (p->k->ip_frag == OVS_FRAG_TYPE_LATER)
		return 0;
	switch (p->k->ip_proto) {
	case IPPROTO_TCP:
		err = put_ports(p, OVS_KEY_ATTR_TCP);
		if (!err)
			err = ox_nl_put_u16(p->b, OVS_KEY_ATTR_TCP_FLAGS,
					    p->out->tcp_flags);
		return err;
	case IPPROTO_UDP:
		return put_ports(p, OVS_KEY_ATTR_UDP);
	case IPPROTO_SCTP:
		return put_ports(p, OVS_KEY_ATTR_SCTP);
	case IPPROTO_ICMP:
		return ipv6 ? 0 : put_icmp(p, OVS_KEY_ATTR_ICMP);
	case IPPROTO_ICMPV6:
		return ipv6 ? put_icmpv6(p) : 0;
	default:
		return 0;
	}
}

static int put_network(struct put *p)
{
	__be16 type = p->k->eth_type;
	int err;

	err = ox_nl_put_u16(p->b, OVS_KEY_ATTR_ETHERTYPE, p->out->eth_type);
	if (err)
		return err;
	if (type == htons(ETH_P_ARP) || type == htons(ETH_P_RARP))
		return put_arp(p);
	if (ox_eth_type_mpls(type))
		return put_mpls(p);
	if (type == htons(ETH_P_NSH))
		return put_nsh(p);
	if (type != htons(ETH_P_IP) && type != htons(ETH_P_IPV6))
		return 0;
	err = type == htons(ETH_P_IP) ? put_ipv4(p) : put_ipv6(p);
	return err ? err : put_transport(p);
}

/* What follows the innermost tag. */
static int put_payload(struct put *p)
{
	/* an 802.2 frame has no EtherType, though it can be masked */
	if (p->k->mac_proto && p->k->eth_type == htons(ETH_P_802_2)) {
		if (!p->is_mask || !p->out->eth_type)
			return 0;
		return ox_nl_put_u16(p->b, OVS_KEY_ATTR_ETHERTYPE,
				     p->out->eth_type);
	}
	return put_network(p);
}

/* Tag level 0 is the outer one. A cut tag (TCI 0) ends the key. */
static int put_tagged(struct put *p, int level)
{
	__be16 tci = level ? p->k->cvlan_tci : p->k->vlan_tci;
	const struct ox_key *o = p->out;
	uint32_t mark;
	int err;

	if (level == 2 || (!tci && !ox_eth_type_vlan(p->k->eth_type)))
		return put_payload(p);
	err = put_tag(p, level ? o->cvlan_tpid : o->vlan_tpid,
		      level ? o->cvlan_tci : o->vlan_tci, &mark);
	if (!err && tci)
		err = put_tagged(p, level + 1);
	if (!err)
		ox_nl_nest_end(p->b, mark);
	return err;
}

static int put_key(struct put *p)
{
	int err = put_metadata(p);

	if (err || !p->k->mac_proto)
		return err ? err : put_payload(p);
	err = put_ethernet(p);
	return err ? err : put_tagged(p, 0);
}

int ox_key_put(struct ox_nlbuf *b, uint16_t attr, bool is_mask,
	       const struct ox_key *swkey, const struct ox_key *output,
	       const struct ox_tun *tun)
{
	struct put p = { b, is_mask, swkey, output, tun };
	uint32_t mark;
	int err;

	err = ox_nl_nest(b, attr, &mark);
	if (err)
		return err;
	err = put_key(&p);
	if (err)
		ox_nl_nest_cancel(b, mark);
	else
		ox_nl_nest_end(b, mark);
	return err;
}
