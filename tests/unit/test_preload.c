// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_preload.c - libovsxdp-genl.so under a program that knows nothing of
 * it: this one, run again with LD_PRELOAD, against the toy server. A case's
 * exit status is 0, or the line that failed.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/toy_genl.h"

static struct toy toy;
static bool privileged;
static char self[PATH_MAX], library[PATH_MAX + 32];

/* ---- what the child does: as a kernel's client would ---- */

static uint8_t buf[65536] __attribute__((aligned(8)));

#define CHECK(cond)                                                   \
	do {                                                          \
		if (!(cond)) {                                        \
			fprintf(stderr, "# line %d: %s (errno %d)\n", \
				__LINE__, #cond, errno);              \
			_exit(1);                                     \
		}                                                     \
	} while (0)

/* As Open vSwitch does: connected to the kernel, port id asked for. */
static int ovs_socket(uint32_t *portid, int rcvbuf)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	CHECK(fd >= 0);
	if (rcvbuf)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	CHECK(!connect(fd, (struct sockaddr *)&sa, sizeof(sa)));
	CHECK(!getsockname(fd, (struct sockaddr *)&sa, &len));
	CHECK(sa.nl_pid);
	if (portid)
		*portid = sa.nl_pid;
	CHECK(!getpeername(fd, (struct sockaddr *)&sa, &len));
	CHECK(!sa.nl_pid);
	return fd;
}

/* It must be there at once: OVS takes EAGAIN for an error (docs/facts.md,
 * T3). */
static int now(int fd)
{
	struct sockaddr_nl from = { .nl_pid = 1 };
	socklen_t len = sizeof(from);
	int n = (int)recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT,
			      (struct sockaddr *)&from, &len);

	CHECK(n > 0);
	CHECK(len == sizeof(from) && from.nl_pid == 0);
	return n;
}

static uint32_t get_family(uint8_t *p, const char *name, uint32_t seq)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(p);
	struct genlmsghdr *g;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST | (name ? 0 : NLM_F_DUMP);
	nlh->nlmsg_seq = seq;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = CTRL_CMD_GETFAMILY;
	g->version = 1;
	if (name)
		mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	return nlh->nlmsg_len;
}

static const char *family_name(const struct nlmsghdr *nlh)
{
	const struct nlattr *a;

	mnl_attr_for_each (a, nlh, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_NAME)
			return mnl_attr_get_str(a);
	}
	return "";
}

static void child_lookup(void)
{
	uint32_t portid;
	int fd = ovs_socket(&portid, 0);

	CHECK(send(fd, buf, get_family(buf, TOY_NAME, 1), 0) > 0);
	now(fd);
	CHECK(!strcmp(family_name((void *)buf), TOY_NAME));
	CHECK(((struct nlmsghdr *)buf)->nlmsg_pid == portid);
	CHECK(send(fd, buf, get_family(buf, "nlctrl", 2), 0) > 0);
	now(fd);
	CHECK(!strcmp(family_name((void *)buf), "nlctrl"));
	CHECK(send(fd, buf, get_family(buf, "ovs_meter", 3), 0) > 0);
	now(fd);
	CHECK(toy_error(buf) == -ENOENT);
	close(fd);
}

