// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* test_sdnotify.c - readiness to a file socket, an abstract one, nobody. */
#include "tests/lib/test.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/base/sdnotify.h"

/* name: as in $NOTIFY_SOCKET, '@' for abstract. */
static void listen_and_tell(const char *name)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char got[32] = "";

	strcpy(sa.sun_path, name);
	if (name[0] == '@')
		sa.sun_path[0] = '\0';
	assert_true(fd >= 0);
	assert_int_equal(
		bind(fd, (struct sockaddr *)&sa,
		     offsetof(struct sockaddr_un, sun_path) + strlen(name)),
		0);
	setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(ox_sdnotify("READY=1"), 0);
	assert_int_equal(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT), 7);
	assert_string_equal(got, "READY=1");
	close(fd);
}

static void file(void **state)
{
	char dir[] = "/tmp/ox-sdnotify-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	listen_and_tell(path);
	/* the listener is gone */
	assert_int_equal(ox_sdnotify("READY=1"), -ECONNREFUSED);
	unlink(path);
	rmdir(dir);
}

static void abstract(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "@ox-sdnotify-%d", (int)getpid());
	listen_and_tell(name);
}

static void nobody(void **state)
{
	char longer[200];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(ox_sdnotify("READY=1"), 0);
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	setenv("NOTIFY_SOCKET", longer, 1);
	assert_int_equal(ox_sdnotify("READY=1"), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.sdnotify.file", file),
		OX_TEST("unit.sdnotify.abstract", abstract),
		OX_TEST("unit.sdnotify.nobody", nobody),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
