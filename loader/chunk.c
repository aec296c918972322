// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * chunk.c - flows, their statistics and their actions come in chunks, so
 * that memory is taken with use. A chunk is an inner map of "flows",
 * "fstats" and "acts"; "uflows", which no program reads, are single arrays
 * pinned as uflows-N.
 */
#include "loader/priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <bpf/bpf.h>

uint32_t ox_chunks_max(const struct ox_config *c)
{
	return c->max_flows >> c->chunk_shift;
}

int ox_inner_create(const struct ox_inner_def *def, const char *name)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = def->flags);

	return bpf_map_create(def->type, name, sizeof(uint32_t),
			      def->value_size, def->max_entries, &opts);
}

int ox_outer_set(int outer_fd, uint32_t i, int inner_fd)
{
	return bpf_map_update_elem(outer_fd, &i, &inner_fd, BPF_ANY);
}

/* What user space reads from an outer map is the inner map's id. */
int ox_outer_get(int outer_fd, uint32_t i)
{
	uint32_t id;
	int err = bpf_map_lookup_elem(outer_fd, &i, &id);

	return err ? err : bpf_map_get_fd_by_id(id);
}

/* Maps one chunk whose two maps are given. */
static int chunk_map(struct ox_dp *dp, uint32_t c, int flows_fd, int uflows_fd)
{
	uint32_t n = 1u << ox_config_of(dp)->chunk_shift;
	struct ox_mem *m = &dp->mem;

	m->flows[c] =
		ox_map_mmap(flows_fd, sizeof(struct ox_flow), OX_FLOW_LINES(n));
	if (!m->flows[c])
		return -errno;
	m->uflows[c] = ox_map_mmap(uflows_fd, sizeof(struct ox_uflow), n);
	if (m->uflows[c])
		return 0;
	flows_fd = -errno;
	ox_map_munmap(m->flows[c], sizeof(struct ox_flow), OX_FLOW_LINES(n));
	m->flows[c] = NULL;
	return flows_fd;
}

/* Flags as "flows". */
static int uflows_create(const struct ox_dp *dp)
{
	struct ox_inner_def def = dp->inner_flows;

	def.value_size = sizeof(struct ox_uflow);
	def.max_entries = 1u << ox_config_of(dp)->chunk_shift;
	return ox_inner_create(&def, "uflows");
}

/* By pin, and not in an outer map: no program looks, so there is nothing to
 * wait for. */
static int uflows_get(const struct ox_dp *dp, uint32_t c, bool create)
{
	_cleanup_fd_ int fd = -1;
	char name[32];
	int err;

	snprintf(name, sizeof(name), OX_UFLOWS "%u", c);
	fd = ox_pin_get(dp->path, name);
	if (fd != -ENOENT || !create)
		return take_fd(fd);
	fd = uflows_create(dp);
	if (fd < 0)
		return take_fd(fd);
	err = ox_pin_fd(dp->path, name, fd, NULL);
	return err ? err : take_fd(fd);
}

/* An inner map, made and entered if it isn't there. A chunk of which a
 * crash left a part is completed that way; nothing of it was in use. */
static int inner_get(int outer_fd, uint32_t i, const struct ox_inner_def *def,
		     const char *name)
{
	_cleanup_fd_ int fd = ox_outer_get(outer_fd, i);
	int err;

	if (fd != -ENOENT)
		return take_fd(fd);
	fd = ox_inner_create(def, name);
	if (fd < 0)
		return take_fd(fd);
	err = ox_outer_set(outer_fd, i, fd);
	return err ? err : take_fd(fd);
}

/* A new chunk's flows, as programs and this process will meet them. */
static void flows_warm(const struct ox_dp *dp, uint32_t c, int flows_fd)
{
	uint32_t n = 1u << ox_config_of(dp)->chunk_shift;

	ox_map_warm(flows_fd, dp->mem.flows[c], sizeof(struct ox_flow),
		    OX_FLOW_LINES(n));
	/* no program looks */
	ox_map_warm(-1, dp->mem.uflows[c], sizeof(struct ox_uflow), n);
}

/* "flows" comes last: a chunk that is in there is complete. */
static int flows_make_one(struct ox_dp *dp, uint32_t c)
{
	_cleanup_fd_ int uflows = uflows_get(dp, c, true);
	_cleanup_fd_ int fstats = -1;
	_cleanup_fd_ int flows = -1;
	int err;

	if (uflows < 0)
		return uflows;
	fstats = inner_get(dp->map_fd[OX_M_FSTATS], c, &dp->inner_fstats,
			   "fstats");
	if (fstats < 0)
		return fstats;
	flows = inner_get(dp->map_fd[OX_M_FLOWS], c, &dp->inner_flows, "flows");
	if (flows < 0)
		return flows;
	err = chunk_map(dp, c, flows, uflows);
	if (!err)
		flows_warm(dp, c, flows);
	return err;
}

