// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_set.c - the maps of connection tracking of a network namespace: making
 * them, with the magic in "config" written last, and opening what is there.
 */
#include "loader/ct_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <bpf/libbpf.h>

#include "bpf/ct.skel.h"

#define MAX_ENTS     (OX_CT_MAX_CHUNKS << OX_CT_CHUNK_SHIFT)
#define FIRST_CHUNKS 4u /* 16,384 connections in 4 MiB */

static struct ox_ct_set *set_alloc(const char *folder)
{
	struct ox_ct_set *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	for (int i = 0; i < OX_CT_M_COUNT; i++)
		s->map_fd[i] = -1;
	s->mem.ops = &ox_ct_set_ops;
	s->mem.owner = s;
	s->mem.n_cpus = libbpf_num_possible_cpus();
	s->path = ox_pin_path(folder, OX_CT_FOLDER);
	if (!s->path) {
		free(s);
		return NULL;
	}
	return s;
}

void ox_ct_set_close(struct ox_ct_set *s)
{
	if (!s)
		return;
	ox_ct_grow_wait(s);
	ox_ct_ring_close(s);
	ox_ct_chunks_close(s);
	ox_ct_maps_close(s);
	ovsxdp_ct__destroy(s->obj);
	free(s->path);
	free(s);
}

int ox_ct_set_remove(const char *folder, struct ox_err *e)
{
	_cleanup_free_ char *path = ox_pin_path(folder, OX_CT_FOLDER);

	return path ? ox_pin_remove_folder(path, e) : -ENOMEM;
}

struct ox_ct_mem *ox_ct_set_mem(struct ox_ct_set *s)
{
	return &s->mem;
}

int ox_ct_set_fd(const struct ox_ct_set *s, const char *map)
{
	for (int i = 0; i < OX_CT_M_COUNT; i++)
		if (!strcmp(map, ox_ct_map_defs[i].name))
			return s->map_fd[i];
	return -ENOENT;
}

/* ---- a new one ---- */

/* Half as many buckets as entries, so that entries with NAT, which are in two,
 * have room. */
static int conf_fill(struct ox_ct_conf *c, const struct ox_ct_params *p,
		     const struct ox_clock *clock, struct ox_err *e)
{
	uint32_t max = p->max ? p->max : ox_ct_kernel_max();
	uint32_t chunk = 1u << OX_CT_CHUNK_SHIFT;

	*c = (struct ox_ct_conf){
		.version = OX_CT_ABI_VERSION,
		.netns_cookie = p->netns_cookie,
		.hz = 1000000000 / clock->tick_ns,
		.flags = OX_CT_CONF_EST_LIBERAL,
		.n_buckets = chunk / 2,
	};
	if (max > MAX_ENTS && p->max)
		return ox_err_set(e, -EINVAL,
				  "%u connections are over the most, %u", max,
				  MAX_ENTS);
	if (max > MAX_ENTS)
		max = MAX_ENTS;
	c->max = (max + chunk - 1) & ~(chunk - 1);
	while (c->n_buckets < c->max / 2)
		c->n_buckets *= 2;
	if (getrandom(&c->seed, sizeof(c->seed), 0) < 0)
		return ox_err_set(e, -errno, "no random numbers: %s",
				  strerror(errno));
	c->seed |= 1;
	return 0;
}

static int make_chunks(struct ox_ct_set *s, struct ox_err *e)
{
	uint32_t n = ox_ct_chunks_max(s->mem.conf);
	int err;

	if (n > FIRST_CHUNKS)
		n = FIRST_CHUNKS;
	err = ox_ct_chunks_make(s, n);
	if (err)
		return ox_err_set(e, err, "can't make the chunks of %s: %s",
				  s->path, strerror(-err));
	s->mem.n_chunks = s->mem.conf->n_chunks = n;
	return 0;
}

/* In the order of enum ox_ct_map: conf is the first. */
static int pin_all(struct ox_ct_set *s, struct ox_err *e)
{
	int err = 0;

	if (mkdir(s->path, 0700))
		return ox_err_set(e, -errno, "can't make folder %s: %s",
				  s->path, strerror(errno));
	for (int i = 0; !err && i < OX_CT_M_COUNT; i++)
		err = ox_pin_fd(s->path, ox_ct_map_defs[i].pin, s->map_fd[i],
				e);
	return err;
}

static int make_maps(struct ox_ct_set *s, const struct ox_ct_conf *c,
		     struct ox_err *e)
{
	int err = ox_ct_progs_load(s, c, e);

	if (!err)
		err = ox_ct_maps_mmap(s, c, e);
	if (err)
		return err;
	*s->mem.conf = *c; /* magic is still 0 */
	ox_ct_kernel_knobs(s->mem.conf, s->mem.tps);
	return make_chunks(s, e);
}

static int create(struct ox_ct_set *s, const struct ox_ct_params *p,
		  struct ox_err *e)
{
	struct ox_ct_conf c;
	int err = conf_fill(&c, p, &s->clock, e);

	if (!err)
		err = make_maps(s, &c, e);
	if (!err)
		err = pin_all(s, e);
	if (!err)
		err = ox_ct_sweep_start(s, e);
	if (err) {
		ox_pin_remove_folder(s->path, NULL);
		return err;
	}
	/* the commit */
	__atomic_store_n(&s->mem.conf->magic, OX_CT_ABI_MAGIC,
			 __ATOMIC_RELEASE);
	return 0;
}

