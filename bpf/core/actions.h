/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions.h - the compiled ops that edit a packet, as the functions of
 * net/openvswitch/actions.c do: checksums are carried along, errors in them
 * too, and the key is kept current. Each op is a small function that takes
 * the packet and says by enum ox_op_rc what became of it.
 */
#ifndef OVSXDP_BPF_ACTIONS_H
#define OVSXDP_BPF_ACTIONS_H

#include "bpf/core/checksum.h"
#include "bpf/core/pkt.h"

/* What an op did. All but DONE end the list. */
enum ox_op_rc {
	OX_RC_DONE,  /* the edit, or there was nothing to edit */
	OX_RC_SHORT, /* the packet ends before the header does, or has no room:
		      * -ENOMEM in the module */
	OX_RC_REFUSED, /* no such edit of such a packet: ox_pkt.arg is the
			* module's errno, positive */
	OX_RC_UNKNOWN, /* no op that this function knows: a broken list */
	OX_RC_DOWN, /* this tier can't, and nothing was done: one tier down */
	OX_RC_NOWHERE, /* the module goes on, but no port takes the packet
			* (no_ethernet): its list ends here, the ones around
			* go on */
};

/* err: of a ctx_*(), 0 or negative. */
static __always_inline enum ox_op_rc op_rc(int err)
{
	return err ? OX_RC_SHORT : OX_RC_DONE;
}

static __always_inline enum ox_op_rc op_refuse(struct ox_pkt *p, __u32 err)
{
	p->arg = err;
	return OX_RC_REFUSED;
}

/* val is already masked. */
static __always_inline __u64 op_apply(const struct ox_op *op, __u64 old)
{
	return (old & ~op->mask) | op->val;
}

static __always_inline enum ox_op_rc set_eth(ox_ctx *c, struct ox_pkt *p,
					     const struct ox_op *op, int src)
{
	__u64 mac = 0;
	__u64 *kw = &p->key.w[src ? 2 : 1];

	if (ctx_load(c, src ? 6 : 0, &mac, 6))
		return OX_RC_SHORT;
	mac = op_apply(op, mac) & 0xffffffffffffull;
	*kw = (*kw & ~0xffffffffffffull) | mac;
	return op_rc(ctx_store(c, src ? 6 : 0, &mac, 6));
}

/*
 * A word under the pseudo-header changes from old to new: carries the L4
 * checksum along. A cut L4 header is left alone, and so is a UDP checksum of
 * zero: there is none.
 */
static __always_inline int l4_csum_update(ox_ctx *c, struct ox_pkt *p,
					  __u8 proto, __u64 old, __u64 new)
{
	__u32 at, min;
	int udp = proto == OX_IP_UDP;

	if (proto == OX_IP_TCP) {
		at = 16;
		min = 20;
	} else if (proto == OX_IP_UDP) {
		at = 6;
		min = 8;
	} else if (proto == OX_IP_ICMPV6 &&
		   p->key.eth_type == ox_be16(OX_P_IPV6)) {
		at = 2;
		min = 8;
	} else {
		return 0;
	}
	if (p->len < p->l4 + min)
		return 0;
	if (ctx_l4_csum(c, p->l4 + at, old, new, 1, udp))
		return -1;
	if (!((old ^ new) >> 32))
		return 0;
	return ctx_l4_csum(c, p->l4 + at, old >> 32, new >> 32, 1, udp);
}

/* dst: 0 source, 1 destination. */
static __always_inline enum ox_op_rc
set_ipv4_addr(ox_ctx *c, struct ox_pkt *p, const struct ox_op *op, int dst)
{
	__u32 at = p->l3 + (dst ? 16 : 12);
	__u32 old, new;
	__u16 check, frag;
	__u8 proto;

	if (ctx_load(c, at, &old, 4) || p->len < p->l3 + 20)
		return OX_RC_SHORT;
	new = op_apply(op, old);
	if (new == old)
		return OX_RC_DONE;
	if (ctx_load(c, p->l3 + 6, &frag, 2) ||
	    ctx_load(c, p->l3 + 9, &proto, 1) ||
	    ctx_load(c, p->l3 + 10, &check, 2))
		return OX_RC_SHORT;
	if (!(frag & ox_be16(0x1fff)) && l4_csum_update(c, p, proto, old, new))
		return OX_RC_SHORT;
	check = csum_replace(check, old, new);
	if (dst)
		p->key.ipv4.dst = new;
	else
		p->key.ipv4.src = new;
	if (ctx_store(c, p->l3 + 10, &check, 2))
		return OX_RC_SHORT;
	return op_rc(ctx_store(c, at, &new, 4));
}

