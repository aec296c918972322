/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * netdev.h - the numbers of the generic-netlink family "netdev" (kernel 6.3
 * and newer) that a userland of 6.1 has no header for.
 */
#ifndef OVSXDP_LOADER_NETDEV_H
#define OVSXDP_LOADER_NETDEV_H

#define OX_NETDEV_FAMILY_NAME	     "netdev"
#define OX_NETDEV_FAMILY_VERSION     1
#define OX_NETDEV_CMD_DEV_GET	     1
#define OX_NETDEV_CMD_DEV_ADD_NTF    2
#define OX_NETDEV_CMD_DEV_CHANGE_NTF 4
#define OX_NETDEV_GROUP_MGMT	     "mgmt"
#define OX_NETDEV_A_IFINDEX	     1 /* u32 */
#define OX_NETDEV_A_XDP_FEATURES     3 /* u64 */
#define OX_NETDEV_XDP_ACT_BASIC	     1
#define OX_NETDEV_XDP_ACT_REDIRECT   2
#define OX_NETDEV_XDP_ACT_NDO_XMIT   4

#endif /* OVSXDP_LOADER_NETDEV_H */
