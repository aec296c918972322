// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_ct_nat.c - nat(src=10.0.0.1-10.0.0.9:1024-65535,random) of a ct(), read
 * and written.
 */
#include "control/ctl/odp_ct.h"

#include <arpa/inet.h>
#include <string.h>
#include <linux/netfilter/nf_nat.h>

/* ---- reading ---- */

static const struct {
	const char *word;
	uint32_t flag;
} flags[] = {
	{ "persistent", NF_NAT_RANGE_PERSISTENT },
	{ "hash", NF_NAT_RANGE_PROTO_RANDOM },
	{ "random", NF_NAT_RANGE_PROTO_RANDOM_FULLY },
};
#define N_FLAGS (sizeof(flags) / sizeof(flags[0]))

/* "10.0.0.1", "fe80::1" or "[fe80::1]", of the family that the first had. */
static int take_address(struct ox_odp_scan *s, uint8_t *family, __be32 *out)
{
	bool bracket = *s->p == '[';
	const char *p = s->p + bracket;
	bool v4 = !bracket && strcspn(p, ".") < strcspn(p, ":");
	size_t n = strspn(p, v4 ? "0123456789." : "0123456789abcdefABCDEF:.");
	uint8_t af = v4 ? AF_INET : AF_INET6;
	char text[INET6_ADDRSTRLEN];

	if (n >= sizeof(text) || (bracket && p[n] != ']'))
		return ox_odp_expected(s, "an address");
	memcpy(text, p, n);
	text[n] = '\0';
	if ((*family && *family != af) || inet_pton(af, text, out) != 1)
		return ox_odp_expected(s, "an address, both ends of one kind");
	*family = af;
	s->p = p + n + bracket;
	return 0;
}

static int take_addresses(struct ox_odp_scan *s, struct ox_ct_info *ct)
{
	struct ox_ct_range *r = &ct->range;
	int err = take_address(s, &ct->family, r->min_addr);

	if (err)
		return err;
	r->flags |= NF_NAT_RANGE_MAP_IPS;
	memcpy(r->max_addr, r->min_addr, sizeof(r->max_addr));
	if (!ox_odp_take(s, "-"))
		return 0;
	err = take_address(s, &ct->family, r->max_addr);
	if (!err && memcmp(r->max_addr, r->min_addr, sizeof(r->max_addr)) < 0)
		err = ox_odp_expected(s, "a last address above the first");
	return err;
}

static int take_ports(struct ox_odp_scan *s, struct ox_ct_range *r)
{
	uint32_t min, max;
	int err;

	if (!ox_odp_take(s, ":"))
		return 0;
	err = ox_odp_number(s, UINT16_MAX, &min);
	max = min;
	if (!err && ox_odp_take(s, "-"))
		err = ox_odp_number(s, UINT16_MAX, &max);
	if (!err && (!min || max < min))
		err = ox_odp_expected(s, "ports from 1 on, in rising order");
	if (err)
		return err;
	r->flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
	r->min_proto = (uint16_t)min;
	r->max_proto = (uint16_t)max;
	return 0;
}

static int take_end(struct ox_odp_scan *s, struct ox_ct_info *ct, uint8_t nat)
{
	int err = 0;

	if (ct->nat & (OX_CT_SRC_NAT | OX_CT_DST_NAT))
		return ox_odp_expected(s, "either src or dst, and once");
	ct->nat |= nat;
	if (ox_odp_take(s, "="))
		err = take_addresses(s, ct);
	return err ? err : take_ports(s, &ct->range);
}

static int nat_arg(struct ox_odp_scan *s, struct ox_ct_info *ct)
{
	if (ox_odp_take(s, "src"))
		return take_end(s, ct, OX_CT_SRC_NAT);
	if (ox_odp_take(s, "dst"))
		return take_end(s, ct, OX_CT_DST_NAT);
	for (size_t i = 0; i < N_FLAGS; i++) {
		if (!ox_odp_take(s, flags[i].word))
			continue;
		ct->range.flags |= flags[i].flag;
		return 0;
	}
	return ox_odp_expected(s, "src, dst, persistent, hash or random");
}

int ox_odp_ct_nat(struct ox_odp_scan *s, struct ox_ct_info *ct)
{
	int err;

	ct->nat |= OX_CT_NAT;
	if (!ox_odp_take(s, "("))
		return 0;
	ox_odp_skip_blank(s);
	while (!ox_odp_take(s, ")")) {
		err = nat_arg(s, ct);
		if (err)
			return err;
		if (*s->p != ')' && *s->p != ',')
			return ox_odp_expected(s, "',' or ')'");
		ox_odp_skip_blank(s);
	}
	if (ct->range.flags && ct->nat == OX_CT_NAT)
		return ox_odp_expected(s, "nat flags together with src or dst");
	return 0;
}

/* ---- writing ---- */

bool ox_odp_ct_nat_has_words(const struct ox_ct_info *ct)
{
	const struct ox_ct_range *r = &ct->range;

	if ((r->flags & NF_NAT_RANGE_MAP_IPS) &&
	    memcmp(r->max_addr, r->min_addr, sizeof(r->max_addr)) < 0)
		return false;
	if (!(r->flags & NF_NAT_RANGE_PROTO_SPECIFIED))
		return true;
	return r->flags & NF_NAT_RANGE_MAP_IPS && r->min_proto &&
	       r->min_proto <= r->max_proto;
}

/* In brackets where a port follows, which has a colon as well. */
static void print_address(FILE *f, const struct ox_ct_info *ct,
			  const __be32 *addr)
{
	bool bracket = ct->family == AF_INET6 &&
		       ct->range.flags & NF_NAT_RANGE_PROTO_SPECIFIED;
	char text[INET6_ADDRSTRLEN];

	fprintf(f, "%s%s%s", bracket ? "[" : "",
		inet_ntop(ct->family, addr, text, sizeof(text)),
		bracket ? "]" : "");
}

static void print_range(FILE *f, const struct ox_ct_info *ct)
{
	const struct ox_ct_range *r = &ct->range;

	if (!(r->flags & NF_NAT_RANGE_MAP_IPS))
		return;
	fputc('=', f);
	print_address(f, ct, r->min_addr);
	if (memcmp(r->min_addr, r->max_addr, sizeof(r->min_addr))) {
		fputc('-', f);
		print_address(f, ct, r->max_addr);
	}
	if (!(r->flags & NF_NAT_RANGE_PROTO_SPECIFIED))
		return;
	fprintf(f, ":%u", r->min_proto);
	if (r->max_proto != r->min_proto)
		fprintf(f, "-%u", r->max_proto);
}

void ox_odp_format_ct_nat(FILE *f, const struct ox_ct_info *ct)
{
	fputs("nat", f);
	if (!(ct->nat & (OX_CT_SRC_NAT | OX_CT_DST_NAT)))
		return;
	fputs(ct->nat & OX_CT_SRC_NAT ? "(src" : "(dst", f);
	print_range(f, ct);
	for (size_t i = 0; i < N_FLAGS; i++)
		if (ct->range.flags & flags[i].flag)
			fprintf(f, ",%s", flags[i].word);
	fputc(')', f);
}
