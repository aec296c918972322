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

/* The verifier's reason is the line before its summary. */
static const char *verifier_reason(char *log)
{
	char *line, *save, *reason = NULL;

	for (line = strtok_r(log, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "processed ", 10))
			break;
		reason = line;
	}
	return reason;
}

/*
 * The first line says what failed, those after it only what failed because
 * of that; but the verifier's log comes after and is better than both.
 */
static void keep(const char *fmt, va_list ap)
{
	_cleanup_free_ char *text = NULL;
	const char *said;
	char *save;
	bool log;

	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		return;
	}
	log = strstr(text, "BEGIN PROG LOAD LOG");
	if (*last && !log)
		return;
	said = log ? verifier_reason(text) : strtok_r(text, "\n", &save);
	if (!said)
		return;
	if (!strncmp(said, "libbpf: ", 8))
		said += 8;
	snprintf(last, sizeof(last), "%s", said);
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
