// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * netns.c - other network namespaces; see netns.h. Of one that a device went
 * to, rtnetlink says only an id.
 */
#include "control/port/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "control/port/link.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/talk.h"

struct visit {
	int32_t netnsid; /* looked for; OX_NO_NETNSID: all */
	int (*fn)(void *arg);
	void *arg;
	int home;
	struct mnl_socket *s; /* in the daemon's namespace */
	ino_t *seen;
	size_t n_seen;
};

static void visit_end(struct visit *v)
{
	if (v->s)
		mnl_socket_close(v->s);
	if (v->home >= 0)
		close(v->home);
	free(v->seen);
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

/* Was it looked at before? Most processes share one. */
static bool seen(struct visit *v, int fd)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st))
		return true;
	for (size_t i = 0; i < v->n_seen; i++)
		if (v->seen[i] == st.st_ino)
			return true;
	p = reallocarray(v->seen, v->n_seen + 1, sizeof(*v->seen));
	if (!p)
		return false;
	v->seen = p;
	v->seen[v->n_seen++] = st.st_ino;
	return false;
}

static int visit_one(struct visit *v, const char *path)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0 || seen(v, fd))
		return -ENOENT;
	if (v->netnsid != OX_NO_NETNSID && nsid_of(v->s, fd) != v->netnsid)
		return -ENOENT;
	if (setns(fd, CLONE_NEWNET))
		return -ENOENT;
	err = v->fn(v->arg);
	return setns(v->home, CLONE_NEWNET) ? -errno : err;
}

/* Of the files dir/ENTRY + suffix. */
static int visit_all(struct visit *v, const char *dir, const char *suffix)
{
	DIR *d = opendir(dir);
	int err = -ENOENT;
	struct dirent *de;

	if (!d)
		return -ENOENT;
	while (err == -ENOENT && (de = readdir(d))) {
		char path[PATH_MAX];

		if (de->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", dir, de->d_name,
			 suffix);
		err = visit_one(v, path);
	}
	closedir(d);
	return err;
}

int ox_netns_visit(int32_t netnsid, int (*fn)(void *arg), void *arg)
{
	_cleanup_(visit_end) struct visit v = { netnsid, fn, arg, .home = -1 };
	int err;

	/* of the thread that the loop runs in */
	v.home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (v.home < 0 || setns(v.home, CLONE_NEWNET))
		return -errno;
	seen(&v, v.home);
	err = ox_nl_open(NETLINK_ROUTE, &v.s);
	if (!err)
		err = visit_all(&v, "/run/netns", "");
	return err == -ENOENT ? visit_all(&v, "/proc", "/ns/net") : err;
}
