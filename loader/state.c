// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * state.c - the daemon's own pinned memory, one a network namespace
 * (space.c). Its name begins with a '%' that no datapath's folder has (bpffs
 * takes no dots).
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <bpf/bpf.h>

static int state_map(int fd, struct ox_state_mem **out)
{
	*out = ox_map_mmap(fd, sizeof(**out), 1);
	return *out ? 0 : -errno;
}

/* Complete before it gets its name, so nobody finds it half made. */
static int state_create(const char *folder, struct ox_state_mem **out,
			struct ox_err *e)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	_cleanup_fd_ int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "ovsxdp_state",
					     sizeof(uint32_t), sizeof(**out), 1,
					     &opts);
	int err;

	if (fd < 0)
		return ox_err_set(e, fd, "can't make the daemon's map: %s",
				  strerror(-fd));
	err = state_map(fd, out);
	if (err)
		return ox_err_set(e, err, "can't map the daemon's map: %s",
				  strerror(-err));
	(*out)->version = OX_ABI_VERSION;
	(*out)->magic = OX_ABI_MAGIC;
	err = ox_pin_fd(folder, OX_STATE, fd, e);
	if (err) {
		ox_state_close(*out);
		*out = NULL;
	}
	return err;
}

static int state_open(const char *folder, int fd, struct ox_state_mem **out,
		      struct ox_err *e)
{
	struct bpf_map_info info;
	int err = ox_map_info(fd, &info);

	if (!err && info.value_size == sizeof(**out))
		err = state_map(fd, out);
	if (err)
		return ox_err_set(e, err, "can't map %s/%s: %s", folder,
				  OX_STATE, strerror(-err));
	if (*out && (*out)->magic == OX_ABI_MAGIC &&
	    (*out)->version == OX_ABI_VERSION)
		return 0;
	ox_state_close(*out);
	*out = NULL;
	return ox_err_set(e, -EPROTO,
			  "%s/%s is of another ABI than this, %u: use the "
			  "version that made it",
			  folder, OX_STATE, OX_ABI_VERSION);
}

int ox_state_open(const char *folder, struct ox_state_mem **out,
		  struct ox_err *e)
{
	_cleanup_fd_ int fd = ox_pin_get(folder, OX_STATE);

	*out = NULL;
	if (fd >= 0)
		return state_open(folder, fd, out, e);
	if (fd != -ENOENT)
		return ox_err_set(e, fd, "can't open %s/%s: %s", folder,
				  OX_STATE, strerror(-fd));
	return state_create(folder, out, e);
}

int ox_state_anew(const char *folder, struct ox_state_mem **out,
		  struct ox_err *e)
{
	_cleanup_free_ char *path = ox_pin_path(folder, OX_STATE);

	if (!path)
		return -ENOMEM;
	if (unlink(path) && errno != ENOENT)
		return ox_err_set(e, -errno, "can't remove %s: %s", path,
				  strerror(errno));
	return state_create(folder, out, e);
}

void ox_state_close(struct ox_state_mem *st)
{
	ox_map_munmap(st, sizeof(*st), 1);
}
