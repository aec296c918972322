// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * traffic.c - numbered packets for the tests that count each lost one:
 *
 *	traffic udp-recv PORT SECONDS	traffic udp-send ADDR PORT PPS SECONDS
 *	traffic tcp-recv PORT SECONDS	traffic tcp-send ADDR PORT KB/S SECONDS
 *
 * A sender ends after SECONDS, a receiver when the sender has ended, or after
 * SECONDS without anything. The last line is "sent N" or "received N lost N"
 * and so on; losses of the receiving socket itself are told apart.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_SEQ	  (16u << 20)
#define RCVBUF	  (256 << 20)
#define LAST	  0xffffffffu /* a sender's last word, said some times */
#define TOLD	  10	      /* gaps told one by one */
#define TCP_CHUNK 16384
#define STEP_NS	  1000000 /* senders send once a millisecond */

static void die(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static void sleep_until(int64_t ns)
{
	struct timespec ts = { ns / 1000000000, ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static int open_socket(int type, const char *addr, const char *port, bool to)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, type, 0), size = RCVBUF, on = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (type == SOCK_DGRAM &&
	    setsockopt(fd, SOL_SOCKET, to ? SO_SNDBUFFORCE : SO_RCVBUFFORCE,
		       &size, sizeof(size)))
		die("buffer size");
	if (addr && inet_pton(AF_INET, addr, &sa.sin_addr) != 1)
		die(addr);
	if (to ? connect(fd, (struct sockaddr *)&sa, sizeof(sa))
	       : bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		die(to ? "connect" : "bind");
	return fd;
}

/* ---- UDP ---- */

/* Who had to wait for a CPU sends less. All of it at once would be more than
 * the ring of a veth holds. */
static void udp_send(int fd, int64_t pps, int64_t seconds)
{
	uint32_t msg[16] = { 0 }, seq = 0;
	int64_t t = now_ns(), end = t + seconds * 1000000000, steps = 0;

	while (t < end) {
		int64_t due = steps++ * pps / 1000, now;

		sleep_until(t);
		now = now_ns();
		t = (now > t + STEP_NS ? now : t + STEP_NS);
		for (; seq < due && seq < MAX_SEQ; seq++) {
			msg[0] = seq;
			while (send(fd, msg, sizeof(msg), 0) < 0)
				if (errno != ECONNREFUSED && errno != ENOBUFS)
					die("send");
		}
	}
	for (int i = 0; i < 20; i++) {
		sleep_until(now_ns() + 20 * STEP_NS);
		msg[0] = LAST;
		msg[1] = seq;
		send(fd, msg, sizeof(msg), 0);
	}
	printf("sent %u\n", seq);
}

static uint32_t socket_drops(int fd)
{
	uint32_t mem[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(mem);

	getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &len);
	return mem[SK_MEMINFO_DROPS];
}

/* Tells which numbers are missing, gap by gap; returns how many. */
static uint32_t tell_gaps(const uint8_t *seen, uint32_t n)
{
	uint32_t lost = 0, gaps = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t from = i;

		while (i < n && !seen[i])
			i++;
		if (i == from)
			continue;
		lost += i - from;
		if (gaps++ < TOLD)
			printf("missing %u to %u\n", from, i - 1);
	}
	return lost;
}

static void udp_recv(int fd, int seconds)
{
	uint8_t *seen = calloc(1, MAX_SEQ);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint32_t msg[16], end = 0, last = 0, n = 0, twice = 0, late = 0, lost;

	if (!seen)
		die("memory");
	while (!last && poll(&p, 1, seconds * 1000) > 0) {
		if (recv(fd, msg, sizeof(msg), 0) != sizeof(msg))
			continue;
		if (msg[0] == LAST) {
			last = msg[1];
			continue;
		}
		if (msg[0] >= MAX_SEQ)
			continue;
		n++;
		twice += seen[msg[0]];
		late += msg[0] < end;
		seen[msg[0]] = 1;
		end = msg[0] >= end ? msg[0] + 1 : end;
	}
	if (!last)
		printf("the sender's end wasn't heard\n");
	lost = tell_gaps(seen, last ? last : end);
	printf("received %u lost %u twice %u reordered %u socket-drops %u\n", n,
	       lost, twice, late, socket_drops(fd));
	free(seen);
}

/* ---- TCP ---- */

static uint8_t pattern(uint64_t at)
{
	return (uint8_t)(at ^ at >> 8 ^ at >> 16);
}

static void tcp_send(int fd, int64_t kb, int64_t seconds)
{
	static uint8_t buf[TCP_CHUNK];
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);
	int64_t start = now_ns(), end = start + seconds * 1000000000;
	uint64_t sent = 0;

	for (int64_t t = start; t < end; t += STEP_NS) {
		uint64_t due = (uint64_t)((t - start) / STEP_NS * kb);

		sleep_until(t);
		while (sent < due) {
			for (int i = 0; i < TCP_CHUNK; i++)
				buf[i] = pattern(sent + (uint64_t)i);
			if (send(fd, buf, TCP_CHUNK, 0) != TCP_CHUNK)
				die("send");
			sent += TCP_CHUNK;
		}
	}
	shutdown(fd, SHUT_WR);
	if (recv(fd, buf, 1, 0) < 0) /* until all is read */
		die("end of stream");
	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len);
	printf("sent %llu bytes segments %u retransmitted %u\n",
	       (unsigned long long)sent, ti.tcpi_data_segs_out,
	       ti.tcpi_total_retrans);
}

static void tcp_recv(int listener, int seconds)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	static uint8_t buf[1 << 18];
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);
	uint64_t at = 0, wrong = 0;
	ssize_t n;

	listen(listener, 1);
	if (poll(&p, 1, seconds * 1000) <= 0)
		die("nobody connects");
	p.fd = accept(listener, NULL, NULL);
	while (poll(&p, 1, seconds * 1000) > 0) {
		n = recv(p.fd, buf, sizeof(buf), 0);
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			wrong += buf[i] != pattern(at + (uint64_t)i);
		at += (uint64_t)n;
	}
	getsockopt(p.fd, IPPROTO_TCP, TCP_INFO, &ti, &len);
	printf("received %llu bytes segments %u wrong %llu\n",
	       (unsigned long long)at, ti.tcpi_data_segs_in,
	       (unsigned long long)wrong);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "udp-send") && argc == 6)
		udp_send(open_socket(SOCK_DGRAM, argv[2], argv[3], true),
			 atoll(argv[4]), atoll(argv[5]));
	else if (!strcmp(what, "tcp-send") && argc == 6)
		tcp_send(open_socket(SOCK_STREAM, argv[2], argv[3], true),
			 atoll(argv[4]), atoll(argv[5]));
	else if (!strcmp(what, "udp-recv") && argc == 4)
		udp_recv(open_socket(SOCK_DGRAM, NULL, argv[2], false),
			 atoi(argv[3]));
	else if (!strcmp(what, "tcp-recv") && argc == 4)
		tcp_recv(open_socket(SOCK_STREAM, NULL, argv[2], false),
			 atoi(argv[3]));
	else
		return fprintf(stderr, "traffic: see traffic.c\n"), 2;
	return 0;
}
