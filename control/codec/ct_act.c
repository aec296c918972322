// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_act.c - ct() as the programs run it.
 */
#include <arpa/inet.h>
#include <string.h>
#include <linux/netfilter/nf_nat.h>

#include "control/codec/ct_info.h"
#include "control/codec/key_attr.h"

static const struct {
	uint32_t range;
	uint16_t flag;
} range_flags[] = {
	{ NF_NAT_RANGE_MAP_IPS, OX_CT_F_NAT_ADDR },
	{ NF_NAT_RANGE_PROTO_SPECIFIED, OX_CT_F_NAT_PORT },
	{ NF_NAT_RANGE_PERSISTENT, OX_CT_F_PERSISTENT },
	{ NF_NAT_RANGE_PROTO_RANDOM, OX_CT_F_HASH },
	{ NF_NAT_RANGE_PROTO_RANDOM_FULLY, OX_CT_F_RANDOM },
};

static uint16_t flags_of(const struct ox_ct_info *ct)
{
	uint16_t f = 0;

	if (ct->commit)
		f |= OX_CT_F_COMMIT;
	if (ct->force)
		f |= OX_CT_F_FORCE;
	if (!ox_all_zero(ct->labels.mask, sizeof(ct->labels.mask)))
		f |= OX_CT_F_LABELS;
	if (ct->have_eventmask)
		f |= OX_CT_F_EVENTMASK;
	if (ct->nat)
		f |= OX_CT_F_NAT;
	if (ct->nat & OX_CT_SRC_NAT)
		f |= OX_CT_F_SNAT;
	if (ct->nat & OX_CT_DST_NAT)
		f |= OX_CT_F_DNAT;
	for (size_t i = 0; i < sizeof(range_flags) / sizeof(range_flags[0]);
	     i++)
		if (ct->range.flags & range_flags[i].range)
			f |= range_flags[i].flag;
	return f;
}

static uint8_t helper_of(const char *name)
{
	if (!strcmp(name, "ftp"))
		return OX_CT_HELPER_FTP;
	return !strcmp(name, "tftp") ? OX_CT_HELPER_TFTP : OX_CT_HELPER_NONE;
}

void ox_ct_info_compile(const struct ox_ct_info *ct, struct ox_ct_act *out)
{
	memset(out, 0, sizeof(*out));
	out->zone = ct->zone;
	out->flags = flags_of(ct);
	out->helper = helper_of(ct->helper);
	out->family = ct->family; /* AF_INET is NFPROTO_IPV4, and so on */
	out->mark = ct->mark.value & ct->mark.mask;
	out->mark_mask = ct->mark.mask;
	for (size_t i = 0; i < sizeof(out->labels); i++) {
		out->labels[i] = ct->labels.value[i] & ct->labels.mask[i];
		out->labels_mask[i] = ct->labels.mask[i];
	}
	memcpy(out->nat_min, ct->range.min_addr, sizeof(out->nat_min));
	memcpy(out->nat_max, ct->range.max_addr, sizeof(out->nat_max));
	out->port_min = htons(ct->range.min_proto);
	out->port_max = htons(ct->range.max_proto);
	out->eventmask = ct->eventmask;
}
