/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_edit.h - does to a packet and its key what NAT has described
 * (ox_ct_run.edit): addresses, ports and ids, with all checksums that cover
 * them, open ones too; in an ICMP error the packet that it is about as well.
 * As nf_nat_proto.c, and ovs_nat_update_key(). One code for all tiers.
 *
 * Checksums are carried along, so a wrong one stays wrong. The CRC of SCTP is,
 * too, by its length alone; where it is 0, it is left to the hardware. In an
 * ICMP error it stays as it is, because the packet there is cut.
 */
#ifndef OVSXDP_BPF_CT_EDIT_H
#define OVSXDP_BPF_CT_EDIT_H

#include "bpf/core/actions.h"
#include "bpf/core/ct_parse_l4.h"

#define OX_CT_EDIT_EINVAL 22

/* The checksum over the transport header of a protocol that covers addresses:
 * its offset there, and the least bytes that have it; 0: none. */
static __always_inline __u32 ct_edit_csum(__u8 proto, __u32 *least)
{
	*least = 8;
	if (proto == OX_IP_TCP) {
		*least = 20;
		return 16;
	}
	if (proto == OX_IP_DCCP) {
		*least = 12;
		return 6;
	}
	if (proto == OX_IP_UDP || proto == OX_IP_UDPLITE)
		return 6;
	return proto == OX_IP_ICMPV6 ? 2 : 0;
}

/* ---- the packet itself ---- */

/* 4 or 8 bytes of an address change. */
static __always_inline int ct_edit_pseudo(ox_ctx *c, const struct ox_pkt *p,
					  __u32 end, __u64 old, __u64 new)
{
	__u8 proto = p->key.ip_proto;
	int udp = proto == OX_IP_UDP || proto == OX_IP_UDPLITE;
	__u32 least, at = ct_edit_csum(proto, &least);

	if (!at || p->l4 + least > end)
		return 0;
	if (ctx_l4_csum(c, p->l4 + at, old, new, 1, udp))
		return -1;
	if (!((old ^ new) >> 32))
		return 0;
	return ctx_l4_csum(c, p->l4 + at, old >> 32, new >> 32, 1, udp);
}

static __always_inline int ct_edit_ipv4(ox_ctx *c, struct ox_pkt *p,
					const struct ox_ct_nat_edit *n, int dst)
{
	__u32 at = p->l3 + (dst ? 16 : 12), old;
	__u32 new = dst ? n->dst4[0] : n->src4[0];
	__u16 check;

	if (ctx_load(c, at, &old, 4) || ctx_load(c, p->l3 + 10, &check, 2))
		return -1;
	if (dst)
		p->key.ipv4.dst = new;
	else
		p->key.ipv4.src = new;
	if (old == new)
		return 0;
	if (ct_edit_pseudo(c, p, p->l3 + n->len, old, new))
		return -1;
	check = csum_replace(check, old, new);
	if (ctx_store(c, p->l3 + 10, &check, 2))
		return -1;
	return ctx_store(c, at, &new, 4);
}

static __always_inline int ct_edit_ipv6(ox_ctx *c, struct ox_pkt *p,
					const struct ox_ct_nat_edit *n, int dst)
{
	__u32 at = p->l3 + (dst ? 24 : 8), half;
	__u64 old[2], new;

	if (ctx_load(c, at, old, 16))
		return -1;
	OX_ROLLED
	for (half = 0; half < 2; half++) {
		new = dst ? n->dst[half] : n->src[half];
		p->key.w[(dst ? 6 : 4) + half] = new;
		if (old[half] == new)
			continue;
		if (ct_edit_pseudo(c, p, p->l3 + n->len, old[half], new) ||
		    ctx_store(c, at + 8 * half, &new, 8))
			return -1;
	}
	return 0;
}

/* The CRC of SCTP, whose first four bytes change by delta. */
static __always_inline int ct_edit_crc(ox_ctx *c, const struct ox_pkt *p,
				       __u32 end, __u32 delta)
{
	__u32 crc;

	if (p->l4 + 12 > end || ctx_load(c, p->l4 + 8, &crc, 4))
		return -1;
	if (!crc)
		return 0;
	crc ^= crc_delta(delta, end - p->l4);
	return ctx_store(c, p->l4 + 8, &crc, 4);
}

