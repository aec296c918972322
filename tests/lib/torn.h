/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * torn.h - what somebody leaves who is killed in the middle of a change: it
 * runs one instruction at a time (the CPU's trap flag), and after every store
 * that changed the watched memory a copy of that is kept. x86-64 only.
 */
#ifndef OVSXDP_TESTS_TORN_H
#define OVSXDP_TESTS_TORN_H

#include <stddef.h>
#include <stdint.h>

#define OX_TORN_COPIES	3000 /* at most; more are an error of the test */
#define OX_TORN_REGIONS 16

struct ox_torn_region {
	void *p;
	size_t len;
};

/* One at a time. */
struct ox_torn {
	struct ox_torn_region r[OX_TORN_REGIONS]; /* the test's, before a run */
	int n;
	int n_slow;  /* of these the last ones: looked at now and then, as they
		      * change by the thousand */
	size_t size; /* of a copy: the regions one after the other */
	uint8_t *copies;
	volatile int n_copies; /* the first one is from before */
	uint32_t n_steps;
};
extern struct ox_torn ox_torn;

/* Runs op(arg), in which no assertion may fail, and keeps copies. -ENOMEM,
 * -ENOTSUP. */
int ox_torn_run(void (*op)(void *arg), void *arg);
/* Copy i, until ox_torn_free(). */
const uint8_t *ox_torn_copy(int i);
/* Puts copy i where it came from. */
void ox_torn_restore(int i);
void ox_torn_free(void);

#endif /* OVSXDP_TESTS_TORN_H */
