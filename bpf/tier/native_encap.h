/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * native_encap.h - output by a tunnel's port that has no device: outer headers
 * in front of the skb, so that GSO and open checksums go on working, a route by
 * the kernel's tables, and out to the neighbour.
 */
#ifndef OVSXDP_BPF_NATIVE_ENCAP_H
#define OVSXDP_BPF_NATIVE_ENCAP_H

#include "bpf/tier/native_pmtu.h"
#include "bpf/tier/native_sum.h"

#include <linux/pkt_cls.h>

#define FIB_LOOKUP_SRC 16 /* BPF_FIB_LOOKUP_SRC, of 6.7 and 6.1.192 */
#define L2_MAX	       22 /* two tags */

/* The outer tag, in front of the packet's bytes or among them; 0: none. */
static __always_inline __u32 native_tag(ox_ctx *c)
{
	__be16 proto = ctx_get(c, protocol);
	__u32 tag = ctx_wire_tag(c);

	if (tag ||
	    (proto != ox_be16(OX_P_8021Q) && proto != ox_be16(OX_P_8021AD)))
		return tag;
	return ctx_load(c, 12, &tag, 4) ? 0 : tag;
}

/* Takes the tags off the packet. Not 0: there are too many, or broken ones. */
static __always_inline int native_l2_take(ox_ctx *c, struct native_l2 *l2)
{
	__u32 tag = native_tag(c), n = 12;

	if (tag) {
		*(__u32 *)(l2->b + 12) = tag;
		n = 16;
		if (ctx_pop_vlan(c))
			return -1;
		tag = ctx_wire_tag(c);
	}
	if (tag) {
		*(__u32 *)(l2->b + 16) = tag;
		n = 20;
		if (ctx_pop_vlan(c) || ctx_hw_tag(c))
			return -1;
	}
	if (ctx_load(c, 0, l2->b, 12))
		return -1;
	l2->len = n + 2;
	if (n == 20)
		return ctx_load(c, 12, l2->b + 20, 2);
	if (n == 16)
		return ctx_load(c, 12, l2->b + 16, 2);
	return ctx_load(c, 12, l2->b + 12, 2);
}

static __always_inline int native_l2_put(ox_ctx *c, __u32 at,
					 struct native_l2 *l2)
{
	if (l2->len == 22)
		return ctx_store(c, at, l2->b, 22);
	if (l2->len == 18)
		return ctx_store(c, at, l2->b, 18);
	return ctx_store(c, at, l2->b, 14);
}

/* What the outer headers want to know of the inner packet, which is IP. */
struct native_inner {
	__u32 seg; /* bytes of IP in the longest segment of GSO; else 0 */
	__u8 tos;
	__u8 ttl;
	__u8 whole; /* nobody on its way may fragment it */
};

/* Not 0: it ends within its headers. */
static __always_inline int native_inner(ox_ctx *c, int v6, __u32 gso,
					struct native_inner *in)
{
	__u8 head[24] __attribute__((aligned(8))), proto, doff;
	__u32 l4 = 40;

	in->seg = 0;
	if (ctx_load(c, OX_ETH_LEN, head, 20))
		return -1;
	if (v6) {
		in->tos = head[0] << 4 | head[1] >> 4;
		in->ttl = head[7];
		in->whole = 1;
		proto = head[6];
		if (ctx_len(c) < OX_ETH_LEN + 40)
			return -1;
	} else {
		in->tos = head[1];
		in->ttl = head[8];
		in->whole = *(__be16 *)(head + 6) == ox_be16(OX_IP_DF);
		proto = head[9];
		l4 = (head[0] & 0xf) * 4;
	}
	if (!gso)
		return 0;
	in->seg = l4 + 8 + gso;
	if (proto == OX_IP_UDP)
		return 0;
	if (ctx_load(c, OX_ETH_LEN + l4 + 12, &doff, 1))
		return -1;
	in->seg = l4 + (doff >> 4) * 4 + gso;
	return 0;
}

/* Asks the kernel's routes. OX_R_NONE, or why there is no way. len: of the
 * longest outer packet. OX_R_OVER_MTU: *mtu is that of the way, or 0. */