/* Bytes that share a 16-bit word with another: TOS with the version, TTL with
 * the protocol. Both are in w3 of the key. */
static __always_inline enum ox_op_rc
set_ipv4_byte(ox_ctx *c, struct ox_pkt *p, const struct ox_op *op, int ttl)
{
	__u32 at = p->l3 + (ttl ? 8 : 0);
	__u16 old, new, check;
	__u8 byte;

	if (p->len < p->l3 + 20 || ctx_load(c, at, &old, 2) ||
	    ctx_load(c, p->l3 + 10, &check, 2))
		return OX_RC_SHORT;
	byte = op_apply(op, ttl ? old & 0xff : old >> 8);
	new = ttl ? (old & 0xff00) | byte : (old & 0xff) | byte << 8;
	if (ttl)
		p->key.ip_ttl = byte;
	else
		p->key.ip_tos = byte;
	check = csum_replace(check, old, new);
	if (ctx_store(c, p->l3 + 10, &check, 2))
		return OX_RC_SHORT;
	return op_rc(ctx_store(c, at, &new, 2));
}

/*
 * One half of an IPv6 address. A destination after a routing header with
 * segments left is not the one in the pseudo-header.
 */
static __always_inline enum ox_op_rc
set_ipv6_addr(ox_ctx *c, struct ox_pkt *p, const struct ox_op *op, int dst)
{
	__u32 low = op->arg & 1;
	__u32 at = p->l3 + (dst ? 24 : 8) + low * 8;
	__u64 old, new;

	if (p->len < p->l3 + 40 || ctx_load(c, at, &old, 8))
		return OX_RC_SHORT;
	new = op_apply(op, old);
	if (new == old)
		return OX_RC_DONE;
	if (!(dst && p->routed) &&
	    l4_csum_update(c, p, p->key.ip_proto, old, new))
		return OX_RC_SHORT;
	p->key.w[4 + (dst ? 2 : 0) + low] = new;
	return op_rc(ctx_store(c, at, &new, 8));
}

/* Class, label: parts of the first word, 4 bits version, 8 class, 20 label. */
static __always_inline enum ox_op_rc
set_ipv6_first(ox_ctx *c, struct ox_pkt *p, const struct ox_op *op, int label)
{
	__u32 w, v;

	if (p->len < p->l3 + 40 || ctx_load(c, p->l3, &w, 4))
		return OX_RC_SHORT;
	w = ox_be32(w);
	if (label) {
		v = ox_be32((__u32)op_apply(op, ox_be32(w & 0xfffff)));
		w = (w & ~0xfffffu) | (v & 0xfffff);
		p->key.ipv6_label = ox_be32(w & 0xfffff);
	} else {
		v = op_apply(op, (w >> 20) & 0xff) & 0xff;
		w = (w & ~0x0ff00000u) | v << 20;
		p->key.ip_tos = v;
	}
	w = ox_be32(w);
	return op_rc(ctx_store(c, p->l3, &w, 4));
}

static __always_inline enum ox_op_rc
set_ipv6_hlimit(ox_ctx *c, struct ox_pkt *p, const struct ox_op *op)
{
	__u8 byte;

	if (p->len < p->l3 + 40 || ctx_load(c, p->l3 + 7, &byte, 1))
		return OX_RC_SHORT;
	byte = op_apply(op, byte);
	p->key.ip_ttl = byte;
	return op_rc(ctx_store(c, p->l3 + 7, &byte, 1));
}

/* The checksum that covers a port: TCP's always, UDP's unless zero, SCTP's
 * CRC. */
static __always_inline int tp_csum_update(ox_ctx *c, struct ox_pkt *p,
					  __u32 proto, __u16 old, __u16 new,
					  int dst)
{
	__u32 crc, delta = (__u32)(old ^ new) << (dst ? 16 : 0);
	__u32 at = p->l4 + (proto == OX_IP_TCP ? 16 : 6);

	if (proto == OX_IP_SCTP) {
		if (ctx_load(c, p->l4 + 8, &crc, 4))
			return -1;
		crc ^= crc_delta(delta, p->len - p->l4);
		return ctx_store(c, p->l4 + 8, &crc, 4);
	}
	return ctx_l4_csum(c, at, old, new, 0, proto == OX_IP_UDP);
}

