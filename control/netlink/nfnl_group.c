// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * nfnl_group.c - groups of NETLINK_NETFILTER, which the kernel keeps
 * (include/ovsxdp/nl.h): it delivers, and a socket that is full gets ENOBUFS
 * from it. Nobody tells the daemon that a member has left, so it looks.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "control/netlink/genl_int.h"
#include "ovsxdp/cleanup.h"

void ox_nfnl_on_join(struct ox_genl *main, int (*fn)(void *arg), void *arg)
{
	main->nf->on_join = fn;
	main->nf->on_join_arg = arg;
}

int ox_nfnl_join(struct ox_genl *main, uint32_t group)
{
	struct ox_genl *g = main->nf;

	if (!OX_NFNLGRP_IS_CT(group))
		return -EINVAL;
	return g && g->on_join ? g->on_join(g->on_join_arg) : -EOPNOTSUPP;
}

int ox_nfnl_tell(struct ox_genl *main, uint32_t group, const void *msg,
		 uint32_t len)
{
	struct iovec iov = { (void *)msg, len };

	return ox_transport_tell(main->nf->fd, OX_NFNLGRP_OURS(group), &iov, 1);
}

/* sk eth pid groups rmem wmem dump locks drops inode */
static bool ear_of(const char *line, struct ox_nfnl_ear *e)
{
	unsigned int proto, groups;

	return sscanf(line, "%*s %u %*u %x", &proto, &groups) == 2 &&
	       proto == NETLINK_NETFILTER && (groups & OX_NFNLGRPS_OURS) &&
	       sscanf(line,
		      "%*s %*s %*s %*s %*s %*s %*s %*s %" SCNu32 " %" SCNu64,
		      &e->drops, &e->inode) == 2;
}

int ox_nfnl_ears(struct ox_nfnl_ear *ears, int max)
{
	/* not /proc/net: that is the main thread's namespace */
	_cleanup_file_ FILE *f = fopen("/proc/thread-self/net/netlink", "re");
	char line[256];
	int n = 0;

	if (!f)
		return -errno;
	while (n < max && fgets(line, sizeof(line), f))
		n += ear_of(line, &ears[n]);
	return n;
}
