/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_pkt.h - a packet as connection tracking sees it: its tuple, and what the
 * tracker of its protocol needs of its header. ct_parse.h fills it in; nothing
 * after that looks at the packet again.
 */
#ifndef OVSXDP_CT_PKT_H
#define OVSXDP_CT_PKT_H

#include "ovsxdp/abi/ct.h"
#include "ovsxdp/abi/key.h"

#define OX_CT_ORIGINAL 0
#define OX_CT_REPLY    1

/* What kind of packet it is. */
enum ox_ct_kind {
	OX_CT_BAD,    /* can't be tracked: invalid */
	OX_CT_PLAIN,  /* t is its own tuple */
	OX_CT_ERRMSG, /* ICMP error: t is of the packet in it, turned around */
};

/* enum tcp_bit_set: the row of the state table. */
enum ox_ct_tcp_index {
	OX_CT_TCP_SYN,
	OX_CT_TCP_SYNACK,
	OX_CT_TCP_FIN,
	OX_CT_TCP_ACK,
	OX_CT_TCP_RST,
	OX_CT_TCP_NONE,
};

/* A TCP segment, in host order. */
struct ox_ct_seg {
	__u32 seq;
	__u32 end;  /* seq, and the length with SYN and FIN */
	__u32 ack;  /* as it stands there, even without ACK */
	__u32 sack; /* the highest edge of SACK, at least ack */
	__u16 win;
	__u8 flags;   /* TH_* */
	__u8 index;   /* enum ox_ct_tcp_index */
	__u8 wscale;  /* of a SYN's options; at most 14 */
	__u8 options; /* OX_CT_TCP_{WINDOW_SCALE,SACK_PERM} of a SYN */
	__u8 has_options;
	__u8 pad;
};
#define OX_TH_FIN 0x01
#define OX_TH_SYN 0x02
#define OX_TH_RST 0x04
#define OX_TH_PSH 0x08
#define OX_TH_ACK 0x10
#define OX_TH_URG 0x20

/* Chunks of SCTP that matter for its state; a packet with more than these of
 * them is invalid. DATA and SACK aren't among them. */
#define OX_CT_CHUNKS 4
struct ox_ct_chunks {
	__be32 vtag;
	__u32 map; /* 1 << type, of all chunks up to 31 */
	__u8 n;
	__u8 type[OX_CT_CHUNKS];
	__u8 flags[OX_CT_CHUNKS];
	__u8 pad[3];
	__be32 init_tag[OX_CT_CHUNKS];
};

struct ox_ct_dccp_pkt {
	__u64 seq;
	__u64 ack;
	__u8 type;
	__u8 pad[7];
};

struct ox_ct_pkt {
	struct ox_ct_tuple t;
	__u64 hash;  /* ox_ct_hash() of t */
	__u32 len;   /* bytes from the network header on: skb->len there */
	__u8 kind;   /* enum ox_ct_kind */
	__u8 from_b; /* the end b of t sent it */
	__u8 starts; /* may begin a connection, for all that its header says */
	__u8 user;   /* OX_CT_USER, in the user tier; else 0 */
	union {
		struct ox_ct_seg tcp;
		struct ox_ct_chunks sctp;
		struct ox_ct_dccp_pkt dccp;
		struct {
			__u32 l3; /* offsets in the frame */
			__u32 l4;
		} inner; /* OX_CT_ERRMSG: the packet that it is about */
		__u64 l4[5];
	};
};
#define OX_CT_USER 0x1 /* here helpers run */
#define OX_CT_ADJUSTED                                        \
	0x2 /* tcp.ack and tcp.sack are as their sender knows \
	     */
_Static_assert(sizeof(struct ox_ct_pkt) == 96, "no padding: it is memory for "
					       "global functions");

/* A ref on its way in. */
struct ox_ct_link {
	struct ox_ct_tuple t;
	__u64 hash;
	__u32 ref;
	__u32 now;
	__u32 found; /* who has the tuple: a ref */
	__u16 zgen;
	__u8 from_b; /* with NAT: the end that the tuple's packets come from */
	__u8 nat;
};

/*
 * What NAT does to a packet: the ends that it has afterwards. ct_execute()
 * describes it, and ox_ct_nat_apply() (ct_edit.h) does it to packet and key.
 * While a connection gets its binding, these are the ends of its first packet.
 */
