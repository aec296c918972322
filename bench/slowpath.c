// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * slowpath.c - how fast a switch between two hosts sets up connections.
 *
 *   slowpath NETNS_FILE_A NETNS_FILE_B FIRSTS SECONDS
 *
 * Each host is a namespace with a device h0. A connection is a UDP packet
 * from A with addresses not seen before, which B sends back: two flows, if
 * the switch's megaflows are as narrow. Prints NAME|VALUE|REMARK lines:
 *   first_p50, first_p99   microseconds from A's send to B's receipt of a
 *                          connection's first packet, one at a time
 *   connections            answered a second, with WINDOW of them under way
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "bench/libframes.h"

#define WINDOW	  64
#define LOST_MS	  1000
#define ID_AT	  42 /* in the frame: behind the UDP header */
#define SRC_AT	  26
#define MAX_FIRST 100000

struct host {
	int fd;
	uint8_t mac[ETH_ALEN];
};

static uint32_t next_id;
static uint32_t run_id; /* other runs' packets are none of ours */

static void host_open(struct host *h, const char *netns)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IP) };
	int ns = open(netns, O_RDONLY | O_CLOEXEC), size = 8 << 20;
	struct ifreq ifr = { 0 };

	if (ns < 0 || setns(ns, CLONE_NEWNET))
		ox_bench_die("can't enter %s: %s", netns, strerror(errno));
	close(ns);
	h->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	strcpy(ifr.ifr_name, "h0");
	ll.sll_ifindex = if_nametoindex("h0");
	if (h->fd < 0 || ioctl(h->fd, SIOCGIFHWADDR, &ifr) ||
	    bind(h->fd, (struct sockaddr *)&ll, sizeof(ll)))
		ox_bench_die("%s: h0: %s", netns, strerror(errno));
	memcpy(h->mac, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	setsockopt(h->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
}

static void send_frame(const struct host *h, const uint8_t *frame)
{
	if (send(h->fd, frame, OX_FRAME_LEN, 0) != OX_FRAME_LEN &&
	    errno != ENOBUFS && errno != EAGAIN)
		ox_bench_die("send: %s", strerror(errno));
}

/* A connection's first packet, its number in it. */
static void connect_from(const struct host *a, const struct host *b,
			 uint32_t id)
{
	uint8_t frame[OX_FRAME_LEN];
	uint32_t src = htonl(0x0a400000 + (id & 0x3fffff));

	memcpy(frame, ox_frame, sizeof(frame));
	memcpy(frame, b->mac, ETH_ALEN);
	memcpy(frame + ETH_ALEN, a->mac, ETH_ALEN);
	memcpy(frame + SRC_AT, &src, 4);
	memcpy(frame + ID_AT, &run_id, 4);
	memcpy(frame + ID_AT + 4, &id, 4);
	send_frame(a, frame);
}

/* Not 0: a packet of this run came; its number is in *id. */
static int receive(const struct host *h, uint8_t *frame, uint32_t *id)
{
	struct sockaddr_ll from;
	socklen_t len = sizeof(from);

	for (;;) {
		if (recvfrom(h->fd, frame, OX_FRAME_LEN, 0,
			     (struct sockaddr *)&from, &len) != OX_FRAME_LEN) {
			if (errno == EAGAIN)
				return 0;
			continue;
		}
		if (from.sll_pkttype == PACKET_OUTGOING ||
		    memcmp(frame + ID_AT, &run_id, 4))
			continue;
		memcpy(id, frame + ID_AT + 4, 4);
		return 1;
	}
}

/* Addresses and MACs change places. */
static void answer(const struct host *h, uint8_t *frame)
{
	uint8_t old[OX_FRAME_LEN];

	memcpy(old, frame, sizeof(old));
	memcpy(frame, old + ETH_ALEN, ETH_ALEN);
	memcpy(frame + ETH_ALEN, old, ETH_ALEN);
	memcpy(frame + SRC_AT, old + SRC_AT + 4, 4);
	memcpy(frame + SRC_AT + 4, old + SRC_AT, 4);
	send_frame(h, frame);
}

/* Nanoseconds until packet id comes to h; 0: lost. */
static uint64_t await(const struct host *h, uint32_t id, uint64_t since)
{
	struct pollfd p = { .fd = h->fd, .events = POLLIN };
	uint64_t end = since + LOST_MS * 1000000ull;
	uint8_t frame[OX_FRAME_LEN];
	uint32_t got;

	while (ox_bench_ns() < end) {
		poll(&p, 1, 10);
		while (receive(h, frame, &got)) {
			if (got == id)
				return ox_bench_ns() - since;
		}
	}
	return 0;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void firsts(const struct host *a, const struct host *b, uint32_t n)
{
	static uint64_t ns[MAX_FIRST];
	uint32_t got = 0, lost = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t start = ox_bench_ns();

		connect_from(a, b, ++next_id);
		ns[got] = await(b, next_id, start);
		if (ns[got])
			got++;
		else
			lost++;
		usleep(500); /* the switch is at rest again */
	}
	if (!got)
		ox_bench_die("no packet came through the switch");
	qsort(ns, got, sizeof(ns[0]), by_value);
	printf("first_p50|%.1f|us, %u packets, %u lost\n", ns[got / 2] / 1e3,
	       got, lost);
	printf("first_p99|%.1f|us\n", ns[got * 99 / 100] / 1e3);
}

/* As many connections as get done; a lost packet's place is free again when
 * nothing has come for LOST_MS. */
static void rate(const struct host *a, const struct host *b, uint32_t seconds)
{
	struct pollfd p[2] = { { a->fd, POLLIN, 0 }, { b->fd, POLLIN, 0 } };
	uint64_t start = ox_bench_ns(), end = start + seconds * 1000000000ull;
	uint32_t under_way = 0, done = 0, lost = 0, id;
	uint8_t frame[OX_FRAME_LEN];

	while (ox_bench_ns() < end) {
		while (under_way < WINDOW) {
			connect_from(a, b, ++next_id);
			under_way++;
		}
		if (!poll(p, 2, LOST_MS)) {
			lost += under_way;
			under_way = 0;
		}
		while (receive(b, frame, &id))
			answer(b, frame);
		while (receive(a, frame, &id)) {
			done++;
			under_way -= under_way > 0;
		}
	}
	printf("connections|%.0f|a second, %u under way, %u lost\n",
	       done / ((ox_bench_ns() - start) / 1e9), WINDOW, lost);
}

int main(int argc, char **argv)
{
	struct host a, b;
	uint32_t n;

	if (argc != 5)
		ox_bench_die("usage: slowpath NETNS_A NETNS_B FIRSTS SECONDS");
	host_open(&a, argv[1]);
	host_open(&b, argv[2]);
	n = atoi(argv[3]);
	run_id = getpid() ^ (uint32_t)ox_bench_ns();
	/* both MACs are learnt, and the switch is warm */
	connect_from(&b, &a, ++next_id);
	for (int i = 0; i < 20; i++)
		connect_from(&a, &b, ++next_id);
	sleep(1);
	firsts(&a, &b, n < MAX_FIRST ? n : MAX_FIRST);
	rate(&a, &b, atoi(argv[4]));
	return 0;
}
