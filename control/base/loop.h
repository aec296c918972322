/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loop.h - the daemon's one epoll loop: fds, timers, signals. Single
 * threaded: callbacks run to their end and never block.
 */
#ifndef OVSXDP_LOOP_H
#define OVSXDP_LOOP_H

#include <stdint.h>

struct ox_loop;
struct ox_watch; /* a watched fd or a timer */

int ox_loop_new(struct ox_loop **out);
void ox_loop_free(struct ox_loop *loop);
/*
 * What the loop has done: a turn is what it does between two waits. Messages
 * and packets are counted by those who handle them (ox_loop_did()).
 */
enum ox_did {
	OX_DID_MESSAGES, /* netlink requests */
	OX_DID_PACKETS,	 /* from the data plane */
	OX_DID_LINKS,	 /* events of rtnetlink */
	OX_DID_PORTS,	 /* added and removed */
	OX_DID_FLOWS,	 /* looked at by a deletion of all */
	OX_DID_COUNT,
};
struct ox_turns {
	uint64_t turns;
	uint64_t events; /* of fds, timers, signals */
	uint64_t longest_us;
	uint64_t longest_events;	    /* of the longest turn */
	uint64_t longest_did[OX_DID_COUNT]; /* of the longest turn */
	uint64_t most_did[OX_DID_COUNT];    /* of any turn */
};
const struct ox_turns *ox_loop_turns(const struct ox_loop *loop);
/* In this turn n more of them were handled. */
void ox_loop_did(struct ox_loop *loop, enum ox_did what, uint32_t n);
/* Runs until ox_loop_stop(); 0 or -errno. */
int ox_loop_run(struct ox_loop *loop);
void ox_loop_stop(struct ox_loop *loop);

/* A loop inside of a loop: watch its fd for EPOLLIN, and have one of its
 * watches handle what is due. Those that stay due take turns. Returns how many
 * were handled, 0 or 1; or -errno. */
int ox_loop_fd(const struct ox_loop *loop);
int ox_loop_turn(struct ox_loop *loop);

/* events: EPOLLIN etc. The fd stays the caller's. A watch may remove itself
 * or any other inside its callback. */
int ox_loop_add(struct ox_loop *loop, int fd, uint32_t events,
		void (*fn)(void *arg, uint32_t events), void *arg,
		struct ox_watch **out);
/* A timer, first after and then every interval_ms (0: once). It starts
 * disarmed with first_ms 0. */
int ox_loop_timer(struct ox_loop *loop, uint32_t first_ms, uint32_t interval_ms,
		  void (*fn)(void *arg), void *arg, struct ox_watch **out);
int ox_loop_timer_set(struct ox_watch *timer, uint32_t first_ms,
		      uint32_t interval_ms);
/* Fires once, when everything else that is due has had its turn. */
int ox_loop_timer_now(struct ox_watch *timer);
/* Calls fn for a signal (blocked for the process). */
int ox_loop_signal(struct ox_loop *loop, int signo, void (*fn)(void *arg),
		   void *arg, struct ox_watch **out);
/* NULL ok. */
void ox_loop_del(struct ox_watch *w);

#endif /* OVSXDP_LOOP_H */
