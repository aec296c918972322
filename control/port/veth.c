// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * veth.c - pairs for internal ports; see veth.h.
 */
#include "control/port/veth.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "control/base/ethtool.h"
#include "ovsxdp/cleanup.h"

#define ALIAS "ovsxdp internal port"

/* FNV-1a, and not the flow table's hash: it makes names, which must come out
 * the same in the next daemon, whatever that hashes tables by. */
static uint32_t fnv(uint32_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		h = (h ^ *p++) * 16777619u;
	return h;
}

void ox_veth_far_name(uint64_t netns_cookie, const char *dp_folder,
		      uint32_t port_no, uint32_t salt, char out[IFNAMSIZ])
{
	uint32_t h = 2166136261u;

	h = fnv(h, &netns_cookie, sizeof(netns_cookie));
	h = fnv(h, dp_folder, strlen(dp_folder));
	h = fnv(h, &port_no, sizeof(port_no));
	h = fnv(h, &salt, sizeof(salt));
	snprintf(out, IFNAMSIZ, "ovsx%08x", h);
}

static void put_ifinfo(struct nlmsghdr *nlh, uint32_t ifindex)
{
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = (int)ifindex;
}

static int pair_create(struct ox_rtnl *r, const char *near, uint32_t ifindex,
		       const char *far, struct ox_err *e)
{
	struct nlattr *info, *data, *peer;
	struct nlmsghdr *nlh;
	uint8_t buf[512];

	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	put_ifinfo(nlh, ifindex);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, near);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	put_ifinfo(nlh, 0);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, far);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return ox_rtnl_ack(r, nlh, e);
}

/* The kernel says EEXIST for either name and for the index alike; say which
 * it is, as register_netdevice() would of the module's one device. */
static int exists_why(struct ox_rtnl *r, const char *near, uint32_t ifindex,
		      const char *far, struct ox_err *e)
{
	struct ox_link l;

	if (!ox_rtnl_get_name(r, near, &l))
		return ox_err_set(e, -EEXIST, "device %s exists already", near);
	if (ifindex && !ox_rtnl_get(r, ifindex, &l))
		return ox_err_set(e, -EBUSY, "ifindex %u is that of %s",
				  ifindex, l.name);
	return ox_err_set(e, -EADDRINUSE, "device %s exists already", far);
}

/* No link-local address, so no duplicate address detection of one and no
 * router solicitations. Needs no /proc. */
static int addresses_off(struct ox_rtnl *r, uint32_t ifindex)
{
	struct nlattr *spec, *inet6;
	struct nlmsghdr *nlh;
	uint8_t buf[128];

	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_SETLINK;
	put_ifinfo(nlh, ifindex);
	spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(nlh, AF_INET6);
	mnl_attr_put_u8(nlh, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(nlh, inet6);
	mnl_attr_nest_end(nlh, spec);
	return ox_rtnl_ack(r, nlh, NULL);
}

/* No groups joined either: a router's namespace joins ff02::2 on each device,
 * with an MLD report from "::". Netlink can't say it. */
static int ipv6_off(const char *name)
{
	char path[64];
	_cleanup_fd_ int fd = -1;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6",
		 name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, "1", 1) != 1 ? -errno : 0;
}

/* EAFNOSUPPORT and ENOENT: a kernel without IPv6, or with none on there. */
int ox_veth_silence(struct ox_rtnl *r, const struct ox_link *far,
		    struct ox_err *e)
{
	int err = addresses_off(r, far->ifindex);

	if (!err || err == -EAFNOSUPPORT)
		err = ipv6_off(far->name);
	if (!err || err == -ENOENT)
		return 0;
	return ox_err_set(e, err,
			  "%s: can't turn IPv6 off, it may send MLD reports: "
			  "%s (is /proc/sys writable?)",
			  far->name, strerror(-err));
}

static int pair_setup(struct ox_rtnl *r, const char *near, const char *far,
		      struct ox_link *near_link, struct ox_link *far_link,
		      struct ox_err *e)
{
	int err = ox_rtnl_get_name(r, near, near_link);

	if (!err)
		err = ox_rtnl_get_name(r, far, far_link);
	if (err)
		return ox_err_set(e, err, "%s: can't read the new device: %s",
				  near, strerror(-err));
	err = ox_ethtool_set_gro(near, true);
	if (err)
		return ox_err_set(e, err, "%s: can't turn GRO on: %s", near,
				  strerror(-err));
	/* Only a hint for people who list devices. */
	ox_rtnl_set_alias(r, near_link->ifindex, ALIAS, NULL);
	return 0;
}

int ox_veth_create(struct ox_rtnl *r, const char *near, uint32_t want_ifindex,
		   const char *far, struct ox_link *near_link,
		   struct ox_link *far_link, struct ox_err *e)
{
	int err = pair_create(r, near, want_ifindex, far, e);

	if (err == -EEXIST || err == -EBUSY)
		return exists_why(r, near, want_ifindex, far, e);
	if (err)
		return err;
	err = pair_setup(r, near, far, near_link, far_link, e);
	if (err)
		ox_veth_delete_orphan(r, near, far);
	return err;
}

/* The daemon's near end may be in another network namespace by now; far's name
 * alone says then whose it is. */
void ox_veth_delete_orphan(struct ox_rtnl *r, const char *near, const char *far)
{
	struct ox_link n, f;

	if (ox_rtnl_get_name(r, far, &f) || strcmp(f.kind, "veth"))
		return;
	if (f.peer_netnsid == OX_NO_NETNSID &&
	    (ox_rtnl_get_name(r, near, &n) || f.peer != n.ifindex))
		return;
	ox_rtnl_del(r, f.ifindex, NULL);
}
