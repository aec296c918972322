// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libclient.c - a daemon to measure and the requests that prepare it.
 */
#include "bench/libclient.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/libframes.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/uapi.h"

#define RCVBUF	 (64 << 20)
#define START_MS 5000

static pid_t daemon_pid;
static uint32_t seq;

static void daemon_exec(const char *dir, const char *root)
{
	char path[256], arg[256];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ox_bench_pin(sysconf(_SC_NPROCESSORS_ONLN) - 1);
	snprintf(path, sizeof(path), "%s/ovsxdpd", dir);
	snprintf(arg, sizeof(arg), "--root=%s", root);
	execl(path, path, arg, "--log-level=err", "--spare=off", NULL);
	fprintf(stderr, "bench: can't run %s: %s\n", path, strerror(errno));
	_exit(127);
}

/* Until the port id answers, sends are refused. */
static int try_sync(int fd)
{
	uint8_t room[64] __attribute__((aligned(4)));
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_pid = OX_NL_PORTID };

	ox_client_begin(&b, OX_GENL_OVSXDP, OX_CMD_SYNC, NLM_F_ACK, 0);
	return sendto(fd, room, b.len, 0, (struct sockaddr *)&to, sizeof(to)) <
			       0
		       ? -errno
		       : 0;
}

static const char *daemon_dir, *daemon_root;

static void daemon_start(void)
{
	uint64_t deadline = ox_bench_ns() + START_MS * 1000000ull;
	uint32_t portid;
	int fd;

	daemon_pid = fork();
	if (daemon_pid < 0)
		ox_bench_die("fork: %s", strerror(errno));
	if (!daemon_pid)
		daemon_exec(daemon_dir, daemon_root);
	fd = ox_client_open(&portid);
	while (try_sync(fd)) {
		if (ox_bench_ns() > deadline ||
		    waitpid(daemon_pid, NULL, WNOHANG))
			ox_bench_die("%s/ovsxdpd doesn't serve", daemon_dir);
		usleep(1000);
	}
	ox_client_acks(fd, 1);
	close(fd);
}

void ox_client_daemon(const char *dir, const char *root)
{
	daemon_dir = dir;
	daemon_root = root;
	ox_bench_pin_others(sysconf(_SC_NPROCESSORS_ONLN) - 1);
	daemon_start();
}

uint64_t ox_client_daemon_again(void)
{
	uint64_t t;

	kill(daemon_pid, SIGKILL);
	waitpid(daemon_pid, NULL, 0);
	t = ox_bench_ns();
	daemon_start();
	return ox_bench_ns() - t;
}

uint64_t ox_client_daemon_anon(void)
{
	unsigned long kb = 0;
	char path[64], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)daemon_pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "RssAnon: %lu kB", &kb) == 1)
			break;
	}
	if (f)
		fclose(f);
	return kb * 1024ull;
}

uint64_t ox_client_daemon_cpu(void)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)daemon_pid);
	f = fopen(path, "re");
	if (f) {
		if (fscanf(f, "%llu", &ns) != 1)
			ns = 0;
		fclose(f);
	}
	return ns;
}

void ox_client_daemon_stop(void)
{
	kill(daemon_pid, SIGTERM);
	waitpid(daemon_pid, NULL, 0);
}

int ox_client_open(uint32_t *portid)
{
	struct sockaddr_nl me = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(me);
	int size = RCVBUF;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0 || bind(fd, (struct sockaddr *)&me, sizeof(me)) ||
	    getsockname(fd, (struct sockaddr *)&me, &len))
		ox_bench_die("netlink socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	*portid = me.nl_pid;
	return fd;
}

void ox_client_send(int fd, const void *buf, size_t len)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_pid = OX_NL_PORTID };

	if (sendto(fd, buf, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		ox_bench_die("send to the daemon: %s", strerror(errno));
}

size_t ox_client_recv(int fd, void *buf, size_t size, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, ms) <= 0)
		return 0;
	n = recv(fd, buf, size, 0);
	if (n < 0)
		ox_bench_die("receive: %s", strerror(errno));
	return n;
}

static void fetch(int fd, uint32_t portid, uint32_t size)
{
	uint8_t room[128];
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
	struct ovs_header *hdr;
	void *p;

	ox_nl_begin(&b, OX_GENL_OVSXDP, NLM_F_REQUEST, 0, 0, OX_CMD_SYNC,
		    OX_FAMILY_VERSION, sizeof(*hdr), &p);
	ox_nl_put_u32(&b, OX_A_PORTID, portid);
	ox_nl_put_u32(&b, OX_A_RECV_SIZE, size);
	ox_nl_end(&b);
	ox_client_send(fd, room, b.len);
}

