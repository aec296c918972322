/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * genl_int.h - what the files of the netlink server share among themselves:
 * transport (bytes), inbox (requests that wait), client (answers that wait),
 * dump, subscriptions, controller, dispatcher. Families use genl.h.
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
#include "control/netlink/seat.h"
#include "ovsxdp/abi.h"
#include "ovsxdp/nl.h"

#define OX_RX_SIZE	 (256 * 1024) /* largest datagram of requests */
#define OX_TX_SIZE	 (256 * 1024) /* largest message that we build */
#define OX_PART_MIN	 3776	      /* a dump's datagram: NLMSG_GOODSIZE */
#define OX_PART_MAX	 32448 /* as the kernel's, if the reader has room */
#define OX_QUEUE_MAX	 (4u << 20)  /* bytes queued for a client */
#define OX_QUEUE_LEAST	 4096	     /* who has no more than this keeps it */
#define OX_QUEUES_MAX	 (64u << 20) /* for all of them, with their dumps */
#define OX_INBOX_MAX	 (64u << 20) /* requests that wait, of all processes */
#define OX_TURN_MSGS	 64 /* requests handled in a turn of the loop */
#define OX_RETRY_MIN_MS	 1
#define OX_RETRY_MAX_MS	 20
#define OX_IDLE_MS	 1000  /* who hasn't read for so long ... */
#define OX_RETRY_IDLE_MS 200   /* ... is tried no more often than this */
#define OX_STUCK_MS	 60000 /* a client without progress is dropped */
#define OX_MAX_FAMILIES	 8
#define OX_CLIENT_HASH	 64

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
	uint32_t charged;      /* bytes of it in ox_genl.queued */
	const struct ox_genl_op *op;
	struct ox_nlbuf part; /* data owned; len > 0: not sent yet */
	bool filled;	      /* dumpit has no more */
	bool no_ext_ack;      /* its client doesn't want words */
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
	uint64_t lost;	 /* messages that didn't reach it */
	bool overrun;	 /* the last one queued says that some are lost */
	struct ox_dump_run *dump;
	uint32_t part_size;
	pid_t pid;			/* that asked for the dump */
	uint64_t inode;			/* of its socket; 0: unknown */
	uint64_t progress_ms, retry_ms; /* CLOCK_MONOTONIC */
	uint32_t backoff_ms;
};

/* What the server counts of itself: id, name in OX_CMD_DAEMON_GET. */
#define OX_GENL_COUNTS(X)                                              \
	X(REQUESTS, "requests")	       /* messages handled */          \
	X(TURNS, "request_turns")      /* of the loop that had some */ \
	X(REFUSED, "requests_refused") /* datagrams */                 \
	X(LOST, "answers_lost")	       /* messages, by full queues */  \
	X(OVERRUNS, "clients_overrun") /* emptied queues */            \
	X(STUCK, "clients_stuck")      /* dropped after a minute */

enum ox_genl_count {
#define OX_GENL_ENUM(id, name) OX_GENL_##id,
	OX_GENL_COUNTS(OX_GENL_ENUM)
#undef OX_GENL_ENUM
		OX_GENL_N_COUNTS,
};

/*
 * A datagram of requests. Those of a process are handled in the order in which
 * it sent them, over whichever of its sockets: OX_CMD_SYNC relies on that.
 */
struct ox_letter {
	struct ox_letter *next;
	uint32_t len, at; /* bytes; those that are done */
	uint32_t portid;  /* sender */
	uint32_t skip;	  /* messages that another daemon has answered */
	uid_t uid;
	pid_t pid;
	bool begun;
	bool in_turn; /* its end is to be noted, see genl_turn.c */
	bool again;
	bool cap_ack, no_ext_ack; /* OX_NLM_F_* */
	bool put_off;		  /* its next message, till ox_genl_wake() */
	uint64_t job;		  /* ox_req.job of that message */
	uint8_t *data;		  /* rx, or what follows */
	uint64_t own[];		  /* a copy of what is left of it */
};

/* Requests of a process that wait; there is none without. */
struct ox_inbox {
	struct ox_inbox *next;	/* in line */
	struct ox_inbox *other; /* of the same hash */
	pid_t pid;
	uint64_t bytes;
	struct ox_letter *head, **tail;
};

