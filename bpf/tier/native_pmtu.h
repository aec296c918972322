/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * native_pmtu.h - an inner packet that a tunnel's way out is too narrow for:
 * its head goes to user space, which tells the sender. What
 * skb_tunnel_check_pmtu() of net/ipv4/ip_tunnel_core.c does for the module's
 * ports.
 */
#ifndef OVSXDP_BPF_NATIVE_PMTU_H
#define OVSXDP_BPF_NATIVE_PMTU_H

#include "bpf/tier/native.h"

#define TOO_BIG_ROOM (24 + OX_TOO_BIG_QUOTE)

/* The key as it would be in a packet from the peer: iptunnel_metadata_reply().
 * What is after the options is anything. */
static __always_inline void native_key_back(struct ox_tun *to,
					    const struct ox_native_mem *m)
{
	const struct ox_tun *t = &m->key.tun;

	ox_copy(to, t, sizeof(*to));
	if (m->key.proto == OX_AF_INET) {
		to->ipv4.src = t->ipv4.dst;
		to->ipv4.dst = m->way.src[0];
		return;
	}
	to->x[1] = t->x[3];
	to->x[2] = t->x[4];
	ox_copy(to->ipv6.dst, m->way.src, 16);
}

static __always_inline void
too_big_head(struct ox_ring_rec *rec, const struct ox_native_mem *m, __u32 mtu)
{
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->md.magic = OX_MD_MAGIC;
	rec->md.port_no = m->port_no;
	rec->md.reason = OX_UP_TOO_BIG;
	rec->md.flow = OX_NONE;
	rec->md.acts = OX_NONE;
	rec->md.cpu = bpf_get_smp_processor_id();
	rec->key.w[OX_W_TUN] = m->key.w23;
	rec->end = OX_NONE;
	rec->cutlen = OX_NONE;
	rec->mru = mtu;
	rec->tun_len = sizeof(struct ox_tun);
	rec->tun_out = OX_NONE;
}

/* The packet, of which the tags are in m->l2. */
static __always_inline int too_big_frame(ox_ctx *c, __u8 *to,
					 const struct ox_native_mem *m, __u32 n)
{
	__u32 l2 = m->l2.len;

	ox_copy(to, m->l2.b, sizeof(m->l2.b));
	if (native_bound(&n, OX_TOO_BIG_QUOTE))
		return -1;
	if (l2 == 22)
		return bpf_skb_load_bytes(c, OX_ETH_LEN, to + 22, n);
	if (l2 == 18)
		return bpf_skb_load_bytes(c, OX_ETH_LEN, to + 18, n);
	return bpf_skb_load_bytes(c, OX_ETH_LEN, to + 14, n);
}

/* Of what the outer headers leave, the IP packet. GSO packets of GRE have no
 * checksum, but those that come after them have. */
static __always_inline __u32 too_big_mtu(const struct ox_native_mem *m,
					 __u32 left)
{
	__u32 n = m->l2.len;

	if (tun_proto(m->way.kind) == OX_IP_GRE && !m->way.csum &&
	    (m->key.flags & OX_TUN_F_CSUM))
		n += 4;
	return left > n ? left - n : 0;
}

/* Asks user space to tell the packet's sender what fits; left: so many bytes of
 * frames. If the ring or the port's share of it is full, nobody is told: the
 * next packet asks again. Out of line: it is none of what most packets do. */
__noinline int ox_too_big(ox_ctx *c, __u32 left)
{
	const __u32 size = sizeof(struct ox_ring_rec) + sizeof(struct ox_tun) +
			   TOO_BIG_ROOM;
	const struct ox_native_mem *m = native_here();
	__u32 n = ctx_len(c) - OX_ETH_LEN;
	struct ox_ring_rec *rec;

	if (!m || !(READ_ONCE(tbl_config()->knobs) & OX_KNOB_PMTU) ||
	    ring_share(m->port_no, size))
		return 0;
	if (n > OX_TOO_BIG_QUOTE)
		n = OX_TOO_BIG_QUOTE;
	rec = bpf_ringbuf_reserve(&ring, size, 0);
	if (!rec)
		return 0;
	too_big_head(rec, m, too_big_mtu(m, left));
	rec->len = m->l2.len + n;
	native_key_back((void *)rec->frame, m);
	if (too_big_frame(c, rec->frame + sizeof(struct ox_tun), m, n))
		bpf_ringbuf_discard(rec, 0);
	else
		bpf_ringbuf_submit(rec, 0);
	return 0;
}

#endif /* OVSXDP_BPF_NATIVE_PMTU_H */
