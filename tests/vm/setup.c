// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * setup.c - the datapath of a side: ports, meters.
 */
#include <err.h>
#include <string.h>

#include "ovsxdp/nl.h"
#include "ovsxdp/uapi.h"
#include "setup.h"

static void take_ifindex(void *ctx, const struct nlmsghdr *h)
{
	struct side *s = ctx;

	memcpy(&s->dp_ifindex, (const uint8_t *)h + 20, 4);
}

static void put_string(struct nlb *n, uint16_t type, const char *v)
{
	nlb_put(n, type, v, (uint32_t)strlen(v) + 1);
}

static void add_dp(struct side *s)
{
	struct nlb n = { 0 };

	put_string(&n, OVS_DP_ATTR_NAME, "dp0");
	nlb_u32(&n, OVS_DP_ATTR_UPCALL_PID, SIDE_UPCALL_PID);
	nlb_u32(&n, OVS_DP_ATTR_USER_FEATURES,
		OVS_DP_F_UNALIGNED | OVS_DP_F_VPORT_PIDS);
	s->dp_ifindex = 0;
	/* ECHO: the answer has the interface's number. */
	side_must(s, SIDE_DP, OVS_DP_CMD_NEW, NLM_F_ECHO, &n, take_ifindex, s);
}

static void add_port(struct side *s, int i, int mode)
{
	char name[] = { 'p', (char)('0' + i), 0 };
	struct nlb n = { 0 };
	uint32_t nest;

	put_string(&n, OVS_VPORT_ATTR_NAME, name);
	nlb_u32(&n, OVS_VPORT_ATTR_TYPE, OVS_VPORT_TYPE_NETDEV);
	nlb_u32(&n, OVS_VPORT_ATTR_PORT_NO, (uint32_t)i);
	nlb_u32(&n, OVS_VPORT_ATTR_UPCALL_PID, SIDE_UPCALL_PID);
	if (s->portid && mode) {
		nest = nlb_nest(&n, OVS_VPORT_ATTR_OPTIONS | NLA_F_NESTED);
		nlb_u32(&n, OX_VPORT_OPT_MODE, (uint32_t)mode);
		nlb_end(&n, nest);
	}
	side_must(s, SIDE_VPORT, OVS_VPORT_CMD_NEW, 0, &n, NULL, NULL);
}

/* A request that may fail. */
static int may(struct side *s, enum side_family f, uint8_t cmd,
	       const struct nlb *n)
{
	struct side_req q = {
		.family = f, .cmd = cmd, .ifindex = s->dp_ifindex, .attrs = n
	};

	side_ask(s, &q, 1, NULL, NULL);
	return q.err;
}

/* Meter 1 has no band, meter 2 one that is never reached. */
static int add_meter(struct side *s, uint32_t id)
{
	struct nlb n = { 0 };
	uint32_t bands, band;

	nlb_u32(&n, OVS_METER_ATTR_ID, id);
	bands = nlb_nest(&n, OVS_METER_ATTR_BANDS | NLA_F_NESTED);
	if (id == 2) {
		band = nlb_nest(&n, OVS_BAND_ATTR_UNSPEC | NLA_F_NESTED);
		nlb_u32(&n, OVS_BAND_ATTR_TYPE, OVS_METER_BAND_TYPE_DROP);
		nlb_u32(&n, OVS_BAND_ATTR_RATE, 4000000);
		nlb_u32(&n, OVS_BAND_ATTR_BURST, 4000000);
		nlb_end(&n, band);
	}
	nlb_end(&n, bands);
	return may(s, SIDE_METER, OVS_METER_CMD_SET, &n);
}

/* Without a device; types of the kernel and of the OVS tree. */
static void put_native(struct nlb *n, enum gen_tun kind)
{
	/* no others are done without a device */
	static const uint32_t type[] = {
		[GEN_VXLAN] = OVS_VPORT_TYPE_VXLAN,
		[GEN_GENEVE] = OVS_VPORT_TYPE_GENEVE,
		[GEN_GRE] = OVS_VPORT_TYPE_GRE,
		[GEN_IP6GRE] = OVS_VPORT_TYPE_IP6GRE,
	};
	uint32_t nest, ext;

	nlb_u32(n, OVS_VPORT_ATTR_TYPE, type[kind]);
	if (kind != GEN_VXLAN && kind != GEN_GENEVE)
		return;
	nest = nlb_nest(n, OVS_VPORT_ATTR_OPTIONS | NLA_F_NESTED);
	nlb_u16(n, OVS_TUNNEL_ATTR_DST_PORT, kind == GEN_VXLAN ? 4789 : 6081);
	if (kind == GEN_VXLAN) {
		ext = nlb_nest(n, OVS_TUNNEL_ATTR_EXTENSION | NLA_F_NESTED);
		nlb_put(n, OVS_VXLAN_EXT_GBP, NULL, 0);
		nlb_end(n, ext);
	}
	nlb_end(n, nest);
}

static void add_tunnel(struct side *s, enum gen_tun kind, bool native)
{
	static const char *const name[GEN_TUNS] = { "vx", "gv", "gr",
						    "g6", "er", "e6" };
	struct nlb n = { 0 };

	put_string(&n, OVS_VPORT_ATTR_NAME, name[kind]);
	if (native)
		put_native(&n, kind);
	else
		nlb_u32(&n, OVS_VPORT_ATTR_TYPE, OVS_VPORT_TYPE_NETDEV);
	nlb_u32(&n, OVS_VPORT_ATTR_PORT_NO, GEN_TUN_PORT(kind));
	nlb_u32(&n, OVS_VPORT_ATTR_UPCALL_PID, SIDE_UPCALL_PID);
	side_must(s, SIDE_VPORT, OVS_VPORT_CMD_NEW, 0, &n, NULL, NULL);
}

