/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct.h - connection tracking: the contract between the BPF programs and
 * user space. The maps belong to a network namespace, not to a datapath.
 *
 * Everything here lies in pinned maps that outlive the daemon, so each layout
 * is fixed: change one, and OX_CT_ABI_VERSION goes up. What is written while
 * packets run is written by programs in the kernel alone, with two exceptions
 * that a dead writer can't tear: a zone's word (struct ox_ct_zone), and the
 * values of timeouts.
 *
 * Byte order: addresses, ports and ids are in network order; sequence numbers
 * and windows are in the host's, as struct ip_ct_tcp of the kernel has them.
 * Times are in jiffies, the low 32 bits of bpf_jiffies64(). Two of them are
 * compared by the sign of their difference.
 */
#ifndef OVSXDP_ABI_CT_H
#define OVSXDP_ABI_CT_H

#include <linux/types.h>
#ifdef __bpf__
#include <linux/bpf.h>
#endif

#define OX_CT_ABI_MAGIC	  0x4f584354u /* "OXCT" */
#define OX_CT_ABI_VERSION 1u

#define OX_CT_NONE	  0xffffffffu /* no entry */
#define OX_CT_CHUNK_SHIFT 12	      /* log2 of the entries a chunk */
#define OX_CT_MAX_CHUNKS  4096	      /* 16,777,216 entries */
#define OX_CT_WAYS	  6	      /* places in a bucket */
#define OX_CT_PROBES	  8 /* buckets that the entries of one may be in */
#define OX_CT_ZONES	  65536
#define OX_CT_TPS	  2048 /* sets of timeouts, defaults included */
#define OX_CT_NAME_LEN	  32   /* CTNL_TIMEOUT_NAME_MAX */

/*
 * Both ends of a connection, lower one first: a packet and its answer have the
 * same tuple. The direction of a packet is kept beside it. Without NAT this is
 * the tuple of both directions, so a connection is in the table once.
 *
 * ICMP and ICMPv6: pa is the id, pb type << 8 | code of the *request*, and
 * OX_CT_L3_ASKER says which end asked, so requests of both ends with one id are
 * two connections. Protocols without ports have 0; GRE of version 1 has the
 * destination's call id as its port (nf_conntrack_proto_gre.c).
 */
struct ox_ct_tuple {
	union {
		struct {
			__be64 a[2]; /* IPv4 in the first 4 bytes, rest 0 */
			__be64 b[2];
			__be16 pa;
			__be16 pb; /* ICMP: host order */
			__u8 proto;
			__u8 l3; /* OX_CT_L3_* */
			__u16 zone;
		};
		__u64 w[5];
	};
};
_Static_assert(sizeof(struct ox_ct_tuple) == 40, "ox_ct_tuple");
#define OX_CT_L3_IPV4  0x01
#define OX_CT_L3_IPV6  0x02
#define OX_CT_L3_ASKER 0x10 /* ICMP: b asked */

/* Where an entry is in its life: ox_ct.life. */
enum ox_ct_life {
	OX_CT_FREE = 0,
	OX_CT_NEW = 1,	 /* being committed: takes its tuple, isn't found */
	OX_CT_LIVE = 2,	 /* in the table */
	OX_CT_DYING = 3, /* one is taking it out, and nobody else does */
};

/* One direction of struct ip_ct_tcp: what its sender did. */
struct ox_ct_tcp_seen {
	__u32 td_end;	 /* max of seq + len */
	__u32 td_maxend; /* max of ack + max(win, 1), which the peer allows */
	__u32 td_maxwin; /* max(win) */
	__u32 td_maxack; /* max of ack */
};
_Static_assert(sizeof(struct ox_ct_tcp_seen) == 16, "ox_ct_tcp_seen");

/* struct ip_ct_tcp (nf_conntrack_tcp.h), packed so that it leaves room for an
 * entry's other hot fields in a cache line. */
struct ox_ct_tcp {
	__u8 retrans;
	__u8 scale;	 /* td_scale: original in the lower half, reply above */
	__u8 flags[2];	 /* OX_CT_TCP_*, original and reply */
	__u8 last_index; /* enum ox_ct_tcp_index */
	__u8 last_dir;
	__u8 last_wscale;
	__u8 last_flags;
	__u32 last_seq;
	__u32 last_ack;
	__u32 last_end;
	struct ox_ct_tcp_seen seen[2];
};
_Static_assert(sizeof(struct ox_ct_tcp) == 52, "ox_ct_tcp");

