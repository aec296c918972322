// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * raw.c - a client as the preload can't reach it: linked statically, system
 * calls by number. Prints TAP lines, or, for latency, what calls cost.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/openvswitch.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SEC(call, ...) syscall(SYS_##call, ##__VA_ARGS__)

static int failed;
static uint32_t families[3]; /* as in names[] */
static const char *const names[] = { OVS_DATAPATH_FAMILY, OVS_VPORT_FAMILY,
				     OVS_FLOW_FAMILY };
enum { DP, VPORT, FLOW };

static void check(int good, const char *id, long got)
{
	if (good)
		printf("ok - interop.seccomp.raw.%s\n", id);
	else
		printf("not ok - interop.seccomp.raw.%s: got %ld (%s)\n", id,
		       got, strerror(got < 0 ? (int)-got : 0));
	failed |= !good;
	fflush(stdout);
}

/* ---- messages ---- */

struct msg {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	uint8_t data[4000];
};

static void *tail(struct msg *m)
{
	return (uint8_t *)m + NLMSG_ALIGN(m->nlh.nlmsg_len);
}

static struct nlattr *put(struct msg *m, uint16_t type, const void *p,
			  uint16_t len)
{
	struct nlattr *a = tail(m);

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memset(a + 1, 0, NLA_ALIGN(len));
	if (len)
		memcpy(a + 1, p, len);
	m->nlh.nlmsg_len =
		NLMSG_ALIGN(m->nlh.nlmsg_len) + NLA_ALIGN(a->nla_len);
	return a;
}

static void put_u32(struct msg *m, uint16_t type, uint32_t v)
{
	put(m, type, &v, sizeof(v));
}

static void end(struct msg *m, struct nlattr *nest)
{
	nest->nla_len = (uint16_t)((uint8_t *)tail(m) - (uint8_t *)nest);
}

static void begin(struct msg *m, uint32_t type, uint16_t flags, uint8_t cmd)
{
	static __thread uint32_t seq;

	memset(m, 0, sizeof(*m));
	m->nlh = (struct nlmsghdr){ .nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN),
				    .nlmsg_type = (uint16_t)type,
				    .nlmsg_flags = NLM_F_REQUEST | flags,
				    .nlmsg_seq = ++seq };
	/* 1 would be a client from before OVS_DP_VER_FEATURES */
	m->genl = (struct genlmsghdr){ .cmd = cmd,
				       .version = type == families[DP]
							  ? OVS_DATAPATH_VERSION
							  : 1 };
}

static void begin_ovs(struct msg *m, int family, uint16_t flags, uint8_t cmd,
		      int ifindex)
{
	begin(m, families[family], flags, cmd);
	memcpy(m->data, &ifindex, sizeof(ifindex));
	m->nlh.nlmsg_len += sizeof(struct ovs_header);
}

static void begin_lookup(struct msg *m, const char *name)
{
	begin(m, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY);
	put(m, CTRL_ATTR_FAMILY_NAME, name, (uint16_t)strlen(name) + 1);
}

static const void *attr(const struct nlmsghdr *h, uint32_t skip, uint16_t type)
{
	uint32_t at = NLMSG_HDRLEN + GENL_HDRLEN + skip;

	while (at + NLA_HDRLEN <= h->nlmsg_len) {
		const struct nlattr *a = (const void *)((const char *)h + at);

		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a + 1;
		at += NLA_ALIGN(a->nla_len);
	}
	return NULL;
}

/* ---- socket ---- */

