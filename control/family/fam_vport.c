// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_vport.c - the family ovs_vport: the ovs_vport_cmd_*() functions of
 * net/openvswitch/datapath.c. Checks are in the module's order, so that a
 * request with two faults gets the same errno.
 */
#include "control/family/family.h"

#include <errno.h>
#include <string.h>
#include <linux/genetlink.h>

#include "control/codec/codec_vport.h"
#include "control/packet/packet.h"
#include "control/packet/upcall_pid.h"
#include "control/port/link.h"
#include "control/port/vport.h"
#include "control/port/vport_dev.h"
#include "control/port/vport_tunnel.h"
#include "control/datapath/linger.h"
#include "ovsxdp/nl.h"

#define DP_MAX_PORTS 65535 /* USHRT_MAX, the module's */

/* ovs_vport_cmd_fill_info() */
static int fill(const struct ox_datapath *dp, uint32_t port_no,
		struct ox_nlbuf *b, void *hdr)
{
	const struct ox_uport *u = &dp->mem->uports[port_no];
	int32_t netnsid = ox_vport_netnsid(dp, port_no);
	struct ovs_header *ovs = hdr;
	char name[IFNAMSIZ + 1] = "";
	struct ox_vport_info i = {
		.port_no = port_no,
		.type = u->type,
		.name = name,
		.ifindex = u->ifindex,
		.has_netnsid = netnsid != OX_NO_NETNSID,
		.netnsid = netnsid,
		.upcall_success = u->upcall_success,
		.upcall_fail =
			u->upcall_fail + ox_packet_port_lost(dp, port_no),
		.pids = u->pids,
		.n_pids = u->n_pids,
	};

	ovs->dp_ifindex = (int)dp->ifindex;
	memcpy(name, u->name, IFNAMSIZ);
	/* An older client expects one port id. */
	if (!(dp->mem->config->user_features & OVS_DP_F_VPORT_PIDS))
		i.n_pids = 1;
	i.has_options = ox_vport_tunnel_options(dp, port_no, &i.tun);
	ox_vport_stats(dp, port_no, &i.stats);
	return ox_vport_info_put(b, &i);
}

/* As lookup_vport(): by name, else by number; *dp becomes its datapath. */
static int lookup(const struct ox_req *req, const struct ox_vport_attrs *a,
		  struct ox_datapath **dp, uint32_t *port_no, struct ox_err *e)
{
	const struct ovs_header *hdr = req->user_hdr;
	uint32_t ifindex = (uint32_t)hdr->dp_ifindex;

	if (a->has_ifindex)
		return ox_err_set(e, -EOPNOTSUPP,
				  "a vport is named by name or number");
	if (a->name) {
		for (*dp = ox_datapath_first(req->datapaths); *dp;
		     *dp = ox_datapath_next(*dp)) {
			*port_no = ox_vport_by_name(*dp, a->name);
			if (*port_no != OX_NONE &&
			    (!ifindex || ifindex == (*dp)->ifindex))
				return 0;
		}
		return ox_err_set(e, -ENODEV, "no vport %s", a->name);
	}
	if (!a->has_port_no)
		return ox_err_set(e, -EINVAL, "neither name nor number");
	if (a->port_no >= DP_MAX_PORTS)
		return ox_err_set(e, -EFBIG, "no port number is %u",
				  a->port_no);
	*dp = ox_datapath_by_ifindex(req->datapaths, ifindex);
	*port_no = a->port_no;
	if (!*dp || !ox_vport_exists(*dp, *port_no))
		return ox_err_set(e, -ENODEV, "%s",
				  *dp ? "no such vport" : "no such datapath");
	return 0;
}

/* Decodes the request; for all commands but NEW also finds its vport. */
static int begin(struct ox_req *req, struct ox_vport_attrs *a,
		 struct ox_datapath **dp, uint32_t *port_no)
{
	int err = ox_vport_attrs_get(req->nlh, req->attrs, a, &req->err);

	if (err || !dp)
		return err;
	return lookup(req, a, dp, port_no, &req->err);
}

