/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * conn.h - a native connection to ovsxdpd: requests go to its port id, the
 * answers come to ours (docs/facts.md, T1); no kernel module, no preload.
 */
#ifndef OVSXDP_CTL_CONN_H
#define OVSXDP_CTL_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "ovsxdp/err.h"

struct ox_conn {
	int fd;
	int protocol;	 /* NETLINK_GENERIC, or NETLINK_NETFILTER */
	uint32_t peer;	 /* the daemon's port id */
	uint64_t inode;	 /* of its socket; 0: unknown */
	bool found;	 /* both by ovsxdp/address.h */
	uint32_t portid; /* ours */
	uint32_t seq;
	int timeout_ms;	  /* of one answer */
	bool interrupted; /* the last dump met a change */
	pid_t peer_pid;	  /* process that sent the last answer */
	uint8_t *rx;	  /* owned */
};

/* peer 0: the daemon of this network namespace, if there is one when it comes
 * to sending. The caller owns *out. */
int ox_conn_open(int protocol, uint32_t peer, int timeout_ms,
		 struct ox_conn **out, struct ox_err *e);
void ox_conn_close(struct ox_conn *c); /* NULL ok */

/* A request being built. */
#define OX_MSG_ROOM (64 * 1024)
struct ox_msg {
	union {
		struct nlmsghdr nlh;
		uint8_t room[OX_MSG_ROOM];
	};
	bool overflow; /* a put didn't fit; the send says so */
};

/* family OX_GENL_*, spoken in its newest version; flags beside NLM_F_REQUEST,
 * e.g. NLM_F_ACK. Puts a struct ovs_header with dp_ifindex. */
void ox_msg_begin(struct ox_msg *m, uint16_t family, uint16_t flags,
		  uint8_t cmd, uint32_t dp_ifindex);
/* The same of nfnetlink: a subsystem NFNL_SUBSYS_*, an address family. */
void ox_msg_begin_nfnl(struct ox_msg *m, uint8_t subsys, uint16_t flags,
		       uint8_t cmd, uint8_t family);
void ox_msg_put(struct ox_msg *m, uint16_t type, const void *data,
		uint32_t len);
void ox_msg_put_u32(struct ox_msg *m, uint16_t type, uint32_t v);
void ox_msg_put_str(struct ox_msg *m, uint16_t type, const char *s);

/* Name of the attribute at that offset of a request, or of the one that holds
 * it; NULL: it has none here. */
const char *ox_msg_attr_at(const struct ox_msg *m, uint32_t offset);

/* A received message; non-zero stops and is what talk or recv returns. */
typedef int (*ox_msg_fn)(const struct nlmsghdr *nlh, void *arg);

/*
 * Sends m and hands every answer to fn (may be NULL) until the ACK, the end
 * of the dump, or the error, whose extended ACK is put in e.
 */
int ox_conn_talk(struct ox_conn *c, struct ox_msg *m, ox_msg_fn fn, void *arg,
		 struct ox_err *e);
/* Waits for one datagram of whatever kind. -EAGAIN: nothing came in time,
 * -EINTR: a signal, -ENOBUFS: some were lost, as we read too slowly. */
int ox_conn_recv(struct ox_conn *c, int timeout_ms, ox_msg_fn fn, void *arg);

/* Family header and attributes of a message of an ovs family. */
uint32_t ox_msg_dp(const struct nlmsghdr *nlh);
uint8_t ox_msg_cmd(const struct nlmsghdr *nlh);
/* Fills tb[0..max]; absent or unknown: NULL. false: too short. */
bool ox_msg_attrs(const struct nlmsghdr *nlh, const struct nlattr **tb,
		  uint16_t max);
void ox_nest_attrs(const struct nlattr *nest, const struct nlattr **tb,
		   uint16_t max);
/* Payload if a is there and has at least len bytes, else NULL. */
const void *ox_attr_data(const struct nlattr *a, uint32_t len);
uint32_t ox_attr_u32(const struct nlattr *a, uint32_t absent);
uint64_t ox_attr_u64(const struct nlattr *a, uint64_t absent);
/* Copies a string, cut to size; "" if a is NULL. */
void ox_attr_str(const struct nlattr *a, char *out, uint32_t size);

#endif /* OVSXDP_CTL_CONN_H */
