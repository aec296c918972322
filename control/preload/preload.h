/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * preload.h - libovsxdp-genl.so inside: what its files offer each other. It
 * makes programs that know only the kernel's generic netlink talk to ovsxdpd
 * (docs/facts.md, T2 to T6). Nothing here is exported but the calls in
 * preload.c.
 */
#ifndef OVSXDP_PRELOAD_H
#define OVSXDP_PRELOAD_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#include "ovsxdp/nl.h"

/* ---- real.c: the C library's calls ---- */
struct ox_real {
	int (*socket)(int, int, int);
	int (*bind)(int, const struct sockaddr *, socklen_t);
	int (*connect)(int, const struct sockaddr *, socklen_t);
	int (*close)(int);
	int (*close_range)(unsigned int, unsigned int, int);
	int (*dup)(int);
	int (*dup2)(int, int);
	int (*dup3)(int, int, int);
	int (*fcntl)(int, int, ...);
	int (*fcntl64)(int, int, ...);
	int (*setsockopt)(int, int, int, const void *, socklen_t);
	ssize_t (*send)(int, const void *, size_t, int);
	ssize_t (*sendto)(int, const void *, size_t, int,
			  const struct sockaddr *, socklen_t);
	ssize_t (*sendmsg)(int, const struct msghdr *, int);
	int (*sendmmsg)(int, struct mmsghdr *, unsigned int, int);
	ssize_t (*write)(int, const void *, size_t);
	ssize_t (*writev)(int, const struct iovec *, int);
	ssize_t (*recv)(int, void *, size_t, int);
	ssize_t (*recvfrom)(int, void *, size_t, int, struct sockaddr *,
			    socklen_t *);
	ssize_t (*recvmsg)(int, struct msghdr *, int);
	int (*recvmmsg)(int, struct mmsghdr *, unsigned int, int,
			struct timespec *);
	ssize_t (*read)(int, void *, size_t);
	ssize_t (*readv)(int, const struct iovec *, int);
	ssize_t (*recv_chk)(int, void *, size_t, size_t, int);
	ssize_t (*recvfrom_chk)(int, void *, size_t, size_t, int,
				struct sockaddr *, socklen_t *);
	ssize_t (*read_chk)(int, void *, size_t, size_t);
};
const struct ox_real *ox_real(void);

/* ---- fdtab.c: which fds are netlink sockets that the daemon is asked by ----
 */
#define OX_FD_GENL	 0x01 /* it is one: of NETLINK_GENERIC, or */
#define OX_FD_CONNECTED	 0x02 /* the program thinks: to the kernel */
#define OX_FD_PEER	 0x04 /* really connected, to some port id */
#define OX_FD_PENDING	 0x08 /* the daemon may have more for it */
#define OX_FD_SUBSCRIBED 0x10
#define OX_FD_SHARED	 0x20 /* there are other fds of this socket */
#define OX_FD_NATIVE	 0x40 /* knows the daemon, has addressed it itself */
#define OX_FD_NFNL	 0x80 /* of NETLINK_NETFILTER */

struct ox_fd {
	uint32_t flags;
	uint32_t recv_size;    /* largest read so far */
	pid_t owner;	       /* process that opened it */
	uint64_t netns;	       /* cookie of its network namespace; 0 unknown */
	uint64_t sock;	       /* its own (SO_COOKIE); 0 unknown */
	uint64_t cookie;       /* of the daemon that had its latest datagram */
	uint32_t turn;	       /* of that: OX_NLM_F_TURN */
	struct ox_again *dump; /* owned; a dump that may not be over */
};
extern struct ox_fd ox_fds[];
extern unsigned int ox_fd_end; /* no watched socket from here on */
#define OX_FD_MAX 65536	       /* fds beyond are left alone */

/* NULL unless fd was one of ours when it was opened: costs others a bounds
 * check and a load. */
static inline struct ox_fd *ox_fd_opened_as(int fd)
{
	if ((unsigned int)fd >= OX_FD_MAX ||
	    !__atomic_load_n(&ox_fds[fd].flags, __ATOMIC_RELAXED))
		return NULL;
	return &ox_fds[fd];
}
/* NULL unless fd is a watched socket now. */
struct ox_fd *ox_fd_slow(int fd);
static inline struct ox_fd *ox_fd_get(int fd)
{
	return ox_fd_opened_as(fd) ? ox_fd_slow(fd) : NULL;
}
static inline int ox_fd_of(const struct ox_fd *f)
{
	return (int)(f - ox_fds);
}
static inline uint32_t ox_fd_flags(const struct ox_fd *f)
{
	return __atomic_load_n(&f->flags, __ATOMIC_RELAXED);
}
static inline void ox_fd_set(struct ox_fd *f, uint32_t bits)
{
	__atomic_fetch_or(&f->flags, bits, __ATOMIC_RELAXED);
}
static inline void ox_fd_clear(struct ox_fd *f, uint32_t bits)
{
	__atomic_fetch_and(&f->flags, ~bits, __ATOMIC_RELAXED);
}
/* NETLINK_GENERIC, or NETLINK_NETFILTER unless the environment says
 * OVSXDP_CT=kernel? */
bool ox_fd_watches(int domain, int protocol);
static inline int ox_fd_protocol(const struct ox_fd *f)
{
	return ox_fd_flags(f) & OX_FD_NFNL ? NETLINK_NETFILTER
					   : NETLINK_GENERIC;
}
/* fd is new: notes what it is, a socket of a protocol; -1: none of ours. */
void ox_fd_opened(int fd, int protocol);
/* fd is about to be closed. */
void ox_fd_closing(int fd);
/* to is a new fd of from's socket. */
void ox_fd_duped(int from, int to);
/* msg was read from another socket: it may hold fds (SCM_RIGHTS). */
void ox_fd_received(struct msghdr *msg);
/* Port id of a socket, bound if it isn't yet; 0 and errno on failure. */
uint32_t ox_fd_portid(int fd);

