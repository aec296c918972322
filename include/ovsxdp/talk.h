/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * talk.h - questions to the kernel by netlink: a request, and all that answers
 * it. For the loader and the daemon alike; libmnl has no such loop.
 */
#ifndef OVSXDP_TALK_H
#define OVSXDP_TALK_H

#include <libmnl/libmnl.h>

#include "ovsxdp/err.h"

/* A socket for questions: bound, with extended ACKs, and a limit of 5 s on
 * waiting. bus: NETLINK_*. 0 or -errno; mnl_socket_close() ends it. */
int ox_nl_open(int bus, struct mnl_socket **out);

/* Is given each message of an answer. What it returns first but 0 is the
 * result; then it isn't called again. */
typedef int ox_nl_fn(const struct nlmsghdr *nlh, void *arg);

/*
 * Sends nlh and waits for its answer: up to the end of a dump, to the ACK if
 * one is asked for (NLM_F_ACK), else for one message. Sets NLM_F_REQUEST and
 * the sequence number; what answers an earlier request is skipped. fn may be
 * NULL.
 *
 * 0, fn's result, the kernel's -errno (with its own words in e), -EINTR for a
 * dump whose objects changed meanwhile, -ETIMEDOUT, or the socket's -errno.
 */
int ox_nl_talk(struct mnl_socket *s, struct nlmsghdr *nlh, ox_nl_fn *fn,
	       void *arg, struct ox_err *e);

/* The same over a socket of its own. */
int ox_nl_ask(int bus, struct nlmsghdr *nlh, ox_nl_fn *fn, void *arg);

#endif /* OVSXDP_TALK_H */
