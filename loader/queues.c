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
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>

#include "ovsxdp/cleanup.h"

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

static int attr_cb(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == IFLA_NUM_RX_QUEUES &&
	    mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
		*(uint32_t *)data = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int msg_cb(const struct nlmsghdr *nlh, void *data)
{
	return mnl_attr_parse(nlh, sizeof(struct ifinfomsg), attr_cb, data);
}

static int ask_link(struct mnl_socket *s, uint32_t ifindex, uint32_t *n)
{
	char buf[32768];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;
	ssize_t len;

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = ifindex;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(s, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	len = mnl_socket_recvfrom(s, buf, sizeof(buf));
	if (len < 0 || mnl_cb_run(buf, len, 0, 0, msg_cb, n) < 0)
		return -errno;
	return *n ? 0 : -ENODATA;
}

/* The queues allocated: real ones may be fewer. */
static int from_link(uint32_t ifindex, uint32_t *n)
{
	struct mnl_socket *s = mnl_socket_open(NETLINK_ROUTE);
	int err;

	if (!s)
		return -errno;
	err = ask_link(s, ifindex, n);
	mnl_socket_close(s);
	return err;
}

int ox_queues_count(uint32_t ifindex, const char *ifname, uint32_t *n)
{
	*n = 0;
	return from_ethtool(ifname, n) ? from_link(ifindex, n) : 0;
}