static __always_inline enum ox_reason
native_route(ox_ctx *c, struct ox_native_mem *m, __u32 len, __u32 *mtu,
	     __u32 *oif, struct bpf_redir_neigh *nh)
{
	const struct ox_tun_key *k = &m->key;
	struct bpf_fib_lookup f __attribute__((aligned(8))) = {
		.family = k->proto,
		.l4_protocol = tun_proto(m->way.kind),
		.sport = m->way.sport,
		.dport = m->way.dport,
		.ifindex = READ_ONCE(tbl_config()->clone_ifindex),
	};
	__u32 flags = 0;
	int rc;

	*mtu = 0;
	f.tot_len = len > 0xffff ? 0xffff : len;
	if (k->proto == OX_AF_INET) {
		f.tos = k->tos;
		f.ipv4_src = k->tun.ipv4.src;
		f.ipv4_dst = k->tun.ipv4.dst;
		if (!f.ipv4_src)
			flags = FIB_LOOKUP_SRC;
	} else {
		f.flowinfo = ox_be32((__u32)k->tos << 20) | k->tun.label;
		ox_copy(f.ipv6_src, k->tun.ipv6.src, 16);
		ox_copy(f.ipv6_dst, k->tun.ipv6.dst, 16);
		if (!k->tun.x[1] && !k->tun.x[2])
			flags = FIB_LOOKUP_SRC;
	}
	rc = bpf_fib_lookup(c, &f, sizeof(f), flags);
	if (rc == BPF_FIB_LKUP_RET_FRAG_NEEDED) {
		/* tot_len has become the MTU: now the source address, too */
		*mtu = f.mtu_result;
		rc = bpf_fib_lookup(c, &f, sizeof(f), flags);
	}
	if (rc && rc != BPF_FIB_LKUP_RET_NO_NEIGH)
		return OX_R_NO_ROUTE;
	ox_copy(m->way.src, f.ipv6_src, 16);
	if (*mtu || len > 0xffff)
		return OX_R_OVER_MTU;
	*oif = f.ifindex;
	nh->nh_family = f.family;
	nh->ipv6_nh[0] = f.ipv6_dst[0];
	nh->ipv6_nh[1] = f.ipv6_dst[1];
	nh->ipv6_nh[2] = f.ipv6_dst[2];
	nh->ipv6_nh[3] = f.ipv6_dst[3];
	return OX_R_NONE;
}

/* Is an address that a key asks for as the local one ours? The kernel's routes
 * of IPv4 would refuse another one; those of IPv6 don't look. */
static __always_inline int native_src_ok(const struct ox_tun_key *k, __u32 kind,
					 __be16 port)
{
	struct ox_listen_key l __attribute__((aligned(8))) = {
		.family = k->proto,
		.proto = tun_proto(kind),
		.port = port,
	};

	if (k->proto != OX_AF_INET || !k->tun.ipv4.src)
		return 1;
	l.dst[0] = k->tun.ipv4.src;
	return !!bpf_map_lookup_elem(&listen, &l);
}

/*
 * Room between the Ethernet header and what is in it, for the outer headers and
 * the inner Ethernet header. The kernel makes it of an IP packet and knows then
 * what is inner and what is outer. Of others there is no GSO, and any room
 * does. Not 0: it can't.
 */
static __always_inline int native_room(ox_ctx *c, __u32 kind, __u32 head,
				       __u32 l2, int v6, __u32 gso)
{
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L2_ETH |
		      BPF_F_ADJ_ROOM_NO_CSUM_RESET |
		      BPF_F_ADJ_ROOM_ENCAP_L2(l2);
	__be16 proto = ctx_get(c, protocol);

	flags |= tun_proto(kind) == OX_IP_UDP ? BPF_F_ADJ_ROOM_ENCAP_L4_UDP
					      : BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
	flags |= v6 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV6
		    : BPF_F_ADJ_ROOM_ENCAP_L3_IPV4;
	if ((proto == ox_be16(OX_P_IP) || proto == ox_be16(OX_P_IPV6)) &&
	    !bpf_skb_adjust_room(c, head + l2, BPF_ADJ_ROOM_MAC, flags))
		return 0;
	return gso || bpf_skb_change_head(c, head + l2, 0);
}

/* n bytes, of at most max (a constant). */
static __always_inline int native_put(ox_ctx *c, __u32 at, const void *from,
				      __u32 n, __u32 max)
{
	if (!n)
		return 0;
	if (native_bound(&n, max))
		return -1;
	return bpf_skb_store_bytes(c, at, from, n, BPF_F_RECOMPUTE_CSUM);
}

