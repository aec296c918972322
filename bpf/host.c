// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * host.c - the host build of the packet core: the headers that the XDP
 * program is made of, over memory.
 */
#include "bpf/host.h"

#include <errno.h>

#include "bpf/ctx_host.h"
#include "bpf/rx.h"

__thread struct ox_host_run ox_host_run;

/* Key and header offsets of a packet in memory. */
static int host_parse(struct ox_host_pkt *c, struct ox_pkt *p)
{
	memset(p, 0, sizeof(*p));
	p->key.in_port = c->in_port;
	p->len = c->len;
	return parse(c, p) ? -EINVAL : 0;
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

uint32_t ox_host_lookup(const struct ox_mem *m, const struct ox_key *key,
			uint32_t *n_mask_hit)
{
	struct ox_pkt p = { .key = *key, .flow = OX_NONE };

	ox_host_run.mem = (struct ox_mem *)(uintptr_t)m;
	ox_scan(&p, OX_READ(m->config->scan));
	if (n_mask_hit)
		*n_mask_hit = p.n_mask_hit;
	return p.flow;
}

int ox_host_flow_match(const struct ox_mem *m, uint32_t flow,
		       const struct ox_key *key)
{
	const struct ox_flow *f = ox_mem_flow(m, flow);

	if (!f || f->mask >= m->config->max_masks)
		return 0;
	return flow_match(f, &m->masks[f->mask], key);
}

uint64_t ox_host_mask_hash(const struct ox_mask *mask, const struct ox_key *key)
{
	return mask_hash(mask, key);
}

uint32_t ox_host_key_hash(const struct ox_key *key)
{
	return key_hash(key);
}

/* Key and packet belong together: the caller sees both current. */
static void host_sink(struct ox_host_pkt *pkt, const struct ox_pkt *p,
		      const struct ox_host_sink *sink, const struct ox_op *op)
{
	pkt->key = p->key;
	if (op->code == OX_OP_OUTPUT && sink->output)
		sink->output(sink->arg, op->arg, pkt);
	else if (op->code == OX_OP_USERSPACE && sink->userspace)
		sink->userspace(sink->arg, op->arg, pkt);
}

int ox_host_execute(const struct ox_op *ops, uint32_t n_ops,
		    struct ox_host_pkt *pkt, const struct ox_host_sink *sink)
{
	struct ox_pkt p;
	uint32_t i;
	int err = host_parse(pkt, &p);

	if (err)
		return err;
	/* a complete checksum stays as it is, so no need to know the port */
	ox_csum_complete(pkt, &p);
	p.key = pkt->key;
	for (i = 0; i < n_ops && ops[i].code != OX_OP_END; i++) {
		if (ops[i].code == OX_OP_OUTPUT ||
		    ops[i].code == OX_OP_USERSPACE) {
			host_sink(pkt, &p, sink, &ops[i]);
			continue;
		}
		if (ox_op_run(pkt, &p, &ops[i])) {
			err = -EINVAL;
			break;
		}
	}
	pkt->key = p.key;
	return err;
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
	struct ox_pkt p = { .key.in_port = pkt->in_port, .flow = OX_NONE };
	const struct ox_port *in;
	enum ox_verdict v;

	memset(out, 0, sizeof(*out));
	out->flow = OX_NONE;
	ox_host_run = (struct ox_host_run){
		.mem = m, .cache = cache, .out = out, .in_port = pkt->in_port
	};
	in = tbl_port(pkt->in_port);
	if (!in || !in->ifindex)
		return OX_V_PASS;
	v = receive(pkt, &p, in, m->config);
	if (v == OX_V_OUTPUT)
		count_tx(p.arg, p.len);
	pkt->key = p.key;
	out->flow = p.flow;
	out->arg = p.arg;
	out->out_port = p.out_port;
	return v;
}
