// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lookup.c - nanoseconds per packet of many flows. There are masks that a
 * packet must try (none can be skipped), and a mask explosion and the other
 * traffic beside it. There are 1 to 1,000,000 flows, uniform and by Zipf's law.
 * The program alone, as "program" of micro.c, less what the generator of the
 * packets takes.
 *
 *   lookup [ROOT [masks|attack|flows [COUNT...]]...]
 *
 * Prints one line a measurement: NAME|NS|REMARK
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "bench/libchase.h"
#include "bench/libdp.h"
#include "bench/libframes.h"
#include "bench/libgen.h"
#include "bench/libkinds.h"

#define IN_PORT	   1
#define OUT_PORT   2
#define OTHER_PORT 3
#define VICTIMS	   1000
#define OUTPUT	   "2"
#define SADDR	   0x0a000000u /* of flow 0 */

struct bench {
	struct ox_bench_dp d;
	struct ox_gen gen;
	uint32_t in_ifindex;
	double floor; /* of the generator and an empty program */
};

/* Flow i of many, by addresses and ports: in the list and in the table. */
static struct ox_gen_pkt packet(uint32_t i)
{
	return (struct ox_gen_pkt){ .saddr = htonl(SADDR + i),
				    .sport = htons(1000 + i % 50000),
				    .dport = htons(2000) };
}

static void exact_put(struct bench *b, uint32_t i)
{
	struct ox_gen_pkt p = packet(i);
	struct ox_flow_spec s;

	ox_bench_dp_spec(&s, IN_PORT);
	s.key.ipv4.src = p.saddr;
	s.key.tp_src = p.sport;
	s.key.tp_dst = p.dport;
	s.mask.ipv4.src = s.mask.ipv4.dst = UINT32_MAX;
	s.mask.tp_src = s.mask.tp_dst = UINT16_MAX;
	ox_bench_dp_flow(&b->d, &s, OUTPUT);
}

static void list_fill(struct bench *b, uint32_t n, uint32_t (*pick)(uint32_t))
{
	for (uint32_t i = 0; i < OX_GEN_LEN; i++)
		b->gen.list[i] = packet(pick(n));
}

static void measure(struct bench *b, const char *name, const char *remark)
{
	struct ox_dp_stats s;
	double ns;

	ox_bench_dp_begin(&b->d);
	ns = ox_frames_best(ox_frames_plain, b->gen.prog_fd, b->in_ifindex);
	s = ox_bench_dp_end(&b->d, name);
	printf("%s|%.1f|%s; %.2f masks probed a packet\n", name, ns - b->floor,
	       remark, (double)s.n_mask_hit / (double)s.n_hit);
	fflush(stdout);
}

/*
 * Masks that differ in bytes that prune nothing, each with flows for every
 * value of every byte of the address: a packet has to probe all of them.
 */
static void masks_put(struct bench *b, uint32_t n)
{
	struct ox_flow_spec s;

	for (uint32_t i = 1; i < n; i++) {
		for (uint32_t v = 0; v < 256; v++) {
			ox_bench_dp_spec(&s, IN_PORT);
			s.mask.ip_tos = (uint8_t)i;
			s.mask.ip_ttl = (uint8_t)(i >> 8);
			s.mask.ipv4.src = UINT32_MAX;
			s.key.ipv4.src =
				htonl(v << 24 | ((v + 1) & 255) << 16 |
				      ((v + 2) & 255) << 8 | ((v + 4) & 255));
			ox_bench_dp_flow(&b->d, &s, OUTPUT);
		}
	}
	exact_put(b, 0);
}

static void bench_masks(void *bench, uint32_t n)
{
	struct bench *b = bench;
	char name[64];

	masks_put(b, n);
	list_fill(b, 1, ox_gen_uniform);
	b->d.m->config->cache_size = 0;
	snprintf(name, sizeof(name), "%u mask%s, none to skip", n,
		 n > 1 ? "s" : "");
	measure(b, name, "no cache");
	ox_bench_dp_clear(&b->d);
}

/* From the 16th bit on: the first bit that differs from a rule's. */
static uint32_t prefix(uint32_t value, uint32_t width, uint32_t len,
		       uint32_t *mask)
{
	*mask = (uint32_t)((1ull << width) - (1ull << (width - len)));
	return (value ^ 1u << (width - len)) & *mask;
}

/*
 * Somebody may reach port 80 from one address only. Crafted packets make
 * vswitchd install a megaflow for every combination of first bits in which they
 * differ from that: 32 * 16 * 16 masks.
 */
static void attack_put(struct bench *b, uint32_t n, uint32_t in_port)
{
	struct ox_flow_spec s;
	uint32_t mask;

	for (uint32_t i = 0; i < n; i++) {
		ox_bench_dp_spec(&s, in_port);
		s.key.ipv4.src =
			htonl(prefix(0xc0a80a0a, 32, 32 - i / 256 % 32, &mask));
		s.mask.ipv4.src = htonl(mask);
		s.key.tp_dst = htons(
			(uint16_t)prefix(80, 16, 16 - i / 16 % 16, &mask));
		s.mask.tp_dst = htons((uint16_t)mask);
		s.key.tp_src =
			htons((uint16_t)prefix(12345, 16, 16 - i % 16, &mask));
		s.mask.tp_src = htons((uint16_t)mask);
		s.key.ipv4.dst = htonl(0x0a000063); /* the attacker's own */
		s.mask.ipv4.dst = UINT32_MAX;
		ox_bench_dp_flow(&b->d, &s, OUTPUT);
	}
}

