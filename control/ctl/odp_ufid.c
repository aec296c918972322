// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_ufid.c - unique flow identifiers as text. Open vSwitch takes the 16
 * bytes for four words in host order and writes them as a UUID; other
 * lengths, which its own tools don't know, are plain bytes here.
 */
#include "control/ctl/odp_scan.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define UUID_LEN 36
#define UUID_FMT                                                        \
	"%8" SCNx32 "-%4" SCNx32 "-%4" SCNx32 "-%4" SCNx32 "-%4" SCNx32 \
	"%8" SCNx32 "%n"

static bool uuid_shape(const char *p)
{
	for (int i = 0; i < UUID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? p[i] != '-'
			 : !p[i] || !strchr("0123456789abcdefABCDEF", p[i]))
			return false;
	}
	return true;
}

static void uuid_read(const char *p, uint8_t ufid[16])
{
	uint32_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, w[4];
	int used;

	sscanf(p, UUID_FMT, &a, &b, &c, &d, &e, &f, &used);
	w[0] = a;
	w[1] = b << 16 | c;
	w[2] = d << 16 | e;
	w[3] = f;
	memcpy(ufid, w, sizeof(w));
}

int ox_odp_parse_ufid(const char *text, uint8_t ufid[16], uint8_t *len,
		      uint32_t *used, struct ox_err *e)
{
	struct ox_odp_scan s = { .start = text, .p = text, .e = e };
	uint32_t digits;
	int err;

	err = ox_odp_need(&s, "ufid:");
	if (err)
		return err;
	if (uuid_shape(s.p)) {
		uuid_read(s.p, ufid);
		*len = 16;
		*used = 5 + UUID_LEN;
		return 0;
	}
	digits = (uint32_t)strspn(s.p, "0123456789abcdefABCDEF");
	if (!digits || digits % 2 || digits > 30 || s.p[digits] == '-')
		return ox_odp_expected(&s, "a UUID or 1 to 15 bytes in "
					   "hexadecimal");
	for (uint32_t i = 0; i < digits / 2; i++) {
		unsigned int byte = 0;

		sscanf(s.p + 2 * i, "%2x", &byte);
		ufid[i] = (uint8_t)byte;
	}
	*len = (uint8_t)(digits / 2);
	*used = 5 + digits;
	return 0;
}

void ox_odp_format_ufid(FILE *f, const uint8_t *ufid, uint32_t len)
{
	uint32_t w[4];

	fputs("ufid:", f);
	if (len == sizeof(w)) {
		memcpy(w, ufid, sizeof(w));
		fprintf(f,
			"%08" PRIx32 "-%04" PRIx32 "-%04" PRIx32 "-%04" PRIx32
			"-%04" PRIx32 "%08" PRIx32,
			w[0], w[1] >> 16, w[1] & 0xffff, w[2] >> 16,
			w[2] & 0xffff, w[3]);
		return;
	}
	for (uint32_t i = 0; i < len; i++)
		fprintf(f, "%02x", ufid[i]);
}