size_t ox_client_recv_dump(int fd, uint32_t portid, void *buf, size_t size,
			   int ms)
{
	ssize_t n = recv(fd, buf, size, MSG_DONTWAIT);

	if (n >= 0)
		return n;
	if (errno != EAGAIN)
		ox_bench_die("receive: %s", strerror(errno));
	fetch(fd, portid, size);
	return ox_client_recv(fd, buf, size, ms);
}

#define ACKS_AT_ONCE 64

static uint32_t ack_count(const struct nlmsghdr *nlh, int len)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

	if (!mnl_nlmsg_ok(nlh, len) || nlh->nlmsg_type != NLMSG_ERROR)
		return 0;
	if (e->error)
		ox_bench_die("request %u refused: %s", nlh->nlmsg_seq,
			     strerror(-e->error));
	return 1;
}

/* Many a system call: the client's CPU shouldn't be what is measured. */
void ox_client_acks(int fd, uint32_t n)
{
	static uint8_t buf[ACKS_AT_ONCE][512] __attribute__((aligned(4)));
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct mmsghdr m[ACKS_AT_ONCE] = { 0 };
	struct iovec iov[ACKS_AT_ONCE];

	for (int i = 0; i < ACKS_AT_ONCE; i++) {
		iov[i] = (struct iovec){ buf[i], sizeof(buf[i]) };
		m[i].msg_hdr =
			(struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	while (n) {
		uint32_t most = n < ACKS_AT_ONCE ? n : ACKS_AT_ONCE;
		int got;

		if (poll(&p, 1, 20000) <= 0)
			ox_bench_die("%u ACKs have not come", n);
		got = recvmmsg(fd, m, most, MSG_DONTWAIT, NULL);
		if (got < 0 && errno != EAGAIN)
			ox_bench_die("receive: %s", strerror(errno));
		for (int i = 0; i < got; i++)
			n -= ack_count((void *)buf[i], m[i].msg_len);
	}
}

void ox_client_begin(struct ox_nlbuf *b, uint16_t family, uint8_t cmd,
		     uint16_t flags, uint32_t dp_ifindex)
{
	struct ovs_header *hdr;
	void *user_hdr;

	if (ox_nl_begin(b, family, NLM_F_REQUEST | flags, ++seq, 0, cmd, 1,
			sizeof(*hdr), &user_hdr))
		ox_bench_die("no room for a request");
	hdr = user_hdr;
	hdr->dp_ifindex = dp_ifindex;
}

static void transact(int fd, struct ox_nlbuf *b)
{
	ox_nl_end(b);
	ox_client_send(fd, b->data, b->len);
	ox_client_acks(fd, 1);
}

uint32_t ox_client_dp_new(int fd, const char *name, uint32_t upcall_pid)
{
	uint8_t room[512] __attribute__((aligned(4)));
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };

	ox_client_begin(&b, OX_GENL_DATAPATH, OVS_DP_CMD_NEW, NLM_F_ACK, 0);
	ox_nl_put_str(&b, OVS_DP_ATTR_NAME, name);
	ox_nl_put_u32(&b, OVS_DP_ATTR_UPCALL_PID, upcall_pid);
	transact(fd, &b);
	return if_nametoindex(name);
}

void ox_client_dp_del(int fd, uint32_t dp_ifindex)
{
	uint8_t room[64] __attribute__((aligned(4)));
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };

	ox_client_begin(&b, OX_GENL_DATAPATH, OVS_DP_CMD_DEL, NLM_F_ACK,
			dp_ifindex);
	transact(fd, &b);
}

void ox_client_vport_new(int fd, uint32_t dp_ifindex, const char *name,
			 uint32_t port_no, uint32_t upcall_pid)
{
	uint8_t room[512] __attribute__((aligned(4)));
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };

	ox_client_begin(&b, OX_GENL_VPORT, OVS_VPORT_CMD_NEW, NLM_F_ACK,
			dp_ifindex);
	ox_nl_put_str(&b, OVS_VPORT_ATTR_NAME, name);
	ox_nl_put_u32(&b, OVS_VPORT_ATTR_TYPE, OVS_VPORT_TYPE_NETDEV);
	ox_nl_put_u32(&b, OVS_VPORT_ATTR_PORT_NO, port_no);
	ox_nl_put_u32(&b, OVS_VPORT_ATTR_UPCALL_PID, upcall_pid);
	transact(fd, &b);
}