static __always_inline int ct_edit_port(ox_ctx *c, struct ox_pkt *p,
					const struct ox_ct_nat_edit *n, int dst)
{
	__u32 at = p->l4 + (dst ? 2 : 0), end = p->l3 + n->len, sum, least;
	__u16 new = dst ? n->dport : n->sport, old;
	__u8 proto = n->proto;
	int udp = proto == OX_IP_UDP || proto == OX_IP_UDPLITE;

	if (ctx_load(c, at, &old, 2))
		return -1;
	if (proto == OX_IP_TCP || proto == OX_IP_UDP || proto == OX_IP_SCTP) {
		if (dst)
			p->key.tp_dst = new;
		else
			p->key.tp_src = new;
	}
	if (old == new)
		return 0;
	sum = ct_edit_csum(proto, &least);
	if (proto == OX_IP_SCTP) {
		if (ct_edit_crc(c, p, end,
				(__u32)(old ^ new) << (dst ? 16 : 0)))
			return -1;
	} else if (p->l4 + least <= end &&
		   ctx_l4_csum(c, p->l4 + sum, old, new, 0, udp)) {
		return -1;
	}
	return ctx_store_l4(c, at, &new, 2);
}

/* The id of an ICMP query; of ICMPv6 only echoes have one that changes. */
static __always_inline int ct_edit_id(ox_ctx *c, const struct ox_pkt *p,
				      const struct ox_ct_nat_edit *n)
{
	__u16 old, new = n->sport;
	__u8 type;

	if (ctx_load(c, p->l4, &type, 1) || ctx_load(c, p->l4 + 4, &old, 2))
		return -1;
	if (old == new || (n->proto == OX_IP_ICMPV6 && (type & ~1) != 128))
		return 0;
	if (ctx_l4_csum(c, p->l4 + 2, old, new, 0, 0))
		return -1;
	return ctx_store_l4(c, p->l4 + 4, &new, 2);
}

/* ---- the packet in an ICMP error ---- */

/* Bytes that are there change; sums: all words before and after. */
static __always_inline int ct_inner_store(ox_ctx *c, __u32 at, __u64 old,
					  __u64 new, __u32 len, __u32 *sums)
{
	sums[0] = csum_add64(sums[0], old);
	sums[1] = csum_add64(sums[1], new);
	if (len == 2)
		return ctx_store_l4(c, at, &(__u16){ new }, 2);
	if (len == 4)
		return ctx_store_l4(c, at, &(__u32){ new }, 4);
	return ctx_store_l4(c, at, &new, 8);
}

/* Its address on one side. What its words were and are goes into addr, for the
 * checksum of its transport header. */
static __always_inline int ct_inner_addr(ox_ctx *c, const struct ox_pkt *p,
					 const struct ox_ct_nat_edit *n,
					 int dst, __u32 *addr, __u32 *sums)
{
	const __be64 *to = dst ? n->src : n->dst;
	__u32 at = n->inner3, old4;
	__u64 old[2];
	__u16 check;

	if (p->key.eth_type == ox_be16(OX_P_IPV6)) {
		at += dst ? 24 : 8;
		if (ctx_load(c, at, old, 16))
			return -1;
		addr[0] = csum_add64(csum_add64(0, old[0]), old[1]);
		addr[1] = csum_add64(csum_add64(0, to[0]), to[1]);
		return ct_inner_store(c, at, old[0], to[0], 8, sums) ||
		       ct_inner_store(c, at + 8, old[1], to[1], 8, sums);
	}
	if (ctx_load(c, at + (dst ? 16 : 12), &old4, 4) ||
	    ctx_load(c, at + 10, &check, 2))
		return -1;
	addr[0] = old4;
	addr[1] = (__u32)to[0];
	/* both together change no sum */
	check = csum_replace(check, addr[0], addr[1]);
	return ctx_store_l4(c, at + 10, &check, 2) ||
	       ctx_store_l4(c, at + (dst ? 16 : 12), &addr[1], 4);
}

/* Its port or id on one side; as addr. */
static __always_inline int ct_inner_port(ox_ctx *c,
					 const struct ox_ct_nat_edit *n,
					 int dst, __u32 *port, __u32 *sums)
{
	__u16 old, new = dst ? n->sport : n->dport;
	__u32 at = n->inner4 + (dst ? 2 : 0);
	__u8 type;

	if (ct_proto_is_icmp(n->proto)) {
		if (ctx_load(c, n->inner4, &type, 1))
			return -1;
		if (n->proto == OX_IP_ICMPV6 && (type & ~1) != 128)
			return 0;
		at = n->inner4 + 4;
		new = n->sport;
	} else if (!ct_proto_has_ports(n->proto)) {
		return 0;
	}
	if (ctx_load(c, at, &old, 2))
		return -1;
	port[0] = old;
	port[1] = new;
	return ct_inner_store(c, at, old, new, 2, sums);
}

