// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_datapath.c - the family ovs_datapath: the ovs_dp_cmd_*() functions of
 * net/openvswitch/datapath.c. Checks are in the module's order, so that a
 * request with two faults gets the same errno.
 */
#include "control/family/family.h"

#include <errno.h>
#include <string.h>
#include <linux/genetlink.h>

#include "control/codec/codec_dp.h"
#include "control/port/vport.h"
#include "ovsxdp/log.h"
#include "ovsxdp/nl.h"

#define CACHE_DEFAULT 256 /* MC_DEFAULT_HASH_ENTRIES */

static void stats_read(const struct ox_datapath *dp, struct ox_dp_info *i)
{
	const struct ox_dp_stats *h = &dp->mem->config->host;
	struct ox_dp_stats s;

	memset(&s, 0, sizeof(s));
	dp->mem->ops->dp_stats(dp->mem, &s);
	i->stats.n_hit = s.n_hit + h->n_hit;
	i->stats.n_missed = s.n_missed + h->n_missed;
	i->stats.n_lost = s.n_lost + h->n_lost;
	i->stats.n_flows = ox_table_n_flows(dp->table);
	i->megaflow.n_mask_hit = s.n_mask_hit + h->n_mask_hit;
	i->megaflow.n_masks = ox_table_n_masks(dp->table);
	i->megaflow.n_cache_hit = s.n_cache_hit + h->n_cache_hit;
}

/* ovs_dp_cmd_fill_info() */
static int fill(const struct ox_datapath *dp, struct ox_nlbuf *b, void *hdr)
{
	const struct ox_config *c = dp->mem->config;
	struct ovs_header *ovs = hdr;
	struct ox_dp_info i = {
		.name = dp->name,
		.user_features = c->user_features,
		.cache_size = c->cache_size,
		.upcall_pid = c->upcall_pid,
	};

	ovs->dp_ifindex = (int)dp->ifindex;
	stats_read(dp, &i);
	if ((c->user_features & OVS_DP_F_DISPATCH_UPCALL_PER_CPU) &&
	    c->n_cpu_pids) {
		i.cpu_pids = c->cpu_pids;
		i.n_cpu_pids = c->n_cpu_pids < ox_nr_cpu_ids()
				       ? c->n_cpu_pids
				       : ox_nr_cpu_ids();
	}
	return ox_dp_info_put(b, &i);
}

static struct ox_datapath *lookup(const struct ox_req *req,
				  const struct ox_dp_attrs *a)
{
	const struct ovs_header *hdr = req->user_hdr;

	if (a->name)
		return ox_datapath_by_name(req->datapaths, a->name);
	return ox_datapath_by_ifindex(req->datapaths,
				      (uint32_t)hdr->dp_ifindex);
}

static void attrs_get(const struct ox_req *req, struct ox_dp_attrs *a,
		      struct ox_dp_change *ch)
{
	ox_dp_attrs_get(req->attrs, req->attr_buf, req->attr_len, a);
	*ch = (struct ox_dp_change){
		.has_features = a->has_features,
		.has_cache = a->has_cache,
		.has_cpu_pids = a->cpu_pids,
		.features = a->features,
		.cache_size = a->cache_size,
		.cpu_pids = a->cpu_pids,
		.cpu_pids_len = a->cpu_pids_len,
	};
}

/* ovs_notify() of a datapath as it is now. */
static int notify(struct ox_req *req, const struct ox_datapath *dp, uint8_t cmd)
{
	struct ox_nlbuf *b;
	void *hdr;

	if (!ox_must_notify(req->genl, req, OX_MCGRP_DATAPATH))
		return 0;
	b = ox_notify_begin(req->genl, req, &ox_fam_datapath, cmd, &hdr);
	if (!b)
		return -ENOMEM;
	if (fill(dp, b, hdr)) {
		ox_nl_abort(b);
		return -EMSGSIZE;
	}
	return ox_notify_send(req->genl, req, b, OX_MCGRP_DATAPATH);
}

/*
 * A client that doesn't know of user features wants to create what is there
 * and will go on to use it: the features are dropped, as the module does.
 */
static void features_reset(const struct ox_req *req,
			   const struct ox_dp_attrs *a)
{
	struct ox_datapath *dp = lookup(req, a);

	if (!dp || req->genl_hdr->version >= OVS_DP_VER_FEATURES)
		return;
	ox_log_warn("%s: dropping previously announced user features",
		    dp->name);
	dp->mem->config->user_features = 0;
}

static int request_fill(const struct ox_dp_attrs *a, struct ox_dp_request *rq,
			struct ox_err *e)
{
	int err = ox_vport_pids_check(a->upcall_pid, a->upcall_pid_len, e);

	if (err)
		return err;
	memset(rq, 0, sizeof(*rq));
	memcpy(rq->name, a->name, strlen(a->name) + 1);
	memcpy(&rq->upcall_pid, a->upcall_pid, sizeof(rq->upcall_pid));
	rq->want_ifindex = a->ifindex;
	rq->max_flows = a->max_flows;
	rq->max_masks = a->max_masks;
	rq->max_ports = a->max_ports;
	rq->cache_size = a->has_cache ? a->cache_size : CACHE_DEFAULT;
	rq->user_features = a->has_features ? a->features : 0;
	return 0;
}

