// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * call.c - what each call on such a socket means for us. What is
 * read from the program is read once and copied, as another thread of it may
 * write there meanwhile. Calls that are wrong (bad addresses, sizes) the
 * kernel gets as they are: the error is its to choose.
 */
#include "seccomp.h"

#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <syslog.h>

#include "control/preload/preload.h"
#include "ovsxdp/cleanup.h"

/* A datagram of the program, copied. */
struct dgram {
	uint8_t *buf;
	size_t len;
};

static void dgram_freep(struct dgram *d)
{
	free(d->buf);
}

/* What has been read so far was the caller's only if it still waits. */
static bool still_waits(const struct ox_call *c)
{
	return !ioctl(c->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &c->id);
}

static bool is_kernel(const struct sockaddr_nl *a)
{
	return a->nl_family == AF_NETLINK && !a->nl_pid && !a->nl_groups;
}

/* Is it meant for the kernel? Without an address: is the socket's peer? */
static bool is_for_kernel(const struct ox_call *c, uint64_t addr,
			  uint64_t addr_len)
{
	struct sockaddr_nl to = { 0 };
	socklen_t len = sizeof(to);

	if (!addr || !(uint32_t)addr_len) {
		if (getpeername(c->sock, (struct sockaddr *)&to, &len))
			return false;
		return !to.nl_pid && !to.nl_groups;
	}
	if ((uint32_t)addr_len < sizeof(to) ||
	    ox_caller_read(c->tid, addr, &to, sizeof(to)))
		return false;
	return is_kernel(&to);
}

/* More than the socket takes is for the kernel to refuse. */
static bool fits(const struct ox_call *c, uint64_t len)
{
	socklen_t size = sizeof(int);
	int room = 0;

	return len >= NLMSG_HDRLEN &&
	       !getsockopt(c->sock, SOL_SOCKET, SO_SNDBUF, &room, &size) &&
	       len <= (uint64_t)room;
}

/* ---- bind, connect, setsockopt ---- */

/*
 * A socket connected to the kernel would refuse the daemon's messages
 * (docs/facts.md, T2): it is bound instead, and sends go to the kernel by
 * default anyway.
 */
static int64_t do_connect(const struct ox_call *c)
{
	struct sockaddr_nl to = { 0 }, none = { .nl_family = AF_UNSPEC };

	if (c->data.args[2] < sizeof(to) ||
	    ox_caller_read(c->tid, c->data.args[1], &to, sizeof(to)) ||
	    !is_kernel(&to) || !ox_caller_is_admin(c) || !still_waits(c))
		return OX_CONTINUE;
	if (connect(c->sock, (struct sockaddr *)&none, sizeof(none)) ||
	    !ox_caller_portid(c))
		return -errno;
	return 0;
}

/* Membership in a group of the daemon's is a subscription (docs/facts.md, T4).
 */
static int64_t subscribe(const struct ox_call *c, uint32_t group)
{
	bool add = (int)c->data.args[2] == NETLINK_ADD_MEMBERSHIP;
	struct ox_side_call call = {
		.cmd = add ? OX_CMD_SUBSCRIBE : OX_CMD_UNSUBSCRIBE,
		.group = group,
	};
	int err;

	call.portid = ox_caller_portid(c);
	if (!call.portid)
		return -errno;
	err = ox_caller_netns(c);
	if (!err) {
		ox_portids_check(c, call.portid);
		err = ox_side_ask(c->netns, -1, &call, NULL);
	}
	if (!err)
		ox_portids_note(c, call.portid);
	/* no daemon: the kernel doesn't know such a group */
	return err == -ECONNREFUSED ? OX_CONTINUE : err;
}

/*
 * Groups of nfnetlink about connections are others of the daemon's, where the
 * kernel keeps who is in them (ovsxdp/nl.h). The daemon hears of it afterwards.
 * False: it tells nothing, or isn't there; then the kernel's own are meant.
 */
static bool told_join(const struct ox_call *c, uint32_t groups)
{
	struct ox_side_call call = {
		.cmd = OX_CMD_SUBSCRIBE,
		.group = (uint32_t)__builtin_ffs((int)groups),
		.protocol = NETLINK_NETFILTER,
	};
	uint32_t portid = ox_caller_portid(c);

	if (ox_caller_netns(c))
		return false;
	ox_portids_check(c, portid);
	if (ox_side_ask(c->netns, -1, &call, NULL))
		return false;
	ox_portids_note(c, portid);
	return true;
}

