// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_parse.c - a zone, and the tuple of a connection, from words.
 */
#include "control/ctl/ct.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"

int ox_ct_zone_parse(const char *text, uint16_t *zone, struct ox_err *e)
{
	uint32_t v = 0;
	int err;

	if (strncmp(text, "zone=", 5))
		return ox_err_set(e, OX_CTL_USAGE, "'%.60s' is not zone=NUMBER",
				  text);
	err = ox_arg_u32(text + 5, UINT16_MAX, &v, e);
	*zone = (uint16_t)v;
	return err;
}

static int address(struct ox_ctnl_tuple *t, uint8_t l3, __be32 *to,
		   const char *text, struct ox_err *e)
{
	if (t->l3 && t->l3 != l3)
		return ox_err_set(e, OX_CTL_USAGE,
				  "'%.60s': one end is of IPv4, the other of "
				  "IPv6",
				  text);
	t->l3 = l3;
	if (inet_pton(l3, text, to) == 1)
		return 0;
	return ox_err_set(e, OX_CTL_USAGE, "'%.60s' is not an IPv%c address",
			  text, l3 == AF_INET6 ? '6' : '4');
}

static int number(const char *text, uint32_t max, void *to, size_t len,
		  struct ox_err *e)
{
	uint32_t v = 0;
	int err = ox_arg_u32(text, max, &v, e);
	uint16_t be = htons((uint16_t)v);
	uint8_t byte = (uint8_t)v;

	memcpy(to, len == 2 ? (void *)&be : (void *)&byte, len);
	return err;
}

/* One KEY=VALUE. */
static int field(struct ox_ctnl_tuple *t, const char *key, const char *v,
		 struct ox_err *e)
{
	if (!strcmp(key, "ct_nw_src"))
		return address(t, AF_INET, t->src, v, e);
	if (!strcmp(key, "ct_nw_dst"))
		return address(t, AF_INET, t->dst, v, e);
	if (!strcmp(key, "ct_ipv6_src"))
		return address(t, AF_INET6, t->src, v, e);
	if (!strcmp(key, "ct_ipv6_dst"))
		return address(t, AF_INET6, t->dst, v, e);
	if (!strcmp(key, "ct_nw_proto"))
		return number(v, UINT8_MAX, &t->proto, 1, e);
	if (!strcmp(key, "ct_tp_src") || !strcmp(key, "icmp_id"))
		return number(v, UINT16_MAX, &t->sport, 2, e);
	if (!strcmp(key, "ct_tp_dst"))
		return number(v, UINT16_MAX, &t->dport, 2, e);
	if (!strcmp(key, "icmp_type"))
		return number(v, UINT8_MAX, &t->icmp_type, 1, e);
	if (!strcmp(key, "icmp_code"))
		return number(v, UINT8_MAX, &t->icmp_code, 1, e);
	return ox_err_set(e, OX_CTL_USAGE,
			  "'%.60s' is no field of a tuple: ct_nw_src, "
			  "ct_nw_dst, ct_ipv6_src, ct_ipv6_dst, ct_nw_proto, "
			  "ct_tp_src, ct_tp_dst, icmp_id, icmp_type, icmp_code",
			  key);
}

int ox_ct_tuple_parse(const char *text, struct ox_ctnl_tuple *t,
		      struct ox_err *e)
{
	_cleanup_free_ char *copy = strdup(text);
	char *word, *value, *save = NULL;
	int err = copy ? 0 : -ENOMEM;

	memset(t, 0, sizeof(*t));
	for (word = copy ? strtok_r(copy, ", ", &save) : NULL; !err && word;
	     word = strtok_r(NULL, ", ", &save)) {
		value = strchr(word, '=');
		if (!value)
			return ox_err_set(e, OX_CTL_USAGE,
					  "'%.60s' is not FIELD=VALUE", word);
		*value++ = '\0';
		err = field(t, word, value, e);
	}
	if (!err && (!t->l3 || !t->proto))
		return ox_err_set(e, OX_CTL_USAGE,
				  "'%.80s': a tuple has both addresses and "
				  "ct_nw_proto",
				  text);
	return err;
}
