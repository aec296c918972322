// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* test_netns.c - a network namespace's cookie, and the name made of it. */
#include "tests/lib/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ovsxdp/netns.h"

static void name(void **state)
{
	static const uint64_t cookies[] = {
		0,	    1,
		9,	    10,
		0xf,	    0x10,
		0x1396,	    UINT64_MAX >> 4,
		UINT64_MAX, UINT64_C(0x8000000000000000),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cookies) / sizeof(cookies[0]); i++) {
		char got[OX_NETNS_NAME_LEN], want[32];

		snprintf(want, sizeof(want), "%" PRIx64, cookies[i]);
		memset(got, 'x', sizeof(got));
		ox_netns_name(cookies[i], got);
		assert_string_equal(got, want);
	}
}

/* Sockets of all families have that of one namespace. */
static void cookie(void **state)
{
	static const int families[] = { AF_UNIX, AF_NETLINK };
	uint64_t got[2] = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		int fd = socket(families[i], SOCK_RAW | SOCK_CLOEXEC, 0);

		assert_true(fd >= 0);
		assert_int_equal(ox_netns_cookie(fd, &got[i]), 0);
		close(fd);
	}
	assert_true(got[0]);
	assert_int_equal(got[0], got[1]);
}

static void not_a_socket(void **state)
{
	uint64_t got;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(ox_netns_cookie(fds[0], &got), -ENOTSOCK);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(ox_netns_cookie(-1, &got), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.netns.name", name),
		OX_TEST("unit.netns.cookie", cookie),
		OX_TEST("unit.netns.not_a_socket", not_a_socket),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
