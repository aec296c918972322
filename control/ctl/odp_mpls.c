// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_mpls.c - mpls(): the one key attribute that is an array. The fields of
 * each entry follow those of the one before; a name that comes once more
 * begins the next entry.
 */
#include "control/ctl/odp_walk.h"

#include <errno.h>
#include <string.h>

#include "control/ctl/odp_scan.h"
#include "ovsxdp/uapi.h"

/* Either no mask is written or each, whatever it is: as ovs-dpctl. */
static void format_lse(FILE *f, const uint8_t *k, const uint8_t *m)
{
	static const char *const mask_forms[] = { "/0x%x", "/%x", "/0x%x",
						  "/%x" };
	const struct ox_odp_field *fd = ox_odp_mpls.fields;

	for (int i = 0; i < ox_odp_mpls.n_fields; i++) {
		fprintf(f, "%s%s=%u", i ? "," : "", fd[i].name,
			ox_odp_field_get(&fd[i], k));
		if (m)
			fprintf(f, mask_forms[i], ox_odp_field_get(&fd[i], m));
	}
}

void ox_odp_format_mpls(FILE *f, const uint8_t *k, const uint8_t *m, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			fputc(',', f);
		format_lse(f, k + i * ox_odp_mpls.len,
			   m ? m + i * ox_odp_mpls.len : NULL);
	}
}

struct stack {
	struct ovs_key_mpls k[OX_ODP_MAX_LABELS], m[OX_ODP_MAX_LABELS];
	uint32_t n;    /* entries begun */
	uint32_t seen; /* fields of the last one, a bit each */
};

static int field_index(const struct ox_odp_scan *s)
{
	for (int i = 0; i < ox_odp_mpls.n_fields; i++) {
		const char *name = ox_odp_mpls.fields[i].name;
		size_t len = strlen(name);

		if (!strncmp(s->p, name, len) && s->p[len] == '=')
			return i;
	}
	return -1;
}

static int field(struct ox_odp_scan *s, struct stack *st)
{
	const struct ox_odp_field *fd;
	int i = field_index(s);

	if (i < 0)
		return ox_odp_expected(s, "a field of mpls: label= tc= ttl= "
					  "bos=");
	if (!st->n || st->seen & 1u << i) {
		if (st->n == OX_ODP_MAX_LABELS)
			return ox_odp_expected(s, "at most three labels");
		st->n++;
		st->seen = 0;
	}
	st->seen |= 1u << i;
	fd = &ox_odp_mpls.fields[i];
	s->p += strlen(fd->name) + 1;
	return ox_odp_value(s, fd, &st->k[st->n - 1], &st->m[st->n - 1]);
}

int ox_odp_key_mpls(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		    struct ox_odp_attrs *mask)
{
	struct stack st = { 0 };
	uint32_t len;
	int err;

	ox_odp_skip_blank(s);
	while (!ox_odp_take(s, ")")) {
		err = field(s, &st);
		if (err)
			return err;
		if (*s->p != ')' && *s->p != ',')
			return ox_odp_expected(s, "',' or ')'");
		ox_odp_skip_blank(s);
	}
	/* mpls(): some label */
	len = (st.n ? st.n : 1) * ox_odp_mpls.len;
	err = ox_odp_attrs_put(key, OVS_KEY_ATTR_MPLS, st.k, len);
	return err ? err : ox_odp_attrs_put(mask, OVS_KEY_ATTR_MPLS, st.m, len);
}