void setup_datapath(struct side *s, int mode, bool native)
{
	add_dp(s);
	for (int i = 1; i <= GEN_PORTS; i++)
		add_port(s, i, mode);
	for (uint32_t i = 0; i < gen_tunnels; i++)
		add_tunnel(s, i, native && s->portid);
	if (add_meter(s, 1) || add_meter(s, 2))
		errx(1, "%s: can't add meters", s->name);
}

void setup_remove(struct side *s)
{
	struct nlb n = { 0 };

	put_string(&n, OVS_DP_ATTR_NAME, "dp0");
	s->dp_ifindex = 0;
	side_must(s, SIDE_DP, OVS_DP_CMD_DEL, 0, &n, NULL, NULL);
}

void setup_flush(struct side *s)
{
	side_must(s, SIDE_FLOW, OVS_FLOW_CMD_DEL, 0, NULL, NULL, NULL);
}

/* ---- back to the start ---- */

struct names {
	bool ports; /* of vports; else of datapaths */
	char name[32][16];
	uint32_t port[32];
	uint32_t n;
};

static void take_name(void *ctx, const struct nlmsghdr *h)
{
	struct names *v = ctx;
	uint32_t n;
	const void *p = side_attrs(h, &n);
	const struct nlattr *no = nla_find(p, n, OVS_VPORT_ATTR_PORT_NO);
	const struct nlattr *name = nla_find(
		p, n, v->ports ? OVS_VPORT_ATTR_NAME : OVS_DP_ATTR_NAME);

	if (!name || v->n == 32)
		return;
	if (v->ports && no)
		memcpy(&v->port[v->n], nla_body(no), 4);
	memcpy(v->name[v->n++], nla_body(name), nla_size(name));
}

static bool have(const struct names *v, const char *name, uint32_t port)
{
	for (uint32_t i = 0; i < v->n; i++)
		if (!strcmp(v->name[i], name) && v->port[i] == port)
			return true;
	return false;
}

static void reset_datapaths(struct side *s)
{
	struct names v = { 0 };

	s->dp_ifindex = 0;
	side_must(s, SIDE_DP, OVS_DP_CMD_GET, NLM_F_DUMP, NULL, take_name, &v);
	for (uint32_t i = 0; i < v.n; i++) {
		struct nlb n = { 0 };

		if (!strcmp(v.name[i], "dp0"))
			continue;
		put_string(&n, OVS_DP_ATTR_NAME, v.name[i]);
		side_must(s, SIDE_DP, OVS_DP_CMD_DEL, 0, &n, NULL, NULL);
	}
	if (!have(&v, "dp0", 0))
		add_dp(s);
}

static void reset_features(struct side *s)
{
	struct nlb n = { 0 };

	put_string(&n, OVS_DP_ATTR_NAME, "dp0");
	nlb_u32(&n, OVS_DP_ATTR_USER_FEATURES,
		OVS_DP_F_UNALIGNED | OVS_DP_F_VPORT_PIDS);
	nlb_u32(&n, OVS_DP_ATTR_MASKS_CACHE_SIZE, 256);
	side_must(s, SIDE_DP, OVS_DP_CMD_SET, NLM_F_ECHO, &n, take_ifindex, s);
}

static void reset_pids(struct side *s, uint32_t port)
{
	struct nlb n = { 0 };

	nlb_u32(&n, OVS_VPORT_ATTR_PORT_NO, port);
	nlb_u32(&n, OVS_VPORT_ATTR_UPCALL_PID, SIDE_UPCALL_PID);
	side_must(s, SIDE_VPORT, OVS_VPORT_CMD_SET, 0, &n, NULL, NULL);
}

static void reset_ports(struct side *s)
{
	struct names v = { .ports = true };

	side_must(s, SIDE_VPORT, OVS_VPORT_CMD_GET, NLM_F_DUMP, NULL, take_name,
		  &v);
	for (uint32_t i = 0; i < v.n; i++) {
		struct nlb n = { 0 };

		if (!v.port[i] ||
		    (v.port[i] == 1 && !strcmp(v.name[i], "p1")) ||
		    (v.port[i] == 2 && !strcmp(v.name[i], "p2")))
			continue;
		nlb_u32(&n, OVS_VPORT_ATTR_PORT_NO, v.port[i]);
		side_must(s, SIDE_VPORT, OVS_VPORT_CMD_DEL, 0, &n, NULL, NULL);
	}
	if (!have(&v, "p1", 1))
		add_port(s, 1, 0);
	if (!have(&v, "p2", 2))
		add_port(s, 2, 0);
	for (uint32_t i = 0; i < 3; i++)
		reset_pids(s, i);
}

bool setup_reset(struct side *s)
{
	static const uint32_t meters[] = { 0, 1, 2, 3, 1000 };

	reset_datapaths(s);
	reset_features(s);
	setup_flush(s);
	reset_ports(s);
	for (size_t i = 0; i < sizeof(meters) / sizeof(meters[0]); i++) {
		struct nlb n = { 0 };

		nlb_u32(&n, OVS_METER_ATTR_ID, meters[i]);
		may(s, SIDE_METER, OVS_METER_CMD_DEL, &n);
	}
	return !add_meter(s, 1) && !add_meter(s, 2);
}