/* Kernel's, ours, kernel's in one datagram: answered in this order. */
static void child_mixed(void)
{
	int fd = ovs_socket(NULL, 0);
	struct toy_msg m;
	uint8_t out[1024] __attribute__((aligned(8)));
	uint32_t len;

	len = get_family(out, "nlctrl", 1);
	toy_request(&m, TOY_ID, TOY_CMD_GET, NLM_F_ACK, 2, 77);
	memcpy(out + len, &m, m.nlh.nlmsg_len);
	len += m.nlh.nlmsg_len;
	len += get_family(out + len, "nlctrl", 3);
	len += get_family(out + len, TOY_NAME, 4);
	CHECK(send(fd, out, len, 0) == (ssize_t)len);
	now(fd);
	CHECK(((struct nlmsghdr *)buf)->nlmsg_seq == 1);
	now(fd);
	CHECK(toy_value(buf) == 77);
	now(fd);
	CHECK(toy_error(buf) == 0);
	now(fd);
	CHECK(((struct nlmsghdr *)buf)->nlmsg_seq == 3);
	now(fd);
	CHECK(!strcmp(family_name((void *)buf), TOY_NAME));
	/* in pieces, and by sendmmsg */
	struct iovec iov[2] = { { &m, 10 },
				{ (char *)&m + 10, m.nlh.nlmsg_len - 10 } };
	struct mmsghdr v[2] = {
		{ .msg_hdr = { .msg_iov = iov, .msg_iovlen = 2 } },
		{ .msg_hdr = { .msg_iov = iov, .msg_iovlen = 2 } },
	};
	CHECK(sendmmsg(fd, v, 2, 0) == 2);
	for (int i = 0; i < 2; i++) {
		now(fd);
		CHECK(toy_value(buf) == 77);
		now(fd);
		CHECK(toy_error(buf) == 0);
	}
	CHECK(recv(fd, buf, sizeof(buf), MSG_DONTWAIT) < 0 && errno == EAGAIN);
	CHECK(write(fd, &m, m.nlh.nlmsg_len) == (ssize_t)m.nlh.nlmsg_len);
	CHECK(read(fd, buf, sizeof(buf)) > 0);
	CHECK(toy_value(buf) == 77);
	close(fd);
}

static void child_families(void)
{
	int fd = ovs_socket(NULL, 0);
	bool kernel = false, ours = false;
	int done = 0;

	CHECK(send(fd, buf, get_family(buf, NULL, 5), 0) > 0);
	while (!done) {
		int n = now(fd);
		const struct nlmsghdr *h = (void *)buf;

		for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
			CHECK(h->nlmsg_seq == 5);
			if (h->nlmsg_type == NLMSG_DONE)
				done++;
			else if (!strcmp(family_name(h), "nlctrl"))
				kernel = true;
			else if (!strcmp(family_name(h), TOY_NAME))
				ours = true;
		}
	}
	CHECK(kernel && ours && done == 1);
	CHECK(recv(fd, buf, sizeof(buf), MSG_DONTWAIT) < 0 && errno == EAGAIN);
	close(fd);
}

/* Ten times the receive buffer, and never EAGAIN in mid dump. */
static void child_dump(void)
{
	int fd = ovs_socket(NULL, 8192);
	struct toy_msg m;
	uint32_t next = 1;
	bool done = false, large = false;

	toy_request(&m, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 6, 50000);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	while (!done) {
		int n = now(fd);
		const struct nlmsghdr *h = (void *)buf;

		large |= n > 8000;
		for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
			done = h->nlmsg_type == NLMSG_DONE;
			CHECK(done || toy_value(h) == next++);
		}
	}
	CHECK(next == 50001);
	CHECK(large); /* the reader's room is made use of */
	/* closing in mid dump leaves nothing behind for the next socket, which
	 * has the same port id */
	for (uint32_t seq = 7; seq < 107; seq++) {
		m.nlh.nlmsg_seq = seq;
		CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
		now(fd);
		CHECK(toy_value(buf) == 1);
		CHECK(((struct nlmsghdr *)buf)->nlmsg_seq == seq);
		close(fd);
		fd = ovs_socket(NULL, 0);
	}
	close(fd);
}

static void child_groups(void)
{
	int sub = ovs_socket(NULL, 0), fd = ovs_socket(NULL, 0);
	uint32_t group = OX_MCGRP_FLOW, bad = 4000;
	struct toy_msg m;

	CHECK(!setsockopt(sub, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			  sizeof(group)));
	CHECK(setsockopt(sub, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &bad,
			 sizeof(bad)));
	toy_request(&m, TOY_ID, TOY_CMD_NEW, 0, 8, 99);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	now(sub);
	CHECK(toy_value(buf) == 99);
	CHECK(!setsockopt(sub, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group,
			  sizeof(group)));
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	CHECK(recv(sub, buf, sizeof(buf), MSG_DONTWAIT) < 0);
	close(sub);
	close(fd);
}

