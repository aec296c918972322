/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * native_decap.h - packets to this host that belong to a tunnel's port without
 * a device: outer headers come off, their tunnel key is kept. All else goes on
 * to the stack as it came. There a socket of the daemon's takes what couldn't
 * be told here: fragments, options, what IPsec has decrypted.
 */
#ifndef OVSXDP_BPF_NATIVE_DECAP_H
#define OVSXDP_BPF_NATIVE_DECAP_H

#include "bpf/tier/native.h"

#include <linux/if_packet.h>

enum native_rc {
	NATIVE_STACK, /* none of ours */
	NATIVE_DROP,  /* counted */
	NATIVE_OURS,  /* an inner frame of m->in_port */
};

/* The outer headers up to the options, of a packet to this host. 0, or not
 * one of ours. */
static __always_inline int native_load(ox_ctx *c, struct ox_outer *o, int v6)
{
	if (ctx_hw_tag(c) || ctx_get(c, pkt_type) != PACKET_HOST)
		return -1;
	/* a device without Ethernet headers isn't one of the listener's */
	if (v6)
		return ctx_load(c, 0, o->dst, OX_OUTER6) ||
		       o->type != ox_be16(OX_P_IPV6);
	return ctx_load(c, 0, o->dst, OX_OUTER4) || o->type != ox_be16(OX_P_IP);
}

/* Whose packet it is: a port, or OX_NONE. *len becomes that of the IP
 * packet. */
static __always_inline __u32 native_port_of(struct ox_native_mem *m, int v6,
					    __u32 *len)
{
	const struct ox_outer *o = &m->o;
	struct ox_listen_key k;
	const __u32 *port_no;
	__be32 src[4];

	if (v6 ? tun_in_ip6(o, len, &k) : tun_in_ip4(o, len, &k))
		return OX_NONE;
	port_no = bpf_map_lookup_elem(&listen, &k);
	if (!port_no)
		return OX_NONE;
	/* what must come encrypted is left to who knows if it did */
	src[0] = v6 ? o->v6.ip.src[0] : o->v4.ip.src;
	src[1] = v6 ? o->v6.ip.src[1] : 0;
	src[2] = v6 ? o->v6.ip.src[2] : 0;
	src[3] = v6 ? o->v6.ip.src[3] : 0;
	return native_is_ipsec(k.family, src) ? OX_NONE : *port_no;
}

/* Takes n bytes after the Ethernet header off. On 6.1, what is left must be as
 * long as a header of the outer protocol: a short frame is filled up first. */
static __always_inline int native_strip(ox_ctx *c, __u32 n)
{
	__u32 len = ctx_len(c);
	int err;

	err = bpf_skb_adjust_room(c, -(__s32)n, BPF_ADJ_ROOM_MAC,
				  BPF_F_ADJ_ROOM_FIXED_GSO);
	if (!err || len - n >= 60)
		return err;
	if (bpf_skb_change_tail(c, n + 60, 0) ||
	    bpf_skb_adjust_room(c, -(__s32)n, BPF_ADJ_ROOM_MAC,
				BPF_F_ADJ_ROOM_FIXED_GSO))
		return -1;
	return bpf_skb_change_tail(c, len - n, 0);
}

/* The inner packet's traffic class: tun_in_ecn(). Its header comes after the
 * Ethernet header, a tag is in the metadata. Not 0: it must be dropped. */
static __always_inline int native_ecn(ox_ctx *c, __u8 outer)
{
	__be16 proto = ctx_get(c, protocol);
	__be16 old, new;
	int tos;

	if (!(outer & OX_ECN_MASK))
		return 0;
	if (proto != ox_be16(OX_P_IP) && proto != ox_be16(OX_P_IPV6))
		return 0;
	if (ctx_load(c, OX_ETH_LEN, &old, 2))
		return 0;
	if (proto == ox_be16(OX_P_IP)) {
		tos = tun_in_ecn(outer, old >> 8);
		new = (old & 0xff) | (tos & 0xff) << 8;
	} else {
		tos = tun_in_ecn(outer, ox_cpu16(old) >> 4);
		new = ox_be16(
			(__u16)((ox_cpu16(old) & 0xf00f) | (tos & 0xff) << 4));
	}
	if (tos < 0)
		return -1;
	if (new == old)
		return 0;
	if (ctx_store(c, OX_ETH_LEN, &new, 2))
		return -1;
	if (proto == ox_be16(OX_P_IP))
		return bpf_l3_csum_replace(c, OX_ETH_LEN + 10, old, new, 2);
	return 0;
}

static __always_inline enum native_rc native_bad(ox_ctx *c, __u32 port_no,
						 enum ox_reason why)
{
	struct ox_port_stats *s = tbl_port_stats(port_no);

