// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * request.c - requests of all families: right ones, and such with one or two
 * things wrong. Names and numbers come from small pools, so that requests
 * meet what earlier ones left.
 */
#include <linux/genetlink.h>

#include "norm.h"
#include "ovsxdp/uapi.h"
#include "request.h"

static void put_name(struct nlb *n, uint16_t type, const char *v)
{
	nlb_put(n, type, v, (uint32_t)strlen(v) + 1);
}

static const char *one_of(struct rnd *r, const char *const *v, uint32_t n)
{
	return v[rnd_below(r, n)];
}
#define NAME_OF(r, ...)                                           \
	({                                                        \
		static const char *const of_[] = { __VA_ARGS__ }; \
		one_of(r, of_, sizeof(of_) / sizeof(of_[0]));     \
	})

static void put_pids(struct nlb *n, uint16_t type, struct rnd *r)
{
	uint32_t v[4] = { SIDE_UPCALL_PID, 0, SIDE_UPCALL_PID, 77777 };

	if (rnd_pct(r, 30))
		v[0] = 0;
	nlb_put(n, type, v, 4 * (rnd_pct(r, 70) ? 1 : rnd_below(r, 5)));
}

/* ---- ovs_datapath ---- */

static void dp(struct request *q, struct rnd *r)
{
	struct nlb *n = &q->attrs;

	q->cmd = (uint8_t)rnd_of(r, OVS_DP_CMD_GET, OVS_DP_CMD_GET,
				 OVS_DP_CMD_SET, OVS_DP_CMD_SET, OVS_DP_CMD_SET,
				 OVS_DP_CMD_NEW, 9);
	if (rnd_pct(r, 2))
		q->cmd = OVS_DP_CMD_DEL;
	/* A datapath takes long to make: mostly names that are taken. */
	if (q->cmd == OVS_DP_CMD_NEW || rnd_pct(r, 60))
		put_name(n, OVS_DP_ATTR_NAME,
			 rnd_pct(r, 95)
				 ? NAME_OF(r, "dp0", "dp0", "dp0", "p1", "q1",
					   "lo", "", "a/b", "a b", ".")
				 : NAME_OF(r, "dp1", "dp2"));
	if (q->cmd == OVS_DP_CMD_NEW ? rnd_pct(r, 95) : rnd_pct(r, 20))
		nlb_u32(n, OVS_DP_ATTR_UPCALL_PID,
			rnd_pct(r, 50) ? 0 : SIDE_UPCALL_PID);
	/* not 4: TC_RECIRC_SHARING is an option of the kernel's build */
	if (rnd_pct(r, 45))
		nlb_u32(n, OVS_DP_ATTR_USER_FEATURES,
			rnd_pct(r, 85) ? rnd_of(r, 0, 1, 2, 3, 8, 9, 10, 11)
				       : rnd_of(r, 0x10, 0x100, 0x80000001));
	if (rnd_pct(r, 30))
		nlb_u32(n, OVS_DP_ATTR_MASKS_CACHE_SIZE,
			rnd_of(r, 0, 1, 2, 3, 256, 4096, 8192, 0xffffffff));
	if (rnd_pct(r, 20))
		put_pids(n, OVS_DP_ATTR_PER_CPU_PIDS, r);
}

/* ---- ovs_vport ---- */

static void vport_new(struct nlb *n, struct rnd *r)
{
	bool internal = rnd_pct(r, 15);

	put_name(n, OVS_VPORT_ATTR_NAME,
		 internal ? NAME_OF(r, "int1", "int2", "p1", "dp0", "lo")
			  : NAME_OF(r, "q1", "q1", "q2", "q2", "q3", "p1", "p4",
				    "nodev", "lo", "dp0", "int1", ""));
	/* 3 to 5 are tunnels */
	nlb_u32(n, OVS_VPORT_ATTR_TYPE,
		rnd_pct(r, 94) ? (internal ? 2 : 1)
			       : rnd_of(r, 0, 6, 99, 0xffffffff));
	if (rnd_pct(r, 60))
		nlb_u32(n, OVS_VPORT_ATTR_PORT_NO,
			rnd_pct(r, 90) ? rnd_below(r, 9)
				       : rnd_of(r, 65534, 65535, 65536));
	if (rnd_pct(r, 92))
		put_pids(n, OVS_VPORT_ATTR_UPCALL_PID, r);
}

