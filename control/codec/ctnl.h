/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctnl.h - conntrack over netlink: NFNL_SUBSYS_CTNETLINK's messages to plain
 * structs and back, as net/netfilter/nf_conntrack_netlink.c reads and writes
 * them. No sockets and no tables: who has entries fills struct ox_ctnl_entry.
 *
 * Byte order: addresses, ports and ids as on the wire; all else in the host's.
 * Times are in seconds but where a name says otherwise. Errors are the
 * kernel's; it gives no words, so there are ours in struct ox_err.
 */
#ifndef OVSXDP_CODEC_CTNL_H
#define OVSXDP_CODEC_CTNL_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <libmnl/libmnl.h>

#include "control/base/attr.h"
#include "control/base/nlbuf.h"

#define OX_CTNL_HELPER_LEN 16 /* NF_CT_HELPER_NAME_LEN, with the NUL */
#define OX_CTNL_LABELS_LEN 16 /* NF_CT_LABELS_MAX_SIZE */

#define OX_CTNL_TCP_STATES 10 /* TCP_CONNTRACK_MAX */

/* struct nf_conntrack_tuple. What its protocol doesn't have is zero. */
struct ox_ctnl_tuple {
	uint8_t l3;    /* AF_INET, AF_INET6 */
	uint8_t proto; /* IPPROTO_* */
	uint8_t icmp_type;
	uint8_t icmp_code;
	__be32 src[4]; /* IPv4 in the first */
	__be32 dst[4];
	__be16 sport; /* of ICMP its id; of GRE a key */
	__be16 dport;
};

enum ox_ctnl_dir { OX_CTNL_ORIG, OX_CTNL_REPLY };

/* What an entry has besides tuples and status. */
#define OX_CTNL_COUNTERS  0x001 /* nf_conntrack_acct is on */
#define OX_CTNL_TIMESTAMP 0x002
#define OX_CTNL_HELPER	  0x004
#define OX_CTNL_LABELS	  0x008 /* not all zero */
#define OX_CTNL_MASTER	  0x010 /* IPS_EXPECTED */
#define OX_CTNL_SEQ_ADJ	  0x020 /* IPS_SEQ_ADJUST */
#define OX_CTNL_PROTOINFO 0x040 /* TCP, SCTP, DCCP */
#define OX_CTNL_TIMEOUT	  0x080
#define OX_CTNL_MARK	  0x100
#define OX_CTNL_ID	  0x200
#define OX_CTNL_USE	  0x400
#define OX_CTNL_STATUS	  0x800

/* What a request says of a protocol's state; of all else, 0 is nothing. */
#define OX_CTNL_PROTO_STATE  0x1
#define OX_CTNL_PROTO_WSCALE 0x2 /* of both directions */

/* CTA_PROTOINFO; which one, the tuple's protocol says. */
struct ox_ctnl_proto {
	uint8_t state;	   /* of the protocol's enum: enum tcp_conntrack, ... */
	uint8_t wscale[2]; /* TCP, by direction */
	uint8_t flags[2];  /* TCP: IP_CT_TCP_FLAG_* */
	uint8_t mask[2];   /* of a request: which flags it changes */
	uint8_t given;	   /* of a request: OX_CTNL_PROTO_* */
	uint8_t role;	   /* DCCP: of the original direction */
	__be32 vtag[2];	   /* SCTP */
	uint64_t handshake; /* DCCP: sequence number */
};

struct ox_ctnl_seq_adj {
	uint32_t correction_pos;
	uint32_t offset_before;
	uint32_t offset_after;
};

struct ox_ctnl_entry {
	uint32_t has; /* OX_CTNL_* */
	struct ox_ctnl_tuple tuple[2];
	struct ox_ctnl_tuple master; /* its original tuple */
	uint16_t zone;
	uint32_t status; /* IPS_* */
	uint32_t timeout;
	uint32_t mark;
	__be32 id;
	uint32_t use;
	struct ox_ctnl_proto proto;
	uint64_t packets[2];
	uint64_t bytes[2];
	uint64_t start_ns; /* since 1970; stop 0: it lives */
	uint64_t stop_ns;
	uint8_t labels[OX_CTNL_LABELS_LEN];
	struct ox_ctnl_seq_adj seq_adj[2];
	char helper[OX_CTNL_HELPER_LEN];
};

/* ---- headers; ctnl_msg.c ---- */

/* What the header of an answer says; of a notification seq is 0. */
struct ox_ctnl_to {
	uint32_t portid;
	uint32_t seq;
	uint16_t flags; /* NLM_F_* */
};

/* Starts a message of a subsystem (NFNL_SUBSYS_*) for ox_nl_end(). */
int ox_ctnl_begin(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
		  uint8_t subsys, uint8_t cmd, uint8_t family, uint16_t res_id);

/* ---- entries ---- */