struct ox_genl {
	int protocol;	      /* NETLINK_GENERIC, or of nf NETLINK_NETFILTER */
	struct ox_genl *nf;   /* of the first one: nfnl.c; NULL: none */
	struct ox_genl *main; /* of that: the first one */
	struct ox_loop *loop;
	struct ox_datapaths *datapaths;
	struct ox_seat seat;
	int fd;
	uint32_t portid; /* OX_NL_PORTID as a rule */
	struct ox_watch *watch;
	struct ox_watch *retry; /* timer */
	uint64_t retry_at;	/* ms when that fires; 0: not set */
	uint32_t retry_from;	/* hash of the client whose turn it is */
	uint32_t stuck_ms;
	struct ox_inbox *inboxes[OX_CLIENT_HASH];
	struct ox_inbox *line, **line_end;	 /* by turns */
	struct ox_inbox *put_off, **put_off_end; /* whose first message is */
	uint32_t n_put_off;
	bool go_on; /* one of them goes on in the next turn */
	uint32_t n_inboxes;
	uint64_t inbox_bytes, inbox_max;
	struct ox_watch *more;	     /* timer: the line goes on */
	uint64_t queued, queued_max; /* bytes that wait for clients */
	uint64_t warned_ms;	     /* of answers that were lost */
	bool looked;		     /* for a socket's inode, in this turn */
	uint64_t count[OX_GENL_N_COUNTS];
	uint8_t *rx;
	struct ox_nlbuf reply, notify, ack;
	const struct ox_genl_family *families[OX_MAX_FAMILIES];
	int n_families;
	struct ox_client *clients[OX_CLIENT_HASH];
	struct ox_sub *subs; /* [OX_MAX_SUBS], pinned or own_subs */
	struct ox_sub *own_subs;
	uint32_t subs_end;	   /* after the last one in use */
	struct ox_turn *turns;	   /* [OX_MAX_TURNS], pinned; NULL: none */
	bool in_turn;		   /* the message being handled is of one */
	uint64_t cookie;	   /* of this daemon, see OX_CMD_SYNC */
	int (*on_join)(void *arg); /* of nf: ox_nfnl_on_join() */
	void *on_join_arg;
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
/* A socket of a protocol (NETLINK_*) for the server, without a port id yet. */
int ox_transport_socket(int protocol, int *fd, struct ox_err *e);
int ox_transport_bind(int fd, uint32_t portid);
/* One datagram into buf; -EAGAIN: none. */
int ox_transport_recv(int fd, uint8_t *buf, uint32_t size,
		      struct ox_datagram *out);
/* 0, -EAGAIN, -ECONNREFUSED, ...; never waits. */
int ox_transport_send(int fd, uint32_t portid, const struct iovec *iov,
		      int n_iov);
/* To the members of a group; not to the kernel. */
int ox_transport_tell(int fd, uint32_t group, const struct iovec *iov,
		      int n_iov);
/* How many of n were sent, none to port id 0; -errno: the first wasn't. */
int ox_transport_send_many(int fd, struct mmsghdr *msgs, uint32_t n);

/* ---- listen.c: the server's socket and port id ---- */
/* Makes g the only server of its network namespace; g->fd and g->portid. */
int ox_listen(struct ox_genl *g, struct ox_err *e);
void ox_listen_end(struct ox_genl *g);

/* ---- genl_open.c ---- */
/* One with its memory and timers, without a socket; ox_genl_close() follows. */
int ox_genl_new(struct ox_loop *loop, struct ox_datapaths *datapaths,
		struct ox_genl **out);
int ox_genl_start(struct ox_genl *g, struct ox_err *e); /* reads its socket */

/* ---- nfnl.c: messages of nfnetlink ---- */
/* The operation of a message, and its family; -errno as nfnetlink_rcv_msg(). */
int ox_nfnl_find(const struct ox_genl *g, const struct nlmsghdr *nlh,
		 const struct ox_genl_family **f, const struct ox_genl_op **op);
/* The server that a client's port id is of, as OX_A_PROTOCOL says; NULL: that
 * one isn't there. */
struct ox_genl *ox_nfnl_of(struct ox_genl *g, const struct nlattr *protocol);

/* ---- nfnl_group.c ---- */
/* A socket has joined a group of NETLINK_NETFILTER. -EINVAL: none of ours;
 * -EOPNOTSUPP. */
int ox_nfnl_join(struct ox_genl *main, uint32_t group);

/* ---- inbox.c ---- */
/* Reads what has come, and handles some of what waits: OX_TURN_MSGS messages,
 * by turns of the processes that sent them. */
void ox_inbox_turn(struct ox_genl *g);
void ox_inbox_drop_all(struct ox_genl *g);

/* ---- genl.c ---- */
/* Handles messages of a datagram, budget at most; how many those were. It is
 * done when l->at is l->len. */
uint32_t ox_genl_handle(struct ox_genl *g, struct ox_letter *l,
			uint32_t budget);
/* What is left of it won't be done, as the first message of that is told: err,
 * with the words in e. */
void ox_genl_refuse(struct ox_genl *g, const struct ox_letter *l, int err,
		    const struct ox_err *e);

/* ---- client.c ---- */
struct ox_client *ox_client_find(const struct ox_genl *g, uint32_t portid);
struct ox_client *ox_client_get(struct ox_genl *g, uint32_t portid);
void ox_client_drop(struct ox_genl *g, uint32_t portid);
void ox_client_drop_all(struct ox_genl *g);
/* Sends a ready message, or queues it after what waits already. 0,
 * -ECONNREFUSED (the client's state is gone), -ENOBUFS (it is lost: there is
 * no more room, for this client or for all of them). */
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
/* Builds the NLMSG_ERROR for a request: netlink_ack(). cap: of the request,
 * its header only. e NULL: no attributes. */
void ox_ack_build(struct ox_nlbuf *b, const struct nlmsghdr *nlh,
		  uint32_t portid, int err, const struct ox_err *e, bool cap);
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

#endif /* OVSXDP_GENL_INT_H */