static void vport(struct request *q, struct rnd *r)
{
	struct nlb *n = &q->attrs;
	struct ovs_vport_stats stats = { 1, 2, 3, 4, 5, 6, 7, 8 };

	q->cmd = (uint8_t)rnd_of(r, OVS_VPORT_CMD_NEW, OVS_VPORT_CMD_NEW,
				 OVS_VPORT_CMD_GET, OVS_VPORT_CMD_GET,
				 OVS_VPORT_CMD_SET, OVS_VPORT_CMD_SET,
				 OVS_VPORT_CMD_DEL);
	if (rnd_pct(r, 3))
		q->cmd = (uint8_t)rnd_below(r, 12);
	if (q->cmd == OVS_VPORT_CMD_NEW && rnd_pct(r, 96))
		return vport_new(n, r);
	if (rnd_pct(r, 55))
		nlb_u32(n, OVS_VPORT_ATTR_PORT_NO,
			rnd_pct(r, 92) ? rnd_below(r, 8)
				       : rnd_of(r, 65535, 65536));
	else
		put_name(n, OVS_VPORT_ATTR_NAME,
			 NAME_OF(r, "p1", "p2", "q1", "q2", "dp0", "int1",
				 "nodev"));
	if (q->cmd != OVS_VPORT_CMD_SET)
		return;
	if (rnd_pct(r, 60))
		put_pids(n, OVS_VPORT_ATTR_UPCALL_PID, r);
	if (rnd_pct(r, 20))
		nlb_u32(n, OVS_VPORT_ATTR_TYPE, rnd_of(r, 1, 1, 2, 9));
	if (rnd_pct(r, 10))
		nlb_put(n, OVS_VPORT_ATTR_STATS, &stats, sizeof(stats));
	if (rnd_pct(r, 10))
		nlb_end(n, nlb_nest(n, OVS_VPORT_ATTR_OPTIONS | NLA_F_NESTED));
}

/* ---- ovs_flow, ovs_packet ---- */

/* Flows of a few seeds, so that they are found again. */
static void put_flow(struct nlb *n, struct rnd *r, bool acts)
{
	struct rnd f = rnd_start(4711, rnd_below(r, 5), rnd_below(r, 20));
	uint32_t nest, ufid[8] = { (uint32_t)f.s };
	bool by_ufid = rnd_pct(&f, 50);
	const struct nlattr *key;
	struct gen_shape shape;
	static struct nlb b;

	if (rnd_pct(r, 93))
		gen_key(n, OVS_FLOW_ATTR_KEY, true, &f);
	key = nla_find(n->b, n->len, OVS_FLOW_ATTR_KEY);
	shape = key ? gen_shape_of(key) : (struct gen_shape){ 0 };
	b.len = 0;
	if (key && rnd_pct(&f, 80)) {
		shape = gen_mask(&b, key, &f);
		nest = nlb_nest(n, OVS_FLOW_ATTR_MASK | NLA_F_NESTED);
		nlb_raw(n, b.b, b.len);
		nlb_end(n, nest);
	}
	if (acts) {
		gen_actions(&b, shape, 8, SIDE_UPCALL_PID, r);
		nest = nlb_nest(n, OVS_FLOW_ATTR_ACTIONS | NLA_F_NESTED);
		nlb_raw(n, b.b, b.len);
		nlb_end(n, nest);
	}
	if (by_ufid && rnd_pct(r, 95))
		nlb_put(n, OVS_FLOW_ATTR_UFID, ufid,
			rnd_pct(r, 97) ? 16 : rnd_below(r, 20));
}

