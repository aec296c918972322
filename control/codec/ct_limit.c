// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_limit.c - limits of zones: an attribute that holds plain structs.
 */
#include "control/codec/ct_limit.h"

#include <errno.h>
#include <string.h>

const struct ox_nla_policy ox_ct_limit_policy[OVS_CT_LIMIT_ATTR_MAX + 1] = {
	[OVS_CT_LIMIT_ATTR_ZONE_LIMIT] = { .type = OX_NLA_NESTED },
};

/* check_zone_id() */
static bool zone_known(int32_t zone)
{
	return zone == OX_CT_LIMIT_DEFAULT || (zone >= 0 && zone <= UINT16_MAX);
}

bool ox_ct_limit_next(const struct nlattr *nest, uint32_t *at,
		      struct ox_ct_limit *out)
{
	uint32_t len = mnl_attr_get_payload_len(nest);
	struct ovs_zone_limit v;

	while (*at + sizeof(v) <= len) {
		memcpy(&v, (const uint8_t *)mnl_attr_get_payload(nest) + *at,
		       sizeof(v));
		*at += sizeof(v);
		if (!zone_known(v.zone_id))
			continue;
		*out = (struct ox_ct_limit){ v.zone_id, v.limit, 0 };
		return true;
	}
	return false;
}

int ox_ct_limit_need(const struct nlattr *const *tb, struct ox_err *e)
{
	if (tb[OVS_CT_LIMIT_ATTR_ZONE_LIMIT])
		return 0;
	return ox_err_set(e, -EINVAL,
			  "limits are missing: "
			  "OVS_CT_LIMIT_ATTR_ZONE_LIMIT");
}

int ox_ct_limit_put_begin(struct ox_nlbuf *b, uint32_t *mark)
{
	return ox_nl_nest(b, OVS_CT_LIMIT_ATTR_ZONE_LIMIT, mark);
}

int ox_ct_limit_put(struct ox_nlbuf *b, const struct ox_ct_limit *l)
{
	struct ovs_zone_limit v = { .zone_id = l->zone,
				    .limit = l->limit,
				    .count = l->count };

	return ox_nl_put_raw(b, &v, sizeof(v));
}

void ox_ct_limit_put_end(struct ox_nlbuf *b, uint32_t mark)
{
	ox_nl_nest_end(b, mark);
}
