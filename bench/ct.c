// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct.c - nanoseconds of one step of connection tracking, by itself: the lookup
 * of an established connection with its state, window and timeout, and the
 * commit of a new one, on memory that was in use before. Connections are picked
 * at random. Beside it stands one load of an entry, which waits for the same
 * memory. From all is taken what the program takes that only makes the packet.
 *
 *   ct [ENTRIES...]
 *
 * Prints one line a measurement: NAME|NS|REMARK
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bpf/ct_obj.h"

#define ROUNDS 7
#define RUNS   200000
#define HZ     250

static int by_value(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void die(const char *what, int err)
{
	fprintf(stderr, "ct: %s: %s\n", what, strerror(-err));
	exit(1);
}

/* The median of several runs. */
static int measure(struct bpf_program *p)
{
	uint8_t frame[64] = { 0 };
	int ns[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		ns[i] = ct_obj_run(p, frame, sizeof(frame), RUNS);
		if (ns[i] < 0)
			die("a program can't be run", ns[i]);
	}
	qsort(ns, ROUNDS, sizeof(*ns), by_value);
	return ns[ROUNDS / 2];
}

/* Commits n connections, from the first one on: ns of one. */
static int commit_all(struct ovsxdp_ct *o, struct bpf_program *p, uint32_t n)
{
	uint8_t frame[64] = { 0 };
	int ns;

	o->bss->out.next = 0;
	o->bss->out.made = 0;
	ns = ct_obj_run(p, frame, sizeof(frame), n);
	if (ns < 0)
		die("no commit", ns);
	if (o->bss->out.made != n)
		fprintf(stderr, "ct: %u of %u committed\n", o->bss->out.made,
			n);
	return ns;
}

static void sweep_all(struct ovsxdp_ct *o)
{
	uint8_t frame[64] = { 0 };

	o->bss->in.later = 100000 * HZ;
	ct_obj_run(o->progs.ct_sweep, frame, sizeof(frame), 1);
}

/* One look at each place of the table, half of which are in use: ns a place. */
static double sweep_alive(struct ovsxdp_ct *o, uint32_t max)
{
	uint8_t frame[64] = { 0 };

	o->bss->in.later = 0;
	return (double)ct_obj_run(o->progs.ct_sweep, frame, sizeof(frame), 1) /
	       max;
}

/* The same with NAT: all connections are to a virtual address. */
static void nat_rows(struct ovsxdp_ct *o, uint32_t n, int floor)
{
	struct ox_ct_act *a = &o->bss->in.act;
	int commit;

	a->zone = 5;
	a->flags = OX_CT_F_COMMIT | OX_CT_F_NAT | OX_CT_F_DNAT |
		   OX_CT_F_NAT_ADDR;
	a->nat_min[0] = a->nat_max[0] = 0x0200001e;
	sweep_all(o);
	commit = commit_all(o, o->progs.ct_commit_nat, n);
	printf("established with NAT, %u|%d|ct() with key and new ends\n", n,
	       measure(o->progs.ct_established_nat) - floor);
	printf("commit with NAT, %u|%d|two places in the buckets\n", n,
	       commit - floor);
}

static void rows(uint32_t n)
{
	/* a table that is half full: hash tables are seldom fuller */
	uint32_t max = 2 * n < 8192 ? 8192 : 2 * n;
	struct ovsxdp_ct *o = ct_obj_open(max, HZ);
	int floor, commit;

	if (!o)
		die("no table", -errno);
	o->bss->in.n_conns = n;
	o->bss->in.repeat = 1;
	floor = measure(o->progs.ct_empty);
	commit_all(o, o->progs.ct_commit, n);
	sweep_all(o);
	commit = commit_all(o, o->progs.ct_commit, n);
	printf("load of an entry, %u|%d|beside an empty program\n", n,
	       measure(o->progs.ct_load_one) - floor);
	printf("established, %u|%d|\n", n,
	       measure(o->progs.ct_established) - floor);
	printf("commit, %u|%d|warm memory, %u in a row\n", n, commit - floor,
	       n);
	printf("sweep, a place of %u|%.1f|half of them in use\n", max,
	       sweep_alive(o, max));
	nat_rows(o, n, floor);
	fflush(stdout);
	ovsxdp_ct__destroy(o);
}

int main(int argc, char **argv)
{
	static const uint32_t sizes[] = { 4096, 65536, 262144, 1048576 };

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			rows(strtoul(argv[i], NULL, 0));
		return 0;
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		rows(sizes[i]);
	return 0;
}
