/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * nl.h - the numbers that ovsxdpd and its clients agree on beyond
 * linux/openvswitch.h: port id, family ids, multicast groups, and the
 * private family "ovsxdp". Part of the public interface (docs/abi.md).
 */
#ifndef OVSXDP_NL_H
#define OVSXDP_NL_H

/* The daemon's netlink port id in its network namespace: "OVSX". */
#define OX_NL_PORTID 0x4f565358u

/* Family ids. The kernel hands out 16 to 1023 (GENL_MAX_ID). */
#define OX_GENL_DATAPATH    0x4f00
#define OX_GENL_VPORT	    0x4f01
#define OX_GENL_FLOW	    0x4f02
#define OX_GENL_PACKET	    0x4f03
#define OX_GENL_METER	    0x4f04
#define OX_GENL_CT_LIMIT    0x4f05
#define OX_GENL_OVSXDP	    0x4f0f
#define OX_GENL_IS_OURS(id) (((id)&0xfff0) == 0x4f00)

/* Multicast group ids, as told by CTRL_CMD_GETFAMILY. */
#define OX_MCGRP_DATAPATH   0x4f565300u
#define OX_MCGRP_VPORT	    0x4f565301u
#define OX_MCGRP_FLOW	    0x4f565302u
#define OX_MCGRP_METER	    0x4f565303u
#define OX_MCGRP_CT_LIMIT   0x4f565304u
#define OX_MCGRP_DROP	    0x4f565305u /* OX_CMD_DROP */
#define OX_MCGRP_COUNT	    6
#define OX_MCGRP_IS_OURS(g) ((g)-OX_MCGRP_DATAPATH < OX_MCGRP_COUNT)

/*
 * Groups of NETLINK_NETFILTER. What happens to the daemon's connections is told
 * to other groups than NFNLGRP_CONNTRACK_NEW to _EXP_DESTROY (1 to 6), where
 * the kernel tells of its own: 16 further on. The kernel uses none of these,
 * and lets any socket with CAP_NET_ADMIN join them. Who joins says so by
 * OX_CMD_SUBSCRIBE with OX_A_PROTOCOL.
 */
#define OX_NFNLGRP_SHIFT    16
#define OX_NFNLGRP_IS_CT(g) ((g)-1u < 6u)
#define OX_NFNLGRP_OURS(g)  ((g) + OX_NFNLGRP_SHIFT)
#define OX_NFNLGRPS_CT	    0x3fu /* the bits of 1 to 6 */
#define OX_NFNLGRPS_OURS    (OX_NFNLGRPS_CT << OX_NFNLGRP_SHIFT)

/*
 * nlmsg_flags bit that a merged GETFAMILY dump carries (docs/facts.md, T6): the
 * daemon sends its families without NLMSG_DONE, the kernel's dump follows.
 */
#define OX_NLM_F_NO_DONE 0x8000

/*
 * nlmsg_flags bits of a datagram's first message, by which a datagram that a
 * dying daemon had can be sent again without being done twice. A socket's
 * datagrams take turns 1, 2, 3, 1, ... (0: never sent again), and AGAIN says
 * that this may not be the first time. The daemon notes how many messages of a
 * port id's latest turn it has answered (struct ox_turn in abi.h) and leaves
 * these out.
 */
#define OX_NLM_F_AGAIN	    0x1000
#define OX_NLM_F_TURN	    0x6000
#define OX_NLM_F_TURN_SHIFT 13

/*
 * nlmsg_flags bits of a datagram's first message: what the client's socket says
 * of the ACKs that it wants. CAP_ACK: NETLINK_CAP_ACK is on, so an error has
 * only the header of its request. NO_EXT_ACK: NETLINK_EXT_ACK is off, so there
 * are no attributes after it. Without these bits errors come with all of it.
 */
#define OX_NLM_F_CAP_ACK    0x0040
#define OX_NLM_F_NO_EXT_ACK 0x0080

/*
 * nlmsg_flags bit of a SYNC's ACK: nothing is held back for OX_A_PORTID, or
 * where that isn't given but OX_A_REPLY_TO is, for the sender.
 */
#define OX_NLM_F_IDLE 0x0800

/*
 * The private family "ovsxdp", version 1. Header: struct ovs_header (its
 * dp_ifindex is 0 where no datapath is meant).
 */
#define OX_FAMILY_NAME	  "ovsxdp"
#define OX_FAMILY_VERSION 1

