// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* exp_view.c - a place of the table to what netlink tells of it. */
#include "control/conntrack/exp_view.h"

#include <errno.h>
#include <string.h>

#include "control/conntrack/view.h"
#include "control/packet/ct_exp.h"

/* No two that live have the same; the kernel's is a hash. */
static __be32 id_of(const struct ox_ct_mem *m, uint32_t at, uint32_t word)
{
	return (__be32)((word << 12 | at) ^ (uint32_t)(m->conf->seed >> 32));
}

static void tuples_view(const struct ox_ct_exp *x, struct ox_ctnl_exp *out)
{
	out->tuple = (struct ox_ctnl_tuple){
		.l3 = x->l3 & OX_CT_L3_IPV6 ? AF_INET6 : AF_INET,
		.proto = x->proto,
		.sport = x->sport,
		.dport = x->dport,
	};
	memcpy(out->tuple.src, x->src, sizeof(out->tuple.src));
	memcpy(out->tuple.dst, x->dst, sizeof(out->tuple.dst));
	memcpy(out->mask.src, x->src_mask, sizeof(out->mask.src));
	out->mask.sport = x->sport_mask;
}

void ox_ct_exp_copy_show(const struct ox_ct_mem *m, uint32_t at,
			 const struct ox_ct_exp *x,
			 const struct ox_ctnl_tuple *master,
			 struct ox_ctnl_exp *out)
{
	int32_t left = (int32_t)(x->expires - m->ops->now(m));

	*out = (struct ox_ctnl_exp){
		.master = *master,
		.zone = x->zone,
		.timeout = left > 0 ? (uint32_t)left / m->conf->hz : 0,
		.id = id_of(m, at, x->word),
		.flags = x->flags,
		.has_nat = x->saved_port,
		.nat_dir = x->dir,
		.nat.sport = x->saved_port,
	};
	tuples_view(x, out);
	strcpy(out->helper, ox_ct_helper_name(x->helper));
	if (x->follow)
		strcpy(out->fn, "nat-follow-master");
}

int ox_ct_exp_show(const struct ox_ct_mem *m, uint32_t at,
		   struct ox_ctnl_exp *out, uint32_t *word)
{
	struct ox_ctnl_entry master;
	struct ox_ct_exp x;
	int err = ox_ct_exp_view(m, at, &x);

	if (!err)
		err = ox_ct_view(m, x.master, &master, NULL);
	if (err)
		return err;
	ox_ct_exp_copy_show(m, at, &x, &master.tuple[OX_CTNL_ORIG], out);
	if (word)
		*word = x.word;
	return 0;
}

/* __nf_ct_expect_find(): would a packet with this tuple meet it? */
static bool meets(const struct ox_ctnl_tuple *t, const struct ox_ctnl_exp *x)
{
	for (int i = 0; i < 4; i++)
		if ((t->src[i] ^ x->tuple.src[i]) & x->mask.src[i])
			return false;
	return !((t->sport ^ x->tuple.sport) & x->mask.sport) &&
	       !memcmp(t->dst, x->tuple.dst, sizeof(t->dst)) &&
	       t->dport == x->tuple.dport && t->proto == x->tuple.proto &&
	       t->l3 == x->tuple.l3;
}

bool ox_ct_exp_asked(const struct ox_ctnl_exp_request *rq,
		     const struct ox_ctnl_exp *x)
{
	switch (rq->what) {
	case OX_CTNL_EXP_ALL:
		return !rq->family || rq->family == x->tuple.l3;
	case OX_CTNL_EXP_ONE:
		return rq->zone == x->zone && meets(&rq->tuple, x) &&
		       (!rq->has_id || rq->id == x->id);
	case OX_CTNL_EXP_MASTER:
		return rq->zone == x->zone &&
		       !memcmp(&rq->tuple, &x->master, sizeof(rq->tuple));
	case OX_CTNL_EXP_HELPER:
		return !strcmp(rq->helper, x->helper);
	}
	return false;
}

uint32_t ox_ct_exp_next(const struct ox_ct_mem *m, uint32_t at,
			const struct ox_ctnl_exp_request *rq,
			struct ox_ctnl_exp *out, uint32_t *word)
{
	for (; at < OX_CT_EXPS; at++)
		if (!ox_ct_exp_show(m, at, out, word) &&
		    ox_ct_exp_asked(rq, out))
			return at;
	return OX_CT_NONE;
}
