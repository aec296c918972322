// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_genl_fair.c - many requests, and readers that don't read, against the
 * netlink server. What one process does costs another one a bounded number of
 * messages, and the server a bounded number of bytes.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "control/netlink/genl_int.h"
#include "tests/lib/toy_genl.h"

static struct toy toy;
static bool privileged;
static uint8_t buf[300 * 1024] __attribute__((aligned(8)));

#define NEED_ROOT()                                                      \
	do {                                                             \
		if (!privileged)                                         \
			ox_skip("no right to make a network namespace"); \
	} while (0)

static bool has_no_cpu; /* between any two looks at the clock */

/* In the place of libc's. */
int clock_gettime(clockid_t id, struct timespec *ts)
{
	static time_t late;
	long err = syscall(SYS_clock_gettime, id, ts);

	if (has_no_cpu)
		ts->tv_sec += ++late;
	return (int)err;
}

static void again(uint64_t queued_max, uint64_t inbox_max)
{
	toy_stop(&toy);
	toy_queued_max = queued_max;
	toy_inbox_max = inbox_max;
	assert_int_equal(toy_start(&toy, NULL, 0), 0);
}

static int answer(int fd)
{
	int n = toy_recv(fd, buf, sizeof(buf), 20000);

	assert_true(n >= NLMSG_HDRLEN);
	return n;
}

static void ask_counts(int fd, uint32_t seq)
{
	struct toy_msg m;
	uint32_t len =
		toy_request(&m, OX_GENL_OVSXDP, OX_CMD_DAEMON_GET, 0, seq, 0);

	assert_int_equal(toy_send(fd, OX_NL_PORTID, &m, len), 0);
}

static uint64_t count(int fd, const char *name)
{
	ask_counts(fd, 1);
	answer(fd);
	return toy_count(buf, name);
}

/* Requests that have no answer, n in a datagram. */
static void pump(int fd, int datagrams, int n)
{
	static uint8_t big[256 * 1024] __attribute__((aligned(8)));
	int size = 1 << 20;
	uint32_t len = 0;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	for (int i = 0; i < n; i++)
		len += toy_request((void *)(big + len), TOY_ID, TOY_CMD_NEW, 0,
				   1, 0);
	for (int i = 0; i < datagrams; i++)
		assert_int_equal(toy_send(fd, OX_NL_PORTID, big, len), 0);
}

