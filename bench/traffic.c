// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * traffic.c - nanoseconds per live frame, the whole way, by what the frames are
 * and what is done to them. Each stands beside the bare redirect of the same
 * frames. There are masks with the cache hit, missed and off; many flows,
 * uniform and by Zipf's law; IPv4, IPv6, VLAN, edits, recirculation. As
 * "frames" of micro.c.
 *
 *   traffic [ROOT [packets|masks|flows [COUNT...]]...]
 *
 * Prints one line a measurement: NAME|NS|BARE_NS|REMARK. ROUNDS and ROUND_MS
 * choose how long.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "bench/libdp.h"
#include "bench/libframes.h"
#include "bench/libgen.h"
#include "bench/libkinds.h"

#define IN_PORT	 1
#define OUT_PORT 2
#define OUTPUT	 "2"
#define SINK	 "bout-far"
#define NEAR	 256	     /* flows that stay in the core's own cache */
#define SADDR	 0x0a000000u /* of flow 0 */

struct bench {
	struct ox_bench_dp d;
	struct ox_gen gen;
	uint32_t in, out;
	uint32_t sink; /* the far end of out */
	int redirect;  /* the bare one */
	double floor;  /* what the generator takes */
	double bare;   /* the redirect, of the present frames */
	uint32_t lost; /* frames of the last measurement */
};

static double frames(struct bench *b, int prog_fd)
{
	uint32_t on_way = ox_frames_sent() - ox_frames_received(SINK);
	double ns = ox_frames_best(ox_frames_live, prog_fd, b->in);

	b->lost = ox_frames_sent() - ox_frames_received(SINK) - on_way;
	return ns;
}

/* The same frames through prog_fd, from the list. */
static double listed(struct bench *b, int prog_fd)
{
	ox_gen_target(&b->gen, prog_fd);
	return frames(b, b->gen.prog_fd) - b->floor;
}

static void report(struct bench *b, const char *name, double ns,
		   const struct ox_dp_stats *s)
{
	double n = (double)s->n_hit;

	printf("%s|%.1f|%.1f|%.2f masks probed, %.2f cache hits a lookup; %u "
	       "frames lost\n",
	       name, ns, b->bare, (double)s->n_mask_hit / n,
	       (double)s->n_cache_hit / n, b->lost);
	fflush(stdout);
}

/* ---- kinds of packets: one flow, in the cache ---- */

static const uint8_t ipv4[] = { 0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08,
				0x00,
				/* 50 bytes of UDP from 10.0.0.1 */
				0x45, 0, 0, 50, 0, 0, 0x40, 0, 64, 17, 0x26,
				0xb9, 10, 0, 0, 1, 10, 0, 0, 2, 0x03, 0xe8,
				0x07, 0xd0, 0, 30, 0x12, 0x34 };
static const uint8_t vlan[] = { 0x02, 0,    0,	  0,  0,    2,	  0x02, 0,
				0,    0,    0,	  1,  0x81, 0x00, 0,	5,
				0x08, 0x00, 0x45, 0,  0,    50,	  0,	0,
				0x40, 0,    64,	  17, 0x26, 0xb9, 10,	0,
				0,    1,    10,	  0,  0,    2,	  0x03, 0xe8,
				0x07, 0xd0, 0,	  30, 0,    0 };
static const uint8_t ipv6[] = { 0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x86,
				0xdd,
				/* 12 bytes of UDP from fd00::1 to fd00::2 */
				0x60, 0, 0, 0, 0, 12, 17, 64, 0xfd, 0, 0, 0, 0,
				0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xfd, 0, 0, 0,
				0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x03, 0xe8,
				0x07, 0xd0, 0, 12, 0x12, 0x34 };

#define ROUTED "set(eth(src=02:00:00:00:02:01,dst=02:00:00:00:02:02)),"
#define NATTED                                                       \
	"set(ipv4(src=192.0.2.1/255.255.255.255)),set(udp(src=4000/" \
	"0xffff)),2"

