// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_parse_nested.c - actions that have actions in them: sample, clone,
 * check_pkt_len, dec_ttl.
 */
#include "control/ctl/odp_scan.h"

#include <ctype.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>

#include "ovsxdp/uapi.h"

static struct nlattr *nest_start(struct ox_odp_attrs *out, uint16_t type)
{
	return mnl_attr_nest_start_check(&out->nlh, OX_ODP_ROOM, type);
}

/* A list, up to and with its ')', in a nest of its own. */
static int list(struct ox_odp_scan *s, struct ox_odp_attrs *out, uint16_t type)
{
	struct nlattr *nest = nest_start(out, type);
	int err = nest ? ox_odp_action_list(s, out) : -EMSGSIZE;

	if (!err)
		ox_odp_nest_end(out, nest);
	return err;
}

int ox_odp_act_clone(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	return list(s, out, OVS_ACTION_ATTR_CLONE);
}

/* "12.5%" to a share of UINT32_MAX, rounded. */
static int probability(struct ox_odp_scan *s, uint32_t *v)
{
	double percent;
	char *end;

	if (!isdigit((unsigned char)*s->p))
		return ox_odp_expected(s, "a percentage");
	percent = strtod(s->p, &end);
	if (*end != '%' || !(percent >= 0 && percent <= 100))
		return ox_odp_expected(s, "a percentage from 0% to 100%");
	s->p = end + 1;
	*v = (uint32_t)(percent / 100 * UINT32_MAX + .5);
	return 0;
}

/* sample(sample=P%,actions(...)) */
int ox_odp_act_sample(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct nlattr *nest;
	uint32_t share;
	int err = ox_odp_need(s, "sample=");

	if (!err)
		err = probability(s, &share);
	if (!err)
		err = ox_odp_need(s, ",actions(");
	if (err)
		return err;
	nest = nest_start(out, OVS_ACTION_ATTR_SAMPLE);
	if (!nest)
		return -EMSGSIZE;
	err = ox_odp_attrs_put(out, OVS_SAMPLE_ATTR_PROBABILITY, &share,
			       sizeof(share));
	if (!err)
		err = list(s, out, OVS_SAMPLE_ATTR_ACTIONS);
	if (!err)
		err = ox_odp_need(s, ")");
	if (!err)
		ox_odp_nest_end(out, nest);
	return err;
}

/* check_pkt_len(size=N,gt(...),le(...)) */
int ox_odp_act_check_len(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct nlattr *nest;
	uint32_t size;
	uint16_t len;
	int err = ox_odp_need(s, "size=");

	if (!err)
		err = ox_odp_number(s, UINT16_MAX, &size);
	if (!err)
		err = ox_odp_need(s, ",gt(");
	if (err)
		return err;
	nest = nest_start(out, OVS_ACTION_ATTR_CHECK_PKT_LEN);
	if (!nest)
		return -EMSGSIZE;
	len = (uint16_t)size;
	err = ox_odp_attrs_put(out, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN, &len,
			       sizeof(len));
	if (!err)
		err = list(s, out, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER);
	if (!err)
		err = ox_odp_need(s, ",le(");
	if (!err)
		err = list(s, out,
			   OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL);
	if (!err)
		err = ox_odp_need(s, ")");
	if (!err)
		ox_odp_nest_end(out, nest);
	return err;
}

/* dec_ttl(le_1(...)): what is done when the packet's life ends. */
int ox_odp_act_dec_ttl(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct nlattr *nest;
	int err = ox_odp_need(s, "le_1(");

	if (err)
		return err;
	nest = nest_start(out, OVS_ACTION_ATTR_DEC_TTL);
	if (!nest)
		return -EMSGSIZE;
	err = list(s, out, OVS_DEC_TTL_ATTR_ACTION);
	if (!err)
		err = ox_odp_need(s, ")");
	if (!err)
		ox_odp_nest_end(out, nest);
	return err;
}
