// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_value.c - reads one field: value, or value and mask.
 */
#include "control/ctl/odp_scan.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int value_mac(struct ox_odp_scan *s, uint8_t *out)
{
	unsigned int b[6];
	int used = 0;

	if (sscanf(s->p, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2],
		   &b[3], &b[4], &b[5], &used) != 6 ||
	    strspn(s->p, "0123456789abcdefABCDEF:") != (size_t)used)
		return ox_odp_expected(s, "an Ethernet address");
	for (int i = 0; i < 6; i++)
		out[i] = (uint8_t)b[i];
	s->p += used;
	return 0;
}

static int value_addr(struct ox_odp_scan *s, int af, uint8_t *out)
{
	const char *what = af == AF_INET ? "an IPv4 address"
					 : "an IPv6 address";
	size_t n = strspn(s->p, "0123456789abcdefABCDEF:.");
	char text[INET6_ADDRSTRLEN];

	if (n >= sizeof(text))
		return ox_odp_expected(s, what);
	memcpy(text, s->p, n);
	text[n] = '\0';
	if (inet_pton(af, text, out) != 1)
		return ox_odp_expected(s, what);
	s->p += n;
	return 0;
}

/* A mask of an address: the same form, or the length of a prefix. */
static int mask_addr(struct ox_odp_scan *s, int af, uint8_t *out)
{
	size_t n = strspn(s->p, "0123456789abcdefABCDEF:.");
	uint32_t bits = af == AF_INET ? 32 : 128;
	uint32_t len;
	int err;

	if (memchr(s->p, ':', n) || memchr(s->p, '.', n))
		return value_addr(s, af, out);
	err = ox_odp_number(s, bits, &len);
	if (err)
		return err;
	memset(out, 0, bits / 8);
	for (uint32_t i = 0; i < len; i++)
		out[i / 8] |= (uint8_t)(0x80 >> i % 8);
	return 0;
}

static int value_port(struct ox_odp_scan *s, uint32_t max, uint32_t *v)
{
	size_t n = ox_odp_word(s);
	char name[64];

	if (n && n < sizeof(name) && s->ports) {
		memcpy(name, s->p, n);
		name[n] = '\0';
		if (ox_odp_port_find(s->ports, name, v)) {
			s->p += n;
			return 0;
		}
	}
	if (n && !strchr("0123456789", *s->p))
		return ox_odp_expected(
			s,
			"a port of this datapath, which 'ovsxdpctl show' lists");
	return ox_odp_number(s, max, v);
}

static int value_frag(struct ox_odp_scan *s, uint32_t max, uint32_t *v)
{
	static const char *const names[] = { "no", "first", "later" };

	for (uint32_t i = 0; i < 3; i++) {
		if (ox_odp_take(s, names[i])) {
			*v = i;
			return 0;
		}
	}
	if (!ox_odp_word(s) || !strchr("0123456789", *s->p))
		return ox_odp_expected(s, "no, first or later");
	return ox_odp_number(s, max, v);
}

static const struct ox_odp_bit *take_bit(struct ox_odp_scan *s,
					 const struct ox_odp_bit *b)
{
	for (; b->name; b++)
		if (ox_odp_take(s, b->name))
			return b;
	return NULL;
}

/* "+syn-ack": each name sets a bit of the mask, + one of the value too. */
static int signed_flags(struct ox_odp_scan *s, const struct ox_odp_field *fd,
			uint32_t *v, uint32_t *m)
{
	const struct ox_odp_bit *b;

	*v = *m = 0;
	while (*s->p == '+' || *s->p == '-') {
		bool set = *s->p++ == '+';

		b = take_bit(s, fd->names);
		if (!b)
			return ox_odp_expected(s, "a flag's name");
		if (*m & b->bit)
			return ox_odp_expected(s, "each flag once");
		*m |= b->bit;
		if (set)
			*v |= b->bit;
	}
	return 0;
}

/* "syn|ack": these and no others. */
static int named_flags(struct ox_odp_scan *s, const struct ox_odp_field *fd,
		       uint32_t *v)
{
	const struct ox_odp_bit *b;

	*v = 0;
	do {
		b = take_bit(s, fd->names);
		if (!b)
			return ox_odp_expected(s, "a flag's name");
		*v |= b->bit;
	} while (ox_odp_take(s, "|"));
	return 0;
}

