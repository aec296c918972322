// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* test_loop.c - watches, timers, signals, and removal inside callbacks. */
#include "tests/lib/test.h"

#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "control/base/loop.h"

static struct ox_loop *loop;
static struct ox_watch *first, *second;
static int calls;

static void tick_three(void *arg)
{
	(void)arg;
	if (++calls == 3)
		ox_loop_stop(loop);
}

static void timers(void **state)
{
	struct ox_watch *t;

	(void)state;
	calls = 0;
	assert_int_equal(ox_loop_new(&loop), 0);
	/* disarmed at first */
	assert_int_equal(ox_loop_timer(loop, 0, 0, tick_three, NULL, &t), 0);
	assert_int_equal(ox_loop_timer_set(t, 1, 1), 0);
	assert_int_equal(ox_loop_run(loop), 0);
	assert_int_equal(calls, 3);
	ox_loop_free(loop);
}

/* Whichever comes first takes both away: the other must not be called. */
static void remove_both(void *arg, uint32_t events)
{
	(void)arg;
	assert_true(events & EPOLLIN);
	calls++;
	ox_loop_del(first);
	ox_loop_del(second);
	ox_loop_del(first);
}

static void stop(void *arg)
{
	(void)arg;
	ox_loop_stop(loop);
}

static void removal(void **state)
{
	int a[2], b[2];

	(void)state;
	calls = 0;
	assert_int_equal(ox_loop_new(&loop), 0);
	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	assert_int_equal(write(a[1], "x", 1), 1);
	assert_int_equal(write(b[1], "x", 1), 1);
	assert_int_equal(
		ox_loop_add(loop, a[0], EPOLLIN, remove_both, NULL, &first), 0);
	assert_int_equal(
		ox_loop_add(loop, b[0], EPOLLIN, remove_both, NULL, &second),
		0);
	assert_int_equal(ox_loop_timer(loop, 20, 0, stop, NULL, NULL), 0);
	assert_int_equal(ox_loop_run(loop), 0);
	assert_int_equal(calls, 1);
	ox_loop_free(loop);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

static void signals(void **state)
{
	(void)state;
	assert_int_equal(ox_loop_new(&loop), 0);
	assert_int_equal(ox_loop_signal(loop, SIGUSR1, stop, NULL, NULL), 0);
	kill(getpid(), SIGUSR1);
	assert_int_equal(ox_loop_run(loop), 0);
	ox_loop_free(loop);
}

static void work(void *arg, uint32_t events)
{
	int *fds = arg;
	char c;

	(void)events;
	assert_int_equal(read(fds[0], &c, 1), 1);
	ox_loop_did(loop, OX_DID_MESSAGES, (uint32_t)c);
	ox_loop_did(loop, OX_DID_PACKETS, 1);
	if (c == 3)
		usleep(2000);
	if (c == 2)
		ox_loop_stop(loop);
}

/* Three turns: of 7 messages, of 3 that take longest, and of 2. */
static void turns(void **state)
{
	const struct ox_turns *t;
	int fds[2];

	(void)state;
	assert_int_equal(ox_loop_new(&loop), 0);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "\7\3\2", 3), 3);
	assert_int_equal(ox_loop_add(loop, fds[0], EPOLLIN, work, fds, NULL),
			 0);
	assert_int_equal(ox_loop_run(loop), 0);
	t = ox_loop_turns(loop);
	assert_int_equal(t->turns, 3);
	assert_int_equal(t->events, 3);
	assert_true(t->longest_us >= 2000);
	assert_int_equal(t->longest_events, 1);
	assert_int_equal(t->longest_did[OX_DID_MESSAGES], 3);
	assert_int_equal(t->longest_did[OX_DID_PACKETS], 1);
	assert_int_equal(t->longest_did[OX_DID_LINKS], 0);
	assert_int_equal(t->most_did[OX_DID_MESSAGES], 7);
	assert_int_equal(t->most_did[OX_DID_PACKETS], 1);
	ox_loop_free(loop);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.loop.timers", timers),
		OX_TEST("unit.loop.removal", removal),
		OX_TEST("unit.loop.signals", signals),
		OX_TEST("unit.loop.turns", turns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
