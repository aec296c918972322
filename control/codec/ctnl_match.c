// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ctnl_match.c - does an entry pass a filter? ctnetlink_filter_match(), but
 * for IPv6 addresses, of which kernels up to 6.1 let pass all others.
 */
#include <netinet/in.h>
#include <string.h>

#include "control/codec/ctnl_int.h"

static bool address_differs(const struct ox_ctnl_tuple *a, const __be32 *x,
			    const __be32 *y)
{
	return memcmp(x, y, a->l3 == AF_INET6 ? 16 : 4);
}

static bool ports_match(const struct ox_ctnl_tuple *f, uint32_t flags,
			const struct ox_ctnl_tuple *t)
{
	return (!(flags & OX_CTNL_F_SPORT) || f->sport == t->sport) &&
	       (!(flags & OX_CTNL_F_DPORT) || f->dport == t->dport);
}

static bool icmp_match(const struct ox_ctnl_tuple *f, uint32_t flags,
		       const struct ox_ctnl_tuple *t)
{
	bool v6 = t->proto == IPPROTO_ICMPV6;
	uint32_t type = v6 ? OX_CTNL_F_ICMPV6_TYPE : OX_CTNL_F_ICMP_TYPE;
	uint32_t code = v6 ? OX_CTNL_F_ICMPV6_CODE : OX_CTNL_F_ICMP_CODE;
	uint32_t id = v6 ? OX_CTNL_F_ICMPV6_ID : OX_CTNL_F_ICMP_ID;

	return (!(flags & type) || f->icmp_type == t->icmp_type) &&
	       (!(flags & code) || f->icmp_code == t->icmp_code) &&
	       (!(flags & id) || f->sport == t->sport);
}

static bool tuple_match(const struct ox_ctnl_tuple *f, uint32_t flags,
			const struct ox_ctnl_tuple *t)
{
	if (flags & OX_CTNL_F_IP_SRC && address_differs(t, f->src, t->src))
		return false;
	if (flags & OX_CTNL_F_IP_DST && address_differs(t, f->dst, t->dst))
		return false;
	if (flags & OX_CTNL_F_PROTO && f->proto != t->proto)
		return false;
	switch (t->proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		return ports_match(f, flags, t);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return icmp_match(f, flags, t);
	default:
		return true;
	}
}

bool ox_ctnl_filter_match(const struct ox_ctnl_filter *f,
			  const struct ox_ctnl_entry *e)
{
	if (f->family && f->family != e->tuple[0].l3)
		return false;
	if (f->has_zone && f->zone != e->zone)
		return false;
	if ((e->mark & f->mark_mask) != f->mark ||
	    (e->status & f->status_mask) != f->status)
		return false;
	for (int i = 0; i < 2; i++)
		if (f->flags[i] &&
		    !tuple_match(&f->tuple[i], f->flags[i], &e->tuple[i]))
			return false;
	return true;
}