/* A notification of a vport as it is now; NULL if nobody wants it. */
static struct ox_nlbuf *notify_begin(struct ox_genl *genl, struct ox_req *req,
				     const struct ox_datapath *dp,
				     uint32_t port_no, uint8_t cmd)
{
	struct ox_nlbuf *b;
	void *hdr;

	if (!ox_must_notify(genl, req, OX_MCGRP_VPORT))
		return NULL;
	b = ox_notify_begin(genl, req, &ox_fam_vport, cmd, &hdr);
	if (b && fill(dp, port_no, b, hdr)) {
		ox_nl_abort(b);
		b = NULL;
	}
	return b;
}

static int notify_send(struct ox_genl *genl, struct ox_req *req,
		       struct ox_nlbuf *b)
{
	return b ? ox_notify_send(genl, req, b, OX_MCGRP_VPORT) : 0;
}

void ox_fam_vport_notify_del(struct ox_datapath *dp, uint32_t port_no)
{
	struct ox_genl *genl = dp->packets->genl;

	notify_send(genl, NULL,
		    notify_begin(genl, NULL, dp, port_no, OVS_VPORT_CMD_DEL));
}

static int new_check(const struct ox_vport_attrs *a, struct ox_err *e)
{
	if (!a->name || !a->has_type || !a->pids)
		return ox_err_set(e, -EINVAL,
				  "a new vport needs name, type and upcall "
				  "port ids");
	if (a->has_ifindex && a->type != OVS_VPORT_TYPE_INTERNAL)
		return ox_err_set(e, -EOPNOTSUPP,
				  "only an internal port's ifindex can be "
				  "chosen");
	if (a->has_port_no && a->port_no >= DP_MAX_PORTS)
		return ox_err_set(e, -EFBIG, "no port number is %u",
				  a->port_no);
	return 0;
}

static int cmd_new(struct ox_req *req)
{
	const struct ovs_header *hdr = req->user_hdr;
	uint32_t pids[OX_PORT_PIDS], port_no;
	struct ox_vport_request rq = { 0 };
	struct ox_vport_attrs a;
	struct ox_datapath *dp;
	int err;

	err = begin(req, &a, NULL, NULL);
	if (!err)
		err = new_check(&a, &req->err);
	if (err)
		return err;
	dp = ox_datapath_by_ifindex(req->datapaths, (uint32_t)hdr->dp_ifindex);
	if (!dp)
		return ox_err_set(&req->err, -ENODEV, "no such datapath");
	memcpy(rq.name, a.name, strlen(a.name) + 1);
	rq.type = a.type;
	/* Number 0 is the local port's: here it means "any". */
	rq.port_no = a.has_port_no && a.port_no ? a.port_no : OX_NONE;
	rq.want_ifindex = a.ifindex;
	rq.mode = a.mode;
	rq.tun = a.tun;
	/* Bad ones: none, and ox_vport_add() refuses that in its turn. */
	if (!ox_vport_pids_check(a.pids, a.pids_len, NULL)) {
		memcpy(pids, a.pids, a.pids_len);
		rq.pids = pids;
		rq.n_pids = a.pids_len / sizeof(uint32_t);
	}
	err = ox_vport_add(dp, &rq, &port_no, &req->err);
	if (err)
		return err;
	return notify_send(
		req->genl, req,
		notify_begin(req->genl, req, dp, port_no, OVS_VPORT_CMD_NEW));
}

static int cmd_set(struct ox_req *req)
{
	struct ox_vport_attrs a;
	struct ox_datapath *dp;
	struct ox_uport *u;
	uint32_t port_no;
	int err;

	err = begin(req, &a, &dp, &port_no);
	if (err)
		return err;
	u = &dp->mem->uports[port_no];
	if (a.has_type && a.type != u->type)
		return ox_err_set(&req->err, -EINVAL,
				  "a vport's type can't change");
	if (a.has_options && !a.has_mode)
		return ox_err_set(&req->err, -EOPNOTSUPP,
				  "this vport type has no options to set");
	if (a.has_mode) {
		err = ox_vport_mode_set(dp, port_no, a.mode, &req->err);
		if (err)
			return err;
	}
	if (a.pids) {
		err = ox_vport_pids_check(a.pids, a.pids_len, &req->err);
		if (err)
			return err;
		ox_vport_pids_set(u, a.pids, a.pids_len);
		ox_upcall_pids_note(dp, u->pids, u->n_pids);
	}
	return notify_send(
		req->genl, req,
		notify_begin(req->genl, req, dp, port_no, OVS_VPORT_CMD_SET));
}