static void *hammer(void *arg)
{
	uint8_t own[4096] __attribute__((aligned(8)));
	int fd = ovs_socket(NULL, 0);
	struct toy_msg m;

	for (uint32_t i = 1; i <= 300; i++) {
		toy_request(&m, TOY_ID, TOY_CMD_GET, 0, i, i);
		CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
		CHECK(recv(fd, own, sizeof(own), MSG_DONTWAIT) > 0);
		CHECK(toy_value(own) == i);
	}
	close(fd);
	return arg;
}

/* Threads at once, then a child that goes on with its parent's sockets. */
static void child_threads(void)
{
	pthread_t t[4];
	int status;
	pid_t pid;

	for (int i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, hammer, NULL));
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	hammer(NULL);
	pid = fork();
	if (!pid) {
		hammer(NULL);
		_exit(0);
	}
	hammer(NULL);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	/* the child of a vfork closes in its parent's memory */
	int fd = ovs_socket(NULL, 0);
	struct toy_msg m;

	pid = vfork();
	if (!pid) {
		close(fd);
		close(fd);
		close_range(3, ~0u, 0);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, 1, 56);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	now(fd);
	CHECK(toy_value(buf) == 56);
	/* descriptors closed that the program never opened */
	for (int i = 3; i < 1024; i++)
		close(i);
	hammer(NULL);
}

static void child_dup(void)
{
	int fd = ovs_socket(NULL, 0);
	int two = dup(fd);
	struct toy_msg m;

	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, 1, 55);
	close(fd);
	CHECK(send(two, &m, m.nlh.nlmsg_len, 0) > 0);
	now(two);
	CHECK(toy_value(buf) == 55);
	CHECK(dup2(two, 500) == 500);
	CHECK(send(500, &m, m.nlh.nlmsg_len, 0) > 0);
	now(500);
	CHECK(toy_value(buf) == 55);
	/* others' calls go through */
	CHECK(!pipe((int *)buf));
	CHECK(write(((int *)buf)[1], "x", 1) == 1);
	CHECK(read(((int *)buf)[0], buf + 100, 1) == 1);
}

/* A request and its answer on fd, whoever opened it. */
static void get_value(int fd, uint32_t value)
{
	struct toy_msg m;

	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, value, value);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	now(fd);
	CHECK(((struct nlmsghdr *)buf)->nlmsg_type == TOY_ID);
	CHECK(toy_value(buf) == value);
}

