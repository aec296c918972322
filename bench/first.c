// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * first.c - how long the first packet of a flow takes, from a host's send to
 * the other host's receive. It goes through the miss, an upcall, and a native
 * client that answers with a flow and an EXECUTE in one datagram. No packet is
 * sent before the one before it has come.
 *
 * Usage: first BUILD_FOLDER ROOT [PACKETS]
 * Prints one line a percentile: NAME|MICROSECONDS|REMARK
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "bench/libclient.h"
#include "bench/libframes.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/uapi.h"

#define IN_PORT	 1
#define OUT_PORT 2
#define SPORT_AT 34 /* of the UDP source port in ox_frame */
#define WAIT_MS	 2000

static uint32_t dp_ifindex;

/* ---- the client: each miss gets a flow to OUT_PORT ---- */

static const struct nlattr *find(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *a;

	mnl_attr_for_each (a, nlh, GENL_HDRLEN + sizeof(struct ovs_header)) {
		if (mnl_attr_get_type(a) == type)
			return a;
	}
	ox_bench_die("an upcall without attribute %u", type);
}

static void copy(struct ox_nlbuf *b, uint16_t type, const struct nlattr *a)
{
	ox_nl_put(b, type, mnl_attr_get_payload(a),
		  mnl_attr_get_payload_len(a));
}

static void put_output(struct ox_nlbuf *b, uint16_t type)
{
	uint32_t nest;

	ox_nl_nest(b, type, &nest);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, OUT_PORT);
	ox_nl_nest_end(b, nest);
	ox_nl_end(b);
}

static void answer(int fd, const struct nlmsghdr *miss)
{
	static uint8_t room[64 * 1024] __attribute__((aligned(4)));
	const struct nlattr *key = find(miss, OVS_PACKET_ATTR_KEY);
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };

	ox_client_begin(&b, OX_GENL_FLOW, OVS_FLOW_CMD_NEW, NLM_F_CREATE,
			dp_ifindex);
	copy(&b, OVS_FLOW_ATTR_KEY, key);
	put_output(&b, OVS_FLOW_ATTR_ACTIONS);
	ox_client_begin(&b, OX_GENL_PACKET, OVS_PACKET_CMD_EXECUTE, 0,
			dp_ifindex);
	copy(&b, OVS_PACKET_ATTR_PACKET, find(miss, OVS_PACKET_ATTR_PACKET));
	copy(&b, OVS_PACKET_ATTR_KEY, key);
	put_output(&b, OVS_PACKET_ATTR_ACTIONS);
	ox_client_send(fd, room, b.len);
}

static void *serve(void *arg)
{
	static uint8_t room[64 * 1024] __attribute__((aligned(4)));
	const struct nlmsghdr *nlh = (const void *)room;
	int fd = *(int *)arg;

	for (;;) {
		size_t len = ox_client_recv(fd, room, sizeof(room), -1);

		if (mnl_nlmsg_ok(nlh, len) && nlh->nlmsg_type == OX_GENL_PACKET)
			answer(fd, nlh);
	}
	return NULL;
}

/* ---- the hosts ---- */

static int host_open(const char *dev)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(dev) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	if (fd < 0 || bind(fd, (struct sockaddr *)&ll, sizeof(ll)))
		ox_bench_die("packet socket on %s: %s", dev, strerror(errno));
	return fd;
}

/* Nanoseconds that the packet with this source port takes. */
static uint64_t one(int from, int to, uint16_t sport)
{
	struct pollfd p = { .fd = to, .events = POLLIN };
	uint8_t frame[OX_FRAME_LEN], got[2048];
	uint64_t t;

	memcpy(frame, ox_frame, sizeof(frame));
	sport = htons(sport);
	memcpy(frame + SPORT_AT, &sport, sizeof(sport));
	t = ox_bench_ns();
	if (send(from, frame, sizeof(frame), 0) != sizeof(frame))
		ox_bench_die("send: %s", strerror(errno));
	for (;;) {
		if (poll(&p, 1, WAIT_MS) <= 0)
			ox_bench_die("packet %u hasn't come", ntohs(sport));
		if (recv(to, got, sizeof(got), 0) >= OX_FRAME_LEN &&
		    !memcmp(got + SPORT_AT, &sport, sizeof(sport)))
			return ox_bench_ns() - t;
	}
}

static int cmp_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void report(const char *what, uint64_t *ns, uint32_t n)
{
	qsort(ns, n, sizeof(*ns), cmp_u64);
	printf("%s, p50|%.0f|microseconds, host to host, %u packets\n", what,
	       ns[n / 2] / 1e3, n);
	printf("%s, p99|%.0f|microseconds\n", what, ns[n * 99 / 100] / 1e3);
}

int main(int argc, char **argv)
{
	uint32_t portid, n = argc > 3 ? strtoul(argv[3], NULL, 0) : 2000;
	int fd, up, from, to;
	pthread_t thread;
	uint64_t *ns;

	if (argc < 3 || n < 1 || n > 60000)
		ox_bench_die("usage: first BUILD_FOLDER ROOT [PACKETS]");
	ns = calloc(n, sizeof(*ns));
	if (!ns)
		ox_bench_die("no memory");
	ox_bench_netns();
	ox_client_daemon(argv[1], argv[2]);
	fd = ox_client_open(&portid);
	up = ox_client_open(&portid);
	ox_bench_veth("bfa", "bfa-far");
	ox_bench_veth("bfb", "bfb-far");
	dp_ifindex = ox_client_dp_new(fd, "bfirst", portid);
	ox_client_vport_new(fd, dp_ifindex, "bfa", IN_PORT, portid);
	ox_client_vport_new(fd, dp_ifindex, "bfb", OUT_PORT, portid);
	from = host_open("bfa-far");
	to = host_open("bfb-far");
	if (pthread_create(&thread, NULL, serve, &up))
		ox_bench_die("no thread");
	for (uint32_t i = 0; i < n; i++)
		ns[i] = one(from, to, 1024 + i);
	report("first packet of a flow", ns, n);
	for (uint32_t i = 0; i < n; i++)
		ns[i] = one(from, to, 1024 + i);
	report("next packet of it", ns, n);
	ox_client_dp_del(fd, dp_ifindex);
	ox_client_daemon_stop();
	return 0;
}
