// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ctnl_msg.c - what all messages of conntrack share: their header, nests that
 * are checked by policy, words for what is refused.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control/codec/ctnl_int.h"

int ox_ctnl_begin(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
		  uint8_t subsys, uint8_t cmd, uint8_t family, uint16_t res_id)
{
	struct nfgenmsg h = { .nfgen_family = family,
			      .version = NFNETLINK_V0,
			      .res_id = htons(res_id) };

	return ox_nl_begin_raw(b, (uint16_t)(subsys << 8 | cmd), to->flags,
			       to->seq, to->portid, &h, sizeof(h));
}

int ox_ctnl_end(struct ox_nlbuf *b, int err)
{
	if (err)
		ox_nl_abort(b);
	else
		ox_nl_end(b);
	return err;
}

int ox_ctnl_bad(const struct ox_ctnl_in *in, int code, const struct nlattr *a,
		const char *fmt, ...)
{
	char text[sizeof(in->err->msg)];
	va_list ap;

	if (!in->err)
		return code;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ox_err_attr(in->err, in->base, a);
	return ox_err_set(in->err, code, "%s", text);
}

int ox_ctnl_nested(const struct ox_ctnl_in *in, const struct nlattr *nest,
		   const struct ox_nla_policy *policy, int max,
		   const struct nlattr **tb)
{
	return ox_attrs_parse(in->base, mnl_attr_get_payload(nest),
			      (size_t)mnl_attr_get_payload_len(nest), policy,
			      max, tb, in->err);
}

void ox_ctnl_name(const struct nlattr *a, char *to, size_t size)
{
	size_t n = strnlen(mnl_attr_get_payload(a),
			   (size_t)mnl_attr_get_payload_len(a));

	memset(to, 0, size);
	memcpy(to, mnl_attr_get_payload(a), n < size ? n : size - 1);
}
