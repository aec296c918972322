// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_ct.c - ct(...), as ovs-dpctl writes it, read and written. Its nat() is in
 * odp_ct_nat.c.
 */
#include "control/ctl/odp_ct.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <linux/openvswitch.h>

#include "control/ctl/odp_walk.h"
#include "ovsxdp/uapi.h"

static const struct ox_odp_field fd_mark = { .len = 4, .kind = OX_ODP_HEX };
static const struct ox_odp_field fd_labels = { .len = 16, .kind = OX_ODP_U128 };

/* ---- reading ---- */

/* A name up to a blank, ',' or ')'; size with its NUL. */
static int take_name(struct ox_odp_scan *s, char *to, size_t size)
{
	size_t n = strcspn(s->p, ", \t\r\n)");
	char what[48];

	snprintf(what, sizeof(what), "a name of 1 to %zu characters", size - 1);
	if (!n || n >= size)
		return ox_odp_expected(s, what);
	memset(to, 0, size);
	memcpy(to, s->p, n);
	s->p += n;
	return 0;
}

static int take_zone(struct ox_odp_scan *s, struct ox_ct_info *ct)
{
	uint32_t v;
	int err = ox_odp_number(s, UINT16_MAX, &v);

	if (!err)
		ct->zone = (uint16_t)v;
	return err;
}

static int ct_arg(struct ox_odp_scan *s, struct ox_ct_info *ct)
{
	if (ox_odp_take(s, "commit")) {
		ct->commit = true;
		return 0;
	}
	if (ox_odp_take(s, "force_commit")) {
		ct->commit = true;
		ct->force = true;
		return 0;
	}
	if (ox_odp_take(s, "zone="))
		return take_zone(s, ct);
	if (ox_odp_take(s, "mark="))
		return ox_odp_value(s, &fd_mark, &ct->mark.value,
				    &ct->mark.mask);
	if (ox_odp_take(s, "label="))
		return ox_odp_value(s, &fd_labels, ct->labels.value,
				    ct->labels.mask);
	if (ox_odp_take(s, "helper="))
		return take_name(s, ct->helper, sizeof(ct->helper));
	if (ox_odp_take(s, "timeout="))
		return take_name(s, ct->timeout, sizeof(ct->timeout));
	if (ox_odp_take(s, "eventmask=")) {
		ct->have_eventmask = true;
		return ox_odp_number(s, UINT32_MAX, &ct->eventmask);
	}
	if (ox_odp_take(s, "nat"))
		return ox_odp_ct_nat(s, ct);
	return ox_odp_expected(s, "commit, force_commit, zone=, mark=, label=, "
				  "helper=, timeout=, eventmask= or nat");
}

static int ct_args(struct ox_odp_scan *s, struct ox_ct_info *ct)
{
	int err;

	ox_odp_skip_blank(s);
	while (!ox_odp_take(s, ")")) {
		err = ct_arg(s, ct);
		if (err)
			return err;
		if (*s->p != ')' && *s->p != ',')
			return ox_odp_expected(s, "',' or ')'");
		ox_odp_skip_blank(s);
	}
	return 0;
}

int ox_odp_act_ct(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct ox_ct_info ct = { 0 };
	uint8_t nla[OX_CT_INFO_MAX];
	int err = 0;

	if (ox_odp_take(s, "("))
		err = ct_args(s, &ct);
	return err ? err
		   : ox_odp_attrs_put(out, OVS_ACTION_ATTR_CT, nla,
				      ox_ct_info_write(&ct, nla));
}

/* ---- writing ---- */

static bool name_has_words(const char *name)
{
	return !name[strcspn(name, ", \t\r\n)")];
}

/* What the syntax has no words for: ports without an address, two kinds of
 * commit, odd characters in a name. */
static bool has_words(const struct nlattr *nest, const struct ox_ct_info *ct)
{
	const struct nlattr *a;
	int commits = 0;

	mnl_attr_for_each_nested (a, nest)
		commits += mnl_attr_get_type(a) == OVS_CT_ATTR_COMMIT ||
			   mnl_attr_get_type(a) == OVS_CT_ATTR_FORCE_COMMIT;
	return commits <= 1 && name_has_words(ct->helper) &&
	       name_has_words(ct->timeout) && ox_odp_ct_nat_has_words(ct);
}

/* The separator in front of argument n: there may be none at all. */
static FILE *next(FILE *f, int *n)
{
	fputc((*n)++ ? ',' : '(', f);
	return f;
}

static void fmt_labels(FILE *f, const struct ox_ct_info *ct)
{
	fputs("label=", f);
	ox_odp_field_print(f, &fd_labels, ct->labels.value, NULL);
	if (ox_odp_field_ones(&fd_labels, ct->labels.mask))
		return;
	fputc('/', f);
	ox_odp_field_print_mask(f, &fd_labels, ct->labels.mask);
}

static void fmt_args(FILE *f, const struct ox_ct_info *ct, bool more)
{
	int n = 0;

	if (ct->commit)
		fputs(ct->force ? "force_commit" : "commit", next(f, &n));
	if (ct->zone)
		fprintf(next(f, &n), "zone=%u", ct->zone);
	if (ct->mark.mask)
		fprintf(next(f, &n), "mark=%#" PRIx32 "/%#" PRIx32,
			ct->mark.value, ct->mark.mask);
	if (!ox_odp_field_zero(&fd_labels, ct->labels.mask))
		fmt_labels(next(f, &n), ct);
	if (ct->helper[0])
		fprintf(next(f, &n), "helper=%s", ct->helper);
	if (ct->timeout[0])
		fprintf(next(f, &n), "timeout=%s", ct->timeout);
	if (ct->have_eventmask && more)
		fprintf(next(f, &n), "eventmask=%#" PRIx32, ct->eventmask);
	if (ct->nat)
		ox_odp_format_ct_nat(next(f, &n), ct);
	if (n)
		fputc(')', f);
}

bool ox_odp_format_ct(FILE *f, const struct nlattr *action,
		      const struct ox_odp_style *st)
{
	struct ox_ct_info ct;

	if (ox_ct_info_parse(action, action, 0, &ct, NULL) ||
	    !has_words(action, &ct))
		return false;
	fputs("ct", f);
	fmt_args(f, &ct, st->more);
	return true;
}
