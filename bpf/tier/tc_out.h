/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tc_out.h - the skb tier's way to user space: struct ox_ring_rec with the
 * whole packet in the ring buffer "ring". Records come in a few sizes,
 * because the verifier wants to know them.
 */
#ifndef OVSXDP_BPF_TC_OUT_H
#define OVSXDP_BPF_TC_OUT_H

#include "bpf/tier/ctx_tc.h"
#include "bpf/tier/drop.h"
#include "bpf/tier/tier_bpf.h"

#define OX_RING_FRAME_MAX 0x10fff /* 64 KB of GSO, its headers, a tag */

/* Place i of "runs", or NULL. */
static __always_inline struct ox_run *run_at(__u32 i)
{
	return bpf_map_lookup_elem(&runs, &i);
}

static __always_inline void ring_head(ox_ctx *c, struct ox_ring_rec *rec,
				      const struct ox_run *r, __u32 why,
				      __u32 end)
{
	const struct ox_pkt *p = &r->p;
	struct ox_cpu *me = cpu_me();

	rec->md.magic = OX_MD_MAGIC;
	rec->md.port_no = p->key.in_port;
	rec->md.reason = why;
	rec->md.flags = (p->stale ? OX_MD_STALE : 0) |
			p->level << OX_MD_LEVEL_SHIFT;
	rec->md.ct_state = p->key.ct_state;
	rec->md.ct_zone = p->key.ct_zone;
	rec->md.flow = p->flow;
	rec->md.hash = p->hash ? p->hash : key_hash(&p->key);
	rec->md.cpu = bpf_get_smp_processor_id();
	rec->md.work = 0;
	rec->md.pc = p->pc;
	rec->md.deferred = me ? me->work.deferred : 0;
	rec->md.acts = p->acts;
	rec->md.recirc_id = p->key.recirc_id;
	rec->md.dp_hash = p->key.dp_hash;
	ox_copy(&rec->key, &p->key, sizeof(rec->key));
	rec->gen = acts_gen(p);
	rec->end = end;
	rec->cutlen = why == OX_UP_FLOW ? r->cutlen : interp_cut_upcall(r);
	rec->gso_size = ctx_gso_size(c);
	rec->mru = 0;
	rec->work = 0;
	rec->packet = 0;
	if (me) {
		if (why == OX_UP_FLOW)
			work_move(&me->work, interp_left(r, end));
		rec->work = me->work.ops;
		rec->packet = me->packet;
	}
	rec->tun_len = 0;
	rec->tun_out = r->tun_out;
	rec->tun_gen = r->tun_gen;
	rec->pad = 0;
}

/* The rest of a key with a tunnel, in front of the frame. */
static __always_inline int ring_tun(struct ox_ring_rec *rec,
				    const struct ox_pkt *p)
{
	const struct ox_tun *t = tbl_tun(p->key.tun_at);

	if (!t)
		return -1;
	ox_copy(rec->frame, t, sizeof(*t));
	rec->tun_len = sizeof(*t);
	rec->key.tun_at = 0;
	return 0;
}

/* The packet into frame, where there are "room" bytes (a constant): the tag of
 * the metadata goes back after the MACs. */
static __always_inline int ring_frame(ox_ctx *c, struct ox_ring_rec *rec,
				      __u8 *frame, __u32 room)
{
	__u32 len = ctx_len(c), tag = ctx_hw_tag(c), at = 0, to = 0;

	rec->len = len;
	if (tag) {
		if (bpf_skb_load_bytes(c, 0, frame, 12))
			return -1;
		*(__be16 *)(frame + 12) = tag;
		*(__be16 *)(frame + 14) =
			ox_be16(ctx_get(c, vlan_tci) & 0xffff);
		rec->len = len + OX_VLAN_LEN;
		at = 12;
		to = 16;
		len -= 12;
	}
	/* shows the verifier that 0 < len <= room - 16 */
	len--;
	asm volatile("" : "+r"(len));
	if (len >= room - 16)
		return -1;
	len++;
	if (to)
		return bpf_skb_load_bytes(c, at, frame + 16, len);
	return bpf_skb_load_bytes(c, 0, frame, len);
}

