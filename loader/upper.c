// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * upper.c - asks the kernel by a BPF program (bpf/upper.bpf.c) what takes a
 * device's packets beside a datapath. Loading it takes 0.1 s of CPU, nearly all
 * of it libbpf's search through the kernel's BTF, so a thread does that.
 */
#include "ovsxdp/dp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <bpf/bpf.h>

#include "bpf/upper.skel.h"
#include "loader/priv.h"

struct ox_uppers {
	pthread_t tid;
	bool joined;
	_Atomic bool ready; /* fd says what became of it */
	int fd;		    /* or -errno */
};

/* The skeleton goes: running a program takes its fd alone. */
static int program_load(void)
{
	struct ovsxdp_upper *s;
	int fd = -ENOMEM;

	ox_print_begin();
	s = ovsxdp_upper__open();
	if (s)
		fd = ovsxdp_upper__load(s);
	if (!fd)
		fd = fcntl(bpf_program__fd(s->progs.ovsxdp_upper),
			   F_DUPFD_CLOEXEC, 3);
	if (fd == -1)
		fd = -errno;
	ovsxdp_upper__destroy(s);
	ox_print_end();
	return fd;
}

static void *load(void *arg)
{
	struct ox_uppers *u = arg;

	u->fd = program_load();
	atomic_store(&u->ready, true);
	return NULL;
}

int ox_uppers_open(struct ox_uppers **out)
{
	_cleanup_free_ struct ox_uppers *u = calloc(1, sizeof(*u));
	int err;

	if (!u)
		return -ENOMEM;
	err = ox_thread_start(&u->tid, load, u);
	if (err)
		return err;
	*out = take_ptr(u);
	return 0;
}

static void join(struct ox_uppers *u)
{
	if (!u->joined)
		pthread_join(u->tid, NULL);
	u->joined = true;
}

void ox_uppers_close(struct ox_uppers *u)
{
	if (!u)
		return;
	join(u);
	if (u->fd >= 0)
		close(u->fd);
	free(u);
}

int ox_uppers_query(struct ox_uppers *u, uint32_t ifindex, bool wait,
		    uint32_t *bits)
{
	struct ox_upper_args args = { .ifindex = ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &args,
		    .ctx_size_in = sizeof(args));
	int err;

	if (!wait && !atomic_load(&u->ready))
		return -EAGAIN;
	join(u);
	if (u->fd < 0)
		return -EOPNOTSUPP;
	err = bpf_prog_test_run_opts(u->fd, &opts);
	if (err)
		return err;
	*bits = opts.retval;
	return opts.retval & OX_UPPER_KNOWN ? 0 : -ENODEV;
}
