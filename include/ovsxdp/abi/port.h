/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/port.h - a port, its device, and what it has counted. A part of
 * ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_PORT_H
#define OVSXDP_ABI_PORT_H

#include <linux/types.h>

#include "ovsxdp/abi/base.h"

#define OX_PORT_PIDS 240 /* OVS_VPORT_ATTR_UPCALL_PID kept */

/* struct ovs_vport_stats, same order; map "pstats", per CPU. */
struct ox_port_stats {
	__u64 rx_packets;
	__u64 tx_packets;
	__u64 rx_bytes;
	__u64 tx_bytes;
	__u64 rx_errors;
	__u64 tx_errors;
	__u64 rx_dropped;
	__u64 tx_dropped;
};
_Static_assert(sizeof(struct ox_port_stats) == 64, "ox_port_stats");

/*
 * What a port has for user space; map "upcalls", per CPU, by port number. A
 * port may hold on each CPU at most half as much of the ring as is free. How
 * much it holds is known by the ring's own places, so there is nothing that a
 * daemon could forget to give back.
 */
struct ox_port_upcalls {
	__u64 mark;   /* a place of the ring */
	__u32 before; /* bytes put before it; none when it has been read */
	__u32 after;  /* and from there on */
	__u64 lost;   /* packets that user space should have got */
};
_Static_assert(sizeof(struct ox_port_upcalls) == 24, "ox_port_upcalls");

/* A port as the data plane reads it; map "ports", by port number. */
struct ox_port {
	__u32 ifindex;	 /* device that carries the frames; 0: no such port,
			  * or one with OX_PORT_NATIVE. Internal port: the far
			  * end of its veth pair */
	__u32 flags;	 /* OX_PORT_* */
	__u32 mtu;	 /* of that device, without Ethernet header */
	__u32 xsk_base;	 /* first index in the map "xsks" */
	__u32 n_xsk;	 /* receive queues with an AF_XDP socket */
	__u32 no_meta;	 /* set by XDP: this driver takes no metadata, so a list
			  * that may move down starts in the skb tier */
	__u16 tun_kind;	 /* enum ovs_vport_type of a tunnel's port; else 0 */
	__be16 tun_port; /* its UDP port, or 0 */
	__u32 tun_exts;	 /* extensions of the kind: OX_TUN_EXT_* */
	__u32 pad[8];
};
_Static_assert(sizeof(struct ox_port) == 64, "ox_port");
#define OX_PORT_UP 0x01 /* device is up with carrier */
/* XDP_REDIRECT doesn't reach it: docs/facts.md, V1. */
#define OX_PORT_NO_XMIT 0x02
#define OX_PORT_SKB_RX                                                       \
	0x04		     /* native XDP over skbs (veth, tap): frames may \
			      * have a partial checksum (docs/facts.md, V2) */
#define OX_PORT_GENERIC 0x08 /* generic XDP: the skb keeps its metadata */
#define OX_PORT_L3	0x10 /* ARPHRD_NONE: packets without Ethernet */
#define OX_PORT_SKB_TIER                                                 \
	0x40 /* the skb tier's program is on the device: what XDP can't  \
	      * do is passed to it. Else it is dropped: the host's stack \
	      * must not see it */
#define OX_PORT_PEER                                                         \
	0x20 /* a veth whose other end is in another namespace: the skb tier \
	      * may use bpf_redirect_peer() */

/* A tunnel's device in collect-metadata mode: the skb tier alone takes packets
 * from it with their tunnel key, and gives them one. */
#define OX_PORT_TUNNEL 0x80
/* A tunnel's port without a device: encapsulation of our own. */
#define OX_PORT_NATIVE 0x100
/* enum ovs_vport_type of tunnels, for programs. */
#define OX_VPORT_GRE	   3
#define OX_VPORT_VXLAN	   4
#define OX_VPORT_GENEVE	   5
#define OX_VPORT_ERSPAN	   107
#define OX_VPORT_IP6ERSPAN 108
#define OX_VPORT_IP6GRE	   109
#define OX_TUN_EXT_GBP	   0x1 /* VXLAN: Group Based Policy */
#define OX_TUN_EXT_GPE	   0x2 /* VXLAN: Generic Protocol Extension */
#define OX_TUN_EXT_MPLS	   0x4 /* bareudp: multiproto */

/* The part of a port that only user space reads; map "uports". */
struct ox_uport {
	__u8 name[OX_NAME_LEN];
	__u32 type;	  /* enum ovs_vport_type; 0: no such port */
	__u32 ifindex;	  /* the device that the user sees */
	__u32 mode_asked; /* enum ox_attach_mode */
	__u32 mode;	  /* in force */
	__u32 flags;	  /* OX_UPORT_* */
	__u32 n_pids;
	__u32 pids[OX_PORT_PIDS];  /* OVS_VPORT_ATTR_UPCALL_PID */
	struct ox_port_stats host; /* counted by the user tier: add these */
	struct ox_port_stats base; /* set by the client: add these (signed) */
	__u64 upcall_success;	   /* OVS_VPORT_UPCALL_ATTR_SUCCESS */
	__u64 upcall_fail;
	__u32 upper;	 /* ifindex of what is on the device; 0: not known */
	__u32 upper_how; /* enum ox_upper_how */
	__u8 mac[6];	 /* of the device "ifindex", as it was last seen */
	__u8 pad0[2];
	__u64 pad[111];
};
_Static_assert(sizeof(struct ox_uport) == 2048, "ox_uport");
/* What else would have the packets of a netdev port, and gets none. */
enum ox_upper_how {
	OX_UPPER_NONE,
	OX_UPPER_MASTER,  /* its master: a bridge, a bond */
	OX_UPPER_STACKED, /* a macvlan or its like, maybe in another netns */
	OX_UPPER_VLANS,	  /* VLAN devices */
};
#define OX_UPORT_ATTACHED 0x1  /* we attached the program: take it off */
#define OX_UPORT_PROMISC  0x2  /* we made it promiscuous: take that back */
#define OX_UPORT_TC	  0x4  /* we attached the skb tier: take it off */
#define OX_UPORT_LRO	  0x8  /* we turned LRO off: turn it on again */
#define OX_UPORT_REFUSED  0x10 /* the driver refused native XDP */
#define OX_UPORT_OURS	  0x20 /* we made the tunnel's device: delete it */
#define OX_UPORT_NO_KIND  0x40 /* the kernel has no device for the tunnel */
#define OX_UPORT_BRIDGED  0x80 /* its tunnel's device is in our bridge */

enum ox_attach_mode {
	OX_MODE_AUTO = 0,
	OX_MODE_XDP = 1, /* native */
	OX_MODE_XDP_GENERIC = 2,
	OX_MODE_NONE = 3, /* asked: leave attaching to the person.
			   * In force: no program is attached */
	OX_MODE_TC = 4,	  /* the skb tier alone. In the modes of XDP it is there
			   * too, after it */
};

/* What "ovsxdp_upper" (bpf/upper.bpf.c) is asked, and the bits it returns. */
struct ox_upper_args {
	__u32 ifindex;
};
#define OX_UPPER_KNOWN 0x1 /* the device exists; else all is 0 */
#define OX_UPPER_HANDLER                                                      \
	0x2		     /* it has an rx_handler: a bridge's, a macvlan's \
			      */
#define OX_UPPER_VLAN	 0x4 /* VLAN devices are on it */
#define OX_UPPER_REFUSES 0x8 /* IFF_NO_RX_HANDLER: it mustn't have any */

#endif /* OVSXDP_ABI_PORT_H */