/* The outer headers into the packet, where there is room for them. */
static __always_inline int native_store(ox_ctx *c, struct ox_native_mem *m,
					struct native_l2 *l2)
{
	__u32 n = READ_ONCE(m->way.l4_len), at = OX_ETH_LEN;
	__u32 opts = READ_ONCE(m->way.opts_len);
	int err;

	/* a checksum over the packet doesn't cover this header */
	if (bpf_skb_store_bytes(c, 0, m->o.dst, OX_ETH_LEN, 0))
		return -1;
	if (m->key.proto == OX_AF_INET6) {
		n += 40;
		err = native_put(c, at, &m->o.v6, n, 40 + OX_WIRE_L4);
	} else {
		n += 20;
		err = native_put(c, at, &m->o.v4, n, 20 + OX_WIRE_L4);
	}
	at += n;
	if (err || native_put(c, at, m->key.tun.opts, opts, OX_TUN_OPTS_MAX))
		return -1;
	return native_l2_put(c, at + opts, l2);
}

/* The key in force where the packet is to leave. */
static __always_inline enum ox_reason native_key(struct ox_native_mem *m)
{
	__u32 slot = OX_TUN_REF_SLOT(m->ref);
	const struct ox_acts *a;

	if (m->ref == OX_NONE)
		return OX_R_NO_TUNNEL;
	a = acts_live(slot);
	if (!a || a->flags >> OX_ACTS_GEN_SHIFT != m->gen ||
	    tun_key_read(slot, OX_TUN_REF_AT(m->ref), &m->key))
		return OX_R_BAD_FLOW;
	return OX_R_NONE;
}

/* Does a header of this kind have a place for this key? One without the remote
 * address is for who asks a bridge for it. */
static __always_inline int native_key_fits(const struct ox_tun_key *k,
					   __u32 kind)
{
	switch (kind) {
	case OX_VPORT_GENEVE:
		if (k->opts_len & 3)
			return 0;
		break;
	case OX_VPORT_VXLAN:
		break;
	case OX_VPORT_GRE:
		if (k->proto != OX_AF_INET)
			return 0;
		break;
	case OX_VPORT_IP6GRE:
		if (k->proto != OX_AF_INET6)
			return 0;
		break;
	default:
		return 0;
	}
	return k->proto == OX_AF_INET ? !!k->tun.ipv4.dst
				      : !!(k->tun.x[3] | k->tun.x[4]);
}

/* The key, and what it takes that it is sent. */
static __always_inline enum ox_reason native_begin(struct ox_native_mem *m,
						   const struct ox_port *out)
{
	enum ox_reason why = m->has_key ? OX_R_NONE : native_key(m);
	__u32 kind = READ_ONCE(out->tun_kind);
	struct ox_tun_key *k = &m->key;
	__be16 port = READ_ONCE(out->tun_port);

	if (why != OX_R_NONE)
		return why;
	m->way.kind = kind;
	m->way.exts = READ_ONCE(out->tun_exts);
	m->way.dport = port;
	/* vxlan's device alone takes the key's word for it */
	if (kind == OX_VPORT_VXLAN && k->tun.tp_dst)
		m->way.dport = k->tun.tp_dst;
	if (!native_key_fits(k, kind))
		return OX_R_TUNNEL;
	if (!native_src_ok(k, kind, port))
		return OX_R_NO_ROUTE;
	if (native_is_ipsec(k->proto, k->proto == OX_AF_INET ? &k->tun.ipv4.dst
							     : k->tun.ipv6.dst))
		return OX_R_IPSEC;
	return OX_R_NONE;
}

/* From a frame to a packet that is on its way to *oif by *nh; a reason, or
 * OX_R_NONE. */
static __always_inline enum ox_reason native_encap(ox_ctx *c,
						   struct ox_native_mem *m,
						   __u32 *oif,
						   struct bpf_redir_neigh *nh)
{
	int v6 = m->key.proto == OX_AF_INET6, ip6, is_ip;
	__u32 gso = ctx_gso_size(c), head, sum = 0, mtu;
	struct native_inner in = { 0 };
	enum ox_reason why;
	struct native_l2 *l2 = &m->l2;
	__be16 proto;

