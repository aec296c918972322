// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_nest.c - a nest of key attributes, taken apart: each is known, comes once
 * and has the right length. What a packet is asked for is decided in key*.c,
 * so every refusal has words: ox_key_bad().
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "control/base/attr.h"
#include "control/codec/key_int.h"

int ox_key_bad(struct ox_match *m, int code, const struct nlattr *attr,
	       const char *fmt, ...)
{
	char text[sizeof(m->err->msg)];
	va_list ap;

	if (!m->err)
		return code;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (attr && !m->made_mask)
		ox_err_attr(m->err, m->base, attr);
	return ox_err_set(m->err, code, "%s", text);
}

static int check_attr(struct ox_match *m, const struct nlattr *a,
		      uint64_t attrs)
{
	uint16_t type = mnl_attr_get_type(a);

	if (type > OX_NLA_MAX || type == OVS_KEY_ATTR_PACKET_TYPE ||
	    type == OVS_KEY_ATTR_ND_EXTENSIONS ||
	    type == OVS_KEY_ATTR_TUNNEL_INFO)
		return ox_key_bad(m, -EINVAL, a, "unknown key attribute %u",
				  type);
	if (attrs & OX_BIT(type))
		return ox_key_bad(m, -EINVAL, a, "%s is given twice",
				  ox_key_attr_name(type));
	if (!ox_key_len_ok(type, mnl_attr_get_payload_len(a)))
		return ox_key_bad(
			m, -EINVAL, a, "%s has %d bytes, %d are right",
			ox_key_attr_name(type), mnl_attr_get_payload_len(a),
			ox_key_lens[type]);
	return 0;
}

int ox_key_parse_nest(struct ox_match *m, const struct nlattr *nest,
		      uint64_t *attrs, bool nz)
{
	const struct nlattr *a;
	int rem, err;

	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		err = check_attr(m, a, *attrs);
		if (err)
			return err;
		if (nz && ox_all_zero(mnl_attr_get_payload(a),
				      mnl_attr_get_payload_len(a)))
			continue;
		*attrs |= OX_BIT(mnl_attr_get_type(a));
		m->a[mnl_attr_get_type(a)] = a;
	}
	if (rem)
		return ox_key_bad(m, -EINVAL, nest,
				  "%d stray bytes behind the key attributes",
				  rem);
	return 0;
}
