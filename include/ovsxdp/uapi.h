/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * uapi.h - linux/openvswitch.h, and the names that kernels newer than
 * Debian 12's header (6.1) have added to it, with the kernel's values. They
 * are enumerators there, which the preprocessor doesn't see: where the
 * installed header has one, the macro here says the same number once more.
 */
#ifndef OVSXDP_UAPI_H
#define OVSXDP_UAPI_H

#include <linux/types.h>
#include <linux/openvswitch.h>

/* enum ovs_datapath_attr: s32, in OVS_DP_CMD_NEW (6.1.y and 6.2). */
#ifndef OVS_DP_ATTR_MASKS_CACHE_SIZE
#define OVS_DP_ATTR_MASKS_CACHE_SIZE 7
#endif
#ifndef OVS_DP_ATTR_PER_CPU_PIDS
#define OVS_DP_ATTR_PER_CPU_PIDS 8
#endif
#ifndef OVS_DP_ATTR_IFINDEX
#define OVS_DP_ATTR_IFINDEX 9
#endif

/* User features of enum ovs_datapath_attr's USER_FEATURES. */
#ifndef OVS_DP_F_TC_RECIRC_SHARING
#define OVS_DP_F_TC_RECIRC_SHARING (1 << 2)
#endif
#ifndef OVS_DP_F_DISPATCH_UPCALL_PER_CPU
#define OVS_DP_F_DISPATCH_UPCALL_PER_CPU (1 << 3)
#endif

/* enum ovs_vport_attr: nest of OVS_VPORT_UPCALL_ATTR_*, u64 each (6.3). */
#ifndef OVS_VPORT_ATTR_IFINDEX
#define OVS_VPORT_ATTR_IFINDEX 8
#endif
#ifndef OVS_VPORT_ATTR_NETNSID
#define OVS_VPORT_ATTR_NETNSID 9
#endif
#ifndef OVS_VPORT_ATTR_UPCALL_STATS
#define OVS_VPORT_ATTR_UPCALL_STATS 10
#endif
#ifndef OVS_VPORT_UPCALL_ATTR_SUCCESS
#define OVS_VPORT_UPCALL_ATTR_SUCCESS 0
#define OVS_VPORT_UPCALL_ATTR_FAIL    1
#endif

/* enum ovs_vport_type: kinds of tunnels that Open vSwitch's own module has and
 * the kernel's doesn't. */
#ifndef OVS_VPORT_TYPE_ERSPAN
#define OVS_VPORT_TYPE_ERSPAN	 107
#define OVS_VPORT_TYPE_IP6ERSPAN 108
#define OVS_VPORT_TYPE_IP6GRE	 109
#define OVS_VPORT_TYPE_GTPU	 110
#define OVS_VPORT_TYPE_BAREUDP	 111
#endif

/* Attributes of OVS_TUNNEL_ATTR_EXTENSION that ovs-vswitchd has and the
 * kernel's header hasn't. */
#define OX_VXLAN_EXT_GPE	  8
#define OX_BAREUDP_EXT_MULTIPROTO 1

/* enum ovs_packet_attr: u32 port id for packets that an EXECUTE's actions
 * send up (6.17). */
#ifndef OVS_PACKET_ATTR_HASH
#define OVS_PACKET_ATTR_HASH 11
#endif
#ifndef OVS_PACKET_ATTR_UPCALL_PID
#define OVS_PACKET_ATTR_UPCALL_PID 12
#endif

/* enum ovs_action_attr. */
#ifndef OVS_ACTION_ATTR_ADD_MPLS
#define OVS_ACTION_ATTR_ADD_MPLS 22
#endif
#ifndef OVS_ACTION_ATTR_DEC_TTL
#define OVS_ACTION_ATTR_DEC_TTL 23
#endif
#ifndef OVS_ACTION_ATTR_DROP
#define OVS_ACTION_ATTR_DROP 24 /* u32 error code (6.6) */
#endif
#ifndef OVS_ACTION_ATTR_PSAMPLE
#define OVS_ACTION_ATTR_PSAMPLE 25 /* nest of OVS_PSAMPLE_ATTR_* (6.11) */
#endif

/* enum ovs_hash_alg (6.7). */
#ifndef OVS_HASH_ALG_SYM_L4
#define OVS_HASH_ALG_SYM_L4 1
#endif

/* enum ovs_psample_attr (6.11). */
#ifndef OVS_PSAMPLE_COOKIE_MAX_SIZE
#define OVS_PSAMPLE_COOKIE_MAX_SIZE 16
#endif
#ifndef OVS_PSAMPLE_ATTR_GROUP
#define OVS_PSAMPLE_ATTR_GROUP	1 /* u32 */
#define OVS_PSAMPLE_ATTR_COOKIE 2 /* up to OVS_PSAMPLE_COOKIE_MAX_SIZE */
#endif

/* The highest attribute types this datapath knows of each family, whatever
 * the installed header ends with. */
#define OX_DP_ATTR_MAX	   OVS_DP_ATTR_IFINDEX
#define OX_VPORT_ATTR_MAX  OVS_VPORT_ATTR_UPCALL_STATS
#define OX_PACKET_ATTR_MAX OVS_PACKET_ATTR_UPCALL_PID
#define OX_ACTION_ATTR_MAX OVS_ACTION_ATTR_PSAMPLE

#endif /* OVSXDP_UAPI_H */
