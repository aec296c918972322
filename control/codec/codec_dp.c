// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * codec_dp.c - attributes of the family "ovs_datapath"; see codec_dp.h.
 */
#include "control/codec/codec_dp.h"

#include <errno.h>
#include <string.h>

#include "ovsxdp/abi.h"
#include "ovsxdp/nl.h"

/* datapath_policy of the module. What it has no policy for (PER_CPU_PIDS,
 * STATS) it takes with any length. */
const struct ox_nla_policy ox_dp_policy[OX_DP_ATTR_MAX + 1] = {
	[OVS_DP_ATTR_NAME] = { .type = OX_NLA_NUL_STRING,
			       .len = OX_NAME_LEN - 1 },
	[OVS_DP_ATTR_UPCALL_PID] = { .type = OX_NLA_U32 },
	[OVS_DP_ATTR_STATS] = { .type = OX_NLA_ANY },
	[OVS_DP_ATTR_MEGAFLOW_STATS] = { .type = OX_NLA_ANY },
	[OVS_DP_ATTR_USER_FEATURES] = { .type = OX_NLA_U32 },
	[OVS_DP_ATTR_MASKS_CACHE_SIZE] = { .type = OX_NLA_U32,
					   .max = OX_CACHE_MAX },
	[OVS_DP_ATTR_PER_CPU_PIDS] = { .type = OX_NLA_ANY },
	[OVS_DP_ATTR_IFINDEX] = { .type = OX_NLA_S32, .max = INT32_MAX },
};

static uint32_t u32_of(const struct nlattr *a)
{
	uint32_t v = 0;

	if (a && mnl_attr_get_payload_len(a) >= sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return v;
}

static void vendor_get(const void *buf, size_t len, struct ox_dp_attrs *out)
{
	const struct nlattr *attr;

	mnl_attr_for_each_payload (buf, len) {
		switch (mnl_attr_get_type(attr)) {
		case OX_DP_ATTR_MAX_FLOWS:
			out->max_flows = u32_of(attr);
			break;
		case OX_DP_ATTR_MAX_MASKS:
			out->max_masks = u32_of(attr);
			break;
		case OX_DP_ATTR_MAX_PORTS:
			out->max_ports = u32_of(attr);
			break;
		}
	}
}

void ox_dp_attrs_get(const struct nlattr *const *tb, const void *buf,
		     size_t len, struct ox_dp_attrs *out)
{
	const struct nlattr *a;

	memset(out, 0, sizeof(*out));
	if ((a = tb[OVS_DP_ATTR_NAME]))
		out->name = mnl_attr_get_payload(a);
	if ((a = tb[OVS_DP_ATTR_UPCALL_PID])) {
		out->upcall_pid = mnl_attr_get_payload(a);
		out->upcall_pid_len = mnl_attr_get_payload_len(a);
	}
	out->has_features = tb[OVS_DP_ATTR_USER_FEATURES];
	out->features = u32_of(tb[OVS_DP_ATTR_USER_FEATURES]);
	out->has_cache = tb[OVS_DP_ATTR_MASKS_CACHE_SIZE];
	out->cache_size = u32_of(tb[OVS_DP_ATTR_MASKS_CACHE_SIZE]);
	if ((a = tb[OVS_DP_ATTR_PER_CPU_PIDS])) {
		out->cpu_pids = mnl_attr_get_payload(a);
		out->cpu_pids_len = mnl_attr_get_payload_len(a);
	}
	out->ifindex = u32_of(tb[OVS_DP_ATTR_IFINDEX]);
	vendor_get(buf, len, out);
}

int ox_dp_info_put(struct ox_nlbuf *b, const struct ox_dp_info *i)
{
	if (ox_nl_put_str(b, OVS_DP_ATTR_NAME, i->name) ||
	    ox_nl_put(b, OVS_DP_ATTR_STATS, &i->stats, sizeof(i->stats)) ||
	    ox_nl_put(b, OVS_DP_ATTR_MEGAFLOW_STATS, &i->megaflow,
		      sizeof(i->megaflow)) ||
	    ox_nl_put_u32(b, OVS_DP_ATTR_USER_FEATURES, i->user_features) ||
	    ox_nl_put_u32(b, OVS_DP_ATTR_MASKS_CACHE_SIZE, i->cache_size))
		return -EMSGSIZE;
	if (i->cpu_pids && ox_nl_put(b, OVS_DP_ATTR_PER_CPU_PIDS, i->cpu_pids,
				     i->n_cpu_pids * sizeof(uint32_t)))
		return -EMSGSIZE;
	return ox_nl_put_u32(b, OVS_DP_ATTR_UPCALL_PID, i->upcall_pid);
}

static int copy(const struct nlattr *a, void *out, size_t size)
{
	if (!a || mnl_attr_get_payload_len(a) < size)
		return -EINVAL;
	memcpy(out, mnl_attr_get_payload(a), size);
	return 0;
}

int ox_dp_info_get(const struct nlattr *const *tb, struct ox_dp_info *out)
{
	const struct nlattr *pids = tb[OVS_DP_ATTR_PER_CPU_PIDS];

	memset(out, 0, sizeof(*out));
	if (!tb[OVS_DP_ATTR_NAME] ||
	    copy(tb[OVS_DP_ATTR_STATS], &out->stats, sizeof(out->stats)) ||
	    copy(tb[OVS_DP_ATTR_MEGAFLOW_STATS], &out->megaflow,
		 sizeof(out->megaflow)))
		return -EINVAL;
	out->name = mnl_attr_get_payload(tb[OVS_DP_ATTR_NAME]);
	out->user_features = u32_of(tb[OVS_DP_ATTR_USER_FEATURES]);
	out->cache_size = u32_of(tb[OVS_DP_ATTR_MASKS_CACHE_SIZE]);
	out->upcall_pid = u32_of(tb[OVS_DP_ATTR_UPCALL_PID]);
	if (pids) {
		out->cpu_pids = mnl_attr_get_payload(pids);
		out->n_cpu_pids =
			mnl_attr_get_payload_len(pids) / sizeof(uint32_t);
	}
	return 0;
}
