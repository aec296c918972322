// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * wait.c - a datapath in the kernel never goes away, a daemon may: it is
 * killed, updated, started again. A process that it has answered before waits
 * for the next one, as it would wait for a busy kernel. All its threads wait
 * until the same moment, and not twice for the same absence. A process that it
 * never answered is told at once that there is no such module.
 */
#include "preload.h"

#include <stdlib.h>
#include <unistd.h>

#include "ovsxdp/now.h"

#define WAIT_S	   30 /* OVSXDP_WAIT says otherwise */
#define TIMEOUT_S  10 /* OVSXDP_TIMEOUT */
#define PAUSE_MS   5
#define NAMESPACES 16 /* that are remembered; no one has more than a few */

/* Racing threads write the same, or nearly: no lock. */
static struct {
	uint64_t netns;	 /* 0: free */
	int64_t gone_ms; /* when it was first missed; 0: it is there */
} seen[NAMESPACES];
static int64_t wait_ms = WAIT_S * 1000;
static int64_t timeout_ms = TIMEOUT_S * 1000;
static bool expected; /* in every network namespace, from the start */

/* What isn't a number of seconds changes nothing. */
static void read_seconds(const char *name, double least, int64_t *ms)
{
	const char *s = getenv(name);
	char *end;
	double v;

	if (!s || !*s)
		return;
	v = strtod(s, &end);
	if (!*end && v >= least && v < 1e6)
		*ms = (int64_t)(v * 1000);
}

__attribute__((constructor)) static void read_settings(void)
{
	const char *s;

	read_seconds("OVSXDP_WAIT", 0, &wait_ms);
	read_seconds("OVSXDP_TIMEOUT", 0.1, &timeout_ms);
	s = getenv("OVSXDP_EXPECT");
	expected = s && *s == '1';
}

int64_t ox_wait_timeout_ms(void)
{
	return timeout_ms;
}

/* -1: not there. Places are taken from the first, and never given back. */
static int find(uint64_t netns, bool add)
{
	for (int i = 0; i < NAMESPACES; i++) {
		uint64_t here =
			__atomic_load_n(&seen[i].netns, __ATOMIC_RELAXED);

		if (!here && add &&
		    __atomic_compare_exchange_n(&seen[i].netns, &here, netns,
						false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return i;
		if (here == netns)
			return i;
		if (!here && !add)
			break;
	}
	return -1;
}

void ox_wait_seen(uint64_t netns)
{
	int i = netns ? find(netns, true) : -1;

	if (i >= 0 && __atomic_load_n(&seen[i].gone_ms, __ATOMIC_RELAXED))
		__atomic_store_n(&seen[i].gone_ms, 0, __ATOMIC_RELAXED);
}

bool ox_wait_more(uint64_t netns)
{
	int i = netns ? find(netns, expected) : -1;
	int64_t gone, now = ox_now_ms();

	if (i < 0)
		return false;
	gone = __atomic_load_n(&seen[i].gone_ms, __ATOMIC_RELAXED);
	if (!gone) {
		gone = now;
		__atomic_store_n(&seen[i].gone_ms, now, __ATOMIC_RELAXED);
	}
	if (now - gone >= wait_ms)
		return false;
	poll(NULL, 0, PAUSE_MS);
	return true;
}
