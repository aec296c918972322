// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_preload_pieces.c - libovsxdp-genl.so and datagrams of many pieces, and
 * descriptors that have become others': this program, run again with
 * LD_PRELOAD, against the toy server.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/toy_genl.h"

static struct toy toy;
static bool privileged;
static char self[PATH_MAX], library[PATH_MAX + 32];

/* ---- what the child does ---- */

static uint8_t buf[65536] __attribute__((aligned(8)));

#define CHECK(cond)                                                   \
	do {                                                          \
		if (!(cond)) {                                        \
			fprintf(stderr, "# line %d: %s (errno %d)\n", \
				__LINE__, #cond, errno);              \
			_exit(1);                                     \
		}                                                     \
	} while (0)

static int ovs_socket(int rcvbuf)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	CHECK(fd >= 0);
	if (rcvbuf)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	CHECK(!connect(fd, (struct sockaddr *)&sa, sizeof(sa)));
	return fd;
}

/* It is there at once. */
static void now(int fd)
{
	CHECK(recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0);
}

static void get_value(int fd, uint32_t value)
{
	struct toy_msg m;

	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, value, value);
	CHECK(send(fd, &m, m.nlh.nlmsg_len, 0) > 0);
	now(fd);
	CHECK(toy_value(buf) == value);
}

/* A datagram in pieces, more than are sent as they lie, the last with an odd
 * length; and one with something behind the last message. */
static void child_pieces(void)
{
	enum { N = 150 };
	static struct toy_msg m[N];
	struct iovec iov[N];
	int fd = ovs_socket(4 << 20);
	static const int counts[] = { 2, 30, N };

	for (int i = 0; i < N; i++) {
		toy_request(&m[i], TOY_ID, TOY_CMD_GET, 0, i + 1, i + 1);
		iov[i] = (struct iovec){ &m[i], m[i].nlh.nlmsg_len };
	}
	for (int c = 0; c < 3; c++) {
		struct nlmsghdr *last = &m[counts[c] - 1].nlh;
		struct msghdr h = { .msg_iov = iov,
				    .msg_iovlen = (size_t)counts[c] };
		ssize_t want = 0;

		last->nlmsg_len += 5;
		iov[counts[c] - 1].iov_len += 5;
		for (int i = 0; i < counts[c]; i++)
			want += (ssize_t)iov[i].iov_len;
		CHECK(sendmsg(fd, &h, 0) == want);
		for (int i = 0; i < counts[c]; i++) {
			now(fd);
			CHECK(toy_value(buf) == (uint32_t)i + 1);
		}
		CHECK(recv(fd, buf, sizeof(buf), MSG_DONTWAIT) < 0);
		last->nlmsg_len -= 5;
		iov[counts[c] - 1].iov_len -= 5;
	}
	CHECK(send(fd, &m[0], m[0].nlh.nlmsg_len + 10, 0) > 0);
	now(fd);
	CHECK(toy_value(buf) == 1);
	/* a send buffer with room for it, but for nothing more */
	int small = 0;

	CHECK(!setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)));
	socklen_t len = sizeof(small);
	CHECK(!getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, &len));
	iov[0].iov_base = calloc(1, (size_t)small);
	toy_request(iov[0].iov_base, TOY_ID, TOY_CMD_GET, 0, 8, 8);
	iov[0].iov_len = (size_t)small - 32;
	((struct nlmsghdr *)iov[0].iov_base)->nlmsg_len = small - 32;
	CHECK(send(fd, iov[0].iov_base, iov[0].iov_len, 0) == small - 32);
	now(fd);
	CHECK(toy_value(buf) == 8);
	close(fd);
}

/* Closed behind the library's back, and the number given to others: they
 * are read as ever. */
static void child_others(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX }, from = { 0 };
	socklen_t len = sizeof(to), from_len = sizeof(from);
	int fd = ovs_socket(0), pair[2], dgram;

	get_value(fd, 1);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CHECK(syscall(SYS_dup3, pair[0], fd, 0) == fd);
	CHECK(write(pair[1], "abc", 3) == 3);
	CHECK(recv(fd, buf, sizeof(buf), 0) == 3 && !memcmp(buf, "abc", 3));
	CHECK(send(fd, "d", 1, 0) == 1 && read(pair[1], buf, 10) == 1);

	fd = ovs_socket(0);
	get_value(fd, 2);
	dgram = socket(AF_UNIX, SOCK_DGRAM, 0);
	CHECK(!bind(dgram, (struct sockaddr *)&to, sizeof(to.sun_family)));
	CHECK(!getsockname(dgram, (struct sockaddr *)&to, &len));
	CHECK(sendto(dgram, "xy", 2, 0, (struct sockaddr *)&to, len) == 2);
	CHECK(syscall(SYS_dup3, dgram, fd, 0) == fd);
	CHECK(recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from,
		       &from_len) == 2);
	CHECK(from_len == len && !memcmp(&from, &to, len));
	CHECK(recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT, NULL, NULL) < 0 &&
	      errno == EAGAIN);

	fd = ovs_socket(0);
	CHECK(!pipe(pair));
	CHECK(syscall(SYS_dup3, pair[0], fd, 0) == fd);
	CHECK(recv(fd, buf, sizeof(buf), 0) < 0 && errno == ENOTSOCK);
	CHECK(write(pair[1], "p", 1) == 1 && read(fd, buf, 10) == 1);
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

static void case_pieces(void **state)
{
	(void)state;
	run("pieces");
}

static void case_others(void **state)
{
	(void)state;
	run("others");
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
		OX_TEST("unit.preload.pieces", case_pieces),
		OX_TEST("unit.preload.others", case_others),
	};

	if (argc > 2 && !strcmp(argv[1], "--child")) {
		if (!strcmp(argv[2], "pieces"))
			child_pieces();
		else
			child_others();
		return 0;
	}
	find_library();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
