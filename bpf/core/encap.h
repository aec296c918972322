/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * encap.h - ops on headers around the network header: MPLS, NSH, Ethernet. As
 * actions.c of the module with skb_mpls_push() and its kin do them. There the
 * outer tag is never in line; here it may be, and then is between the MACs and
 * what the module calls the MAC header's end. Most of these ops leave the key
 * stale (p->stale), as the module does.
 */
#ifndef OVSXDP_BPF_ENCAP_H
#define OVSXDP_BPF_ENCAP_H

#include <linux/errno.h>

#include "bpf/core/actions.h"
#include "bpf/core/parse.h"

/* Longest MAC header that an op moves: 12 bytes of MACs and 14 tags. */
#define OX_MAC_WORDS 17

/* No room in front: one tier down there may be. */
#ifdef OX_CTX_HOST
#define OX_RC_NO_ROOM OX_RC_SHORT
#else
#define OX_RC_NO_ROOM OX_RC_DOWN
#endif

#ifdef OX_CTX_HOST
/* The header of a PUSH_NSH, at most 256 bytes; their number, 0: there is
 * none. */
static __always_inline __u32 ctx_nsh_header(ox_ctx *c, const struct ox_op *op,
					    __u8 *buf);
#define OX_NSH_MAX 256
#endif

/* Bytes of the tag that the module has in the skb and we have in line. The key
 * says, stale or not: a tag after a popped header is nobody's yet. */
static __always_inline __u32 frame_tag(const struct ox_pkt *p)
{
	if (p->hwtag || !(p->key.vlan_tci & ox_be16(OX_VLAN_CFI)))
		return 0;
	return OX_VLAN_LEN;
}

static __always_inline int frame_tagged(const struct ox_pkt *p)
{
	return p->hwtag || frame_tag(p);
}

/* skb->protocol: an inner tag's TPID, or what the network header is. */
static __always_inline __be16 frame_proto(ox_ctx *c, const struct ox_pkt *p)
{
	__be16 type;

	if (p->proto)
		return p->proto;
	if (p->key.mac_proto && !ctx_load(c, 12 + frame_tag(p), &type, 2) &&
	    proto_is_vlan(type))
		return type;
	return p->key.eth_type;
}

static __always_inline int proto_is_mpls(__be16 type)
{
	return type == ox_be16(OX_P_MPLS_UC) || type == ox_be16(OX_P_MPLS_MC);
}

/* Topmost label. The module writes into a stale key, too; into one of other
 * headers that would be an address. */
static __always_inline enum ox_op_rc set_mpls(ox_ctx *c, struct ox_pkt *p,
					      const struct ox_op *op)
{
	__u32 lse;

	if (ctx_load(c, p->l3, &lse, 4))
		return OX_RC_SHORT;
	if (!proto_is_mpls(frame_proto(c, p)))
		return op_refuse(p, EINVAL);
	lse = op_apply(op, lse);
	if (!p->stale || proto_is_mpls(p->key.eth_type))
		p->key.mpls.lse[0] = lse;
	return op_rc(ctx_store(c, p->l3, &lse, 4));
}

/* struct ovs_nsh_key_base is flags, TTL, type, protocol, path; of these a
 * set changes the first two and the last. */
static __always_inline enum ox_op_rc
set_nsh_base(ox_ctx *c, struct ox_pkt *p, const struct ox_op *op, __u64 h)
{
	__u32 v = ox_cpu16(h & 0xffff);
	__u64 old, new;

	old = (h & ~0xffffull) | ((v >> 12) & 3) | (v << 2 & 0x3f00);
	new = op_apply(op, old);
	new = (new & 0xffffffff00003f03ull) | (old & 0xffff0000);
	v = (v & 0xc03f) | (new & 3) << 12 | (new & 0x3f00) >> 2;
	h = (new & ~0xffffull) | ox_be16(v);
	if (!p->stale)
		p->key.w[4] = new;
	return op_rc(ctx_store(c, p->l3, &h, 8));
}

