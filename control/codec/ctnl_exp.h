/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctnl_exp.h - NFNL_SUBSYS_CTNETLINK_EXP: connections that a helper waits for.
 * As ctnl.h, which it goes on from.
 */
#ifndef OVSXDP_CODEC_CTNL_EXP_H
#define OVSXDP_CODEC_CTNL_EXP_H

#include "control/codec/ctnl.h"

#define OX_CTNL_EXP_FLAGS 0x7 /* NF_CT_EXPECT_MASK */

/* struct nf_conntrack_expect. */
struct ox_ctnl_exp {
	struct ox_ctnl_tuple tuple;
	struct ox_ctnl_tuple mask;   /* of it src and sport count */
	struct ox_ctnl_tuple master; /* its original tuple */
	uint16_t zone;		     /* of a request; an answer has none */
	uint32_t timeout;
	__be32 id;
	uint32_t flags; /* NF_CT_EXPECT_* */
	uint32_t class;
	bool has_nat;
	uint32_t nat_dir;		 /* enum ip_conntrack_dir */
	struct ox_ctnl_tuple nat;	 /* of it src and sport count */
	char helper[OX_CTNL_HELPER_LEN]; /* "": none */
	char fn[32];			 /* "nat-follow-master"; "": none */
};

extern const struct ox_nla_policy ox_ctnl_exp_policy[CTA_EXPECT_MAX + 1];

/* cmd: IPCTNL_MSG_EXP_NEW for answers and new ones, _DELETE for the last
 * notification. Whole, or -EMSGSIZE. */
int ox_ctnl_exp_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
		    uint8_t cmd, const struct ox_ctnl_exp *x);
/* An answer, or an EXP_NEW: tuple, mask and master have to be there. */
int ox_ctnl_exp_parse(const void *base, const struct nlattr *const *tb,
		      uint8_t family, struct ox_ctnl_exp *out,
		      struct ox_err *err);

/* What a GET (with or without dump) or a DELETE is about. */
enum ox_ctnl_exp_what {
	OX_CTNL_EXP_ALL,
	OX_CTNL_EXP_ONE,    /* tuple; and id */
	OX_CTNL_EXP_MASTER, /* those of the connection with this tuple */
	OX_CTNL_EXP_HELPER, /* those of a helper */
};

struct ox_ctnl_exp_request {
	enum ox_ctnl_exp_what what;
	uint8_t family; /* of a dump of all; 0: any */
	struct ox_ctnl_tuple tuple;
	uint16_t zone;
	bool has_id;
	__be32 id;
	char helper[OX_CTNL_HELPER_LEN];
};

int ox_ctnl_exp_get_parse(const void *base, const struct nlattr *const *tb,
			  uint8_t family, bool dump,
			  struct ox_ctnl_exp_request *out, struct ox_err *err);
int ox_ctnl_exp_delete_parse(const void *base, const struct nlattr *const *tb,
			     uint8_t family, struct ox_ctnl_exp_request *out,
			     struct ox_err *err);

#endif /* OVSXDP_CODEC_CTNL_EXP_H */