/* A socket that comes from elsewhere (SCM_RIGHTS). */
static void child_passed(void)
{
	union {
		struct cmsghdr c;
		char room[CMSG_SPACE(sizeof(int))];
	} ctl = { .c = { .cmsg_level = SOL_SOCKET,
			 .cmsg_type = SCM_RIGHTS,
			 .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec iov = { buf, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &ctl,
			    .msg_controllen = sizeof(ctl) };
	struct mmsghdr v = { .msg_hdr = m };
	int fd = ovs_socket(NULL, 0), pair[2], got;

	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	memcpy(CMSG_DATA(&ctl.c), &fd, sizeof(fd));
	CHECK(sendmsg(pair[0], &m, 0) == 1);
	CHECK(sendmsg(pair[0], &m, 0) == 1);
	CHECK(recvmsg(pair[1], &m, 0) == 1);
	memcpy(&got, CMSG_DATA(&ctl.c), sizeof(got));
	close(fd);
	get_value(got, 61);
	CHECK(recvmmsg(pair[1], &v, 1, 0, NULL) == 1);
	memcpy(&got, CMSG_DATA(&ctl.c), sizeof(got));
	get_value(got, 62);
}

/* A forked child has closed all, and other files have the numbers. */
static void child_reuse(void)
{
	int fd = ovs_socket(NULL, 0), status;
	struct stat st;
	pid_t pid;

	get_value(fd, 1);
	pid = fork();
	if (!pid) {
		syscall(SYS_close_range, 3, ~0u, 0);
		int null = open("/dev/null", O_RDONLY);

		for (int i = 600; i < 800; i++)
			CHECK(dup2(null, i) == i);
		get_value(ovs_socket(NULL, 0), 2);
		for (int i = 600; i < 800; i++)
			CHECK(!fstat(i, &st) && S_ISCHR(st.st_mode));
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	get_value(fd, 3);
}

/* Few descriptors, and none at 0 to 2: nothing of ours goes there. */
static void child_closed(void)
{
	struct rlimit few = { .rlim_cur = 64, .rlim_max = 64 };
	int fd = ovs_socket(NULL, 0);

	CHECK(!setrlimit(RLIMIT_NOFILE, &few));
	for (int i = 0; i < 2; i++)
		close(i);
	get_value(fd, 4);
	CHECK(fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0);
}

/* Never reads but what poll() has announced; a dump of many buffers. */
static void child_poll(void)
{
	int fd = ovs_socket(NULL, 8192);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct toy_msg m;
	uint32_t next = 1;
	bool done = false;

	toy_request(&m, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 6, 5000);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	while (!done) {
		const struct nlmsghdr *h = (void *)buf;
		int n;

		CHECK(poll(&p, 1, 10000) == 1);
		n = now(fd);
		for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
			done = h->nlmsg_type == NLMSG_DONE;
			CHECK(done || toy_value(h) == next++);
		}
	}
	CHECK(next == 5001);
}

static int handler_fd;
static volatile sig_atomic_t handled;

/* A request of the handler's own, between any two steps of the program's. */
static void on_alarm(int sig)
{
	uint8_t own[4096] __attribute__((aligned(8)));
	int saved = errno;
	struct toy_msg m;

	(void)sig;
	handled++;
	if (handled % 8 == 0) {
		toy_request(&m, TOY_ID, TOY_CMD_GET, 0, 9, 9);
		CHECK(send(handler_fd, &m, m.nlh.nlmsg_len, 0) > 0);
		CHECK(recv(handler_fd, own, sizeof(own), MSG_DONTWAIT) > 0);
		CHECK(toy_value(own) == 9);
	}
	errno = saved;
}

static void child_signals(void)
{
	struct itimerval often = { { 0, 700 }, { 0, 700 } };
	struct itimerval never = { 0 };
	struct sigaction sa = { .sa_handler = on_alarm };

	handler_fd = ovs_socket(NULL, 0);
	CHECK(!sigaction(SIGVTALRM, &sa, NULL));
	CHECK(!sigaction(SIGPROF, &sa, NULL));
	CHECK(!setitimer(ITIMER_PROF, &often, NULL));
	/* not only with warm sockets: the handler may be the first */
	for (int i = 0; i < 5 || handled < 50; i++)
		hammer(NULL);
	CHECK(!setitimer(ITIMER_PROF, &never, NULL));
}

/* Who the datagram that comes next says that it is from. */
static uint32_t sender(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct sockaddr_nl from = { 0 };
	socklen_t len = sizeof(from);

	CHECK(poll(&p, 1, 10000) == 1);
	CHECK(recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from,
		       &len) > 0);
	CHECK(toy_value(buf) == 57);
	return from.nl_pid;
}

/* A program that knows the daemon's port id sees it, as ovsxdpctl does. */
static void child_native(void)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_pid = OX_NL_PORTID };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	struct toy_msg m;

	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, 1, 57);
	CHECK(sendto(fd, &m, m.nlh.nlmsg_len, 0, (struct sockaddr *)&to,
		     sizeof(to)) > 0);
	CHECK(sender(fd) == OX_NL_PORTID);
	close(fd);
	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	CHECK(!connect(fd, (struct sockaddr *)&to, sizeof(to)));
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	CHECK(sender(fd) == OX_NL_PORTID);
	/* connected to the kernel from now on */
	to.nl_pid = 0;
	CHECK(!connect(fd, (struct sockaddr *)&to, sizeof(to)));
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	CHECK(sender(fd) == 0);
	close(fd);
	/* the number's next socket is another one */
	get_value(ovs_socket(NULL, 0), 58);
}

/* ---- ACKs are as the socket's options say, see the kernel's ---- */

