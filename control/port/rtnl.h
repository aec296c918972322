/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rtnl.h - the daemon's rtnetlink: synchronous requests over a socket of
 * their own, and an event socket on the loop that hands every change of a
 * device to vport_watch.c.
 */
#ifndef OVSXDP_RTNL_H
#define OVSXDP_RTNL_H

#include "control/port/link.h"
#include "ovsxdp/err.h"

struct ox_daemon;
struct ox_rtnl;

/* Opens both sockets; d->rtnl is set. d->loop may be NULL: no events. */
int ox_rtnl_open(struct ox_daemon *d);
void ox_rtnl_close(struct ox_daemon *d);

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
int ox_rtnl_set_alias(struct ox_rtnl *r, uint32_t ifindex, const char *alias,
		      struct ox_err *e);
int ox_rtnl_del(struct ox_rtnl *r, uint32_t ifindex, struct ox_err *e);

/*
 * Sends a request that the caller built (sequence number and flags are set
 * here) and waits for its ACK. For requests with no function above.
 */
int ox_rtnl_ack(struct ox_rtnl *r, struct nlmsghdr *nlh, struct ox_err *e);

#endif /* OVSXDP_RTNL_H */
