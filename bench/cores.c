// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cores.c - how much more several CPUs forward than one: each has frames from a
 * port of its own to another port of its own, as a NIC's queue brings them.
 * First one CPU at a time, then all at once. CPUs share more than the datapath:
 * a core's units where they are two threads of it, the last-level cache, the
 * kernel's page pools. That shows in the programs that forward nothing and in
 * the bare redirect, which are the yardstick.
 *
 *   cores [ROOT [CPUS [FLOWS]]]: by default all CPUs; 1 and 100,000 flows
 *
 * Prints one line a measurement: NAME|NS_ALONE|NS_TOGETHER|SCALING|REMARK, ns
 * a frame on one CPU. ROUNDS and ROUND_MS choose how long.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "bench/libdp.h"
#include "bench/libframes.h"
#include "bench/libgen.h"

#define MAX_CPUS   64
#define MAX_ROUNDS 64
#define SADDR	   0x0a000001u /* of flow 0, and in ox_frame */

struct core {
	pthread_t thread;
	int cpu;
	uint32_t in, out; /* devices */
	int redirect;	  /* the bare one, to out */
	/* of the present run */
	double (*how)(int, uint32_t, uint32_t);
	int prog_fd;
	uint32_t n; /* frames a round */
	double ns;  /* the rounds' median */
};

static struct core cores[MAX_CPUS];
static uint32_t n_cores;
static pthread_barrier_t ready;
static atomic_uint busy; /* threads whose rounds aren't over yet */

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/*
 * So many rounds; then more of them until the last thread has had its own,
 * so that none is alone for a while. The median: a round that began before
 * the others', or outlived them, is no measure.
 */
static void *work(void *arg)
{
	uint32_t rounds = ox_frames_rounds();
	struct core *c = arg;
	double ns[MAX_ROUNDS];

	if (rounds > MAX_ROUNDS)
		rounds = MAX_ROUNDS;
	ox_bench_pin(c->cpu);
	c->how(c->prog_fd, c->in, 2000);
	pthread_barrier_wait(&ready);
	for (uint32_t i = 0; i < rounds; i++)
		ns[i] = c->how(c->prog_fd, c->in, c->n);
	for (busy--; busy;)
		c->how(c->prog_fd, c->in, c->n);
	qsort(ns, rounds, sizeof(ns[0]), cmp_double);
	c->ns = ns[rounds / 2];
	return NULL;
}

/* Frames that a core moves in a nanosecond, n cores from the first on. */
static double rate(struct core *first, uint32_t n)
{
	double sum = 0;

	busy = n;
	pthread_barrier_init(&ready, NULL, n);
	for (uint32_t i = 0; i < n; i++) {
		if (pthread_create(&first[i].thread, NULL, work, &first[i]))
			ox_bench_die("no thread");
	}
	for (uint32_t i = 0; i < n; i++) {
		pthread_join(first[i].thread, NULL);
		sum += 1 / first[i].ns;
	}
	pthread_barrier_destroy(&ready);
	return sum;
}

/* prog_fd -1: each core's own bare redirect. */
static void measure(const char *name, double (*how)(int, uint32_t, uint32_t),
		    int prog_fd, const char *remark)
{
	double alone = 0, together;

	for (uint32_t i = 0; i < n_cores; i++) {
		struct core *c = &cores[i];

		c->how = how;
		c->prog_fd = prog_fd < 0 ? c->redirect : prog_fd;
		c->n = 4 * ox_frames_round(how(c->prog_fd, c->in, 2000));
		alone += rate(c, 1) / n_cores;
	}
	together = rate(cores, n_cores);
	printf("%s|%.1f|%.1f|%.2f|%s\n", name, 1 / alone, n_cores / together,
	       together / alone, remark);
	fflush(stdout);
}

/* Flow i of many; a table's worth of them for each port. */
static void flows(struct ox_bench_dp *b, uint32_t n)
{
	for (uint32_t c = 0; c < n_cores; c++) {
		char out[16];

		snprintf(out, sizeof(out), "%u", 2 * c + 2);
		for (uint32_t i = 0; i < n; i++) {
			struct ox_flow_spec s;

			ox_bench_dp_spec(&s, 2 * c + 1);
			s.key.ipv4.src = htonl(SADDR + i);
			s.mask.ipv4.src = UINT32_MAX;
			ox_bench_dp_flow(b, &s, out);
		}
	}
}

static void bench_datapath(struct ox_bench_dp *b, struct ox_gen *g, uint32_t n)
{
	static const uint32_t cache[] = { 256, 0 };
	int fd = ox_dp_prog_fd(b->dp);
	char name[64];

	for (uint32_t i = 0; i < OX_GEN_LEN; i++)
		g->list[i] = (struct ox_gen_pkt){
			.saddr = htonl(SADDR + ox_gen_uniform(n)),
			.sport = htons(1000),
			.dport = htons(2000),
		};
	flows(b, n);
	ox_gen_target(g, fd);
	for (int c = 0; c < 2; c++) {
		b->m->config->cache_size = cache[c];
		snprintf(name, sizeof(name),
			 "datapath, %u flow%s a CPU, cache %u", n,
			 n > 1 ? "s" : "", cache[c]);
		ox_bench_dp_begin(b);
		measure(name, ox_frames_live, n > 1 ? g->prog_fd : fd,
			n > 1 ? "uniform; the list of packets is shared" : "");
		ox_bench_dp_end(b, name);
	}
	ox_bench_dp_clear(b);
}

static void core_open(struct ox_bench_dp *b, uint32_t i)
{
	struct core *c = &cores[i];
	char name[4][16];

	snprintf(name[0], sizeof(name[0]), "bi%u", i);
	snprintf(name[1], sizeof(name[1]), "bi%u-far", i);
	snprintf(name[2], sizeof(name[2]), "bo%u", i);
	snprintf(name[3], sizeof(name[3]), "bo%u-far", i);
	c->cpu = (int)i;
	c->in = ox_bench_veth(name[0], name[1]);
	c->out = ox_bench_veth(name[2], name[3]);
	c->redirect = ox_frames_prog_redirect(c->out);
	ox_frames_attach(ox_frames_prog(XDP_DROP), if_nametoindex(name[3]));
	ox_bench_dp_port(b, 2 * i + 1, c->in);
	ox_bench_dp_port(b, 2 * i + 2, c->out);
}

int main(int argc, char **argv)
{
	struct ox_bench_dp b = { 0 };
	struct ox_gen gen;
	int drop;

	n_cores = (uint32_t)(argc > 2 ? atol(argv[2])
				      : sysconf(_SC_NPROCESSORS_ONLN));
	if (n_cores < 1 || n_cores > MAX_CPUS)
		ox_bench_die("%u CPUs: 1 to %u", n_cores, MAX_CPUS);
	ox_bench_netns();
	ox_bench_dp_open(&b, argc > 1 ? argv[1] : OX_BENCH_ROOT, 0);
	for (uint32_t i = 0; i < n_cores; i++)
		core_open(&b, i);
	ox_gen_open(&gen);
	drop = ox_frames_prog(XDP_DROP);

	measure("empty program, no frame moves", ox_frames_plain, drop,
		"shares nothing but the core, if they are two threads of one");
	measure("empty program, frames dropped", ox_frames_live, drop,
		"the kernel's own part");
	measure("bare bpf_redirect_map", ox_frames_live, -1, "the yardstick");
	bench_datapath(&b, &gen, 1);
	bench_datapath(&b, &gen, argc > 3 ? strtoul(argv[3], NULL, 0) : 100000);
	ox_bench_dp_close(&b);
	return 0;
}
