// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_ring.c - the ring where programs tell what happens to connections. It is
 * there as long as somebody listens. The place up to which it was read is in
 * the map itself, so the next daemon goes on where this one stopped.
 */
#include "loader/ct_int.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* One call of ox_ct_ring_read(). */
struct ox_ct_ring_turn {
	uint32_t n, budget;
	void (*fn)(const struct ox_ct_event *ev, void *arg);
	void *arg;
};

static int ring_create(uint32_t size)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ct_ring_of", 0, 0, size,
				NULL);

	return fd < 0 ? -errno : fd;
}

int ox_ct_ring_outer(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	_cleanup_fd_ int inner = ring_create((uint32_t)sysconf(_SC_PAGESIZE));
	int fd;

	if (inner < 0)
		return inner;
	opts.inner_map_fd = (uint32_t)inner;
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "ct_ring", 4, 4, 1,
			    &opts);
	return fd < 0 ? -errno : fd;
}

bool ox_ct_ring_left(const struct ox_ct_set *s)
{
	_cleanup_fd_ int fd = ox_outer_get(s->map_fd[OX_CT_M_RING], 0);

	return fd >= 0;
}

/* The one that is there, or a new one; an fd, or -errno. */
static int ring_enter(struct ox_ct_set *s)
{
	int outer = s->map_fd[OX_CT_M_RING], err;
	_cleanup_fd_ int fd = ox_outer_get(outer, 0);

	if (fd >= 0)
		return take_fd(fd);
	fd = ring_create(OX_CT_RING_SIZE);
	if (fd < 0)
		return fd;
	err = ox_outer_set(outer, 0, fd);
	return err ? err : take_fd(fd);
}

/* The record counts, then it is enough: libbpf's reader goes on with the one
 * after it. */
static int on_record(void *arg, void *data, size_t size)
{
	struct ox_ct_ring_turn *t = ((struct ox_ct_set *)arg)->turn;

	/* of another build, before this one */
	if (size == sizeof(struct ox_ct_event))
		t->fn(data, t->arg);
	return ++t->n < t->budget ? 0 : -EAGAIN;
}

static void set_listen(struct ox_ct_set *s, bool on)
{
	uint32_t *flags = &s->mem.conf->flags;

	if (on)
		__atomic_fetch_or(flags, OX_CT_CONF_LISTEN, __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(flags, ~OX_CT_CONF_LISTEN, __ATOMIC_RELEASE);
}

int ox_ct_ring_open(struct ox_ct_set *s)
{
	int fd, err;

	if (s->ring)
		return 0;
	fd = ring_enter(s);
	if (fd < 0)
		return fd;
	s->ring = ring_buffer__new(fd, on_record, s, NULL);
	err = s->ring ? 0 : -errno;
	if (err) {
		close(fd);
		return err;
	}
	s->ring_fd = fd;
	set_listen(s, true);
	return 0;
}

void ox_ct_ring_close(struct ox_ct_set *s)
{
	if (!s->ring)
		return;
	ring_buffer__free(s->ring);
	s->ring = NULL;
	close(s->ring_fd);
}

void ox_ct_ring_stop(struct ox_ct_set *s)
{
	uint32_t zero = 0;

	set_listen(s, false);
	bpf_map_delete_elem(s->map_fd[OX_CT_M_RING], &zero);
	ox_ct_ring_close(s);
}

int ox_ct_ring_fd(const struct ox_ct_set *s)
{
	return s->ring ? s->ring_fd : -1;
}

uint32_t ox_ct_ring_read(struct ox_ct_set *s, uint32_t budget,
			 void (*fn)(const struct ox_ct_event *ev, void *arg),
			 void *arg)
{
	struct ox_ct_ring_turn t = { .budget = budget, .fn = fn, .arg = arg };

	if (!s->ring || !budget)
		return 0;
	s->turn = &t;
	ring_buffer__consume(s->ring);
	s->turn = NULL;
	return t.n;
}
