/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test.h - what every cmocka test includes: cmocka with the headers that it
 * wants, test ids with dots, and a main that prints TAP.
 */
#ifndef OVSXDP_TESTS_TEST_H
#define OVSXDP_TESTS_TEST_H

#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *ox_test_word; /* which cases are run; NULL: all */
static char ox_test_pattern[128];

/*
 * `build/tests/unit/test_key arp` runs the cases whose id contains "arp". A
 * word with * or ? is a pattern for the whole id. glibc hands a constructor the
 * arguments of main(), so no test program has to pass them on.
 */
__attribute__((constructor)) static inline void ox_test_filter(int argc,
							       char **argv)
{
	if (argc != 2 || argv[1][0] == '-')
		return;
	ox_test_word = argv[1];
	snprintf(ox_test_pattern, sizeof(ox_test_pattern),
		 strpbrk(argv[1], "*?") ? "%s" : "*%s*", argv[1]);
	cmocka_set_test_filter(ox_test_pattern);
}

/* Is there none of n cases to run? Then it has said so. */
static inline int ox_test_none(const struct CMUnitTest *tests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!ox_test_word ||
		    !fnmatch(ox_test_pattern, tests[i].name, 0))
			return 0;
	}
	fprintf(stderr, "no case matches %s\n", ox_test_word);
	return 1;
}

/* As cmocka's, which finds nothing to do a success. */
#undef cmocka_run_group_tests
#define cmocka_run_group_tests(tests, setup, teardown)                         \
	(ox_test_none(tests, sizeof(tests) / sizeof((tests)[0]))               \
		 ? EXIT_FAILURE                                                \
		 : _cmocka_run_group_tests(#tests, tests,                      \
					   sizeof(tests) / sizeof((tests)[0]), \
					   setup, teardown))

/* A test under its id, like OX_TEST("unit.table.insert", insert). */
#define OX_TEST(id, fn)                                              \
	{                                                            \
		.name = (id), .test_func = (fn), .setup_func = NULL, \
		.teardown_func = NULL, .initial_state = NULL         \
	}

/* The same with a setup and a teardown of its own. */
#define OX_TEST_WITH(id, fn, setup, teardown)                           \
	{                                                               \
		.name = (id), .test_func = (fn), .setup_func = (setup), \
		.teardown_func = (teardown), .initial_state = NULL      \
	}

/* The body of main: runs an array of tests, prints TAP. */
#define OX_TEST_MAIN(tests)                                       \
	int main(void)                                            \
	{                                                         \
		cmocka_set_message_output(CM_OUTPUT_TAP);         \
		return cmocka_run_group_tests(tests, NULL, NULL); \
	}

/* Skips a test and says why; use as ox_skip("needs root"). */
#define ox_skip(why)                              \
	do {                                      \
		printf("# skipped: %s\n", (why)); \
		skip();                           \
	} while (0)

#endif /* OVSXDP_TESTS_TEST_H */
