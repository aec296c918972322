// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_policy.c - CTRL_CMD_GETPOLICY of our families: which attributes their
 * operations take, as the kernel's net/netlink/policy.c does. First a message
 * for each operation, with the number of its policy, then one for each
 * attribute of each policy.
 */
#include <errno.h>

#include "control/netlink/genl_int.h"

/* Places in ox_dump.cursor. */
enum { OP, POLICY, ATTR };

#ifndef NLA_F_NESTED
#define NLA_F_NESTED (1 << 15)
#endif

static const uint32_t types[] = {
	[OX_NLA_U8] = NL_ATTR_TYPE_U8,
	[OX_NLA_U16] = NL_ATTR_TYPE_U16,
	[OX_NLA_U32] = NL_ATTR_TYPE_U32,
	[OX_NLA_U64] = NL_ATTR_TYPE_U64,
	[OX_NLA_S32] = NL_ATTR_TYPE_S32,
	[OX_NLA_STRING] = NL_ATTR_TYPE_STRING,
	[OX_NLA_NUL_STRING] = NL_ATTR_TYPE_NUL_STRING,
	[OX_NLA_NESTED] = NL_ATTR_TYPE_NESTED,
	[OX_NLA_FLAG] = NL_ATTR_TYPE_FLAG,
	/* what has no type, only a least length, the kernel keeps to itself */
	[OX_NLA_ANY] = NL_ATTR_TYPE_INVALID,
};

static const struct ox_genl_family *family_of(const struct ox_dump *d)
{
	const struct nlattr *id = d->attrs[CTRL_ATTR_FAMILY_ID];
	const struct nlattr *name = d->attrs[CTRL_ATTR_FAMILY_NAME];

	if (id)
		return ox_family_by_id(d->genl, mnl_attr_get_u16(id));
	return ox_family_by_name(d->genl, mnl_attr_get_str(name));
}

/* Of all, or of the one that the request names? */
static bool is_asked(const struct ox_dump *d, const struct ox_genl_op *op)
{
	const struct nlattr *only = d->attrs[CTRL_ATTR_OP];

	return op->policy && (!only || mnl_attr_get_u32(only) == op->cmd);
}

int ox_policy_start(struct ox_dump *d)
{
	const struct nlattr *only = d->attrs[CTRL_ATTR_OP];
	const struct ox_genl_family *f;
	bool known = !only;

	if (!d->attrs[CTRL_ATTR_FAMILY_ID] && !d->attrs[CTRL_ATTR_FAMILY_NAME])
		return -EINVAL;
	f = family_of(d);
	if (!f)
		return -ENOENT;
	for (int i = 0; i < f->n_ops; i++) {
		if (is_asked(d, &f->ops[i]))
			return 0;
		known |= only && mnl_attr_get_u32(only) == f->ops[i].cmd;
	}
	return known ? -ENODATA : -ENOENT;
}

/* Several operations may have the same policy: the first is named. */
static bool is_first(const struct ox_dump *d, const struct ox_genl_op *ops,
		     uint64_t n)
{
	if (!is_asked(d, &ops[n]))
		return false;
	for (uint64_t i = 0; i < n; i++) {
		if (is_asked(d, &ops[i]) && ops[i].policy == ops[n].policy)
			return false;
	}
	return true;
}

static uint16_t index_of(const struct ox_dump *d, const struct ox_genl_op *ops,
			 const struct ox_nla_policy *policy)
{
	uint16_t n = 0;

	for (uint64_t i = 0; !is_asked(d, &ops[i]) || ops[i].policy != policy;
	     i++)
		n += is_first(d, ops, i);
	return n;
}

static int begin(const struct ox_dump *d, struct ox_nlbuf *b, uint16_t id)
{
	int err = ox_nl_begin(b, GENL_ID_CTRL, NLM_F_MULTI, d->nlh->nlmsg_seq,
			      d->portid, CTRL_CMD_GETPOLICY, OX_CTRL_VERSION, 0,
			      NULL);

	return err ?: ox_nl_put_u16(b, CTRL_ATTR_FAMILY_ID, id);
}

/* Attributes of dumps are nobody's to check in these families (the module's
 * GENL_DONT_VALIDATE_DUMP), so there is no CTRL_ATTR_POLICY_DUMP. */