static __always_inline enum ox_op_rc set_tp(ox_ctx *c, struct ox_pkt *p,
					    const struct ox_op *op, int dst)
{
	__u32 proto = op->arg, at = p->l4 + (dst ? 2 : 0), min = 8;
	__u16 old, new;

	if (proto == OX_IP_TCP)
		min = 20;
	else if (proto == OX_IP_SCTP)
		min = 12;
	if (!p->l4 || p->len < p->l4 + min || ctx_load(c, at, &old, 2))
		return OX_RC_SHORT;
	new = op_apply(op, old);
	/* a header of a wrong length isn't in the key: stays so unless changed
	 */
	if (new == old && proto != OX_IP_SCTP)
		return OX_RC_DONE;
	if (dst)
		p->key.tp_dst = new;
	else
		p->key.tp_src = new;
	if (new == old)
		return OX_RC_DONE;
	if (tp_csum_update(c, p, proto, old, new, dst))
		return OX_RC_SHORT;
	return op_rc(ctx_store_l4(c, at, &new, 2));
}

static __always_inline void head_moved(struct ox_pkt *p, int by)
{
	p->len += by;
	p->l3 += by;
	if (p->l4)
		p->l4 += by;
}

#if OX_CTX_HEAD
/* A tag in line. Whether the frame had one before; then skb->protocol, where
 * the frame alone doesn't show, is that one's. */
static __always_inline int frame_push_vlan(ox_ctx *c, struct ox_pkt *p,
					   __be16 tpid, __be16 tci)
{
	int tagged = (p->key.vlan_tci & ox_be16(OX_VLAN_CFI)) != 0;
	__u32 tag = tpid | (__u32)tci << 16;
	struct {
		__u64 a;
		__u32 b;
	} macs;

	if (ctx_move_head(c, -OX_VLAN_LEN))
		return -1;
	head_moved(p, OX_VLAN_LEN);
	if (ctx_load(c, OX_VLAN_LEN, &macs, 12) || ctx_store(c, 0, &macs, 12) ||
	    ctx_store(c, 12, &tag, 4))
		return -1;
	if (tagged && p->proto && ctx_load(c, 16, &p->proto, 2))
		return -1;
	return tagged;
}

/* Whether a tag is left; without one there is nothing to do. What came out
 * of an encapsulation (p->proto) has only tags that were pushed since, the
 * inner ones while p->proto says so. */
static __always_inline int frame_pop_vlan(ox_ctx *c, struct ox_pkt *p)
{
	struct {
		__u64 a;
		__u32 b;
	} macs;
	__be16 type[3];

	if (ctx_load(c, 12, type, 2))
		return -1;
	if (!proto_is_vlan(type[0]) ||
	    (p->proto && !(p->key.vlan_tci & ox_be16(OX_VLAN_CFI))))
		return 0;
	if (ctx_load(c, 12, type, 6) || ctx_load(c, 0, &macs, 12) ||
	    ctx_store(c, OX_VLAN_LEN, &macs, 12) ||
	    ctx_move_head(c, OX_VLAN_LEN))
		return -1;
	head_moved(p, -OX_VLAN_LEN);
	if (!p->proto)
		return proto_is_vlan(type[2]);
	if (!proto_is_vlan(p->proto))
		return 0;
	return ctx_load(c, 16, &p->proto, 2) ? -1 : 1;
}
#else
/* The skb's tag goes into the frame, the new one becomes the skb's. */
static __always_inline int frame_push_vlan(ox_ctx *c, struct ox_pkt *p,
					   __be16 tpid, __be16 tci)
{
	int tagged = p->hwtag;

	if (ctx_push_vlan(c, tpid, tci))
		return -1;
	if (tagged)
		head_moved(p, OX_VLAN_LEN);
	p->hwtag = OX_VLAN_LEN;
	return tagged;
}

static __always_inline int frame_pop_vlan(ox_ctx *c, struct ox_pkt *p)
{
	__u32 len = ctx_len(c);

	if (ctx_pop_vlan(c))
		return -1;
	p->hwtag = ctx_hw_tag(c) ? OX_VLAN_LEN : 0;
	head_moved(p, (int)(ctx_len(c) - len));
	return p->hwtag != 0;
}
#endif

/* The module drops a key's validity where a tag was there before. A tag on a
 * packet without MACs (pop_eth) keeps it from getting any. */