int ox_chunk_make_flows(struct ox_dp *dp, uint32_t first, uint32_t n)
{
	int err = 0;

	while (!err && n--)
		err = flows_make_one(dp, first++);
	return err;
}

int ox_outer_set_all(int outer_fd, uint32_t first, uint32_t n, const int *fds)
{
	uint32_t keys[OX_OUTER_AT_ONCE];
	uint32_t done = n;
	uint32_t i;
	int err;

	for (i = 0; i < n; i++)
		keys[i] = first + i;
	if (n > 1 && !bpf_map_update_batch(outer_fd, keys, fds, &done, NULL))
		return 0;
	for (i = 0, err = 0; !err && i < n; i++)
		err = ox_outer_set(outer_fd, keys[i], fds[i]);
	return err;
}

/* All or none, so that the chunks stay without gaps. */
int ox_chunk_make_acts(struct ox_dp *dp, uint32_t first, uint32_t n)
{
	int fds[OX_ACTS_AT_ONCE] = { 0 };
	uint32_t i, made;
	int err = 0;

	for (made = 0; made < n; made++) {
		fds[made] = ox_inner_create(&dp->inner_acts, "acts");
		if (fds[made] < 0)
			break;
		dp->mem.acts[first + made] = ox_map_mmap(
			fds[made], sizeof(struct ox_acts), 1 << OX_ACTS_SHIFT);
		if (!dp->mem.acts[first + made]) {
			close(fds[made]);
			fds[made] = -ENOMEM;
			break;
		}
		ox_map_warm(fds[made], dp->mem.acts[first + made],
			    sizeof(struct ox_acts), 1 << OX_ACTS_SHIFT);
	}
	if (made < n)
		err = fds[made];
	if (!err)
		err = ox_outer_set_all(dp->map_fd[OX_M_ACTS], first, n, fds);
	for (i = 0; i < made; i++) {
		close(fds[i]);
		if (!err)
			continue;
		ox_map_munmap(dp->mem.acts[first + i], sizeof(struct ox_acts),
			      1 << OX_ACTS_SHIFT);
		dp->mem.acts[first + i] = NULL;
	}
	return err;
}

/* One update of an outer map, by a thread of its own. */
struct enter {
	pthread_t tid;
	int outer_fd;
	int inner_fd;
	int rc;
};

static void *enter_run(void *arg)
{
	struct enter *en = arg;

	en->rc = ox_outer_set(en->outer_fd, 0, en->inner_fd);
	return NULL;
}

/* Threads, so that the updates share their grace periods. */
static int enter_all(struct enter *en, int n)
{
	int err = 0;
	int i;

	for (i = 0; i < n; i++)
		if (ox_thread_start(&en[i].tid, enter_run, &en[i])) {
			err = -EAGAIN;
			break;
		}
	while (i--) {
		pthread_join(en[i].tid, NULL);
		if (en[i].rc)
			err = en[i].rc;
	}
	return err;
}

int ox_chunks_first(struct ox_dp *dp, int flows_fd, int fstats_fd, int acts_fd,
		    int *uflows_fd)
{
	struct enter en[] = {
		{ .outer_fd = dp->map_fd[OX_M_FLOWS], .inner_fd = flows_fd },
		{ .outer_fd = dp->map_fd[OX_M_FSTATS], .inner_fd = fstats_fd },
		{ .outer_fd = dp->map_fd[OX_M_ACTS], .inner_fd = acts_fd },
		{ .outer_fd = dp->map_fd[OX_M_SYNC], .inner_fd = dp->sync_fd },
	};
	struct ox_mem *m = &dp->mem;
	int err;

	*uflows_fd = uflows_create(dp);
	if (*uflows_fd < 0)
		return *uflows_fd;
	err = enter_all(en, sizeof(en) / sizeof(*en));
	if (!err)
		err = chunk_map(dp, 0, flows_fd, *uflows_fd);
	if (err)
		return err;
	flows_warm(dp, 0, flows_fd);
	m->n_flow_chunks = 1;
	m->acts[0] = ox_map_mmap(acts_fd, sizeof(struct ox_acts),
				 1 << OX_ACTS_SHIFT);
	if (!m->acts[0])
		return -errno;
	ox_map_warm(acts_fd, m->acts[0], sizeof(struct ox_acts),
		    1 << OX_ACTS_SHIFT);
	m->n_acts_chunks = 1;
	return 0;
}

