// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * probe.c - can a datapath run here? Asked once at the start, so that what
 * is missing is named together with its cause; host.c asks, host_table.c
 * judges.
 */
#include "loader/priv.h"

#include <errno.h>

#include "ovsxdp/host.h"

int ox_probe(const char *root, struct ox_err *e)
{
	struct ox_host h;
	int err;

	if (*root != '/')
		return ox_err_set(e, -EINVAL,
				  "folder '%s' must begin with a '/'", root);
	ox_host_probe(&h, root);
	err = ox_host_verdict(&h, e);
	return err ? err : ox_root_make(root, e);
}