static void flow(struct request *q, struct rnd *r)
{
	struct nlb *n = &q->attrs;

	q->cmd = (uint8_t)rnd_of(r, OVS_FLOW_CMD_NEW, OVS_FLOW_CMD_NEW,
				 OVS_FLOW_CMD_NEW, OVS_FLOW_CMD_NEW,
				 OVS_FLOW_CMD_GET, OVS_FLOW_CMD_SET,
				 OVS_FLOW_CMD_SET, OVS_FLOW_CMD_DEL);
	if (rnd_pct(r, 3))
		q->cmd = (uint8_t)rnd_below(r, 12);
	put_flow(n, r,
		 q->cmd == OVS_FLOW_CMD_NEW
			 ? rnd_pct(r, 97)
			 : q->cmd == OVS_FLOW_CMD_SET && rnd_pct(r, 80));
	if (q->cmd == OVS_FLOW_CMD_DEL && rnd_pct(r, 5))
		n->len = 0;
	if (rnd_pct(r, 10))
		nlb_put(n, OVS_FLOW_ATTR_CLEAR, NULL, 0);
	if (rnd_pct(r, 5))
		nlb_put(n, OVS_FLOW_ATTR_PROBE, NULL, 0);
	if (rnd_pct(r, 15))
		nlb_u32(n, OVS_FLOW_ATTR_UFID_FLAGS, rnd_below(r, 9));
}

static void packet(struct request *q, struct rnd *r)
{
	struct nlb *n = &q->attrs;
	static struct gen_packet p;
	static struct nlb acts;
	uint32_t nest;

	q->cmd = (uint8_t)(rnd_pct(r, 92) ? OVS_PACKET_CMD_EXECUTE
					  : rnd_below(r, 6));
	gen_packet(&p, r, 1);
	if (p.len > 400)
		p.len = 400;
	if (rnd_pct(r, 3))
		p.len = rnd_below(r, 14);
	nlb_put(n, OVS_PACKET_ATTR_PACKET, p.b, p.len);
	if (rnd_pct(r, 80)) {
		nest = nlb_nest(n, OVS_PACKET_ATTR_KEY | NLA_F_NESTED);
		nlb_u32(n, OVS_KEY_ATTR_IN_PORT,
			rnd_of(r, 0, 1, 2, 5, 500, 65535, 65536));
		nlb_end(n, nest);
	} else {
		gen_key(n, OVS_PACKET_ATTR_KEY, true, r);
	}
	acts.len = 0;
	gen_actions(&acts, (struct gen_shape){ .eth = true }, 8,
		    SIDE_UPCALL_PID, r);
	nest = nlb_nest(n, OVS_PACKET_ATTR_ACTIONS | NLA_F_NESTED);
	nlb_raw(n, acts.b, acts.len);
	nlb_end(n, nest);
	if (rnd_pct(r, 10))
		nlb_put(n, OVS_PACKET_ATTR_PROBE, NULL, 0);
	if (rnd_pct(r, 10))
		nlb_u16(n, OVS_PACKET_ATTR_MRU, 1500);
}

/* ---- ovs_meter ---- */

static void put_band(struct nlb *n, struct rnd *r)
{
	uint32_t nest = nlb_nest(n, OVS_BAND_ATTR_UNSPEC | NLA_F_NESTED);

	if (rnd_pct(r, 95))
		nlb_u32(n, OVS_BAND_ATTR_TYPE, rnd_of(r, 1, 1, 1, 0, 2));
	if (rnd_pct(r, 95))
		nlb_u32(n, OVS_BAND_ATTR_RATE,
			rnd_of(r, 0, 1, 1000, 1000000, 0xffffffff));
	if (rnd_pct(r, 80))
		nlb_u32(n, OVS_BAND_ATTR_BURST,
			rnd_of(r, 0, 1, 1000, 1000000, 0xffffffff));
	nlb_end(n, nest);
}

static void meter(struct request *q, struct rnd *r)
{
	struct nlb *n = &q->attrs;
	uint32_t nest, bands = rnd_of(r, 0, 1, 1, 1, 2, 3);

	q->cmd = (uint8_t)rnd_of(r, OVS_METER_CMD_FEATURES, OVS_METER_CMD_SET,
				 OVS_METER_CMD_SET, OVS_METER_CMD_SET,
				 OVS_METER_CMD_GET, OVS_METER_CMD_DEL);
	if (rnd_pct(r, 3))
		q->cmd = (uint8_t)rnd_below(r, 12);
	if (rnd_pct(r, 94))
		nlb_u32(n, OVS_METER_ATTR_ID, rnd_of(r, 0, 1, 2, 3, 1000));
	if (q->cmd != OVS_METER_CMD_SET)
		return;
	if (rnd_pct(r, 50))
		nlb_put(n, OVS_METER_ATTR_KBPS, NULL, 0);
	if (rnd_pct(r, 20))
		nlb_put(n, OVS_METER_ATTR_CLEAR, NULL, 0);
	if (rnd_pct(r, 5))
		return;
	nest = nlb_nest(n, OVS_METER_ATTR_BANDS | NLA_F_NESTED);
	while (bands--)
		put_band(n, r);
	nlb_end(n, nest);
}

