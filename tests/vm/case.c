// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * case.c - packets of a case, flows for its misses.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "case.h"
#include "norm.h"
#include "ovsxdp/uapi.h"

#define STREAM_PACKET  1
#define STREAM_FLOW    100
#define STREAM_EXECUTE 200
#define STREAM_OUTER   300

/* A third of the cases come out of a tunnel. */
static void wrap(struct gen_case *c, uint64_t seed)
{
	struct rnd same = rnd_start(seed, c->no, STREAM_OUTER);
	struct rnd r = rnd_start(seed, c->no, STREAM_OUTER + 1);

	if (!rnd_pct(&r, 35))
		return;
	for (int i = 0; i < CASE_PACKETS; i++)
		gen_wrap(&c->packet[i], &same, &r);
}

void case_start(struct gen_case *c, uint64_t seed, uint64_t no)
{
	struct rnd r = rnd_start(seed, no, STREAM_PACKET);

	c->no = no;
	c->tag = 1 + (uint32_t)(no % 0x1fffffe);
	c->n_flows = 0;
	gen_packet(&c->packet[0], &r, c->tag);
	for (int i = 1; i < CASE_PACKETS; i++)
		gen_near(&c->packet[i], &c->packet[0], &r);
	if (gen_tunnels)
		wrap(c, seed);
}

void case_end(struct gen_case *c)
{
	for (uint32_t i = 0; i < c->n_flows; i++)
		free(c->flow[i].put);
	c->n_flows = 0;
}

uint32_t case_recirc(const struct gen_case *c)
{
	return c->tag * GEN_RECIRC;
}

static const struct nlattr *key_of(const struct item *miss)
{
	uint32_t n;
	const void *p = norm_attrs(miss, &n);

	return nla_find(p, n, OVS_PACKET_ATTR_KEY);
}

uint32_t case_tag_of(const struct item *miss)
{
	const struct nlattr *key = key_of(miss), *a;
	uint32_t v = 0;

	if (!key)
		return 0;
	a = nla_find(nla_body(key), nla_size(key), OVS_KEY_ATTR_RECIRC_ID);
	if (a)
		memcpy(&v, nla_body(a), 4);
	if (v)
		return v / GEN_RECIRC;
	a = nla_find(nla_body(key), nla_size(key), OVS_KEY_ATTR_ETHERNET);
	if (!a)
		return 0;
	memcpy(&v, nla_body(a) + GEN_TAG, 4); /* source MAC first */
	return ntohl(v);
}

static bool has_tunnel(const struct nlattr *key)
{
	return nla_find(nla_body(key), nla_size(key), OVS_KEY_ATTR_TUNNEL);
}

bool case_tunnel_of(const struct item *upcall)
{
	const struct nlattr *key = key_of(upcall);

	return key && has_tunnel(key);
}

static uint32_t recirc_of(const struct nlattr *key)
{
	const struct nlattr *a =
		nla_find(nla_body(key), nla_size(key), OVS_KEY_ATTR_RECIRC_ID);
	uint32_t v = 0;

	if (a)
		memcpy(&v, nla_body(a), 4);
	return v;
}

static void key_sum(uint8_t sum[8], const struct nlattr *key)
{
	uint64_t h = 14695981039346656037ull;

	for (uint32_t i = 0; i < nla_size(key); i++)
		h = (h ^ nla_body(key)[i]) * 1099511628211ull;
	memcpy(sum, &h, 8);
}

static bool known(const struct gen_case *c, const uint8_t sum[8])
{
	for (uint32_t i = 0; i < c->n_flows; i++)
		if (!memcmp(c->flow[i].key_hash, sum, 8))
			return true;
	return false;
}

static void put_ufid(struct nlb *n, const struct gen_case *c)
{
	uint32_t ufid[4] = { 0x5eed, c->tag, c->n_flows, 0 };

	nlb_put(n, OVS_FLOW_ATTR_UFID, ufid, sizeof(ufid));
}

static bool meets_another(const struct gen_case *c, const struct nlb *put)
{
	for (uint32_t i = 0; i < c->n_flows; i++)
		if (!c->flow[i].err[0] && !gen_disjoint(c->flow[i].put, put))
			return true;
	return false;
}

static struct gen_shape put_key_and_mask(struct nlb *put,
					 const struct nlattr *key, bool exact,
					 struct rnd *r)
{
	static struct nlb mask;
	struct gen_shape shape;

	*put = (struct nlb){ 0 };
	nlb_put(put, OVS_FLOW_ATTR_KEY | NLA_F_NESTED, nla_body(key),
		nla_size(key));
	/* without a mask, the ports that ours can't know are 0 */
	if (exact && !(gen_by_device && has_tunnel(key)))
		return gen_shape_of(key);
	mask = (struct nlb){ 0 };
	shape = gen_mask(&mask, key, r);
	nlb_put(put, OVS_FLOW_ATTR_MASK | NLA_F_NESTED, mask.b, mask.len);
	return shape;
}

