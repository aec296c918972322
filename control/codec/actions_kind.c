// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_kind.c - names and lengths of actions; see actions_kind.h.
 */
#include "control/codec/actions_kind.h"

/* By OVS_ACTION_ATTR_*; no name: no such action. */
static const struct {
	const char *name;
	int len;
} kinds[OX_ACTION_ATTR_MAX + 1] = {
#define KIND(id, name, len) [OX_ACTION_##id] = { name, len },
	OX_ACTION_TYPES(KIND)
#undef KIND
};

bool ox_action_known(const struct nlattr *a)
{
	uint16_t type = mnl_attr_get_type(a);

	return type <= OX_ACTION_ATTR_MAX && kinds[type].name;
}

bool ox_action_len_ok(const struct nlattr *a)
{
	int len = ox_action_len(a);

	return len == OX_LEN_ANY || len == mnl_attr_get_payload_len(a);
}

const char *ox_action_name(const struct nlattr *a)
{
	return kinds[mnl_attr_get_type(a)].name;
}

int ox_action_len(const struct nlattr *a)
{
	return kinds[mnl_attr_get_type(a)].len;
}
