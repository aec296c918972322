// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_metrics.c - metrics: everything that counts, as Prometheus and its kin
 * read it.
 */
#include "control/ctl/metrics.h"

#include "ovsxdp/cleanup.h"

int ox_cmd_metrics(struct ox_ctl *ctl)
{
	_cleanup_(ox_metrics_free) struct ox_metrics m = { 0 };
	struct ox_expose x = { .f = ctl->out, .prometheus = ctl->prometheus };
	int err = ox_metrics_get(ctl, &m);

	if (!err)
		ox_metrics_print(&x, &m);
	return err;
}
