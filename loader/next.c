// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * next.c - a set of programs takes the place of the one in force, in steps that
 * a process may die between. First all of it is pinned beside that one, "build"
 * last. Then devices change over. Then each pin takes the place of the one of
 * its name, "build" last again. So while there is a next "build" the set is
 * whole, and whoever finds it goes on; what is there without one is litter.
 */
#include "loader/priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <bpf/bpf.h>

/* Members of a set that have pins: programs, then maps. */
#define N_MEMBERS (OX_P_PINNED + OX_SET_MAPS)
#define AT_STATS  (OX_P_PINNED + 2) /* "dpstats" */
_Static_assert(OX_SET_MAPS == 4, "AT_STATS");

static const char *member_name(int i)
{
	return i < OX_P_PINNED ? ox_prog_defs[i].pin
			       : ox_map_defs[ox_set_maps[i - OX_P_PINNED]].name;
}

static int *member_fd(struct ox_set *s, int i)
{
	return i < OX_P_PINNED ? &s->prog[i].fd : &s->map_fd[i - OX_P_PINNED];
}

void ox_set_init(struct ox_set *s)
{
	for (int i = 0; i < OX_P_COUNT; i++)
		s->prog[i] = (struct ox_prog){ .fd = -1 };
	for (int i = 0; i < OX_SET_MAPS; i++)
		s->map_fd[i] = -1;
}

void ox_set_close(struct ox_set *s)
{
	for (int i = 0; i < OX_P_COUNT; i++)
		ox_closep(&s->prog[i].fd);
	for (int i = 0; i < OX_SET_MAPS; i++)
		ox_closep(&s->map_fd[i]);
}

/* ---- pins ---- */

static void next_name(int i, char out[64])
{
	snprintf(out, 64, OX_PIN_NEXT "%s", member_name(i));
}

static int next_pin(struct ox_dp *dp, struct ox_set *s, struct ox_err *e)
{
	char name[64];
	int err = 0;

	for (int i = 0; !err && i < N_MEMBERS; i++) {
		next_name(i, name);
		err = ox_pin_fd(dp->path, name, *member_fd(s, i), e);
	}
	return err;
}

/* "build" first: what is left is then known as litter. */
static void next_unpin(const struct ox_dp *dp)
{
	char name[64];

	for (int i = N_MEMBERS; i-- > 0;) {
		_cleanup_free_ char *path = NULL;

		next_name(i, name);
		path = ox_pin_path(dp->path, name);
		if (path)
			unlink(path);
	}
}

/* What isn't there has been renamed before. */
static int next_rename(const struct ox_dp *dp, struct ox_err *e)
{
	char name[64];

	for (int i = 0; i < N_MEMBERS; i++) {
		_cleanup_free_ char *from = NULL, *to = NULL;

		next_name(i, name);
		from = ox_pin_path(dp->path, name);
		to = ox_pin_path(dp->path, member_name(i));
		if (!from || !to)
			return -ENOMEM;
		if (rename(from, to) && errno != ENOENT)
			return ox_err_set(e, -errno, "can't rename %s: %s",
					  from, strerror(errno));
	}
	return 0;
}

/* ---- changing over ---- */

/* What the old programs have counted goes on beside what the new ones do. */
static int carry_counters(struct ox_dp *dp, const struct ox_set *s)
{
	const int fd = s->map_fd[OX_SET_MAPS - 1];
	struct ox_build_rec b;
	uint32_t zero = 0;
	int err = ox_build_read(fd, &b);

	if (!err)
		err = ox_stats_dp(&dp->mem, &b.base);
	return err ? err : bpf_map_update_elem(fd, &zero, &b, BPF_ANY);
}

