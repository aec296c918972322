// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_host.c - check-host: the table of what a datapath needs of this host,
 * feature by feature. It asks the kernel, not the daemon.
 */
#include "control/ctl/ctl.h"

#include <errno.h>

#include "ovsxdp/dp.h"
#include "ovsxdp/host.h"

static const char *there(int note)
{
	if (note == OX_HOST_UNASKED)
		return "?";
	return note ? "no" : "yes";
}

static void print_row(FILE *f, const struct ox_host *h, enum ox_host_feature i)
{
	char why[256];

	fprintf(f, "%-16s %s\n", ox_host_name(i), there(h->note[i]));
	ox_host_why(h, i, why, sizeof(why));
	if (*why)
		fprintf(f, "    why: %s\n    without it: %s\n", why,
			ox_host_costs(h, i));
}

void ox_host_print(FILE *f, const struct ox_host *h)
{
	fprintf(f, "kernel %s%s%s\n", h->kernel,
		*h->lockdown ? ", lockdown " : "", h->lockdown);
	for (int i = 0; i < OX_HOST_COUNT; i++)
		print_row(f, h, i);
}

static cJSON *row_json(const struct ox_host *h, enum ox_host_feature i)
{
	cJSON *o = cJSON_CreateObject();
	char why[256];

	cJSON_AddStringToObject(o, "feature", ox_host_name(i));
	if (h->note[i] == OX_HOST_UNASKED)
		cJSON_AddNullToObject(o, "there");
	else
		cJSON_AddBoolToObject(o, "there", !h->note[i]);
	cJSON_AddBoolToObject(o, "needed", ox_host_needed(h, i));
	ox_host_why(h, i, why, sizeof(why));
	cJSON_AddStringToObject(o, "why", why);
	cJSON_AddStringToObject(o, "without", ox_host_costs(h, i));
	return o;
}

cJSON *ox_host_json(const struct ox_host *h)
{
	cJSON *o = cJSON_CreateObject(), *a;

	cJSON_AddStringToObject(o, "kernel", h->kernel);
	cJSON_AddStringToObject(o, "lockdown", h->lockdown);
	cJSON_AddBoolToObject(o, "datapath", ox_host_can(h));
	a = cJSON_AddArrayToObject(o, "features");
	for (int i = 0; i < OX_HOST_COUNT; i++)
		cJSON_AddItemToArray(a, row_json(h, i));
	return o;
}

/* Programs are looked at for seconds: only if the rest is there. */
int ox_cmd_check_host(struct ox_ctl *ctl)
{
	const char *root = ctl->argc ? ctl->argv[0] : OX_ROOT_DEFAULT;
	struct ox_host h;

	if (*root != '/')
		return ox_err_set(&ctl->err, OX_CTL_USAGE,
				  "folder '%.60s' must begin with a '/'", root);
	ox_host_probe(&h, root);
	if (ox_host_can(&h))
		ox_host_probe_long(&h);
	if (ctl->json)
		ox_ctl_print_json(ctl, ox_host_json(&h), false);
	else
		ox_host_print(ctl->out, &h);
	if (!ctl->json && ox_host_can(&h))
		fputs("A datapath can be made here.\n", ctl->out);
	fflush(ctl->out); /* in front of the error */
	return ox_host_verdict(&h, &ctl->err);
}
