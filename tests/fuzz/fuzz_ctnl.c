// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_ctnl.c - messages of conntrack: nothing outside of the message is read.
 * What is taken for an entry, an expectation or a timeout policy can be
 * written, and is read back as the same.
 *
 * Input: what it is (1 byte), the family (1 byte), attributes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/codec/ct_limit.h"
#include "control/codec/ctnl.h"
#include "control/codec/ctnl_exp.h"
#include "control/codec/ctnl_timeout.h"

#define HEAD (NLMSG_HDRLEN + (uint32_t)sizeof(struct nfgenmsg))

static _Alignas(8) uint8_t first[4096], second[4096];
static const struct ox_ctnl_to to = { 1, 2, 0 };

static struct ox_nlbuf fresh(uint8_t *data)
{
	memset(data, 0, sizeof(first));
	return (struct ox_nlbuf){ .data = data, .size = sizeof(first) };
}

static void attrs_of(const uint8_t *message, const struct ox_nla_policy *policy,
		     int max, const struct nlattr **tb)
{
	const struct nlmsghdr *h = (const void *)message;

	if (ox_attrs_parse(message, message + HEAD, h->nlmsg_len - HEAD, policy,
			   max, tb, NULL))
		abort();
}

static void same(void)
{
	const struct nlmsghdr *h = (const void *)first;

	if (memcmp(first, second, h->nlmsg_len))
		abort();
}

static void words(int err, const struct ox_err *e)
{
	if (err && (!e->msg[0] || err > 0))
		abort();
}

static void entry(const void *base, const struct nlattr *const *tb,
		  uint8_t family)
{
	const struct nlattr *again[CTA_MAX + 1];
	struct ox_nlbuf a = fresh(first), b = fresh(second);
	struct ox_ctnl_entry e, e2;
	struct ox_ctnl_filter f;
	struct ox_err err = { 0 };
	int r = ox_ctnl_entry_parse(base, tb, family, &e, &err);

	words(r, &err);
	if (r)
		return;
	if (ox_ctnl_entry_put(&a, &to, &e))
		abort();
	attrs_of(first, ox_ctnl_policy, CTA_MAX, again);
	if (ox_ctnl_entry_parse(first, again, family, &e2, NULL) ||
	    ox_ctnl_entry_put(&b, &to, &e2))
		abort();
	same();
	if (!ox_ctnl_filter_parse(base, tb, family, &f, NULL))
		ox_ctnl_filter_match(&f, &e);
	for (uint32_t events = 1; events < 1 << 11; events <<= 1) {
		a = fresh(first);
		if (ox_ctnl_event_put(&a, &to, events, &e))
			abort();
	}
	/* a buffer of any size: all or nothing */
	a = fresh(first);
	a.size = e.timeout % 512;
	if (ox_ctnl_entry_put(&a, &to, &e) && a.len)
		abort();
}

static void requests(const void *base, const struct nlattr *const *tb,
		     uint8_t family)
{
	struct nfgenmsg h = { family, family >> 7, 0 };
	struct ox_ctnl_delete d;
	struct ox_ctnl_filter f;
	struct ox_ctnl_which w;
	struct ox_err err = { 0 };

	words(ox_ctnl_filter_parse(base, tb, family, &f, &err), &err);
	words(ox_ctnl_which_parse(base, tb, family, &w, &err), &err);
	words(ox_ctnl_delete_parse(base, tb, &h, &d, &err), &err);
}

static void expectation(const void *base, const struct nlattr *const *tb,
			uint8_t family)
{
	const struct nlattr *again[CTA_EXPECT_MAX + 1];
	struct ox_nlbuf a = fresh(first), b = fresh(second);
	struct ox_ctnl_exp_request q;
	struct ox_ctnl_exp x, x2;
	struct ox_err err = { 0 };
	int r;

	words(ox_ctnl_exp_get_parse(base, tb, family, false, &q, &err), &err);
	words(ox_ctnl_exp_get_parse(base, tb, family, true, &q, &err), &err);
	words(ox_ctnl_exp_delete_parse(base, tb, family, &q, &err), &err);
	r = ox_ctnl_exp_parse(base, tb, family, &x, &err);
	words(r, &err);
	if (r || ox_ctnl_exp_put(&a, &to, 0, &x))
		return;
	attrs_of(first, ox_ctnl_exp_policy, CTA_EXPECT_MAX, again);
	/* an ICMP mask of ones is no type that is known; NAT is shown with the
	 * protocol of the master alone */
	if (ox_ctnl_exp_parse(first, again, family, &x2, NULL))
		return;
	if (ox_ctnl_exp_put(&b, &to, 0, &x2))
		abort();
	same();
}

static void timeout(const void *base, const struct nlattr *const *tb)
{
	const struct nlattr *again[CTA_TIMEOUT_MAX + 1];
	struct ox_nlbuf a = fresh(first), b = fresh(second);
	struct ox_ctnl_timeout t, t2;
	char name[CTNL_TIMEOUT_NAME_MAX];
	struct ox_err err = { 0 };
	bool given;
	int r;

	words(ox_ctnl_timeout_name_parse(base, tb, false, name, &given, &err),
	      &err);
	words(ox_ctnl_timeout_which_parse(base, tb, &t, &err), &err);
	r = ox_ctnl_timeout_parse(base, tb, &t, &err);
	words(r, &err);
	if (r)
		return;
	if (ox_ctnl_timeout_put(&a, &to, &t))
		abort();
	attrs_of(first, ox_ctnl_timeout_policy, CTA_TIMEOUT_MAX, again);
	if (t.name[0] && (ox_ctnl_timeout_parse(first, again, &t2, NULL) ||
			  ox_ctnl_timeout_put(&b, &to, &t2)))
		abort();
	if (t.name[0])
		same();
}

static void limits(const struct nlattr *const *tb)
{
	struct ox_ct_limit l;
	uint32_t at = 0, n = 0;

	if (ox_ct_limit_need(tb, NULL))
		return;
	while (ox_ct_limit_next(tb[OVS_CT_LIMIT_ATTR_ZONE_LIMIT], &at, &l)) {
		if (l.zone < OX_CT_LIMIT_DEFAULT || l.zone > UINT16_MAX)
			abort();
		n++;
	}
	if (n * sizeof(struct ovs_zone_limit) > at)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		const struct ox_nla_policy *policy;
		int max;
	} kinds[] = {
		{ ox_ctnl_policy, CTA_MAX },
		{ ox_ctnl_exp_policy, CTA_EXPECT_MAX },
		{ ox_ctnl_timeout_policy, CTA_TIMEOUT_MAX },
		{ ox_ct_limit_policy, OVS_CT_LIMIT_ATTR_MAX },
	};
	const struct nlattr *tb[CTA_MAX + 1];
	uint8_t what, family, *copy;

	if (size < 2 || size > 4096)
		return 0;
	what = data[0] % 4;
	family = data[1] & 4 ? data[1] : data[1] & 1 ? 10 : 2;
	size -= 2;
	/* ends where the message ends, for the address sanitizer */
	copy = malloc(size + 1);
	if (!copy)
		abort();
	memcpy(copy, data + 2, size);
	if (!ox_attrs_parse(copy, copy, size, kinds[what].policy,
			    kinds[what].max, tb, NULL)) {
		if (what == 0) {
			entry(copy, tb, family);
			requests(copy, tb, family);
		} else if (what == 1) {
			expectation(copy, tb, family);
		} else if (what == 2) {
			timeout(copy, tb);
		} else {
			limits(tb);
		}
	}
	free(copy);
	return 0;
}
