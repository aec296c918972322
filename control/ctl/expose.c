// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * expose.c - the text formats of metrics.
 */
#include "control/ctl/expose.h"

#include <inttypes.h>
#include <stdarg.h>

void ox_expose_family(struct ox_expose *x, const char *name,
		      enum ox_expose_type type, const char *help)
{
	const char *own;

	x->name = name;
	x->suffix = type == OX_COUNTER ? "_total" : "";
	/* OpenMetrics names the family, the older format the samples */
	own = x->prometheus ? x->suffix : "";
	fprintf(x->f, "# HELP %s%s %s\n", name, own, help);
	fprintf(x->f, "# TYPE %s%s %s\n", name, own,
		type == OX_COUNTER ? "counter" : "gauge");
}

/* Bytes of the UTF-8 character at p; 0: it is none. */
static int utf8_len(const unsigned char *p)
{
	int n = *p < 0x80		  ? 1
		: *p >= 0xc2 && *p < 0xe0 ? 2
		: (*p & 0xf0) == 0xe0	  ? 3
		: *p >= 0xf0 && *p < 0xf5 ? 4
					  : 0;

	for (int i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* longer than it must be, a surrogate, or beyond the last one */
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* A device's name may have any byte but "/" and white space. */
static void put_text(FILE *f, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p) {
		int n = utf8_len(p);

		if (*p == '\n')
			fputs("\\n", f);
		else if (*p == '"' || *p == '\\')
			fprintf(f, "\\%c", *p);
		else if (n)
			fwrite(p, 1, (size_t)n, f);
		else
			fprintf(f, "\\\\x%02x", *p);
		p += n ? n : 1;
	}
}

static void put_labels(struct ox_expose *x, va_list ap)
{
	const char *label, *before = "{";

	fprintf(x->f, "%s%s", x->name, x->suffix);
	while ((label = va_arg(ap, const char *))) {
		fprintf(x->f, "%s%s=\"", before, label);
		put_text(x->f, va_arg(ap, const char *));
		fputc('"', x->f);
		before = ",";
	}
	fputs(*before == ',' ? "} " : " ", x->f);
}

void ox_expose(struct ox_expose *x, double value, ...)
{
	va_list ap;

	va_start(ap, value);
	put_labels(x, ap);
	va_end(ap);
	fprintf(x->f, "%.9g\n", value);
}

void ox_expose_u64(struct ox_expose *x, uint64_t value, ...)
{
	va_list ap;

	va_start(ap, value);
	put_labels(x, ap);
	va_end(ap);
	fprintf(x->f, "%" PRIu64 "\n", value);
}

void ox_expose_end(struct ox_expose *x)
{
	if (!x->prometheus)
		fputs("# EOF\n", x->f);
}
