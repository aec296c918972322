// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_err.c - what the checks of a list say when they refuse it: words, and
 * the offset of the attribute that is wrong.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "control/base/attr.h"
#include "control/codec/actions_int.h"

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

int ox_actions_unsupported(struct ox_actions_check *c, const struct nlattr *a,
			   const char *what)
{
	if (!c->unsupported)
		c->unsupported = ox_actions_bad(
			c, -EOPNOTSUPP, a, "action %s is not supported", what);
	return 0;
}