static int open_genl(void)
{
	struct sockaddr_nl me = { .nl_family = AF_NETLINK };
	struct timeval limit = { .tv_sec = 60 };
	int fd = (int)SEC(socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			  NETLINK_GENERIC);

	SEC(bind, fd, &me, sizeof(me));
	SEC(setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

static long send_buf(int fd, const void *buf, size_t len)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	long n = SEC(sendto, fd, buf, len, 0, &to, sizeof(to));

	return n < 0 ? -errno : n;
}

/* Without waiting: the kernel, too, has answered when send returns. */
static long recv_now(int fd, void *buf, size_t size, int flags)
{
	long n;

	do {
		n = SEC(recvfrom, fd, buf, size, flags, NULL, NULL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* A request with one answer. Its error, or 0 and the answer in buf. */
static long ask_how(int fd, struct msg *m, void *buf, size_t size, int flags)
{
	struct nlmsghdr *h = buf;
	long n = send_buf(fd, m, m->nlh.nlmsg_len);

	if (n < 0)
		return n;
	/* an interrupted send's answer may come first */
	do {
		n = recv_now(fd, buf, size, flags);
	} while (n > 0 && h->nlmsg_seq < m->nlh.nlmsg_seq);
	if (n < 0)
		return n;
	if (h->nlmsg_seq != m->nlh.nlmsg_seq)
		return -EBADE;
	if (h->nlmsg_type == NLMSG_ERROR)
		return ((struct nlmsgerr *)NLMSG_DATA(h))->error;
	return 0;
}

static long ask(int fd, struct msg *m, void *buf, size_t size)
{
	return ask_how(fd, m, buf, size, MSG_DONTWAIT);
}

static long lookup(int fd, const char *name, uint32_t *id)
{
	char buf[8192];
	struct msg m;
	const uint16_t *p;
	long err;

	begin_lookup(&m, name);
	err = ask(fd, &m, buf, sizeof(buf));
	if (err)
		return err;
	p = attr((void *)buf, 0, CTRL_ATTR_FAMILY_ID);
	if (!p)
		return -ENODATA;
	if (id)
		*id = *p;
	return 0;
}

/* Number of messages up to NLMSG_DONE, -errno; each is given to fn. */
static long dump(int fd, struct msg *m, void (*fn)(const struct nlmsghdr *h))
{
	static char buf[65536];
	long n = send_buf(fd, m, m->nlh.nlmsg_len), count = 0;

	for (;;) {
		struct nlmsghdr *h = (void *)buf;

		if (n >= 0)
			n = recv_now(fd, buf, sizeof(buf), 0);
		if (n < 0)
			return n;
		for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return count;
			if (h->nlmsg_type == NLMSG_ERROR)
				return -EPROTO;
			if (fn)
				fn(h);
			count++;
		}
	}
}

/* ---- what is tried ---- */

static int seen_ours, seen_kernels;

static void see_family(const struct nlmsghdr *h)
{
	const char *name = attr(h, 0, CTRL_ATTR_FAMILY_NAME);

	seen_ours += name && !strcmp(name, OVS_FLOW_FAMILY);
	seen_kernels += name && !strcmp(name, "nlctrl");
}

static long flow_put(int fd, int dp, uint32_t i)
{
	uint8_t eth[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	uint16_t type = 0x3412;
	char buf[8192];
	struct nlattr *nest;
	struct msg m;

	begin_ovs(&m, FLOW, NLM_F_CREATE | NLM_F_ACK, OVS_FLOW_CMD_NEW, dp);
	nest = put(&m, OVS_FLOW_ATTR_KEY, NULL, 0);
	put_u32(&m, OVS_KEY_ATTR_PRIORITY, i);
	put_u32(&m, OVS_KEY_ATTR_IN_PORT, 1);
	put(&m, OVS_KEY_ATTR_ETHERNET, eth, sizeof(eth));
	put(&m, OVS_KEY_ATTR_ETHERTYPE, &type, sizeof(type));
	end(&m, nest);
	put(&m, OVS_FLOW_ATTR_ACTIONS, NULL, 0);
	return ask(fd, &m, buf, sizeof(buf));
}

static long dp_new(int fd, const char *name)
{
	char buf[8192];
	struct msg m;

	begin_ovs(&m, DP, NLM_F_ACK, OVS_DP_CMD_NEW, 0);
	put(&m, OVS_DP_ATTR_NAME, name, (uint16_t)strlen(name) + 1);
	put_u32(&m, OVS_DP_ATTR_UPCALL_PID, 0);
	/* on an emulated machine programs load for longer than senders wait */
	return ask_how(fd, &m, buf, sizeof(buf), 0);
}

/* Its ifindex, or -errno. */
static long dp_get(int fd, const char *name)
{
	char buf[8192];
	struct msg m;
	long err;

	begin_ovs(&m, DP, 0, OVS_DP_CMD_GET, 0);
	put(&m, OVS_DP_ATTR_NAME, name, (uint16_t)strlen(name) + 1);
	err = ask(fd, &m, buf, sizeof(buf));
	return err ? err : *(int *)(buf + NLMSG_HDRLEN + GENL_HDRLEN);
}

static long dp_del(int fd, int dp)
{
	char buf[8192];
	struct msg m;

	begin_ovs(&m, DP, NLM_F_ACK, OVS_DP_CMD_DEL, dp);
	return ask(fd, &m, buf, sizeof(buf));
}

static void try_families(int fd)
{
	struct msg m;
	long n;

	for (int i = 0; i < 3; i++) {
		n = lookup(fd, names[i], &families[i]);
		check(!n && families[i], names[i], n);
	}
	n = lookup(fd, "nlctrl", NULL);
	check(!n, "kernels_family", n);
	n = lookup(fd, "ovs_nothing", NULL);
	check(n == -ENOENT, "no_such_family", n);
	begin(&m, GENL_ID_CTRL, NLM_F_DUMP, CTRL_CMD_GETFAMILY);
	n = dump(fd, &m, see_family);
	check(n > 0 && seen_ours == 1 && seen_kernels == 1, "families_merged",
	      n);
}

/* Cuts an attribute off that the kernel alone adds (docs/architecture.md). */
static long without_policy(char *buf, long n, uint32_t echo)
{
	struct nlmsghdr *h = (void *)buf;
	uint32_t at = NLMSG_HDRLEN + sizeof(int) + NLMSG_ALIGN(echo);

	while (h->nlmsg_flags & NLM_F_ACK_TLVS && at + NLA_HDRLEN <= n) {
		const struct nlattr *a = (const void *)(buf + at);

		if ((a->nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_POLICY)
			n = (long)at;
		at += NLA_ALIGN(a->nla_len);
	}
	h->nlmsg_len = (uint32_t)n;
	return n;
}

/* The error of a request with a family's id that is too short; name: whose it
 * is. */
static long ask_error(int fd, const char name[9], char *buf, size_t size)
{
	struct msg m;
	uint32_t echo;
	char *p;
	long n;

	begin(&m, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY);
	m.nlh.nlmsg_seq = 77;
	put(&m, CTRL_ATTR_FAMILY_ID, "x", 1);
	put(&m, CTRL_ATTR_FAMILY_NAME, name, 9);
	n = send_buf(fd, &m, m.nlh.nlmsg_len);
	if (n > 0)
		n = recv_now(fd, buf, size, MSG_DONTWAIT);
	if (n < (long)(NLMSG_HDRLEN + sizeof(struct nlmsgerr)))
		return n < 0 ? n : -EBADE;
	echo = ((struct nlmsghdr *)buf)->nlmsg_flags & NLM_F_CAPPED
		       ? NLMSG_HDRLEN
		       : m.nlh.nlmsg_len;
	p = memmem(buf, (size_t)n, name, 9);
	if (p)
		memset(p, 'x', 9);
	return without_policy(buf, n, echo);
}

/* By the options of the socket: as the kernel's of the same request, byte by
 * byte. */
static void try_acks(void)
{
	int fd = open_genl();

	for (int i = 0; i < 4; i++) {
		int cap = i & 1, ext = i >> 1;
		char ours[1024], kernels[1024], id[] = "acks_0";
		long n, m;

		SEC(setsockopt, fd, SOL_NETLINK, NETLINK_CAP_ACK, &cap,
		    sizeof(cap));
		SEC(setsockopt, fd, SOL_NETLINK, NETLINK_EXT_ACK, &ext,
		    sizeof(ext));
		n = ask_error(fd, OVS_FLOW_FAMILY, ours, sizeof(ours));
		m = ask_error(fd, "xyz_flow", kernels, sizeof(kernels));
		id[5] = (char)('0' + i);
		check(n > 0 && n == m && !memcmp(ours, kernels, (size_t)n), id,
		      n < 0 ? n : m);
	}
	close(fd);
}

/* The daemon's and the kernel's in one datagram, then in one sendmmsg. */
static void try_batches(int fd)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	struct msg m[2];
	struct iovec iov[2];
	struct mmsghdr v[2] = { 0 };
	char buf[8192];
	long n;

	begin_lookup(&m[0], OVS_FLOW_FAMILY);
	begin_lookup(&m[1], "nlctrl");
	for (int i = 0; i < 2; i++) {
		iov[i] = (struct iovec){ &m[i],
					 NLMSG_ALIGN(m[i].nlh.nlmsg_len) };
		v[i].msg_hdr = (struct msghdr){ .msg_name = &to,
						.msg_namelen = sizeof(to),
						.msg_iov = &iov[i],
						.msg_iovlen = 1 };
	}
	n = SEC(sendmmsg, fd, v, 2, 0);
	check(n == 2 && v[0].msg_len == iov[0].iov_len &&
		      v[1].msg_len == iov[1].iov_len,
	      "sendmmsg", n);
	for (int i = 0; i < 2; i++) {
		n = recv_now(fd, buf, sizeof(buf), MSG_DONTWAIT);
		check(n > 0, i ? "sendmmsg_kernels" : "sendmmsg_ours", n);
	}
	v[0].msg_hdr.msg_iov = iov;
	v[0].msg_hdr.msg_iovlen = 2;
	n = SEC(sendmsg, fd, &v[0].msg_hdr, 0);
	check(n == (long)(iov[0].iov_len + iov[1].iov_len), "mixed", n);
	for (int i = 0; i < 2; i++) {
		n = recv_now(fd, buf, sizeof(buf), MSG_DONTWAIT);
		check(n > 0, i ? "mixed_kernels" : "mixed_ours", n);
	}
}

/* connect(2) to the kernel, as OVS and others do, then send(2). */
static void try_connect(void)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK }, me = { 0 };
	int fd = (int)SEC(socket, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	socklen_t len = sizeof(me);
	char buf[8192];
	struct msg m;
	long n = SEC(connect, fd, &to, sizeof(to));

	check(!n, "connect", n ? -errno : 0);
	SEC(getsockname, fd, &me, &len);
	check(me.nl_pid != 0, "connect_binds", me.nl_pid);
	begin_lookup(&m, OVS_FLOW_FAMILY);
	n = SEC(sendto, fd, &m, m.nlh.nlmsg_len, 0, NULL, 0);
	check(n == (long)m.nlh.nlmsg_len, "connected_send", n);
	n = recv_now(fd, buf, sizeof(buf), MSG_DONTWAIT);
	check(n > 0, "connected_answer", n);
	close(fd);
}

/* What has nothing to do with it goes on; errors are the kernel's. */
static void try_others(int genl)
{
	char buf[8] = "";
	int sv[2];
	long n;

	SEC(socketpair, AF_UNIX, SOCK_DGRAM, 0, sv);
	n = SEC(sendto, sv[0], "word", 4, 0, NULL, 0);
	check(n == 4 && SEC(read, sv[1], buf, 8) == 4 && !strcmp(buf, "word"),
	      "unix_socket", n);
	n = SEC(sendto, -1, "word", 4, 0, NULL, 0) ? -errno : 0;
	check(n == -EBADF, "bad_fd", n);
	n = SEC(sendto, genl, (void *)8, 64, 0, NULL, 0) ? -errno : 0;
	check(n == -EFAULT, "bad_address", n);
	n = SEC(sendmsg, genl, (void *)8, 0) ? -errno : 0;
	check(n == -EFAULT, "bad_msghdr", n);
}

/* The next notification of this datapath's: others' come as well. */
static long next_of(int fd, int dp, void *buf, size_t size, int flags)
{
	long n;

	do {
		n = recv_now(fd, buf, size, flags);
	} while (n > 0 &&
		 *(int *)((char *)buf + NLMSG_HDRLEN + GENL_HDRLEN) != dp);
	return n;
}

static void try_group(int fd, int dp)
{
	int listener = open_genl(), group = 0;
	char buf[8192];
	struct msg m;
	const struct nlattr *groups;
	const struct nlmsghdr *h = (void *)buf;
	long n;

	begin_lookup(&m, OVS_FLOW_FAMILY);
	n = ask(fd, &m, buf, sizeof(buf));
	groups = n ? NULL : attr(h, 0, CTRL_ATTR_MCAST_GROUPS);
	check(groups != NULL, "groups", n);
	for (int at = 0; groups && at < 64; at += 4) {
		const struct nlattr *a = (void *)((char *)groups + at);

		if (a->nla_type == CTRL_ATTR_MCAST_GRP_ID && a->nla_len == 8) {
			memcpy(&group, a + 1, sizeof(group));
			break;
		}
	}
	n = SEC(setsockopt, listener, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
		&group, sizeof(group));
	check(!n && group, "subscribe", n ? -errno : group);
	n = flow_put(fd, dp, 1 << 30);
	check(!n, "put_noticed", n);
	n = next_of(listener, dp, buf, sizeof(buf), 0);
	check(n > 0 && h->nlmsg_type == families[FLOW], "notified", n);
	n = SEC(setsockopt, listener, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP,
		&group, sizeof(group));
	check(!n, "unsubscribe", n ? -errno : 0);
	flow_put(fd, dp, (1 << 30) + 1);
	n = next_of(listener, dp, buf, sizeof(buf), MSG_DONTWAIT);
	check(n == -EAGAIN, "silence", n);
	close(listener);
}

static int try_all(const char *name, uint32_t flows)
{
	int fd = open_genl();
	struct msg m;
	long dp, n = 0;

	try_families(fd);
	try_batches(fd);
	try_connect();
	try_others(fd);
	try_acks();
	n = dp_new(fd, name);
	check(!n, "dp_new", n);
	n = dp_new(fd, name);
	check(n == -EEXIST, "dp_new_again", n);
	dp = dp_get(fd, name);
	check(dp > 0, "dp_get", dp);
	begin_ovs(&m, DP, NLM_F_DUMP, OVS_DP_CMD_GET, 0);
	n = dump(fd, &m, NULL);
	check(n >= 1, "dp_dump", n);
	begin_ovs(&m, VPORT, NLM_F_DUMP, OVS_VPORT_CMD_GET, (int)dp);
	n = dump(fd, &m, NULL);
	check(n == 1, "vport_dump", n);
	n = 0;
	for (uint32_t i = 0; !n && i < flows; i++)
		n = flow_put(fd, (int)dp, i);
	check(!n, "flow_puts", n);
	begin_ovs(&m, FLOW, NLM_F_DUMP, OVS_FLOW_CMD_GET, (int)dp);
	n = dump(fd, &m, NULL);
	check(n == flows, "flow_dump", n);
	/* a dump left half read must not come to the next socket */
	begin_ovs(&m, FLOW, NLM_F_DUMP, OVS_FLOW_CMD_GET, (int)dp);
	send_buf(fd, &m, m.nlh.nlmsg_len);
	close(fd);
	fd = open_genl();
	n = dp_get(fd, name);
	check(n == dp, "after_half_a_dump", n);
	try_group(fd, (int)dp);
	n = dp_del(fd, (int)dp);
	check(!n, "dp_del", n);
	n = dp_get(fd, name);
	check(n == -ENODEV, "dp_gone", n);
	return failed;
}

/* ---- threads, under a storm of signals ---- */

static volatile sig_atomic_t signals;

static void on_alarm(int sig)
{
	(void)sig;
	signals = signals + 1;
}

static void *thread(void *arg)
{
	uintptr_t base = (uintptr_t)arg & 0xffff0000;
	int fd = open_genl(), dp = (int)((uintptr_t)arg & 0xffff);
	long n = 0;

	for (uint32_t i = 0; !n && i < 100; i++) {
		n = lookup(fd, names[i % 3], NULL);
		/* done twice it would be EEXIST: a put is not repeatable */
		if (!n)
			n = flow_put(fd, dp, (uint32_t)base + i);
	}
	close(fd);
	return (void *)n;
}

static int try_threads(const char *name)
{
	struct sigaction sa = { .sa_handler = on_alarm,
				.sa_flags = SA_RESTART };
	struct itimerval t = { { 0, 2000 }, { 0, 2000 } }, off = { 0 };
	pthread_t threads[8];
	int fd = open_genl();
	struct msg m;
	long n, dp;

	for (int i = 0; i < 3; i++)
		lookup(fd, names[i], &families[i]);
	dp_new(fd, name);
	dp = dp_get(fd, name);
	check(dp > 0, "threads_dp", dp);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
	for (uintptr_t i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, thread,
			       (void *)((i << 16) + (uintptr_t)dp));
	for (int i = 0; i < 8; i++) {
		void *r;

		pthread_join(threads[i], &r);
		check(!r, "thread", (long)r);
	}
	setitimer(ITIMER_REAL, &off, NULL);
	check(signals > 0, "threads_signals", signals);
	begin_ovs(&m, FLOW, NLM_F_DUMP, OVS_FLOW_CMD_GET, (int)dp);
	n = dump(fd, &m, NULL);
	check(n == 800, "threads_flows", n);
	n = dp_del(fd, (int)dp);
	check(!n, "threads_dp_del", n);
	return failed;
}

/* The supervisor's rights mustn't become the program's. */
static int try_plain(void)
{
	int fd;
	long n;

	if (setgid(65534) || setuid(65534))
		return 1;
	fd = open_genl();
	n = lookup(fd, OVS_DATAPATH_FAMILY, NULL);
	check(n == -ENOENT, "no_privilege", n);
	n = lookup(fd, "nlctrl", NULL);
	check(!n, "no_privilege_kernels", n);
	return failed;
}

/* The supervisor is killed before stdin ends: at worst a call is interrupted.
 */
static int try_patient(void)
{
	struct pollfd in = { .fd = 0, .events = POLLIN };
	int fd = open_genl(), interrupted = 0;
	long n = lookup(fd, OVS_FLOW_FAMILY, NULL);

	puts(n ? "# no answer" : "# ready");
	fflush(stdout);
	for (int left = 10; !n && left; left -= poll(&in, 1, 0) != 0) {
		n = lookup(fd, OVS_FLOW_FAMILY, NULL);
		if (n == -EINTR && ++interrupted < 3)
			n = 0;
		usleep(20000);
	}
	check(!n, "supervisor_killed", n);
	return failed;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* Microseconds of each: our request, the kernel's, another socket's send,
 * a call that no filter looks at. */
static int latency(void)
{
	int fd = open_genl(), n = 3000, sv[2];
	double t[5];
	char c[4];

	socketpair(AF_UNIX, SOCK_DGRAM, 0, sv);
	t[0] = now();
	for (int i = 0; i < n; i++)
		lookup(fd, OVS_FLOW_FAMILY, NULL);
	t[1] = now();
	for (int i = 0; i < n; i++)
		lookup(fd, "nlctrl", NULL);
	t[2] = now();
	for (int i = 0; i < n; i++) {
		SEC(sendto, sv[0], "a", 1, 0, NULL, 0);
		SEC(read, sv[1], c, 1);
	}
	t[3] = now();
	for (int i = 0; i < n; i++)
		SEC(getppid);
	t[4] = now();
	printf("ours %.2f kernel's %.2f other socket %.2f getppid %.3f us\n",
	       (t[1] - t[0]) / n, (t[2] - t[1]) / n, (t[3] - t[2]) / n,
	       (t[4] - t[3]) / n);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const char *name = argc > 2 ? argv[2] : "dpr";

	if (!strcmp(what, "all"))
		return try_all(name, argc > 3 ? (uint32_t)atoi(argv[3]) : 5000);
	if (!strcmp(what, "threads"))
		return try_threads(name);
	if (!strcmp(what, "plain"))
		return try_plain();
	if (!strcmp(what, "patient"))
		return try_patient();
	if (!strcmp(what, "latency"))
		return latency();
	fputs("Usage: raw all|threads|plain|patient|latency [DP] [FLOWS]\n",
	      stderr);
	return 2;
}
