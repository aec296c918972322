/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rtnl.h - the daemon's rtnetlink: synchronous requests over a socket of
 * their own, and an event socket on the loop that hands on every change of a
 * device.
 */
#ifndef OVSXDP_RTNL_H
#define OVSXDP_RTNL_H

#include "control/port/link.h"
#include "ovsxdp/err.h"

struct ox_loop;
struct ox_rtnl;

#define OX_RTNL_BUDGET 64 /* datagrams of events a turn of the loop */

/*
 * Who is told; called from the loop, at most OX_RTNL_BUDGET times a turn.
 * Requests are allowed, but nobody should make one for each event: others
 * decide how many events there are.
 */
struct ox_rtnl_events {
	/* A device has come or changed; gone: it went. Of several changes in
	 * one turn the last one is told. It may be older than what the device
	 * is now; then another event is on its way. */
	void (*link)(void *arg, const struct ox_link *l, bool gone);
	/* A qdisc of a device has come or gone, or a filter has gone. */
	void (*tc)(void *arg, uint32_t ifindex);
	/* Events were lost: anything may have changed. */
	void (*lost)(void *arg);
	void *arg;
};

/* Opens both sockets. loop NULL: without events (ev may be NULL then). */
int ox_rtnl_open(struct ox_loop *loop, const struct ox_rtnl_events *ev,
		 struct ox_rtnl **out);
void ox_rtnl_close(struct ox_rtnl *r); /* NULL ok */
/* Requests made so far; tests count them. */
uint64_t ox_rtnl_asked(const struct ox_rtnl *r);
/* How often the kernel dropped events, because they came faster than they were
 * read; each time every port was looked at. */
uint64_t ox_rtnl_lost(const struct ox_rtnl *r);

/* -ENODEV: no such device in this network namespace. */
int ox_rtnl_get(struct ox_rtnl *r, uint32_t ifindex, struct ox_link *l);
int ox_rtnl_get_name(struct ox_rtnl *r, const char *name, struct ox_link *l);
/* Calls fn for every device; stops at the first non-zero and returns it. */
int ox_rtnl_dump(struct ox_rtnl *r,
		 int (*fn)(const struct ox_link *l, void *arg), void *arg);

/* Sets the IFF_* bits of mask as in flags. */
int ox_rtnl_set_flags(struct ox_rtnl *r, uint32_t ifindex, uint32_t flags,
		      uint32_t mask, struct ox_err *e);
int ox_rtnl_set_mtu(struct ox_rtnl *r, uint32_t ifindex, uint32_t mtu,
		    struct ox_err *e);
/* master 0: none. */
int ox_rtnl_set_master(struct ox_rtnl *r, uint32_t ifindex, uint32_t master,
		       struct ox_err *e);
int ox_rtnl_set_alias(struct ox_rtnl *r, uint32_t ifindex, const char *alias,
		      struct ox_err *e);
int ox_rtnl_del(struct ox_rtnl *r, uint32_t ifindex, struct ox_err *e);

/*
 * Sends a request that the caller built (sequence number and flags are set
 * here) and waits for its ACK. For requests with no function above.
 */
int ox_rtnl_ack(struct ox_rtnl *r, struct nlmsghdr *nlh, struct ox_err *e);

#endif /* OVSXDP_RTNL_H */
