// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * link.c - link messages to struct ox_link, and what a port's flags follow
 * from; see link.h.
 */
#include "control/port/link.h"

#include <errno.h>
#include <string.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

static uint32_t get_u32(const struct nlattr *a)
{
	uint32_t v = 0;

	if (mnl_attr_get_payload_len(a) >= sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return v;
}

static void get_str(const struct nlattr *a, char *out, size_t size)
{
	size_t n = mnl_attr_get_payload_len(a);

	n = n < size ? n : size - 1;
	memcpy(out, mnl_attr_get_payload(a), n);
	out[n] = '\0';
}

static void parse_info(const struct nlattr *nest, struct ox_link *l)
{
	const struct nlattr *a, *data = NULL;

	mnl_attr_for_each_nested (a, nest) {
		if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
			get_str(a, l->kind, sizeof(l->kind));
		if (mnl_attr_get_type(a) == IFLA_INFO_DATA)
			data = a;
	}
	ox_link_tunnel_parse(data, l);
}

/*
 * A device can carry a native and a generic program at once
 * (XDP_ATTACHED_MULTI); the native one meets the frames first.
 */
static void parse_xdp(const struct nlattr *nest, struct ox_link *l)
{
	uint32_t id = 0, drv = 0, skb = 0;
	uint8_t attached = XDP_ATTACHED_NONE;
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, nest) {
		switch (mnl_attr_get_type(a)) {
		case IFLA_XDP_ATTACHED:
			if (mnl_attr_get_payload_len(a) >= 1)
				attached = mnl_attr_get_u8(a);
			break;
		case IFLA_XDP_PROG_ID:
			id = get_u32(a);
			break;
		case IFLA_XDP_DRV_PROG_ID:
			drv = get_u32(a);
			break;
		case IFLA_XDP_SKB_PROG_ID:
			skb = get_u32(a);
			break;
		}
	}
	if (attached == XDP_ATTACHED_NONE)
		return;
	if (attached == XDP_ATTACHED_SKB || (!drv && skb)) {
		l->xdp_prog_id = skb ? skb : id;
		l->xdp_mode = OX_MODE_XDP_GENERIC;
	} else {
		l->xdp_prog_id = drv ? drv : id;
		l->xdp_mode = OX_MODE_XDP;
	}
}

static void parse_stats(const struct nlattr *a, struct ox_link *l)
{
	struct rtnl_link_stats64 s;
	size_t n = mnl_attr_get_payload_len(a);

	memset(&s, 0, sizeof(s));
	memcpy(&s, mnl_attr_get_payload(a), n < sizeof(s) ? n : sizeof(s));
	l->stats = (struct ox_port_stats){
		.rx_packets = s.rx_packets,
		.tx_packets = s.tx_packets,
		.rx_bytes = s.rx_bytes,
		.tx_bytes = s.tx_bytes,
		.rx_errors = s.rx_errors,
		.tx_errors = s.tx_errors,
		.rx_dropped = s.rx_dropped,
		.tx_dropped = s.tx_dropped,
	};
}

static void parse_attr(const struct nlattr *a, struct ox_link *l)
{
	switch (mnl_attr_get_type(a)) {
	case IFLA_IFNAME:
		get_str(a, l->name, sizeof(l->name));
		break;
	case IFLA_QDISC:
		get_str(a, l->qdisc, sizeof(l->qdisc));
		break;
	case IFLA_MTU:
		l->mtu = get_u32(a);
		break;
	case IFLA_MASTER:
		l->master = get_u32(a);
		break;
	case IFLA_LINK:
		l->peer = get_u32(a);
		break;
	case IFLA_LINK_NETNSID:
		l->peer_netnsid = (int32_t)get_u32(a);
		break;
	case IFLA_NEW_NETNSID:
		l->moved_netnsid = (int32_t)get_u32(a);
		break;
	case IFLA_NEW_IFINDEX:
		l->moved_ifindex = get_u32(a);
		break;
	case IFLA_ADDRESS:
		if (mnl_attr_get_payload_len(a) == sizeof(l->mac))
			memcpy(l->mac, mnl_attr_get_payload(a), sizeof(l->mac));
		break;
	case IFLA_LINKINFO:
		parse_info(a, l);
		break;
	case IFLA_XDP:
		parse_xdp(a, l);
		break;
	case IFLA_STATS64:
		parse_stats(a, l);
		break;
	}
}

