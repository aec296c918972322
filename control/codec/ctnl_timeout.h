/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctnl_timeout.h - NFNL_SUBSYS_CTNETLINK_TIMEOUT: policies of timeouts by name,
 * and the defaults of protocols; net/netfilter/nfnetlink_cttimeout.c. As
 * ctnl.h.
 */
#ifndef OVSXDP_CODEC_CTNL_TIMEOUT_H
#define OVSXDP_CODEC_CTNL_TIMEOUT_H

#include <linux/netfilter/nfnetlink_cttimeout.h>

#include "control/codec/ctnl.h"

#define OX_CTNL_TIMEOUTS      16  /* places in a set, as in struct ox_ct_tp */
#define OX_CTNL_GENERIC_PROTO 255 /* defaults of all other protocols */

/*
 * A policy, or the defaults of a protocol. Places are those of the protocol's
 * enum in the kernel (enum tcp_conntrack with TCP_CONNTRACK_RETRANS and
 * _UNACK; sctp_conntrack, ct_dccp_state, udp_conntrack, gre_conntrack; 0 of
 * ICMP, ICMPv6 and all others). Place 0 of TCP, SCTP and DCCP, whose state
 * NONE has no attribute, is as the kernel fills it: like place 1.
 */
struct ox_ctnl_timeout {
	char name[CTNL_TIMEOUT_NAME_MAX]; /* "": defaults */
	uint16_t l3;			  /* AF_INET, AF_INET6 */
	uint8_t l4;			  /* IPPROTO_* */
	uint32_t use;			  /* who names it, itself included */
	uint16_t given; /* of a request: bit of each place that it says; the
			 * others are those of the defaults */
	uint32_t seconds[OX_CTNL_TIMEOUTS];
};

extern const struct ox_nla_policy ox_ctnl_timeout_policy[CTA_TIMEOUT_MAX + 1];

/* A policy, as GET and dumps answer it: IPCTNL_MSG_TIMEOUT_NEW. Whole, or
 * -EMSGSIZE. */
int ox_ctnl_timeout_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
			const struct ox_ctnl_timeout *t);
/* The answer to DEFAULT_GET, which is a DEFAULT_SET. */
int ox_ctnl_timeout_default_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
				const struct ox_ctnl_timeout *t);

/* TIMEOUT_NEW, or an answer. -EINVAL, -ERANGE; -EOPNOTSUPP: a protocol that
 * has no timeouts of its own. */
int ox_ctnl_timeout_parse(const void *base, const struct nlattr *const *tb,
			  struct ox_ctnl_timeout *out, struct ox_err *err);
/* DEFAULT_SET, and its answer; without a name. */
int ox_ctnl_timeout_default_parse(const void *base,
				  const struct nlattr *const *tb,
				  struct ox_ctnl_timeout *out,
				  struct ox_err *err);
/* DEFAULT_GET: l3, l4. */
int ox_ctnl_timeout_which_parse(const void *base,
				const struct nlattr *const *tb,
				struct ox_ctnl_timeout *out,
				struct ox_err *err);
/* GET and DELETE of one: its name (CTNL_TIMEOUT_NAME_MAX bytes at name).
 * *given false: a DELETE without a name, which is all that are free. */
int ox_ctnl_timeout_name_parse(const void *base, const struct nlattr *const *tb,
			       bool delete, char *name, bool *given,
			       struct ox_err *err);

#endif /* OVSXDP_CODEC_CTNL_TIMEOUT_H */