/* An answer to a request, without what differs by who answers. */
struct ack {
	int error;
	uint16_t flags;
	uint32_t echo; /* bytes of the request's payload */
	uint32_t offset;
	char text[80];
};

static struct ack ask_ack(int fd, const void *request)
{
	const struct nlmsghdr *nlh = request, *h = (const void *)buf;
	struct ack a = { .offset = 0 };
	const struct nlmsgerr *m;
	const struct nlattr *t;
	uint32_t skip;

	CHECK(send(fd, request, nlh->nlmsg_len, 0) == nlh->nlmsg_len);
	CHECK(now(fd) == (int)h->nlmsg_len);
	CHECK(h->nlmsg_type == NLMSG_ERROR && h->nlmsg_seq == nlh->nlmsg_seq);
	m = mnl_nlmsg_get_payload(h);
	/* what is said of the request are its own bytes */
	CHECK(!memcmp(&m->msg, nlh, sizeof(*nlh)));
	a.error = m->error;
	a.flags = h->nlmsg_flags;
	if (!(a.flags & NLM_F_CAPPED))
		a.echo = nlh->nlmsg_len - NLMSG_HDRLEN;
	CHECK(!memcmp(m + 1, nlh + 1, a.echo));
	skip = (uint32_t)sizeof(*m) + NLMSG_ALIGN(a.echo);
	CHECK(h->nlmsg_len == NLMSG_HDRLEN + skip || a.flags & NLM_F_ACK_TLVS);
	mnl_attr_for_each (t, h, skip) {
		if (mnl_attr_get_type(t) == NLMSGERR_ATTR_MSG)
			strncpy(a.text, mnl_attr_get_str(t),
				sizeof(a.text) - 1);
		if (mnl_attr_get_type(t) == NLMSGERR_ATTR_OFFS)
			a.offset = mnl_attr_get_u32(t);
	}
	return a;
}

static void same_acks(int fd, void *ours, void *kernels)
{
	for (int i = 0; i < 4; i++) {
		int cap = i & 1, ext = i >> 1;
		struct ack a, b;

		CHECK(!setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &cap,
				  sizeof(cap)));
		CHECK(!setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &ext,
				  sizeof(ext)));
		a = ask_ack(fd, ours);
		b = ask_ack(fd, kernels);
		CHECK(a.error == b.error && a.flags == b.flags);
		CHECK(a.echo == b.echo && a.offset == b.offset);
		CHECK(!strcmp(a.text, b.text));
		/* and what is compared is there */
		CHECK(!(a.flags & NLM_F_CAPPED) == (a.error && !cap));
		CHECK(!(a.flags & NLM_F_ACK_TLVS) == !(ext && *a.text));
	}
}

/* GETFAMILY: an id, with so many bytes of it, and perhaps a name. */
static void by_id(uint8_t *p, uint16_t id, uint16_t len, const char *name)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(p);
	struct genlmsghdr *g;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = 77;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = CTRL_CMD_GETFAMILY;
	g->version = 1;
	mnl_attr_put(nlh, CTRL_ATTR_FAMILY_ID, len, &id);
	if (name)
		mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
}

static void child_acks(void)
{
	uint8_t ours[256] __attribute__((aligned(8)));
	uint8_t kernels[256] __attribute__((aligned(8)));
	int fd = ovs_socket(NULL, 0), fd2 = dup(fd), on = 1;
	struct ack a;
	struct toy_msg m;

	/* a value that its policy refuses */
	by_id(ours, 0x4f02, 1, "ovs_flow");
	by_id(kernels, 0x4f02, 1, "xyz_flow");
	same_acks(fd, ours, kernels);
	/* an error without words */
	by_id(ours, 0x4f0e, 2, NULL);
	by_id(kernels, 0x03f0, 2, NULL);
	same_acks(fd, ours, kernels);
	/* success is always capped; what comes before it is the reply */
	by_id(ours, TOY_ID, 2, NULL);
	CHECK(send(fd, ours, ((struct nlmsghdr *)ours)->nlmsg_len, 0) > 0);
	now(fd);
	CHECK(((struct nlmsghdr *)buf)->nlmsg_type == GENL_ID_CTRL);
	now(fd);
	CHECK(((struct nlmsghdr *)buf)->nlmsg_flags == NLM_F_CAPPED);
	/* by another descriptor of the socket */
	CHECK(!setsockopt(fd2, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)));
	toy_request(&m, TOY_ID, TOY_CMD_FAIL, 0, 1, 5);
	a = ask_ack(fd, &m);
	CHECK(a.error == -EEXIST && !strcmp(a.text, "toy says no"));
	on = 0;
	CHECK(!setsockopt(fd2, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)));
	a = ask_ack(fd, &m);
	CHECK(a.error == -EEXIST && !*a.text && !a.offset);
	close(fd2);
	close(fd);
}

