// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions.c - a nest of actions to struct ox_actions: checked, kept, and
 * compiled.
 */
#include "control/codec/actions.h"

#include <errno.h>
#include <stdlib.h>

#include "control/codec/actions_int.h"
#include "ovsxdp/cleanup.h"

/* ovs_nla_copy_actions() */
static int check(struct ox_actions_check *c, const struct nlattr *nest)
{
	const struct ox_key *k = c->key;
	struct ox_actions_at at = {
		.mac_proto = k->mac_proto,
		.eth_type = k->eth_type,
		.vlan_tci = k->vlan_tci,
	};
	uint32_t copied = 0;
	int err;

	if (ox_eth_type_mpls(k->eth_type))
		at.mpls_labels =
			(uint32_t)__builtin_popcount(k->mpls.num_labels_mask);
	err = ox_actions_validate(c, nest, at, &copied);
	return err ? err : c->unsupported;
}

/* A list is shown as an attribute, too, however long it has become. */
static int keep(struct ox_actions_check *c, const struct nlattr *nest,
		struct ox_actions *out)
{
	uint32_t len = mnl_attr_get_payload_len(nest);

	if (len + c->growth > UINT16_MAX - NLA_HDRLEN)
		return ox_actions_bad(
			c, -EMSGSIZE, nest,
			"the action list is shown in more than %d "
			"bytes",
			UINT16_MAX - NLA_HDRLEN);
	out->nla = malloc(NLA_ALIGN(len) + c->growth + 1);
	if (!out->nla)
		return -ENOMEM;
	out->nla_len =
		ox_actions_keep(mnl_attr_get_payload(nest), (int)len, out->nla);
	return 0;
}

int ox_actions_compile(const void *base, const struct nlattr *nest,
		       const struct ox_key *key, const struct ox_key *mask,
		       struct ox_actions *out, struct ox_err *e)
{
	struct ox_key masked;
	struct ox_actions_check c = { .base = base, .key = &masked, .err = e };
	int err;

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < OX_KEY_WORDS; i++)
		masked.w[i] = key->w[i] & mask->w[i];
	err = check(&c, nest);
	if (!err)
		err = keep(&c, nest, out);
	if (!err)
		err = ox_actions_build(out->nla, out->nla_len, out);
	if (err == -E2BIG)
		ox_actions_bad(&c, err, nest,
			       "action list compiles to more than %d steps",
			       OX_ACTIONS_MAX_OPS);
	else if (err == -ENOMEM)
		ox_actions_bad(&c, err, nest, "no memory for an action list");
	if (err)
		ox_actions_free(out);
	return err;
}

int ox_actions_recompile(const void *nla, uint32_t nla_len,
			 struct ox_actions *out)
{
	int err;

	memset(out, 0, sizeof(*out));
	out->nla = malloc(nla_len ? nla_len : 1);
	if (!out->nla)
		return -ENOMEM;
	if (nla_len)
		memcpy(out->nla, nla, nla_len);
	out->nla_len = nla_len;
	err = ox_actions_build(out->nla, nla_len, out);
	if (err)
		ox_actions_free(out);
	return err;
}

void ox_actions_free(struct ox_actions *a)
{
	if (!a)
		return;
	free(a->nla);
	free(a->ops);
	memset(a, 0, sizeof(*a));
}

/* Is this attribute, found in the action outer, a list of actions? */
static bool holds_list(const struct nlattr *outer, uint16_t type)
{
	switch (ox_action_type(outer)) {
	case OX_ACTION_SAMPLE:
		return type == OVS_SAMPLE_ATTR_ACTIONS;
	case OX_ACTION_CHECK_PKT_LEN:
		return type == OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER ||
		       type == OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL;
	case OX_ACTION_DEC_TTL:
		return type == OVS_DEC_TTL_ATTR_ACTION;
	case OX_ACTION_CLONE: /* is a list itself */
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
		return false;
	}
	return false;
}

/* The attribute of a stream around at, other than one that starts there. */
static const struct nlattr *around(const void *stream, int len,
				   const uint8_t *at)
{
	const struct nlattr *a;
	int rem;

	ox_attr_for_each(a, stream, len, rem)
	{
		const uint8_t *start = (const uint8_t *)a;

		if (at > start && at < start + a->nla_len)
			return a;
	}
	return NULL;
}

const void *ox_actions_list_of(const void *nla, uint32_t nla_len, uint32_t off,
			       uint32_t *len)
{
	const uint8_t *at = (const uint8_t *)nla + off;
	const void *list = nla;
	const struct nlattr *a, *inner;

	*len = nla_len;
	for (int depth = 0; depth <= OX_ACTIONS_MAX_DEPTH; depth++) {
		a = around(list, (int)*len, at);
		if (!a)
			break;
		inner = a;
		if (ox_action_type(a) != OX_ACTION_CLONE) {
			inner = around(mnl_attr_get_payload(a),
				       mnl_attr_get_payload_len(a), at);
			if (!inner || !holds_list(a, mnl_attr_get_type(inner)))
				break;
		}
		list = mnl_attr_get_payload(inner);
		*len = (uint32_t)mnl_attr_get_payload_len(inner);
	}
	return list;
}
