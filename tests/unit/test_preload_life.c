// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_preload_life.c - libovsxdp-genl.so while the daemon dies and comes
 * back: this program, run again with LD_PRELOAD, against a toy server that
 * the parent kills. Parent and child take turns over two pipes.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <libmnl/libmnl.h>

#include "ovsxdp/abi.h"
#include "tests/lib/toy_genl.h"

#define TO_PARENT   200
#define FROM_PARENT 201

static struct toy toy;
static struct ox_state_mem *mem;
static bool privileged;
static char self[PATH_MAX], library[PATH_MAX + 32];

/* ---- what the child does ---- */

#define CHECK(cond)                                                   \
	do {                                                          \
		if (!(cond)) {                                        \
			fprintf(stderr, "# line %d: %s (errno %d)\n", \
				__LINE__, #cond, errno);              \
			_exit(1);                                     \
		}                                                     \
	} while (0)

static uint8_t buf[65536] __attribute__((aligned(8)));

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The parent does what is next, and says when it has begun. */
static void parents_turn(void)
{
	char c = 'x';

	CHECK(write(TO_PARENT, &c, 1) == 1);
	CHECK(read(FROM_PARENT, &c, 1) == 1);
}

static int open_client(int rcvbuf)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	CHECK(fd >= 0);
	if (rcvbuf)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	CHECK(!connect(fd, (struct sockaddr *)&sa, sizeof(sa)));
	return fd;
}

/* Error code of the answer to a request, or the value that it brings back. */
static int64_t get(int fd, uint32_t value)
{
	uint8_t own[4096] __attribute__((aligned(8)));
	struct toy_msg m;

	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, value, value);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	/* of the request that a daemon was killed over there may be two
	 * answers, as a netlink client has to expect anyway */
	do {
		CHECK(recv(fd, own, sizeof(own), MSG_DONTWAIT) > 0);
	} while (((struct nlmsghdr *)own)->nlmsg_seq == value - 1);
	if (toy_error(own) <= 0)
		return toy_error(own);
	CHECK(((struct nlmsghdr *)own)->nlmsg_seq == value);
	return toy_value(own);
}

static volatile bool enough;

static void *hammer(void *arg)
{
	int fd = open_client(0);

	for (uint32_t i = 1; !enough; i++)
		CHECK(get(fd, i) == i);
	close(fd);
	return arg;
}

/* Three kills under load: each request is answered in time, as if the
 * kernel had been asked, and a member of a group stays one. */
static void child_killed(void)
{
	uint32_t group = OX_MCGRP_FLOW;
	int sub = open_client(0), fd = open_client(0);
	struct toy_msg m;
	pthread_t t[3];

	CHECK(!setsockopt(sub, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			  sizeof(group)));
	for (int i = 0; i < 3; i++)
		CHECK(!pthread_create(&t[i], NULL, hammer, NULL));
	for (int i = 0; i < 3; i++) {
		parents_turn();
		CHECK(get(fd, 7) == 7);
	}
	enough = true;
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	toy_request(&m, TOY_ID, TOY_CMD_NEW, 0, 8, 99);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	CHECK(recv(sub, buf, sizeof(buf), MSG_DONTWAIT) > 0);
	CHECK(toy_value(buf) == 99);
}

/* The next daemon begins the dump anew, and says so. */
static void child_dump(void)
{
	int fd = open_client(8192);
	struct toy_msg m;
	uint32_t next = 1, high = 0;
	bool done = false, intr = false;

	toy_request(&m, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 6, 50000);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	for (int i = 0; !done; i++) {
		const struct nlmsghdr *h = (void *)buf;
		int n;

		if (i == 3)
			parents_turn();
		n = (int)recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		CHECK(n > 0);
		for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
			intr |= h->nlmsg_flags & NLM_F_DUMP_INTR;
			done = h->nlmsg_type == NLMSG_DONE;
			if (done)
				break;
			if (toy_value(h) == 1)
				next = 1;
			CHECK(toy_value(h) == next++);
			high = next > high ? next : high;
		}
	}
	CHECK(high == 50001 && next == 50001);
	CHECK(intr);
	CHECK(recv(fd, buf, sizeof(buf), MSG_DONTWAIT) < 0 && errno == EAGAIN);
	/* a dump that has ended isn't asked for again */
	toy_request(&m, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 7, 3);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	parents_turn();
	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		done = toy_error(buf) == 0;
	CHECK(done && errno == EAGAIN);
}

/* Gone for longer than OVSXDP_WAIT, 0.5 s: as without the module, at once
 * from then on; and when it is back, it is back. */
static void child_gone(void)
{
	int fd = open_client(0), dump = open_client(4096);
	struct toy_msg m;
	int64_t start;

	toy_request(&m, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 6, 50000);
	CHECK(send(dump, &m, m.nlh.nlmsg_len, 0) > 0);
	CHECK(get(fd, 1) == 1);
	parents_turn();
	start = now_ms();
	CHECK(get(fd, 2) == -ENOENT);
	CHECK(now_ms() - start >= 400);
	start = now_ms();
	for (uint32_t i = 0; i < 20; i++)
		CHECK(get(fd, 3) == -ENOENT);
	CHECK(now_ms() - start < 20 * 400);
	while (recv(dump, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	CHECK(errno == ENOBUFS);
	parents_turn();
	CHECK(get(fd, 4) == 4);
}

/* OVSXDP_EXPECT=1: there will be one. */
static void child_expects(void)
{
	int fd = open_client(0);

	parents_turn();
	CHECK(get(fd, 1) == 1);
}

/* The daemon's queue is full, and it doesn't read: not for ever, and for less
 * than it would be without OVSXDP_TIMEOUT. */
static void *meet_full(void *arg)
{
	int64_t start = now_ms();
	int fd = *(int *)arg;
	struct toy_msg m;

	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, 5, 5);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) < 0);
	CHECK(errno == EAGAIN);
	CHECK(now_ms() - start < 9000);
	return arg;
}