struct ox_ct_nat_edit {
	union {
		__be64 src[2]; /* IPv4 in the first 4 bytes, rest 0 */
		__be32 src4[4];
	};
	union {
		__be64 dst[2];
		__be32 dst4[4];
	};
	__be16 sport; /* ICMP, ICMPv6: the id */
	__be16 dport;
	__u32 len;    /* of the packet from its network header on */
	__u16 inner3; /* OX_CT_EDIT_ERROR: offsets of the packet that it is */
	__u16 inner4; /* about */
	__u8 what;    /* OX_CT_EDIT_*; 0: nothing is to be done */
	__u8 proto;   /* of the connection: that of the packet in an error */
	__u16 pad;
};
_Static_assert(sizeof(struct ox_ct_nat_edit) == 48, "no padding");
#define OX_CT_EDIT_SRC	 0x1 /* address, and port or id */
#define OX_CT_EDIT_DST	 0x2
#define OX_CT_EDIT_ERROR 0x4 /* an ICMP error: inside of it, too */

/*
 * A packet on its way through ct(): what tracking found. "fresh" is the entry
 * that a commit would make; it is the packet's own memory, so no other packet
 * can come in between.
 */
struct ox_ct_run {
	struct ox_ct_pkt p;
	__u32 now; /* jiffies */
	__u32 idx; /* entry, or OX_CT_NONE */
	__u16 gen; /* of it */
	__u16 tp;  /* policy of the action, or 0: the protocol's default */
	__u8 dir;  /* OX_CT_ORIGINAL, OX_CT_REPLY */
	__u8 info; /* enum ox_ct_info */
	__u8 made; /* "fresh" is what a commit would put in */
	__u8 over; /* the packet ends its connection, once its key is known */
	struct ox_ct_nat_edit
		edit;		/* what the caller has to do to the packet */
	struct ox_ct_link link; /* here, because the stack is small */
	struct ox_ct fresh;
	__u32 exp;   /* place of the expectation that it meets, + 1; 0: none */
	__u16 alg;   /* of the connection: status & OX_CT_ALG_BITS */
	__u8 commit; /* the action commits */
	__u8 helper; /* and a new connection gets this one */
	__u8 cached; /* it was tracked in this zone before */
	__u8 pad[7];
	struct ox_ct_exp x;    /* with exp: a copy */
	struct ox_ct_act bind; /* with exp: NAT as the master has it */
};
_Static_assert(sizeof(struct ox_ct_run) ==
		       96 + 16 + 48 + 64 + 256 + 16 + 128 + 88,
	       "no padding");
/* The connection's packets may need the user tier. */
#define OX_CT_ALG_BITS (OX_IPS_HELPER | OX_IPS_SEQ_ADJUST)

/* What is asked of the table. */
enum ox_ct_do {
	OX_CT_DO_EXECUTE, /* ct() */
	OX_CT_DO_KNOWN,	  /* the key of a packet that has met ct() */
};

/* Not an errno: the packet goes on at this ct() one tier down. */
#define OX_CT_EDOWN 0x1000

/* What user space asks for by a run of the program ct_meet: the packet in p
 * meets the table. "key" is the packet's, and comes back with what it is now.
 */
struct ox_ct_req {
	struct ox_ct_pkt p;
	struct ox_key key;
	struct ox_ct_act act;
	struct ox_ct_nat_edit edit; /* answer */
	__u32 what;		    /* enum ox_ct_do */
	__u32 err;		    /* answer: 0 or an errno */
	/* answer: the connection whose helper looks at the packet, or
	 * OX_CT_NONE; as in struct ox_ct_run */
	__u32 idx;
	__u16 gen;
	__u8 dir;
	__u8 info;
};
_Static_assert(sizeof(struct ox_ct_req) == 96 + 192 + 88 + 48 + 16,
	       "no padding");

/* enum ip_conntrack_info, without IS_REPLY: dir has that. */
enum ox_ct_info {
	OX_CT_I_NONE, /* no entry, and none to be: invalid */
	OX_CT_I_NEW,
	OX_CT_I_ESTABLISHED,
	OX_CT_I_RELATED,
};

/* What a protocol's tracker says. */
enum ox_ct_rc {
	OX_CT_ACCEPT,
	OX_CT_INVALID,
	OX_CT_KILL,   /* accepted, and the connection is over */
	OX_CT_REPEAT, /* it is over, and the packet begins a new one */
	OX_CT_GONE,   /* the entry was another one meanwhile */
};

#endif /* OVSXDP_CT_PKT_H */