/* 0, or -ENOENT where the chunk isn't there or was left incomplete. */
static int flows_open_one(struct ox_dp *dp, uint32_t c)
{
	_cleanup_fd_ int flows = ox_outer_get(dp->map_fd[OX_M_FLOWS], c);
	_cleanup_fd_ int fstats = ox_outer_get(dp->map_fd[OX_M_FSTATS], c);
	_cleanup_fd_ int uflows = -1;
	int err;

	if (flows < 0 || fstats < 0)
		return flows < 0 ? flows : fstats;
	uflows = uflows_get(dp, c, false);
	if (uflows < 0)
		return uflows;
	err = c ? 0 : ox_map_inner_def(flows, &dp->inner_flows);
	if (!err && !c)
		err = ox_map_inner_def(fstats, &dp->inner_fstats);
	return err ? err : chunk_map(dp, c, flows, uflows);
}

static int acts_open_one(struct ox_dp *dp, uint32_t c)
{
	_cleanup_fd_ int fd = ox_outer_get(dp->map_fd[OX_M_ACTS], c);
	int err;

	if (fd < 0)
		return fd;
	err = c ? 0 : ox_map_inner_def(fd, &dp->inner_acts);
	if (err)
		return err;
	dp->mem.acts[c] =
		ox_map_mmap(fd, sizeof(struct ox_acts), 1 << OX_ACTS_SHIFT);
	return dp->mem.acts[c] ? 0 : -errno;
}

/* The memory is read by these sizes: they must be the ones of abi.h. */
static int inner_bad(const struct ox_dp *dp)
{
	uint32_t n = 1u << ox_config_of(dp)->chunk_shift;

	return dp->inner_flows.max_entries != OX_FLOW_LINES(n) ||
	       dp->inner_fstats.max_entries != OX_STATS_PAGES(n) ||
	       dp->inner_acts.max_entries != 1 << OX_ACTS_SHIFT ||
	       dp->inner_flows.value_size != sizeof(struct ox_flow) ||
	       dp->inner_fstats.value_size != sizeof(struct ox_stats_page) ||
	       dp->inner_acts.value_size != sizeof(struct ox_acts);
}

/* As many as are complete, one after the other. What comes after a gap was
 * never handed out. */
int ox_chunks_open(struct ox_dp *dp, struct ox_err *e)
{
	uint32_t max = ox_chunks_max(ox_config_of(dp));
	struct ox_mem *m = &dp->mem;
	int err = 0;

	while (m->n_flow_chunks < max && m->n_flow_chunks < OX_MAX_CHUNKS) {
		err = flows_open_one(dp, m->n_flow_chunks);
		if (err)
			break;
		m->n_flow_chunks++;
	}
	while ((!err || err == -ENOENT) && m->n_acts_chunks < OX_ACTS_CHUNKS) {
		err = acts_open_one(dp, m->n_acts_chunks);
		if (err)
			break;
		m->n_acts_chunks++;
	}
	if (err && err != -ENOENT)
		return ox_err_set(e, err, "can't open a chunk of %s: %s",
				  dp->path, strerror(-err));
	if (!m->n_flow_chunks || !m->n_acts_chunks)
		return ox_err_set(e, -EILSEQ,
				  "%s was left half made (no chunk): the next "
				  "start of ovsxdpd removes it",
				  dp->path);
	if (inner_bad(dp))
		return ox_err_set(e, -EPROTO,
				  "chunks of %s are of another ABI: use the "
				  "version that made it",
				  dp->path);
	return 0;
}

void ox_chunks_close(struct ox_dp *dp)
{
	struct ox_mem *m = &dp->mem;
	uint32_t n, i;

	if (!m->config)
		return;
	n = 1u << m->config->chunk_shift;
	for (i = 0; i < OX_MAX_CHUNKS; i++) {
		ox_map_munmap(m->flows[i], sizeof(struct ox_flow),
			      OX_FLOW_LINES(n));
		ox_map_munmap(m->uflows[i], sizeof(struct ox_uflow), n);
	}
	for (i = 0; i < OX_ACTS_CHUNKS; i++)
		ox_map_munmap(m->acts[i], sizeof(struct ox_acts),
			      1 << OX_ACTS_SHIFT);
}
