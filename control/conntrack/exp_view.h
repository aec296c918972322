/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exp_view.h - expectations as netlink shows and names them.
 */
#ifndef OVSXDP_CONNTRACK_EXP_VIEW_H
#define OVSXDP_CONNTRACK_EXP_VIEW_H

#include "control/codec/ctnl_exp.h"
#include "ovsxdp/ct_mem.h"

/* The one in a place, and its word for ox_ct_exp_remove() (may be NULL).
 * -ENOENT: there is none any more. */
int ox_ct_exp_show(const struct ox_ct_mem *m, uint32_t at,
		   struct ox_ctnl_exp *out, uint32_t *word);
/* A copy of the one in place at, whatever has become of it. */
void ox_ct_exp_copy_show(const struct ox_ct_mem *m, uint32_t at,
			 const struct ox_ct_exp *x,
			 const struct ox_ctnl_tuple *master,
			 struct ox_ctnl_exp *out);
/* Is it one that a request is about? */
bool ox_ct_exp_asked(const struct ox_ctnl_exp_request *rq,
		     const struct ox_ctnl_exp *x);
/* The first one that a request is about, from a place on; OX_CT_NONE after the
 * last one. word may be NULL. */
uint32_t ox_ct_exp_next(const struct ox_ct_mem *m, uint32_t at,
			const struct ox_ctnl_exp_request *rq,
			struct ox_ctnl_exp *out, uint32_t *word);

#endif /* OVSXDP_CONNTRACK_EXP_VIEW_H */
