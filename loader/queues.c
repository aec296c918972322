// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * queues.c - how many receive queues a device has. Not from sysfs: what is
 * mounted there may belong to another network namespace.
 */
#include "loader/xsk.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/talk.h"

static int from_ethtool(const char *ifname, uint32_t *n)
{
	struct ethtool_channels ch = { .cmd = ETHTOOL_GCHANNELS };
	struct ifreq ifr = { .ifr_data = (void *)&ch };
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	memcpy(ifr.ifr_name, ifname, IFNAMSIZ);
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		return -errno;
	*n = ch.rx_count + ch.combined_count;
	return *n ? 0 : -ENODATA;
}

static int see(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *a;

	mnl_attr_for_each (a, nlh, sizeof(struct ifinfomsg))
		if (mnl_attr_get_type(a) == IFLA_NUM_RX_QUEUES &&
		    mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
			*(uint32_t *)data = mnl_attr_get_u32(a);
	return 0;
}

/* The queues allocated: real ones may be fewer. */
static int from_link(uint32_t ifindex, uint32_t *n)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;
	int err;

	nlh->nlmsg_type = RTM_GETLINK;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = ifindex;
	err = ox_nl_ask(NETLINK_ROUTE, nlh, see, n);
	return err || *n ? err : -ENODATA;
}

int ox_queues_count(uint32_t ifindex, const char *ifname, uint32_t *n)
{
	*n = 0;
	return from_ethtool(ifname, n) ? from_link(ifindex, n) : 0;
}
