// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* torn.c - a change, one instruction at a time. */
#include "tests/lib/torn.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SLOW_STEPS 997 /* between two looks at the slow regions */

struct ox_torn ox_torn;

const uint8_t *ox_torn_copy(int i)
{
	return ox_torn.copies + ox_torn.size * (size_t)i;
}

void ox_torn_restore(int i)
{
	const uint8_t *from = ox_torn_copy(i);

	for (int k = 0; k < ox_torn.n; k++) {
		memcpy(ox_torn.r[k].p, from, ox_torn.r[k].len);
		from += ox_torn.r[k].len;
	}
}

static bool changed(const uint8_t *last)
{
	bool slow = ox_torn.n_steps++ % SLOW_STEPS == 0;
	int n = slow ? ox_torn.n : ox_torn.n - ox_torn.n_slow;

	for (int i = 0; i < n; i++) {
		if (memcmp(last, ox_torn.r[i].p, ox_torn.r[i].len))
			return true;
		last += ox_torn.r[i].len;
	}
	return false;
}

static void keep_copy(void)
{
	uint8_t *to = ox_torn.copies + ox_torn.size * (size_t)ox_torn.n_copies;

	for (int i = 0; i < ox_torn.n; i++) {
		memcpy(to, ox_torn.r[i].p, ox_torn.r[i].len);
		to += ox_torn.r[i].len;
	}
	ox_torn.n_copies++;
}

static void on_step(int signo)
{
	(void)signo;
	if (ox_torn.n_copies < OX_TORN_COPIES &&
	    changed(ox_torn_copy(ox_torn.n_copies - 1)))
		keep_copy();
}

static void trap(bool on)
{
#ifdef __x86_64__
	if (on)
		__asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq" ::
					 : "memory", "cc");
	else
		__asm__ volatile("pushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq" ::
					 : "memory", "cc");
#else
	(void)on;
#endif
}

int ox_torn_run(void (*op)(void *arg), void *arg)
{
	struct sigaction sa = { .sa_handler = on_step }, old;

#ifndef __x86_64__
	return -ENOTSUP;
#endif
	ox_torn.size = 0;
	for (int i = 0; i < ox_torn.n; i++)
		ox_torn.size += ox_torn.r[i].len;
	ox_torn.copies = malloc(ox_torn.size * OX_TORN_COPIES);
	if (!ox_torn.copies)
		return -ENOMEM;
	ox_torn.n_copies = 0;
	ox_torn.n_steps = 0;
	keep_copy();
	sigaction(SIGTRAP, &sa, &old);
	trap(true);
	op(arg);
	trap(false);
	sigaction(SIGTRAP, &old, NULL);
	return 0;
}

void ox_torn_free(void)
{
	free(ox_torn.copies);
	ox_torn.copies = NULL;
}