	/* before the tags go, they are part of it */
	m->way.sport = 0;
	if (tun_proto(m->way.kind) == OX_IP_UDP)
		m->way.sport =
			tun_out_sport(m->way.kind, bpf_get_hash_recalc(c));
	if (native_l2_take(c, l2))
		return OX_R_TUNNEL;
	proto = ctx_get(c, protocol);
	ip6 = proto == ox_be16(OX_P_IPV6);
	is_ip = ip6 || proto == ox_be16(OX_P_IP);
	/* one that is cut, the kernel's devices don't take, either; behind a
	 * tag they don't look, and vxlan's never does */
	if (is_ip && native_inner(c, ip6, gso, &in)) {
		if (l2->len == OX_ETH_LEN && m->way.kind != OX_VPORT_VXLAN)
			return OX_R_TUNNEL;
		is_ip = 0;
	}
	/* behind a tag, gre's device doesn't look at it */
	m->way.tos = m->way.kind == OX_VPORT_GRE && l2->len > 14 ? 0 : in.tos;
	m->way.ttl = tun_out_ttl_of(
		m->way.kind, l2->len > 14 ? 0 : in.ttl,
		READ_ONCE(*(v6 ? &tbl_config()->ttl6 : &tbl_config()->ttl4)));
	m->way.len = ctx_len(c) - OX_ETH_LEN + l2->len;
	m->way.id = m->key.flags & OX_TUN_F_DF ? 0
					       : (__be16)bpf_get_prandom_u32();
	if ((m->key.flags & OX_TUN_F_CSUM) && !gso)
		sum = native_sum(c, m, is_ip ? proto : 0, l2->b, l2->len);
	m->way.csum = !!sum;
	tun_out_begin(&m->key, &m->way);
	/* read again: so the verifier needn't follow each kind to the end */
	barrier_var(m);
	head = tun_out_len(&m->key, &m->way);
	why = native_route(c, m,
			   head + (in.seg ? l2->len + in.seg : m->way.len),
			   &mtu, oif, nh);
	if (why == OX_R_OVER_MTU && in.whole && mtu > head)
		ox_too_big(c, mtu - head);
	if (why != OX_R_NONE)
		return why;
	if (native_room(c, m->way.kind, head, l2->len, v6, gso))
		return OX_R_TUNNEL;
	if (v6)
		tun_out_ip6(&m->o, &m->key, &m->way);
	else
		tun_out_ip4(&m->o, &m->key, &m->way);
	if (sum)
		tun_out_check(&m->o, v6, &m->key, sum);
	if (native_store(c, m, l2))
		return OX_R_TUNNEL;
	proto = ctx_get(c, protocol);
	if (proto != m->o.type && native_fix_proto(c))
		return OX_R_TUNNEL;
	return OX_R_NONE;
}

/* To the program that encapsulates. Returns only where it can't be entered. */
static __always_inline int native_enter(ox_ctx *c, __u32 port_no, __u32 ref,
					__u32 gen)
{
	struct ox_native_mem *m = native_here();

	if (m) {
		m->ref = ref;
		m->gen = gen;
		m->port_no = port_no;
		m->has_key = 0;
		bpf_tail_call(c, &tc_jmp, OX_JUMP_ENCAP);
	}
	count_tx_dropped(port_no);
	count_drop_raw(c, drop_in_port(c), OX_R_BAD_FLOW);
	return TC_ACT_SHOT;
}

/* Is this port one without a device? */
static __always_inline int native_is(__u32 port_no)
{
	const struct ox_port *out = tbl_port(port_no);

	return out && (READ_ONCE(out->flags) & OX_PORT_NATIVE);
}

/* A frame of the user tier, with a key of its own. */
static __always_inline int native_inject(ox_ctx *c, struct ox_inject *in)
{
	struct ox_native_mem *m = native_here();

	in->failed = OX_R_NONE;
	ctx_set(c, mark, in->mark);
	ctx_set(c, priority, in->priority);
	if (!m)
		return TC_ACT_SHOT;
	m->port_no = in->port_no;
	m->has_key = 1;
	ox_copy(&m->key, &in->key, sizeof(m->key));
	bpf_tail_call(c, &tc_jmp, OX_JUMP_ENCAP);
	in->failed = OX_R_BAD_FLOW;
	return TC_ACT_SHOT;
}

#endif /* OVSXDP_BPF_NATIVE_ENCAP_H */