enum ox_cmd {
	OX_CMD_UNSPEC,
	/* Join, leave the group OX_A_GROUP for the sender's port id, or for
	 * OX_A_PORTID where that is given (the preload does it for a socket
	 * of its process). With OX_A_PROTOCOL NETLINK_NETFILTER: a socket has
	 * joined the daemon's group for NFNLGRP_* OX_A_GROUP itself, and hears
	 * all that happens from the ACK on. -EOPNOTSUPP: nothing is told. */
	OX_CMD_SUBSCRIBE,
	OX_CMD_UNSUBSCRIBE,
	/* Answered (by an ACK) when everything that came before it has been
	 * handled and its replies queued. With OX_A_PORTID: first pushes on
	 * with the dump of that port id, whose datagrams may from now on be as
	 * large as OX_A_RECV_SIZE says. With OX_A_REPLY_TO: the ACK goes to
	 * that port id, so that a SYNC can be at the end of a datagram of
	 * requests without a trace on its socket. Its ACK and those of
	 * SUBSCRIBE and UNSUBSCRIBE carry NLMSGERR_ATTR_COOKIE: a u64 that no
	 * two daemons of a network namespace have in common. */
	OX_CMD_SYNC,
	/* do, dump: OX_A_DP_* of a datapath. */
	OX_CMD_DP_GET,
	/* do (OX_A_PORT_NO), dump: OX_A_PORT_* of a datapath's ports. */
	OX_CMD_PORT_GET,
	/* The socket of OX_A_PORTID is being closed: drops its dump, what is
	 * queued for it, and its subscriptions. */
	OX_CMD_FORGET,
	/* Changes what of OX_A_DP_KNOBS the mask OX_A_DP_KNOBS_MASK covers. */
	OX_CMD_DP_SET,
	/* do: OX_A_DAEMON, what the daemon counts of itself. */
	OX_CMD_DAEMON_GET,
	/* dump: OX_A_METER_* of a datapath's meters: as they were made,
	 * and what they have counted. */
	OX_CMD_METER_GET,
	/* do: OX_A_CT, what connection tracking counts; dump: OX_A_CT_ZONE* of
	 * the zones that have connections or a limit of their own. -EOPNOTSUPP
	 * where it isn't served. */
	OX_CMD_CT_GET,
	/* dump: datapaths that are left alone, because they are of another ABI
	 * version: OX_A_DP_NAME, _PATH, and why in OX_A_DP_BUILD_WHY. */
	OX_CMD_LEFT_GET,
	/* dump: what a datapath would do with a packet, step by step
	 * (OX_A_TRACE_*). The request has the packet's key or its metadata in
	 * OX_A_TRACE_KEY, and the packet itself in OX_A_TRACE_PACKET; without
	 * it one is made that has the key. Nothing is sent or counted. */
	OX_CMD_TRACE,
	/* To members of OX_MCGRP_DROP: a packet was dropped. OX_A_TRACE_TIER,
	 * _KEY, _PACKET (its first OX_DROP_FRAME bytes), REASON_NAME, PORT_NO
	 * and PORT_NAME of where it came in, DROP_LEN, DROP_UFID; what isn't
	 * known isn't there. At most OX_DROPS_SECOND a second, of each tier on
	 * each CPU. Once a second one without any of them: is the member
	 * there? */
	OX_CMD_DROP,
	OX_CMD_MAX__,
};