static int value_flags(struct ox_odp_scan *s, const struct ox_odp_field *fd,
		       uint32_t *v, uint32_t *m)
{
	uint32_t max = ox_odp_field_max(fd);
	int err;

	*m = max;
	if (*s->p == '+' || *s->p == '-')
		return signed_flags(s, fd, v, m);
	if (!strchr("0123456789", *s->p))
		return named_flags(s, fd, v);
	err = ox_odp_number(s, max, v);
	if (!err && ox_odp_take(s, "/"))
		err = ox_odp_number(s, max, m);
	return err;
}

static int value_int(struct ox_odp_scan *s, const struct ox_odp_field *fd,
		     void *data, void *mask)
{
	uint32_t max = ox_odp_field_max(fd);
	uint32_t v = 0, m = max;
	int err;

	if (fd->kind == OX_ODP_FLAGS)
		err = value_flags(s, fd, &v, &m);
	else if (fd->kind == OX_ODP_PORT)
		err = value_port(s, max, &v);
	else if (fd->kind == OX_ODP_FRAG)
		err = value_frag(s, max, &v);
	else
		err = ox_odp_number(s, max, &v);
	if (!err && fd->kind != OX_ODP_FLAGS && ox_odp_take(s, "/"))
		err = ox_odp_number(s, max, &m);
	if (err)
		return err;
	ox_odp_field_put(fd, data, v);
	ox_odp_field_put(fd, mask, m);
	return 0;
}

static int value_mac_masked(struct ox_odp_scan *s, uint8_t *v, uint8_t *m)
{
	int err = value_mac(s, v);

	memset(m, 0xff, 6);
	if (!err && ox_odp_take(s, "/"))
		err = value_mac(s, m);
	return err;
}

static int value_addr_masked(struct ox_odp_scan *s, int af, uint8_t *v,
			     uint8_t *m)
{
	int err = value_addr(s, af, v);

	memset(m, 0xff, af == AF_INET ? 4 : 16);
	if (!err && ox_odp_take(s, "/"))
		err = mask_addr(s, af, m);
	return err;
}

static int value_u128(struct ox_odp_scan *s, uint8_t *out)
{
	uint8_t digit;
	int n = 0;

	memset(out, 0, 16);
	ox_odp_take(s, "0x");
	for (; n < 32 && isxdigit((unsigned char)*s->p); s->p++, n++) {
		digit = (uint8_t)(isdigit((unsigned char)*s->p)
					  ? *s->p - '0'
					  : (*s->p | 0x20) - 'a' + 10);
		for (int i = 15; i; i--)
			out[i] = (uint8_t)(out[i] << 4 | out[i - 1] >> 4);
		out[0] = (uint8_t)(out[0] << 4 | digit);
	}
	if (!n || isxdigit((unsigned char)*s->p))
		return ox_odp_expected(s, "1 to 32 hexadecimal digits");
	return 0;
}

static int value_u128_masked(struct ox_odp_scan *s, uint8_t *v, uint8_t *m)
{
	int err = value_u128(s, v);

	memset(m, 0xff, 16);
	if (!err && ox_odp_take(s, "/"))
		err = value_u128(s, m);
	return err;
}

static int value_u64(struct ox_odp_scan *s, uint8_t *out)
{
	unsigned long long v;
	char *end;

	if (!isdigit((unsigned char)*s->p))
		return ox_odp_expected(s, "a number of 64 bits");
	errno = 0;
	v = strtoull(s->p, &end, 0);
	if (errno)
		return ox_odp_expected(s, "a number of 64 bits");
	s->p = end;
	v = htobe64(v);
	memcpy(out, &v, 8);
	return 0;
}

static int value_u64_masked(struct ox_odp_scan *s, uint8_t *v, uint8_t *m)
{
	int err = value_u64(s, v);

	memset(m, 0xff, 8);
	if (!err && ox_odp_take(s, "/"))
		err = value_u64(s, m);
	return err;
}

int ox_odp_value(struct ox_odp_scan *s, const struct ox_odp_field *fd,
		 void *data, void *mask)
{
	uint8_t *v = (uint8_t *)data + fd->off;
	uint8_t *m = (uint8_t *)mask + fd->off;

	if (fd->kind == OX_ODP_MAC)
		return value_mac_masked(s, v, m);
	if (fd->kind == OX_ODP_IPV4)
		return value_addr_masked(s, AF_INET, v, m);
	if (fd->kind == OX_ODP_IPV6)
		return value_addr_masked(s, AF_INET6, v, m);
	if (fd->kind == OX_ODP_U128)
		return value_u128_masked(s, v, m);
	if (fd->kind == OX_ODP_U64)
		return value_u64_masked(s, v, m);
	return value_int(s, fd, data, mask);
}
