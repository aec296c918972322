// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_chunk.c - entries come in chunks, so that memory is taken with use. Once
 * half of the places are taken, a thread makes as many again: each update of
 * the outer map waits for a grace period, and new memory is slow to touch.
 *
 * The thread writes only what nobody looks at before it is joined: the chunks
 * after mem.n_chunks.
 */
#include "loader/ct_int.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>

#define N (1u << OX_CT_CHUNK_SHIFT)

static const struct ox_inner_def chunk_def = {
	.type = BPF_MAP_TYPE_ARRAY,
	.value_size = sizeof(struct ox_ct),
	.max_entries = N,
	.flags = BPF_F_MMAPABLE,
};

int ox_ct_chunk_create(void)
{
	return ox_inner_create(&chunk_def, "ct_chunk");
}

static int chunk_map(struct ox_ct_set *s, uint32_t c, int fd)
{
	s->mem.ents[c] = ox_map_mmap(fd, sizeof(struct ox_ct), N);
	return s->mem.ents[c] ? 0 : -errno;
}

static void chunk_unmap(struct ox_ct_set *s, uint32_t c)
{
	ox_map_munmap(s->mem.ents[c], sizeof(struct ox_ct), N);
	s->mem.ents[c] = NULL;
}

/* One that isn't entered yet; an fd, or -errno. */
static int chunk_new(struct ox_ct_set *s, uint32_t c)
{
	_cleanup_fd_ int fd = ox_ct_chunk_create();
	int err = fd < 0 ? fd : chunk_map(s, c, fd);

	if (err)
		return err;
	ox_map_warm(fd, s->mem.ents[c], sizeof(struct ox_ct), N);
	return take_fd(fd);
}

int ox_ct_chunks_make(struct ox_ct_set *s, uint32_t n)
{
	uint32_t first = s->mem.n_chunks, made;
	int fds[OX_CT_CHUNKS_AT_ONCE] = { 0 };
	int err = 0;

	for (made = 0; !err && made < n; made++) {
		fds[made] = chunk_new(s, first + made);
		err = fds[made] < 0 ? fds[made] : 0;
	}
	if (!err)
		err = ox_outer_set_all(s->map_fd[OX_CT_M_ENTS], first, n, fds);
	for (uint32_t i = 0; i < made; i++) {
		ox_closep(&fds[i]);
		if (err)
			chunk_unmap(s, first + i);
	}
	return err;
}

/* Does it have the size that it is read by? */
static int chunk_check(int fd)
{
	struct ox_inner_def def;
	int err = ox_map_inner_def(fd, &def);

	if (err)
		return err;
	return memcmp(&def, &chunk_def, sizeof(def)) ? -EPROTO : 0;
}

static int chunk_open(struct ox_ct_set *s, uint32_t c)
{
	_cleanup_fd_ int fd = ox_outer_get(s->map_fd[OX_CT_M_ENTS], c);
	int err = fd < 0 ? fd : chunk_check(fd);

	return err ? err : chunk_map(s, c, fd);
}

/* Chunks after n_chunks may be there, if their maker died: they are replaced
 * when it is their turn, and nothing is in them. */
int ox_ct_chunks_open(struct ox_ct_set *s, struct ox_err *e)
{
	uint32_t n = s->mem.conf->n_chunks;
	int err = 0;

	if (!n || n > ox_ct_chunks_max(s->mem.conf))
		return ox_err_set(e, -EPROTO,
				  "%s/config says %u chunks of %u: something "
				  "else wrote to it",
				  s->path, n, ox_ct_chunks_max(s->mem.conf));
	while (!err && s->mem.n_chunks < n) {
		err = chunk_open(s, s->mem.n_chunks);
		if (!err)
			s->mem.n_chunks++;
	}
	if (!err)
		return 0;
	/* one that counts must be there */
	return ox_err_set(e, err == -ENOENT ? -EPROTO : err,
			  "can't open chunk %u of %s: %s", s->mem.n_chunks,
			  s->path, strerror(-err));
}

void ox_ct_chunks_close(struct ox_ct_set *s)
{
	for (uint32_t i = 0; i < OX_CT_MAX_CHUNKS; i++)
		if (s->mem.ents[i])
			chunk_unmap(s, i);
}

/* ---- ahead of need ---- */

static void *grow_run(void *arg)
{
	struct ox_ct_set *s = arg;

	s->grow_rc = ox_ct_chunks_make(s, s->n_more);
	__atomic_store_n(&s->grown, true, __ATOMIC_RELEASE);
	return NULL;
}

void ox_ct_grow_wait(struct ox_ct_set *s)
{
	if (!s->growing)
		return;
	pthread_join(s->grow_tid, NULL);
	s->growing = false;
	if (s->grow_rc)
		return;
	s->mem.n_chunks += s->n_more;
	__atomic_store_n(&s->mem.conf->n_chunks, s->mem.n_chunks,
			 __ATOMIC_RELEASE);
}

static uint32_t n_used(const struct ox_ct_mem *m)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->n_chunks * (N / 64); i++)
		n += __builtin_popcountll(
			__atomic_load_n(&m->bits[i], __ATOMIC_RELAXED));
	return n;
}

/* Failing to start is no error: the next tick tries again. */
static void grow_start(struct ox_ct_set *s)
{
	uint32_t max = ox_ct_chunks_max(s->mem.conf);
	uint32_t n = s->mem.n_chunks;

	if (n > OX_CT_CHUNKS_AT_ONCE)
		n = OX_CT_CHUNKS_AT_ONCE;
	if (n > max - s->mem.n_chunks)
		n = max - s->mem.n_chunks;
	if (!n || n_used(&s->mem) < s->mem.n_chunks * (N / 2))
		return;
	s->n_more = n;
	s->grown = false;
	s->growing = !ox_thread_start(&s->grow_tid, grow_run, s);
}

bool ox_ct_set_tick(struct ox_ct_set *s)
{
	uint32_t n = s->mem.n_chunks;

	if (s->growing && !__atomic_load_n(&s->grown, __ATOMIC_ACQUIRE))
		return false;
	ox_ct_grow_wait(s);
	grow_start(s);
	return s->mem.n_chunks > n;
}
