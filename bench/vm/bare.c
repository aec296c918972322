// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * bare.c - puts the programs of bare.bpf.c where bench/vm/inside wants them.
 * What it attaches stays when it ends.
 *
 *   bare xdp-sink|tc-sink DEV        counts and drops what comes in
 *   bare xdp-redirect|tc-redirect|tc-peer DEV TO
 *   bare detach DEV
 *   bare count                       packets sunk since the last call
 *   bare frames DEV N FLOWS          sends N frames out of DEV, as a NIC's
 *                                    driver would bring them to its far end;
 *                                    prints nanoseconds a frame
 */
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "bench/vm/bare.skel.h"
#include "bench/libframes.h"
#include "bench/vm/bare.h"

#ifndef BPF_F_TEST_XDP_LIVE_FRAMES
#define BPF_F_TEST_XDP_LIVE_FRAMES (1U << 1)
#endif

static uint32_t device(const char *name)
{
	uint32_t ifindex = if_nametoindex(name);

	if (!ifindex)
		ox_bench_die("no device %s in this network namespace", name);
	return ifindex;
}

/* counts: the far end's counter is needed, which stays pinned. */
static struct ovsxdp_bare *load(uint32_t target, bool counts)
{
	struct ovsxdp_bare *b = ovsxdp_bare__open();

	if (!b)
		ox_bench_die("can't open bare.bpf.o: %s", strerror(errno));
	b->rodata->target = target;
	if (!counts)
		bpf_map__set_pin_path(b->maps.bare_sunk, NULL);
	if (ovsxdp_bare__load(b))
		ox_bench_die("can't load bare.bpf.o: %s", strerror(errno));
	return b;
}

static void attach_xdp(struct bpf_program *p, uint32_t ifindex)
{
	ox_frames_attach(bpf_program__fd(p), ifindex);
}

static void attach_tc(struct bpf_program *p, uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = bpf_program__fd(p));
	int err = bpf_tc_hook_create(&hook);

	if (!err || err == -EEXIST)
		err = bpf_tc_attach(&hook, &opts);
	if (err)
		ox_bench_die("can't attach to tc ingress of device %u: %s",
			     ifindex, strerror(-err));
}

static int detach(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL);
	bpf_tc_hook_destroy(&hook);
	return 0;
}

static int redirect_xdp(uint32_t ifindex, uint32_t to)
{
	struct ovsxdp_bare *b = load(to, false);
	uint32_t zero = 0;

	if (bpf_map_update_elem(bpf_map__fd(b->maps.bare_tx), &zero, &to, 0))
		ox_bench_die("can't redirect to device %u: %s", to,
			     strerror(errno));
	attach_xdp(b->progs.bare_xdp_redirect, ifindex);
	return 0;
}

static int redirect_tc(const char *how, uint32_t ifindex, uint32_t to)
{
	struct ovsxdp_bare *b = load(to, false);

	attach_tc(strcmp(how, "tc-peer") ? b->progs.bare_tc_redirect
					 : b->progs.bare_tc_peer,
		  ifindex);
	return 0;
}

static int sink(const char *how, uint32_t ifindex)
{
	struct ovsxdp_bare *b = load(0, true);

	if (!strcmp(how, "xdp-sink"))
		attach_xdp(b->progs.bare_xdp_sink, ifindex);
	else
		attach_tc(b->progs.bare_tc_sink, ifindex);
	return 0;
}

static int count(void)
{
	struct ovsxdp_bare *b = load(0, true);
	int fd = bpf_map__fd(b->maps.bare_sunk);
	uint64_t n = 0, none = 0;
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(fd, &zero, &n) ||
	    bpf_map_update_elem(fd, &zero, &none, 0))
		ox_bench_die("can't read the far end's counter: %s",
			     strerror(errno));
	printf("%llu\n", (unsigned long long)n);
	return 0;
}

static int frames(uint32_t ifindex, uint32_t n, uint32_t n_flows)
{
	uint8_t data[BARE_FRAME_LEN + BARE_TRIM] = { 0 };
	struct xdp_md ctx = { .data_end = sizeof(data),
			      .ingress_ifindex = ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, o, .repeat = (int)n,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 64,
		    .data_in = data, .data_size_in = sizeof(data),
		    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));
	struct ovsxdp_bare *b = load(0, false);

	_Static_assert(sizeof(b->bss->frame) == OX_FRAME_LEN, "one frame");
	memcpy(b->bss->frame, ox_frame, sizeof(ox_frame));
	b->data->flows = n_flows;
	if (bpf_prog_test_run_opts(bpf_program__fd(b->progs.bare_source), &o))
		ox_bench_die("BPF_PROG_TEST_RUN: %s", strerror(errno));
	printf("%u\n", o.duration);
	return 0;
}

int main(int argc, char **argv)
{
	const char *cmd = argc > 1 ? argv[1] : "";

	libbpf_set_print(NULL);
	if (!strcmp(cmd, "count"))
		return count();
	if (strstr(cmd, "-sink") && argc == 3)
		return sink(cmd, device(argv[2]));
	if (!strcmp(cmd, "detach") && argc == 3)
		return detach(device(argv[2]));
	if (!strcmp(cmd, "xdp-redirect") && argc == 4)
		return redirect_xdp(device(argv[2]), device(argv[3]));
	if (!strncmp(cmd, "tc-", 3) && argc == 4)
		return redirect_tc(cmd, device(argv[2]), device(argv[3]));
	if (!strcmp(cmd, "frames") && argc == 5)
		return frames(device(argv[2]), atoi(argv[3]), atoi(argv[4]));
	ox_bench_die("usage: see the head of bench/vm/bare.c");
}