/* Answers that nobody read are lost, and the reader is told as the kernel
 * does. */
static void child_overrun(void)
{
	static uint8_t big[16 << 10] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = (void *)big;
	int fd = ovs_socket(NULL, 4096), n = 0, lost = 0;
	uint32_t len = toy_request((void *)big, TOY_ID, TOY_CMD_FAIL, 0, 1, 5);

	((struct nlattr *)(big + len))->nla_len = sizeof(big) - len;
	((struct nlattr *)(big + len))->nla_type = 99;
	nlh->nlmsg_len = sizeof(big);
	for (int i = 0; i < 300; i++)
		CHECK(send(fd, big, sizeof(big), 0) == sizeof(big));
	for (;;) {
		ssize_t r = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (r < 0 && errno == EAGAIN)
			break;
		CHECK(r > 0 || errno == ENOBUFS);
		n += r > 0;
		lost += r < 0;
		CHECK(r < 0 ||
		      ((struct nlmsghdr *)buf)->nlmsg_type == NLMSG_ERROR);
	}
	CHECK(lost == 1 && n > 100 && n < 300);
	close(fd);
}

static ino_t netns(void)
{
	struct stat st;

	CHECK(!stat("/proc/thread-self/ns/net", &st));
	return st.st_ino;
}

/* All the answers to a long datagram are there at once. */
static void get_many(int fd)
{
	enum { N = 300 };
	static uint8_t out[N * sizeof(struct toy_msg)];
	uint32_t len = 0;

	for (uint32_t i = 1; i <= N; i++) {
		struct toy_msg m;

		toy_request(&m, TOY_ID, TOY_CMD_GET, 0, i, i);
		memcpy(out + len, &m, m.nlh.nlmsg_len);
		len += m.nlh.nlmsg_len;
	}
	CHECK(send(fd, out, len, 0) == (ssize_t)len);
	for (uint32_t i = 1; i <= N; i++) {
		now(fd);
		CHECK(toy_value(buf) == i);
	}
}

/* A thread in another network namespace than its socket, and in both. */
static void *moved(void *arg)
{
	int fd = ovs_socket(NULL, 4 << 20), here;
	ino_t before;
	struct toy_msg m;

	CHECK(!unshare(CLONE_NEWNET));
	before = netns();
	for (int i = 0; i < 5; i++)
		get_many(fd);
	CHECK(netns() == before);
	/* nobody there */
	here = ovs_socket(NULL, 0);
	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, 2, 5);
	CHECK(send(here, &m, m.nlh.nlmsg_len, 0) > 0);
	now(here);
	CHECK(toy_error(buf) == -ENOENT);
	get_value(fd, 101);
	CHECK(netns() == before);
	return arg;
}

static void child_moved(void)
{
	int fd = ovs_socket(NULL, 0);
	ino_t before = netns();
	pthread_t t;

	get_value(fd, 1);
	CHECK(!pthread_create(&t, NULL, moved, NULL));
	CHECK(!pthread_join(t, NULL));
	CHECK(netns() == before);
	get_value(fd, 2);
}