/* Another process pumps, and stays. */
static pid_t pumper(int datagrams, int n)
{
	int done[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(done), 0);
	pid = fork();
	if (!pid) {
		int fd;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fd = toy_client(0, NULL);
		pump(fd, datagrams, n);
		if (write(done[1], "x", 1) == 1)
			pause();
		_exit(0);
	}
	assert_int_equal(read(done[0], &c, 1), 1);
	close(done[0]);
	close(done[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#define FLOOD 9000 /* messages of 24 bytes */

/* All of a flood is there before another client's request. */
static void flood(int datagrams, int n)
{
	uint64_t before, now;
	pid_t pid;
	int fd;

	fd = toy_client(0, NULL);
	before = count(fd, "requests");
	kill(toy.pid, SIGSTOP);
	pid = pumper(datagrams, n);
	ask_counts(fd, 2);
	kill(toy.pid, SIGCONT);
	answer(fd);
	now = toy_count(buf, "requests");
	/* what was handled as it came, and a share for each of two: twice, as
	 * the last datagrams may have been read in another turn */
	assert_in_range(now - before, 0, 4 * OX_TURN_MSGS);
	while (count(fd, "requests_waiting_bytes"))
		;
	assert_true(count(fd, "requests") - before >
		    (uint64_t)datagrams * (uint64_t)n);
	assert_int_equal(count(fd, "requests_refused"), 0);
	end(pid);
	close(fd);
}

static void flood_large(void **state)
{
	(void)state;
	NEED_ROOT();
	again(0, 0);
	flood(4, FLOOD);
}

static void flood_small(void **state)
{
	(void)state;
	NEED_ROOT();
	again(0, 0);
	flood(250, 1);
	flood(1000, 3);
}

/* What is before a client in the kernel's queue is bounded, too. */
static void queue_bounded(void **state)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_pid = OX_NL_PORTID };
	uint32_t len, n = 0;
	struct toy_msg m;
	int fd;

	(void)state;
	NEED_ROOT();
	again(0, 0);
	fd = toy_client(0, NULL);
	len = toy_request(&m, TOY_ID, TOY_CMD_NEW, 0, 1, 0);
	kill(toy.pid, SIGSTOP);
	while (sendto(fd, &m, len, MSG_DONTWAIT, (void *)&to, sizeof(to)) > 0)
		n++;
	assert_int_equal(errno, EAGAIN);
	kill(toy.pid, SIGCONT);
	assert_in_range(n, 256, 2048);
	assert_true(count(fd, "requests") >= n);
	close(fd);
}

/* A server that others leave no time for serves somebody in each turn. */
static void no_time(void **state)
{
	uint64_t turns;
	pid_t pid;
	int fd;

	(void)state;
	NEED_ROOT();
	has_no_cpu = true;
	again(0, 0);
	has_no_cpu = false;
	fd = toy_client(0, NULL);
	pid = pumper(2, 100);
	turns = count(fd, "loop_turns");
	while (count(fd, "requests") < 200)
		;
	/* a share of the flood a turn, and one for each of our questions */
	assert_in_range(count(fd, "loop_turns") - turns, 1, 100);
	end(pid);
	close(fd);
}

/* A turn of the loop is bounded, whatever a datagram holds. */
static void turn_bounded(void **state)
{
	uint64_t turns, requests;
	int fd;

	(void)state;
	NEED_ROOT();
	again(0, 0);
	fd = toy_client(0, NULL);
	pump(fd, 2, FLOOD);
	/* of the same process: after all of them */
	requests = count(fd, "requests");
	turns = count(fd, "request_turns");
	assert_true(requests >= 2 * FLOOD);
	assert_true(turns >= requests / OX_TURN_MSGS - 2);
	close(fd);
}

/* The answers of a process come in the order of its requests, also over
 * several sockets. */
static void order(void **state)
{
	int fd, other;
	pid_t pid;

	(void)state;
	NEED_ROOT();
	again(0, 0);
	fd = toy_client(0, NULL);
	other = toy_client(0, NULL);
	kill(toy.pid, SIGSTOP);
	pid = pumper(3, FLOOD);
	pump(fd, 1, 500);
	ask_counts(other, 3);
	kill(toy.pid, SIGCONT);
	answer(other);
	assert_in_range(toy_count(buf, "requests"), 500, 3 * FLOOD);
	end(pid);
	close(fd);
	close(other);
}

/* Another process asks for what takes so many turns, twice in a datagram, and
 * ends when both are done. */
static pid_t long_request(uint32_t steps)
{
	pid_t pid = fork();
	int fd, ok = 0;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = toy_client(0, NULL);
	for (uint32_t i = 0; i < 2; i++) {
		struct toy_msg *m = (void *)(buf + i * sizeof(*m));

		toy_request(m, TOY_ID, TOY_CMD_STEPS, NLM_F_ACK, i + 1, steps);
		m->nlh.nlmsg_len = sizeof(*m);
	}
	toy_send(fd, OX_NL_PORTID, buf, 2 * sizeof(struct toy_msg));
	while (ok < 2 && toy_recv(fd, buf, sizeof(buf), 60000) > 0 &&
	       !toy_error(buf))
		ok++;
	_exit(ok < 2);
}

/* Work of many turns: others are served between any two of them. */
static void steps(void **state)
{
	uint64_t turns;
	int fd, status;
	pid_t pid;

	(void)state;
	NEED_ROOT();
	again(0, 0);
	fd = toy_client(0, NULL);
	pid = long_request(TOY_VALUE_MAX);
	/* it is in line, or put off: it waits in either case */
	while (!count(fd, "requests_waiting_bytes"))
		;
	for (int i = 0; i < 100; i++)
		assert_true(count(fd, "requests_waiting_bytes"));
	end(pid);
	again(0, 0);
	turns = count(fd, "loop_turns");
	pid = long_request(50);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(count(fd, "loop_turns") - turns >= 100);
	assert_int_equal(count(fd, "requests_waiting_bytes"), 0);
	close(fd);
}

/* More than can wait is refused with words, and others aren't. */
static void refused(void **state)
{
	int fd, other;
	pid_t pid;

	(void)state;
	NEED_ROOT();
	again(0, 1 << 20);
	fd = toy_client(1 << 20, NULL);
	other = toy_client(0, NULL);
	kill(toy.pid, SIGSTOP);
	pump(fd, 4, FLOOD);
	pid = pumper(1, 1);
	kill(toy.pid, SIGCONT);
	answer(fd);
	assert_int_equal(toy_error(buf), -ENOBUFS);
	assert_in_range(count(other, "requests_refused"), 1, 3);
	assert_true(count(other, "requests") > FLOOD);
	end(pid);
	close(fd);
	close(other);
}

/* Errors that come back whole: answers of n times 16 KiB. */
static void fill(int fd, uint32_t n)
{
	static uint8_t big[16 << 10] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = (void *)big;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t len =
			toy_request((void *)big, TOY_ID, TOY_CMD_FAIL, 0, i, 5);
		struct nlattr *rest = (void *)(big + len);

		rest->nla_len = (uint16_t)(sizeof(big) - len);
		rest->nla_type = 99;
		nlh->nlmsg_len = sizeof(big);
		assert_int_equal(toy_send(fd, OX_NL_PORTID, big, sizeof(big)),
				 0);
	}
}