/* enum ip_ct_tcp_flags: IP_CT_TCP_FLAG_*, IP_CT_EXP_CHALLENGE_ACK and
 * IP_CT_TCP_SIMULTANEOUS_OPEN, with the kernel's values. */
#define OX_CT_TCP_WINDOW_SCALE	0x01
#define OX_CT_TCP_SACK_PERM	0x02
#define OX_CT_TCP_CLOSE_INIT	0x04
#define OX_CT_TCP_BE_LIBERAL	0x08
#define OX_CT_TCP_UNACKED	0x10
#define OX_CT_TCP_MAXACK_SET	0x20
#define OX_CT_TCP_CHALLENGE_ACK 0x40
#define OX_CT_TCP_SIMULTANEOUS	0x80

/* struct ip_ct_sctp. */
struct ox_ct_sctp {
	__be32 vtag[2];
	__u8 init[2];
	__u8 last_dir;
	__u8 flags; /* OX_CT_SCTP_* */
};
#define OX_CT_SCTP_HEARTBEAT_FAILED 0x1

/* struct nf_ct_dccp. */
struct ox_ct_dccp {
	__u8 role[2];
	__u8 last_pkt;
	__u8 last_dir;
	__u64 handshake_seq;
} __attribute__((packed, aligned(4)));

/* struct nf_ct_udp: the time from which on a stream is one. */
struct ox_ct_udp {
	__u32 stream_ts;
};

/*
 * A connection; map "ct_ents", in chunks. Lines 0 and 1, which the CPU fetches
 * as a pair, are all that an established packet needs; it writes line 1 alone.
 * All is written under the lock of the home bucket of "orig", except by who
 * claimed it and hasn't made it OX_CT_LIVE yet. A reader without the lock, as
 * a dump is, reads gen before and after.
 */
struct ox_ct {
	/* line 0 */
	struct ox_ct_tuple orig;
	__u16 gen;  /* goes up with each use; with the index it is the id */
	__u16 zgen; /* of its zone when it was committed: others are dead */
	__u32 mark;
	__u8 labels[16];
	/* line 1 */
	union {
		struct {
			__u32 expires;	  /* jiffies */
			__u16 status;	  /* IPS_*, with the kernel's values */
			__u8 life : 4;	  /* enum ox_ct_life */
			__u8 init_b : 1;  /* the end b of orig began */
			__u8 reply_b : 1; /* with NAT: reply's end b answers */
			__u8 nat : 1;	  /* reply is another tuple than orig */
			__u8 pad0 : 1;
			__u8 proto_state; /* of TCP, SCTP, DCCP, as the kernel
					   */
		};
		__u64 head; /* all that, for who changes it without the lock */
	};
	__u16 tp;	/* its set of timeouts: map "ct_tps" */
	__u16 last_win; /* of ox_ct_tcp: here it takes no room */
	union {
		struct ox_ct_tcp tcp;
		struct ox_ct_sctp sctp;
		struct ox_ct_dccp dccp;
		struct ox_ct_udp udp;
		__u32 proto[13];
	};
	/* line 2: rare ones */
	struct ox_ct_tuple reply; /* as orig without NAT */
	__be16 master_sport;	  /* OX_IPS_EXPECTED: of the connection that */
	__be16 master_dport;	  /* expected it, see below */
	__u8 master_proto;
	__u8 pad1;
	__u8 helper; /* enum ox_ct_helper; 0: none */
	__u8 pad3;
	__u32 alg;	 /* what its helper remembers: map "ct_algs" */
	__u16 eventmask; /* OX_CT_EV_*: what those who listen hear of it */
	__u16 events;	 /* that have happened, and nobody was told yet */
	__u64 start_ns;	 /* CLOCK_MONOTONIC of the commit */
	/* line 3: counters, if OX_CT_ACCT; by direction */
	__u64 packets[2];
	__u64 bytes[2];
	/* OX_IPS_EXPECTED: a copy of the master's original tuple, which the
	 * key shows for as long as this one lives, and the master may not */
	__be64 master_src[2]; /* IPv4 in the first 4 bytes, rest 0 */
	__be64 master_dst[2];
};
_Static_assert(sizeof(struct ox_ct) == 256, "ox_ct");
_Static_assert(__builtin_offsetof(struct ox_ct, gen) == 40, "line 0");
_Static_assert(__builtin_offsetof(struct ox_ct, expires) == 64, "line 1");
_Static_assert(__builtin_offsetof(struct ox_ct, tcp) == 76, "line 1");
_Static_assert(__builtin_offsetof(struct ox_ct, reply) == 128, "line 2");
_Static_assert(__builtin_offsetof(struct ox_ct, packets) == 192, "line 3");