enum ox_attr {
	OX_A_UNSPEC,
	OX_A_GROUP,  /* u32 OX_MCGRP_* */
	OX_A_PORTID, /* u32 netlink port id */
	OX_A_PAD,
	OX_A_DP_NAME,	      /* string */
	OX_A_DP_PATH,	      /* string: folder in bpffs */
	OX_A_DP_MAX_FLOWS,    /* u32 */
	OX_A_DP_MAX_MASKS,    /* u32 */
	OX_A_DP_MAX_PORTS,    /* u32 */
	OX_A_DP_REASONS,      /* nest of OX_A_REASON */
	OX_A_REASON,	      /* nest: OX_A_REASON_NAME, OX_A_REASON_COUNT */
	OX_A_REASON_NAME,     /* string: OX_REASONS of abi.h */
	OX_A_REASON_COUNT,    /* u64 */
	OX_A_PORT_NO,	      /* u32 */
	OX_A_PORT_NAME,	      /* string */
	OX_A_PORT_MODE_ASKED, /* u32 enum ox_attach_mode */
	OX_A_PORT_MODE,	      /* u32, in force */
	OX_A_PORT_FLAGS,      /* u32 OX_PORT_* of abi.h */
	OX_A_PORT_XSKS,	      /* u32 AF_XDP sockets */
	OX_A_PORT_WHY,	      /* string: why this mode, what doesn't work */
	OX_A_RECV_SIZE, /* u32 bytes that the client's reads have room for */
	OX_A_DP_KNOBS,	/* u32 OX_KNOB_* of abi.h */
	OX_A_DP_KNOBS_MASK, /* u32 */
	OX_A_PORT_TC,  /* u32: 1 if the skb tier's program is on the device */
	OX_A_REPLY_TO, /* u32 netlink port id */
	OX_A_DP_LINGERING,  /* u32 flows: see OX_FLOW_ATTR_LINGERING */
	OX_A_DAEMON,	    /* nest of OX_A_REASON, names in docs/abi.md */
	OX_A_PROTOCOL,	    /* u32 NETLINK_*, of OX_A_PORTID's socket; without
			     * it NETLINK_GENERIC */
	OX_A_DP_BUILD,	    /* string: which build the programs are of */
	OX_A_DP_BUILD_OURS, /* string: the daemon's own, where it is another */
	OX_A_DP_BUILD_WHY,  /* string: why the programs aren't of that */
	OX_A_METER_ID,	    /* u32 */
	OX_A_METER_COUNTS,  /* u64[4]: packets, bytes; of them the band's */
	OX_A_CT,	    /* nest of OX_A_REASON, names in docs/abi.md */
	OX_A_CT_ZONE,	    /* u32 */
	OX_A_CT_ENTRIES,    /* u32 connections */
	OX_A_CT_LIMIT,	    /* u32, if the zone has one of its own */
	OX_A_PORT_MTU,	    /* u32, as the data plane knows it */
	OX_A_PORT_XDP_ID,  /* u32: kernel id of our XDP program; 0: not there */
	OX_A_PORT_TC_ID,   /* u32: the same of the skb tier's */
	OX_A_PORT_TCX,	   /* u32: 1 if that is on a tcx hook, 0: clsact */
	OX_A_METER_FLAGS,  /* u32 OX_METER_* of abi.h */
	OX_A_METER_RATE,   /* u32, of a meter with a band */
	OX_A_METER_BURST,  /* u32 */
	OX_A_TRACE_KEY,	   /* nest of OVS_KEY_ATTR_*: of a packet */
	OX_A_TRACE_PACKET, /* bytes */
	OX_A_TRACE_STEP,   /* u32 enum ox_trace_step */
	OX_A_TRACE_TIER,   /* string: "xdp", "skb", "user" */
	OX_A_TRACE_DEPTH,  /* u32: of branches */
	OX_A_TRACE_FLOW,   /* nest of OVS_FLOW_ATTR_*: of a pass */
	OX_A_TRACE_TEXT,   /* string: the op, or why */
	OX_A_TRACE_RESULT, /* string: what came of it */
	OX_A_DROP_LEN,	   /* u32: bytes of the packet */
	OX_A_DROP_UFID,	   /* bytes: of the flow that it matched last */
	OX_A_MAX__,
};

/* OX_A_TRACE_STEP: what a message of a trace is. OX_A_REASON_NAME is there
 * where a packet, or a copy, is dropped. */
enum ox_trace_step {
	OX_STEP_UNSPEC,
	OX_STEP_PACKET, /* KEY; TIER: where it comes in, TEXT why */
	OX_STEP_PASS,	/* KEY is looked up: FLOW, or none matches */
	OX_STEP_OP,	/* TEXT, RESULT */
	OX_STEP_DOWN,	/* to TIER, TEXT why */
	OX_STEP_DROP,
	OX_STEP_END, /* TEXT: what becomes of the packet */
};

/*
 * Vendor attributes in requests of the OVS families; the module ignores
 * them. Never in replies, so strict readers (YNL) are not disturbed.
 */
#define OX_DP_ATTR_MAX_FLOWS 0x3e00 /* u32, in OVS_DP_CMD_NEW */
#define OX_DP_ATTR_MAX_MASKS 0x3e01 /* u32 */
#define OX_DP_ATTR_MAX_PORTS 0x3e02 /* u32 */
/* flag, in a dump by OVS_FLOW_CMD_GET: instead of the flows, those that a
 * flush has left to the packets for some time (ovsxdpd --flush-linger). */
#define OX_FLOW_ATTR_LINGERING 0x3e00
#define OX_VPORT_OPT_MODE                         \
	0x3e00 /* u32 enum ox_attach_mode, inside \
		* OVS_VPORT_ATTR_OPTIONS of CMD_NEW */

#endif /* OVSXDP_NL_H */
