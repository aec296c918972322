/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * now.h - what time it is by CLOCK_MONOTONIC, which no one sets.
 */
#ifndef OVSXDP_NOW_H
#define OVSXDP_NOW_H

#include <stdint.h>
#include <time.h>

static inline int64_t ox_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* As the module counts flow_used. */
static inline int64_t ox_now_ms(void)
{
	return ox_now_ns() / 1000000;
}

#endif /* OVSXDP_NOW_H */
