// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * probe.c - can a datapath run here? Asked once at the start, so that what
 * is missing is named together with its cause; host.c asks, host_table.c
 * judges.
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "ovsxdp/host.h"

/* Makes the folders of path that are missing. */
static int make_root(char *path, struct ox_err *e)
{
	struct stat st;
	char *slash = strrchr(path, '/');
	int err = 0;

	if (!stat(path, &st))
		return 0;
	if (slash && slash != path) {
		*slash = '\0';
		err = make_root(path, e);
		*slash = '/';
	}
	if (err)
		return err;
	if (mkdir(path, 0700) && errno != EEXIST)
		return ox_err_set(e, -errno, "can't make folder %s: %s%s", path,
				  strerror(errno),
				  strchr(path, '.') ? " (bpffs takes no dots)"
						    : "");
	return 0;
}

int ox_probe(const char *root, struct ox_err *e)
{
	_cleanup_free_ char *path = NULL;
	struct ox_host h;
	int err;

	if (*root != '/')
		return ox_err_set(e, -EINVAL,
				  "folder '%s' must begin with a '/'", root);
	path = strdup(root);
	if (!path)
		return -ENOMEM;
	ox_host_probe(&h, root);
	err = ox_host_verdict(&h, e);
	return err ? err : make_root(path, e);
}
