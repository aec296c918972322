/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctx_host.h - the context interface (ctx_xdp.h) over a packet in memory and
 * over struct ox_mem. The tables and counters that a run works on are in a
 * thread's ox_host_run, because the core's functions name no table.
 */
#ifndef OVSXDP_BPF_CTX_HOST_H
#define OVSXDP_BPF_CTX_HOST_H

#include <stdlib.h>
#include <string.h>

#include "bpf/trace.h"
#include "bpf/core/pkt.h"
#include "ovsxdp/now.h"

typedef struct ox_host_pkt ox_ctx;
#define OX_CTX_HOST 1
#define OX_CTX_HEAD 1 /* the packet's head can move */

#define OX_OFF_MAX 0x7fff

/* One load, however the address is aligned. */
#define OX_PEEK(type, at)                                                      \
	(((const struct { type v; } __attribute__((packed, may_alias)) *)(at)) \
		 ->v)

/* What the core's functions work on; set by the entry points in host.c. */
struct ox_host_env {
	struct ox_mem *mem;
	struct ox_cache *cache;	  /* may be NULL: off */
	const struct ox_tun *tun; /* of the packet, where its key has one */
	/* of ox_host_rx() */
	struct ox_host_rx_out *out;
	uint32_t in_port;
	/* of ox_host_run() */
	const struct ox_host_list *list;
	const struct ox_host_sink *sink;
	struct ox_host_trace *trace;	 /* sink's, or NULL */
	const struct ox_run *run;	 /* under way, */
	struct ox_host_pkt *pkt;	 /* with its packet */
	struct ox_tun_key tun_out;	 /* of a packet in the sink */
	struct ox_flow_stats flow_stats; /* of the flow counted last */
};
extern __thread struct ox_host_env ox_host_env;

static __always_inline int ctx_load(ox_ctx *c, __u32 off, void *buf, __u32 len)
{
	if (off > OX_OFF_MAX || len > c->len || off > c->len - len)
		return -1;
	memcpy(buf, c->data + off, len);
	return 0;
}

static __always_inline const void *ctx_peek(ox_ctx *c, __u32 len)
{
	return len <= c->len ? c->data : NULL;
}

static __always_inline int ctx_store(ox_ctx *c, __u32 off, const void *buf,
				     __u32 len)
{
	if (off > OX_OFF_MAX || len > c->len || off > c->len - len)
		return -1;
	memcpy(c->data + off, buf, len);
	return 0;
}

static __always_inline __u32 ctx_len(ox_ctx *c)
{
	return c->len;
}

static __always_inline int ctx_move_head(ox_ctx *c, int delta)
{
	if (delta < 0 ? c->headroom < (__u32)-delta : c->len < (__u32)delta)
		return -1;
	c->data += delta;
	c->headroom += delta;
	c->len -= delta;
	return 0;
}

/* A frame in memory came by the first queue. */
static __always_inline __u32 ctx_queue(ox_ctx *c)
{
	(void)c;
	return 0;
}

static __always_inline __u32 ctx_hw_tag(ox_ctx *c)
{
	(void)c;
	return 0;
}

static __always_inline __u32 ctx_gso_size(ox_ctx *c)
{
	return c->gso_size;
}

/* Cuts bytes off the end. */
static __always_inline int ctx_trim(ox_ctx *c, __u32 cut)
{
	if (cut > c->len)
		return -1;
	c->len -= cut;
	c->tailroom += cut;
	return 0;
}

static __always_inline __u32 ox_ctz64(__u64 w)
{
	return (__u32)__builtin_ctzll(w);
}

static __always_inline __u32 ctx_random(void)
{
	/* what is followed is what a sample takes */
	if (ox_host_env.trace)
		return 0;
	return (__u32)random() ^ (__u32)random() << 16;
}

static __always_inline int ctx_csum(ox_ctx *c, __u32 off, __u32 len, __u32 *sum)
{
	__u64 s = 0;
	__u32 i;

	if (len > c->len || off > c->len - len)
		return -1;
	for (i = 0; i < len; i++)
		s += (__u64)c->data[off + i] << (i & 1 ? 8 : 0);
	while (s >> 32)
		s = (s & 0xffffffffu) + (s >> 32);
	*sum = s;
	return 0;
}

/* ---- tables ---- */

static __always_inline struct ox_config *tbl_config(void)
{
	return ox_host_env.mem->config;
}

static __always_inline struct ox_port *tbl_port(__u32 no)
{
	struct ox_mem *m = ox_host_env.mem;

	return no < m->config->max_ports ? &m->ports[no] : NULL;
}

