// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * host.c - the host build of the packet core: the headers that the XDP
 * program is made of, over memory.
 */
#include "bpf/host.h"

#include <errno.h>
#include <string.h>

#include "bpf/tier/ctx_host.h"
#include "bpf/tier/tier_host.h"
#include "bpf/core/tun_in.h"

__thread struct ox_host_env ox_host_env;

/* Key and header offsets of a packet in memory. */
static int host_parse(struct ox_host_pkt *c, struct ox_pkt *p)
{
	int err;

	pkt_init(p, c->in_port);
	p->len = c->len;
	if (!c->key.mac_proto && c->key.eth_type)
		err = parse_l3(c, p, c->key.eth_type);
	else
		err = parse(c, p);
	return err ? -EINVAL : 0;
}

int ox_host_extract(const void *frame, uint32_t len, uint32_t in_port,
		    struct ox_key *key)
{
	/* the parser only reads */
	struct ox_host_pkt c = {
		.data = (uint8_t *)(uintptr_t)frame,
		.len = len,
		.in_port = in_port,
	};
	struct ox_pkt p;
	int err = host_parse(&c, &p);

	if (!err)
		*key = p.key;
	return err;
}

int ox_host_extract_l3(const void *packet, uint32_t len, __be16 eth_type,
		       uint32_t in_port, struct ox_key *key)
{
	struct ox_host_pkt c = {
		.data = (uint8_t *)(uintptr_t)packet,
		.len = len,
		.in_port = in_port,
		.key.eth_type = eth_type,
	};
	struct ox_pkt p;
	int err = host_parse(&c, &p);

	if (!err)
		*key = p.key;
	return err;
}

uint32_t ox_host_lookup(const struct ox_mem *m, const struct ox_key *key,
			const struct ox_tun *tun, uint32_t *n_mask_hit)
{
	struct ox_pkt p = { .key = *key, .flow = OX_NONE };

	ox_host_env.mem = (struct ox_mem *)(uintptr_t)m;
	ox_host_env.tun = tun;
	ox_scan(&p, READ_ONCE(m->config->scan));
	if (n_mask_hit)
		*n_mask_hit = p.n_mask_hit;
	return p.flow;
}

int ox_host_flow_match(const struct ox_mem *m, uint32_t flow,
		       const struct ox_key *key, const struct ox_tun *tun)
{
	const struct ox_flow *f = ox_mem_flow(m, flow);

	if (!f || f->mask >= m->config->max_masks)
		return 0;
	ox_host_env.mem = (struct ox_mem *)(uintptr_t)m;
	ox_host_env.tun = tun;
	return flow_match(f, flow, &m->masks[f->mask], key);
}

uint64_t ox_host_mask_hash(const struct ox_mask *mask, const struct ox_key *key,
			   const struct ox_tun *tun)
{
	ox_host_env.tun = tun;
	return mask_hash(mask, key);
}

uint32_t ox_host_key_hash(const struct ox_key *key)
{
	return key_hash(key);
}

static void host_miss(ox_ctx *c, const struct ox_run *r)
{
	const struct ox_host_sink *sink = ox_host_env.sink;
	struct ox_host_trace *t = trace_on();

	if (t)
		trace_pass(t, r, OX_NONE);
	trace_to_user(c, r, OX_UP_MISS, 1);
	if (sink->miss && !trace_is_over())
		sink->miss(sink->arg, c);
}

/* What becomes of the packet where its way ends. */
static void host_end(ox_ctx *c, const struct ox_run *r)
{
	struct ox_host_trace *t = trace_on();

	c->key = r->p.key;
	if (r->verdict == OX_V_USER)
		host_miss(c, r);
	else if (t && r->verdict == OX_V_DROP && r->p.arg != OX_R_NONE)
		trace_drop(t, r, r->p.arg);
}

/* Also called for branches, each with its own packet. */
static void host_interp(ox_ctx *c, struct ox_run *r)
{
	const struct ox_run *outer = ox_host_env.run;
	ox_ctx *outer_pkt = ox_host_env.pkt;

	ox_host_env.run = r;
	ox_host_env.pkt = c;
	r->verdict = OX_V_RUN;
	interp_run(c, r);
	host_end(c, r);
	ox_host_env.run = outer;
	ox_host_env.pkt = outer_pkt;
}

/* The list that a flow's action names. */
static int host_flow_list(struct ox_mem *m, const struct ox_host_list *l,
			  struct ox_run *r)
{
	const struct ox_flow *f = ox_mem_flow(m, l->flow);
	uint64_t action = f ? f->action : 0;
	const struct ox_acts *a;

