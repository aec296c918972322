// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pin.c - folders of pins: names, paths, making, listing, removing. A file
 * name in bpffs can't have a dot in it while a device name can, so '.' is
 * written as "%2e" and '%' as "%25".
 */
#include "loader/priv.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <bpf/bpf.h>

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}
#define _cleanup_dir_ _cleanup_(closedirp)

/* The rules of device names, because the local port gets the same one. */
int ox_pin_check_name(const char *name, struct ox_err *e)
{
	const char *p;

	if (!*name || strnlen(name, OX_NAME_LEN) >= OX_NAME_LEN)
		return ox_err_set(e, -EINVAL,
				  "datapath name must have 1 to %d characters",
				  OX_NAME_LEN - 1);
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return ox_err_set(e, -EINVAL, "'%s' is no datapath name", name);
	for (p = name; *p; p++)
		if (*p == '/' || *p == ':' || isspace((unsigned char)*p))
			return ox_err_set(e, -EINVAL,
					  "datapath name '%s' has a '/', ':' "
					  "or space in it",
					  name);
	return 0;
}

/* Three characters for one at most. */
static void name_encode(const char *name, char out[3 * OX_NAME_LEN])
{
	for (; *name; name++)
		if (*name == '.' || *name == '%')
			out += sprintf(out, "%%%02x", *name);
		else
			*out++ = *name;
	*out = '\0';
}

/* False if this is no file name that name_encode() makes. */
static bool name_decode(const char *file, char out[OX_NAME_LEN])
{
	size_t n = 0;

	for (; *file; file++) {
		if (n >= OX_NAME_LEN - 1)
			return false;
		if (*file != '%') {
			out[n++] = *file;
			continue;
		}
		if (strncmp(file, "%2e", 3) && strncmp(file, "%25", 3))
			return false;
		out[n++] = file[2] == 'e' ? '.' : '%';
		file += 2;
	}
	out[n] = '\0';
	return n > 0;
}

char *ox_pin_path(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

char *ox_pin_folder(const char *root, const char *name)
{
	char file[3 * OX_NAME_LEN];

	name_encode(name, file);
	return ox_pin_path(root, file);
}

/* -EPERM here mostly means: no bpffs, or a dot in the folder's path. */
int ox_pin_fd(const char *folder, const char *name, int fd, struct ox_err *e)
{
	_cleanup_free_ char *path = ox_pin_path(folder, name);
	int err;

	if (!path)
		return -ENOMEM;
	err = bpf_obj_pin(fd, path);
	if (err)
		return ox_err_set(e, err, "can't pin %s: %s", path,
				  strerror(-err));
	return 0;
}

int ox_pin_get(const char *folder, const char *name)
{
	_cleanup_free_ char *path = ox_pin_path(folder, name);

	return path ? bpf_obj_get(path) : -ENOMEM;
}

int ox_pin_mkdir(const char *folder, struct ox_err *e)
{
	if (!mkdir(folder, 0700))
		return 0;
	switch (errno) {
	case EEXIST:
		return ox_err_set(e, -EEXIST,
				  "%s exists, and couldn't be taken over: see "
				  "what ovsxdpd logged of it when it started",
				  folder);
	case ENOENT:
		return ox_err_set(e, -ENOENT,
				  "can't make %s: its parent folder is "
				  "missing (bpffs mounted? mount -t bpf bpf "
				  "/sys/fs/bpf)",
				  folder);
	default:
		return ox_err_set(e, -errno, "can't make folder %s: %s", folder,
				  strerror(errno));
	}
}

/* config goes first: what is left is then known as torn. */
int ox_pin_remove_folder(const char *folder, struct ox_err *e)
{
	_cleanup_free_ char *config = ox_pin_path(folder, "config");
	_cleanup_dir_ DIR *d = NULL;
	struct dirent *de;

	if (!config)
		return -ENOMEM;
	if (unlink(config) && errno != ENOENT)
		return ox_err_set(e, -errno, "can't remove %s: %s", config,
				  strerror(errno));
	d = opendir(folder);
	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while ((de = readdir(d))) {
		_cleanup_free_ char *path = NULL;

		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
			continue;
		path = ox_pin_path(folder, de->d_name);
		if (!path)
			return -ENOMEM;
		if (unlink(path) && errno != ENOENT)
			return ox_err_set(e, -errno, "can't remove %s: %s",
					  path, strerror(errno));
	}
	if (rmdir(folder) && errno != ENOENT)
		return ox_err_set(e, -errno, "can't remove folder %s: %s",
				  folder, strerror(errno));
	return 0;
}

int ox_dp_remove(const char *root, const char *name, struct ox_err *e)
{
	_cleanup_free_ char *folder = NULL;
	int err = ox_pin_check_name(name, e);

	if (err)
		return err;
	folder = ox_pin_folder(root, name);
	return folder ? ox_pin_remove_folder(folder, e) : -ENOMEM;
}

/* Folders only: the daemon's state is a file beside them. */
int ox_dp_list(const char *root, int (*fn)(const char *name, void *arg),
	       void *arg)
{
	_cleanup_dir_ DIR *d = opendir(root);
	struct dirent *de;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while ((de = readdir(d))) {
		char name[OX_NAME_LEN];
		int rc;

		if (de->d_type != DT_DIR || de->d_name[0] == '.' ||
		    !name_decode(de->d_name, name))
			continue;
		rc = fn(name, arg);
		if (rc)
			return rc;
	}
	return 0;
}
