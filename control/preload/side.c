// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * side.c - a NETLINK_GENERIC socket of each thread for the rendezvous
 * (docs/facts.md, T3). The daemon handles its queue in order, so its ACK to us
 * says that what this thread sent before on any socket is handled and answered.
 */
#include "preload.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openvswitch.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ovsxdp/address.h"
#include "ovsxdp/now.h"

/* A signal handler may have taken our ACK meanwhile, or the daemon died. */
#define SLICE_MS  50
#define SETTLE_MS 1000
#define HIGH_FD	  700 /* out of the way of programs that count fds */

struct request {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	struct ovs_header ovs;
	uint8_t attrs[3 * 8];
};
_Static_assert(sizeof(struct request) ==
		       sizeof(((struct ox_side_sync *)0)->msg),
	       "a request is what a SYNC has room for");

static __thread struct {
	int fd;
	pid_t pid; /* a forked child needs its own; 0: not open */
	uint32_t portid;
	uint64_t netns;
	struct ox_address peer; /* the daemon's; its port id 0: to be found */
	void *page;		/* ox_address_map(); NULL: none yet */
	uint32_t seq;
	uint32_t acked; /* latest, by whichever frame of this thread */
	int result;
	bool idle;	 /* OX_NLM_F_IDLE of it */
	uint64_t cookie; /* the daemon's that sent it; 0: none yet */
} side __attribute__((tls_model("initial-exec")));

static pthread_key_t key;

/* Is side.fd still what was opened? Programs close fds they don't know. */
static bool is_side(void)
{
	struct sockaddr_nl me = { 0 };
	socklen_t len = sizeof(me);

	return !getsockname(side.fd, (struct sockaddr *)&me, &len) &&
	       me.nl_family == AF_NETLINK && me.nl_pid == side.portid;
}

static bool still_there(void)
{
	return side.pid == getpid() && is_side();
}

static void thread_ends(void *arg)
{
	void *page = side.page;

	(void)arg;
	if (side.pid && still_there())
		ox_real()->close(side.fd);
	side.pid = 0;
	side.peer = (struct ox_address){ 0 };
	side.page = NULL;
	if (page)
		munmap(page, OX_RUN_SIZE);
}

/* Not at first use: that may be in a signal handler. */
__attribute__((constructor)) static void make_key(void)
{
	pthread_key_create(&key, thread_ends);
}

/* In the network namespace of the side socket, as far as can be seen. */
static bool is_here(void)
{
	int home = ioctl(side.fd, SIOCGSKNS);
	struct stat its, ours;
	bool same = home >= 0 && !fstat(home, &its) &&
		    !stat("/proc/thread-self/ns/net", &ours) &&
		    its.st_ino == ours.st_ino && its.st_dev == ours.st_dev;

	if (home >= 0)
		ox_real()->close(home);
	return same;
}

/*
 * Looks where the daemon is. It may have another port id than a moment ago,
 * and its old one may be somebody else's who never answers. -ECONNREFUSED:
 * nowhere; 1: it has moved.
 */
static int find_peer(void)
{
	struct ox_address a;
	int err = ox_address_find(side.netns, is_here(), &a, &side.page);
	bool moved = a.portid != side.peer.portid || a.inode != side.peer.inode;

	side.peer = a;
	ox_known_add(side.netns, a.portid);
	return err ?: moved;
}

