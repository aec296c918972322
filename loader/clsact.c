// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * clsact.c - programs on the hooks of the qdisc clsact, for kernels without
 * tcx. The filter's handle is the program's id, so that it can't be taken
 * for anyone else's; a new filter of the first priority comes in front.
 */
#include "loader/tc.h"

#include <errno.h>
#include <string.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <bpf/libbpf.h>

#include "ovsxdp/talk.h"

#define PRIORITY 1

static struct bpf_tc_hook hook_of(uint32_t ifindex, enum ox_tc_hook hook)
{
	return (struct bpf_tc_hook){
		.sz = sizeof(struct bpf_tc_hook),
		.ifindex = ifindex,
		.attach_point = hook == OX_TC_INGRESS ? BPF_TC_INGRESS
						      : BPF_TC_EGRESS,
	};
}

/* EINVAL: there is no such qdisc. */
int ox_clsact_query(uint32_t ifindex, enum ox_tc_hook hook,
		    const struct ox_prog *p)
{
	struct bpf_tc_hook h = hook_of(ifindex, hook);
	LIBBPF_OPTS(bpf_tc_opts, o, .handle = p->id, .priority = PRIORITY);
	int err = bpf_tc_query(&h, &o);

	if (err == -ENOENT || err == -EINVAL)
		return 0;
	return err ? err : o.prog_id == p->id;
}

int ox_clsact_attach(uint32_t ifindex, enum ox_tc_hook hook,
		     const struct ox_prog *p)
{
	struct bpf_tc_hook h = hook_of(ifindex, hook);
	LIBBPF_OPTS(bpf_tc_opts, o, .handle = p->id, .priority = PRIORITY,
		    .prog_fd = p->fd);
	int err = bpf_tc_hook_create(&h);

	if (err && err != -EEXIST)
		return err;
	return bpf_tc_attach(&h, &o);
}

/* ---- what is there ---- */

#define SEEN_MAX 8 /* filters of one program on a hook */

struct seen {
	uint32_t prog_id; /* looked for */
	bool any;	  /* a filter of any kind */
	bool prog;	  /* one that runs this program */
	uint32_t n;	  /* of those that do */
	struct {
		uint32_t handle, priority;
	} at[SEEN_MAX];
};

static bool runs(const struct nlattr *options, uint32_t prog_id)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, options)
		if (mnl_attr_get_type(a) == TCA_BPF_ID &&
		    mnl_attr_get_payload_len(a) == sizeof(uint32_t) &&
		    mnl_attr_get_u32(a) == prog_id)
			return true;
	return false;
}

static int see(const struct nlmsghdr *nlh, void *data)
{
	const struct tcmsg *t = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr, *options = NULL;
	struct seen *s = data;
	bool bpf = false;

	if (nlh->nlmsg_type != RTM_NEWTFILTER)
		return 0;
	s->any = true;
	mnl_attr_for_each (attr, nlh, sizeof(struct tcmsg))
		if (mnl_attr_get_type(attr) == TCA_KIND)
			bpf = !strcmp(mnl_attr_get_str(attr), "bpf");
		else if (mnl_attr_get_type(attr) == TCA_OPTIONS)
			options = attr;
	if (!bpf || !options || !runs(options, s->prog_id))
		return 0;
	s->prog = true;
	if (s->n < SEEN_MAX) {
		s->at[s->n].handle = t->tcm_handle;
		s->at[s->n++].priority = TC_H_MAJ(t->tcm_info) >> 16;
	}
	return 0;
}

static int look(uint32_t ifindex, enum ox_tc_hook hook, struct seen *seen)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *t;

	nlh->nlmsg_type = RTM_GETTFILTER;
	nlh->nlmsg_flags = NLM_F_DUMP;
	t = mnl_nlmsg_put_extra_header(nlh, sizeof(*t));
	t->tcm_family = AF_UNSPEC;
	t->tcm_ifindex = ifindex;
	t->tcm_parent = TC_H_MAKE(TC_H_CLSACT, hook == OX_TC_INGRESS
						       ? TC_H_MIN_INGRESS
						       : TC_H_MIN_EGRESS);
	return ox_nl_ask(NETLINK_ROUTE, nlh, see, seen);
}

int ox_clsact_find(uint32_t ifindex, enum ox_tc_hook hook,
		   const struct ox_prog *p)
{
	struct seen seen = { .prog_id = p->id };
	int err = look(ifindex, hook, &seen);

	return err ? err : seen.prog;
}

static int replace_one(uint32_t ifindex, enum ox_tc_hook hook, uint32_t handle,
		       uint32_t priority, const struct ox_prog *to)
{
	struct bpf_tc_hook h = hook_of(ifindex, hook);
	LIBBPF_OPTS(bpf_tc_opts, o, .handle = handle, .priority = priority,
		    .prog_fd = to->fd, .flags = BPF_TC_F_REPLACE);

	return bpf_tc_attach(&h, &o);
}

int ox_clsact_replace(uint32_t ifindex, enum ox_tc_hook hook,
		      const struct ox_prog *from, const struct ox_prog *to)
{
	struct seen seen = { .prog_id = from->id };
	int err = look(ifindex, hook, &seen);

	for (uint32_t i = 0; !err && i < seen.n; i++) {
		if (seen.at[i].handle == from->id &&
		    seen.at[i].priority == PRIORITY)
			continue;
		err = replace_one(ifindex, hook, seen.at[i].handle,
				  seen.at[i].priority, to);
	}
	return err;
}

/* In doubt there is something. */
static bool has_filters(uint32_t ifindex)
{
	struct seen seen = { 0 };

	return look(ifindex, OX_TC_INGRESS, &seen) ||
	       look(ifindex, OX_TC_EGRESS, &seen) || seen.any;
}

/* Whatever keeps the qdisc there does no harm. */
static void tidy(uint32_t ifindex)
{
	struct bpf_tc_hook h = hook_of(ifindex, OX_TC_INGRESS);

	h.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	if (!has_filters(ifindex))
		bpf_tc_hook_destroy(&h);
}

int ox_clsact_remove(uint32_t ifindex, enum ox_tc_hook hook,
		     const struct ox_prog *p)
{
	struct bpf_tc_hook h = hook_of(ifindex, hook);
	LIBBPF_OPTS(bpf_tc_opts, o, .handle = p->id, .priority = PRIORITY);
	int rc = ox_clsact_query(ifindex, hook, p);

	if (rc <= 0)
		return rc ? rc : -ENOENT;
	return bpf_tc_detach(&h, &o);
}

int ox_clsact_detach(uint32_t ifindex, enum ox_tc_hook hook,
		     const struct ox_prog *p)
{
	int err = ox_clsact_remove(ifindex, hook, p);

	if (!err)
		tidy(ifindex);
	return err;
}
