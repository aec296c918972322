// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * open.c - a datapath that is there: opening maps and programs from their
 * pins, and checking that they are what abi.h says.
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <bpf/bpf.h>

/* A creation that a crash cut short, or a folder that someone tidied. */
static int torn(const struct ox_dp *dp, const char *what, struct ox_err *e)
{
	return ox_err_set(e, -EILSEQ,
			  "%s was left half made (%s): the next start of "
			  "ovsxdpd removes it",
			  dp->path, what);
}

static int open_map(struct ox_dp *dp, enum ox_map i, struct ox_err *e)
{
	const char *name = ox_map_defs[i].name;
	int fd = ox_pin_get(dp->path, name);

	if (fd == -ENOENT)
		return torn(dp, name, e);
	if (fd < 0)
		return ox_err_set(e, fd, "can't open %s/%s: %s", dp->path, name,
				  strerror(-fd));
	dp->map_fd[i] = fd;
	return 0;
}

static int bad_abi(const struct ox_dp *dp, uint32_t version, struct ox_err *e)
{
	return ox_err_set(
		e, -EPROTO,
		"%s has ABI version %u, this is %u: made by %s "
		"ovsxdpd, it forwards on. Start that one again, "
		"ovsxdpctl save and del-dp, and restore it here",
		dp->path, version, OX_ABI_VERSION,
		version ? (version > OX_ABI_VERSION ? "a newer" : "an older")
			: "another");
}

/* Another version's config may have another size: looks at its head only. */
static int open_config(struct ox_dp *dp, struct ox_err *e)
{
	const struct ox_config *c;
	struct bpf_map_info info;
	uint32_t head[2];
	void *p;
	int err = open_map(dp, OX_M_CONFIG, e);

	if (err)
		return err;
	err = ox_map_info(dp->map_fd[OX_M_CONFIG], &info);
	if (err)
		return err;
	p = ox_map_mmap(dp->map_fd[OX_M_CONFIG], info.value_size, 1);
	if (!p || info.value_size < sizeof(head)) {
		ox_map_munmap(p, info.value_size, 1);
		return bad_abi(dp, 0, e);
	}
	memcpy(head, p, sizeof(head));
	ox_map_munmap(p, info.value_size, 1);
	if (!head[0])
		return torn(dp, "not committed", e);
	if (head[0] != OX_ABI_MAGIC || head[1] != OX_ABI_VERSION)
		return bad_abi(dp, head[0] == OX_ABI_MAGIC ? head[1] : 0, e);
	if (info.value_size != sizeof(*c))
		return bad_abi(dp, head[1], e);
	dp->mem.config = ox_map_mmap(dp->map_fd[OX_M_CONFIG], sizeof(*c), 1);
	if (!dp->mem.config)
		return ox_err_set(e, -errno, "can't map %s/config: %s",
				  dp->path, strerror(errno));
	c = dp->mem.config;
	if (!c->n_buckets || c->chunk_shift > 31 || !c->max_flows ||
	    !c->max_masks)
		return ox_err_set(e, -EPROTO,
				  "%s/config holds senseless sizes: it wasn't "
				  "made by ovsxdpd, or something else wrote "
				  "to it",
				  dp->path);
	return 0;
}

static bool type_is(enum ox_map i, uint32_t type)
{
	return type == ox_map_defs[i].type ||
	       (i == OX_M_XSKS && type == OX_XSKS_WITHOUT);
}

/* A program or an administrator may have put anything in the folder: believe
 * sizes only after the kernel has confirmed them, the memory depends on
 * them. */
static int check_map(const struct ox_dp *dp, enum ox_map i, struct ox_err *e)
{
	const struct ox_map_def *def = &ox_map_defs[i];
	uint32_t want = def->entries(ox_config_of(dp));
	struct bpf_map_info info;
	int err = ox_map_info(dp->map_fd[i], &info);

	if (err)
		return ox_err_set(e, err, "can't ask about %s/%s: %s", dp->path,
				  def->name, strerror(-err));
	if (type_is(i, info.type) && info.value_size == def->value_size &&
	    info.max_entries == want)
		return 0;
	return ox_err_set(e, -EPROTO,
			  "%s/%s is of another ABI (type %u, %u x %u bytes, "
			  "not %u, %u x %u): use the version that made it",
			  dp->path, def->name, info.type, info.max_entries,
			  info.value_size, def->type, want, def->value_size);
}

/* A tail-call array loses its program with its last user: a pin that was
 * taken away and put back. */
static int check_jump(const struct ox_dp *dp, enum ox_map i, struct ox_err *e)
{
	uint32_t at = OX_JUMP_RUN, id;

	if (bpf_map_lookup_elem(dp->map_fd[i], &at, &id) == -ENOENT)
		return torn(dp, ox_map_defs[i].name, e);
	return 0;
}

static int open_progs(struct ox_dp *dp, struct ox_err *e)
{
	const char *missing;
	int err = ox_progs_open(dp, &missing, e);

	if (err == -ENOENT)
		return torn(dp, missing, e);
	if (!err)
		err = check_jump(dp, OX_M_XDP_JMP, e);
	return err ? err : check_jump(dp, OX_M_TC_JMP, e);
}

/* config first, because it says how large the others must be. */
static int open_all(struct ox_dp *dp, struct ox_err *e)
{
	int err = open_config(dp, e);
	int i;

	for (i = OX_M_CONFIG; !err && i < OX_M_COUNT; i++) {
		if (dp->map_fd[i] < 0)
			err = open_map(dp, i, e);
		if (!err)
			err = check_map(dp, i, e);
	}
	if (!err)
		err = open_progs(dp, e);
	if (!err)
		err = ox_build_read(dp->map_fd[OX_M_BUILD], &dp->build);
	if (!err)
		err = ox_maps_mmap(dp, e);
	if (!err)
		err = ox_chunks_open(dp, e);
	if (err)
		return err;
	ox_grow_init(dp);
	dp->sync_fd = ox_outer_get(dp->map_fd[OX_M_SYNC], 0);
	return dp->sync_fd < 0 ? torn(dp, "sync", e) : 0;
}

int ox_dp_open(const char *root, const char *name, struct ox_dp **out,
	       struct ox_err *e)
{
	struct ox_dp *dp;
	struct stat st;
	int err = ox_pin_check_name(name, e);

	if (err)
		return err;
	dp = ox_dp_alloc(root, name);
	if (!dp)
		return -ENOMEM;
	if (stat(dp->path, &st))
		err = ox_err_set(e, -errno, "no datapath in %s: %s", dp->path,
				 strerror(errno));
	else
		err = ox_clock_open(&dp->clock, e);
	if (!err)
		err = open_all(dp, e);
	if (err) {
		ox_dp_close(dp);
		return err;
	}
	*out = dp;
	return 0;
}
