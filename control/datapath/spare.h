/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * spare.h - maps and programs of datapaths that don't have a name yet: one set
 * made ahead, and one for a request whose limits differ. Threads make them, so
 * that the loop never waits for the verifier.
 */
#ifndef OVSXDP_SPARE_H
#define OVSXDP_SPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "ovsxdp/dp.h"

struct ox_loop;
struct ox_watch;

/* A set that a thread makes, or has made. */
struct ox_spare {
	struct ox_spares *all;
	struct ox_ahead *ahead; /* NULL: there is none */
	struct ox_watch *watch; /* NULL: it is made */
	uint32_t age;		/* ticks since then */
};

struct ox_spares {
	struct ox_loop *loop; /* NULL: no threads, all is made on the spot */
	bool wanted;	      /* one set is kept ready */
	uint32_t rest;	      /* ticks before the next one is begun */
	struct ox_dp_params usual;	  /* its limits */
	void (*ready)(void *arg);	  /* who waits may ask again */
	void *arg;			  /* of ready() */
	struct ox_spare ahead, on_demand; /* of usual and of other limits */
};

/*
 * A set with p's limits becomes root/name. -EINPROGRESS: there is none yet, it
 * is being made; ask again when ready() is called. Others as ox_dp_create().
 */
int ox_spare_create(struct ox_spares *s, const char *root,
		    const struct ox_dp_params *p, struct ox_dp **dp,
		    struct ox_err *e);
/* There are datapaths now: the next set can wait for some seconds. */
void ox_spare_rest(struct ox_spares *s);
/* Once a second, and at the start: sees to it that a set is ready. */
void ox_spare_tick(struct ox_spares *s);
void ox_spare_close(struct ox_spares *s); /* waits for the threads */

#endif /* OVSXDP_SPARE_H */