int ox_link_parse(const struct nlmsghdr *nlh, struct ox_link *l)
{
	const struct ifinfomsg *ifi;
	const struct nlattr *attr;

	if ((nlh->nlmsg_type != RTM_NEWLINK &&
	     nlh->nlmsg_type != RTM_DELLINK) ||
	    nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*ifi)))
		return -EBADMSG;
	ifi = mnl_nlmsg_get_payload(nlh);
	if (ifi->ifi_family != AF_UNSPEC)
		return -ENOMSG;
	memset(l, 0, sizeof(*l));
	l->ifindex = (uint32_t)ifi->ifi_index;
	l->flags = ifi->ifi_flags;
	l->type = ifi->ifi_type;
	l->peer_netnsid = OX_NO_NETNSID;
	l->moved_netnsid = OX_NO_NETNSID;
	l->xdp_mode = OX_MODE_NONE;
	/* mnl_attr_for_each() would round the message's length up. */
	mnl_attr_for_each_payload ((const void *)(ifi + 1),
				   nlh->nlmsg_len - NLMSG_LENGTH(sizeof(*ifi)))
		parse_attr(attr, l);
	return 0;
}

bool ox_link_is_skb_borne(const struct ox_link *l)
{
	return !strcmp(l->kind, "veth") || !strcmp(l->kind, "tun");
}

bool ox_link_is_l3(const struct ox_link *l)
{
	return l->type == ARPHRD_NONE;
}

bool ox_link_wants_promisc(const struct ox_link *l)
{
	return !(l->flags & IFF_PROMISC) && !ox_link_is_tunnel(l);
}

bool ox_link_is_frame_borne(const struct ox_link *l)
{
	return !l->kind[0] && !ox_link_is_l3(l);
}

enum ox_attach_mode ox_link_auto_mode(const struct ox_link *l)
{
	return ox_link_is_frame_borne(l) ? OX_MODE_XDP : OX_MODE_TC;
}

/*
 * docs/facts.md, V1. Kernels before 6.3 don't say. There a NIC driver that runs
 * native XDP transmits it too, and a virtual device may have nobody to take the
 * frames. The daemon's own pair has GRO on at the near end, hence NAPI.
 */
static bool frames_arrive(const struct ox_link *l, const struct ox_link_use *u)
{
	if (u->xmit >= 0)
		return u->xmit;
	return u->internal || !l->kind[0];
}

/*
 * bpf_redirect_peer() delivers behind the other end's driver, without this
 * end's qdisc: not where an administrator has set one up. It drops what would
 * stay in this namespace.
 */
static bool peer_reachable(const struct ox_link *l, const struct ox_link_use *u)
{
	return (u->knobs & OX_KNOB_REDIRECT_PEER) && u->mode == OX_MODE_TC &&
	       !strcmp(l->kind, "veth") && l->peer_netnsid != OX_NO_NETNSID &&
	       !strcmp(l->qdisc, "noqueue");
}

uint32_t ox_link_port_flags(const struct ox_link *l,
			    const struct ox_link_use *use)
{
	uint32_t flags = 0;

	if ((l->flags & IFF_UP) && (l->flags & OX_IFF_LOWER_UP))
		flags |= OX_PORT_UP;
	if (use->mode != OX_MODE_NONE)
		flags |= OX_PORT_SKB_TIER; /* it runs after XDP, too */
	if (use->mode == OX_MODE_XDP_GENERIC)
		flags |= OX_PORT_GENERIC;
	else if (use->mode == OX_MODE_XDP && ox_link_is_skb_borne(l))
		flags |= OX_PORT_SKB_RX;
	if (ox_link_is_tunnel(l))
		flags |= OX_PORT_TUNNEL | OX_PORT_NO_XMIT;
	else if (!frames_arrive(l, use))
		flags |= OX_PORT_NO_XMIT;
	if (ox_link_is_l3(l))
		flags |= OX_PORT_L3;
	if (peer_reachable(l, use))
		flags |= OX_PORT_PEER;
	return flags;
}