static int64_t change_events(const struct ox_call *c, int name, uint32_t group)
{
	uint32_t ours = OX_NFNLGRP_OURS(group);
	bool add = name == NETLINK_ADD_MEMBERSHIP;

	if (!ox_caller_portid(c) ||
	    setsockopt(c->sock, SOL_NETLINK, name, &ours, sizeof(ours)))
		return -errno;
	if (!add) /* and of the kernel's, from before the daemon came */
		return OX_CONTINUE;
	if (told_join(c, 1u << (group - 1)))
		return 0;
	setsockopt(c->sock, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &ours,
		   sizeof(ours));
	return OX_CONTINUE;
}

static int64_t do_setsockopt(const struct ox_call *c)
{
	uint32_t group;
	bool events;

	if (c->data.args[4] < sizeof(group) ||
	    ox_caller_read(c->tid, c->data.args[3], &group, sizeof(group)))
		return OX_CONTINUE;
	events = c->protocol == NETLINK_NETFILTER && OX_NFNLGRP_IS_CT(group);
	if ((!events && !OX_MCGRP_IS_OURS(group)) || !ox_caller_is_admin(c) ||
	    !still_waits(c))
		return OX_CONTINUE;
	return events ? change_events(c, (int)c->data.args[2], group)
		      : subscribe(c, group);
}

/* Membership by the address that a socket is bound to. */
static int64_t do_bind(const struct ox_call *c)
{
	struct sockaddr_nl a = { 0 };
	uint32_t asked;

	if (c->protocol != NETLINK_NETFILTER ||
	    (uint32_t)c->data.args[2] < sizeof(a) ||
	    ox_caller_read(c->tid, c->data.args[1], &a, sizeof(a)) ||
	    a.nl_family != AF_NETLINK || !(a.nl_groups & OX_NFNLGRPS_CT) ||
	    !ox_caller_is_admin(c) || !still_waits(c))
		return OX_CONTINUE;
	asked = a.nl_groups;
	if (!a.nl_pid)
		a.nl_pid = ox_caller_portid(c);
	a.nl_groups = ox_groups_ours(asked);
	if (bind(c->sock, (struct sockaddr *)&a, sizeof(a)))
		return -errno;
	if (told_join(c, asked & OX_NFNLGRPS_CT))
		return 0;
	a.nl_groups = asked;
	return bind(c->sock, (struct sockaddr *)&a, sizeof(a)) ? -errno : 0;
}

/* ---- sending ---- */

/*
 * The program's own right to it, and ours to be where its socket is. From
 * here on things are done; nothing more is read from the program.
 */
static bool may_serve(const struct ox_call *c)
{
	int err;

	if (!ox_caller_is_admin(c) || !still_waits(c))
		return false;
	err = ox_caller_netns(c);
	if (err)
		syslog(LOG_ERR, "network namespace of process %d: %s",
		       (int)c->tgid, strerror(-err));
	return !err;
}

static bool prepare(const struct ox_call *c)
{
	uint32_t portid;

	if (!may_serve(c))
		return false;
	portid = ox_caller_portid(c);
	if (!portid)
		return false;
	ox_portids_check(c, portid);
	ox_portids_note(c, portid);
	return true;
}

static int64_t send_one(const struct ox_call *c, const struct dgram *d,
			int flags)
{
	if (!ox_send_concerns(c, d->buf, d->len) || !prepare(c))
		return OX_CONTINUE;
	return ox_send_datagram(c, d->buf, d->len, flags, true);
}

static int64_t do_sendto(const struct ox_call *c)
{
	const __u64 *a = c->data.args;
	_cleanup_(dgram_freep) struct dgram d = { 0 };

	if (!fits(c, a[2]) || !is_for_kernel(c, a[4], a[5]))
		return OX_CONTINUE;
	d.len = a[2];
	d.buf = malloc(d.len);
	if (!d.buf)
		return -ENOMEM;
	if (ox_caller_read(c->tid, a[1], d.buf, d.len))
		return OX_CONTINUE;
	return send_one(c, &d, (int)a[3]);
}