static __always_inline enum ox_op_rc set_nsh(ox_ctx *c, struct ox_pkt *p,
					     const struct ox_op *op)
{
	__u32 at = p->l3 + 8 * op->arg, type, length;
	__u64 h;

	if (op->arg > 2 || ctx_load(c, p->l3, &h, 8))
		return OX_RC_SHORT;
	length = (ox_cpu16(h & 0xffff) & 0x3f) * 4;
	type = (h >> 16) & 0xff;
	if (p->len < p->l3 + length)
		return OX_RC_SHORT;
	if (op->arg == 0)
		return set_nsh_base(c, p, op, h);
	if (type != OX_NSH_MD1)
		return type == OX_NSH_MD2 ? OX_RC_DONE : op_refuse(p, EINVAL);
	if (ctx_load(c, at, &h, 8))
		return OX_RC_SHORT;
	h = op_apply(op, h);
	if (!p->stale && op->arg == 1)
		p->key.w[5] = h;
	else if (!p->stale)
		p->key.w[6] = h;
	return op_rc(ctx_store(c, at, &h, 8));
}

#if OX_CTX_HEAD
/* The head has moved: by more bytes in front, or fewer. */
static __always_inline void encap_moved(struct ox_pkt *p, int by)
{
	p->len += by;
	if (p->l4)
		p->l4 = (int)p->l4 > -by ? p->l4 + by : 0;
	p->stale = 1;
}

/* n bytes at 4 go to 0, from the first on. */
static __always_inline int mac_to_front(ox_ctx *c, __u32 n)
{
	__u32 i, w;
	__u16 h;

	OX_ROLLED
	for (i = 0; i < OX_MAC_WORDS && 4 * i + 4 <= n; i++)
		if (ctx_load(c, 4 * i + 4, &w, 4) || ctx_store(c, 4 * i, &w, 4))
			return -1;
	if (!(n & 2))
		return 0;
	return ctx_load(c, n + 2, &h, 2) || ctx_store(c, n - 2, &h, 2);
}

/* n bytes at 0 go to 4, from the last on. */
static __always_inline int mac_to_back(ox_ctx *c, __u32 n)
{
	__u32 i, w;
	__u16 h;

	if ((n & 2) &&
	    (ctx_load(c, n - 2, &h, 2) || ctx_store(c, n + 2, &h, 2)))
		return -1;
	OX_ROLLED
	for (i = OX_MAC_WORDS; i > 0; i--)
		if (4 * i <= n && (ctx_load(c, 4 * i - 4, &w, 4) ||
				   ctx_store(c, 4 * i, &w, 4)))
			return -1;
	return 0;
}

/*
 * skb_mpls_push(): after the MAC header, if there is one and front is not asked
 * for. The type that changes is the one after the MACs, be it that of an inner
 * tag or a length. A frame with a tag can't get a label in front: the module
 * would keep its tag in the skb and refuse to send it anywhere.
 */
static __always_inline enum ox_op_rc
push_mpls(ox_ctx *c, struct ox_pkt *p, const struct ox_op *op, int front)
{
	__u32 lse = op->val, tag = frame_tag(p), keep = p->l3;
	__be16 type = ox_be16(op->arg & 0xffff);

	if (!proto_is_mpls(type))
		return OX_RC_SHORT;
	if (front || keep <= tag)
		keep = 0;
	if (!keep && tag)
		return OX_RC_NOWHERE;
	if (keep > 4 * OX_MAC_WORDS)
		return OX_RC_SHORT;
	if (ctx_move_head(c, -4))
		return OX_RC_NO_ROOM;
	encap_moved(p, 4);
	if (mac_to_front(c, keep) || ctx_store(c, keep, &lse, 4))
		return OX_RC_SHORT;
	if (keep >= tag + OX_ETH_LEN && ctx_store(c, tag + 12, &type, 2))
		return OX_RC_SHORT;
	if (!keep)
		p->key.mac_proto = 0;
	p->l3 = keep;
	p->proto = type;
	return OX_RC_DONE;
}

