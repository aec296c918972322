// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * attr.c - attributes checked by policy, in the order and with the words of
 * the kernel's liberal validation (lib/nlattr.c): clients compare both errno
 * and text with the module's.
 */
#include "control/base/attr.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Shortest payload of the types that have one (nla_attr_minlen). */
static const uint8_t min_len[] = {
	[OX_NLA_U8] = 1,  [OX_NLA_U16] = 2, [OX_NLA_U32] = 4,
	[OX_NLA_U64] = 8, [OX_NLA_S32] = 4, [OX_NLA_ANY] = 0,
};

void ox_err_attr(struct ox_err *e, const void *base, const struct nlattr *attr)
{
	if (e && base && attr)
		e->offset = (uint32_t)((const uint8_t *)attr -
				       (const uint8_t *)base);
}

static int bad(struct ox_err *e, const void *base, const struct nlattr *a,
	       int code, const char *text)
{
	ox_err_attr(e, base, a);
	return ox_err_set(e, code, "%s", text);
}

static int bad_policy(struct ox_err *e, const void *base,
		      const struct nlattr *a, int code)
{
	return bad(e, base, a, code, "Attribute failed policy validation");
}

/* Payloads are only 4-byte aligned, so no direct 8-byte loads. */
static uint64_t uint_value(const struct nlattr *a, enum ox_nla_type type)
{
	const void *p = mnl_attr_get_payload(a);
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	switch (type) {
	case OX_NLA_U8:
		return *(const uint8_t *)p;
	case OX_NLA_U16:
		memcpy(&v16, p, sizeof(v16));
		return v16;
	case OX_NLA_U32:
	case OX_NLA_S32: /* a negative one is above any max */
		memcpy(&v32, p, sizeof(v32));
		return v32;
	default:
		memcpy(&v64, p, sizeof(v64));
		return v64;
	}
}

static bool is_uint(enum ox_nla_type type)
{
	return type >= OX_NLA_U8 && type <= OX_NLA_S32;
}

/* 0, -ERANGE or -EINVAL: the string types. */
static int check_string(const struct nlattr *a, const struct ox_nla_policy *p)
{
	const char *s = mnl_attr_get_payload(a);
	uint32_t len = mnl_attr_get_payload_len(a);

	if (p->type == OX_NLA_NUL_STRING) {
		uint32_t n = len;

		/* the NUL must be within the allowed length */
		if (p->len && p->len + 1 < n)
			n = p->len + 1;
		if (!n || !memchr(s, '\0', n))
			return -EINVAL;
	}
	if (!len)
		return -ERANGE;
	if (p->len) {
		if (s[len - 1] == '\0')
			len--;
		if (len > p->len)
			return -ERANGE;
	}
	return 0;
}

/* 0, -ERANGE or -EINVAL: is the payload's length right for its type? */
static int check_len(const struct nlattr *a, const struct ox_nla_policy *p)
{
	uint32_t len = mnl_attr_get_payload_len(a);
	uint32_t least;

	switch (p->type) {
	case OX_NLA_STRING:
	case OX_NLA_NUL_STRING:
		return check_string(a, p);
	case OX_NLA_FLAG:
		return len ? -ERANGE : 0;
	case OX_NLA_NESTED:
		return len && len < MNL_ATTR_HDRLEN ? -ERANGE : 0;
	case OX_NLA_EXACT:
		return len != p->len ? -EINVAL : 0;
	case OX_NLA_MIN:
		return len < p->len ? -ERANGE : 0;
	case OX_NLA_BINARY:
		return len > p->len ? -ERANGE : 0;
	default:
		least = min_len[p->type];
		return len < least ? -ERANGE : 0;
	}
}

static int check(const void *base, const struct nlattr *a,
		 const struct ox_nla_policy *p, struct ox_err *e)
{
	int err = check_len(a, p);
	uint64_t v;

	if (err)
		return bad_policy(e, base, a, err);
	if (!is_uint(p->type) || (!p->max && !p->bits))
		return 0;
	v = uint_value(a, p->type);
	if (p->max && (v < p->min || v > p->max))
		return bad(e, base, a, -ERANGE, "integer out of range");
	if (p->bits && (v & ~p->bits))
		return bad(e, base, a, -EINVAL, "reserved bit set");
	return 0;
}

int ox_attrs_parse(const void *base, const void *buf, size_t len,
		   const struct ox_nla_policy *policy, int max,
		   const struct nlattr **tb, struct ox_err *e)
{
	const uint8_t *at = buf, *end = at + len;
	int err;

	memset(tb, 0, sizeof(*tb) * (size_t)(max + 1));
	while ((size_t)(end - at) >= sizeof(struct nlattr)) {
		const struct nlattr *a = (const void *)at;
		int type = a->nla_type & NLA_TYPE_MASK;
		size_t step = NLA_ALIGN(a->nla_len);

		if (a->nla_len < sizeof(*a) || a->nla_len > end - at)
			break;
		at = step < (size_t)(end - at) ? at + step : end;
		if (!type || type > max)
			continue;
		if (policy && policy[type].type == OX_NLA_NONE)
			continue;
		err = policy ? check(base, a, &policy[type], e) : 0;
		if (err)
			return err;
		tb[type] = a;
	}
	/* Only a warning, as in the kernel: code stays 0. */
	if (at != end && e && !e->msg[0])
		ox_err_set(e, 0, "bytes leftover after parsing attributes");
	return 0;
}
