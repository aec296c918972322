// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * caller.c - the process behind a call: its socket, memory, rights and
 * network namespace. Whatever is read here counts only if the call still
 * waits afterwards (call.c asks): else it may be another process's that got
 * the number.
 */
#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ovsxdp/cleanup.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#define CACHE 256 /* threads whose process is known */

/* Of the one thread that receives. */
static struct {
	pid_t tid, tgid;
	int pidfd;
} cache[CACHE];

static pid_t tgid_of(pid_t tid)
{
	_cleanup_file_ FILE *f = NULL;
	char name[32], line[128];
	int tgid = 0;

	snprintf(name, sizeof(name), "/proc/%d/status", tid);
	f = fopen(name, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Tgid: %d", &tgid) == 1)
			break;
	}
	return tgid;
}

static int get_fd(struct ox_call *c, int fd)
{
	unsigned int i = (unsigned int)c->tid % CACHE;
	int sock;

	/* still the process that we opened, and the thread still of it? */
	if (cache[i].tid == c->tid && !tgkill(cache[i].tgid, c->tid, 0)) {
		c->tgid = cache[i].tgid;
		sock = pidfd_getfd(cache[i].pidfd, fd, 0);
		if (sock >= 0 || errno != ESRCH)
			return sock;
	}
	if (cache[i].tid)
		close(cache[i].pidfd);
	cache[i].tid = 0;
	c->tgid = tgid_of(c->tid);
	if (c->tgid <= 0)
		return -1;
	cache[i].pidfd = pidfd_open(c->tgid, 0);
	if (cache[i].pidfd < 0)
		return -1;
	cache[i].tgid = c->tgid;
	cache[i].tid = c->tid;
	return pidfd_getfd(cache[i].pidfd, fd, 0);
}

/* Does conntrack of the program mean ours? Not where its starter said so. */
static bool has_ct(void)
{
	const char *ct = getenv("OVSXDP_CT");

	return !ct || strcmp(ct, "kernel");
}

/* The protocol of a socket of ours; -1: it is none. */
static int protocol_of(int fd)
{
	int domain = 0, protocol = 0;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) ||
	    (protocol != NETLINK_GENERIC && protocol != NETLINK_NETFILTER))
		return -1;
	len = sizeof(int);
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
	    domain != AF_NETLINK)
		return -1;
	return protocol == NETLINK_NETFILTER && !has_ct() ? -1 : protocol;
}

int ox_caller_socket(struct ox_call *c)
{
	_cleanup_fd_ int sock = get_fd(c, (int)c->data.args[0]);
	socklen_t len = sizeof(c->netns);

	c->protocol = sock < 0 ? -1 : protocol_of(sock);
	if (c->protocol < 0)
		return -ENOTSOCK;
	if (getsockopt(sock, SOL_SOCKET, SO_NETNS_COOKIE, &c->netns, &len))
		return -errno;
	c->sock = take_fd(sock);
	return 0;
}

int ox_caller_readv(pid_t tid, const struct iovec *from, size_t n, void *buf,
		    size_t len)
{
	struct iovec to = { buf, len };

	if (process_vm_readv(tid, &to, 1, from, n, 0) != (ssize_t)len)
		return -EFAULT;
	return 0;
}

int ox_caller_read(pid_t tid, uint64_t addr, void *buf, size_t len)
{
	struct iovec from = { (void *)(uintptr_t)addr, len };

	return ox_caller_readv(tid, &from, 1, buf, len);
}

int ox_caller_write(pid_t tid, uint64_t addr, const void *buf, size_t len)
{
	struct iovec from = { (void *)buf, len };
	struct iovec to = { (void *)(uintptr_t)addr, len };

	if (process_vm_writev(tid, &from, 1, &to, 1, 0) != (ssize_t)len)
		return -EFAULT;
	return 0;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Is the socket's network namespace one of the user namespace userns? */
static bool is_owner(int sock, const struct stat *userns)
{
	_cleanup_fd_ int net = ioctl(sock, SIOCGSKNS);
	_cleanup_fd_ int owner = net < 0 ? -1 : ioctl(net, NS_GET_USERNS);
	struct stat st;

	return owner >= 0 && !fstat(owner, &st) && is_same_file(&st, userns);
}

bool ox_caller_is_admin(const struct ox_call *c)
{
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3, .pid = c->tid
	};
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = { 0 };
	struct stat its, ours;
	char name[32];

	if (syscall(SYS_capget, &h, d) ||
	    !(d[CAP_TO_INDEX(CAP_NET_ADMIN)].effective &
	      CAP_TO_MASK(CAP_NET_ADMIN)))
		return false;
	/* capabilities are those of its user namespace */
	snprintf(name, sizeof(name), "/proc/%d/ns/user", c->tid);
	if (stat(name, &its) || stat("/proc/self/ns/user", &ours))
		return false;
	return is_same_file(&its, &ours) || is_owner(c->sock, &its);
}

int ox_caller_netns(const struct ox_call *c)
{
	static __thread uint64_t here;
	_cleanup_fd_ int net = -1;

	if (here == c->netns)
		return 0;
	net = ioctl(c->sock, SIOCGSKNS);
	if (net < 0 || setns(net, CLONE_NEWNET))
		return -errno;
	here = c->netns;
	return 0;
}

/* The kernel would take the number of the process that binds: ours. */
static int bind_new(const struct ox_call *c, struct sockaddr_nl *me)
{
	uint32_t r = 0;

	me->nl_family = AF_NETLINK;
	me->nl_pid = (uint32_t)c->tgid;
	for (int i = 0; i < 64; i++) {
		if (!bind(c->sock, (struct sockaddr *)me, sizeof(*me)))
			return 0;
		if (errno != EADDRINUSE)
			return -1;
		if (getrandom(&r, sizeof(r), 0) < 0)
			return -1;
		me->nl_pid = 0x80000000u | (r & 0x7fffefffu);
	}
	return -1;
}

uint32_t ox_caller_portid(const struct ox_call *c)
{
	struct sockaddr_nl me = { 0 };
	socklen_t len = sizeof(me);

	if (getsockname(c->sock, (struct sockaddr *)&me, &len))
		return 0;
	if (!me.nl_pid && bind_new(c, &me)) {
		/* another thread's call may have been faster: EINVAL */
		len = sizeof(me);
		if (getsockname(c->sock, (struct sockaddr *)&me, &len))
			return 0;
	}
	return me.nl_pid;
}
