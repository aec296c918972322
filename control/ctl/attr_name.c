// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * attr_name.c - which attribute of a request an extended ACK means: "Attribute
 * failed policy validation" says only how many bytes into the message it is.
 */
#include "control/ctl/conn.h"

#include "ovsxdp/nl.h"
#include "ovsxdp/uapi.h"

#define OVS_HDR (NLMSG_HDRLEN + GENL_HDRLEN + sizeof(struct ovs_header))
#define NAME(a) [a] = #a

static const char *const dp[] = {
	NAME(OVS_DP_ATTR_NAME),		 NAME(OVS_DP_ATTR_UPCALL_PID),
	NAME(OVS_DP_ATTR_USER_FEATURES), NAME(OVS_DP_ATTR_MASKS_CACHE_SIZE),
	NAME(OVS_DP_ATTR_PER_CPU_PIDS),	 NAME(OVS_DP_ATTR_IFINDEX),
};

static const char *const vport[] = {
	NAME(OVS_VPORT_ATTR_PORT_NO),	 NAME(OVS_VPORT_ATTR_TYPE),
	NAME(OVS_VPORT_ATTR_NAME),	 NAME(OVS_VPORT_ATTR_OPTIONS),
	NAME(OVS_VPORT_ATTR_UPCALL_PID),
};

static const char *const flow[] = {
	NAME(OVS_FLOW_ATTR_KEY),     NAME(OVS_FLOW_ATTR_MASK),
	NAME(OVS_FLOW_ATTR_ACTIONS), NAME(OVS_FLOW_ATTR_CLEAR),
	NAME(OVS_FLOW_ATTR_UFID),    NAME(OVS_FLOW_ATTR_UFID_FLAGS),
	NAME(OVS_FLOW_ATTR_PROBE),
};

static const char *const packet[] = {
	NAME(OVS_PACKET_ATTR_PACKET),
	NAME(OVS_PACKET_ATTR_KEY),
	NAME(OVS_PACKET_ATTR_ACTIONS),
};

static const char *const meter[] = {
	NAME(OVS_METER_ATTR_ID),
	NAME(OVS_METER_ATTR_KBPS),
	NAME(OVS_METER_ATTR_BANDS),
	NAME(OVS_METER_ATTR_CLEAR),
};

#define TABLE(id, t)                              \
	{                                         \
		id, t, sizeof(t) / sizeof((t)[0]) \
	}
static const struct {
	uint16_t family;
	const char *const *names;
	size_t n;
} families[] = {
	TABLE(OX_GENL_DATAPATH, dp), TABLE(OX_GENL_VPORT, vport),
	TABLE(OX_GENL_FLOW, flow),   TABLE(OX_GENL_PACKET, packet),
	TABLE(OX_GENL_METER, meter),
};

static const char *name_of(uint16_t family, uint16_t type)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (families[i].family == family)
			return type < families[i].n ? families[i].names[type]
						    : NULL;
	return NULL;
}

const char *ox_msg_attr_at(const struct ox_msg *m, uint32_t offset)
{
	const struct nlattr *a;

	mnl_attr_for_each (a, &m->nlh, OVS_HDR - NLMSG_HDRLEN) {
		uint32_t at = (uint32_t)((const uint8_t *)a - m->room);

		/* one inside of it is in there, too */
		if (offset >= at && offset < at + a->nla_len)
			return name_of(m->nlh.nlmsg_type, mnl_attr_get_type(a));
	}
	return NULL;
}
