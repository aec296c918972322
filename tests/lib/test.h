/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test.h - what every cmocka test includes: cmocka with the headers that it
 * wants, test ids with dots, and a main that prints TAP.
 */
#ifndef OVSXDP_TESTS_TEST_H
#define OVSXDP_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * `build/tests/unit/test_key arp` runs the cases whose id contains "arp"; a
 * word with * or ? is a pattern for the whole id. glibc hands a constructor
 * the arguments of main(), so no test program has to pass them on.
 */
__attribute__((constructor)) static inline void ox_test_filter(int argc,
							       char **argv)
{
	static char pattern[128];

	if (argc != 2 || argv[1][0] == '-')
		return;
	snprintf(pattern, sizeof(pattern),
		 strpbrk(argv[1], "*?") ? "%s" : "*%s*", argv[1]);
	cmocka_set_test_filter(pattern);
}

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
