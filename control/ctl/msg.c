// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * msg.c - building requests, and taking answers apart.
 */
#include "control/ctl/conn.h"

#include <string.h>
#include <linux/netfilter/nfnetlink.h>

#include "ovsxdp/nl.h"
#include "ovsxdp/uapi.h"

#define OVS_HDR (GENL_HDRLEN + sizeof(struct ovs_header))

/*
 * The module reads it in one place: OVS_DP_CMD_NEW of a datapath that exists,
 * from a client older than OVS_DP_VER_FEATURES, clears its user features.
 */
static const struct {
	uint16_t family;
	uint8_t version;
} versions[] = {
	{ OX_GENL_DATAPATH, OVS_DATAPATH_VERSION },
	{ OX_GENL_VPORT, OVS_VPORT_VERSION },
	{ OX_GENL_FLOW, OVS_FLOW_VERSION },
	{ OX_GENL_PACKET, OVS_PACKET_VERSION },
	{ OX_GENL_METER, OVS_METER_VERSION },
	{ OX_GENL_CT_LIMIT, OVS_CT_LIMIT_VERSION },
};

static uint8_t version_of(uint16_t family)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (versions[i].family == family)
			return versions[i].version;
	}
	return OX_FAMILY_VERSION;
}

void ox_msg_begin(struct ox_msg *m, uint16_t family, uint16_t flags,
		  uint8_t cmd, uint32_t dp_ifindex)
{
	struct genlmsghdr *g;
	struct ovs_header *ovs;

	mnl_nlmsg_put_header(m->room);
	m->overflow = false;
	m->nlh.nlmsg_type = family;
	m->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	g = mnl_nlmsg_put_extra_header(&m->nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = version_of(family);
	ovs = mnl_nlmsg_put_extra_header(&m->nlh, sizeof(*ovs));
	ovs->dp_ifindex = (int)dp_ifindex;
}

void ox_msg_begin_nfnl(struct ox_msg *m, uint8_t subsys, uint16_t flags,
		       uint8_t cmd, uint8_t family)
{
	struct nfgenmsg *h;

	mnl_nlmsg_put_header(m->room);
	m->overflow = false;
	m->nlh.nlmsg_type = (uint16_t)(subsys << 8 | cmd);
	m->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	h = mnl_nlmsg_put_extra_header(&m->nlh, sizeof(*h));
	h->nfgen_family = family;
}

void ox_msg_put(struct ox_msg *m, uint16_t type, const void *data, uint32_t len)
{
	if (len > UINT16_MAX - MNL_ATTR_HDRLEN ||
	    !mnl_attr_put_check(&m->nlh, OX_MSG_ROOM, type, len, data))
		m->overflow = true;
}

void ox_msg_put_u32(struct ox_msg *m, uint16_t type, uint32_t v)
{
	ox_msg_put(m, type, &v, sizeof(v));
}

void ox_msg_put_str(struct ox_msg *m, uint16_t type, const char *s)
{
	ox_msg_put(m, type, s, (uint32_t)strlen(s) + 1);
}

static bool has_header(const struct nlmsghdr *nlh)
{
	return mnl_nlmsg_get_payload_len(nlh) >= OVS_HDR;
}

uint8_t ox_msg_cmd(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(nlh);

	return has_header(nlh) ? g->cmd : 0;
}

uint32_t ox_msg_dp(const struct nlmsghdr *nlh)
{
	const struct ovs_header *ovs;

	if (!has_header(nlh))
		return 0;
	ovs = mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN);
	return (uint32_t)ovs->dp_ifindex;
}

static void take_attrs(const struct nlattr *a, uint32_t len,
		       const struct nlattr **tb, uint16_t max)
{
	int left = (int)len;

	memset(tb, 0, sizeof(*tb) * (max + 1u));
	for (; mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) <= max)
			tb[mnl_attr_get_type(a)] = a;
		left -= (int)MNL_ALIGN(a->nla_len);
	}
}

bool ox_msg_attrs(const struct nlmsghdr *nlh, const struct nlattr **tb,
		  uint16_t max)
{
	uint32_t len = (uint32_t)mnl_nlmsg_get_payload_len(nlh);

	if (!has_header(nlh)) {
		memset(tb, 0, sizeof(*tb) * (max + 1u));
		return false;
	}
	take_attrs(mnl_nlmsg_get_payload_offset(nlh, OVS_HDR), len - OVS_HDR,
		   tb, max);
	return true;
}

void ox_nest_attrs(const struct nlattr *nest, const struct nlattr **tb,
		   uint16_t max)
{
	take_attrs(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest),
		   tb, max);
}

const void *ox_attr_data(const struct nlattr *a, uint32_t len)
{
	if (!a || mnl_attr_get_payload_len(a) < len)
		return NULL;
	return mnl_attr_get_payload(a);
}

uint32_t ox_attr_u32(const struct nlattr *a, uint32_t absent)
{
	const void *p = ox_attr_data(a, sizeof(absent));

	if (p)
		memcpy(&absent, p, sizeof(absent));
	return absent;
}

uint64_t ox_attr_u64(const struct nlattr *a, uint64_t absent)
{
	const void *p = ox_attr_data(a, sizeof(absent));

	if (p)
		memcpy(&absent, p, sizeof(absent));
	return absent;
}

void ox_attr_str(const struct nlattr *a, char *out, uint32_t size)
{
	uint32_t len = a ? mnl_attr_get_payload_len(a) : 0;

	if (len > size - 1)
		len = size - 1;
	if (len)
		memcpy(out, mnl_attr_get_payload(a), len);
	out[len] = '\0';
}