bool case_flow_add(struct gen_case *c, uint64_t seed, const struct item *miss)
{
	struct rnd r = rnd_start(seed, c->no, STREAM_FLOW + c->n_flows);
	struct case_flow *f = &c->flow[c->n_flows];
	const struct nlattr *key = key_of(miss);
	static struct nlb put, acts;
	struct gen_shape shape;
	uint8_t sum[8];
	int tries = 0;

	if (!key || c->n_flows == CASE_FLOWS)
		return false;
	key_sum(sum, key);
	if (known(c, sum))
		return false;
	do {
		if (tries > 6)
			return false;
		shape = put_key_and_mask(&put, key,
					 tries == 6 || rnd_pct(&r, 12), &r);
		tries++;
	} while (meets_another(c, &put));
	/* the key's own id is its place in the chain */
	acts.over = false;
	gen_actions(&acts, shape,
		    recirc_of(key) ? recirc_of(key) : case_recirc(c),
		    SIDE_UPCALL_PID, &r);
	nlb_put(&put, OVS_FLOW_ATTR_ACTIONS | NLA_F_NESTED, acts.b, acts.len);
	if (rnd_pct(&r, 80))
		put_ufid(&put, c);
	memcpy(f->key_hash, sum, 8);
	f->err[0] = f->err[1] = 0;
	f->put = malloc(sizeof(put));
	*f->put = put;
	c->n_flows++;
	return true;
}

/* ---- EXECUTE ---- */

/* Of a packet out of a tunnel, which came by that port. */
static void put_tunnel(struct nlb *n, struct rnd *r)
{
	nlb_u32(n, OVS_KEY_ATTR_IN_PORT,
		GEN_TUN_PORT(rnd_below(r, gen_tunnels)));
	gen_tunnel(n, GEN_KEY_OPTS, r);
}

static void put_metadata(struct nlb *n, const struct gen_packet *p,
			 struct rnd *r)
{
	uint32_t nest = nlb_nest(n, OVS_PACKET_ATTR_KEY | NLA_F_NESTED);

	if (rnd_pct(r, 30))
		nlb_u32(n, OVS_KEY_ATTR_PRIORITY, (uint32_t)rnd64(r));
	if (p->inner)
		put_tunnel(n, r);
	else
		nlb_u32(n, OVS_KEY_ATTR_IN_PORT, p->in_port);
	if (rnd_pct(r, 30))
		nlb_u32(n, OVS_KEY_ATTR_SKB_MARK, (uint32_t)rnd64(r));
	if (rnd_pct(r, 20))
		nlb_u32(n, OVS_KEY_ATTR_DP_HASH, (uint32_t)rnd64(r) | 1);
	nlb_end(n, nest);
}

void case_execute(const struct gen_case *c, uint64_t seed, int i,
		  struct nlb *out)
{
	struct rnd r = rnd_start(seed, c->no, STREAM_EXECUTE + (uint32_t)i);
	const struct gen_packet *p = &c->packet[i];
	uint32_t nest;

	out->len = 0;
	/* one that was cut within its outer headers has nothing inside */
	nlb_put(out, OVS_PACKET_ATTR_PACKET, p->b + p->inner,
		p->len > p->inner ? p->len - p->inner : 0);
	put_metadata(out, p, &r);
	nest = nlb_nest(out, OVS_PACKET_ATTR_ACTIONS | NLA_F_NESTED);
	nlb_u32(out, OVS_ACTION_ATTR_RECIRC, case_recirc(c));
	nlb_end(out, nest);
}

/* ---- text ---- */

static void show_flow(FILE *f, const struct case_flow *flow)
{
	const struct nlattr *a;

	a = nla_find(flow->put->b, flow->put->len, OVS_FLOW_ATTR_KEY);
	fprintf(f, "#  flow: answers %d, %d\n#    key  ", flow->err[0],
		flow->err[1]);
	show_key(f, nla_body(a), nla_size(a));
	a = nla_find(flow->put->b, flow->put->len, OVS_FLOW_ATTR_MASK);
	fprintf(f, "\n#    mask ");
	if (a)
		show_key(f, nla_body(a), nla_size(a));
	else
		fprintf(f, "none");
	a = nla_find(flow->put->b, flow->put->len, OVS_FLOW_ATTR_ACTIONS);
	fprintf(f, "\n#    acts ");
	show_actions(f, nla_body(a), nla_size(a));
	fputc('\n', f);
}

void case_show(FILE *f, const struct gen_case *c)
{
	for (int i = 0; i < CASE_PACKETS; i++) {
		fprintf(f, "#  packet %d into port %u, %u bytes: ", i,
			c->packet[i].in_port, c->packet[i].len);
		show_hex(f, c->packet[i].b, c->packet[i].len);
		fputc('\n', f);
	}
	for (uint32_t i = 0; i < c->n_flows; i++)
		show_flow(f, &c->flow[i]);
}