/* skb_mpls_pop(); of what isn't MPLS there is nothing to pop. */
static __always_inline enum ox_op_rc pop_mpls(ox_ctx *c, struct ox_pkt *p,
					      const struct ox_op *op)
{
	__be16 type = ox_be16(op->arg & 0xffff);
	__u32 keep = p->l3, tag = frame_tag(p);

	if (!proto_is_mpls(frame_proto(c, p)))
		goto done;
	if (p->len < keep + 4 || keep > 4 * OX_MAC_WORDS)
		return OX_RC_SHORT;
	if (keep && (mac_to_back(c, keep) || ctx_move_head(c, 4)))
		return OX_RC_SHORT;
	if (!keep && ctx_move_head(c, 4))
		return OX_RC_NO_ROOM;
	encap_moved(p, -4);
	if (p->key.mac_proto && keep >= tag + OX_ETH_LEN &&
	    ctx_store(c, keep - 2, &type, 2))
		return OX_RC_SHORT;
	p->proto = type;
	if (!type)
		p->key.eth_type = 0;
done:
	p->stale = 1;
	if (type == ox_be16(OX_P_TEB))
		p->key.mac_proto = 1;
	return OX_RC_DONE;
}

static __always_inline enum ox_op_rc push_eth(ox_ctx *c, struct ox_pkt *p,
					      const struct ox_op *op)
{
	__u64 dst = op->val, src = op->mask;
	__be16 type = frame_proto(c, p);

	if (p->l3 || frame_tagged(p))
		return op_refuse(p, EPROTO);
	if (ctx_move_head(c, -OX_ETH_LEN))
		return OX_RC_NO_ROOM;
	encap_moved(p, OX_ETH_LEN);
	p->l3 = OX_ETH_LEN;
	p->key.mac_proto = 1;
	if (ctx_store(c, 0, &dst, 6) || ctx_store(c, 6, &src, 6))
		return OX_RC_SHORT;
	return op_rc(ctx_store(c, 12, &type, 2));
}

static __always_inline enum ox_op_rc pop_eth(ox_ctx *c, struct ox_pkt *p)
{
	__be16 proto = frame_proto(c, p);

	if (p->len < OX_ETH_LEN || p->l3 < OX_ETH_LEN || frame_tagged(p) ||
	    proto_is_vlan(proto))
		return op_refuse(p, EPROTO);
	if (ctx_move_head(c, OX_ETH_LEN))
		return OX_RC_NO_ROOM;
	encap_moved(p, -OX_ETH_LEN);
	p->l3 -= OX_ETH_LEN;
	p->proto = proto;
	p->key.mac_proto = 0;
	return OX_RC_DONE;
}

/* TUN_P_*: next protocols of NSH. Their Ethertype, or 0. */
static __always_inline __be16 nsh_type(__u8 np)
{
	switch (np) {
	case 1:
		return ox_be16(OX_P_IP);
	case 2:
		return ox_be16(OX_P_IPV6);
	case OX_NSH_ETH:
		return ox_be16(OX_P_TEB);
	case 4:
		return ox_be16(OX_P_NSH);
	case 5:
		return ox_be16(OX_P_MPLS_UC);
	}
	return 0;
}

/* The header is looked for at the packet's first byte, as in the module,
 * even if that is an Ethernet header. */
static __always_inline enum ox_op_rc pop_nsh(ox_ctx *c, struct ox_pkt *p)
{
	__u32 h, length;
	__be16 type;

	if (frame_tag(p))
		return OX_RC_NOWHERE;
	if (p->len < 8 || ctx_load(c, 0, &h, 4))
		return OX_RC_SHORT;
	length = (ox_cpu16(h & 0xffff) & 0x3f) * 4;
	type = nsh_type(h >> 24);
	if (length < 8)
		return op_refuse(p, EINVAL);
	if (length > p->len)
		return OX_RC_SHORT;
	if (!type)
		return op_refuse(p, EAFNOSUPPORT);
	if (ctx_move_head(c, length))
		return OX_RC_NO_ROOM;
	encap_moved(p, -(int)length);
	p->l3 = 0;
	p->proto = type;
	p->key.mac_proto = type == ox_be16(OX_P_TEB);
	return OX_RC_DONE;
}

