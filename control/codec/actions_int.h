/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions_int.h - inside actions*.c. A list is checked (check, nest, set),
 * copied in the form that dumps show (keep), and compiled to steps (build,
 * edit). These are trimmed to the ops that matter (trim). The checks refuse
 * through err; steps is the array that build, edit and trim share.
 */
#ifndef OVSXDP_ACTIONS_INT_H
#define OVSXDP_ACTIONS_INT_H

#include "control/codec/actions.h"
#include "control/codec/actions_kind.h"

#define OX_ACTIONS_MAX_DEPTH 16 /* OVS_COPY_ACTIONS_MAX_DEPTH */

/* ---- checking ---- */

struct ox_actions_check {
	const void *base;	  /* message, for offsets */
	const struct ox_key *key; /* masked */
	struct ox_err *err;
	int unsupported; /* -EOPNOTSUPP: err says the first such action; it
			  * stands unless the list is wrong besides */
	uint32_t growth; /* bytes that the kept form may be longer */
};

/* What is known of the packet in front of an action. */
struct ox_actions_at {
	uint8_t mac_proto;
	__be16 eth_type;
	__be16 vlan_tci;
	uint32_t mpls_labels;
	uint32_t depth;
};

/* Checks a list and all lists in it. 0, or -errno with words and an offset.
 * *copied grows by the bytes that the module's own copy of it takes. */
int ox_actions_validate(struct ox_actions_check *c, const struct nlattr *nest,
			struct ox_actions_at at, uint32_t *copied);
/* Actions that hold lists or attributes; as above (actions_nest.c). */
int ox_actions_validate_sample(struct ox_actions_check *c,
			       const struct nlattr *nest,
			       const struct ox_actions_at *at,
			       uint32_t *copied);
int ox_actions_validate_clone(struct ox_actions_check *c,
			      const struct nlattr *nest,
			      const struct ox_actions_at *at, uint32_t *copied);
int ox_actions_validate_check_len(struct ox_actions_check *c,
				  const struct nlattr *nest,
				  const struct ox_actions_at *at,
				  uint32_t *copied);
int ox_actions_validate_dec_ttl(struct ox_actions_check *c,
				const struct nlattr *nest,
				const struct ox_actions_at *at,
				uint32_t *copied);
int ox_actions_validate_userspace(struct ox_actions_check *c,
				  const struct nlattr *a);
int ox_actions_validate_push_nsh(struct ox_actions_check *c,
				 const struct nlattr *a);
/* OVS_ACTION_ATTR_CT; actions_ct.c. */
int ox_actions_validate_ct(struct ox_actions_check *c, const struct nlattr *a,
			   uint32_t *copied);
/* The argument of OVS_ACTION_ATTR_SET(_MASKED): one key attribute. */
int ox_actions_validate_set(struct ox_actions_check *c, const struct nlattr *a,
			    const struct ox_actions_at *at, bool masked,
			    uint32_t *copied);
/* That of set(tunnel()): an OVS_KEY_ATTR_TUNNEL; actions_tun.c. */
int ox_actions_validate_tun(struct ox_actions_check *c,
			    const struct nlattr *nest, uint32_t *copied);

/* ---- refusing; actions_err.c ---- */

/* Fills the error; returns code. */
int ox_actions_bad(struct ox_actions_check *c, int code, const struct nlattr *a,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Notes the first action that is right but can't be done; returns 0. */
int ox_actions_unsupported(struct ox_actions_check *c, const struct nlattr *a,
			   const char *what);

/* ---- keeping ---- */

/* Copies a checked list in the form that dumps show; at most NLA_ALIGN(len)
 * bytes at to, and what the check says that it grows. Returns their number. */
uint32_t ox_actions_keep(const void *list, int len, uint8_t *to);

/* The argument of a checked ct() in that form; at most OX_CT_INFO_MAX bytes
 * (actions_ct.c). */
uint32_t ox_actions_keep_ct(const struct nlattr *a, uint8_t *to);

/* A checked OVS_KEY_ATTR_TUNNEL in that form; returns its bytes with padding
 * (actions_tun.c). */
uint32_t ox_actions_keep_tun(const struct nlattr *nest, uint8_t *to);

/* ---- ops; actions_op.c ---- */

#define OX_TRAIT_SKIPS	    0x1	 /* arg: how many of the ops after it */
#define OX_TRAIT_EDITS	    0x2	 /* the packet, its key or its metadata */
#define OX_TRAIT_MAY_FAIL   0x4	 /* where the packet has no such header */
#define OX_TRAIT_MOVES_HEAD 0x8	 /* headers in front come or go */
#define OX_TRAIT_SHORT	    0x10 /* may stand in a list of OX_ACT_OPS */

/* OX_TRAIT_*; none for a code that is no op. */
uint32_t ox_op_traits(enum ox_opcode code);

/* ---- compiling ---- */

/* An op on its way. */
struct ox_build_op {
	struct ox_op op;
	uint32_t end;  /* where its branch copy, or the list, ends */
	uint8_t depth; /* of branch copies around it */
	bool keep;
	bool live; /* someone needs the packet from here on */
};

struct ox_build {
	const uint8_t *nla; /* the stream, for offsets */
	struct ox_build_op *steps;
	uint32_t n;
	uint32_t cap;
	uint8_t depth;	   /* of branch copies */
	bool cut;	   /* a TRUNC may be in force */
	uint8_t cut_flags; /* OX_OPF_KEEP_CUT, OX_OPF_WHOLE of outputs */
	int err;
};

/* One more op, zeroed but for these. Never NULL: on b->err a scratch one
 * (actions_steps.c). */
struct ox_op *ox_build_add(struct ox_build *b, enum ox_opcode code,
			   uint32_t arg);
/* A SET or SET_MASKED; false: not of a known form. */
bool ox_build_set(struct ox_build *b, const struct nlattr *a, bool masked);
/* A ct(): the op and its arguments (actions_ct.c). False: it isn't one that was
 * checked. */
bool ox_build_ct(struct ox_build *b, const struct nlattr *a);
/* The TUN of a set(tunnel()) and its arguments, likewise (actions_tun.c). */
bool ox_build_tun(struct ox_build *b, const struct nlattr *nest);
/* Takes out what changes nothing, marks the last use of the packet. */
void ox_build_trim(struct ox_build *b);

/*
 * Compiles a stream. Fills all of out but its nla. -E2BIG: more than
 * OX_ACTIONS_MAX_OPS; -EINVAL: not a stream that was checked.
 */
int ox_actions_build(const void *nla, uint32_t nla_len, struct ox_actions *out);

/* ---- what follows from the ops; actions_tier.c ---- */
uint32_t ox_actions_flags(const struct ox_op *ops, uint32_t n);

/* The two attributes that a walk meets of the nested kinds, by type; those
 * that aren't there are NULL. */
static inline const struct nlattr *ox_nla_find(const struct nlattr *nest,
					       uint16_t type)
{
	const struct nlattr *a, *found = NULL;
	int rem;

	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest),
			 rem) if (mnl_attr_get_type(a) == type) found = a;
	return found;
}

#endif /* OVSXDP_ACTIONS_INT_H */
