/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * genl_int.h - what the files of the netlink server share among themselves:
 * transport (bytes), client (queues), dump, subscriptions, controller,
 * dispatcher. Families use genl.h.
 */
#ifndef OVSXDP_GENL_INT_H
#define OVSXDP_GENL_INT_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "control/netlink/genl.h"
#include "control/base/loop.h"
#include "ovsxdp/abi.h"
#include "ovsxdp/nl.h"

#define OX_RX_SIZE	(256 * 1024) /* largest datagram of requests */
#define OX_TX_SIZE	(256 * 1024) /* largest message that we build */
#define OX_PART_MIN	3776	     /* a dump's datagram: NLMSG_GOODSIZE */
#define OX_PART_MAX	32448	   /* as the kernel's, if the reader has room */
#define OX_QUEUE_MAX	(4u << 20) /* bytes queued for a client */
#define OX_RETRY_MIN_MS 1
#define OX_RETRY_MAX_MS 20
#define OX_STUCK_MS	60000 /* a client without progress is dropped */
#define OX_MAX_FAMILIES 8
#define OX_CLIENT_HASH	64

/* A message that met a full receive buffer. */
struct ox_pending {
	struct ox_pending *next;
	uint32_t len;
	uint8_t data[];
};

/* A dump under way: the family's view of it, and the part to be sent. */
struct ox_dump_run {
	struct ox_dump d;
	struct nlmsghdr *copy; /* owned; d.nlh */
	const struct ox_genl_op *op;
	struct ox_nlbuf part; /* data owned; len > 0: not sent yet */
	bool filled;	      /* dumpit has no more */
	bool turn;	      /* its end is to be noted (genl_turn.c) */
	bool done;	      /* the last part is made */
	int error;	      /* goes to NLMSG_DONE */
};

/* State of a port id that has something coming; else there is none. */
struct ox_client {
	struct ox_client *next;
	uint32_t portid;
	struct ox_pending *head, **tail;
	uint32_t queued; /* bytes */
	uint64_t lost;	 /* messages beyond OX_QUEUE_MAX */
	struct ox_dump_run *dump;
	uint32_t part_size;
	uint64_t inode; /* of the socket, once it has blocked; 0: unknown */
	uint64_t progress_ms, retry_ms; /* CLOCK_MONOTONIC */
	uint32_t backoff_ms;
};

struct ox_genl {
	struct ox_loop *loop;
	struct ox_datapaths *datapaths;
	int fd;
	struct ox_watch *watch;
	struct ox_watch *retry; /* timer */
	uint32_t stuck_ms;
	uint8_t *rx;
	struct ox_nlbuf reply, notify, ack;
	const struct ox_genl_family *families[OX_MAX_FAMILIES];
	int n_families;
	struct ox_client *clients[OX_CLIENT_HASH];
	struct ox_sub *subs; /* [OX_MAX_SUBS], pinned or own_subs */
	struct ox_sub *own_subs;
	uint32_t subs_end;     /* after the last one in use */
	struct ox_turn *turns; /* [OX_MAX_TURNS], pinned; NULL: none */
	bool in_turn;	       /* the datagram being handled has one */
	uint64_t cookie;       /* of this daemon, see OX_CMD_SYNC */
};

/* ---- transport.c ---- */
struct ox_datagram {
	uint8_t *data;
	uint32_t len;
	bool truncated;
	uint32_t portid; /* sender */
	uid_t uid;
	pid_t pid;
};
/* A NETLINK_GENERIC socket with this port id. */
int ox_transport_open(uint32_t portid, int *fd, struct ox_err *e);
/* One datagram into buf; -EAGAIN: none. */
int ox_transport_recv(int fd, uint8_t *buf, uint32_t size,
		      struct ox_datagram *out);
/* 0, -EAGAIN, -ECONNREFUSED, ...; never waits. */
int ox_transport_send(int fd, uint32_t portid, const struct iovec *iov,
		      int n_iov);
/* How many of n were sent, none to port id 0; -errno: the first wasn't. */
int ox_transport_send_many(int fd, struct mmsghdr *msgs, uint32_t n);

/* ---- client.c ---- */
struct ox_client *ox_client_find(const struct ox_genl *g, uint32_t portid);
struct ox_client *ox_client_get(struct ox_genl *g, uint32_t portid);
void ox_client_drop(struct ox_genl *g, uint32_t portid);
void ox_client_drop_all(struct ox_genl *g);
/* Sends a ready message, or queues it after what waits already. 0,
 * -ECONNREFUSED (the client's state is gone), -ENOBUFS (queue is full). */
int ox_client_send(struct ox_genl *g, uint32_t portid, const void *msg,
		   uint32_t len);
/* Sends what waits and goes on with the dump; the client may be gone after
 * it. */
void ox_client_push(struct ox_genl *g, struct ox_client *c);
void ox_client_retry(void *genl); /* timer */
/* 0: the requester's dump has started (no ACK); -errno: refused, -EBUSY if
 * one of his runs. */
int ox_client_dump(struct ox_req *req, const struct ox_genl_family *f,
		   const struct ox_genl_op *op);

/* ---- genl_dump.c: of no client yet ---- */
/* A dump that begins; -errno: it is refused. */
int ox_dump_new(struct ox_req *req, const struct ox_genl_family *f,
		const struct ox_genl_op *op, struct ox_dump_run **out);
/* Makes the part to be sent next, of size bytes where that is enough for a
 * message: messages, or in the end NLMSG_DONE. */
void ox_dump_part(struct ox_dump_run *run, uint32_t size);
void ox_dump_free(struct ox_dump_run *run); /* NULL ok */

/* ---- genl_ack.c ---- */
/* Builds the NLMSG_ERROR for a request: netlink_ack(). */
void ox_ack_build(struct ox_nlbuf *b, const struct nlmsghdr *nlh,
		  uint32_t portid, int err, const struct ox_err *e);
/* Appends the NLMSGERR_ATTR_* of e. err 0: only the text. */
void ox_ack_put_tlvs(struct ox_nlbuf *b, int err, const struct ox_err *e);

/* ---- genl_sub.c ---- */
int ox_subs_open(struct ox_genl *g, struct ox_state_mem *state);
void ox_subs_drop(struct ox_genl *g, uint32_t portid);

/* ---- genl_turn.c: what of a datagram another daemon has done ---- */
void ox_turns_open(struct ox_genl *g, struct ox_state_mem *state);
/* A datagram whose first message is nlh has come; takes our bits out of its
 * flags. Returns how many messages to leave out. */
uint32_t ox_turn_begin(struct ox_genl *g, uint32_t portid, struct nlmsghdr *nlh,
		       bool *again);
/* One more of its messages is answered. */
void ox_turn_done(struct ox_genl *g, uint32_t portid);
/* The port id is nobody's now. */
void ox_turn_forget(struct ox_genl *g, uint32_t portid);

/* ---- genl_family.c ---- */
/* A family of the daemon's, NULL if there is none. */
const struct ox_genl_family *ox_family_by_id(const struct ox_genl *g,
					     uint16_t id);
const struct ox_genl_family *ox_family_by_name(const struct ox_genl *g,
					       const char *name);

/* ---- genl_ctrl.c ---- */
#define OX_CTRL_VERSION 2 /* nlctrl's */
extern const struct ox_genl_family ox_fam_ctrl;

/* ---- genl_policy.c: CTRL_CMD_GETPOLICY ---- */
int ox_policy_start(struct ox_dump *d);
int ox_policy_dump(struct ox_dump *d, struct ox_nlbuf *b);

uint64_t ox_now_ms(void);

#endif /* OVSXDP_GENL_INT_H */