/* moved: where the frame's start is at the far end. */
static const struct packet {
	const char *name;
	const uint8_t *bytes;
	uint32_t used, len;
	const char *actions;
	int moved;
} packets[] = {
	{ "IPv4", ipv4, sizeof(ipv4), 64, OUTPUT, 0 },
	{ "IPv6", ipv6, sizeof(ipv6), 66, OUTPUT, 0 },
	{ "VLAN tag, kept", vlan, sizeof(vlan), 68, OUTPUT, 0 },
	{ "VLAN tag pushed", ipv4, sizeof(ipv4), 64, "push_vlan(vid=5,pcp=0),2",
	  -4 },
	{ "VLAN tag popped", vlan, sizeof(vlan), 68, "pop_vlan,2", 4 },
	{ "VLAN id changed", vlan, sizeof(vlan), 68,
	  "pop_vlan,push_vlan(vid=6,pcp=0),2", 0 },
	{ "IPv4, routed: MACs and TTL", ipv4, sizeof(ipv4), 64,
	  ROUTED "set(ipv4(ttl=63)),2", 0 },
	{ "IPv6, routed: MACs and hop limit", ipv6, sizeof(ipv6), 66,
	  ROUTED "set(ipv6(hlimit=63)),2", 0 },
	{ "IPv4, source address and port set", ipv4, sizeof(ipv4), 64, NATTED,
	  0 },
	{ "IPv4, recirculated once", ipv4, sizeof(ipv4), 64, "recirc(1)", 0 },
	{ "IPv4, recirculated twice", ipv4, sizeof(ipv4), 64, "recirc(2)", 0 },
};

static void sink(struct bench *b, int prog_fd)
{
	ox_frames_attach(prog_fd, b->sink);
	close(prog_fd);
}

/* First the packet's flow, then those behind recirculations 1 and 2. */
static void packet_flows(struct bench *b, const struct packet *p)
{
	struct ox_flow_spec s;

	ox_bench_dp_spec(&s, IN_PORT);
	ox_bench_dp_flow(&b->d, &s, p->actions);
	s.key.recirc_id = 1;
	ox_bench_dp_flow(&b->d, &s, OUTPUT);
	s.key.recirc_id = 2;
	ox_bench_dp_flow(&b->d, &s, "recirc(1)");
}

static void packet(struct bench *b, const struct packet *p)
{
	static uint8_t frame[OX_FRAME_MAX];
	struct ox_dp_stats s;
	double ns;

	memcpy(frame, p->bytes, p->used);
	ox_frames_use(frame, p->len);
	packet_flows(b, p);
	sink(b, ox_frames_prog_restore(0));
	b->bare = frames(b, b->redirect);
	sink(b, ox_frames_prog_restore(p->moved));
	b->d.m->config->cache_size = 256;
	ox_bench_dp_begin(&b->d);
	ns = frames(b, ox_dp_prog_fd(b->d.dp));
	s = ox_bench_dp_end(&b->d, p->name);
	report(b, p->name, ns, &s);
	ox_bench_dp_clear(&b->d);
}

static void bench_packets(void *bench, uint32_t n)
{
	struct bench *b = bench;
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		if (i < n)
			packet(b, &packets[i]);
	}
	ox_frames_use(ipv4, OX_FRAME_LEN);
	sink(b, ox_frames_prog(XDP_DROP));
}

/* ---- many flows ---- */

/* Flow i of many, by addresses and ports: in the list and in the table. */
static struct ox_gen_pkt listed_packet(uint32_t i)
{
	return (struct ox_gen_pkt){ .saddr = htonl(SADDR + i),
				    .sport = htons(1000 + i % 50000),
				    .dport = htons(2000) };
}

static void list_fill(struct bench *b, uint32_t n, uint32_t (*pick)(uint32_t))
{
	for (uint32_t i = 0; i < OX_GEN_LEN; i++)
		b->gen.list[i] = listed_packet(pick ? pick(n) : i % n);
}

static void exact_put(struct bench *b, uint32_t i)
{
	struct ox_gen_pkt p = listed_packet(i);
	struct ox_flow_spec s;

	ox_bench_dp_spec(&s, IN_PORT);
	s.key.ipv4.src = p.saddr;
	s.key.tp_src = p.sport;
	s.key.tp_dst = p.dport;
	s.mask.ipv4.src = s.mask.ipv4.dst = UINT32_MAX;
	s.mask.tp_src = s.mask.tp_dst = UINT16_MAX;
	ox_bench_dp_flow(&b->d, &s, OUTPUT);
}

