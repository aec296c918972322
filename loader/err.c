// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* err.c - the one way to fill a struct ox_err. */
#include "ovsxdp/err.h"

#include <stdarg.h>
#include <stdio.h>

int ox_err_set(struct ox_err *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return code;
	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return code;
}
