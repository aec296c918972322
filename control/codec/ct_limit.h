/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_limit.h - OVS_CT_LIMIT_ATTR_*: how many connections a zone may have, as
 * ovs_ct_limit_cmd_set() and its kind (net/openvswitch/conntrack.c) read and
 * write it. No I/O.
 */
#ifndef OVSXDP_CODEC_CT_LIMIT_H
#define OVSXDP_CODEC_CT_LIMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/openvswitch.h>

#include "control/base/attr.h"
#include "control/base/nlbuf.h"

#define OX_CT_LIMIT_DEFAULT (-1) /* zones without a limit of their own */
#define OX_CT_LIMIT_NONE    0	 /* as many as there is room for */

struct ox_ct_limit {
	int32_t zone; /* 0 to 65535, or OX_CT_LIMIT_DEFAULT */
	uint32_t limit;
	uint32_t count; /* of an answer, but for the default */
};

extern const struct ox_nla_policy ox_ct_limit_policy[OVS_CT_LIMIT_ATTR_MAX + 1];

/*
 * The limits of a SET, DEL or GET, one after the other: *at starts as 0. true:
 * *out is the next one. false: that was all. A zone out of range is left out,
 * as are bytes at the end: the module takes the rest, and only logs it.
 */
bool ox_ct_limit_next(const struct nlattr *nest, uint32_t *at,
		      struct ox_ct_limit *out);
/* SET and DEL want the attribute: 0, or -EINVAL with words. */
int ox_ct_limit_need(const struct nlattr *const *tb, struct ox_err *e);

/* An answer to GET: a nest, in it any number of limits, and its end. */
int ox_ct_limit_put_begin(struct ox_nlbuf *b, uint32_t *mark);
int ox_ct_limit_put(struct ox_nlbuf *b, const struct ox_ct_limit *l);
void ox_ct_limit_put_end(struct ox_nlbuf *b, uint32_t mark);

#endif /* OVSXDP_CODEC_CT_LIMIT_H */