static int cmd_del(struct ox_req *req)
{
	struct ox_vport_attrs a;
	struct ox_datapath *dp;
	struct ox_nlbuf *b;
	uint32_t port_no;
	int err;

	err = begin(req, &a, &dp, &port_no);
	if (err)
		return err;
	if (port_no == OVSP_LOCAL)
		return ox_err_set(&req->err, -EINVAL,
				  "the local port goes with its datapath");
	b = notify_begin(req->genl, req, dp, port_no, OVS_VPORT_CMD_DEL);
	ox_vport_del(dp, port_no);
	return notify_send(req->genl, req, b);
}

static int cmd_get(struct ox_req *req)
{
	struct ox_vport_attrs a;
	struct ox_datapath *dp;
	struct ox_nlbuf *b;
	uint32_t port_no;
	void *hdr;
	int err;

	err = begin(req, &a, &dp, &port_no);
	if (err)
		return err;
	b = ox_req_reply_begin(req, OVS_VPORT_CMD_GET, &hdr);
	if (!b)
		return -ENOMEM;
	if (fill(dp, port_no, b, hdr)) {
		ox_nl_abort(b);
		return -EMSGSIZE;
	}
	return ox_req_reply_send(req, b);
}

/* cursor[0]: next port number. cursor[1]: 1 once gen is set. */
static int dump(struct ox_dump *d, struct ox_nlbuf *b)
{
	const struct ovs_header *oh = d->user_hdr;
	struct ox_datapath *dp;
	uint32_t no;
	void *hdr;

	dp = ox_datapath_by_ifindex(d->datapaths, (uint32_t)oh->dp_ifindex);
	if (!dp)
		return ox_err_set(&d->err, -ENODEV, "no such datapath");
	if (!d->cursor[1]) {
		d->gen = dp->port_generation;
		d->cursor[1] = 1;
	}
	d->intr |= d->gen != dp->port_generation;
	for (no = (uint32_t)d->cursor[0]; no < dp->mem->config->max_ports;
	     d->cursor[0] = ++no) {
		if (!ox_vport_exists(dp, no))
			continue;
		if (ox_nl_begin(b, OX_GENL_VPORT, NLM_F_MULTI,
				d->nlh->nlmsg_seq, d->portid, OVS_VPORT_CMD_GET,
				OVS_VPORT_VERSION, sizeof(struct ovs_header),
				&hdr))
			return 1;
		if (fill(dp, no, b, hdr)) {
			ox_nl_abort(b);
			return 1;
		}
		ox_nl_end(b);
	}
	return 0;
}

static const struct ox_genl_op ops[] = {
	{ .cmd = OVS_VPORT_CMD_NEW,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_vport_policy,
	  .max_attr = OX_VPORT_ATTR_MAX,
	  .doit = cmd_new },
	{ .cmd = OVS_VPORT_CMD_DEL,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_vport_policy,
	  .max_attr = OX_VPORT_ATTR_MAX,
	  .doit = cmd_del },
	{ .cmd = OVS_VPORT_CMD_GET,
	  .policy = ox_vport_policy,
	  .max_attr = OX_VPORT_ATTR_MAX,
	  .doit = cmd_get,
	  .dumpit = dump,
	  .dump_unread = true },
	{ .cmd = OVS_VPORT_CMD_SET,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_vport_policy,
	  .max_attr = OX_VPORT_ATTR_MAX,
	  .doit = cmd_set },
};

static const struct ox_genl_group groups[] = {
	{ .name = OVS_VPORT_MCGROUP, .id = OX_MCGRP_VPORT },
};

const struct ox_genl_family ox_fam_vport = {
	.id = OX_GENL_VPORT,
	.name = OVS_VPORT_FAMILY,
	.version = OVS_VPORT_VERSION,
	.hdrsize = sizeof(struct ovs_header),
	.maxattr = OX_VPORT_ATTR_MAX,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(ops[0]),
	.groups = groups,
	.n_groups = 1,
};
