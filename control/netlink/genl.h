/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * genl.h - generic netlink in user space: what net/netlink/genetlink.c is to
 * the module. Families are tables of operations. Requests come in through
 * the transport, are parsed by policy, and handed to doit or dumpit. They are
 * answered with replies, an ACK, or an error with extended ACK.
 */
#ifndef OVSXDP_GENL_H
#define OVSXDP_GENL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "control/base/attr.h"
#include "control/base/nlbuf.h"
#include "ovsxdp/err.h"

struct ox_genl; /* the dispatcher: transport, families, dumps */
struct ox_loop;
struct ox_state_mem;
/* What families work on: theirs alone, the server only hands it on. */
struct ox_datapaths;
struct ox_genl_family;

#define OX_GENL_MAX_ATTR 64

/* A request being handled; lives during doit. */
struct ox_req {
	struct ox_genl *genl;
	struct ox_datapaths *datapaths;
	const struct nlmsghdr *nlh;
	const struct ox_genl_family *family;
	const struct genlmsghdr *genl_hdr; /* nfnl: struct nfgenmsg instead */
	bool nfnl;			   /* a message of nfnetlink */
	const void *user_hdr; /* family header, e.g. struct ovs_header */
	const struct nlattr *attrs[OX_GENL_MAX_ATTR + 1]; /* by policy */
	const void *attr_buf; /* raw attributes after the header, for */
	uint32_t attr_len;    /* vendor ones beyond the policy */
	uint32_t portid;      /* sender */
	uid_t uid;
	pid_t pid;
	bool again;   /* another daemon may have begun with it */
	bool go_on;   /* with -EINPROGRESS: doit is called in the next turn */
	uint64_t job; /* doit's, kept until it is called again; 0 at first */
	bool cap_ack; /* the client's NETLINK_CAP_ACK */
	bool no_ext_ack; /* not its NETLINK_EXT_ACK */
	uint32_t ack_to; /* OX_CMD_SYNC: in place of the sender, not 0 */
	uint16_t ack_flags;
	struct ox_err err; /* extended ACK, if doit fails */
};

/* A dump under way; fill continues where cursor says. */
struct ox_dump {
	struct ox_genl *genl;
	struct ox_datapaths *datapaths;
	const struct nlmsghdr *nlh; /* private copy of the request */
	const void *user_hdr;
	const struct nlattr *attrs[OX_GENL_MAX_ATTR + 1];
	uint32_t portid;
	uint64_t cursor[6]; /* the family's, 0 at the start */
	uint32_t gen;	    /* family's: generation at the start, see intr */
	bool intr;	    /* set by the family: mark NLM_F_DUMP_INTR */
	struct ox_err err;
};

struct ox_genl_op {
	uint8_t cmd;
	uint32_t flags; /* GENL_ADMIN_PERM, GENL_UNS_ADMIN_PERM */
	const struct ox_nla_policy *policy; /* NULL: attributes not parsed */
	bool dump_unread; /* a dump's attributes aren't looked at, so that
			   * none is refused (GENL_DONT_VALIDATE_DUMP) */
	int max_attr;
	/* 0 or -errno (with req->err). Replies by ox_req_reply_*().
	 * -EINPROGRESS: it isn't done yet. It is called again for the request
	 * after ox_genl_wake(), or in the next turn of the loop (req->go_on);
	 * what the same process sends waits, what others send doesn't. */
	int (*doit)(struct ox_req *req);
	/* Refuses a dump (-errno) before it has begun; may be NULL. */
	int (*dump_start)(struct ox_dump *dump);
	/* Adds whole messages to b until it is full: 1 there is more, 0 all
	 * done, -errno. A message that doesn't fit is aborted and comes
	 * first next time. NLM_F_MULTI is set for it. */
	int (*dumpit)(struct ox_dump *dump, struct ox_nlbuf *b);
	void (*dump_done)(struct ox_dump *dump); /* may be NULL */
};

struct ox_genl_group {
	const char *name;
	uint32_t id; /* OX_MCGRP_* */
};

struct ox_genl_family {
	uint16_t id; /* OX_GENL_* */
	const char *name;
	uint8_t version;
	uint32_t hdrsize;
	uint32_t maxattr;
	const struct ox_genl_op *ops;
	int n_ops;
	const struct ox_genl_group *groups;
	int n_groups;
};

