/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * nfnl.h - talking to the kernel's own ctnetlink, in a network namespace of the
 * test's own: what our codec is compared with.
 */
#ifndef OVSXDP_TESTS_NFNL_H
#define OVSXDP_TESTS_NFNL_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/netlink.h>

#include "control/base/nlbuf.h"

#define NFNL_ROOM 262144

struct nfnl {
	int fd;
	uint32_t seq;
	uint32_t len; /* of what came */
	_Alignas(8) uint8_t room[NFNL_ROOM];
};

/* A new namespace with a socket in it. False: no right, or no conntrack. */
bool nfnl_open(struct nfnl *n);
/* One more socket in it. */
bool nfnl_socket(struct nfnl *n);
/* A file below /proc/sys/net/netfilter; false: not there. */
bool nfnl_sysctl(const char *name, const char *value);
/* A message in b: its header gets REQUEST, ACK (or DUMP, as it says) and a
 * sequence number. All that comes back is in room. Returns the error, 0 for
 * none. */
int nfnl_ask(struct nfnl *n, struct ox_nlbuf *b);
/* What comes without having been asked for, now. */
void nfnl_events(struct nfnl *n);
void nfnl_join(struct nfnl *n, uint32_t group);

/* The messages that came, but for DONE and ERROR. */
const struct nlmsghdr *nfnl_first(const struct nfnl *n);
const struct nlmsghdr *nfnl_next(const struct nfnl *n,
				 const struct nlmsghdr *h);

#endif /* OVSXDP_TESTS_NFNL_H */