/* Reads what a msghdr of the program points to. 0: not one for us. */
static int read_msg(const struct ox_call *c, const struct msghdr *m,
		    struct dgram *d)
{
	_cleanup_free_ struct iovec *iov = NULL;
	size_t n = m->msg_iovlen;

	if (!n || n > IOV_MAX ||
	    !is_for_kernel(c, (uintptr_t)m->msg_name, m->msg_namelen))
		return 0;
	iov = malloc(n * sizeof(*iov));
	if (!iov)
		return -ENOMEM;
	if (ox_caller_read(c->tid, (uintptr_t)m->msg_iov, iov,
			   n * sizeof(*iov)))
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (iov[i].iov_len > INT_MAX)
			return 0;
		d->len += iov[i].iov_len;
	}
	if (!fits(c, d->len))
		return 0;
	d->buf = malloc(d->len);
	if (!d->buf)
		return -ENOMEM;
	return !ox_caller_readv(c->tid, iov, n, d->buf, d->len);
}

static int64_t do_sendmsg(const struct ox_call *c)
{
	_cleanup_(dgram_freep) struct dgram d = { 0 };
	struct msghdr m = { 0 };
	int r;

	if (ox_caller_read(c->tid, c->data.args[1], &m, sizeof(m)))
		return OX_CONTINUE;
	r = read_msg(c, &m, &d);
	if (r <= 0)
		return r ? r : OX_CONTINUE;
	return send_one(c, &d, (int)c->data.args[2]);
}

static void dgrams_free(struct dgram *d, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(d[i].buf);
	free(d);
}

/* Reads all of a sendmmsg; false: something in it isn't for us. */
static bool read_all(const struct ox_call *c, const struct mmsghdr *v,
		     struct dgram *d, size_t n)
{
	bool concerns = false;

	for (size_t i = 0; i < n; i++) {
		if (read_msg(c, &v[i].msg_hdr, &d[i]) <= 0)
			return false;
		concerns |= ox_send_concerns(c, d[i].buf, d[i].len);
	}
	return concerns;
}

static int64_t send_all(const struct ox_call *c, const struct dgram *d,
			size_t n, int flags)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t at = c->data.args[1] + i * sizeof(struct mmsghdr) +
			      offsetof(struct mmsghdr, msg_len);
		int64_t r =
			ox_send_datagram(c, d[i].buf, d[i].len, flags, false);
		unsigned int sent = (unsigned int)r;

		if (r < 0)
			return i ? (int64_t)i : r;
		if (ox_caller_write(c->tid, at, &sent, sizeof(sent)))
			return i ? (int64_t)i : -EFAULT;
	}
	return (int64_t)n;
}

static int64_t do_sendmmsg(const struct ox_call *c)
{
	size_t n = (uint32_t)c->data.args[2];
	_cleanup_free_ struct mmsghdr *v = NULL;
	struct dgram *d;
	int64_t r = OX_CONTINUE;

	if (n > IOV_MAX) /* as the kernel has it */
		n = IOV_MAX;
	v = malloc(n * sizeof(*v) + 1);
	d = calloc(n + 1, sizeof(*d));
	if (!v || !d)
		r = -ENOMEM;
	else if (!ox_caller_read(c->tid, c->data.args[1], v, n * sizeof(*v)) &&
		 read_all(c, v, d, n) && prepare(c))
		r = send_all(c, d, n, (int)c->data.args[3]);
	if (d)
		dgrams_free(d, n);
	return r;
}

static const struct {
	int nr;
	int64_t (*fn)(const struct ox_call *c);
} handlers[] = {
	{ SCMP_SYS(bind), do_bind },
	{ SCMP_SYS(connect), do_connect },
	{ SCMP_SYS(setsockopt), do_setsockopt },
	{ SCMP_SYS(recvfrom), ox_recv_datagram },
	{ SCMP_SYS(sendto), do_sendto },
	{ SCMP_SYS(sendmsg), do_sendmsg },
	{ SCMP_SYS(sendmmsg), do_sendmmsg },
};

void ox_call_handle(struct ox_call *c)
{
	int64_t r = OX_CONTINUE;

	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (c->data.nr == handlers[i].nr)
			r = handlers[i].fn(c);
	}
	if (r == OX_CONTINUE)
		ox_call_continue(c);
	else
		ox_call_return(c, r);
}