/*
 * Serves at OX_NL_PORTID, or, if another program has that, at some other port
 * id, which ovsxdp/address.h finds. state: where subscriptions and turns
 * outlive the server; NULL: they don't. -EADDRINUSE: there is another daemon
 * (the text says which pid, as far as can be seen).
 */
int ox_genl_open(struct ox_loop *loop, struct ox_state_mem *state,
		 struct ox_datapaths *datapaths, struct ox_genl **out,
		 struct ox_err *e);
void ox_genl_close(struct ox_genl *genl);
int ox_genl_register(struct ox_genl *genl, const struct ox_genl_family *f);
/*
 * Serves NETLINK_NETFILTER, too, at the same port id: messages of nfnetlink for
 * the subsystems that are registered. A family is one of them, its id
 * NFNL_SUBSYS_*. They are answered as the kernel's nfnetlink does, and end with
 * genl. -EADDRINUSE: another program has that port id.
 */
int ox_nfnl_open(struct ox_genl *genl, struct ox_err *e);
int ox_nfnl_register(struct ox_genl *genl, const struct ox_genl_family *f);

/*
 * What happens is told to the members of a group of NETLINK_NETFILTER
 * (NFNLGRP_CONNTRACK_*), which the kernel keeps: it delivers, and tells a
 * socket that has no room by ENOBUFS, as of its own events.
 */
/* fn is called when a socket has joined one: 0, or -errno for who did. */
void ox_nfnl_on_join(struct ox_genl *genl, int (*fn)(void *arg), void *arg);
/* Never waits. Who has no room for it isn't known here. */
int ox_nfnl_tell(struct ox_genl *genl, uint32_t group, const void *msg,
		 uint32_t len);
/* A socket that is a member of some, and how many messages found no room. */
struct ox_nfnl_ear {
	uint64_t inode;
	uint32_t drops;
};
/* All of them, max at most; -errno where /proc doesn't say. */
int ox_nfnl_ears(struct ox_nfnl_ear *ears, int max);

/* Requests that were put off may be tried again. */
void ox_genl_wake(void *genl);

/*
 * A reply to req: begin, fill with ox_nl_put_*(), send. The buffer belongs
 * to genl and is valid until send or abort. The header's portid and seq are
 * the request's.
 */
struct ox_nlbuf *ox_req_reply_begin(struct ox_req *req, uint8_t cmd,
				    void **user_hdr);
int ox_req_reply_send(struct ox_req *req, struct ox_nlbuf *b);
/* The same buffer, empty: for messages with other headers. */
struct ox_nlbuf *ox_req_reply_empty(struct ox_req *req);

/*
 * A change that others should hear of. Builds like a reply; on send the
 * message goes to the group's subscribers. With NLM_F_ECHO in the request it
 * goes to the requester as the reply, too. A subscribed requester hears it only
 * once, as by genl_notify(). req may be NULL: a change that nobody asked for
 * (seq 0, portid 0).
 */
struct ox_nlbuf *ox_notify_begin(struct ox_genl *genl, struct ox_req *req,
				 const struct ox_genl_family *f, uint8_t cmd,
				 void **user_hdr);
int ox_notify_send(struct ox_genl *genl, struct ox_req *req, struct ox_nlbuf *b,
		   uint32_t group);
/* As ovs_must_notify(): is there a subscriber or NLM_F_ECHO? */
bool ox_must_notify(const struct ox_genl *genl, const struct ox_req *req,
		    uint32_t group);

/*
 * Sends ready messages to a port id, without waiting. 0, -EAGAIN (its
 * receive buffer is full), -ECONNREFUSED (no such socket). Upcalls use it.
 * iov: one message in pieces.
 */
struct iovec;
int ox_genl_unicast(struct ox_genl *genl, uint32_t portid,
		    const struct iovec *iov, int n_iov);

/* As sendmmsg(2): how many went, or -errno of the first as above. */
struct mmsghdr;
int ox_genl_unicast_many(struct ox_genl *genl, struct mmsghdr *msgs,
			 uint32_t n);

/* Who has joined which group; kept across restarts by their owner. */
int ox_genl_subscribe(struct ox_genl *genl, uint32_t group, uint32_t portid);
int ox_genl_unsubscribe(struct ox_genl *genl, uint32_t group, uint32_t portid);

#endif /* OVSXDP_GENL_H */