/*
 * ox_ct.events, and eventmask: 1 << enum ip_conntrack_events, as much of it as
 * happens here. As in the kernel a mask decides whether those who listen are
 * told at all, and then they are told everything.
 */
#define OX_CT_EV_NEW	   0x0001
#define OX_CT_EV_RELATED   0x0002
#define OX_CT_EV_DESTROY   0x0004
#define OX_CT_EV_REPLY	   0x0008
#define OX_CT_EV_ASSURED   0x0010
#define OX_CT_EV_PROTOINFO 0x0020
#define OX_CT_EV_HELPER	   0x0040
#define OX_CT_EV_MARK	   0x0080
#define OX_CT_EV_SEQADJ	   0x0100
#define OX_CT_EV_LABEL	   0x0400
#define OX_CT_EV_ALL	   0x7fff
/* Of eventmask: the connection tells. Without, nobody ever hears of it, as of
 * one of the kernel's without struct nf_conntrack_ecache. */
#define OX_CT_EV_TELLS 0x8000
/* Of events, of one that is being made: who makes it tells of it himself. */
#define OX_CT_EV_QUIET 0x8000

/* enum ip_conntrack_status, as much of it as is used. */
#define OX_IPS_EXPECTED	     0x0001
#define OX_IPS_SEEN_REPLY    0x0002
#define OX_IPS_ASSURED	     0x0004
#define OX_IPS_CONFIRMED     0x0008
#define OX_IPS_SRC_NAT	     0x0010
#define OX_IPS_DST_NAT	     0x0020
#define OX_IPS_SEQ_ADJUST    0x0040
#define OX_IPS_SRC_NAT_DONE  0x0080
#define OX_IPS_DST_NAT_DONE  0x0100
#define OX_IPS_DYING	     0x0200
#define OX_IPS_FIXED_TIMEOUT 0x0400
#define OX_IPS_TEMPLATE	     0x0800
#define OX_IPS_NAT_CLASH     0x1000
#define OX_IPS_HELPER	     0x2000

/*
 * A bucket; map "ct_bkts", an array that user space can't map, because it has
 * a lock. A lookup reads sig, and ref where that agrees; it goes on to the
 * next bucket while "over" isn't 0, OX_CT_PROBES buckets at most. The lock is
 * that of all entries whose orig tuple has its home here, wherever their place
 * is. The kernel puts such an array 16 bytes after a cache line's begin, so
 * all that is used is in the first 48 bytes.
 */
struct ox_ct_bucket {
	union {
		struct {
			__u16 sig[OX_CT_WAYS]; /* ox_hash_sig(); 0: none */
			__u32 over; /* refs that passed by this full bucket */
		};
		__u64 lanes[2];
	};
#ifdef __bpf__
	struct bpf_spin_lock lock;
#else
	__u32 lock;
#endif
	__u32 ver; /* goes up when a ref with its home here goes in */
	__u32 ref[OX_CT_WAYS]; /* OX_CT_REF(); 0: free. Claimed by cmpxchg */
	__u64 by_src; /* OX_CT_BY_SRC(), 0: none. No place of an entry */
	__u32 pad[2];
};
_Static_assert(sizeof(struct ox_ct_bucket) == 64, "ox_ct_bucket");
_Static_assert(__builtin_offsetof(struct ox_ct_bucket, by_src) == 48,
	       "hot part");
/* An entry's index, and the tuple by which this place reaches it. */
#define OX_CT_REF(idx)	 ((idx) + 1)
#define OX_CT_REPLY_REF	 0x80000000u
#define OX_CT_REF_IDX(r) (((r) & ~OX_CT_REPLY_REF) - 1)
/*
 * The connection with source NAT that was committed last, of those whose
 * source has its hash here: so that a source keeps its mapping (the kernel's
 * nf_nat_bysource). It is a hint: whoever follows it looks whether the entry
 * is the one of this gen, and of this source.
 */