static void child_stopped(void)
{
	int fds[2] = { open_client(0), open_client(0) }, many = open_client(0);
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_pid = OX_NL_PORTID };
	struct toy_msg m;
	pthread_t t[2];

	CHECK(get(fds[0], 1) == 1);
	CHECK(!fcntl(fds[1], F_SETFL, O_NONBLOCK));
	parents_turn();
	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, 4, 4);
	while (sendto(many, &m, m.nlh.nlmsg_len, MSG_DONTWAIT,
		      (struct sockaddr *)&to, sizeof(to)) > 0)
		;
	CHECK(errno == EAGAIN);
	close(many);
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_create(&t[i], NULL, meet_full, &fds[i]));
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	parents_turn();
	CHECK(get(fds[0], 6) == 6);
	CHECK(get(fds[1], 7) == 7);
}

static const struct {
	const char *name;
	void (*fn)(void);
} children[] = {
	{ "killed", child_killed },   { "dump", child_dump },
	{ "gone", child_gone },	      { "stopped", child_stopped },
	{ "expects", child_expects },
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

static void killed(void)
{
	toy_stop(&toy);
	usleep(100000);
	assert_int_equal(toy_start(&toy, mem, 0), 0);
}

static void stopped(void)
{
	toy_stop(&toy);
}

static void frozen(void)
{
	int status;

	kill(toy.pid, SIGSTOP);
	waitpid(toy.pid, &status, WUNTRACED);
}

static void thawed(void)
{
	kill(toy.pid, SIGCONT);
}

static void started(void)
{
	usleep(300000);
	assert_int_equal(toy_start(&toy, mem, 0), 0);
}

static void run_child(const char *name, const int *up, const int *down)
{
	dup2(up[1], TO_PARENT);
	dup2(down[0], FROM_PARENT);
	close_range(3, TO_PARENT - 1, 0);
	close_range(FROM_PARENT + 1, ~0u, 0);
	setenv("LD_PRELOAD", library, 1);
	setenv("OVSXDP_WAIT", strcmp(name, "gone") ? "25" : "0.5", 1);
	if (!strcmp(name, "stopped"))
		setenv("OVSXDP_TIMEOUT", "3", 1);
	if (!strcmp(name, "expects"))
		setenv("OVSXDP_EXPECT", "1", 1);
	/* a sanitizer's runtime wants to be first, and isn't */
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 0);
	alarm(200);
	execl(self, self, "--child", name, NULL);
	_exit(127);
}

/* turns: what the parent does, in order. It lets the child go on before it
 * is through, as a daemon's absence is what the child shall meet. */
static void run(const char *name, void (*const *turns)(void), bool early)
{
	int up[2], down[2], status;
	pid_t pid;
	char c;

	if (!privileged)
		ox_skip("no right to make a network namespace");
	if (access(library, R_OK))
		ox_skip("libovsxdp-genl.so isn't built");
	assert_int_equal(pipe(up) | pipe(down), 0);
	pid = fork();
	if (!pid)
		run_child(name, up, down);
	close(up[1]);
	close(down[0]);
	while (read(up[0], &c, 1) == 1) {
		if (!early)
			(*turns++)();
		(void)!write(down[1], &c, 1);
		if (early)
			(*turns++)();
	}
	close(up[0]);
	close(down[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void case_killed(void **state)
{
	void (*const turns[])(void) = { killed, killed, killed };

	(void)state;
	run("killed", turns, true);
}

static void case_dump(void **state)
{
	void (*const turns[])(void) = { killed, killed };

	(void)state;
	run("dump", turns, false);
}

static void case_gone(void **state)
{
	void (*const turns[])(void) = { stopped, started };

	(void)state;
	run("gone", turns, false);
}

static void case_stopped(void **state)
{
	void (*const turns[])(void) = { frozen, thawed };

	(void)state;
	run("stopped", turns, false);
	thawed();
}

static void case_expects(void **state)
{
	void (*const turns[])(void) = { started };

	(void)state;
	toy_stop(&toy);
	run("expects", turns, true);
}

static int setup(void **state)
{
	(void)state;
	mem = mmap(NULL, sizeof(*mem), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	privileged = mem != MAP_FAILED && toy_netns() &&
		     !toy_start(&toy, mem, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	toy_stop(&toy);
	return 0;
}

/* build/tests/unit/test_preload_life → build/libovsxdp-genl.so */
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
		OX_TEST("unit.preload_life.killed", case_killed),
		OX_TEST("unit.preload_life.dump", case_dump),
		OX_TEST("unit.preload_life.gone", case_gone),
		OX_TEST("unit.preload_life.stopped", case_stopped),
		OX_TEST("unit.preload_life.expects", case_expects),
	};

	if (argc > 2 && !strcmp(argv[1], "--child"))
		return child(argv[2]);
	find_library();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
