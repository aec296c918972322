// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_ct.c - ct() in a list: ovs_ct_copy_action(), the form of it that is
 * kept, and its ops.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <linux/if_ether.h>
#include <sys/socket.h>

#include "control/codec/actions_int.h"
#include "control/codec/ct.h"
#include "control/codec/ct_info.h"

/* sizeof(struct ovs_conntrack_info) of a 64-bit kernel with NAT */
#define MODULE_INFO_SIZE 160

/* key_to_nfproto() */
static uint8_t family_of(const struct ox_key *key)
{
	if (key->eth_type == htons(ETH_P_IP))
		return AF_INET;
	return key->eth_type == htons(ETH_P_IPV6) ? AF_INET6 : 0;
}

int ox_actions_validate_ct(struct ox_actions_check *c, const struct nlattr *a,
			   uint32_t *copied)
{
	uint8_t family = family_of(c->key);
	uint8_t nla[OX_CT_INFO_MAX];
	struct ox_ct_info ct;
	uint32_t shown;
	int err;

	if (!family)
		return ox_actions_bad(c, -EINVAL, a,
				      "ct needs a match on IPv4 or IPv6");
	err = ox_ct_info_parse(c->base, a, family, &ct, c->err);
	if (err)
		return err;
	if (ct.helper[0] && !ox_ct_helper_known(ct.helper, c->key->ip_proto))
		return ox_actions_bad(c, -EINVAL, a,
				      "ct: no helper %s of IP protocol %u: ftp "
				      "is TCP's, tftp is UDP's",
				      ct.helper, c->key->ip_proto);
	shown = ox_ct_info_write(&ct, nla);
	/* a nest must also hold what it is shown as */
	*copied += NLA_HDRLEN +
		   (shown > MODULE_INFO_SIZE ? shown : MODULE_INFO_SIZE);
	if (NLA_HDRLEN + shown > a->nla_len)
		c->growth += NLA_HDRLEN + shown - a->nla_len;
	if (ox_ct_served < OX_CT_SERVE_ALL)
		return ox_actions_unsupported(c, a, ox_action_name(a));
	return 0;
}

uint32_t ox_actions_keep_ct(const struct nlattr *a, uint8_t *to)
{
	struct ox_ct_info ct;

	if (ox_ct_info_parse(a, a, 0, &ct, NULL))
		return 0; /* not one that was checked */
	return ox_ct_info_write(&ct, to);
}

static void build_arg(struct ox_build *b, enum ox_ct_arg what, const void *w,
		      __be16 port)
{
	struct ox_op_ct_arg arg = {
		.code = OX_OP_CT_ARG,
		.what = what,
		.port = port,
	};

	memcpy(arg.w, w, sizeof(arg.w));
	memcpy(ox_build_add(b, OX_OP_CT_ARG, 0), &arg, sizeof(arg));
}

static uint8_t n_args(const struct ox_ct_act *act)
{
	uint8_t n = act->flags & OX_CT_F_LABELS ? 2 : 0;

	return act->flags & (OX_CT_F_NAT_ADDR | OX_CT_F_NAT_PORT) ? n + 2 : n;
}

bool ox_build_ct(struct ox_build *b, const struct nlattr *a)
{
	struct ox_ct_info ct;
	struct ox_ct_act act;
	struct ox_op_ct op;

	if (ox_ct_info_parse(a, a, 0, &ct, NULL))
		return false;
	ox_ct_info_compile(&ct, &act);
	if (ct.timeout[0] && ox_ct_policy_place)
		act.tp = ox_ct_policy_place(ct.timeout);
	op = (struct ox_op_ct){
		.code = OX_OP_CT,
		.n_args = n_args(&act),
		.helper = act.helper,
		.zone = act.zone,
		.ct_flags = act.flags,
		.mark = act.mark,
		.mark_mask = act.mark_mask,
		.eventmask = act.eventmask,
		.tp = act.tp,
	};
	memcpy(ox_build_add(b, OX_OP_CT, 0), &op, sizeof(op));
	if (act.flags & OX_CT_F_LABELS) {
		build_arg(b, OX_CT_ARG_LABELS, act.labels, 0);
		build_arg(b, OX_CT_ARG_LABELS_MASK, act.labels_mask, 0);
	}
	if (op.n_args > (act.flags & OX_CT_F_LABELS ? 2 : 0)) {
		build_arg(b, OX_CT_ARG_NAT_MIN, act.nat_min, act.port_min);
		build_arg(b, OX_CT_ARG_NAT_MAX, act.nat_max, act.port_max);
	}
	return true;
}