	if (s)
		s->rx_errors++;
	count_drop_raw(c, port_no, why);
	return NATIVE_DROP;
}

/* n bytes of options at "at". Not 0: there are too many. */
static __always_inline int native_opts_load(ox_ctx *c, __u32 at, __u32 n,
					    struct ox_tun *t)
{
	if (!n)
		return 0;
	if (native_bound(&n, OX_TUN_OPTS_MAX))
		return -1;
	return bpf_skb_load_bytes(c, at, t->opts, n);
}

/* The key from the headers in m->o, and Geneve's options from the packet.
 * *head: the bytes in front of the inner frame. */
static __always_inline int native_key_of(ox_ctx *c, struct ox_native_mem *m,
					 const struct ox_port *in, int v6,
					 __u32 len, struct ox_tun *t,
					 __u32 *head)
{
	const struct ox_outer *o = &m->o;
	__u32 kind = READ_ONCE(in->tun_kind), exts = READ_ONCE(in->tun_exts);
	__u32 gso = ctx_gso_size(c), at, opts;
	int n;

	if (v6) {
		at = OX_ETH_LEN + 40;
		n = o->v6.ip.proto != tun_proto(kind)
			    ? -1
			    : tun_in_kind(&o->v6.l4, kind, exts, len - 40, gso,
					  &m->in, t);
		tun_in_addr6(&o->v6.ip, &m->in, t);
	} else {
		at = OX_ETH_LEN + 20;
		n = o->v4.ip.proto != tun_proto(kind)
			    ? -1
			    : tun_in_kind(&o->v4.l4, kind, exts, len - 20, gso,
					  &m->in, t);
		tun_in_addr4(&o->v4.ip, &m->in, t);
	}
	if (n < 0)
		return -1;
	at += n;
	opts = m->in.opts_len;
	barrier_var(opts);
	if (opts > OX_TUN_OPTS_MAX)
		return -1;
	*head = at;
	if (kind == OX_VPORT_GENEVE) {
		if (native_opts_load(c, at, opts, t))
			return -1;
		*head = at + opts;
	}
	*(__u32 *)(t->opts + opts) = 0; /* the rest of a word */
	return 0;
}

/* Does a frame of n bytes, which begins with these, end before its IP header
 * does? The kernel's devices take none of these (pskb_inet_may_pull()). */
static __always_inline int native_cut_ip(const __u8 *eth, __u32 n)
{
	__be16 type = *(const __be16 *)(eth + 12);

	return (type == ox_be16(OX_P_IP) && n < OX_ETH_LEN + 20) ||
	       (type == ox_be16(OX_P_IPV6) && n < OX_ETH_LEN + 40);
}

/* From an outer packet to the inner frame; t: where its key goes. */
static __always_inline enum native_rc
native_decap(ox_ctx *c, struct ox_native_mem *m, struct ox_tun *t)
{
	__be16 proto = ctx_get(c, protocol);
	int v6 = proto == ox_be16(OX_P_IPV6);
	__u32 len = ctx_len(c) - OX_ETH_LEN, head, port_no;
	const struct ox_port *in;
	__u8 eth[16] __attribute__((aligned(8)));

	if (!v6 && proto != ox_be16(OX_P_IP))
		return NATIVE_STACK;
	if (native_load(c, &m->o, v6))
		return NATIVE_STACK;
	port_no = native_port_of(m, v6, &len);
	in = port_no == OX_NONE ? NULL : tbl_port(port_no);
	if (!in || !(READ_ONCE(in->flags) & OX_PORT_NATIVE))
		return NATIVE_STACK;
	if (native_key_of(c, m, in, v6, len, t, &head) ||
	    ctx_load(c, head, eth, OX_ETH_LEN) ||
	    native_cut_ip(eth, OX_ETH_LEN + len - head))
		return native_bad(c, port_no, OX_R_BAD_OUTER);
	/* what the device or a switch has filled the frame up with */
	if (ctx_len(c) > OX_ETH_LEN + len && !ctx_gso_size(c) &&
	    bpf_skb_change_tail(c, OX_ETH_LEN + len, 0))
		return native_bad(c, port_no, OX_R_TUNNEL);
	if (native_strip(c, head) ||
	    bpf_skb_store_bytes(c, 0, eth, OX_ETH_LEN, BPF_F_INVALIDATE_HASH))
		return native_bad(c, port_no, OX_R_TUNNEL);
	if (*(__be16 *)(eth + 12) != proto && native_fix_proto(c))
		return native_bad(c, port_no, OX_R_TUNNEL);
	if (native_ecn(c, m->in.tos))
		return native_bad(c, port_no, OX_R_ECN);
	m->in_port = port_no;
	return NATIVE_OURS;
}

#endif /* OVSXDP_BPF_NATIVE_DECAP_H */