/* No daemon: the world is as without the module. */
static void child_absent(void)
{
	int fd = ovs_socket(NULL, 0);
	uint32_t group = OX_MCGRP_FLOW;
	struct toy_msg m;

	CHECK(send(fd, buf, get_family(buf, TOY_NAME, 1), 0) > 0);
	now(fd);
	CHECK(toy_error(buf) == -ENOENT);
	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, 2, 5);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	now(fd);
	CHECK(toy_error(buf) == -ENOENT);
	CHECK(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			 sizeof(group)) &&
	      errno == EINVAL);
	CHECK(send(fd, buf, get_family(buf, NULL, 3), 0) > 0);
	now(fd);
	CHECK(!strcmp(family_name((void *)buf), "nlctrl"));
}

static const struct {
	const char *name;
	void (*fn)(void);
} children[] = {
	{ "lookup", child_lookup },	{ "mixed", child_mixed },
	{ "families", child_families }, { "dump", child_dump },
	{ "groups", child_groups },	{ "threads", child_threads },
	{ "dup", child_dup },		{ "absent", child_absent },
	{ "passed", child_passed },	{ "reuse", child_reuse },
	{ "closed", child_closed },	{ "poll", child_poll },
	{ "acks", child_acks },		{ "overrun", child_overrun },
	{ "signals", child_signals },	{ "native", child_native },
	{ "moved", child_moved },
};

static int child(const char *name)
{
	for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
		if (!strcmp(children[i].name, name)) {
			children[i].fn();
			return 0;
		}
	}
	return 1;
}

/* ---- the parent's tests ---- */

static void run(const char *name)
{
	int status;
	pid_t pid;

	if (!privileged)
		ox_skip("no right to make a network namespace");
	if (access(library, R_OK))
		ox_skip("libovsxdp-genl.so isn't built");
	pid = fork();
	if (!pid) {
		setenv("LD_PRELOAD", library, 1);
		/* a sanitizer's runtime wants to be first, and isn't */
		setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 0);
		alarm(30);
		execl(self, self, "--child", name, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define CASE(name)                            \
	static void case_##name(void **state) \
	{                                     \
		(void)state;                  \
		run(#name);                   \
	}
CASE(lookup)
CASE(mixed)
CASE(families)
CASE(dump)
CASE(groups)
CASE(threads)
CASE(dup)
CASE(passed)
CASE(reuse)
CASE(closed)
CASE(poll)
CASE(signals)
CASE(acks)
CASE(overrun)
CASE(native)
CASE(moved)

static void case_absent(void **state)
{
	(void)state;
	toy_stop(&toy);
	run("absent");
}

static int setup(void **state)
{
	(void)state;
	privileged = toy_netns() && !toy_start(&toy, NULL, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	toy_stop(&toy);
	return 0;
}

/* build/tests/unit/test_preload → build/libovsxdp-genl.so */
static void find_library(void)
{
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char dir[PATH_MAX];

	if (n <= 0)
		return;
	memcpy(dir, self, sizeof(dir));
	for (int i = 0; i < 3; i++) {
		char *slash = strrchr(dir, '/');

		if (slash)
			*slash = '\0';
	}
	snprintf(library, sizeof(library), "%s/libovsxdp-genl.so", dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.preload.lookup", case_lookup),
		OX_TEST("unit.preload.mixed", case_mixed),
		OX_TEST("unit.preload.families", case_families),
		OX_TEST("unit.preload.dump", case_dump),
		OX_TEST("unit.preload.groups", case_groups),
		OX_TEST("unit.preload.threads", case_threads),
		OX_TEST("unit.preload.dup", case_dup),
		OX_TEST("unit.preload.passed", case_passed),
		OX_TEST("unit.preload.reuse", case_reuse),
		OX_TEST("unit.preload.closed", case_closed),
		OX_TEST("unit.preload.poll", case_poll),
		OX_TEST("unit.preload.signals", case_signals),
		OX_TEST("unit.preload.acks", case_acks),
		OX_TEST("unit.preload.overrun", case_overrun),
		OX_TEST("unit.preload.native", case_native),
		OX_TEST("unit.preload.moved", case_moved),
		OX_TEST("unit.preload.absent", case_absent),
	};

	if (argc > 2 && !strcmp(argv[1], "--child"))
		return child(argv[2]);
	find_library();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
