// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_attrs.c - attributes under construction, which all parsers of the flow
 * syntax add to.
 */
#include "control/ctl/odp_scan.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>

void ox_odp_attrs_init(struct ox_odp_attrs *a)
{
	memset(&a->nlh, 0, sizeof(a->nlh));
	mnl_nlmsg_put_header(a->room);
}

const void *ox_odp_attrs_data(const struct ox_odp_attrs *a)
{
	return mnl_nlmsg_get_payload(&a->nlh);
}

uint32_t ox_odp_attrs_len(const struct ox_odp_attrs *a)
{
	return (uint32_t)mnl_nlmsg_get_payload_len(&a->nlh);
}

int ox_odp_attrs_put(struct ox_odp_attrs *a, uint16_t type, const void *data,
		     uint32_t len)
{
	/* an attribute's length has 16 bits: libmnl doesn't look */
	if (len > UINT16_MAX - MNL_ATTR_HDRLEN ||
	    !mnl_attr_put_check(&a->nlh, OX_ODP_ROOM, type, len, data))
		return -EMSGSIZE;
	/* libmnl leaves in the padding what was there */
	memset((uint8_t *)mnl_nlmsg_get_payload_tail(&a->nlh) -
		       (MNL_ALIGN(len) - len),
	       0, MNL_ALIGN(len) - len);
	return 0;
}

void ox_odp_nest_end(struct ox_odp_attrs *a, struct nlattr *nest)
{
	nest->nla_type &= NLA_TYPE_MASK;
	mnl_attr_nest_end(&a->nlh, nest);
}
