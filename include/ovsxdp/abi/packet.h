/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/packet.h - a packet on its way to another tier, and what it may cost. A
 * part of ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_PACKET_H
#define OVSXDP_ABI_PACKET_H

#include <linux/types.h>

#include "ovsxdp/abi/key.h"

/*
 * In front of a packet that XDP hands to user space or to the skb tier (XDP
 * metadata, 32 bytes because older kernels take no more). The packet is as
 * the ops in front of pc left it, and is counted.
 */
struct ox_upcall_md {
	__u16 magic;	 /* OX_MD_MAGIC; the skb tier zeroes it */
	__u16 port_no;	 /* ingress */
	__u8 reason : 2; /* enum ox_upcall */
	__u8 flags : 6;	 /* OX_MD_* */
	__u8 ct_state;	 /* as in the key, */
	__u16 ct_zone;	 /* which is enough to find a connection again; 0 yet */
	__u32 flow;	 /* flow index, or OX_NONE on a miss */
	union {
		__u32 hash; /* OX_UP_MISS: ox_key_hash of the packet */
		__u32 gen;  /* else: ox_acts.flags >> OX_ACTS_GEN_SHIFT */
	};
	__u16 cpu : 13; /* that received the packet */
	__u16 work : 3; /* OX_MD_WORK() */
	__u16 pc : 12;	/* op to go on with, counted from the list's first */
	__u16 deferred : 4; /* lists put off so far, 0..OX_MAX_DEFERRED */
	__u32 acts; /* first slot of the list, or OX_NONE: it is the flow's
		     * action */
	__u32 recirc_id;
	__u32 dp_hash;
};
_Static_assert(sizeof(struct ox_upcall_md) == 32, "XDP metadata limit");
#define OX_MD_MAGIC   0x4f58u /* "OX" */
#define OX_MD_WRAPPED 0x1     /* a tag was put around the frame: take it off */
#define OX_MD_STALE                                                \
	0x2 /* the list has moved the head: whoever goes on parses \
	     * again at the next recirculation */
#define OX_MD_LEVEL_SHIFT 2 /* two bits: lists around, 0..OX_MAX_LEVEL */
/*
 * Ring only: it was dropped, and that is to be told (OX_KNOB_DROPS). The reason
 * is in ox_ring_rec.end, the bytes that the frame had in "work", of which at
 * most OX_DROP_FRAME are there. The other flags are the OX_DROP_* then.
 * md.reason is OX_UP_TOO_BIG, which says nothing without a tunnel.
 */
#define OX_MD_DROP  0x10
#define OX_DROP_XDP 0x1 /* by the XDP tier, not the skb tier */
#define OX_DROP_KEY 0x2 /* there is a key, and md.flow if one matched */
/* md.port_no of one whose port isn't known */
#define OX_DROP_NO_PORT 0xffff
#define OX_DROP_FRAME	256
#define OX_DROPS_SECOND 100 /* that each tier of a CPU tells of */
/* What the packet has cost, in eighths of OX_MAX_WORK, rounded down. */
#define OX_MD_WORK(ops)	     ((ops) < OX_MAX_WORK ? (ops) >> 14 : 7)
#define OX_MD_WORK_OPS(work) ((__u32)(work) << 14)

enum ox_upcall {
	OX_UP_MISS = 0,	   /* no flow: OVS_PACKET_CMD_MISS */
	OX_UP_FLOW = 1,	   /* run the list from pc on; already counted */
	OX_UP_ACTION = 2,  /* run only the USERSPACE op at pc (ring only) */
	OX_UP_TOO_BIG = 3, /* its head: it is over the MTU of a tunnel, and
			    * the sender wants to know (ring only) */
};

/*
 * A packet that the skb tier hands to user space: a record of the map
 * "ring". The frame is whole, a tag in the skb's metadata back in its place.
 */
struct ox_ring_rec {
	struct ox_upcall_md md; /* hash is always the packet's: see gen */
	struct ox_key key;	/* current: with mark, priority, recirc id */
	__u32 gen;		/* as ox_upcall_md.gen */
	__u32 len;		/* bytes of frame */
	__u32 end;		/* OX_UP_FLOW: the list ends in front of this
				 * op (a branch), or OX_NONE */
	__u32 cutlen;		/* OX_OP_TRUNC in force. OX_UP_FLOW: bytes to
				 * keep, or OX_NONE; else: to cut off */
	__u16 gso_size;		/* 0: no GSO packet. The L4 header says which
				 * kind */
	__u16 mru;		/* of a reassembled packet; 0: none.
				 * OX_UP_TOO_BIG: the MTU */
	__u32 work;		/* what the packet has cost, as OX_MAX_WORK */
	__u16 packet;		/* the same in all copies of one that was
				 * received: md.cpu counts them */
	__u16 tun_len;		/* bytes of struct ox_tun in front of the
				 * frame: 0, or its size if w23 isn't 0 */
	__u32 tun_out;		/* the TUN in force, OX_TUN_REF(); or OX_NONE */
	__u32 tun_gen;		/* generation of the list that it stands in */
	__u32 pad;
	__u8 frame[]; /* behind tun_len bytes */
};
_Static_assert(sizeof(struct ox_ring_rec) == 264, "ox_ring_rec");

/*
 * What a received packet may cost, with all of its copies, in whatever tier
 * they are. Each list that is begun costs its ops, and each pass through the
 * table costs one. It is more than the longest way without a fork that the
 * module allows: 31 lists of OX_ACTS_MAX_OPS. The module has no such limit: a
 * list that forks by thousands holds a CPU there for minutes.
 */
#define OX_MAX_WORK 131072
/* Lists of a received packet that the module puts off: its queue has room for
 * one less than DEFERRED_ACTION_FIFO_SIZE. */
#define OX_MAX_DEFERRED 9
/* Lists around one another with a key of their own each; further in the module
 * puts a list off (OVS_DEFERRED_ACTION_THRESHOLD). */
#define OX_MAX_LEVEL 3
/* Nested CLONE branches that the skb tier runs; deeper ones in user space. */
#define OX_MAX_DEPTH 5
/* Packets under way on a CPU, each sent while another one is
 * (OVS_RECURSION_LIMIT). */
#define OX_MAX_NEST 5

#endif /* OVSXDP_ABI_PACKET_H */
