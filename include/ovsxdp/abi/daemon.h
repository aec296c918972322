/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/daemon.h - the daemon's own memory. A part of ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_DAEMON_H
#define OVSXDP_ABI_DAEMON_H

#include <linux/types.h>

/*
 * The daemon's own memory, one a root folder and network namespace, pinned
 * as "%state-<netns cookie in hex>": what must survive it beside datapaths.
 */
#define OX_MAX_SUBS 1024
struct ox_sub {
	__u32 group;  /* OX_MCGRP_*; 0: free */
	__u32 portid; /* written before group */
};
/* How far the latest datagram of a port id has come (OX_NLM_F_TURN). */
#define OX_MAX_TURNS 1024 /* a port id has its place, and may be put out */
struct ox_turn {
	__u32 portid;
	__u16 seq; /* lower half of its first message's */
	__u8 turn;
	__u8 done; /* messages answered; of more than 255 nothing is known */
};
struct ox_state_mem {
	__u32 magic; /* OX_ABI_MAGIC */
	__u32 version;
	struct ox_sub subs[OX_MAX_SUBS];
	struct ox_turn turns[OX_MAX_TURNS];
};

#endif /* OVSXDP_ABI_DAEMON_H */