/*
 * Does a record of so many bytes fit the share of its port? A port that floods
 * keeps some of what is left free, so there is room for others however many
 * do. Not 0: it doesn't.
 */
static __always_inline int ring_share(__u32 port_no, __u32 bytes)
{
	struct ox_port_upcalls *u = bpf_map_lookup_elem(&upcalls, &port_no);
	__u64 size = bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE);
	__u64 read = bpf_ringbuf_query(&ring, BPF_RB_CONS_POS);
	__u64 put = bpf_ringbuf_query(&ring, BPF_RB_PROD_POS);

	if (!u)
		return -1;
	if (read >= u->mark) {
		u->before = read == put ? 0 : u->after;
		u->after = 0;
		u->mark = put;
	}
	if (u->before + u->after + bytes > (size - (put - read)) / 2)
		return -1;
	u->after += bytes;
	return 0;
}

#define RING_SIZES(X) X(512) X(2048) X(12288) X(OX_RING_FRAME_MAX)

/* What a record of a frame of len bytes takes of the ring. */
static __always_inline __u32 ring_bytes(__u32 len)
{
	__u32 bytes = 0;

#define RING_BYTES(room)                  \
	if (!bytes && len + 32 <= (room)) \
		bytes = (room);
	RING_SIZES(RING_BYTES)
#undef RING_BYTES
	return sizeof(struct ox_ring_rec) + bytes;
}

/* One size: a record, or the next. front: bytes in front of the frame. */
#define RING_TRY(frame_room, front)                                           \
	if (len + 32 <= (frame_room)) {                                       \
		rec = bpf_ringbuf_reserve(                                    \
			&ring, sizeof(*rec) + (front) + (frame_room), 0);     \
		if (!rec)                                                     \
			return OX_R_RING_FULL;                                \
		ring_head(c, rec, r, why, end);                               \
		if (((front) && ring_tun(rec, &r->p)) ||                      \
		    ring_frame(c, rec, rec->frame + (front), (frame_room))) { \
			bpf_ringbuf_discard(rec, 0);                          \
			return OX_R_RING_FULL;                                \
		}                                                             \
		bpf_ringbuf_submit(rec, 0);                                   \
		return OX_R_NONE;                                             \
	}

/* A copy of the packet to user space. OX_R_NONE, or why it is lost. */
__noinline int ox_ring_put(ox_ctx *c, struct ox_run *r, __u32 why, __u32 end)
{
	struct ox_ring_rec *rec;
	__u32 len;

	if (!r)
		return OX_R_RING_FULL;
	len = ctx_len(c);
	if (ring_share(r->p.key.in_port, ring_bytes(len)))
		return OX_R_RING_SHARE;
#define RING_PLAIN(room) RING_TRY(room, 0)
	RING_SIZES(RING_PLAIN)
#undef RING_PLAIN
	return OX_R_RING_FULL;
}

/* The same of a packet with a tunnel. */
__noinline int ox_ring_put_tun(ox_ctx *c, struct ox_run *r, __u32 why,
			       __u32 end)
{
	struct ox_ring_rec *rec;
	__u32 len;

	if (!r)
		return OX_R_RING_FULL;
	len = ctx_len(c);
	if (ring_share(r->p.key.in_port,
		       ring_bytes(len) + sizeof(struct ox_tun)))
		return OX_R_RING_SHARE;
#define RING_TUN(room) RING_TRY(room, sizeof(struct ox_tun))
	RING_SIZES(RING_TUN)
#undef RING_TUN
	return OX_R_RING_FULL;
}

static __always_inline int ring_put(ox_ctx *c, struct ox_run *r, __u32 why,
				    __u32 end)
{
	int lost = r->p.key.tun_proto ? ox_ring_put_tun(c, r, why, end)
				      : ox_ring_put(c, r, why, end);

	if (lost == OX_R_NONE)
		return 0;
	count_lost(r->p.key.in_port);
	count_drop(c, &r->p, lost);
	return -1;
}

#endif /* OVSXDP_BPF_TC_OUT_H */