	r->p.flow = l->flow;
	a = f ? ox_mem_acts(m, OX_ACTION_ARG(action)) : NULL;
	if (OX_ACTION_KIND(action) == OX_ACT_DROP ||
	    OX_ACTION_KIND(action) == OX_ACT_OUTPUT || !a ||
	    a->state != OX_LIVE)
		return -ENOENT;
	interp_list(r, OX_ACTION_ARG(action), a);
	return 0;
}

int ox_host_run(struct ox_mem *m, const struct ox_host_list *list,
		struct ox_host_pkt *pkt, const struct ox_host_sink *sink)
{
	struct ox_host_list l = *list;
	struct ox_run r = { .cutlen = OX_NONE, .tun_out = OX_NONE };
	struct ox_work work = { 0 };
	struct ox_op one = { .code = OX_OP_OUTPUT, .flags = OX_OPF_LAST };
	const struct ox_flow *f = ox_mem_flow(m, l.flow);

	if (!l.work)
		l.work = &work;
	ox_host_env = (struct ox_host_env){
		.mem = m,
		.list = &l,
		.sink = sink,
		.tun = pkt->tun,
		.trace = sink->trace,
		.out = sink->trace ? &sink->trace->out : NULL,
	};
	if (host_parse(pkt, &r.p))
		return -EINVAL;
	/* a complete checksum stays as it is, so no need to know the port */
	ox_csum_complete(pkt, &r.p);
	r.p.key = pkt->key;
	r.p.stale = !!l.stale;
	r.p.level = l.level;
	if (l.has_tun) {
		r.tun_out = l.tun_out;
		r.tun_gen = l.tun_gen;
	}
	r.end = l.n_ops;
	if (!l.ops && f && OX_ACTION_KIND(f->action) == OX_ACT_OUTPUT) {
		one.arg = OX_ACTION_ARG(f->action);
		l.ops = &one;
		l.n_ops = 1;
		r.end = 1;
	} else if (!l.ops && host_flow_list(m, &l, &r)) {
		count_drop(pkt, &r.p, f ? OX_R_FLOW : OX_R_BAD_FLOW);
		return 0;
	}
	if (l.end < r.end)
		r.end = l.end;
	if (l.keep)
		r.cutlen = l.keep;
	interp_skip(&r, l.pc);
	if (work_spend(l.work, r.end > l.pc ? r.end - l.pc : 0)) {
		count_drop(pkt, &r.p, OX_R_WORK);
		return 0;
	}
	host_interp(pkt, &r);
	return -(int)r.err;
}

/* ---- a packet is followed ---- */

/* The key is looked up, and the tier that the packet is in either begins with
 * the flow's action or hands it down. Returns the flow, or OX_NONE. */
static uint32_t trace_begin(struct ox_host_pkt *pkt, struct ox_run *r,
			    const struct ox_port *in, struct ox_host_trace *t)
{
	const struct ox_flow *f;

	r->p.key = pkt->key;
	r->p.hash = key_hash(&r->p.key);
	ox_host_env.run = r;
	f = lookup(&r->p, ox_host_env.mem->config, tbl_dp_stats());
	if (!f) {
		host_miss(pkt, r);
		return OX_NONE;
	}
	trace_pass(t, r, r->p.flow);
	if (OX_ACTION_KIND(f->action) == OX_ACT_DROP) {
		count_reason(OX_R_FLOW);
		trace_drop(t, r, OX_R_FLOW);
		return OX_NONE;
	}
	if (t->tier == OX_TIER_XDP &&
	    !tier_can_start(pkt, &r->p, in, f->action))
		trace_down(t, r, trace_start_why(pkt, r, in, f->action),
			   OX_R_NO_TIER);
	return t->over ? OX_NONE : r->p.flow;
}

void ox_host_trace(struct ox_mem *m, struct ox_host_pkt *pkt,
		   const struct ox_host_sink *sink)
{
	struct ox_host_list list = { .end = OX_NONE };
	struct ox_run r = { .cutlen = OX_NONE, .tun_out = OX_NONE };
	const struct ox_port *in;

	ox_host_env = (struct ox_host_env){
		.mem = m,
		.list = &list,
		.sink = sink,
		.tun = pkt->tun,
		.trace = sink->trace,
		.out = &sink->trace->out,
	};
	in = tbl_port(pkt->in_port);
	if (!in || host_parse(pkt, &r.p)) {
		count_reason(OX_R_RUNT);
		trace_drop(sink->trace, &r, OX_R_RUNT);
		return;
	}
	list.flow = trace_begin(pkt, &r, in, sink->trace);
	if (list.flow != OX_NONE)
		ox_host_run(m, &list, pkt, sink);
}

void ox_host_trace_down(struct ox_host_trace *t, uint32_t tier, const char *why)
{
	while (t->tier < tier && !t->over)
		trace_down(t, ox_host_env.run, why, OX_R_NO_TIER);
}

