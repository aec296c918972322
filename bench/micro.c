// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * micro.c - nanoseconds a packet: an empty program, a bare redirect, and the
 * datapath with 1 to 1,024 masks, mask cache hit and switched off. Every
 * program is measured twice: alone on one buffer ("program"), and with live
 * frames that leave by a veth whose far end drops them ("frames").
 *
 * Prints one line a measurement: NAME|PROGRAM_NS|FRAMES_NS|REMARK
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <net/if.h>
#include <linux/bpf.h>
#include <linux/openvswitch.h>

#include "bench/libframes.h"
#include "bpf/host.h"
#include "control/table.h"
#include "ovsxdp/dp.h"

#define IN_PORT	  1
#define OUT_PORT  2
#define MAX_MASKS 1024

static uint32_t in_ifindex;

static void measure(const char *name, int prog_fd, const char *remark)
{
	double program = ox_frames_best(ox_frames_plain, prog_fd, in_ifindex);
	double frames = ox_frames_best(ox_frames_live, prog_fd, in_ifindex);

	printf("%s|%.1f|%.1f|%s\n", name, program, frames, remark);
	fflush(stdout);
}

static void port_add(struct ox_mem *m, uint32_t port_no, uint32_t ifindex)
{
	m->ports[port_no] = (struct ox_port){ .ifindex = ifindex,
					      .flags = OX_PORT_UP,
					      .mtu = 1500 };
	m->uports[port_no].type = OVS_VPORT_TYPE_NETDEV;
	if (m->ops->port_device(m, port_no, ifindex, 0))
		ox_bench_die("can't enter port %u", port_no);
}

/* A list of one output action. */
static void actions(struct ox_actions *a)
{
	static const struct {
		uint16_t len, type;
		uint32_t port;
	} nla = { 8, OVS_ACTION_ATTR_OUTPUT, OUT_PORT };

	if (ox_actions_recompile(&nla, sizeof(nla), a))
		ox_bench_die("can't compile an output");
}

/*
 * Mask i of n: port, Ethertype, protocol and prefixes of the addresses, all
 * different. Only the last one's flow is the frame's, so that without the
 * cache a lookup tries all n.
 */
static void flow_add(struct ox_table *t, uint32_t i, uint32_t n)
{
	struct ox_flow_spec spec = { 0 };
	struct ox_actions a = { 0 };
	struct ox_err e = { 0 };
	uint32_t flow;

	if (ox_host_extract(ox_frame, sizeof(ox_frame), IN_PORT, &spec.key))
		ox_bench_die("no key");
	spec.mask.in_port = UINT32_MAX;
	spec.mask.recirc_id = UINT32_MAX;
	spec.mask.eth_type = UINT16_MAX;
	spec.mask.ip_proto = UINT8_MAX;
	spec.mask.ip_frag = UINT8_MAX;
	spec.mask.ipv4.src = htonl(UINT32_MAX << (i % 32));
	spec.mask.ipv4.dst = htonl(UINT32_MAX << (i / 32));
	if (i + 1 < n)
		spec.key.ipv4.src ^= htonl(0x80000000);
	actions(&a);
	spec.actions = &a;
	if (ox_table_insert(t, &spec, &flow, &e))
		ox_bench_die("can't insert a flow: %s", e.msg);
	ox_actions_free(&a);
}

static void datapath_masks(struct ox_dp *dp, uint32_t n)
{
	struct ox_mem *m = ox_dp_mem(dp);
	struct ox_table *t = NULL;
	struct ox_err e = { 0 };
	char name[64];

	if (ox_table_open(m, &t, &e))
		ox_bench_die("can't open the flow table: %s", e.msg);
	for (uint32_t i = 0; i < n; i++)
		flow_add(t, i, n);
	snprintf(name, sizeof(name), "datapath, %u mask%s, cache hit", n,
		 n > 1 ? "s" : "");
	m->config->cache_size = 256;
	measure(name, ox_dp_prog_fd(dp), "output");
	snprintf(name, sizeof(name), "datapath, %u mask%s, no cache", n,
		 n > 1 ? "s" : "");
	m->config->cache_size = 0;
	measure(name, ox_dp_prog_fd(dp), "output");
	ox_table_flush(t);
	ox_table_tick(t);
	ox_table_close(t);
}

static void check_counters(struct ox_dp *dp)
{
	struct ox_mem *m = ox_dp_mem(dp);
	struct ox_dp_stats s = { 0 };

	/* what was measured must have been forwarding */
	if (m->ops->dp_stats(m, &s) || !s.n_hit || s.n_missed || s.n_lost)
		ox_bench_die("hit %llu, missed %llu, lost %llu: not all "
			     "frames met their flow",
			     s.n_hit, s.n_missed, s.n_lost);
	for (int i = 0; i <= OX_R_DROP_LAST; i++) {
		if (s.reason[i])
			ox_bench_die("drop reason %d: %llu frames", i,
				     s.reason[i]);
	}
}

int main(int argc, char **argv)
{
	const char *root = argc > 1 ? argv[1] : "/sys/fs/bpf/ovsxdp-bench";
	struct ox_dp_params params = { .name = "bench", .max_flows = 4096 };
	struct ox_err e = { 0 };
	struct ox_dp *dp = NULL;
	uint32_t out, peer;

	ox_bench_netns();
	ox_bench_pin(sysconf(_SC_NPROCESSORS_ONLN) - 1);
	in_ifindex = ox_bench_veth("bin", "bin-far");
	out = ox_bench_veth("bout", "bout-far");
	peer = if_nametoindex("bout-far");
	ox_frames_attach(ox_frames_prog(XDP_DROP), peer);

	measure("empty program (drop)", ox_frames_prog(XDP_DROP), "floor");
	measure("bare bpf_redirect_map", ox_frames_prog_redirect(out),
		"reference");

	if (ox_probe(root, &e) || ox_dp_create(root, &params, &dp, &e))
		ox_bench_die("%s", e.msg);
	port_add(ox_dp_mem(dp), IN_PORT, in_ifindex);
	port_add(ox_dp_mem(dp), OUT_PORT, out);
	for (uint32_t n = 1; n <= MAX_MASKS; n *= 2)
		datapath_masks(dp, n);
	check_counters(dp);
	ox_dp_close(dp);
	return ox_dp_remove(root, "bench", &e) ? 1 : 0;
}
