// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_ctnl_timeout.c - NFNL_SUBSYS_CTNETLINK_TIMEOUT: timeout policies, and the
 * protocols' defaults; cttimeout_cb of nfnetlink_cttimeout.c.
 */
#include <errno.h>
#include <string.h>
#include <linux/netfilter/nfnetlink.h>

#include "control/conntrack/conntrack.h"
#include "control/conntrack/policy.h"
#include "control/conntrack/users.h"

static struct ox_ct_mem *mem_of(const struct ox_req *req)
{
	return req->datapaths->ct;
}

/* Of the lists of all datapaths, as they are now. */
static const struct ox_ct_users *users_of(const struct ox_datapaths *all)
{
	static struct ox_ct_users users;
	struct ox_datapath *dp = ox_datapath_first(all);

	memset(&users, 0, sizeof(users));
	for (; dp; dp = ox_datapath_next(dp))
		ox_ct_users_add(dp->mem, &users);
	return &users;
}

static int do_new(struct ox_req *req)
{
	uint16_t flags = req->nlh->nlmsg_flags;
	struct ox_ctnl_timeout t;
	int err = ox_ctnl_timeout_parse(req->nlh, req->attrs, &t, &req->err);

	if (err)
		return err;
	return ox_ct_policy_set(mem_of(req), &t, flags & NLM_F_EXCL,
				flags & NLM_F_REPLACE, &req->err);
}

static int name_of(struct ox_req *req, bool delete, char *name, bool *given)
{
	return ox_ctnl_timeout_name_parse(req->nlh, req->attrs, delete, name,
					  given, &req->err);
}

static int do_get(struct ox_req *req)
{
	struct ox_ctnl_to to = { .portid = req->portid,
				 .seq = req->nlh->nlmsg_seq };
	struct ox_nlbuf *b = ox_req_reply_empty(req);
	char name[CTNL_TIMEOUT_NAME_MAX];
	struct ox_ctnl_timeout t;
	bool given;
	uint16_t at;
	int err = name_of(req, false, name, &given);

	if (err)
		return err;
	at = ox_ct_policy_named(mem_of(req), name);
	if (!at)
		return ox_err_set(&req->err, -ENOENT, "no policy %s", name);
	ox_ct_policy_view(mem_of(req), at, users_of(req->datapaths), &t);
	err = ox_ctnl_timeout_put(b, &to, &t);
	return err ? err : ox_req_reply_send(req, b);
}

static int dump(struct ox_dump *d, struct ox_nlbuf *b)
{
	struct ox_ctnl_to to = { .portid = d->portid,
				 .seq = d->nlh->nlmsg_seq };
	const struct ox_ct_users *users = users_of(d->datapaths);
	const struct ox_ct_mem *m = d->datapaths->ct;
	struct ox_ctnl_timeout t;
	uint16_t at = ox_ct_policy_next(m, (uint16_t)d->cursor[0]);

	for (; at; at = ox_ct_policy_next(m, at + 1)) {
		d->cursor[0] = at;
		ox_ct_policy_view(m, at, users, &t);
		if (ox_ctnl_timeout_put(b, &to, &t))
			return 1;
	}
	return 0;
}

static int do_delete(struct ox_req *req)
{
	char name[CTNL_TIMEOUT_NAME_MAX];
	bool given;
	int err = name_of(req, true, name, &given);

	return err ? err
		   : ox_ct_policy_del(mem_of(req), given ? name : NULL,
				      users_of(req->datapaths), &req->err);
}

static int do_default_set(struct ox_req *req)
{
	struct ox_ctnl_timeout t;
	int err = ox_ctnl_timeout_default_parse(req->nlh, req->attrs, &t,
						&req->err);

	if (!err)
		ox_ct_default_set(mem_of(req), &t);
	return err;
}

static int do_default_get(struct ox_req *req)
{
	struct ox_ctnl_to to = { .portid = req->portid,
				 .seq = req->nlh->nlmsg_seq };
	struct ox_nlbuf *b = ox_req_reply_empty(req);
	struct ox_ctnl_timeout t;
	int err = ox_ctnl_timeout_which_parse(req->nlh, req->attrs, &t,
					      &req->err);

	if (err)
		return err;
	ox_ct_default_view(mem_of(req), &t);
	err = ox_ctnl_timeout_default_put(b, &to, &t);
	return err ? err : ox_req_reply_send(req, b);
}

#define TP_OP(c, ...)                                         \
	{                                                     \
		.cmd = (c), .policy = ox_ctnl_timeout_policy, \
		.max_attr = CTA_TIMEOUT_MAX, __VA_ARGS__      \
	}

static const struct ox_genl_op ops[] = {
	TP_OP(IPCTNL_MSG_TIMEOUT_NEW, .doit = do_new),
	TP_OP(IPCTNL_MSG_TIMEOUT_GET, .doit = do_get, .dumpit = dump),
	TP_OP(IPCTNL_MSG_TIMEOUT_DELETE, .doit = do_delete),
	TP_OP(IPCTNL_MSG_TIMEOUT_DEFAULT_SET, .doit = do_default_set),
	TP_OP(IPCTNL_MSG_TIMEOUT_DEFAULT_GET, .doit = do_default_get),
};

const struct ox_genl_family ox_fam_ctnl_timeout = {
	.id = NFNL_SUBSYS_CTNETLINK_TIMEOUT,
	.name = "ctnetlink_timeout",
	.maxattr = CTA_TIMEOUT_MAX,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(*ops),
};
