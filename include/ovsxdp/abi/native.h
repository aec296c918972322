/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/native.h - what encapsulation of our own asks: which packets that come to
 * this host are a tunnel's, and which peers IPsec covers. A part of
 * ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_NATIVE_H
#define OVSXDP_ABI_NATIVE_H

#include <linux/types.h>

/* Map "listen": a packet to this address and port is one of a tunnel's port, of
 * which the value is the number. No entry: it is none of ours. */
struct ox_listen_key {
	__be32 dst[4]; /* local address; IPv4 in the first word, the rest 0 */
	__be16 port;   /* UDP's; or 0 */
	__u8 family;   /* AF_INET, AF_INET6 */
	__u8 proto;    /* IPPROTO_* */
};
_Static_assert(sizeof(struct ox_listen_key) == 20, "ox_listen_key");
#define OX_LISTEN_MAX 4096

/* Map "ipsec", a trie of prefixes: peers with which nothing of ours may be
 * exchanged, because a policy of the kernel's (XFRM) covers them. Looked at
 * only with OX_KNOB_IPSEC. The value means nothing. */
struct ox_ipsec_key {
	__u32 prefixlen; /* bits that count, from family on: 32 and more */
	__u32 family;	 /* AF_INET, AF_INET6 */
	__be32 addr[4];	 /* as above */
};
_Static_assert(sizeof(struct ox_ipsec_key) == 24, "ox_ipsec_key");
#define OX_IPSEC_MAX 1024

/*
 * A record OX_UP_TOO_BIG: a packet that a port with OX_PORT_NATIVE had no way
 * for. md.port_no is that port, and the key's tunnel is that of a packet from
 * the peer that it was for. "frame" begins with the packet's Ethernet header,
 * tags in line, and has so much of what comes then, at most. User space makes
 * the ICMP error of it, and lets that arrive at the port. Only with
 * OX_KNOB_PMTU.
 */
#define OX_TOO_BIG_L2	 22   /* with two tags */
#define OX_TOO_BIG_QUOTE 1232 /* of 1280, what two headers leave */

/* What programs send by instead of the ifindex of a port with OX_PORT_NATIVE:
 * this bit and the port's number. No device has that ifindex. ox_port.ifindex
 * of such a port is 0. */
#define OX_IFINDEX_NATIVE 0x40000000u

#endif /* OVSXDP_ABI_NATIVE_H */