#ifdef OX_CTX_HOST
static __always_inline __u8 nsh_next(__be16 type)
{
	__u8 np;

	for (np = 5; np && nsh_type(np) != type; np--)
		;
	return np;
}

static __always_inline enum ox_op_rc push_nsh(ox_ctx *c, struct ox_pkt *p,
					      const struct ox_op *op)
{
	__u8 buf[OX_NSH_MAX], np = OX_NSH_ETH;
	__u32 n, i;

	if (!p->l3)
		np = nsh_next(frame_proto(c, p));
	if (!np)
		return op_refuse(p, EAFNOSUPPORT);
	if (frame_tag(p))
		return OX_RC_NOWHERE;
	n = ctx_nsh_header(c, op, buf);
	if (n < 8 || n > sizeof(buf) || ctx_move_head(c, -(int)n))
		return OX_RC_SHORT;
	encap_moved(p, n);
	buf[3] = np;
	for (i = 0; i < n; i += 4)
		if (ctx_store(c, i, buf + i, 4))
			return OX_RC_SHORT;
	p->l3 = 0;
	p->proto = ox_be16(OX_P_NSH);
	p->key.mac_proto = 0;
	return OX_RC_DONE;
}
#else
static __always_inline enum ox_op_rc push_nsh(ox_ctx *c, struct ox_pkt *p,
					      const struct ox_op *op)
{
	return OX_RC_DOWN;
}
#endif
#endif

/* Runs one op of this file; OX_RC_UNKNOWN for another one. */
__noinline enum ox_op_rc ox_encap_run(ox_ctx *c, struct ox_pkt *p,
				      const struct ox_op *op)
{
	if (!p || !op)
		return OX_RC_UNKNOWN;
	switch ((enum ox_opcode)op->code) {
	case OX_OP_SET_MPLS:
		return set_mpls(c, p, op);
	case OX_OP_SET_NSH:
		return set_nsh(c, p, op);
#if OX_CTX_HEAD
	case OX_OP_PUSH_MPLS:
		return push_mpls(c, p, op, 0);
	case OX_OP_ADD_MPLS:
		return push_mpls(c, p, op, !(op->arg & OX_MPLS_L3));
	case OX_OP_POP_MPLS:
		return pop_mpls(c, p, op);
	case OX_OP_PUSH_ETH:
		return push_eth(c, p, op);
	case OX_OP_POP_ETH:
		return pop_eth(c, p);
	case OX_OP_PUSH_NSH:
		return push_nsh(c, p, op);
	case OX_OP_POP_NSH:
		return pop_nsh(c, p);
#else
	case OX_OP_PUSH_MPLS:
	case OX_OP_ADD_MPLS:
	case OX_OP_POP_MPLS:
	case OX_OP_PUSH_ETH:
	case OX_OP_POP_ETH:
	case OX_OP_PUSH_NSH:
	case OX_OP_POP_NSH:
		return OX_RC_DOWN;
#endif
	case OX_OP_SET_ETH_DST:
	case OX_OP_SET_ETH_SRC:
	case OX_OP_SET_IPV4_SRC:
	case OX_OP_SET_IPV4_DST:
	case OX_OP_SET_IPV4_TOS:
	case OX_OP_SET_IPV4_TTL:
	case OX_OP_SET_IPV6_SRC:
	case OX_OP_SET_IPV6_DST:
	case OX_OP_SET_IPV6_TCLASS:
	case OX_OP_SET_IPV6_LABEL:
	case OX_OP_SET_IPV6_HLIMIT:
	case OX_OP_SET_TP_SRC:
	case OX_OP_SET_TP_DST:
	case OX_OP_PUSH_VLAN:
	case OX_OP_POP_VLAN:
	case OX_OP_SET_PRIORITY:
	case OX_OP_SET_MARK:
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

#endif /* OVSXDP_BPF_ENCAP_H */
