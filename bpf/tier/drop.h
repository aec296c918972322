/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * drop.h - tells user space of packets that are dropped, while somebody wants
 * to know (OX_KNOB_DROPS): a record of the ring with the packet's beginning.
 */
#ifndef OVSXDP_BPF_DROP_H
#define OVSXDP_BPF_DROP_H

#include "bpf/tier/tier_bpf.h"

#define DROP_SECOND 1000000000ull /* ns */

static __always_inline int tier_drop_wanted(void)
{
	return !!(READ_ONCE(tbl_config()->knobs) & OX_KNOB_DROPS);
}

/* Has this CPU told of enough in this second? Not 0: yes. */
static __always_inline int drop_over(struct ox_cpu *me)
{
	__u64 now = bpf_ktime_get_ns();

	if (now - me->drops_since >= DROP_SECOND) {
		me->drops_since = now;
		me->drops = 0;
	}
	if (me->drops >= OX_DROPS_SECOND)
		return -1;
	me->drops++;
	return 0;
}

/* Packets that go on have the ring first, also while no daemon empties it. */
static __always_inline int drop_no_room(void)
{
	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >
	       bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) / 8;
}

/* p: as of tier_drop_tell(). */
static __always_inline void drop_head(struct ox_ring_rec *rec,
				      const struct ox_pkt *p, __u32 port_no,
				      __u32 why)
{
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->md.magic = OX_MD_MAGIC;
	rec->md.port_no = port_no;
	rec->md.reason = OX_UP_TOO_BIG;
	rec->md.flow = OX_NONE;
	rec->md.cpu = bpf_get_smp_processor_id();
	rec->md.acts = OX_NONE;
	rec->end = why;
	rec->tun_out = OX_NONE;
#ifdef OX_CTX_XDP
	rec->md.flags = OX_MD_DROP | OX_DROP_XDP;
#else
	rec->md.flags = OX_MD_DROP;
#endif
	if (!p)
		return;
	rec->md.flags |= OX_DROP_KEY;
	rec->md.flow = p->flow;
	ox_copy(&rec->key, &p->key, sizeof(rec->key));
}

/* Bytes of the packet, from its beginning, to "to"; not 0: there are none. */
static __always_inline int drop_load(ox_ctx *c, __u8 *to, __u32 len)
{
	/* shows the verifier that 0 < len <= OX_DROP_FRAME */
	len--;
	barrier_var(len);
	if (len >= OX_DROP_FRAME)
		return -1;
	len++;
	return ctx_load_bytes(c, 0, to, len);
}

#ifdef OX_CTX_XDP
static __always_inline int drop_frame(ox_ctx *c, struct ox_ring_rec *rec)
{
	__u32 len = ctx_len(c);

	rec->work = len;
	rec->len = len < OX_DROP_FRAME ? len : OX_DROP_FRAME;
	return drop_load(c, rec->frame, rec->len);
}
#else
/* A tag of the metadata goes back after the MACs. */
static __always_inline int drop_frame(ox_ctx *c, struct ox_ring_rec *rec)
{
	__u32 len = ctx_len(c), tag = ctx_hw_tag(c);
	__u8 *frame = rec->frame;

	rec->work = len;
	rec->len = len < OX_DROP_FRAME ? len : OX_DROP_FRAME;
	/* the record has room for as much behind the tag */
	if (!tag || len < OX_ETH_LEN)
		return drop_load(c, frame, rec->len);
	if (drop_load(c, frame + OX_VLAN_LEN, rec->len))
		return -1;
	ox_copy(frame, frame + OX_VLAN_LEN, 8);
	*(__u32 *)(frame + 8) = *(__u32 *)(frame + 8 + OX_VLAN_LEN);
	*(__be16 *)(frame + 12) = tag;
	*(__be16 *)(frame + 14) = ox_be16(ctx_get(c, vlan_tci) & 0xffff);
	rec->work += OX_VLAN_LEN;
	rec->len += OX_VLAN_LEN;
	if (rec->len > OX_DROP_FRAME)
		rec->len = OX_DROP_FRAME;
	return 0;
}

/* The port of a device, or OX_DROP_NO_PORT. */
static __always_inline __u32 drop_port(__u32 ifindex)
{
	__u32 *port_no = bpf_map_lookup_elem(&rxports, &ifindex);

	return port_no ? *port_no : OX_DROP_NO_PORT;
}

/* The port that a packet came in by which has no struct ox_pkt any more. */
static __always_inline __u32 drop_in_port(ox_ctx *c)
{
	return drop_port(ctx_get(c, ingress_ifindex));
}
#endif

/* One function, as ox_count_drop(). */
__noinline int ox_drop_tell(ox_ctx *c, struct ox_pkt *p, __u32 port_no,
			    __u32 why)
{
	struct ox_cpu *me = cpu_me();
	struct ox_ring_rec *rec;

	if (!me || drop_no_room() || drop_over(me))
		return 0;
	rec = bpf_ringbuf_reserve(
		&ring, sizeof(*rec) + OX_DROP_FRAME + OX_VLAN_LEN, 0);
	if (!rec)
		return 0;
	drop_head(rec, p, port_no, why);
	if (drop_frame(c, rec))
		rec->len = 0; /* it has no bytes */
	bpf_ringbuf_submit(rec, 0);
	return 0;
}

static __always_inline void tier_drop_tell(ox_ctx *c, struct ox_pkt *p,
					   __u32 port_no, __u32 why)
{
	ox_drop_tell(c, p, port_no, why);
}

#endif /* OVSXDP_BPF_DROP_H */