static int open_side(void)
{
	static const struct timeval slice = { .tv_usec = SLICE_MS * 1000 };
	int64_t ms = ox_wait_timeout_ms();
	struct timeval limit = { .tv_sec = ms / 1000,
				 .tv_usec = ms % 1000 * 1000 };
	struct sockaddr_nl me = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(me);
	int fd, high, on = 1;

	fd = ox_real()->socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			       NETLINK_GENERIC);
	if (fd < 0)
		return -errno;
	high = ox_real()->fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	/* few are allowed; but never in the place of a closed stdout */
	if (high < 0 && fd <= STDERR_FILENO)
		high = ox_real()->fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (high >= 0) {
		ox_real()->close(fd);
		fd = high;
	}
	/*
	 * The first port id that the kernel would give is the process id,
	 * which programs like to have themselves: take another one.
	 */
	for (uint32_t i = 0; i < 64; i++) {
		me.nl_pid = 0x4f000000u ^
			    (((uint32_t)gettid() + i * 0x10001u) & 0xffffffu);
		/* the daemon's it never is */
		if (me.nl_pid != OX_NL_PORTID &&
		    !bind(fd, (struct sockaddr *)&me, sizeof(me)))
			break;
		me.nl_pid = 0;
	}
	if (!me.nl_pid)
		bind(fd, (struct sockaddr *)&me, sizeof(me));
	if (getsockname(fd, (struct sockaddr *)&me, &len) || !me.nl_pid) {
		ox_real()->close(fd);
		return -EADDRINUSE;
	}
	side.fd = fd;
	side.portid = me.nl_pid;
	side.netns = 0;
	ox_netns_cookie(fd, &side.netns);
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	/* a daemon that was stopped, its queue full, must not hold up close()
	 */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof(slice));
	side.pid = getpid();
	find_peer();
	pthread_setspecific(key, &side);
	return 0;
}

/*
 * This thread has moved to another network namespace than sock's (setns(2),
 * unshare(2)): goes there and back for a moment. Needs CAP_SYS_ADMIN over
 * both, and makes sure of the way back first.
 */
static int reopen_there(int sock)
{
	int home = ioctl(side.fd, SIOCGSKNS), err = -EXDEV;
	int there = home < 0 ? -1 : ioctl(sock, SIOCGSKNS);

	if (there >= 0 && !setns(home, CLONE_NEWNET) &&
	    !setns(there, CLONE_NEWNET)) {
		ox_real()->close(side.fd);
		side.pid = 0;
		err = open_side();
		/* the program must never go on in the wrong place */
		if (setns(home, CLONE_NEWNET))
			abort();
	}
	if (there >= 0)
		ox_real()->close(there);
	if (home >= 0)
		ox_real()->close(home);
	return err;
}

/* A side socket in the network namespace netns, where sock is. */
static int ready(uint64_t netns, int sock)
{
	sigset_t all, old;
	int err;

	if (side.pid && still_there()) {
		if (side.netns == netns)
			return 0;
		side.cookie = 0;
		ox_real()->close(side.fd);
	} else if (side.pid && side.pid != getpid() && is_side()) {
		/* our copy of the parent's; closing it does it no harm */
		ox_real()->close(side.fd);
	}
	side.pid = 0;
	/* a handler that came in between would open another one */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = open_side();
	if (!err && side.netns != netns && sock >= 0)
		err = reopen_there(sock);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err)
		return err;
	return side.netns == netns ? 0 : -EXDEV;
}

static void put_u32(struct request *r, uint16_t type, uint32_t v)
{
	struct nlattr *a = (void *)((uint8_t *)r + r->nlh.nlmsg_len);

	if (!v)
		return;
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + sizeof(v);
	memcpy(a + 1, &v, sizeof(v));
	r->nlh.nlmsg_len += NLA_HDRLEN + sizeof(v);
}

static void request_make(struct request *r, const struct ox_side_call *call,
			 uint16_t flags, uint32_t seq)
{
	*r = (struct request){
		.nlh = { .nlmsg_len = sizeof(*r) - sizeof(r->attrs),
			 .nlmsg_type = OX_GENL_OVSXDP,
			 .nlmsg_flags = NLM_F_REQUEST | flags,
			 .nlmsg_seq = seq },
		.genl = { .cmd = call->cmd, .version = OX_FAMILY_VERSION },
	};
	put_u32(r, OX_A_GROUP, call->group);
	put_u32(r, OX_A_PORTID, call->portid);
	put_u32(r, OX_A_RECV_SIZE, call->recv_size);
	put_u32(r, OX_A_REPLY_TO, call->reply_to);
	put_u32(r, OX_A_PROTOCOL, call->protocol);
}

/* Does the daemon have its port id still, as far as can be seen? It dies before
 * it gives that up, and a squatter is to be sent nothing. */