/* ---- one that is there ---- */

static int bad_abi(const struct ox_ct_set *s, uint32_t version,
		   struct ox_err *e)
{
	return ox_err_set(e, -EPROTO,
			  "%s has version %u of connection tracking, this is "
			  "%u: its connections go on, but this daemon serves "
			  "none. They end with 'rm -r %s' and a restart",
			  s->path, version, OX_CT_ABI_VERSION, s->path);
}

/* -EILSEQ: its maker died. Looks at the head only, as another version's may be
 * shorter. */
static int open_conf(struct ox_ct_set *s, struct ox_err *e)
{
	struct ox_ct_conf *c = NULL;
	struct bpf_map_info info;
	int fd = ox_pin_get(s->path, ox_ct_map_defs[OX_CT_M_CONF].pin);
	int err;

	if (fd == -ENOENT)
		return -EILSEQ;
	if (fd < 0)
		return ox_err_set(e, fd, "can't open %s/config: %s", s->path,
				  strerror(-fd));
	s->map_fd[OX_CT_M_CONF] = fd;
	err = ox_map_info(fd, &info);
	if (err || info.value_size < 8)
		return bad_abi(s, 0, e);
	c = ox_map_mmap(fd, info.value_size, 1);
	if (!c)
		return ox_err_set(e, -errno, "can't map %s/config: %s", s->path,
				  strerror(errno));
	if (!c->magic)
		err = -EILSEQ;
	else if (c->magic != OX_CT_ABI_MAGIC ||
		 c->version != OX_CT_ABI_VERSION ||
		 info.value_size != sizeof(*c))
		err = bad_abi(s, c->version, e);
	if (err)
		ox_map_munmap(c, info.value_size, 1);
	else
		s->mem.conf = c;
	return err;
}

/* What is worked out from sizes must be in range. */
static int check_conf(const struct ox_ct_set *s, struct ox_err *e)
{
	const struct ox_ct_conf *c = s->mem.conf;

	if (c->max && c->max <= MAX_ENTS &&
	    !(c->max & ((1u << OX_CT_CHUNK_SHIFT) - 1)) && c->n_buckets &&
	    !(c->n_buckets & (c->n_buckets - 1)) && c->hz)
		return 0;
	return ox_err_set(e, -EPROTO,
			  "%s/config holds senseless sizes: it wasn't made by "
			  "ovsxdpd, or something else wrote to it",
			  s->path);
}

/* A table of a build that told nobody has no place for a ring: it gets one.
 * An fd, or -errno. */
static int add_ring(const struct ox_ct_set *s, struct ox_err *e)
{
	_cleanup_fd_ int fd = ox_ct_ring_outer();
	int err = fd < 0 ? fd
			 : ox_pin_fd(s->path, ox_ct_map_defs[OX_CT_M_RING].pin,
				     fd, e);

	return err ? err : take_fd(fd);
}

static int open_maps(struct ox_ct_set *s, struct ox_err *e)
{
	for (int i = OX_CT_M_CONF + 1; i < OX_CT_M_COUNT; i++) {
		const char *pin = ox_ct_map_defs[i].pin;
		int fd = ox_pin_get(s->path, pin);

		if (fd == -ENOENT && i == OX_CT_M_RING)
			fd = add_ring(s, e);
		if (fd < 0)
			return ox_err_set(e, fd == -ENOENT ? -EPROTO : fd,
					  "can't open %s/%s: %s; its "
					  "connections end with 'rm -r %s' "
					  "and a restart",
					  s->path, pin, strerror(-fd), s->path);
		s->map_fd[i] = fd;
	}
	return ox_ct_maps_check(s, s->mem.conf, e);
}

static int open_all(struct ox_ct_set *s, struct ox_err *e)
{
	int err = open_conf(s, e);

	if (!err)
		err = check_conf(s, e);
	if (!err)
		err = open_maps(s, e);
	if (!err)
		err = ox_ct_maps_mmap(s, s->mem.conf, e);
	if (!err)
		err = ox_ct_chunks_open(s, e);
	if (!err)
		err = ox_ct_progs_load(s, s->mem.conf, e);
	return err ? err : ox_ct_sweep_start(s, e);
}

/* ---- either ---- */

static int set_try(const char *folder, const struct ox_ct_params *p,
		   struct ox_ct_set **out, struct ox_err *e)
{
	struct ox_ct_set *s = set_alloc(folder);
	struct stat st;
	int err;

	if (!s)
		return ox_err_set(e, -ENOMEM, "out of memory");
	err = ox_clock_open(&s->clock, e);
	if (!err)
		err = stat(s->path, &st) ? create(s, p, e) : open_all(s, e);
	if (err)
		ox_ct_set_close(s);
	else
		*out = s;
	return err;
}

int ox_ct_set_open(const char *folder, const struct ox_ct_params *p,
		   struct ox_ct_set **out, struct ox_err *e)
{
	int err = set_try(folder, p, out, e);

	if (err != -EILSEQ)
		return err;
	/* nothing can be in it */
	err = ox_ct_set_remove(folder, e);
	return err ? err : set_try(folder, p, out, e);
}