static int put_op(const struct ox_dump *d, struct ox_nlbuf *b,
		  const struct ox_genl_family *f, const struct ox_genl_op *op)
{
	uint32_t outer, inner;
	int err = begin(d, b, f->id);

	if (!err)
		err = ox_nl_nest(b, CTRL_ATTR_OP_POLICY | NLA_F_NESTED, &outer);
	if (!err)
		err = ox_nl_nest(b, op->cmd | NLA_F_NESTED, &inner);
	if (!err)
		err = ox_nl_put_u32(b, CTRL_ATTR_POLICY_DO,
				    index_of(d, f->ops, op->policy));
	if (err)
		return err;
	ox_nl_nest_end(b, inner);
	ox_nl_nest_end(b, outer);
	ox_nl_end(b);
	return 0;
}

static int put_range(struct ox_nlbuf *b, const struct ox_nla_policy *p)
{
	static const uint64_t most[] = { [OX_NLA_U8] = UINT8_MAX,
					 [OX_NLA_U16] = UINT16_MAX,
					 [OX_NLA_U32] = UINT32_MAX,
					 [OX_NLA_U64] = UINT64_MAX,
					 [OX_NLA_S32] = INT32_MAX };
	uint64_t min = p->min;
	int err;

	if (p->bits)
		return ox_nl_put_u64(b, NL_POLICY_TYPE_ATTR_MASK, p->bits);
	if (p->type == OX_NLA_S32) {
		min = p->max ? min : (uint64_t)(int64_t)INT32_MIN;
		err = ox_nl_put_u64(b, NL_POLICY_TYPE_ATTR_MIN_VALUE_S, min);
		return err
			       ?: ox_nl_put_u64(b,
						NL_POLICY_TYPE_ATTR_MAX_VALUE_S,
						p->max ?: most[p->type]);
	}
	err = ox_nl_put_u64(b, NL_POLICY_TYPE_ATTR_MIN_VALUE_U, min);
	return err
		       ?: ox_nl_put_u64(b, NL_POLICY_TYPE_ATTR_MAX_VALUE_U,
					p->max ?: most[p->type]);
}

static int put_limits(struct ox_nlbuf *b, const struct ox_nla_policy *p)
{
	if (p->type <= OX_NLA_S32)
		return put_range(b, p);
	if (p->len && p->type != OX_NLA_NESTED && p->type != OX_NLA_FLAG)
		return ox_nl_put_u32(b, NL_POLICY_TYPE_ATTR_MAX_LENGTH, p->len);
	return 0;
}

static int put_attr(const struct ox_dump *d, struct ox_nlbuf *b, uint16_t id,
		    uint16_t index, const struct ox_genl_op *op)
{
	uint16_t type = (uint16_t)d->cursor[ATTR];
	const struct ox_nla_policy *p = &op->policy[type];
	uint32_t policies, policy, attr;
	int err;

	if (!types[p->type])
		return 0;
	err = begin(d, b, id);
	if (!err)
		err = ox_nl_nest(b, CTRL_ATTR_POLICY | NLA_F_NESTED, &policies);
	if (!err)
		err = ox_nl_nest(b, index | NLA_F_NESTED, &policy);
	if (!err)
		err = ox_nl_nest(b, type | NLA_F_NESTED, &attr);
	if (!err)
		err = put_limits(b, p);
	if (!err)
		err = ox_nl_put_u32(b, NL_POLICY_TYPE_ATTR_TYPE,
				    types[p->type]);
	if (err)
		return err;
	ox_nl_nest_end(b, attr);
	ox_nl_nest_end(b, policy);
	ox_nl_nest_end(b, policies);
	ox_nl_end(b);
	return 0;
}

/* 1: no more room, as dumpit has it; the message begun is given up. */
static int full(struct ox_nlbuf *b)
{
	if (b->nlh)
		ox_nl_abort(b);
	return 1;
}

int ox_policy_dump(struct ox_dump *d, struct ox_nlbuf *b)
{
	const struct ox_genl_family *f = family_of(d);
	uint64_t *at = d->cursor;

	for (; at[OP] < (uint64_t)f->n_ops; at[OP]++) {
		const struct ox_genl_op *op = &f->ops[at[OP]];

		if (is_asked(d, op) && op->doit && put_op(d, b, f, op))
			return full(b);
	}
	for (; at[POLICY] < (uint64_t)f->n_ops; at[POLICY]++, at[ATTR] = 0) {
		const struct ox_genl_op *op = &f->ops[at[POLICY]];

		if (!is_first(d, f->ops, at[POLICY]))
			continue;
		for (; at[ATTR] <= (uint64_t)op->max_attr; at[ATTR]++) {
			if (put_attr(d, b, f->id,
				     index_of(d, f->ops, op->policy), op))
				return full(b);
		}
	}
	return 0;
}