static __always_inline struct ox_mask *tbl_mask(__u32 slot)
{
	struct ox_mem *m = ox_host_env.mem;

	return slot < m->config->max_masks ? &m->masks[slot] : NULL;
}

static __always_inline struct ox_mask *tbl_scan(__u32 i)
{
	struct ox_mem *m = ox_host_env.mem;

	return i < 2 * m->config->max_masks ? &m->scan[i] : NULL;
}

static __always_inline struct ox_prune *tbl_prune(__u32 i)
{
	struct ox_mem *m = ox_host_env.mem;

	return i < 2 * OX_PRUNE_HALF(m->config->max_masks) ? &m->prune[i]
							   : NULL;
}

static __always_inline __u32 tbl_max_masks(void)
{
	return ox_host_env.mem->config->max_masks;
}

static __always_inline __u32 tbl_n_buckets(void)
{
	return ox_host_env.mem->config->n_buckets;
}

static __always_inline struct ox_bucket *tbl_bucket(__u32 i)
{
	return &ox_host_env.mem->buckets[i];
}

static __always_inline struct ox_flow *tbl_flow(__u32 i)
{
	return ox_mem_flow(ox_host_env.mem, i);
}

static __always_inline const __u64 *tbl_flow_more(__u32 i, __u32 line)
{
	const struct ox_flow_more *more = ox_mem_flow_more(ox_host_env.mem, i);

	return more ? &more->key[8 * line] : NULL;
}

static __always_inline const struct ox_tun *tbl_tun(__u32 at)
{
	(void)at;
	return ox_host_env.tun;
}

static __always_inline struct ox_acts *tbl_acts(__u32 i)
{
	return ox_mem_acts(ox_host_env.mem, i);
}

static __always_inline struct ox_cache *tbl_cache(void)
{
	return ox_host_env.cache;
}

/* ---- a packet that is followed ---- */

/* The trace that is to be told, or NULL. */
static __always_inline struct ox_host_trace *trace_on(void)
{
	struct ox_host_trace *t = ox_host_env.trace;

	return t && !t->over ? t : NULL;
}

static __always_inline void trace_tell(struct ox_host_trace *t,
				       const struct ox_run *r,
				       struct ox_trace_ev *ev)
{
	ev->tier = t->tier;
	ev->depth = r->depth;
	ev->pc = r->p.pc;
	ev->len = r->p.len;
	ev->key = &r->p.key;
	t->tell(t->arg, ev);
}

/* The table's answer for the key of r. */
static __always_inline void trace_pass(struct ox_host_trace *t,
				       const struct ox_run *r, __u32 flow)
{
	struct ox_trace_ev ev = { .what = OX_TRACE_PASS,
				  .flow = flow,
				  .reason = OX_R_NONE,
				  .n_masks = r->p.n_mask_hit };

	t->again = 0;
	trace_tell(t, r, &ev);
}

/* ---- counters ---- */

static __always_inline struct ox_dp_stats *tbl_dp_stats(void)
{
	return ox_host_env.out ? &ox_host_env.out->dp
			       : &ox_host_env.mem->config->host;
}

/* The ports are counted where the output is done. */
static __always_inline struct ox_port_stats *tbl_port_stats(__u32 no)
{
	struct ox_host_rx_out *out = ox_host_env.out;

	if (!out || no >= ox_host_env.mem->config->max_ports)
		return NULL;
	return no == ox_host_env.in_port ? &out->in : &out->out;
}

static __always_inline struct ox_flow_stats *tbl_flow_stats(__u32 i)
{
	(void)i;
	return ox_host_env.out ? &ox_host_env.out->flow_stats
			       : &ox_host_env.flow_stats;
}

/* Of a flow that was counted: user space can't reach the per-CPU counters,
 * so it keeps its own beside. */
static __always_inline void tbl_flow_stats_done(__u32 i)
{
	struct ox_flow_stats *s = &ox_host_env.flow_stats;
	struct ox_flow_more *f = ox_mem_flow_more(ox_host_env.mem, i);

	if (trace_on())
		trace_pass(trace_on(), ox_host_env.run, i);
	if (ox_host_env.out || !f)
		return;
	f->base.packets -= s->packets;
	f->base.bytes -= s->bytes;
	f->base.host_used = ox_now_ms();
	f->base.host_tcp_flags |= s->tcp_flags;
	memset(s, 0, sizeof(*s));
}

static __always_inline void tbl_mask_hit(__u32 slot)
{
	(void)slot;
}

static __always_inline __u64 tbl_now(void)
{
	return 0;
}

#endif /* OVSXDP_BPF_CTX_HOST_H */
