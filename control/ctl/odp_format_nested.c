// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_format_nested.c - actions that have actions in them, as text.
 */
#include "control/ctl/odp_walk.h"

#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <string.h>

#include "control/ctl/odp_scan.h"
#include "control/codec/actions_kind.h"

#define MAX_ATTR 4

/* By type; false: one that the syntax hasn't. */
static bool parse(const struct nlattr *nest, const struct nlattr **tb, int max)
{
	const struct nlattr *a;

	memset(tb, 0, sizeof(*tb) * (MAX_ATTR + 1));
	mnl_attr_for_each_nested (a, nest) {
		uint16_t type = mnl_attr_get_type(a);

		if (!type || type > max)
			return false;
		tb[type] = a;
	}
	return true;
}

static void list(FILE *f, const struct nlattr *a, const struct ox_odp_style *st,
		 int nest)
{
	ox_odp_format_list(f, mnl_attr_get_payload(a),
			   mnl_attr_get_payload_len(a), st, nest + 1);
}

static bool has_len(const struct nlattr *a, uint32_t len)
{
	return a && mnl_attr_get_payload_len(a) == len;
}

static bool sample(FILE *f, const struct nlattr *nest,
		   const struct ox_odp_style *st, int depth)
{
	const struct nlattr *tb[MAX_ATTR + 1];

	if (!parse(nest, tb, OVS_SAMPLE_ATTR_ACTIONS) ||
	    !has_len(tb[OVS_SAMPLE_ATTR_PROBABILITY], 4) ||
	    !tb[OVS_SAMPLE_ATTR_ACTIONS])
		return false;
	fprintf(f, "sample(sample=%.1f%%,actions(",
		100.0 * mnl_attr_get_u32(tb[OVS_SAMPLE_ATTR_PROBABILITY]) /
			UINT32_MAX);
	list(f, tb[OVS_SAMPLE_ATTR_ACTIONS], st, depth);
	fputs("))", f);
	return true;
}

static bool clone(FILE *f, const struct nlattr *nest,
		  const struct ox_odp_style *st, int depth)
{
	fputs("clone(", f);
	list(f, nest, st, depth);
	fputc(')', f);
	return true;
}

static bool check_len(FILE *f, const struct nlattr *nest,
		      const struct ox_odp_style *st, int depth)
{
	const struct nlattr *tb[MAX_ATTR + 1], *gt, *le;

	if (!parse(nest, tb, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL))
		return false;
	gt = tb[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER];
	le = tb[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL];
	if (!has_len(tb[OVS_CHECK_PKT_LEN_ATTR_PKT_LEN], 2) || !gt || !le)
		return false;
	fprintf(f, "check_pkt_len(size=%u,gt(",
		mnl_attr_get_u16(tb[OVS_CHECK_PKT_LEN_ATTR_PKT_LEN]));
	list(f, gt, st, depth);
	fputs("),le(", f);
	list(f, le, st, depth);
	fputs("))", f);
	return true;
}

static bool dec_ttl(FILE *f, const struct nlattr *nest,
		    const struct ox_odp_style *st, int depth)
{
	const struct nlattr *tb[MAX_ATTR + 1];

	if (!parse(nest, tb, OVS_DEC_TTL_ATTR_ACTION) ||
	    !tb[OVS_DEC_TTL_ATTR_ACTION])
		return false;
	fputs("dec_ttl(le_1(", f);
	list(f, tb[OVS_DEC_TTL_ATTR_ACTION], st, depth);
	fputs("))", f);
	return true;
}

bool ox_odp_format_nested(FILE *f, const struct nlattr *a,
			  const struct ox_odp_style *st, int nest)
{
	if (nest >= OX_ODP_MAX_NEST)
		return false;
	switch (ox_action_type(a)) {
	case OX_ACTION_SAMPLE:
		return sample(f, a, st, nest);
	case OX_ACTION_CLONE:
		return clone(f, a, st, nest);
	case OX_ACTION_CHECK_PKT_LEN:
		return check_len(f, a, st, nest);
	case OX_ACTION_DEC_TTL:
		return dec_ttl(f, a, st, nest);
	case OX_ACTION_OUTPUT:
	case OX_ACTION_USERSPACE:
	case OX_ACTION_SET:
	case OX_ACTION_SET_MASKED:
	case OX_ACTION_PUSH_VLAN:
	case OX_ACTION_POP_VLAN:
	case OX_ACTION_PUSH_MPLS:
	case OX_ACTION_ADD_MPLS:
	case OX_ACTION_POP_MPLS:
	case OX_ACTION_PUSH_ETH:
	case OX_ACTION_POP_ETH:
	case OX_ACTION_PUSH_NSH:
	case OX_ACTION_POP_NSH:
	case OX_ACTION_RECIRC:
	case OX_ACTION_HASH:
	case OX_ACTION_TRUNC:
	case OX_ACTION_METER:
	case OX_ACTION_DROP:
	case OX_ACTION_CT:
	case OX_ACTION_CT_CLEAR:
		break;
	}
	return false;
}
