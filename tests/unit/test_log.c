// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The log on stderr: priorities for the journal, if stderr is the journal.
 */
#include "tests/lib/test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "ovsxdp/log.h"

/* One line of the log, with JOURNAL_STREAM for stderr or, off by so much, for
 * another inode. */
static void logged(char *line, int size, unsigned long long off)
{
	FILE *f = tmpfile();
	int was = dup(STDERR_FILENO);
	char stream[64];
	struct stat st;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu",
		 (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino + off);
	setenv("JOURNAL_STREAM", stream, 1);
	fflush(stderr);
	dup2(fileno(f), STDERR_FILENO);
	ox_log_info("ready");
	fflush(stderr);
	dup2(was, STDERR_FILENO);
	close(was);
	rewind(f);
	assert_non_null(fgets(line, size, f));
	fclose(f);
}

static void journal(void **state)
{
	char line[80];

	(void)state;
	logged(line, sizeof(line), 0);
	assert_string_equal(line, "<6>ready\n");
}

/* It is inherited by shells and robots of a unit. */
static void inherited(void **state)
{
	char line[80];

	(void)state;
	logged(line, sizeof(line), 1);
	assert_string_equal(line, "ovsxdpd: info: ready\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.log.journal", journal),
		OX_TEST("unit.log.inherited", inherited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