/* ---- side.c: this thread's own way to the daemon ---- */
struct ox_side_call {
	uint8_t cmd;	/* OX_CMD_* */
	uint32_t group; /* 0: leave out; so the others */
	uint32_t portid;
	uint32_t recv_size;
	uint32_t reply_to;
	uint32_t protocol; /* of portid's socket; left out: NETLINK_GENERIC */
};
/*
 * Asks the daemon of the network namespace netns. It waits for the ACK, at most
 * ox_wait_timeout_ms(), and before that for a daemon that was there (wait.c).
 * sock is a socket of that namespace, or -1 if this thread is in it. 0 or
 * -errno: -ECONNREFUSED: no daemon; -EPERM: no CAP_NET_ADMIN; -ETIMEDOUT; or
 * -EXDEV: this thread is in another network namespace, and can't go there.
 * cookie (or NULL) becomes the answering daemon's, 0 if it didn't tell.
 */
int ox_side_ask(uint64_t netns, int sock, const struct ox_side_call *call,
		uint64_t *cookie);
/*
 * The same in two steps: a SYNC to be put after the requests of a datagram, and
 * the wait for its ACK after that was sent. idle becomes true if the daemon
 * holds nothing back for the socket that sent it.
 */
struct ox_side_sync {
	uint32_t seq;
	uint32_t len; /* 0: none */
	uint32_t msg[12];
};
int ox_side_begin(uint64_t netns, int sock, struct ox_side_sync *s);
int ox_side_await(uint64_t netns, int sock, const struct ox_side_sync *s,
		  uint64_t *cookie, bool *idle);
/* The daemon that answered this thread last; 0: none yet. */
uint64_t ox_side_cookie(uint64_t netns);
/* The same without waiting; and waiting for this daemon alone, for a second:
 * one that was stopped must not hold up close(). */
void ox_side_tell(uint64_t netns, int sock, const struct ox_side_call *call);
void ox_side_settle(uint64_t netns, int sock, const struct ox_side_call *call);

/* The port id of this thread's daemon; 0: none, or not looked for yet. */
uint32_t ox_side_peer(uint64_t netns);
/* Looks for it, and asks nothing. */
uint32_t ox_side_find(uint64_t netns, int sock);

/* ---- acks.c ---- */
/* OX_NLM_F_CAP_ACK, OX_NLM_F_NO_EXT_ACK as the socket's options are. errno may
 * change. */
uint16_t ox_ack_flags(int sock);

/* ---- known.c: port ids that are, or were, a daemon's ---- */
void ox_known_add(uint64_t netns, uint32_t portid);
bool ox_known(uint64_t netns, uint32_t portid);
/* Could it be one that a program which knows ovsxdp has found itself? */
bool ox_is_daemons(uint64_t netns, uint32_t portid);

/* ---- wait.c: a daemon that is being started again ---- */
/* The daemon of netns has answered. */
void ox_wait_seen(uint64_t netns);
/* There is none: true after a little while if it is worth trying again. */
bool ox_wait_more(uint64_t netns);
/* How long one that is there may take to answer. */
int64_t ox_wait_timeout_ms(void);

/* ---- again.c: requests that may have to be sent once more ---- */
struct ox_again {
	uint32_t len;
	uint8_t msg[] __attribute__((aligned(NLMSG_ALIGNTO)));
};
/* Keeps the latest datagram of a socket if it begins with a dump. */
void ox_again_keep(struct ox_fd *f, const void *buf, size_t len);
void ox_again_drop(struct ox_fd *f);
/* The owner changes: NULL, or to be given back or freed. */
struct ox_again *ox_again_take(struct ox_fd *f);
void ox_again_give(struct ox_fd *f, struct ox_again *a);

/* ---- route.c: which messages are the daemon's ---- */
enum ox_route {
	OX_TO_KERNEL,
	OX_TO_DAEMON,
	OX_TO_BOTH, /* a dump of families */
};
/* NFNLGRP_CONNTRACK_* in a mask of groups become the daemon's, or the daemon's
 * become these. */
uint32_t ox_groups_ours(uint32_t groups);
uint32_t ox_groups_kernels(uint32_t groups);
enum ox_route ox_route_message(int protocol, const struct nlmsghdr *nlh);
/* Route of the messages at the start of buf that go one way, and their
 * length. What is no message goes with what is before it. */
enum ox_route ox_route_next(int protocol, const void *buf, size_t len,
			    size_t *n);
/* Are there messages in buf, and nothing after the last one? */
bool ox_route_whole(const void *buf, size_t len);

/* ---- send.c, recv.c ---- */
/* Called for watched sockets; as sendmsg(2). */
ssize_t ox_genl_sendmsg(int fd, struct ox_fd *f, const struct msghdr *msg,
			int flags);
/* Called for ox_fd_opened_as(): as recvmsg(2), for any socket. */
ssize_t ox_genl_recvmsg(int fd, struct ox_fd *f, struct msghdr *msg, int flags);
/* The dump a is sent to another daemon than before. 0 or -errno. */
int ox_genl_again(int fd, struct ox_fd *f, const struct ox_again *a);

#endif /* OVSXDP_PRELOAD_H */
