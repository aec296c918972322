// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * peer.c - asks about the other end of a veth, see peer.h. It may be in another
 * network namespace, of which rtnetlink says only an id: the namespaces that
 * have a name, or a process, are asked for theirs. A thread enters the
 * namespace, since a thread needn't come back.
 */
#include "control/port/peer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "control/base/ethtool.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/dp.h"
#include "ovsxdp/talk.h"

static void socket_closep(struct mnl_socket **s)
{
	if (*s)
		mnl_socket_close(*s);
}

static int nsid_see(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *a;

	mnl_attr_for_each (a, nlh, sizeof(struct rtgenmsg))
		if (mnl_attr_get_type(a) == NETNSA_NSID)
			*(int32_t *)arg = (int32_t)mnl_attr_get_u32(a);
	return 0;
}

/* The id that our namespace knows fd's by, or OX_NO_NETNSID. */
static int32_t nsid_of(struct mnl_socket *s, int fd)
{
	char buf[512] __attribute__((aligned(4)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	int32_t id = OX_NO_NETNSID;

	nlh->nlmsg_type = RTM_GETNSID;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(nlh, NETNSA_FD, (uint32_t)fd);
	return ox_nl_talk(s, nlh, nsid_see, &id, NULL) ? OX_NO_NETNSID : id;
}

/* An fd of the namespace among the files dir/ENTRY + suffix, or -ENOENT. */
static int search(struct mnl_socket *s, const char *dir, const char *suffix,
		  int32_t nsid)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	int found = -ENOENT;

	if (!d)
		return -ENOENT;
	while (found < 0 && (de = readdir(d))) {
		char path[PATH_MAX];
		_cleanup_fd_ int fd = -1;

		if (de->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", dir, de->d_name,
			 suffix);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && nsid_of(s, fd) == nsid)
			found = take_fd(fd);
	}
	closedir(d);
	return found;
}

static int netns_open(int32_t nsid)
{
	_cleanup_(socket_closep) struct mnl_socket *s = NULL;
	int fd = ox_nl_open(NETLINK_ROUTE, &s);

	if (fd)
		return fd;
	fd = search(s, "/run/netns", "", nsid);
	return fd >= 0 ? fd : search(s, "/proc", "/ns/net", nsid);
}

static int ask(uint32_t ifindex)
{
	enum ox_attach_mode mode = OX_MODE_NONE;
	struct ifreq ifr = { .ifr_ifindex = (int)ifindex };
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t prog = 0;
	int gro;

	if (fd < 0 || ioctl(fd, SIOCGIFNAME, &ifr) ||
	    ioctl(fd, SIOCGIFFLAGS, &ifr))
		return -errno;
	if (!(ifr.ifr_flags & IFF_UP))
		return 0;
	gro = ox_ethtool_get_gro(ifr.ifr_name);
	if (gro)
		return gro;
	if (ox_attach_query(ifindex, &prog, &mode))
		return 0;
	return prog && mode == OX_MODE_XDP;
}

struct question {
	int netns; /* to be asked in; -1: here */
	uint32_t ifindex;
	int answer;
};

static void *ask_there(void *arg)
{
	struct question *q = arg;

	q->answer = setns(q->netns, CLONE_NEWNET) ? -errno : ask(q->ifindex);
	return NULL;
}

int ox_peer_takes_frames(const struct ox_link *l)
{
	struct question q = { .ifindex = l->peer };
	_cleanup_fd_ int netns = -1;
	pthread_t thread;
	int err;

	if (!l->peer)
		return -ENODEV;
	if (l->peer_netnsid == OX_NO_NETNSID)
		return ask(l->peer);
	netns = netns_open(l->peer_netnsid);
	if (netns < 0)
		return netns;
	q.netns = netns;
	err = pthread_create(&thread, NULL, ask_there, &q);
	if (err)
		return -err;
	pthread_join(thread, NULL);
	return q.answer;
}