/* An empty cache rests a few times before it has all that it can hold. */
#define WARM_UP (8 * OX_CACHE_REST)

static void measure(struct bench *b, const char *name, uint32_t cache)
{
	struct ox_dp_stats s;
	double ns;

	b->d.m->config->cache_size = cache;
	ox_gen_target(&b->gen, ox_dp_prog_fd(b->d.dp));
	ox_frames_live(b->gen.prog_fd, b->in, WARM_UP);
	ox_bench_dp_begin(&b->d);
	ns = listed(b, ox_dp_prog_fd(b->d.dp));
	s = ox_bench_dp_end(&b->d, name);
	report(b, name, ns, &s);
}

static void bench_flows(void *bench, uint32_t n)
{
	struct bench *b = bench;
	static const uint32_t cache[] = { 256, 0 };
	char name[64];

	for (uint32_t i = 0; i < n; i++)
		exact_put(b, i);
	for (int zipf = 0; zipf < 2; zipf++) {
		list_fill(b, n, zipf ? ox_gen_zipf : ox_gen_uniform);
		b->bare = listed(b, b->redirect);
		for (int c = 0; c < 2; c++) {
			snprintf(name, sizeof(name), "%u flow%s, %s, cache %u",
				 n, n > 1 ? "s" : "", zipf ? "Zipf" : "uniform",
				 cache[c]);
			measure(b, name, cache[c]);
		}
	}
	ox_bench_dp_clear(&b->d);
}

/* Masks by prefixes of the addresses, and NEAR flows in the last of them. */
static void masks_put(struct bench *b, uint32_t n)
{
	struct ox_flow_spec s;

	for (uint32_t i = 0; i + 1 < n; i++) {
		ox_bench_dp_spec(&s, IN_PORT);
		s.mask.ipv4.src = htonl(UINT32_MAX << (i % 32));
		s.mask.ipv4.dst = htonl(UINT32_MAX << (i / 32));
		s.key.ipv4.src ^= htonl(0x80000000);
		ox_bench_dp_flow(&b->d, &s, OUTPUT);
	}
	for (uint32_t i = 0; i < NEAR; i++)
		exact_put(b, i);
}

static void bench_masks(void *bench, uint32_t n)
{
	struct bench *b = bench;
	/* in a cache of one place, none finds what the one before left */
	static const struct {
		uint32_t size;
		const char *name;
	} cache[] = { { 65536, "cache hit" },
		      { 1, "cache miss" },
		      { 0, "no cache" } };
	char name[64];

	masks_put(b, n);
	list_fill(b, NEAR, NULL);
	b->bare = listed(b, b->redirect);
	for (int c = 0; c < 3; c++) {
		snprintf(name, sizeof(name), "%u mask%s, %s", n,
			 n > 1 ? "s" : "", cache[c].name);
		measure(b, name, cache[c].size);
	}
	ox_bench_dp_clear(&b->d);
}

static const struct ox_bench_kind kinds[] = {
	{ "packets", bench_packets, { UINT32_MAX } },
	{ "masks", bench_masks, { 1, 8, 10, 32, 128, 512, 1024 } },
	{ "flows", bench_flows, { 1, 10, 100, 1000, 10000, 100000, 1000000 } },
};

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	int drop;

	ox_bench_netns();
	ox_bench_pin(sysconf(_SC_NPROCESSORS_ONLN) - 1);
	b.in = ox_bench_veth("bin", "bin-far");
	b.out = ox_bench_veth("bout", SINK);
	b.sink = if_nametoindex(SINK);
	b.redirect = ox_frames_prog_redirect(b.out);
	sink(&b, ox_frames_prog(XDP_DROP));
	ox_gen_open(&b.gen);
	drop = ox_frames_prog(XDP_DROP);
	b.floor = listed(&b, drop);
	b.floor -= frames(&b, drop);

	ox_bench_dp_open(&b.d, argc > 1 ? argv[1] : OX_BENCH_ROOT, 0);
	ox_bench_dp_port(&b.d, IN_PORT, b.in);
	ox_bench_dp_port(&b.d, OUT_PORT, b.out);
	ox_bench_kinds(kinds, sizeof(kinds) / sizeof(kinds[0]), &b, argc - 2,
		       argv + 2);
	ox_bench_dp_close(&b.d);
	return 0;
}
