// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * setup.c - the datapath of a side: ports, meters.
 */
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

/* Meter 1 has no band, meter 2 one that is never reached. */
static void add_meter(struct side *s, uint32_t id)
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
	side_must(s, SIDE_METER, OVS_METER_CMD_SET, 0, &n, NULL, NULL);
}

void setup_datapath(struct side *s, int mode)
{
	add_dp(s);
	for (int i = 1; i <= GEN_PORTS; i++)
		add_port(s, i, mode);
	add_meter(s, 1);
	add_meter(s, 2);
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