/* An entry as GET and dumps answer it: IPCTNL_MSG_CT_NEW. The message is
 * whole, or there is none and -EMSGSIZE. ctnl_entry.c */
int ox_ctnl_entry_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
		      const struct ox_ctnl_entry *e);
/* The same as a notification. events: 1 << enum ip_conntrack_events, which
 * decide over message and attributes. */
int ox_ctnl_event_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
		      uint32_t events, const struct ox_ctnl_entry *e);
/*
 * Reads an entry from an answer, a notification or a CT_NEW: the message's
 * attributes, by ox_ctnl_policy. Both tuples have to be there; else has says
 * what was. ctnl_parse.c
 */
int ox_ctnl_entry_parse(const void *base, const struct nlattr *const *tb,
			uint8_t family, struct ox_ctnl_entry *out,
			struct ox_err *err);

extern const struct ox_nla_policy ox_ctnl_policy[CTA_MAX + 1];

/* ---- requests; ctnl_request.c ---- */

/* Fields of a tuple that a filter compares: CTA_FILTER_F_*, which the
 * installed header may lack. */
#define OX_CTNL_F_IP_SRC      0x0001
#define OX_CTNL_F_IP_DST      0x0002
#define OX_CTNL_F_ZONE	      0x0004
#define OX_CTNL_F_PROTO	      0x0008
#define OX_CTNL_F_SPORT	      0x0010
#define OX_CTNL_F_DPORT	      0x0020
#define OX_CTNL_F_ICMP_TYPE   0x0040
#define OX_CTNL_F_ICMP_CODE   0x0080
#define OX_CTNL_F_ICMP_ID     0x0100
#define OX_CTNL_F_ICMPV6_TYPE 0x0200
#define OX_CTNL_F_ICMPV6_CODE 0x0400
#define OX_CTNL_F_ICMPV6_ID   0x0800
#define OX_CTNL_F_ALL	      0x0fff
#define OX_CTNL_F_L4	      0x0ff0

/* struct ctnetlink_filter. All zero: every entry. */
struct ox_ctnl_filter {
	uint8_t family; /* 0: any */
	bool given;	/* answers have NLM_F_DUMP_FILTERED */
	bool has_zone;
	uint16_t zone;
	uint32_t mark, mark_mask;
	uint32_t status, status_mask;
	uint32_t flags[2]; /* OX_CTNL_F_*, by direction */
	struct ox_ctnl_tuple tuple[2];
};

/* Which entry a GET without dump, or a DELETE, is about. */
struct ox_ctnl_which {
	struct ox_ctnl_tuple tuple; /* original or reply, it may be either's */
	uint16_t zone;
	bool has_id;
	__be32 id; /* an entry of another id isn't meant */
};

/* A dump's filter. -EINVAL, -EOPNOTSUPP, -ERANGE. */
int ox_ctnl_filter_parse(const void *base, const struct nlattr *const *tb,
			 uint8_t family, struct ox_ctnl_filter *out,
			 struct ox_err *err);
/* Does an entry pass? ctnl_match.c */
bool ox_ctnl_filter_match(const struct ox_ctnl_filter *f,
			  const struct ox_ctnl_entry *e);

/* A GET of one entry. -EINVAL without a tuple. */
int ox_ctnl_which_parse(const void *base, const struct nlattr *const *tb,
			uint8_t family, struct ox_ctnl_which *out,
			struct ox_err *err);

/* A DELETE: of one entry, or of all that pass a filter. */
struct ox_ctnl_delete {
	bool one;
	struct ox_ctnl_which which;   /* one */
	struct ox_ctnl_filter filter; /* all others */
};
int ox_ctnl_delete_parse(const void *base, const struct nlattr *const *tb,
			 const struct nfgenmsg *hdr, struct ox_ctnl_delete *out,
			 struct ox_err *err);

/* ---- statistics; ctnl_stats.c ---- */

/* struct ip_conntrack_stat of a CPU. */
struct ox_ctnl_stats {
	uint32_t found;
	uint32_t invalid;
	uint32_t insert;
	uint32_t insert_failed;
	uint32_t drop;
	uint32_t early_drop;
	uint32_t error;
	uint32_t search_restart;
	uint32_t clash_resolve;
	uint32_t chain_toolong;
};

/* IPCTNL_MSG_CT_GET_STATS_CPU: one message a CPU. */
int ox_ctnl_stats_cpu_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
			  uint16_t cpu, const struct ox_ctnl_stats *s);
/* IPCTNL_MSG_CT_GET_STATS: entries there are, and at most. */
int ox_ctnl_stats_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
		      uint32_t entries, uint32_t max);
/* IPCTNL_MSG_EXP_GET_STATS_CPU: of expectations. */
int ox_ctnl_stats_exp_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
			  uint16_t cpu, uint32_t made_new, uint32_t created,
			  uint32_t deleted);

#endif /* OVSXDP_CODEC_CTNL_H */
