// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * stress.c - many threads with several generic netlink sockets each, that
 * start and end, fork, and are interrupted all the time. Each reply is
 * counted. Knows nothing of ovsxdp.
 *
 * Usage: stress ROUNDS; prints what is wrong, exits 0 if nothing is.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/openvswitch.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 8
#define SOCKETS 3
#define BATCH	5

static uint16_t family;
static unsigned long replies;
static int pipe_fd[2];

#define CHECK(cond)                                                           \
	do {                                                                  \
		if (!(cond)) {                                                \
			fprintf(stderr, "line %d: %s (errno %d)\n", __LINE__, \
				#cond, errno);                                \
			_exit(1);                                             \
		}                                                             \
	} while (0)

/* I/O of its own, on something that is no netlink socket. */
static void on_alarm(int sig)
{
	int saved = errno;
	char c = (char)sig;

	if (write(pipe_fd[1], &c, 1) == 1)
		(void)!read(pipe_fd[0], &c, 1);
	errno = saved;
}

static struct nlmsghdr *request(void *buf, uint16_t type, uint16_t flags,
				uint8_t cmd, uint32_t seq)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = seq;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = type == GENL_ID_CTRL ? 1 : OVS_DATAPATH_VERSION;
	return nlh;
}

static int open_socket(void)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	CHECK(fd >= 0 && !connect(fd, (struct sockaddr *)&sa, sizeof(sa)));
	return fd;
}

/* As OVS: everything is there when send has returned. */
static const struct nlmsghdr *next(int fd, void *buf, size_t room, uint32_t seq)
{
	ssize_t n = recv(fd, buf, room, MSG_DONTWAIT);
	const struct nlmsghdr *nlh = buf;

	CHECK(n >= (ssize_t)sizeof(*nlh));
	CHECK(nlh->nlmsg_seq == seq);
	return nlh;
}

static int32_t error_of(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

	CHECK(nlh->nlmsg_type == NLMSG_ERROR);
	return e->error;
}

/* Several requests in a datagram; the second one of them fails. */
static void transact(int fd, uint32_t seq)
{
	uint8_t buf[8192] __attribute__((aligned(8)));
	size_t len = 0;

	for (uint32_t i = 0; i < BATCH; i++) {
		struct nlmsghdr *nlh = request(buf + len, family, NLM_F_ACK,
					       OVS_DP_CMD_GET, seq + i);
		struct ovs_header *h =
			mnl_nlmsg_put_extra_header(nlh, sizeof(*h));

		h->dp_ifindex = 0;
		mnl_attr_put_strz(nlh, OVS_DP_ATTR_NAME,
				  i == 1 ? "nosuchdp" : "dps");
		len += MNL_ALIGN(nlh->nlmsg_len);
	}
	CHECK(send(fd, buf, len, 0) == (ssize_t)len);
	for (uint32_t i = 0; i < BATCH; i++) {
		if (i != 1)
			CHECK(next(fd, buf, sizeof(buf), seq + i)->nlmsg_type ==
			      family);
		CHECK(error_of(next(fd, buf, sizeof(buf), seq + i)) ==
		      (i == 1 ? -ENODEV : 0));
		__atomic_fetch_add(&replies, 1, __ATOMIC_RELAXED);
	}
	CHECK(recv(fd, buf, sizeof(buf), MSG_DONTWAIT) < 0 && errno == EAGAIN);
}

/* All families: the kernel's and the daemon's in one dump. */
static void dump(int fd, uint32_t seq)
{
	uint8_t buf[32768] __attribute__((aligned(8)));
	struct nlmsghdr *nlh =
		request(buf, GENL_ID_CTRL, NLM_F_DUMP, CTRL_CMD_GETFAMILY, seq);
	int done = 0, kernel = 0, ours = 0;

	CHECK(send(fd, buf, nlh->nlmsg_len, 0) > 0);
	while (!done) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		int left = (int)n;

		CHECK(n > 0);
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left)) {
			struct nlattr *a;

			CHECK(nlh->nlmsg_seq == seq);
			done += nlh->nlmsg_type == NLMSG_DONE;
			if (nlh->nlmsg_type != GENL_ID_CTRL)
				continue;
			mnl_attr_for_each (a, nlh, GENL_HDRLEN) {
				if (mnl_attr_get_type(a) != CTRL_ATTR_FAMILY_ID)
					continue;
				kernel += mnl_attr_get_u16(a) == GENL_ID_CTRL;
				ours += mnl_attr_get_u16(a) == family;
			}
		}
	}
	CHECK(done == 1 && kernel == 1 && ours == 1);
	__atomic_fetch_add(&replies, 1, __ATOMIC_RELAXED);
}

static void *work(void *arg)
{
	uint32_t seq = 1;
	int fd[SOCKETS];

	for (int i = 0; i < SOCKETS; i++)
		fd[i] = open_socket();
	for (int i = 0; i < SOCKETS; i++, seq += BATCH)
		transact(fd[i], seq);
	dump(fd[0], seq++);
	for (int i = 0; i < SOCKETS; i++)
		close(fd[i]);
	return arg;
}

static void find_family(void)
{
	uint8_t buf[8192] __attribute__((aligned(8)));
	struct nlmsghdr *nlh =
		request(buf, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, 1);
	int fd = open_socket();
	struct nlattr *a;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, OVS_DATAPATH_FAMILY);
	CHECK(send(fd, buf, nlh->nlmsg_len, 0) > 0);
	next(fd, buf, sizeof(buf), 1);
	mnl_attr_for_each (a, nlh, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
			family = mnl_attr_get_u16(a);
	}
	CHECK(family);
	close(fd);
}

/* Threads at work while this one forks; the child works as well, and one
 * that only executes a program. */
static void round_of_threads(void)
{
	pthread_t t[THREADS];
	pid_t child, shell;
	int status;

	for (int i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&t[i], NULL, work, NULL));
	child = fork();
	if (!child) {
		work(NULL);
		_exit(0);
	}
	shell = vfork();
	if (!shell) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < THREADS; i++)
		CHECK(!pthread_join(t[i], NULL));
	CHECK(waitpid(child, &status, 0) == child && !status);
	CHECK(waitpid(shell, &status, 0) == shell && !status);
}

int main(int argc, char **argv)
{
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	struct sigaction sa = { .sa_handler = on_alarm,
				.sa_flags = SA_RESTART };
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 5;

	CHECK(!pipe(pipe_fd) && !sigaction(SIGALRM, &sa, NULL));
	find_family();
	CHECK(!setitimer(ITIMER_REAL, &often, NULL));
	for (unsigned long i = 0; i < rounds; i++)
		round_of_threads();
	CHECK(replies == rounds * THREADS * (SOCKETS * BATCH + 1));
	printf("%lu replies\n", replies);
	return 0;
}
