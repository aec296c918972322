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
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/libframes.h"
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

/* All of them end: ns. */
static int sweep_all(struct ovsxdp_ct *o)
{
	uint8_t frame[64] = { 0 };

	o->bss->in.later = 100000 * HZ;
	return ct_obj_run(o->progs.ct_sweep, frame, sizeof(frame), 1);
}

/* One look at each place of the table, half of which are in use: ns a place. */
static double sweep_alive(struct ovsxdp_ct *o, uint32_t max)
{
	uint8_t frame[64] = { 0 };

	o->bss->in.later = 0;
	return (double)ct_obj_run(o->progs.ct_sweep, frame, sizeof(frame), 1) /
	       max;
}

/* ---- two CPUs at once ---- */

struct cpu {
	pthread_t thread;
	int cpu;
	struct bpf_program *p;
	pthread_barrier_t *ready;
	int ns;
};

static void *run_on(void *arg)
{
	struct cpu *c = arg;

	ox_bench_pin(c->cpu);
	pthread_barrier_wait(c->ready);
	c->ns = measure(c->p);
	return NULL;
}

/* How much more two CPUs do than one. */
static double two_cpus(struct bpf_program *p)
{
	pthread_barrier_t one, two;
	struct cpu cpus[2] = { { .cpu = 0, .p = p }, { .cpu = 1, .p = p } };
	double alone;

	pthread_barrier_init(&one, NULL, 1);
	pthread_barrier_init(&two, NULL, 2);
	cpus[0].ready = &one;
	pthread_create(&cpus[0].thread, NULL, run_on, &cpus[0]);
	pthread_join(cpus[0].thread, NULL);
	alone = cpus[0].ns;
	for (int i = 0; i < 2; i++) {
		cpus[i].ready = &two;
		pthread_create(&cpus[i].thread, NULL, run_on, &cpus[i]);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(cpus[i].thread, NULL);
	pthread_barrier_destroy(&one);
	pthread_barrier_destroy(&two);
	return alone / cpus[0].ns + alone / cpus[1].ns;
}

static void cpu_rows(struct ovsxdp_ct *o, uint32_t n)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return;
	o->bss->in.own = 1;
	printf("two CPUs, connections of their own, %u|%.2f|times one\n", n,
	       two_cpus(o->progs.ct_established));
	o->bss->in.own = 0;
	o->bss->in.n_conns = 1;
	printf("two CPUs, one connection, %u|%.2f|times one\n", n,
	       two_cpus(o->progs.ct_established));
	o->bss->in.n_conns = n;
}

/* UDP: its packets move the time of a connection alone. */
static void udp_rows(struct ovsxdp_ct *o, uint32_t n, int floor)
{
	o->bss->in.udp = 1;
	sweep_all(o);
	commit_all(o, o->progs.ct_commit, n);
	printf("established, UDP, %u|%d|\n", n,
	       measure(o->progs.ct_established) - floor);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1) {
		o->bss->in.n_conns = 1;
		printf("two CPUs, one connection of UDP, %u|%.2f|times one\n",
		       n, two_cpus(o->progs.ct_established));
		o->bss->in.n_conns = n;
	}
	o->bss->in.udp = 0;
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
	int floor, commit, ended;

	if (!o)
		die("no table", -errno);
	o->bss->in.n_conns = n;
	o->bss->in.repeat = 1;
	floor = measure(o->progs.ct_empty);
	commit_all(o, o->progs.ct_commit, n);
	ended = sweep_all(o);
	commit = commit_all(o, o->progs.ct_commit, n);
	printf("load of an entry, %u|%d|beside an empty program\n", n,
	       measure(o->progs.ct_load_one) - floor);
	printf("two dependent loads, %u|%d|\n", n,
	       measure(o->progs.ct_load_two) - floor);
	printf("established, %u|%d|\n", n,
	       measure(o->progs.ct_established) - floor);
	printf("commit, %u|%d|warm memory, %u in a row\n", n, commit - floor,
	       n);
	printf("sweep, a place of %u|%.1f|half of them in use\n", max,
	       sweep_alive(o, max));
	printf("end of a connection, %u|%d|by the sweep\n", n, ended / (int)n);
	cpu_rows(o, n);
	udp_rows(o, n, floor);
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