static void attack_measure(struct bench *b, const char *what)
{
	static const uint32_t cache[] = { 0, 256, 4096 };
	char name[96];

	for (size_t i = 0; i < sizeof(cache) / sizeof(cache[0]); i++) {
		b->d.m->config->cache_size = cache[i];
		snprintf(name, sizeof(name), "%u flows, cache %u, %s", VICTIMS,
			 cache[i], what);
		measure(b, name, "uniform");
	}
}

static void bench_attack(void *bench, uint32_t n)
{
	struct bench *b = bench;
	char what[64];

	list_fill(b, VICTIMS, ox_gen_uniform);
	for (uint32_t i = 0; i < VICTIMS; i++)
		exact_put(b, i);
	attack_measure(b, "no attack");
	attack_put(b, n, OTHER_PORT);
	snprintf(what, sizeof(what), "%u masks of another port", n);
	attack_measure(b, what);
	ox_bench_dp_clear(&b->d);
	/* made first, so that they are in front of the others' mask */
	attack_put(b, n, IN_PORT);
	for (uint32_t i = 0; i < VICTIMS; i++)
		exact_put(b, i);
	snprintf(what, sizeof(what), "%u masks of the same port", n);
	attack_measure(b, what);
	ox_bench_dp_clear(&b->d);
}

/* What the lookups of n flows may touch: their buckets, a line each, and each
 * one's counters on a CPU. */
static uint64_t table_bytes(const struct ox_config *c, uint32_t n)
{
	uint32_t n_buckets = n < c->n_buckets ? n : c->n_buckets;

	return (uint64_t)n_buckets * sizeof(struct ox_bucket) +
	       (uint64_t)n *
		       (sizeof(struct ox_flow) + sizeof(struct ox_flow_stats));
}

/* One load that waits for memory, of as much memory as the table's. */
static void bench_load(const struct bench *b, uint32_t n)
{
	uint64_t bytes = table_bytes(b->d.m->config, n);

	printf("%u flows, one dependent load|%.1f|of %.1f MB\n", n,
	       ox_bench_chase(bytes), (double)bytes / 1e6);
}

/* Without and with a cache, by turns, so that what else the machine does meets
 * both. The best of the rounds each. */
static void measure_caches(struct bench *b, uint32_t n, const char *law)
{
	static const uint32_t cache[] = { 0, 256 };
	double best[] = { 1e9, 1e9 };

	ox_bench_dp_begin(&b->d);
	for (uint32_t r = 0; r <= ox_frames_rounds(); r++) {
		for (int c = 0; c < 2; c++) {
			double ns;

			b->d.m->config->cache_size = cache[c];
			ns = ox_frames_plain(b->gen.prog_fd, b->in_ifindex,
					     ox_frames_round(best[c]));
			if (r && ns < best[c]) /* the first one warms up */
				best[c] = ns;
		}
	}
	ox_bench_dp_end(&b->d, law);
	for (int c = 0; c < 2; c++)
		printf("%u flows, %s, cache %u|%.1f|1 mask\n", n, law, cache[c],
		       best[c] - b->floor);
	fflush(stdout);
}

static void bench_flows(void *bench, uint32_t n)
{
	struct bench *b = bench;

	if (n >= 100)
		bench_load(b, n);
	for (uint32_t i = 0; i < n; i++)
		exact_put(b, i);
	list_fill(b, n, ox_gen_uniform);
	measure_caches(b, n, "uniform");
	list_fill(b, n, ox_gen_zipf);
	measure_caches(b, n, "Zipf");
	ox_bench_dp_clear(&b->d);
}

static const struct ox_bench_kind kinds[] = {
	{ "masks", bench_masks, { 1, 2, 4, 8, 16, 32, 64, 128, 512, 1024 } },
	{ "attack", bench_attack, { 8000 } },
	{ "flows", bench_flows, { 1, 10, 100, 1000, 10000, 100000, 1000000 } },
};

int main(int argc, char **argv)
{
	struct bench b = { 0 };

	ox_bench_netns();
	ox_bench_pin(sysconf(_SC_NPROCESSORS_ONLN) - 1);
	b.in_ifindex = ox_bench_veth("bin", "bin-far");
	ox_gen_open(&b.gen);
	ox_gen_target(&b.gen, ox_frames_prog(XDP_DROP));
	b.floor = ox_frames_best(ox_frames_plain, b.gen.prog_fd, b.in_ifindex);
	printf("generator|%.1f|taken off below\n", b.floor);

	ox_bench_dp_open(&b.d, argc > 1 ? argv[1] : OX_BENCH_ROOT, 0);
	ox_bench_dp_port(&b.d, IN_PORT, b.in_ifindex);
	ox_bench_dp_port(&b.d, OUT_PORT, ox_bench_veth("bout", "bout-far"));
	ox_gen_target(&b.gen, ox_dp_prog_fd(b.d.dp));
	ox_bench_kinds(kinds, sizeof(kinds) / sizeof(kinds[0]), &b, argc - 2,
		       argv + 2);
	ox_bench_dp_close(&b.d);
	return 0;
}
