// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * print.c - keeps what libbpf and libxdp say while something fails, so that
 * it can become part of a struct ox_err instead of noise on stderr.
 */
#include "loader/priv.h"

#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

static __thread bool capturing;
static __thread char last[160];

static void keep(const char *fmt, va_list ap)
{
	char line[sizeof(last)];
	const char *text = line;
	size_t n;

	vsnprintf(line, sizeof(line), fmt, ap);
	if (!strncmp(text, "libbpf: ", 8))
		text += 8;
	n = strcspn(text, "\n");
	/* The verifier's log starts with a frame line: no use in one line. */
	if (!n || !strncmp(text, "-- BEGIN", 8) || !strncmp(text, "-- END", 6))
		return;
	snprintf(last, sizeof(last), "%.*s", (int)n, text);
}

static int print_bpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (level == LIBBPF_WARN && capturing)
		keep(fmt, ap);
	return 0;
}

static int print_xdp(enum libxdp_print_level level, const char *fmt, va_list ap)
{
	if (level == LIBXDP_WARN && capturing)
		keep(fmt, ap);
	return 0;
}

void ox_print_begin(void)
{
	last[0] = '\0';
	capturing = true;
	libbpf_set_print(print_bpf);
	libxdp_set_print(print_xdp);
}

const char *ox_print_end(void)
{
	capturing = false;
	return last;
}