#define OX_CT_BY_SRC(idx, gen) ((__u64)(gen) << 32 | OX_CT_REF(idx))
#define OX_CT_BY_SRC_IDX(v)    ((__u32)(v)-1)
#define OX_CT_BY_SRC_GEN(v)    ((__u16)((v) >> 32))

/*
 * A zone; map "ct_zones", by its number. An entry whose zgen isn't the zone's
 * is dead: flushing a zone is one store, however many entries it has. Their
 * places are taken back by commits that want them, and by the sweep.
 * Whoever changes "word" does so by one atomic operation, user space too.
 */
struct ox_ct_zone {
	__u64 word;  /* count, and gen << OX_CT_ZGEN_SHIFT */
	__u32 limit; /* entries; 0: no limit. If OX_CT_ZONE_LIMIT is set */
	__u16 flags; /* OX_CT_ZONE_* */
	__u16 n_exp; /* expectations, and those that have ended since the
		      * daemon counted. 0: none, so nobody looks for one */
};
_Static_assert(sizeof(struct ox_ct_zone) == 16, "ox_ct_zone");
#define OX_CT_ZONE_LIMIT    0x1 /* has a limit of its own, not the default */
#define OX_CT_ZGEN_SHIFT    32
#define OX_CT_ZONE_COUNT(w) ((__u32)(w))
#define OX_CT_ZONE_GEN(w)   ((__u16)((w) >> OX_CT_ZGEN_SHIFT))
#define OX_CT_ZONE_FLUSHED(w) \
	(((((w) >> OX_CT_ZGEN_SHIFT) + 1) & 0xffff) << OX_CT_ZGEN_SHIFT)

/*
 * A set of timeouts in jiffies; map "ct_tps". The first ones are the defaults
 * of the protocols (the kernel's sysctls), the others policies by name (struct
 * nf_ct_timeout). What a place of timeout[] means depends on the protocol, and
 * is as in the kernel: enum tcp_conntrack with its RETRANS and UNACK,
 * sctp_conntrack, ct_dccp_states, udp_conntrack, gre_conntrack; 0 for ICMP,
 * ICMPv6 and all others.
 */
struct ox_ct_tp {
	__u32 timeout[16];
	__u8 name[OX_CT_NAME_LEN];
	__u8 l3;     /* AF_INET, AF_INET6 */
	__u8 l4;     /* IPPROTO_* */
	__u16 state; /* 0: free */
	__u32 pad[7];
};
_Static_assert(sizeof(struct ox_ct_tp) == 128, "ox_ct_tp");
enum ox_ct_tp_default {
	OX_CT_TP_GENERIC,
	OX_CT_TP_TCP,
	OX_CT_TP_UDP,
	OX_CT_TP_ICMP,
	OX_CT_TP_ICMPV6,
	OX_CT_TP_SCTP,
	OX_CT_TP_DCCP,
	OX_CT_TP_GRE,
	OX_CT_TP_UDPLITE,
	OX_CT_TP_DEFAULTS = 16, /* policies from here on */
};

/*
 * A ct() action while it runs: what struct ox_op_ct and the ops after it say.
 * "Mirror": struct ovs_conntrack_info (openvswitch/conntrack.c).
 */
struct ox_ct_act {
	__u16 zone;
	__u16 flags; /* OX_CT_F_* */
	__u16 tp;    /* policy, or 0 */
	__u8 helper; /* enum ox_ct_helper */
	__u8 family; /* NFPROTO_*, of the flow's key */
	__u32 mark;  /* already & mark_mask */
	__u32 mark_mask;
	__u8 labels[16]; /* already & labels_mask */
	__u8 labels_mask[16];
	__be32 nat_min[4]; /* struct nf_nat_range2; IPv4 in the first */
	__be32 nat_max[4];
	__be16 port_min;
	__be16 port_max;
	__u32 eventmask; /* 1 << enum ip_conntrack_events */
};
_Static_assert(sizeof(struct ox_ct_act) == 88, "ox_ct_act");
#define OX_CT_F_COMMIT	   0x0001
#define OX_CT_F_FORCE	   0x0002 /* with COMMIT */
#define OX_CT_F_LABELS	   0x0004 /* labels_mask isn't 0 */
#define OX_CT_F_EVENTMASK  0x0008
#define OX_CT_F_NAT	   0x0010
#define OX_CT_F_SNAT	   0x0020
#define OX_CT_F_DNAT	   0x0040
#define OX_CT_F_NAT_ADDR   0x0080 /* nat_min, nat_max */
#define OX_CT_F_NAT_PORT   0x0100 /* port_min, port_max */
#define OX_CT_F_PERSISTENT 0x0200
#define OX_CT_F_HASH	   0x0400 /* PROTO_RANDOM */
#define OX_CT_F_RANDOM	   0x0800 /* PROTO_RANDOM_FULLY */
enum ox_ct_helper {
	OX_CT_HELPER_NONE,
	OX_CT_HELPER_FTP,
	OX_CT_HELPER_TFTP,
};