int ox_host_meter(struct ox_meter *m, uint64_t now_ms, uint32_t len)
{
	return meter_take(m, now_ms, len);
}

int ox_host_tun(const struct ox_mem *m, uint32_t tun_out, uint32_t tun_gen,
		struct ox_tun_key *out)
{
	const struct ox_run r = { .tun_out = tun_out, .tun_gen = tun_gen };
	const struct ox_tun_key *k;

	ox_host_env =
		(struct ox_host_env){ .mem = (struct ox_mem *)(uintptr_t)m };
	k = host_tun(&r);
	if (!k)
		return -ENOENT;
	*out = *k;
	return 0;
}

void ox_host_ct_refill(struct ox_host_pkt *pkt, const struct ox_host_sink *sink)
{
	struct ox_ct_work w = { 0 };
	struct ox_pkt p;

	ox_host_env = (struct ox_host_env){ .sink = sink };
	if (host_parse(pkt, &p))
		return;
	p.key.ct_state = pkt->key.ct_state;
	p.key.ct_zone = pkt->key.ct_zone;
	ct_refill(pkt, &p, &w);
	key_ct_copy(&pkt->key, &p.key);
}

int ox_host_csum_complete(struct ox_host_pkt *pkt)
{
	struct ox_pkt p;

	if (host_parse(pkt, &p))
		return 0;
	return ox_csum_complete(pkt, &p) > 0;
}

enum ox_verdict ox_host_rx(struct ox_mem *m, struct ox_cache *cache,
			   struct ox_host_pkt *pkt, struct ox_host_rx_out *out)
{
	const struct ox_port *in;
	struct ox_pkt p;
	enum ox_verdict v;

	pkt_init(&p, pkt->in_port);
	memset(out, 0, sizeof(*out));
	out->flow = OX_NONE;
	ox_host_env = (struct ox_host_env){
		.mem = m, .cache = cache, .out = out, .in_port = pkt->in_port
	};
	in = tbl_port(pkt->in_port);
	if (!in || !in->ifindex)
		return OX_V_PASS;
	v = rx_packet(pkt, &p, in, m->config, tbl_dp_stats());
	if (v == OX_V_OUTPUT)
		count_tx(p.arg, p.len);
	pkt->key = p.key;
	out->flow = p.flow;
	out->arg = p.arg;
	out->acts = p.acts;
	out->pc = p.pc;
	return v;
}

/* The headers in front are written again, from what the socket says of them. */
static int host_tun_l4(const uint8_t *payload, uint32_t len,
		       const struct ox_host_tun_in *in, struct ox_wire_l4 *l4)
{
	uint32_t udp = tun_proto(in->kind) == OX_IP_UDP ? 8 : 0;
	uint32_t n = OX_WIRE_L4 - udp;

	*l4 = (struct ox_wire_l4){ 0 };
	if (udp)
		l4->udp = (struct ox_wire_udp){
			.sport = in->sport,
			.dport = in->port,
			.len = ox_be16((uint16_t)(udp + len)),
		};
	/* the shortest packet of GRE is longer, too */
	if (len < n)
		return -EINVAL;
	memcpy((uint8_t *)l4 + udp, payload, n);
	return (int)udp;
}

int ox_host_tun_in(const uint8_t *payload, uint32_t len,
		   const struct ox_host_tun_in *in, __u64 *w23,
		   struct ox_tun *tun)
{
	struct ox_wire_ip6 ip6 = {
		.flow = ox_be32((uint32_t)in->tos << 20),
		.hops = in->ttl,
	};
	struct ox_wire_ip4 ip4 = {
		.tos = in->tos,
		.ttl = in->ttl,
		.src = in->src[0],
		.dst = in->dst[0],
	};
	struct ox_tun_head k = { 0 };
	struct ox_wire_l4 l4;
	int udp, n;

	memset(tun, 0, sizeof(*tun));
	udp = host_tun_l4(payload, len, in, &l4);
	if (udp < 0)
		return udp;
	if (!udp && (l4.gre.proto != ox_be16(OX_P_TEB) ||
		     (l4.gre.flags & ox_be16(OX_GRE_ODD))))
		return -ENOENT;
	n = tun_in_kind(&l4, in->kind, in->exts, (uint32_t)udp + len, 0, &k,
			tun);
	if (n < 0)
		return -EINVAL;
	n -= udp;
	memcpy(ip6.src, in->src, sizeof(ip6.src));
	memcpy(ip6.dst, in->dst, sizeof(ip6.dst));
	if (in->family == OX_AF_INET6)
		tun_in_addr6(&ip6, &k, tun);
	else
		tun_in_addr4(&ip4, &k, tun);
	*w23 = k.w;
	if (in->kind != OX_VPORT_GENEVE)
		return n;
	memcpy(tun->opts, payload + n, k.opts_len);
	return n + k.opts_len;
}
