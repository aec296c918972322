// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_print.c - one field's value or mask as text.
 */
#include "control/ctl/odp_field.h"

#include <arpa/inet.h>
#include <endian.h>
#include <inttypes.h>
#include <string.h>

static const char *const frag_names[] = { "no", "first", "later" };

static void print_mac(FILE *f, const uint8_t *p)
{
	fprintf(f, "%02x:%02x:%02x:%02x:%02x:%02x", p[0], p[1], p[2], p[3],
		p[4], p[5]);
}

static void print_addr(FILE *f, int af, const uint8_t *p)
{
	char text[INET6_ADDRSTRLEN];

	fputs(inet_ntop(af, p, text, sizeof(text)), f);
}

/* "syn|ack", 0 for none, a number for bits without a name. */
static void print_flags(FILE *f, const struct ox_odp_bit *b, uint32_t v)
{
	const char *sep = "";

	if (!v)
		fputc('0', f);
	for (; b->name; b++) {
		if (!(v & b->bit))
			continue;
		fprintf(f, "%s%s", sep, b->name);
		sep = "|";
		v &= ~b->bit;
	}
	if (v)
		fprintf(f, "%s%#" PRIx32, sep, v);
}

void ox_odp_flags_print(FILE *f, const struct ox_odp_field *fd, uint32_t v,
			uint32_t mask)
{
	if (!mask)
		fputs("0/0", f);
	for (const struct ox_odp_bit *b = fd->names; b->name; b++)
		if (mask & b->bit)
			fprintf(f, "%c%s", v & b->bit ? '+' : '-', b->name);
}

static void print_int(FILE *f, const struct ox_odp_field *fd, uint32_t v,
		      const struct ox_odp_style *st)
{
	const char *name = NULL;

	switch (fd->kind) {
	case OX_ODP_PORT:
		name = ox_odp_port_name(st ? st->names : NULL, v);
		break;
	case OX_ODP_FRAG:
		name = v < 3 ? frag_names[v] : NULL;
		break;
	case OX_ODP_FLAGS:
		print_flags(f, fd->names, v);
		return;
	case OX_ODP_HEX:
		fprintf(f, "%#" PRIx32, v);
		return;
	case OX_ODP_NSH32:
		fprintf(f, "0x%" PRIx32, v);
		return;
	case OX_ODP_HEX4:
		fprintf(f, "0x%04" PRIx32, v);
		return;
	}
	if (name)
		fputs(name, f);
	else
		fprintf(f, "%" PRIu32, v);
}

/* As ovs-dpctl: no leading zeroes. */
static void print_u128(FILE *f, const uint8_t *p)
{
	int i = 15;

	while (i && !p[i])
		i--;
	fprintf(f, "0x%x", p[i]);
	while (i--)
		fprintf(f, "%02x", p[i]);
}

static void print_u64(FILE *f, const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	fprintf(f, "0x%" PRIx64, be64toh(v));
}

void ox_odp_field_print(FILE *f, const struct ox_odp_field *fd,
			const void *data, const struct ox_odp_style *st)
{
	const uint8_t *p = (const uint8_t *)data + fd->off;

	if (fd->kind == OX_ODP_MAC)
		print_mac(f, p);
	else if (fd->kind == OX_ODP_IPV4)
		print_addr(f, AF_INET, p);
	else if (fd->kind == OX_ODP_IPV6)
		print_addr(f, AF_INET6, p);
	else if (fd->kind == OX_ODP_U128)
		print_u128(f, p);
	else if (fd->kind == OX_ODP_U64)
		print_u64(f, p);
	else
		print_int(f, fd, ox_odp_field_get(fd, data), st);
}

void ox_odp_field_print_mask(FILE *f, const struct ox_odp_field *fd,
			     const void *mask)
{
	if (fd->kind == OX_ODP_HEX4)
		fprintf(f, "0x%04" PRIx32, ox_odp_field_get(fd, mask));
	else if (fd->kind == OX_ODP_NSH32)
		fprintf(f, "0x%08" PRIx32, ox_odp_field_get(fd, mask));
	else if (ox_odp_is_int(fd))
		fprintf(f, "%#" PRIx32, ox_odp_field_get(fd, mask));
	else
		ox_odp_field_print(f, fd, mask, NULL);
}

void ox_odp_format_tcp_letters(FILE *f, uint16_t flags)
{
	static const char letters[] = "FSRP.UECN";

	for (int i = 0; letters[i]; i++)
		if (flags & 1u << i)
			fputc(letters[i], f);
	for (int i = 9; i < 12; i++)
		if (flags & 1u << i)
			fprintf(f, "[%x]", 1u << i);
}