/* What is there of answers to fill(); *overrun: the first that was missed. */
static uint32_t drain(int fd, uint32_t *overrun)
{
	uint32_t n = 0;

	*overrun = UINT32_MAX;
	while (toy_recv(fd, buf, sizeof(buf), 1000) > 0) {
		const struct nlmsghdr *h = (const void *)buf;

		if (h->nlmsg_type == NLMSG_OVERRUN) {
			assert_int_equal(*overrun, UINT32_MAX);
			*overrun = n;
			continue;
		}
		assert_int_equal(toy_error(buf), -EEXIST);
		if (*overrun == UINT32_MAX)
			assert_int_equal(h->nlmsg_seq, n);
		n++;
	}
	return n;
}

/* The first one that stopped reading loses what waits for it; the others
 * lose nothing. */
static void slowest_first(void **state)
{
	uint32_t overrun;
	int slow, other, fd;

	(void)state;
	NEED_ROOT();
	again(1 << 20, 0);
	slow = toy_client(4096, NULL);
	other = toy_client(4096, NULL);
	fd = toy_client(0, NULL);
	fill(slow, 40); /* 640 KiB */
	assert_int_equal(count(fd, "clients_overrun"), 0);
	usleep(20000); /* a clock of milliseconds tells who came first */
	fill(other, 40);
	assert_int_equal(count(fd, "clients_overrun"), 1);
	assert_true(count(fd, "answers_lost") >= 30);
	assert_true(count(fd, "answers_waiting_bytes") <= 1 << 20);
	assert_int_equal(drain(other, &overrun), 40);
	assert_int_equal(overrun, UINT32_MAX);
	assert_in_range(drain(slow, &overrun), 0, 10);
	assert_true(overrun != UINT32_MAX);
	/* and is a client like others again */
	fill(slow, 1);
	assert_int_equal(drain(slow, &overrun), 1);
	close(slow);
	close(other);
	close(fd);
}

/* Dumps that nobody reads are memory, too; their end says what became of
 * them. */
static void dumps_count(void **state)
{
	enum { N = 60 };
	int fds[N], fd, lost = 0;
	struct toy_msg m;

	(void)state;
	NEED_ROOT();
	again(200000, 0);
	fd = toy_client(0, NULL);
	for (uint32_t i = 0; i < N; i++) {
		uint32_t len = toy_request(&m, TOY_ID, TOY_CMD_GET, NLM_F_DUMP,
					   i, 100000);

		fds[i] = toy_client(4096, NULL);
		assert_int_equal(toy_send(fds[i], OX_NL_PORTID, &m, len), 0);
		assert_true(count(fd, "answers_waiting_bytes") <= 220000);
	}
	assert_true(count(fd, "clients_overrun") >= 10);
	while (toy_recv(fds[0], buf, sizeof(buf), 1000) > 0) {
		const struct nlmsghdr *h = (const void *)buf;

		lost += h->nlmsg_type == NLMSG_OVERRUN;
		if (h->nlmsg_type == NLMSG_DONE)
			break;
	}
	assert_int_equal(lost, 1);
	assert_int_equal(toy_error(buf), -ENOBUFS);
	for (uint32_t i = 0; i < N; i++)
		close(fds[i]);
	close(fd);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.genl_fair.flood_large", flood_large),
		OX_TEST("unit.genl_fair.flood_small", flood_small),
		OX_TEST("unit.genl_fair.queue_bounded", queue_bounded),
		OX_TEST("unit.genl_fair.no_time", no_time),
		OX_TEST("unit.genl_fair.turn_bounded", turn_bounded),
		OX_TEST("unit.genl_fair.order", order),
		OX_TEST("unit.genl_fair.steps", steps),
		OX_TEST("unit.genl_fair.refused", refused),
		OX_TEST("unit.genl_fair.slowest_first", slowest_first),
		OX_TEST("unit.genl_fair.dumps_count", dumps_count),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tests", tests, setup, teardown);
}
