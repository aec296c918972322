// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_ct.c - ct() in a list: ovs_ct_copy_action(), and the form of it that
 * is kept.
 */
#include <arpa/inet.h>
#include <errno.h>
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
	if (ox_ct_served >= OX_CT_SERVE_ALL)
		return 0;
	return ox_actions_unsupported(c, a, ox_action_name(a));
}

uint32_t ox_actions_keep_ct(const struct nlattr *a, uint8_t *to)
{
	struct ox_ct_info ct;

	if (ox_ct_info_parse(a, a, 0, &ct, NULL))
		return 0; /* not one that was checked */
	return ox_ct_info_write(&ct, to);
}
