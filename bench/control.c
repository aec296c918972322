// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * control.c - what the daemon does in a second, through real netlink: flow
 * puts in batches of several messages a datagram (as ovs-vswitchd sends
 * them), flows dumped, upcalls delivered.
 *
 * Usage: control BUILD_FOLDER ROOT [FLOWS]...; SECONDS_EACH of upcalls, FLOOD
 * frames without a pause
 * Prints one line a measurement: NAME|VALUE|REMARK; rates are a second
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "bench/libclient.h"
#include "bench/libframes.h"
#include "bench/libmem.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/uapi.h"

#define BATCH	50 /* ovs-vswitchd's (lib/dpif-netlink.c, OPERATE_MAX) */
#define WINDOW	4  /* datagrams of puts under way */
#define IN_PORT 1

static uint8_t room[256 * 1024] __attribute__((aligned(4)));
static const char *root;
static uint32_t dp_ifindex;

/* ---- flow puts ---- */

/* Key or mask of flow i: the attributes that ovs-vswitchd names for UDP. */
static void put_match(struct ox_nlbuf *b, uint16_t type, uint32_t i, bool mask)
{
	struct ovs_key_ethernet eth;
	struct ovs_key_ipv4 ip;
	struct ovs_key_udp udp;
	uint32_t nest;

	memset(&eth, mask ? 0xff : 0x02, sizeof(eth));
	memset(&ip, mask ? 0xff : 0, sizeof(ip));
	memset(&udp, 0, sizeof(udp));
	if (!mask) {
		ip = (struct ovs_key_ipv4){ .ipv4_src = htonl(0x0a000000 + i),
					    .ipv4_dst = htonl(0x14000001),
					    .ipv4_proto = 17,
					    .ipv4_ttl = 64 };
	}
	ox_nl_nest(b, type, &nest);
	ox_nl_put_u32(b, OVS_KEY_ATTR_PRIORITY, 0);
	ox_nl_put_u32(b, OVS_KEY_ATTR_IN_PORT, mask ? UINT32_MAX : IN_PORT);
	ox_nl_put(b, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
	ox_nl_put_u16(b, OVS_KEY_ATTR_ETHERTYPE,
		      mask ? UINT16_MAX : htons(0x0800));
	ox_nl_put(b, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
	ox_nl_put(b, OVS_KEY_ATTR_UDP, &udp, sizeof(udp));
	ox_nl_nest_end(b, nest);
}

static void put_flow(struct ox_nlbuf *b, uint32_t i)
{
	uint32_t ufid[4] = { i, i * 2654435761u, ~i, 0x6f787870 };
	uint32_t nest;

	ox_client_begin(b, OX_GENL_FLOW, OVS_FLOW_CMD_NEW,
			NLM_F_ACK | NLM_F_CREATE, dp_ifindex);
	ox_nl_put(b, OVS_FLOW_ATTR_UFID, ufid, sizeof(ufid));
	put_match(b, OVS_FLOW_ATTR_KEY, i, false);
	put_match(b, OVS_FLOW_ATTR_MASK, i, true);
	ox_nl_nest(b, OVS_FLOW_ATTR_ACTIONS, &nest);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 0);
	ox_nl_nest_end(b, nest);
	ox_nl_end(b);
}

static uint32_t batch_put(int fd, uint32_t first, uint32_t n)
{
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
	uint32_t k = n - first < BATCH ? n - first : BATCH;

	for (uint32_t j = 0; j < k; j++)
		put_flow(&b, first + j);
	ox_client_send(fd, room, b.len);
	return k;
}

/* Some batches are always on their way, so neither side waits. */
static void flows_put(int fd, uint32_t n)
{
	uint32_t sent = 0, acked = 0;

	while (acked < n) {
		while (sent < n && sent - acked < WINDOW * BATCH)
			sent += batch_put(fd, sent, n);
		ox_client_acks(fd, n - acked < BATCH ? n - acked : BATCH);
		acked += n - acked < BATCH ? n - acked : BATCH;
	}
}

/* ---- dumps ---- */

static void flows_dump(int fd, uint32_t portid, uint32_t n)
{
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
	uint32_t got = 0;
	bool done = false;

	ox_client_begin(&b, OX_GENL_FLOW, OVS_FLOW_CMD_GET,
			NLM_F_DUMP | NLM_F_ACK, dp_ifindex);
	ox_nl_end(&b);
	ox_client_send(fd, room, b.len);
	while (!done) {
		int len = ox_client_recv_dump(fd, portid, room, sizeof(room),
					      20000);
		const struct nlmsghdr *nlh = (const void *)room;

		if (!len)
			ox_bench_die("the dump stopped at %u flows", got);
		for (; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			got += nlh->nlmsg_type == OX_GENL_FLOW;
			done |= nlh->nlmsg_type == NLMSG_DONE;
		}
	}
	if (got != n)
		ox_bench_die("%u flows put, %u dumped", n, got);
}

/* One line: so many things took so long since t, and cpu of the daemon. */
static void report(const char *name, uint32_t n, uint64_t t, uint64_t cpu,
		   const char *remark)
{
	double s = (ox_bench_ns() - t) / 1e9;

	cpu = ox_client_daemon_cpu() - cpu;
	printf("%s|%.0f|%s; %.2f us of the daemon's CPU each\n", name, n / s,
	       remark, n ? cpu / 1e3 / n : 0);
	fflush(stdout);
}

/* What n flows made it take. */
static void report_memory(uint32_t n, const struct ox_bench_maps *before,
			  uint64_t anon)
{
	struct ox_bench_maps now = ox_bench_maps(root);

	anon = ox_client_daemon_anon() - anon;
	printf("memory of a flow, %u flows|%.0f|bytes: BPF maps %.0f, daemon "
	       "%.0f; besides %.0f in per-CPU counters (%ld CPUs)\n",
	       n, (double)(now.shared - before->shared + anon) / n,
	       (double)(now.shared - before->shared) / n, (double)anon / n,
	       (double)(now.per_cpu - before->per_cpu) / n,
	       sysconf(_SC_NPROCESSORS_CONF));
}

static void report_again(uint32_t n)
{
	uint64_t t = ox_client_daemon_again();

	printf("daemon's start after kill -9, %u flows|%.2f|seconds until it "
	       "answers\n",
	       n, t / 1e9);
	fflush(stdout);
}

static void bench_flows(int fd, uint32_t portid, uint32_t n)
{
	struct ox_bench_maps before;
	uint64_t t, cpu, anon;
	char name[64];

	dp_ifindex = ox_client_dp_new(fd, "bflow", 0);
	before = ox_bench_maps(root);
	anon = ox_client_daemon_anon();
	snprintf(name, sizeof(name), "flow puts, %u flows", n);
	t = ox_bench_ns();
	cpu = ox_client_daemon_cpu();
	flows_put(fd, n);
	report(name, n, t, cpu, "50 messages a datagram, each acknowledged");
	snprintf(name, sizeof(name), "flows dumped, %u flows", n);
	t = ox_bench_ns();
	cpu = ox_client_daemon_cpu();
	flows_dump(fd, portid, n);
	report(name, n, t, cpu, "whole: key, mask, actions, counters");
	report_memory(n, &before, anon);
	report_again(n);
	flows_dump(fd, portid, n);
	ox_client_dp_del(fd, dp_ifindex);
}

/* ---- upcalls ---- */

static volatile bool stop;
static uint32_t far_ifindex;

/* Frames that the far end sends into the port until stop. Many a call: each
 * call waits for a grace period, in which the rings would run dry. */
static uint32_t flood_len;

static void *flood(void *arg)
{
	int prog = ox_frames_prog(XDP_TX);

	(void)arg;
	while (!stop)
		ox_frames_live(prog, far_ifindex, flood_len);
	return NULL;
}

static void bench_upcalls(int fd)
{
	uint32_t portid, got = 0;
	int up = ox_client_open(&portid);
	uint64_t t, cpu, end;
	pthread_t thread;

	flood_len = ox_bench_number("FLOOD", 1 << 20);
	ox_bench_veth("bup", "bup-far");
	far_ifindex = if_nametoindex("bup-far");
	dp_ifindex = ox_client_dp_new(fd, "bupcall", portid);
	ox_client_vport_new(fd, dp_ifindex, "bup", IN_PORT, portid);
	ox_frames_attach(ox_frames_prog(XDP_PASS), far_ifindex);
	if (pthread_create(&thread, NULL, flood, NULL))
		ox_bench_die("no thread");
	t = ox_bench_ns();
	cpu = ox_client_daemon_cpu();
	end = t + ox_bench_number("SECONDS_EACH", 3) * 1000000000ull;
	while (ox_bench_ns() < end) {
		const struct nlmsghdr *nlh = (const void *)room;

		if (ox_client_recv(up, room, sizeof(room), 100))
			got += nlh->nlmsg_type == OX_GENL_PACKET;
	}
	report("upcalls", got, t, cpu,
	       "64-byte misses from one port, generator and client on the "
	       "other CPU");
	stop = true;
	pthread_join(thread, NULL);
	ox_client_dp_del(fd, dp_ifindex);
}

int main(int argc, char **argv)
{
	uint32_t portid;
	int fd;

	if (argc < 3)
		ox_bench_die("usage: control BUILD_FOLDER ROOT [FLOWS]...");
	root = argv[2];
	ox_bench_netns();
	ox_client_daemon(argv[1], root);
	fd = ox_client_open(&portid);
	for (int i = 3; i < argc; i++)
		bench_flows(fd, portid, strtoul(argv[i], NULL, 0));
	bench_upcalls(fd);
	ox_client_daemon_stop();
	return 0;
}
