// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* test_loader_names.c - names and folders, without privileges: pin.c. */
#include "tests/lib/test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/priv.h"

static void names_check(void **state)
{
	static const char *const bad[] = {
		"", ".", "..", "a/b", "a:b", "a b", "a\tb", "0123456789abcdef",
	};
	struct ox_err e = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		e.msg[0] = '\0';
		assert_int_equal(ox_pin_check_name(bad[i], &e), -EINVAL);
		assert_true(e.msg[0]);
	}
	assert_int_equal(ox_pin_check_name("0123456789abcde", &e), 0);
	assert_int_equal(ox_pin_check_name("...", &e), 0);
}

static void names_folder(void **state)
{
	char *p = ox_pin_folder("/r", "br.1%");

	(void)state;
	assert_string_equal(p, "/r/br%2e1%25");
	free(p);
}

struct seen {
	int n;
	char name[4][OX_NAME_LEN];
	int stop_after;
};

static int see(const char *name, void *arg)
{
	struct seen *s = arg;

	assert_true(s->n < 4);
	strcpy(s->name[s->n++], name);
	return s->n == s->stop_after ? 7 : 0;
}

static void make(const char *root, const char *name)
{
	char *p = ox_pin_path(root, name);

	assert_int_equal(mkdir(p, 0700), 0);
	free(p);
}

/* Folders that no datapath can have, and files, are left out. */
static void names_list(void **state)
{
	char root[] = "/tmp/ox-names-XXXXXX";
	struct seen s = { 0 };
	char *p;

	(void)state;
	assert_non_null(mkdtemp(root));
	make(root, "br%2e1");
	make(root, "br0");
	make(root, "%state-1");
	make(root, "waytoolongforadevice");
	p = ox_pin_path(root, "file");
	fclose(fopen(p, "w"));
	assert_int_equal(ox_dp_list(root, see, &s), 0);
	assert_int_equal(s.n, 2);
	assert_true(!strcmp(s.name[0], "br.1") || !strcmp(s.name[1], "br.1"));
	assert_true(!strcmp(s.name[0], "br0") || !strcmp(s.name[1], "br0"));
	s = (struct seen){ .stop_after = 1 };
	assert_int_equal(ox_dp_list(root, see, &s), 7);
	assert_int_equal(s.n, 1);
	unlink(p);
	free(p);
	for (const char **n = (const char *[]){ "br%2e1", "br0", "%state-1",
						"waytoolongforadevice", NULL };
	     *n; n++) {
		p = ox_pin_path(root, *n);
		rmdir(p);
		free(p);
	}
	assert_int_equal(rmdir(root), 0);
	assert_int_equal(ox_dp_list(root, see, &s), 0);
}

static void names_remove_none(void **state)
{
	struct ox_err e = { 0 };

	(void)state;
	assert_int_equal(ox_dp_remove("/tmp/ox-not-there", "br0", &e), 0);
	assert_int_equal(ox_dp_remove("/tmp", "a/../b", &e), -EINVAL);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.loader.names_check", names_check),
	OX_TEST("unit.loader.names_folder", names_folder),
	OX_TEST("unit.loader.names_list", names_list),
	OX_TEST("unit.loader.names_remove_none", names_remove_none),
};

OX_TEST_MAIN(tests)