static __always_inline enum ox_op_rc push_vlan(ox_ctx *c, struct ox_pkt *p,
					       const struct ox_op *op)
{
	__be16 tpid = ox_be16(op->arg >> 16), tci = ox_be16(op->arg & 0xffff);
	int tagged;

	if (OX_CTX_HEAD && !p->key.mac_proto)
		return OX_RC_NOWHERE;
	tagged = frame_push_vlan(c, p, tpid, tci & ~ox_be16(OX_VLAN_CFI));
	if (tagged < 0)
		return OX_RC_SHORT;
	if (tagged) {
		p->stale = 1;
		return OX_RC_DONE;
	}
	p->key.vlan_tci = tci | ox_be16(OX_VLAN_CFI);
	p->key.vlan_tpid = tpid;
	return OX_RC_DONE;
}

static __always_inline enum ox_op_rc pop_vlan(ox_ctx *c, struct ox_pkt *p)
{
	int tagged = frame_pop_vlan(c, p);

	if (tagged < 0)
		return OX_RC_SHORT;
	if (tagged) {
		p->stale = 1;
		return OX_RC_DONE;
	}
	p->key.vlan_tci = 0;
	p->key.vlan_tpid = 0;
	return OX_RC_DONE;
}

/* Runs one editing op; OX_RC_UNKNOWN for one that isn't an edit of this file
 * (encap.h has more). */
__noinline enum ox_op_rc ox_op_run(ox_ctx *c, struct ox_pkt *p,
				   const struct ox_op *op)
{
	if (!p || !op)
		return OX_RC_UNKNOWN;
	switch ((enum ox_opcode)op->code) {
	case OX_OP_SET_ETH_DST:
		return set_eth(c, p, op, 0);
	case OX_OP_SET_ETH_SRC:
		return set_eth(c, p, op, 1);
	case OX_OP_SET_IPV4_SRC:
		return set_ipv4_addr(c, p, op, 0);
	case OX_OP_SET_IPV4_DST:
		return set_ipv4_addr(c, p, op, 1);
	case OX_OP_SET_IPV4_TOS:
		return set_ipv4_byte(c, p, op, 0);
	case OX_OP_SET_IPV4_TTL:
		return set_ipv4_byte(c, p, op, 1);
	case OX_OP_SET_IPV6_SRC:
		return set_ipv6_addr(c, p, op, 0);
	case OX_OP_SET_IPV6_DST:
		return set_ipv6_addr(c, p, op, 1);
	case OX_OP_SET_IPV6_TCLASS:
		return set_ipv6_first(c, p, op, 0);
	case OX_OP_SET_IPV6_LABEL:
		return set_ipv6_first(c, p, op, 1);
	case OX_OP_SET_IPV6_HLIMIT:
		return set_ipv6_hlimit(c, p, op);
	case OX_OP_SET_TP_SRC:
		return set_tp(c, p, op, 0);
	case OX_OP_SET_TP_DST:
		return set_tp(c, p, op, 1);
	case OX_OP_PUSH_VLAN:
		return push_vlan(c, p, op);
	case OX_OP_POP_VLAN:
		return pop_vlan(c, p);
	case OX_OP_SET_PRIORITY:
	case OX_OP_SET_MARK:
	case OX_OP_SET_MPLS:
	case OX_OP_SET_NSH:
	case OX_OP_PUSH_MPLS:
	case OX_OP_ADD_MPLS:
	case OX_OP_POP_MPLS:
	case OX_OP_PUSH_ETH:
	case OX_OP_POP_ETH:
	case OX_OP_PUSH_NSH:
	case OX_OP_POP_NSH:
	case OX_OP_END:
	case OX_OP_OUTPUT:
	case OX_OP_USERSPACE:
	case OX_OP_CLONE:
	case OX_OP_SAMPLE:
	case OX_OP_CHECK_LEN:
	case OX_OP_JUMP:
	case OX_OP_DEC_TTL:
	case OX_OP_RECIRC:
	case OX_OP_HASH:
	case OX_OP_TRUNC:
	case OX_OP_METER:
	case OX_OP_DROP:
	case OX_OP_GROUP:
	case OX_OP_CT:
	case OX_OP_CT_ARG:
	case OX_OP_CT_CLEAR:
	case OX_OP_TUN:
	case OX_OP_TUN_ARG:
	case OX_OP_REFUSE:
		break;
	}
	return OX_RC_UNKNOWN;
}

#endif /* OVSXDP_BPF_ACTIONS_H */