/* dp has what s had, and the other way round. */
static void exchange(struct ox_dp *dp, struct ox_set *s)
{
	for (int i = 0; i < OX_P_COUNT; i++) {
		const struct ox_prog p = dp->prog[i];

		dp->prog[i] = s->prog[i];
		s->prog[i] = p;
	}
	for (int i = 0; i < OX_SET_MAPS; i++) {
		const int fd = dp->map_fd[ox_set_maps[i]];

		dp->map_fd[ox_set_maps[i]] = s->map_fd[i];
		s->map_fd[i] = fd;
	}
	ox_build_read(dp->map_fd[OX_M_BUILD], &dp->build);
}

/* Devices have new programs. The old ones may still run, and jump by their
 * array, until a grace period has ended; it is held that long. */
static int change_over(struct ox_dp *dp, struct ox_set *s, bool counts,
		       struct ox_err *e)
{
	int err = ox_sync(&dp->mem);

	if (err)
		return ox_err_set(e, err, "no grace period: %s",
				  strerror(-err));
	ox_swap_end(dp->prog, s->prog);
	/* of those that were running on the clone device */
	err = ox_sync(&dp->mem);
	if (!err && counts)
		err = carry_counters(dp, s);
	if (err)
		return ox_err_set(e, err, "can't carry the counters over: %s",
				  strerror(-err));
	return 0;
}

/* The pins of both are there. If the way back fails as well, they keep both
 * alive, and the next daemon goes on. */
static int enter(struct ox_dp *dp, struct ox_set *s, bool counts,
		 uint32_t *n_devices, struct ox_err *e)
{
	int err = ox_swap_begin(dp->prog, s->prog, n_devices, e);
	uint32_t n;

	if (!err)
		err = change_over(dp, s, counts, e);
	if (!err) {
		err = next_rename(dp, e);
		exchange(dp, s);
		ox_set_close(s);
		return err;
	}
	if (!ox_swap_begin(s->prog, dp->prog, &n, NULL)) {
		ox_sync(&dp->mem);
		ox_swap_end(s->prog, dp->prog);
		next_unpin(dp);
	}
	return err;
}

int ox_next_enter(struct ox_dp *dp, struct ox_set *s, uint32_t *n_devices,
		  struct ox_err *e)
{
	int err;

	next_unpin(dp);
	err = next_pin(dp, s, e);
	if (err) {
		next_unpin(dp);
		return err;
	}
	return enter(dp, s, true, n_devices, e);
}

/* ---- after a process that died ---- */

/* The member's next pin, or the pin that it has become. *was: it is still the
 * next one. */
static int member_open(struct ox_dp *dp, struct ox_set *s, int i, bool *was)
{
	char name[64];
	int fd;

	next_name(i, name);
	fd = ox_pin_get(dp->path, name);
	*was = fd >= 0;
	if (fd == -ENOENT)
		fd = ox_pin_get(dp->path, member_name(i));
	if (fd < 0)
		return fd;
	*member_fd(s, i) = fd;
	return i < OX_P_PINNED ? ox_prog_id(&s->prog[i]) : 0;
}

static int set_open(struct ox_dp *dp, struct ox_set *s, bool *counts)
{
	bool was;
	int err = 0;

	for (int i = 0; !err && i < N_MEMBERS; i++) {
		err = member_open(dp, s, i, &was);
		if (i == AT_STATS)
			*counts = was;
	}
	return err;
}

static bool next_is_whole(const struct ox_dp *dp)
{
	_cleanup_fd_ int fd = -1;
	char name[64];

	next_name(N_MEMBERS - 1, name);
	fd = ox_pin_get(dp->path, name);
	return fd >= 0;
}

int ox_renew_resume(struct ox_dp *dp, struct ox_err *e)
{
	bool counts = false;
	struct ox_set s;
	uint32_t n;
	int err;

	if (!next_is_whole(dp)) {
		next_unpin(dp);
		return 0;
	}
	ox_set_init(&s);
	err = set_open(dp, &s, &counts);
	if (err)
		ox_err_set(e, err, "can't open %s/" OX_PIN_NEXT "*: %s",
			   dp->path, strerror(-err));
	else
		err = enter(dp, &s, counts, &n, e);
	ox_set_close(&s);
	return err ? err : 1;
}
