/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stats.h - what is counted, where the module counts it. All counters are
 * per CPU, so plain additions do.
 */
#ifndef OVSXDP_BPF_STATS_H
#define OVSXDP_BPF_STATS_H

#include "bpf/core/ctx.h"
#include "bpf/core/pkt.h"

/* A function, since packets end at a hundred places of the programs, and a
 * kernel that inlines a lookup copies what it knows of a whole program each
 * time. So the skb tier's load by a tenth to a sixth faster. */
__noinline int ox_count_reason(__u32 i)
{
	struct ox_dp_stats *s = tbl_dp_stats();

	if (s && i < OX_R_MAX)
		s->reason[i]++;
	return 0;
}

static __always_inline void count_reason(enum ox_reason r)
{
	ox_count_reason(r);
}

/*
 * Tells who wants to know that a packet, or a copy of it, is dropped: drop.h,
 * tier_host.h. p: it, or NULL where it has no key.
 */
static __always_inline void tier_drop_tell(ox_ctx *c, struct ox_pkt *p,
					   __u32 port_no, __u32 why);
/* Does anybody? */
static __always_inline int tier_drop_wanted(void);

/* The same where a port may send nothing but such packets, without a call. The
 * index is tested where it is used: in between clang may put it on the stack,
 * from where the verifier gets it back without its bound. */
static __always_inline void count_often(enum ox_reason r)
{
	struct ox_dp_stats *s = tbl_dp_stats();
	__u32 i = r;

	if (!s)
		return;
	barrier_var(i);
	if (i < OX_R_MAX)
		s->reason[i]++;
}

/* A drop: whoever counts one tells of it. A function, as ox_count_reason(). */
__noinline int ox_count_drop(ox_ctx *c, struct ox_pkt *p, __u32 why)
{
	if (!p)
		return 0;
	count_often(why);
	if (tier_drop_wanted())
		tier_drop_tell(c, p, p->key.in_port, why);
	return 0;
}

static __always_inline void count_drop(ox_ctx *c, struct ox_pkt *p,
				       enum ox_reason why)
{
	ox_count_drop(c, p, why);
}

/* The same of a packet that has no key, but came in by a port. */
__noinline int ox_count_drop_raw(ox_ctx *c, __u32 port_no, __u32 why)
{
	count_often(why);
	if (tier_drop_wanted())
		tier_drop_tell(c, NULL, port_no, why);
	return 0;
}

static __always_inline void count_drop_raw(ox_ctx *c, __u32 port_no,
					   enum ox_reason why)
{
	ox_count_drop_raw(c, port_no, why);
}

/* As ovs_dp_process_packet() does at its end. */
static __always_inline void count_lookup(struct ox_dp_stats *s,
					 const struct ox_pkt *p,
					 const struct ox_flow *f)
{
	if (f)
		s->n_hit++;
	else
		s->n_missed++;
	s->n_mask_hit += p->n_mask_hit;
}

/* The same for a flow that the cache named: one mask was tried. */
static __always_inline void count_cache_hit(struct ox_dp_stats *s)
{
	s->n_hit++;
	s->n_mask_hit++;
	s->n_cache_hit++;
}

/* As ovs_flow_stats_update(). */
static __always_inline void count_flow(const struct ox_pkt *p)
{
	struct ox_flow_stats *s = tbl_flow_stats(p->flow);

	if (!s)
		return;
	s->packets++;
	s->bytes += p->len + p->hwtag;
	s->used = tbl_now();
	s->tcp_flags |= p->key.tcp_flags;
	tbl_flow_stats_done(p->flow);
}

static __always_inline void count_rx(__u32 port_no, __u32 len)
{
	struct ox_port_stats *s = tbl_port_stats(port_no);

	if (!s)
		return;
	s->rx_packets++;
	s->rx_bytes += len;
}

static __always_inline void count_tx(__u32 port_no, __u32 len)
{
	struct ox_port_stats *s = tbl_port_stats(port_no);

	if (!s)
		return;
	s->tx_packets++;
	s->tx_bytes += len;
}

static __always_inline void count_tx_error(__u32 port_no)
{
	struct ox_port_stats *s = tbl_port_stats(port_no);

	if (s)
		s->tx_errors++;
}

static __always_inline void count_tx_dropped(__u32 port_no)
{
	struct ox_port_stats *s = tbl_port_stats(port_no);

	if (s)
		s->tx_dropped++;
}

#endif /* OVSXDP_BPF_STATS_H */