/* ---- all of them ---- */

static const uint8_t version[SIDE_FAMILIES] = {
	OVS_DATAPATH_VERSION, OVS_VPORT_VERSION, OVS_FLOW_VERSION,
	OVS_PACKET_VERSION,   OVS_METER_VERSION,
};

/* What the next issues bring: the module has it, ovsxdp says EOPNOTSUPP. */
static const struct gen_left_out left_out[] = {
	{ 12 }, { 22 }, { 23 }, { 24 }, { 25 },
	{ 26 }, { 27 }, { 30 }, { 31 }, { 0 },
};

static uint16_t flags(struct rnd *r)
{
	uint16_t f = NLM_F_REQUEST;

	if (rnd_pct(r, 1))
		f = 0;
	if (rnd_pct(r, 92))
		f |= NLM_F_ACK;
	if (rnd_pct(r, 25))
		f |= NLM_F_ECHO;
	if (rnd_pct(r, 45))
		f |= NLM_F_CREATE;
	if (rnd_pct(r, 12))
		f |= NLM_F_EXCL;
	if (rnd_pct(r, 5))
		f |= NLM_F_REPLACE;
	if (rnd_pct(r, 8))
		f |= NLM_F_DUMP;
	return f;
}

void request_random(struct request *q, struct rnd *r)
{
	static void (*const make[])(struct request *, struct rnd *) = {
		dp, vport, flow, packet, meter, flow, vport, flow,
	};
	static const uint8_t family[] = { SIDE_DP,     SIDE_VPORT, SIDE_FLOW,
					  SIDE_PACKET, SIDE_METER, SIDE_FLOW,
					  SIDE_VPORT,  SIDE_FLOW };
	uint32_t i = rnd_below(r, sizeof(family));

	memset(q, 0, sizeof(*q));
	q->family = family[i];
	q->version = rnd_pct(r, 97) ? version[q->family]
				    : (uint8_t)rnd_below(r, 4);
	q->flags = flags(r);
	q->dp = rnd_pct(r, 92) ? 1 : (uint8_t)rnd_of(r, 0, 2, REQUEST_NO_DP);
	if (q->family == SIDE_DP && rnd_pct(r, 70))
		q->dp = 0;
	make[i](q, r);
	if (rnd_pct(r, 30))
		gen_break(&q->attrs, left_out, r);
	if (rnd_pct(r, 7))
		gen_break(&q->attrs, left_out, r);
	if (rnd_pct(r, 2))
		q->cut = 1 + rnd_below(r, 12);
}

void request_show(FILE *f, const struct request *q)
{
	static const char *const name[] = { "datapath", "vport", "flow",
					    "packet", "meter" };

	fprintf(f, "%s cmd %u flags 0x%x version %u dp %u", name[q->family],
		q->cmd, q->flags, q->version, q->dp);
	if (q->cut)
		fprintf(f, ", %u bytes cut", q->cut);
	nla_each(a, q->attrs.b, q->attrs.len)
	{
		fprintf(f, "\n#      attr %u%s%s: ", nla_kind(a),
			a->nla_type & NLA_F_NESTED ? " nested" : "",
			a->nla_type & NLA_F_NET_BYTEORDER ? " netorder" : "");
		if (q->family == SIDE_FLOW &&
		    (nla_kind(a) == 1 || nla_kind(a) == 7))
			show_key(f, nla_body(a), nla_size(a));
		else if (q->family == SIDE_FLOW && nla_kind(a) == 2)
			show_actions(f, nla_body(a), nla_size(a));
		else
			show_hex(f, nla_body(a), nla_size(a));
	}
	fprintf(f, "\n#      raw ");
	show_hex(f, q->attrs.b, q->attrs.len);
}
