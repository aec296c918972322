// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * underlay_ipsec.c - whom IPsec covers; see underlay.h. A policy is taken for
 * more than it says, never for less: ports and priorities aren't looked at. A
 * peer that is covered wrongly is refused, and is seen by that; the other way
 * round plaintext would leave.
 */
#include "control/port/underlay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <linux/xfrm.h>

#include "ovsxdp/talk.h"

struct list {
	struct ox_ipsec_key *k;
	uint32_t n, room;
};

static int list_add(struct list *l, uint32_t family, const void *addr,
		    uint32_t bits)
{
	struct ox_ipsec_key *k;

	if (l->n == l->room) {
		uint32_t room = l->room ? 2 * l->room : 16;
		void *more = realloc(l->k, room * sizeof(*l->k));

		if (!more)
			return -ENOMEM;
		l->k = more;
		l->room = room;
	}
	k = &l->k[l->n++];
	memset(k, 0, sizeof(*k));
	k->prefixlen = 32 + bits;
	k->family = family;
	/* what is after the prefix must be zero, so that keys can be told */
	for (uint32_t i = 0; i < 4 && bits; i++) {
		uint32_t n = bits < 32 ? bits : 32;

		k->addr[i] = ((const __be32 *)addr)[i] &
			     htonl(n < 32 ? ~(0xffffffffu >> n) : 0xffffffffu);
		bits -= n;
	}
	return 0;
}

static bool has_template(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each (attr, nlh, sizeof(struct xfrm_userpolicy_info))
		if (mnl_attr_get_type(attr) == XFRMA_TMPL &&
		    mnl_attr_get_payload_len(attr))
			return true;
	return false;
}

/* The peer is the remote end: destination of what goes out, source of what
 * comes in. */
static int each_policy(const struct nlmsghdr *nlh, void *arg)
{
	const struct xfrm_userpolicy_info *p = mnl_nlmsg_get_payload(nlh);
	const struct xfrm_selector *s = &p->sel;
	bool out = p->dir == XFRM_POLICY_OUT;
	const xfrm_address_t *peer = out ? &s->daddr : &s->saddr;
	uint32_t bits = out ? s->prefixlen_d : s->prefixlen_s;
	int err;

	if (nlh->nlmsg_type != XFRM_MSG_NEWPOLICY || p->dir > XFRM_POLICY_OUT)
		return 0;
	if (s->proto && s->proto != IPPROTO_UDP)
		return 0;
	if (p->action == XFRM_POLICY_ALLOW && !has_template(nlh))
		return 0;
	if (s->family)
		return list_add(arg, s->family, peer,
				s->family == AF_INET && bits > 32 ? 32 : bits);
	err = list_add(arg, AF_INET, peer, 0);
	return err ? err : list_add(arg, AF_INET6, peer, 0);
}

int ox_underlay_ipsec(struct ox_ipsec_key **out, uint32_t *n)
{
	struct list l = { 0 };
	struct nlmsghdr *nlh;
	uint8_t buf[256];
	int err;

	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = XFRM_MSG_GETPOLICY;
	nlh->nlmsg_flags = NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct xfrm_userpolicy_id));
	err = ox_nl_ask(NETLINK_XFRM, nlh, each_policy, &l);
	if (err == -EPROTONOSUPPORT || err == -EAFNOSUPPORT)
		err = 0;
	if (err && err != -EINTR) {
		free(l.k);
		return err;
	}
	*out = l.k;
	*n = l.n;
	return 0;
}
