/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions.c - a nest of actions to struct ox_actions: checked, kept, and
 * compiled.
 *
 * What is kept is what the module's dumps show: attribute types without
 * flags, zeroed padding, a plain set as a plain set (the module keeps it as
 * a masked one and turns it back), all else byte by byte.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/actions_int.h"
#include "control/attr.h"
#include "ovsxdp/cleanup.h"

int ox_actions_bad(struct ox_actions_check *c, int code, const struct nlattr *a,
		   const char *fmt, ...)
{
	char text[sizeof(c->err->msg)];
	va_list ap;

	if (!c->err)
		return code;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ox_err_attr(c->err, c->base, a);
	return ox_err_set(c->err, code, "%s", text);
}

static void keep_attr(uint8_t *to, const struct nlattr *a)
{
	struct nlattr *kept = (struct nlattr *)to;

	memset(to, 0, NLA_ALIGN(a->nla_len));
	memcpy(to, a, a->nla_len);
	kept->nla_type = ox_nla_type(a);
	if (ox_nla_type(a) == OVS_ACTION_ATTR_SET) {
		struct nlattr *key = (struct nlattr *)(to + NLA_HDRLEN);

		key->nla_type = ox_nla_type(key);
	}
}

/* Copies a checked list in its kept form. */
static int keep(const struct nlattr *nest, struct ox_actions *out)
{
	const struct nlattr *a;
	uint32_t len = 0;
	int rem;

	ox_nla_for_each(a, ox_nla_data(nest), ox_nla_len(nest), rem)
		len += NLA_ALIGN(a->nla_len);
	out->nla_len = len;
	out->nla = malloc(len ? len : 1);
	if (!out->nla)
		return -ENOMEM;
	len = 0;
	ox_nla_for_each(a, ox_nla_data(nest), ox_nla_len(nest), rem)
	{
		keep_attr((uint8_t *)out->nla + len, a);
		len += NLA_ALIGN(a->nla_len);
	}
	return 0;
}

int ox_actions_compile(const void *base, const struct nlattr *nest,
		       const struct ox_key *key, const struct ox_key *mask,
		       struct ox_actions *out, struct ox_err *e)
{
	struct ox_key masked;
	struct ox_actions_check c = { base, &masked, e };
	int err;

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < OX_KEY_WORDS; i++)
		masked.w[i] = key->w[i] & mask->w[i];
	err = ox_actions_validate(&c, nest);
	if (!err)
		err = keep(nest, out);
	if (!err)
		err = ox_actions_build(out->nla, out->nla_len, out);
	if (err == -E2BIG)
		ox_actions_bad(&c, err, nest,
			       "action list compiles to more than %d steps",
			       OX_ACTIONS_MAX_OPS);
	if (err)
		ox_actions_free(out);
	return err;
}

int ox_actions_recompile(const void *nla, uint32_t nla_len,
			 struct ox_actions *out)
{
	int err;

	memset(out, 0, sizeof(*out));
	out->nla = malloc(nla_len ? nla_len : 1);
	if (!out->nla)
		return -ENOMEM;
	memcpy(out->nla, nla, nla_len);
	out->nla_len = nla_len;
	err = ox_actions_build(out->nla, nla_len, out);
	if (err)
		ox_actions_free(out);
	return err;
}

void ox_actions_free(struct ox_actions *a)
{
	if (!a)
		return;
	free(a->nla);
	free(a->ops);
	memset(a, 0, sizeof(*a));
}
