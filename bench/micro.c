// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * micro.c - nanoseconds a packet: an empty program, a bare redirect, and the
 * datapath with 1 to 1,024 masks, mask cache hit and switched off. Every
 * program is measured twice: alone on one buffer ("program"), and with live
 * frames that leave by a veth whose far end drops them ("frames").
 *
 *   micro [ROOT [MASKS]]: at most so many; ROUNDS and ROUND_MS choose how long
 *
 * Prints one line a measurement: NAME|PROGRAM_NS|FRAMES_NS|REMARK
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <net/if.h>
#include <linux/bpf.h>

#include "bench/libdp.h"
#include "bench/libframes.h"

#define IN_PORT	 1
#define OUT_PORT 2
#define OUTPUT	 "2"

static uint32_t in_ifindex;

static void measure(const char *name, int prog_fd, const char *remark)
{
	double program = ox_frames_best(ox_frames_plain, prog_fd, in_ifindex);
	double frames = ox_frames_best(ox_frames_live, prog_fd, in_ifindex);

	printf("%s|%.1f|%.1f|%s\n", name, program, frames, remark);
	fflush(stdout);
}

/*
 * Mask i of n: port, Ethertype, protocol and prefixes of the addresses, all
 * different. Only the last one's flow is the frame's, so that without the
 * cache a lookup tries all n.
 */
static void flow_add(struct ox_bench_dp *b, uint32_t i, uint32_t n)
{
	struct ox_flow_spec spec;

	ox_bench_dp_spec(&spec, IN_PORT);
	spec.mask.ipv4.src = htonl(UINT32_MAX << (i % 32));
	spec.mask.ipv4.dst = htonl(UINT32_MAX << (i / 32));
	if (i + 1 < n)
		spec.key.ipv4.src ^= htonl(0x80000000);
	ox_bench_dp_flow(b, &spec, OUTPUT);
}

static void datapath_masks(struct ox_bench_dp *b, uint32_t n)
{
	char name[64];

	for (uint32_t i = 0; i < n; i++)
		flow_add(b, i, n);
	snprintf(name, sizeof(name), "datapath, %u mask%s, cache hit", n,
		 n > 1 ? "s" : "");
	b->m->config->cache_size = 256;
	measure(name, ox_dp_prog_fd(b->dp), "output");
	snprintf(name, sizeof(name), "datapath, %u mask%s, no cache", n,
		 n > 1 ? "s" : "");
	b->m->config->cache_size = 0;
	measure(name, ox_dp_prog_fd(b->dp), "output");
	ox_bench_dp_clear(b);
}

int main(int argc, char **argv)
{
	static const uint32_t masks[] = { 1,  2,  4,   8,   10,	 16,
					  32, 64, 128, 256, 512, 1024 };
	uint32_t max = argc > 2 ? strtoul(argv[2], NULL, 0) : 1024;
	struct ox_bench_dp b = { 0 };
	uint32_t out;

	ox_bench_netns();
	ox_bench_pin(sysconf(_SC_NPROCESSORS_ONLN) - 1);
	in_ifindex = ox_bench_veth("bin", "bin-far");
	out = ox_bench_veth("bout", "bout-far");
	ox_frames_attach(ox_frames_prog(XDP_DROP), if_nametoindex("bout-far"));

	measure("empty program (drop)", ox_frames_prog(XDP_DROP), "floor");
	measure("bare bpf_redirect_map", ox_frames_prog_redirect(out),
		"reference");

	ox_bench_dp_open(&b, argc > 1 ? argv[1] : OX_BENCH_ROOT, 4096);
	ox_bench_dp_port(&b, IN_PORT, in_ifindex);
	ox_bench_dp_port(&b, OUT_PORT, out);
	ox_bench_dp_begin(&b);
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		if (masks[i] <= max)
			datapath_masks(&b, masks[i]);
	}
	ox_bench_dp_end(&b, "datapath");
	ox_bench_dp_close(&b);
	return 0;
}