/* The checksum of its transport header, if it wasn't cut off. */
static __always_inline int ct_inner_check(ox_ctx *c, __u32 end,
					  const struct ox_ct_nat_edit *n,
					  const __u32 *addr, const __u32 *port,
					  __u32 *sums)
{
	int udp = n->proto == OX_IP_UDP || n->proto == OX_IP_UDPLITE;
	__u32 least, at = ct_edit_csum(n->proto, &least);
	__u16 old, new;

	if (n->proto == OX_IP_ICMP)
		at = 2;
	if (!at || n->inner4 + least > end)
		return 0;
	if (ctx_load(c, n->inner4 + at, &old, 2))
		return -1;
	if (n->proto == OX_IP_UDP && !old)
		return 0;
	new = csum_replace(old, port[0], port[1]);
	if (n->proto != OX_IP_ICMP)
		new = csum_replace(new, addr[0], addr[1]);
	if (udp && !new)
		new = 0xffff;
	return ct_inner_store(c, n->inner4 + at, old, new, 2, sums);
}

/* One side of it, dst: its destination, which is the error's source. */
__noinline int ox_ct_edit_inner(ox_ctx *c, struct ox_pkt *p,
				const struct ox_ct_nat_edit *n, __u32 dst)
{
	__u32 addr[2], port[2] = { 0, 0 }, sums[2] = { 0, 0 }, end;

	if (!p || !n)
		return -1;
	end = p->l3 + n->len;
	if (ct_inner_addr(c, p, n, dst, addr, sums) ||
	    ct_inner_port(c, n, dst, port, sums) ||
	    ct_inner_check(c, end, n, addr, port, sums))
		return -1;
	return ctx_l4_csum(c, p->l4 + 2, csum_fold16(sums[0]),
			   csum_fold16(sums[1]), 0, 0);
}

/* Has the packet in an error what is to be changed? */
static __always_inline int ct_inner_cut(const struct ox_pkt *p,
					const struct ox_ct_nat_edit *n)
{
	if (!ct_proto_has_ports(n->proto) && !ct_proto_is_icmp(n->proto) &&
	    n->proto != OX_IP_GRE)
		return 0;
	return n->inner4 + 8u > p->l3 + n->len;
}

/* ---- all of it ---- */

__noinline int ox_ct_edit_side(ox_ctx *c, struct ox_pkt *p,
			       const struct ox_ct_nat_edit *n, __u32 dst)
{
	int err;

	if (!p || !n)
		return -1;
	if (p->key.eth_type == ox_be16(OX_P_IPV6))
		err = ct_edit_ipv6(c, p, n, dst);
	else
		err = ct_edit_ipv4(c, p, n, dst);
	if (err || (n->what & OX_CT_EDIT_ERROR))
		return err;
	if (ct_proto_is_icmp(n->proto))
		return ct_edit_id(c, p, n);
	return ct_proto_has_ports(n->proto) ? ct_edit_port(c, p, n, dst) : 0;
}

/*
 * Does what ct_execute() has left in ox_ct_run.edit to the packet and to
 * its key. n->what may be 0. OX_RC_DONE, OX_RC_SHORT, or OX_RC_REFUSED for an
 * ICMP error about a packet that is cut too short (EINVAL in the module).
 */
__noinline enum ox_op_rc ox_ct_nat_apply(ox_ctx *c, struct ox_pkt *p,
					 const struct ox_ct_nat_edit *n)
{
	int err = 0, error;

	if (!p || !n)
		return OX_RC_SHORT;
	error = n->what & OX_CT_EDIT_ERROR;
	if (error && ct_inner_cut(p, n))
		return op_refuse(p, OX_CT_EDIT_EINVAL);
	if (n->what & OX_CT_EDIT_SRC) {
		if (error)
			err = ox_ct_edit_inner(c, p, n, 1);
		if (!err)
			err = ox_ct_edit_side(c, p, n, 0);
	}
	if (!err && (n->what & OX_CT_EDIT_DST)) {
		if (error)
			err = ox_ct_edit_inner(c, p, n, 0);
		if (!err)
			err = ox_ct_edit_side(c, p, n, 1);
	}
	return op_rc(err);
}

#endif /* OVSXDP_BPF_CT_EDIT_H */