/*
 * A connection that a helper expects: struct nf_conntrack_expect; map
 * "ct_exps", at one of OX_CT_EXP_PROBES places from its home on, which is a
 * hash of dst, dport, proto, l3 and zone. The daemon alone fills one in, "word"
 * last, so one that was torn isn't there. A program takes it by one compare and
 * exchange of "word", and so does the daemon.
 */
struct ox_ct_exp {
	__u32 word;    /* OX_CT_EXP_LIVE, and a generation above it */
	__u32 expires; /* jiffies */
	__be64 src[2]; /* already & src_mask; IPv4 in the first 4 bytes */
	__be64 src_mask[2];
	__be64 dst[2];
	__be16 sport;
	__be16 sport_mask;
	__be16 dport;
	__u16 zone;
	__u8 proto;
	__u8 l3;      /* OX_CT_L3_* */
	__u8 helper;  /* enum ox_ct_helper: of the master */
	__u8 flags;   /* OX_CT_EXP_* */
	__u32 master; /* its place */
	__u16 master_gen;
	__u8 dir;    /* of the packets that will come, in the master */
	__u8 follow; /* it gets its NAT from the master: nf_nat_follow_master()
		      */
	__be16 saved_port; /* follow: the destination's */
	__u16 pad;
	__be64 nat_src[2]; /* follow: what its source becomes */
	__be64 nat_dst[2];
	__u64 pad1[2];
};
_Static_assert(sizeof(struct ox_ct_exp) == 128, "ox_ct_exp");
#define OX_CT_EXPS	 2048
#define OX_CT_EXP_PROBES 16
#define OX_CT_EXP_LIVE	 0x1u
#define OX_CT_EXP_NEXT(w)                                  \
	(((w) | OX_CT_EXP_LIVE) + 1) /* of its place, free \
				      */
/* NF_CT_EXPECT_* */
#define OX_CT_EXP_PERMANENT 0x1
#define OX_CT_EXP_INACTIVE  0x2
#define OX_CT_EXP_USERSPACE 0x4

/* struct nf_ct_seqadj: how far the sequence numbers of one direction are from
 * those of its sender. */
struct ox_ct_adj {
	__u32 pos;    /* correction_pos */
	__s32 before; /* up to there */
	__s32 after;
};

/*
 * What the helper of a connection remembers: struct nf_ct_ftp_master, and
 * nf_conn_seqadj; map "ct_algs". The daemon alone writes it. It is the owner's
 * as long as that is alive and names it in "alg".
 */
struct ox_ct_alg {
	__u32 owner; /* place of the connection */
	__u16 owner_gen;
	__u8 nl_num[2];	 /* how many of nl there are, by direction */
	__u32 nl[2][2];	 /* sequence numbers after a newline */
	__u8 pickup[2];	 /* of these none is known, and any may be one */
	__u8 adj_cur[2]; /* which one of adj holds: the other one is written,
			  * then this */
	__u32 exp;	 /* place of what it expects, and its word: else 0 */
	__u32 exp_word;
	struct ox_ct_adj adj[2][2]; /* by direction, and adj_cur */
	__u32 pad[11];
};
_Static_assert(sizeof(struct ox_ct_alg) == 128, "ox_ct_alg");
#define OX_CT_ALGS 4096

/*
 * What happened to a connection, with the entry as it was then; a record of the
 * ring in map "ct_ring". That is an array with one place, where the daemon puts
 * a ring as long as somebody listens.
 */
struct ox_ct_event {
	__u32 what;   /* OX_CT_EV_*, or OX_CT_EV_EXP_TAKEN */
	__u32 idx;    /* place of the entry, or of the expectation */
	__u32 now;    /* jiffies */
	__u32 portid; /* of the client that asked for it; else 0 */
	__u64 now_ns; /* CLOCK_MONOTONIC */
	union {
		struct ox_ct e;
		struct ox_ct_exp x;
	};
};
_Static_assert(sizeof(struct ox_ct_event) == 280, "ox_ct_event");
/* Of what: the connection that "x" had announced came. */
#define OX_CT_EV_EXP_TAKEN 0x10000u
#define OX_CT_RING_SIZE	   (4u << 20)

