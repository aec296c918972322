/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * link.h - a network device as RTM_NEWLINK and RTM_DELLINK describe it,
 * turned into a plain struct. No socket.
 */
#ifndef OVSXDP_LINK_H
#define OVSXDP_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <net/if.h>
#include <libmnl/libmnl.h>

#include "ovsxdp/abi.h"

/* Carrier: IFF_LOWER_UP, which net/if.h doesn't have. */
#define OX_IFF_LOWER_UP 0x10000

#define OX_NO_NETNSID (-1)

/* A tunnel whose packets bring their key (`external` of `ip link`), as
 * struct ox_port has it. */
struct ox_link_tunnel {
	uint16_t kind; /* enum ovs_vport_type; 0: it is no such device */
	__be16 port;   /* UDP, or 0 */
	uint32_t exts; /* OX_TUN_EXT_* */
};

struct ox_link {
	uint32_t ifindex;
	uint32_t flags; /* IFF_*; IFF_PROMISC: asked for by an administrator */
	uint32_t mtu;
	uint32_t master;       /* ifindex, 0: none */
	uint32_t peer;	       /* veth: ifindex of the other end, 0: not told */
	int32_t peer_netnsid;  /* where that is; OX_NO_NETNSID: here */
	int32_t moved_netnsid; /* DELLINK: the namespace it went to, */
	uint32_t moved_ifindex; /* and its index there */
	uint16_t type;		/* ARPHRD_* */
	uint8_t mac[6];		/* zero where it has no such address */
	char name[IFNAMSIZ];
	char kind[IFNAMSIZ]; /* "veth", "tun", ...; empty: a NIC */
	struct ox_link_tunnel tun;
	char qdisc[IFNAMSIZ];	      /* of the root; "noqueue": none */
	uint32_t xdp_prog_id;	      /* 0: none */
	enum ox_attach_mode xdp_mode; /* of that program, else OX_MODE_NONE */
	struct ox_port_stats stats;   /* in the device's own direction */
};

/*
 * Fills *l from a link message. -EBADMSG if it is none or cut short, -ENOMSG
 * for one that isn't about a device as such (bridge ports: AF_BRIDGE).
 */
int ox_link_parse(const struct nlmsghdr *nlh, struct ox_link *l);

/* May frames on this device be skbs with metadata that XDP doesn't see
 * (OX_PORT_SKB_RX)? */
bool ox_link_is_skb_borne(const struct ox_link *l);
/* Do frames come from a driver, so that XDP meets them before there is an
 * skb? True of NICs and virtio, the devices without a kind. */
bool ox_link_is_frame_borne(const struct ox_link *l);
/* Fills l->tun; l->kind is known. info: the nest IFLA_INFO_DATA, or NULL. */
void ox_link_tunnel_parse(const struct nlattr *info, struct ox_link *l);
/* Do its packets bring a tunnel key? Only an skb has one. */
bool ox_link_is_tunnel(const struct ox_link *l);
/* Must it be made promiscuous, so that a port on it gets all frames? A tunnel
 * has no filter. */
bool ox_link_wants_promisc(const struct ox_link *l);
/* ARPHRD_NONE: packets without an Ethernet header. */
bool ox_link_is_l3(const struct ox_link *l);

/* What a port's flags depend on beside its device. */
struct ox_link_use {
	enum ox_attach_mode mode; /* in force */
	bool internal;		  /* the far end of one of our own pairs */
	int xmit;		  /* ox_xdp_xmit_query()'s answer */
	uint32_t knobs;		  /* OX_KNOB_* */
};
/* OX_PORT_* of a port on this device. */
uint32_t ox_link_port_flags(const struct ox_link *l,
			    const struct ox_link_use *use);
/* The attach mode that "auto" means on this device: native XDP (if its driver
 * takes it) or the skb tier alone. */
enum ox_attach_mode ox_link_auto_mode(const struct ox_link *l);

#endif /* OVSXDP_LINK_H */
