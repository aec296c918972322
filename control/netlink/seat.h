/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * seat.h - the daemon's side of include/ovsxdp/address.h: it becomes the
 * only daemon of its network namespace, gets a port id, and says which.
 */
#ifndef OVSXDP_SEAT_H
#define OVSXDP_SEAT_H

#include <stdint.h>
#include <linux/futex.h>

#include "ovsxdp/err.h"

struct ox_seat {
	uint64_t netns; /* cookie; 0: unknown */
	int dir;	/* OX_RUN_DIR; -1: nothing is published */
	int lock;
	uint32_t *word; /* of the mapped file (OX_RUN_ALIVE); NULL: none yet */
	/* the kernel's way from this thread to the word, when it ends */
	struct robust_list_head robust;
	struct robust_list entry;
};

/* s has nothing yet. -EADDRINUSE: there is another daemon. A folder that
 * can't be used is told in the log, and dir stays -1. */
int ox_seat_take(struct ox_seat *s, struct ox_err *e);
/* Tells that the daemon's socket is fd. 0 or -errno, explained. From now on s
 * stays where it is, and the calling thread has no robust mutexes. */
int ox_seat_publish(struct ox_seat *s, int fd, uint32_t portid,
		    struct ox_err *e);
/* There is no daemon from here on. */
void ox_seat_leave(struct ox_seat *s);

#endif /* OVSXDP_SEAT_H */