/* What ends connections whose time has come, without a daemon (bpf/ct.bpf.c);
 * map "ct_sweep", of one element. */
struct ox_ct_sweep {
#ifdef __bpf__
	struct bpf_timer timer;
#else
	__u64 timer[2];
#endif
	__u32 word;   /* of "ct_bits": the next turn begins there */
	__u32 rounds; /* sweeps of the whole table that have ended */
	__u64 turns;
	__u64 ended; /* connections */
};
_Static_assert(sizeof(struct ox_ct_sweep) == 40, "ox_ct_sweep");

/* The variable of all programs; map of one element, as struct ox_config is.
 * Section ".data.ct_conf" of the BPF objects, pinned as "config".
 * The upper part is written at creation, the knobs at any time. */
struct ox_ct_conf {
	__u32 magic; /* OX_CT_ABI_MAGIC, written last at creation */
	__u32 version;
	__u64 seed; /* of ox_ct_hash(): odd, random */
	__u64 netns_cookie;
	__u32 n_buckets;     /* a power of two */
	__u32 max;	     /* entries at most: nf_conntrack_max */
	__u32 hz;	     /* jiffies a second */
	__u32 n_chunks;	     /* that are there: grows with use */
	__u32 flags;	     /* OX_CT_CONF_* */
	__u32 default_limit; /* of zones without one; 0: none */
	__u32 max_retrans;   /* nf_conntrack_tcp_max_retrans */
	__u32 pad[3];
	__u64 pad2[24];
};
_Static_assert(sizeof(struct ox_ct_conf) == 256, "ox_ct_conf");
/* The sysctls net.netfilter.nf_conntrack_*. */
#define OX_CT_CONF_LOOSE	      0x01 /* tcp_loose */
#define OX_CT_CONF_LIBERAL	      0x02 /* tcp_be_liberal */
#define OX_CT_CONF_IGNORE_INVALID_RST 0x04 /* tcp_ignore_invalid_rst */
#define OX_CT_CONF_ACCT		      0x10 /* acct */
#define OX_CT_CONF_TIMESTAMP	      0x20 /* timestamp */
#define OX_CT_CONF_NO_EVENTS	      0x40 /* events is 0 */
#define OX_CT_CONF_EVENTS	      0x80 /* events is 1, not 2 */
/* No sysctl: an established connection of TCP isn't held to its window, as
 * nf_ct_set_tcp_be_liberal() of the module has it. */
#define OX_CT_CONF_EST_LIBERAL 0x100
/* Somebody listens to what happens to connections. */
#define OX_CT_CONF_LISTEN 0x200

/* What is counted, per CPU: struct ip_conntrack_stat by name where it has the
 * same. New ones go to the end. */
#define OX_CT_STATS(X)                                                       \
	X(INVALID, "invalid", "packets that can't be tracked")               \
	X(INSERT, "insert", "connections committed")                         \
	X(INSERT_FAILED, "insert_failed", "commits that met another one")    \
	X(CLASH, "clash_resolve", "commits of UDP that took the other one")  \
	X(DELETE, "delete", "connections ended by a packet or a request")    \
	X(EXPIRED, "expired", "connections ended by their timeout, a flush") \
	X(DROP, "drop", "packets dropped because the table was full")        \
	X(EARLY_DROP, "early_drop", "connections given up for new ones")     \
	X(LIMIT, "limit", "packets dropped at their zone's limit")           \
	X(RESTART, "search_restart", "commits that looked again")            \
	X(EXPECTED, "expect_new", "connections that a helper had expected")  \
	X(EVENT_LOST, "event_lost", "events that found no room in the ring")
enum ox_ct_stat {
#define OX_CT_S_ENUM(id, name, text) OX_CT_S_##id,
	OX_CT_STATS(OX_CT_S_ENUM)
#undef OX_CT_S_ENUM
		OX_CT_S_COUNT,
};
struct ox_ct_stats {
	__u64 n[16]; /* by enum ox_ct_stat */
};
_Static_assert(OX_CT_S_COUNT <= 16, "room");

#endif /* OVSXDP_ABI_CT_H */
