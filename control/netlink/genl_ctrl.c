// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_ctrl.c - "nlctrl" for our families: what ctrl_getfamily() and
 * ctrl_dumpfamily() of the kernel say, in the same order of attributes.
 */
#include "control/netlink/genl_int.h"

#include <errno.h>
#include <string.h>

static int put_op(struct ox_nlbuf *b, int index, const struct ox_genl_op *op)
{
	uint32_t flags = op->flags, mark;
	int err;

	if (op->dumpit)
		flags |= GENL_CMD_CAP_DUMP;
	if (op->doit)
		flags |= GENL_CMD_CAP_DO;
	if (op->policy)
		flags |= GENL_CMD_CAP_HASPOL;
	err = ox_nl_nest(b, index, &mark);
	if (!err)
		err = ox_nl_put_u32(b, CTRL_ATTR_OP_ID, op->cmd);
	if (!err)
		err = ox_nl_put_u32(b, CTRL_ATTR_OP_FLAGS, flags);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_group(struct ox_nlbuf *b, int index,
		     const struct ox_genl_group *group)
{
	uint32_t mark;
	int err = ox_nl_nest(b, index, &mark);

	if (!err)
		err = ox_nl_put_u32(b, CTRL_ATTR_MCAST_GRP_ID, group->id);
	if (!err)
		err = ox_nl_put_str(b, CTRL_ATTR_MCAST_GRP_NAME, group->name);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_lists(struct ox_nlbuf *b, const struct ox_genl_family *f)
{
	uint32_t mark;
	int err = 0;

	if (f->n_ops) {
		err = ox_nl_nest(b, CTRL_ATTR_OPS, &mark);
		for (int i = 0; !err && i < f->n_ops; i++)
			err = put_op(b, i + 1, &f->ops[i]);
		if (!err)
			ox_nl_nest_end(b, mark);
	}
	if (!err && f->n_groups) {
		err = ox_nl_nest(b, CTRL_ATTR_MCAST_GROUPS, &mark);
		for (int i = 0; !err && i < f->n_groups; i++)
			err = put_group(b, i + 1, &f->groups[i]);
		if (!err)
			ox_nl_nest_end(b, mark);
	}
	return err;
}

/* Fills a message that has been begun. */
static int put_family(struct ox_nlbuf *b, const struct ox_genl_family *f)
{
	int err = ox_nl_put_str(b, CTRL_ATTR_FAMILY_NAME, f->name);

	if (!err)
		err = ox_nl_put_u16(b, CTRL_ATTR_FAMILY_ID, f->id);
	if (!err)
		err = ox_nl_put_u32(b, CTRL_ATTR_VERSION, f->version);
	if (!err)
		err = ox_nl_put_u32(b, CTRL_ATTR_HDRSIZE, f->hdrsize);
	if (!err)
		err = ox_nl_put_u32(b, CTRL_ATTR_MAXATTR, f->maxattr);
	return err ?: put_lists(b, f);
}

static int getfamily(struct ox_req *req)
{
	const struct nlattr *id = req->attrs[CTRL_ATTR_FAMILY_ID];
	const struct nlattr *name = req->attrs[CTRL_ATTR_FAMILY_NAME];
	const struct ox_genl_family *f = NULL;
	struct ox_nlbuf *b;
	int err;

	/* The name wins over the id, as in the kernel. */
	if (id)
		f = ox_family_by_id(req->genl, mnl_attr_get_u16(id));
	if (name)
		f = ox_family_by_name(req->genl, mnl_attr_get_str(name));
	if (!f)
		return id || name ? -ENOENT : -EINVAL;
	b = ox_req_reply_begin(req, CTRL_CMD_NEWFAMILY, NULL);
	err = put_family(b, f);
	if (err) {
		ox_nl_abort(b);
		return err;
	}
	return ox_req_reply_send(req, b);
}

static int dumpfamily(struct ox_dump *d, struct ox_nlbuf *b)
{
	while (d->cursor[0] < (uint64_t)d->genl->n_families) {
		const struct ox_genl_family *f;

		f = d->genl->families[d->cursor[0]];
		if (ox_nl_begin(b, GENL_ID_CTRL, NLM_F_MULTI, d->nlh->nlmsg_seq,
				d->portid, CTRL_CMD_NEWFAMILY, OX_CTRL_VERSION,
				0, NULL))
			return 1;
		if (put_family(b, f)) {
			ox_nl_abort(b);
			return 1;
		}
		ox_nl_end(b);
		d->cursor[0]++;
	}
	return 0;
}

static const struct ox_nla_policy policy[CTRL_ATTR_OP + 1] = {
	[CTRL_ATTR_FAMILY_ID] = { .type = OX_NLA_U16 },
	[CTRL_ATTR_FAMILY_NAME] = { .type = OX_NLA_NUL_STRING,
				    .len = GENL_NAMSIZ - 1 },
	/* of CTRL_CMD_GETPOLICY only */
	[CTRL_ATTR_OP] = { .type = OX_NLA_U32 },
};

static const struct ox_genl_op ops[] = {
	{
		.cmd = CTRL_CMD_GETFAMILY,
		.policy = policy,
		.max_attr = CTRL_ATTR_FAMILY_NAME,
		.doit = getfamily,
		.dumpit = dumpfamily,
	},
	{
		.cmd = CTRL_CMD_GETPOLICY,
		.policy = policy,
		.max_attr = CTRL_ATTR_OP,
		.dump_start = ox_policy_start,
		.dumpit = ox_policy_dump,
	},
};

/* Not in the list of families: the kernel's nlctrl stays the one there. */
const struct ox_genl_family ox_fam_ctrl = {
	.id = GENL_ID_CTRL,
	.name = "nlctrl",
	.version = OX_CTRL_VERSION,
	.maxattr = CTRL_ATTR_FAMILY_NAME,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(ops[0]),
};
