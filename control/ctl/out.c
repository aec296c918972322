// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * out.c - what commands have to say: JSON, and notes beside an error.
 */
#include "control/ctl/ctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ox_ctl_print_json(struct ox_ctl *ctl, cJSON *v, bool compact)
{
	char *text = compact ? cJSON_PrintUnformatted(v) : cJSON_Print(v);

	if (text)
		fprintf(ctl->out, "%s\n", text);
	cJSON_free(text);
	cJSON_Delete(v);
	fflush(ctl->out);
}

void ox_ctl_note(struct ox_ctl *ctl, const char *fmt, ...)
{
	char was[sizeof(ctl->err.msg)], note[sizeof(ctl->err.msg)];
	va_list ap;

	memcpy(was, ctl->err.msg, sizeof(was));
	va_start(ap, fmt);
	vsnprintf(note, sizeof(note), fmt, ap);
	va_end(ap);
	ox_err_set(&ctl->err, ctl->err.code, "%s%s%s", was, *was ? "; " : "",
		   note);
}

int ox_ctl_of(struct ox_ctl *ctl, int err, const char *name)
{
	char was[sizeof(ctl->err.msg)];

	memcpy(was, ctl->err.msg, sizeof(was));
	return err ? ox_err_set(&ctl->err, err, "%s: %s", name, was) : 0;
}
