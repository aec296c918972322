/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions_int.h - inside actions*.c: checking and compiling are two passes
 * over the same stream.
 */
#ifndef OVSXDP_ACTIONS_INT_H
#define OVSXDP_ACTIONS_INT_H

#include "control/actions.h"
#include "control/key_attr.h"

struct ox_actions_check {
	const void *base;	  /* message, for offsets */
	const struct ox_key *key; /* masked */
	struct ox_err *err;
};

/* Checks a list. 0, or -errno with words and an offset. */
int ox_actions_validate(struct ox_actions_check *c, const struct nlattr *nest);
/* The argument of OVS_ACTION_ATTR_SET(_MASKED): one key attribute. */
int ox_actions_validate_set(struct ox_actions_check *c, const struct nlattr *a,
			    bool has_eth, bool masked);
/* Fills the error; returns code. */
int ox_actions_bad(struct ox_actions_check *c, int code, const struct nlattr *a,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Compiles a stream that was checked. Fills kind, port, n_ops and ops of
 * out, whose nla is the stream. -E2BIG: more than OX_ACTIONS_MAX_OPS.
 */
int ox_actions_build(const void *nla, uint32_t nla_len, struct ox_actions *out);

#endif /* OVSXDP_ACTIONS_INT_H */