static int cmd_new(struct ox_req *req)
{
	struct ox_datapath *dp = NULL;
	struct ox_dp_change ch;
	struct ox_dp_request rq;
	struct ox_dp_attrs a;
	int err;

	attrs_get(req, &a, &ch);
	if (!a.name || !a.upcall_pid)
		return ox_err_set(&req->err, -EINVAL,
				  "a new datapath needs a name and an upcall "
				  "port id");
	err = ox_datapath_change_check(req->datapaths, &ch, &req->err);
	if (!err)
		err = request_fill(&a, &rq, &req->err);
	if (!err)
		err = ox_datapath_create(req->datapaths, &rq, &dp, &req->err);
	if (err == -EBUSY)
		err = -EEXIST;
	if (err == -EEXIST)
		features_reset(req, &a);
	if (err)
		return err;
	/* What is left of it: the per-CPU port ids. Was checked above. */
	ox_datapath_change(dp, &ch, NULL);
	return notify(req, dp, OVS_DP_CMD_NEW);
}

static int cmd_set(struct ox_req *req)
{
	struct ox_dp_change ch;
	struct ox_datapath *dp;
	struct ox_dp_attrs a;
	int err;

	attrs_get(req, &a, &ch);
	dp = lookup(req, &a);
	if (!dp)
		return ox_err_set(&req->err, -ENODEV, "no such datapath");
	err = ox_datapath_change(dp, &ch, &req->err);
	return err ? err : notify(req, dp, OVS_DP_CMD_SET);
}

/* A port in each turn of the loop: the kernel takes its time for each. */
static int cmd_del(struct ox_req *req)
{
	struct ox_nlbuf *b = NULL;
	struct ox_dp_change ch;
	struct ox_datapath *dp;
	struct ox_dp_attrs a;
	void *hdr;

	attrs_get(req, &a, &ch);
	dp = req->job ? ox_datapath_leaving(req->datapaths, req->job)
		      : lookup(req, &a);
	if (!dp)
		return ox_err_set(&req->err, -ENODEV, "no such datapath");
	if (!req->job)
		req->job = ox_datapath_leave(dp);
	if (ox_datapath_leave_step(dp)) {
		req->go_on = true;
		return -EINPROGRESS;
	}
	if (ox_must_notify(req->genl, req, OX_MCGRP_DATAPATH)) {
		b = ox_notify_begin(req->genl, req, &ox_fam_datapath,
				    OVS_DP_CMD_DEL, &hdr);
		if (b && fill(dp, b, hdr)) {
			ox_nl_abort(b);
			b = NULL;
		}
	}
	ox_datapath_destroy(dp);
	ox_genl_wake(req->genl); /* who waits for its name */
	return b ? ox_notify_send(req->genl, req, b, OX_MCGRP_DATAPATH) : 0;
}

static int cmd_get(struct ox_req *req)
{
	struct ox_dp_change ch;
	struct ox_datapath *dp;
	struct ox_dp_attrs a;
	struct ox_nlbuf *b;
	void *hdr;

	attrs_get(req, &a, &ch);
	dp = lookup(req, &a);
	if (!dp)
		return ox_err_set(&req->err, -ENODEV, "no such datapath");
	b = ox_req_reply_begin(req, OVS_DP_CMD_GET, &hdr);
	if (!b)
		return -ENOMEM;
	if (fill(dp, b, hdr)) {
		ox_nl_abort(b);
		return -EMSGSIZE;
	}
	return ox_req_reply_send(req, b);
}

/* cursor[0]: datapaths sent. cursor[1]: 1 once gen is set. */
static int dump(struct ox_dump *d, struct ox_nlbuf *b)
{
	struct ox_datapath *dp = ox_datapath_first(d->datapaths);
	uint64_t i = 0;
	void *hdr;

	if (!d->cursor[1]) {
		d->gen = d->datapaths->generation;
		d->cursor[1] = 1;
	}
	d->intr |= d->gen != d->datapaths->generation;
	for (; dp; dp = ox_datapath_next(dp), i++) {
		if (i < d->cursor[0])
			continue;
		if (ox_nl_begin(b, OX_GENL_DATAPATH, NLM_F_MULTI,
				d->nlh->nlmsg_seq, d->portid, OVS_DP_CMD_GET,
				OVS_DATAPATH_VERSION, sizeof(struct ovs_header),
				&hdr))
			return 1;
		if (fill(dp, b, hdr)) {
			ox_nl_abort(b);
			return 1;
		}
		ox_nl_end(b);
		d->cursor[0] = i + 1;
	}
	return 0;
}

static const struct ox_genl_op ops[] = {
	{ .cmd = OVS_DP_CMD_NEW,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_dp_policy,
	  .max_attr = OX_DP_ATTR_MAX,
	  .doit = cmd_new },
	{ .cmd = OVS_DP_CMD_DEL,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_dp_policy,
	  .max_attr = OX_DP_ATTR_MAX,
	  .doit = cmd_del },
	{ .cmd = OVS_DP_CMD_GET,
	  .policy = ox_dp_policy,
	  .max_attr = OX_DP_ATTR_MAX,
	  .doit = cmd_get,
	  .dumpit = dump,
	  .dump_unread = true },
	{ .cmd = OVS_DP_CMD_SET,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_dp_policy,
	  .max_attr = OX_DP_ATTR_MAX,
	  .doit = cmd_set },
};

static const struct ox_genl_group groups[] = {
	{ .name = OVS_DATAPATH_MCGROUP, .id = OX_MCGRP_DATAPATH },
};

const struct ox_genl_family ox_fam_datapath = {
	.id = OX_GENL_DATAPATH,
	.name = OVS_DATAPATH_FAMILY,
	.version = OVS_DATAPATH_VERSION,
	.hdrsize = sizeof(struct ovs_header),
	.maxattr = OX_DP_ATTR_MAX,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(ops[0]),
	.groups = groups,
	.n_groups = 1,
};