static bool peer_lives(void)
{
	if (side.peer.has_word && !ox_address_lives(side.page))
		side.peer.portid = 0;
	return side.peer.portid;
}

static int post(const struct ox_side_call *call, uint16_t flags, uint32_t seq,
		int send_flags)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	struct request r;
	ssize_t n;

	if (!peer_lives() && find_peer() < 0)
		return -ECONNREFUSED;
	to.nl_pid = side.peer.portid;
	request_make(&r, call, flags, seq);
	do {
		n = ox_real()->sendto(side.fd, &r, r.nlh.nlmsg_len, send_flags,
				      (struct sockaddr *)&to, sizeof(to));
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == ECONNREFUSED)
		side.peer.portid = 0;
	return n < 0 ? -errno : 0;
}

/* NLMSGERR_ATTR_COOKIE of an ACK whose request isn't in it; 0: none. */
static uint64_t read_cookie(const uint8_t *p, size_t len)
{
	while (len >= NLA_HDRLEN) {
		struct nlattr a;
		uint64_t cookie;

		memcpy(&a, p, sizeof(a));
		if (a.nla_len < NLA_HDRLEN || a.nla_len > len)
			break;
		if (a.nla_type == NLMSGERR_ATTR_COOKIE &&
		    a.nla_len == NLA_HDRLEN + sizeof(cookie)) {
			memcpy(&cookie, p + NLA_HDRLEN, sizeof(cookie));
			return cookie;
		}
		if (NLA_ALIGN((size_t)a.nla_len) >= len)
			break;
		p += NLA_ALIGN((size_t)a.nla_len);
		len -= NLA_ALIGN((size_t)a.nla_len);
	}
	return 0;
}

static bool is_from_daemon(const struct msghdr *m)
{
	const struct sockaddr_nl *from = m->msg_name;
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct ucred cred;

	if (from->nl_pid != side.peer.portid || !c ||
	    c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS)
		return false;
	memcpy(&cred, CMSG_DATA(c), sizeof(cred));
	return ox_address_is_root(cred.uid);
}

/* Waits for a datagram, a slice at most; notes the ACK that it may be. */
static int read_ack(void)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr err;
		uint8_t more[1024];
	} r;
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { &r, sizeof(r) };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = ox_real()->recvmsg(side.fd, &m, MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -errno;
	if (n < (ssize_t)(NLMSG_HDRLEN + sizeof(r.err)) ||
	    r.nlh.nlmsg_type != NLMSG_ERROR || !is_from_daemon(&m))
		return 0;
	side.acked = r.nlh.nlmsg_seq;
	side.result = r.err.error;
	side.idle = r.nlh.nlmsg_flags & OX_NLM_F_IDLE;
	if (!r.err.error && r.nlh.nlmsg_flags & NLM_F_ACK_TLVS)
		side.cookie = read_cookie(r.more, (size_t)n - NLMSG_HDRLEN -
							  sizeof(r.err));
	return 0;
}

/*
 * Nothing says that the daemon has died: looks now and then where it is, and
 * asks once more. Is it merely slow, the second ACK does no harm; is it another
 * one, its cookie tells. -ESTALE: it has moved; -ECONNREFUSED: it is gone. In
 * both cases it never got the request, or died with it.
 */
static int wait_ack(const struct ox_side_call *call, uint32_t seq, int64_t end,
		    bool *idle)
{
	int64_t again = ox_now_ms() + SLICE_MS;

	*idle = false;
	for (;;) {
		int64_t now;
		int err;

		if (side.acked == seq) {
			*idle = side.idle;
			return side.result;
		}
		/* a handler's call came after this one: this one is done as
		 * well */
		if ((int32_t)(side.acked - seq) > 0)
			return 0;
		err = read_ack();
		if (!err)
			continue;
		if (err != -EAGAIN && err != -EINTR && err != -ENOBUFS)
			return err;
		now = ox_now_ms();
		if (now >= end)
			return -ETIMEDOUT;
		if (err == -EINTR && now < again)
			continue;
		again = now + SLICE_MS;
		err = find_peer();
		if (err)
			return err < 0 ? err : -ESTALE;
		if (post(call, NLM_F_ACK, seq, MSG_DONTWAIT) == -ECONNREFUSED)
			return -ECONNREFUSED;
	}
}

