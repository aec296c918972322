// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_ct.c - the arguments of ct(): nothing outside of them is read. What is
 * taken is written in a form that is taken again, and written the same. As text
 * it is read back to that form, where there are words for it.
 *
 * Input: the family (1 byte: 2, 10 or neither), attributes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/openvswitch.h>

#include "control/codec/ct_info.h"
#include "control/ctl/odp.h"

static struct nlattr *nest_of(const uint8_t *data, size_t len)
{
	struct nlattr *a = malloc(NLA_HDRLEN + len);

	if (!a)
		abort();
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	a->nla_type = OVS_ACTION_ATTR_CT;
	if (len)
		memcpy(a + 1, data, len);
	return a;
}

static void text(const struct nlattr *nest, const uint8_t *form, uint32_t len)
{
	static const struct ox_odp_style style = { .more = true };
	struct ox_odp_attrs acts;
	struct ox_err e = { 0 };
	char *s = NULL;
	size_t size;
	FILE *f = open_memstream(&s, &size);

	if (!f)
		abort();
	ox_odp_format_actions(f, nest, nest->nla_len, &style);
	fclose(f);
	if (ox_odp_parse_actions(s, NULL, &acts, &e))
		abort();
	/* hexadecimal has every byte as it came */
	if (!strncmp(s, "ct", 2) &&
	    (ox_odp_attrs_len(&acts) != NLA_HDRLEN + len ||
	     memcmp((const uint8_t *)ox_odp_attrs_data(&acts) + NLA_HDRLEN,
		    form, len)))
		abort();
	free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t form[OX_CT_INFO_MAX], again[OX_CT_INFO_MAX], family;
	struct ox_ct_info ct, ct2;
	struct ox_err e = { 0 };
	struct nlattr *nest, *kept;
	uint32_t len;
	int err;

	if (size < 1 || size > 2048)
		return 0;
	family = data[0] == 2 || data[0] == 10 ? data[0] : 0;
	nest = nest_of(data + 1, size - 1);
	err = ox_ct_info_parse(nest, nest, family, &ct, &e);
	if (err && (!e.msg[0] || (err != -22 && err != -34)))
		abort();
	if (!err) {
		len = ox_ct_info_write(&ct, form);
		if (len > sizeof(form))
			abort();
		kept = nest_of(form, len);
		if (ox_ct_info_parse(kept, kept, family, &ct2, NULL) ||
		    ox_ct_info_write(&ct2, again) != len ||
		    memcmp(form, again, len))
			abort();
		text(kept, form, len);
		free(kept);
	}
	free(nest);
	return 0;
}
