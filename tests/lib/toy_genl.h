/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * toy_genl.h - a process that serves a toy family through the real transport,
 * for tests of the netlink server and the preload library without datapaths;
 * and a plain client for it.
 */
#ifndef OVSXDP_TESTS_TOY_GENL_H
#define OVSXDP_TESTS_TOY_GENL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "ovsxdp/abi.h"
#include "ovsxdp/nl.h"

/* The family stands in the place of ovs_flow; header of 4 bytes. */
#define TOY_ID	 OX_GENL_FLOW
#define TOY_NAME "ovs_flow"
enum {
	TOY_CMD_NEW = 1,  /* notifies OX_MCGRP_FLOW of TOY_A_VALUE */
	TOY_CMD_GET = 3,  /* do: TOY_A_VALUE back; dump: that many messages */
	TOY_CMD_FAIL = 4, /* -EEXIST with text and offset of TOY_A_VALUE */
	TOY_CMD_STEPS,	  /* done after so many turns of the loop */
};
enum {
	TOY_A_VALUE = 1, /* u32, at most TOY_VALUE_MAX */
	TOY_A_INTR,	 /* flag: mark the dump interrupted */
	TOY_A_FILL,	 /* in dumps: 100 bytes */
};
#define TOY_VALUE_MAX 10000000

struct ox_genl_family; /* control/netlink/genl.h */
extern const struct ox_genl_family toy_family, toy_sync_family;

struct toy {
	pid_t pid;
};
/* A network namespace of the test's own; false: no privilege. */
bool toy_netns(void);
/* state: shared memory or NULL. stuck_ms 0: the default. Returns when the
 * server is ready; -errno. */
int toy_start(struct toy *t, struct ox_state_mem *state, uint32_t stuck_ms);
void toy_stop(struct toy *t);
/* Limits of the servers to be started, in bytes; 0: the usual ones. */
extern uint64_t toy_queued_max, toy_inbox_max;

/* ---- client ---- */
/* Socket bound to a port id of its own; rcvbuf 0: the default. -errno. */
int toy_client(int rcvbuf, uint32_t *portid);
struct toy_msg {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	uint32_t user_hdr;
	uint8_t attrs[236];
};
/* A request with TOY_A_VALUE (value 0: without); returns its length. */
uint32_t toy_request(struct toy_msg *m, uint16_t type, uint8_t cmd,
		     uint16_t flags, uint32_t seq, uint32_t value);
int toy_send(int fd, uint32_t to, const void *buf, uint32_t len);
/* One datagram; -EAGAIN after ms. */
int toy_recv(int fd, void *buf, uint32_t size, int ms);
/* TOY_A_VALUE of a reply; 0: none. */
uint32_t toy_value(const void *msg);
/* A counter of the answer to OX_CMD_DAEMON_GET; UINT64_MAX: it isn't there. */
uint64_t toy_count(const void *msg, const char *name);
/* Errno of an NLMSG_ERROR or NLMSG_DONE (negative or 0); 1: another type. */
int toy_error(const void *msg);

#endif /* OVSXDP_TESTS_TOY_GENL_H */