static int ask_once(const struct ox_side_call *call)
{
	int64_t end = ox_now_ms() + ox_wait_timeout_ms();
	uint32_t seq = ++side.seq;
	int err = post(call, NLM_F_ACK, seq, 0);
	bool idle;

	if (err == -EAGAIN) /* SO_SNDTIMEO: its queue stays full */
		return -ETIMEDOUT;
	return err ?: wait_ack(call, seq, end, &idle);
}

static bool try_again(uint64_t netns, int err)
{
	return err == -ESTALE || (err == -ECONNREFUSED && ox_wait_more(netns));
}

static void seen(uint64_t netns, int err)
{
	if (err != -ECONNREFUSED && err != -ETIMEDOUT && side.cookie)
		ox_wait_seen(netns);
}

int ox_side_ask(uint64_t netns, int sock, const struct ox_side_call *call,
		uint64_t *cookie)
{
	int saved = errno, err = ready(netns, sock);

	if (!err) {
		do {
			err = ask_once(call);
		} while (try_again(netns, err));
		seen(netns, err);
	}
	if (cookie)
		*cookie = err ? 0 : side.cookie;
	errno = saved;
	return err;
}

int ox_side_begin(uint64_t netns, int sock, struct ox_side_sync *s)
{
	struct ox_side_call call = { .cmd = OX_CMD_SYNC };
	int saved = errno, err = ready(netns, sock);

	s->len = 0;
	if (!err) {
		struct request r;

		call.reply_to = side.portid;
		s->seq = ++side.seq;
		request_make(&r, &call, NLM_F_ACK, s->seq);
		memcpy(s->msg, &r, sizeof(r));
		s->len = r.nlh.nlmsg_len;
	}
	errno = saved;
	return err;
}

/* Once more is asked without reply_to: of the side socket it is not to be
 * told that it is idle. */
int ox_side_await(uint64_t netns, int sock, const struct ox_side_sync *s,
		  uint64_t *cookie, bool *idle)
{
	const struct ox_side_call call = { .cmd = OX_CMD_SYNC };
	int saved = errno, err;

	*idle = false;
	/* a handler has asked since we began, but perhaps before we sent */
	if (side.seq != s->seq)
		return ox_side_ask(netns, sock, &call, cookie);
	err = wait_ack(&call, s->seq, ox_now_ms() + ox_wait_timeout_ms(), idle);
	if (try_again(netns, err)) {
		err = ox_side_ask(netns, sock, &call, cookie);
	} else {
		seen(netns, err);
		*cookie = err ? 0 : side.cookie;
	}
	errno = saved;
	return err;
}

uint32_t ox_side_peer(uint64_t netns)
{
	return side.pid && side.netns == netns && peer_lives()
		       ? side.peer.portid
		       : 0;
}

uint32_t ox_side_find(uint64_t netns, int sock)
{
	int saved = errno;

	if (!ready(netns, sock) && !peer_lives())
		find_peer();
	errno = saved;
	return ox_side_peer(netns);
}

uint64_t ox_side_cookie(uint64_t netns)
{
	return side.pid && side.netns == netns ? side.cookie : 0;
}

void ox_side_settle(uint64_t netns, int sock, const struct ox_side_call *call)
{
	int saved = errno;
	bool idle;

	if (!ready(netns, sock)) {
		uint32_t seq = ++side.seq;

		if (!post(call, NLM_F_ACK, seq, 0))
			wait_ack(call, seq, ox_now_ms() + SETTLE_MS, &idle);
	}
	errno = saved;
}

void ox_side_tell(uint64_t netns, int sock, const struct ox_side_call *call)
{
	int saved = errno;

	if (!ready(netns, sock))
		post(call, 0, 0, 0);
	errno = saved;
}
