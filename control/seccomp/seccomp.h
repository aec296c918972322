/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * seccomp.h - ovsxdp-seccomp inside: what its files offer each other. This is
 * for programs that no preload reaches (static ones, raw system calls). The few
 * calls that matter wait by seccomp user notification. Meanwhile a supervisor
 * looks at them, and sends over the program's own socket to the daemon.
 *
 * main.c starts: filter.c, guard.c, then the program. In the supervisor
 * serve.c receives calls, call.c decides, send.c sends; caller.c is all that
 * is known of the process that called. route.c and side.c are the preload's.
 */
#ifndef OVSXDP_SECCOMP_H
#define OVSXDP_SECCOMP_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

/* A system call that waits for us. */
struct ox_call {
	uint64_t id; /* the kernel's name of it */
	pid_t tid;
	pid_t tgid;
	struct seccomp_data data;
	int listener;
	int slot;	/* in the guard's list, -1: none */
	int sock;	/* our fd of the socket */
	int protocol;	/* its: NETLINK_GENERIC or NETLINK_NETFILTER */
	uint64_t netns; /* cookie of its network namespace */
	struct ox_call *next;
};

/* ---- filter.c ---- */
/* Puts the filter on the calling thread and what comes of it. Its listener
 * or -errno. */
int ox_filter_load(void);

/* ---- guard.c: keeps a supervisor going ---- */
/*
 * Starts a guard that is no child of this process, and returns our end of its
 * socket. It waits for ox_guard_ready(), or for us to end. -errno.
 */
int ox_guard_start(int argc, char **argv);
/* Gives it the listener. 0: the supervisor is at work. -errno, and the step
 * that failed. */
int ox_guard_ready(int sock, int listener, const char **step);

/* ---- answer.c ---- */
/* Before the supervisor starts: the list of calls, which outlives it. -errno.
 */
int ox_served_open(void);
/* Notes a call received; its place in the list, -1: it is full. It leaves the
 * list with its answer. Should the supervisor be killed before, the guard
 * answers. */
int ox_served_note(uint64_t id);
/* Nobody knows how far a supervisor came: its calls return EINTR, so that the
 * program may try again. */
void ox_served_interrupt(int listener);
/* Answers: what the call returns, or -errno. */
void ox_call_return(const struct ox_call *c, int64_t ret);
/* Lets the kernel do the call. */
void ox_call_continue(const struct ox_call *c);

/* ---- serve.c ---- */
/* Until the last process with the filter has gone. */
int ox_serve(int listener);

/* ---- call.c ---- */
/* Called in a thread of its own for each call on a socket that may ask the
 * daemon; answers it. */
void ox_call_handle(struct ox_call *c);

/* ---- caller.c: the process behind a call ---- */
/* Takes the call's socket into c->sock. -ENOTSOCK: not one of NETLINK_GENERIC,
 * nor of NETLINK_NETFILTER, if OVSXDP_CT=kernel isn't set. */
int ox_caller_socket(struct ox_call *c);
/* All len bytes or -EFAULT. */
int ox_caller_read(pid_t tid, uint64_t addr, void *buf, size_t len);
/* The same from several places. */
int ox_caller_readv(pid_t tid, const struct iovec *from, size_t n, void *buf,
		    size_t len);
int ox_caller_write(pid_t tid, uint64_t addr, const void *buf, size_t len);
/* Could it send to the daemon itself: CAP_NET_ADMIN over its socket? */
bool ox_caller_is_admin(const struct ox_call *c);
/* The calling thread into the network namespace of c->sock. */
int ox_caller_netns(const struct ox_call *c);
/* Port id of c->sock, bound if it isn't yet; 0 and errno on failure. */
uint32_t ox_caller_portid(const struct ox_call *c);

/* ---- portids.c: who had a port id before ---- */
/* Tells the daemon if c's socket has the port id of one that is gone. */
void ox_portids_check(const struct ox_call *c, uint32_t portid);
/* Is it one that ox_portids_note() was called for? */
bool ox_portids_noted(const struct ox_call *c, uint32_t portid);
/* The daemon may keep something for the socket of this port id. */
void ox_portids_note(const struct ox_call *c, uint32_t portid);

#define OX_CONTINUE INT64_MIN /* the kernel shall do the call */

/* ---- recv.c ---- */
#define OX_RECV_ROOM 65536 /* of the calls that the filter makes wait */
/* A recvfrom(2) with that room, without flags. Returns bytes, -errno, or
 * OX_CONTINUE: what is there isn't the daemon's. */
int64_t ox_recv_datagram(const struct ox_call *c);

/* ---- send.c ---- */
/*
 * A datagram for the kernel: the daemon's part goes to the daemon. Returns
 * bytes sent, -errno, or, if whole is set (the call is this datagram only),
 * OX_CONTINUE.
 */
int64_t ox_send_datagram(const struct ox_call *c, const uint8_t *buf,
			 size_t len, int flags, bool whole);
/* Has the datagram anything for the daemon? */
bool ox_send_concerns(const struct ox_call *c, const uint8_t *buf, size_t len);

#endif /* OVSXDP_SECCOMP_H */
