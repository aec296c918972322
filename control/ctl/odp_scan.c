// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_scan.c - the cursor: literals, words, numbers, hexadecimal bytes.
 */
#include "control/ctl/odp_scan.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ox_odp_expected(const struct ox_odp_scan *s, const char *what)
{
	size_t column = (size_t)(s->p - s->start) + 1;

	if (s->e)
		s->e->offset = (uint32_t)column;
	if (!*s->p)
		return ox_err_set(s->e, -EINVAL,
				  "column %zu: expected %s, found the end",
				  column, what);
	return ox_err_set(s->e, -EINVAL,
			  "column %zu: expected %s, found '%.24s'", column,
			  what, s->p);
}

bool ox_odp_take(struct ox_odp_scan *s, const char *literal)
{
	size_t n = strlen(literal);

	if (strncmp(s->p, literal, n))
		return false;
	s->p += n;
	return true;
}

int ox_odp_need(struct ox_odp_scan *s, const char *literal)
{
	char what[32];

	if (ox_odp_take(s, literal))
		return 0;
	snprintf(what, sizeof(what), "'%s'", literal);
	return ox_odp_expected(s, what);
}

void ox_odp_skip_blank(struct ox_odp_scan *s)
{
	s->p += strspn(s->p, ", \t\r\n");
}

size_t ox_odp_word(const struct ox_odp_scan *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s->p[n]) ||
	       (s->p[n] && strchr("_.-", s->p[n])))
		n++;
	return n;
}

int ox_odp_number(struct ox_odp_scan *s, uint32_t max, uint32_t *v)
{
	unsigned long long got;
	char what[48];
	char *end;

	snprintf(what, sizeof(what), "a number from 0 to %u", max);
	if (!isdigit((unsigned char)*s->p))
		return ox_odp_expected(s, what);
	errno = 0;
	got = strtoull(s->p, &end, 0);
	if (errno || got > max)
		return ox_odp_expected(s, what);
	s->p = end;
	*v = (uint32_t)got;
	return 0;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int ox_odp_hex(struct ox_odp_scan *s, uint8_t *out, uint32_t size,
	       uint32_t *len)
{
	*len = 0;
	for (;;) {
		int hi, lo;

		s->p += strspn(s->p, ": \t\r\n");
		hi = nibble(s->p[0]);
		if (hi < 0)
			return 0;
		lo = nibble(s->p[1]);
		if (lo < 0)
			return ox_odp_expected(s, "two hexadecimal digits");
		if (*len == size)
			return ox_odp_expected(s, "fewer bytes");
		out[(*len)++] = (uint8_t)(hi << 4 | lo);
		s->p += 2;
	}
}

int ox_odp_parse_hex(const char *text, uint8_t *out, uint32_t size,
		     uint32_t *len, struct ox_err *e)
{
	struct ox_odp_scan s = { .start = text, .p = text, .e = e };
	int err = ox_odp_hex(&s, out, size, len);

	if (!err && *s.p)
		err = ox_odp_expected(&s, "hexadecimal digits");
	return err;
}
