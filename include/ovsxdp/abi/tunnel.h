/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/tunnel.h - packets of the user tier on their way into tunnels. A part of
 * ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_TUNNEL_H
#define OVSXDP_ABI_TUNNEL_H

#include <linux/types.h>

#include "ovsxdp/abi/key.h"

/* The words of linux/if_tunnel.h that programs look at, in network order: a
 * program's object can't take that header. */
#define OX_TUN_F_CSUM	((__be16)__builtin_bswap16(0x0001))
#define OX_TUN_F_KEY	((__be16)__builtin_bswap16(0x0004))
#define OX_TUN_F_SEQ	((__be16)__builtin_bswap16(0x0008))
#define OX_TUN_F_DF	((__be16)__builtin_bswap16(0x0100))
#define OX_TUN_F_OAM	((__be16)__builtin_bswap16(0x0200))
#define OX_TUN_F_CRIT	((__be16)__builtin_bswap16(0x0400))
#define OX_TUN_F_GENEVE ((__be16)__builtin_bswap16(0x0800))
#define OX_TUN_F_VXLAN	((__be16)__builtin_bswap16(0x1000))
#define OX_TUN_F_ERSPAN ((__be16)__builtin_bswap16(0x4000))
/* Those of them that say whose the options are. */
#define OX_TUN_F_OPTS (OX_TUN_F_GENEVE | OX_TUN_F_VXLAN | OX_TUN_F_ERSPAN)

/* A tunnel key whole: word 23 of a key, and the words from 24 on. */
struct ox_tun_key {
	union {
		__u64 w23;
		struct {
			__u8 proto; /* AF_INET, AF_INET6; 0: no tunnel */
			__u8 opts_len;
			__be16 flags;
			__u8 tos;
			__u8 ttl;
			__u16 at; /* 0 */
		};
	};
	struct ox_tun tun;
};
_Static_assert(sizeof(struct ox_tun_key) == 8 + sizeof(struct ox_tun),
	       "ox_tun_key");

/*
 * Map "inject". A packet socket can't say which tunnel a frame is for. So the
 * daemon writes that into a place here, and sends the frame on the clone device
 * with the place's token as its mark. The program on that device's egress takes
 * the place back, once.
 */
struct ox_inject {
	__u32 token;   /* OX_INJECT_TOKEN(); written last; 0: nothing waits */
	__u32 port_no; /* tunnel's port that the frame leaves by */
	__u32 mark;    /* what the frame's mark and priority really are */
	__u32 priority;
	__u32 failed; /* written by the program: an enum ox_reason */
	__u32 pad;
	struct ox_tun_key key;
};
_Static_assert(sizeof(struct ox_inject) == 344, "ox_inject");

#define OX_INJECTS 64 /* a power of two: places, as many as a batch has */
/* Nobody else can name a place: the rest of its token is random, and used once.
 * Not 0. */
#define OX_INJECT_TOKEN(place, random) \
	((((__u32)(random) | OX_INJECTS) & ~(OX_INJECTS - 1u)) | (place))
#define OX_INJECT_PLACE(token) ((token) & (OX_INJECTS - 1u))

#endif /* OVSXDP_ABI_TUNNEL_H */
