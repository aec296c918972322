// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_ovsxdp.c - the private family: subscriptions and rendezvous for the
 * preload library, and what the ovs families have no words for (drop reasons,
 * attach modes). Its numbers are in include/ovsxdp/nl.h.
 */
#include "control/family/family.h"

#include <linux/genetlink.h>
#include <errno.h>
#include <linux/openvswitch.h>
#include <string.h>

#include "control/family/counts.h"
#include "control/family/private.h"
#include "control/netlink/genl_sync.h"
#include "control/port/rtnl.h"
#include "control/port/upper.h"
#include "control/port/vport_attach.h"
#include "control/port/vport_events.h"
#include "control/port/vport_tunnel.h"

#define KNOBS OX_KNOB_REDIRECT_PEER /* all there are */

static const char *const reasons[OX_R_COUNT] = {
#define REASON_NAME(id, name, kind, text) [OX_R_##id] = name,
	OX_REASONS(REASON_NAME)
#undef REASON_NAME
};

/* ---- datapaths ---- */

static int put_reasons(struct ox_nlbuf *b, const struct ox_datapath *dp)
{
	struct ox_dp_stats st = { 0 };
	uint32_t mark;
	int err = dp->mem->ops->dp_stats(dp->mem, &st);

	if (!err)
		err = ox_nl_nest(b, OX_A_DP_REASONS, &mark);
	for (int i = 0; !err && i < OX_R_COUNT; i++)
		err = ox_sync_put_count(
			b, reasons[i],
			st.reason[i] + dp->mem->config->host.reason[i]);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_build(struct ox_nlbuf *b, const struct ox_datapath *dp)
{
	const char *build = ox_dp_build(dp->dp), *ours = ox_build_id();
	int err = ox_nl_put_str(b, OX_A_DP_BUILD, build);

	if (err || !strcmp(build, ours))
		return err;
	err = ox_nl_put_str(b, OX_A_DP_BUILD_OURS, ours);
	return err
		       ?: ox_nl_put_str(b, OX_A_DP_BUILD_WHY,
					dp->upgrade_why[0] ? dp->upgrade_why
							   : "being loaded");
}

static int put_dp(struct ox_nlbuf *b, const struct ox_datapath *dp)
{
	const struct ox_config *cfg = dp->mem->config;
	int err = ox_nl_put_str(b, OX_A_DP_NAME, dp->name);

	if (!err)
		err = ox_nl_put_str(b, OX_A_DP_PATH, ox_dp_path(dp->dp));
	if (!err)
		err = ox_nl_put_u32(b, OX_A_DP_MAX_FLOWS, cfg->max_flows);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_DP_MAX_MASKS, cfg->max_masks);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_DP_MAX_PORTS, cfg->max_ports);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_DP_KNOBS, cfg->knobs);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_DP_LINGERING,
				    ox_table_n_lingering(dp->table));
	if (!err)
		err = put_build(b, dp);
	return err ?: put_reasons(b, dp);
}

static struct ox_datapath *dp_of(struct ox_datapaths *all, const void *user_hdr)
{
	const struct ovs_header *h = user_hdr;

	return ox_datapath_by_ifindex(all, (uint32_t)h->dp_ifindex);
}

static int no_dp(struct ox_err *e, const void *user_hdr)
{
	const struct ovs_header *h = user_hdr;

	return ox_err_set(e, -ENODEV, "no datapath with ifindex %d",
			  h->dp_ifindex);
}

/* Ends a reply, or gives it up when err says so. */
static int finish(struct ox_req *req, struct ox_nlbuf *b, int err)
{
	if (!err)
		return ox_req_reply_send(req, b);
	ox_nl_abort(b);
	return err;
}

static int do_dp_get(struct ox_req *req)
{
	struct ox_datapath *dp = dp_of(req->datapaths, req->user_hdr);
	struct ovs_header *h;
	struct ox_nlbuf *b;

	if (!dp)
		return no_dp(&req->err, req->user_hdr);
	b = ox_req_reply_begin(req, OX_CMD_DP_GET, (void **)&h);
	h->dp_ifindex = (int)dp->ifindex;
	return finish(req, b, put_dp(b, dp));
}

/* Ports' flags follow from the knobs. */
static int do_dp_set(struct ox_req *req)
{
	const struct nlattr *bits = req->attrs[OX_A_DP_KNOBS];
	const struct nlattr *mask = req->attrs[OX_A_DP_KNOBS_MASK];
	struct ox_datapath *dp = dp_of(req->datapaths, req->user_hdr);
	struct ox_config *cfg;
	uint32_t m;

	if (!dp)
		return no_dp(&req->err, req->user_hdr);
	if (!bits)
		return ox_req_missing(req, OX_A_DP_KNOBS, "which knobs?");
	m = mask ? mnl_attr_get_u32(mask) : KNOBS;
	if (m & ~KNOBS) {
		ox_err_attr(&req->err, req->nlh, mask);
		return ox_err_set(&req->err, -EOPNOTSUPP, "no knobs 0x%x",
				  m & ~KNOBS);
	}
	cfg = dp->mem->config;
	__atomic_store_n(&cfg->knobs,
			 (cfg->knobs & ~m) | (mnl_attr_get_u32(bits) & m),
			 __ATOMIC_RELAXED);
	ox_vport_knobs_changed(dp);
	return 0;
}

/* cursor[0]: datapaths dumped; [1]: the dump has begun. */
static int dump_dp(struct ox_dump *d, struct ox_nlbuf *b)
{
	struct ox_datapath *dp = ox_datapath_first(d->datapaths);
	int err;

	if (!d->cursor[1]) {
		d->gen = d->datapaths->generation;
		d->cursor[1] = 1;
	}
	if (d->gen != d->datapaths->generation)
		d->intr = true;
	for (uint64_t i = 0; dp && i < d->cursor[0]; i++)
		dp = ox_datapath_next(dp);
	for (; dp; dp = ox_datapath_next(dp)) {
		if (ox_private_dump_begin(d, b, OX_CMD_DP_GET, dp->ifindex))
			return 1;
		err = put_dp(b, dp);
		if (err) {
			ox_nl_abort(b);
			return err == -EMSGSIZE ? 1 : err;
		}
		ox_nl_end(b);
		d->cursor[0]++;
	}
	return 0;
}

/* ---- ports ---- */

/* The short story of a port: its mode, and what its flags mean. */
static void why(struct ox_datapath *dp, uint32_t no, bool tc, char *buf,
		size_t size)
{
	const struct ox_port *p = &dp->mem->ports[no];
	const struct ox_uport *u = &dp->mem->uports[no];
	bool xdp = ox_mode_has_xdp(u->mode);
	struct ox_link l;
	bool there = !ox_rtnl_get(dp->ports->rtnl, p->ifindex, &l);
	char mode[96], upper[128] = "", tunnel[128];
	const char *parts[] = {
		mode,
		tunnel,
		upper,
		p->flags & OX_PORT_UP ? NULL : "the device is down",
		p->flags & OX_PORT_NO_XMIT && !p->tun_kind
			? "XDP_REDIRECT doesn't reach it: skb tier sends"
			: NULL,
		xdp && !tc ? "no skb tier: what XDP passes on is lost" : NULL,
		xdp && !p->n_xsk ? "no AF_XDP socket: misses by the skb tier"
				 : NULL,
	};
	size_t at = 0;

	ox_vport_tunnel_why(dp, no, tunnel, sizeof(tunnel));
	ox_vport_mode_why(u, there ? &l : NULL,
			  there && l.xdp_prog_id &&
				  l.xdp_prog_id != ox_dp_prog_id(dp->dp),
			  mode, sizeof(mode));
	if (ox_vport_is_native(dp, no))
		snprintf(mode, sizeof(mode), "tc: no device");
	if (there)
		ox_upper_why(dp, u, &l, upper, sizeof(upper));
	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i] && parts[i][0] && at < size)
			at += (size_t)snprintf(buf + at, size - at, "%s%s",
					       at ? "; " : "", parts[i]);
	}
}

/* Which programs of ours are on the port's device, and where. */
static int put_progs(struct ox_nlbuf *b, struct ox_datapath *dp, uint32_t no,
		     bool tc)
{
	const struct ox_port *p = &dp->mem->ports[no];
	bool xdp = ox_mode_has_xdp(dp->mem->uports[no].mode);
	int err = ox_nl_put_u32(b, OX_A_PORT_MTU, p->mtu);

	if (!err)
		err = ox_nl_put_u32(b, OX_A_PORT_XDP_ID,
				    xdp ? ox_dp_prog_id(dp->dp) : 0);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_PORT_TC_ID,
				    tc ? ox_dp_tc_id(dp->dp) : 0);
	if (!err && tc)
		err = ox_nl_put_u32(b, OX_A_PORT_TCX,
				    ox_tc_stays(dp->dp, p->ifindex));
	return err;
}

static int put_port(struct ox_nlbuf *b, struct ox_datapath *dp, uint32_t no)
{
	const struct ox_port *p = &dp->mem->ports[no];
	const struct ox_uport *u = &dp->mem->uports[no];
	bool tc = p->ifindex && ox_tc_query(dp->dp, p->ifindex) == 1;
	char name[OX_NAME_LEN + 1] = "";
	char text[384];
	int err = ox_nl_put_u32(b, OX_A_PORT_NO, no);

	memcpy(name, u->name, OX_NAME_LEN);
	why(dp, no, tc, text, sizeof(text));
	if (!err)
		err = ox_nl_put_str(b, OX_A_PORT_NAME, name);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_PORT_MODE_ASKED, u->mode_asked);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_PORT_MODE, u->mode);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_PORT_FLAGS, p->flags);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_PORT_XSKS, p->n_xsk);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_PORT_TC, tc);
	if (!err)
		err = put_progs(b, dp, no, tc);
	return err ?: ox_nl_put_str(b, OX_A_PORT_WHY, text);
}

static int do_port_get(struct ox_req *req)
{
	struct ox_datapath *dp = dp_of(req->datapaths, req->user_hdr);
	const struct nlattr *a = req->attrs[OX_A_PORT_NO];
	struct ovs_header *h;
	struct ox_nlbuf *b;

	if (!dp)
		return no_dp(&req->err, req->user_hdr);
	if (!a)
		return ox_req_missing(req, OX_A_PORT_NO, "which port?");
	if (!ox_vport_exists(dp, mnl_attr_get_u32(a))) {
		ox_err_attr(&req->err, req->nlh, a);
		return ox_err_set(&req->err, -ENODEV, "no port %u in %s",
				  mnl_attr_get_u32(a), dp->name);
	}
	b = ox_req_reply_begin(req, OX_CMD_PORT_GET, (void **)&h);
	h->dp_ifindex = (int)dp->ifindex;
	return finish(req, b, put_port(b, dp, mnl_attr_get_u32(a)));
}

/* cursor[0]: next port number; [1]: the dump has begun. */
static int dump_port(struct ox_dump *d, struct ox_nlbuf *b)
{
	struct ox_datapath *dp = dp_of(d->datapaths, d->user_hdr);

	if (!dp)
		return no_dp(&d->err, d->user_hdr);
	if (!d->cursor[1]) {
		d->gen = dp->port_generation;
		d->cursor[1] = 1;
	}
	if (d->gen != dp->port_generation)
		d->intr = true;
	for (; d->cursor[0] < dp->mem->config->max_ports; d->cursor[0]++) {
		uint32_t no = (uint32_t)d->cursor[0];

		if (!ox_vport_exists(dp, no))
			continue;
		if (ox_private_dump_begin(d, b, OX_CMD_PORT_GET, dp->ifindex))
			return 1;
		if (put_port(b, dp, no)) {
			ox_nl_abort(b);
			return 1;
		}
		ox_nl_end(b);
	}
	return 0;
}

static int put_left(struct ox_nlbuf *b, const struct ox_datapaths *all,
		    const struct ox_left *l)
{
	char path[512];
	int err = ox_nl_put_str(b, OX_A_DP_NAME, l->name);

	snprintf(path, sizeof(path), "%s/%s", all->space.folder, l->name);
	if (!err)
		err = ox_nl_put_str(b, OX_A_DP_PATH, path);
	return err ?: ox_nl_put_str(b, OX_A_DP_BUILD_WHY, l->why);
}

/* cursor[0]: those dumped. */
static int dump_left(struct ox_dump *d, struct ox_nlbuf *b)
{
	const struct ox_datapaths *all = d->datapaths;

	for (; d->cursor[0] < all->n_left; d->cursor[0]++) {
		if (ox_private_dump_begin(d, b, OX_CMD_LEFT_GET, 0))
			return 1;
		if (put_left(b, all, &all->left[d->cursor[0]])) {
			ox_nl_abort(b);
			return 1;
		}
		ox_nl_end(b);
	}
	return 0;
}

#define OP(cmd_, doit_, dumpit_)                                      \
	{                                                             \
		.cmd = (cmd_), .flags = GENL_UNS_ADMIN_PERM,          \
		.policy = ox_sync_policy, .max_attr = OX_A_MAX__ - 1, \
		.doit = (doit_), .dumpit = (dumpit_)                  \
	}

static const struct ox_genl_op ops[] = {
	OP(OX_CMD_SUBSCRIBE, ox_sync_subscribe, NULL),
	OP(OX_CMD_UNSUBSCRIBE, ox_sync_unsubscribe, NULL),
	OP(OX_CMD_SYNC, ox_sync_sync, NULL),
	OP(OX_CMD_DP_GET, do_dp_get, dump_dp),
	OP(OX_CMD_PORT_GET, do_port_get, dump_port),
	OP(OX_CMD_FORGET, ox_sync_forget, NULL),
	OP(OX_CMD_DP_SET, do_dp_set, NULL),
	OP(OX_CMD_DAEMON_GET, ox_counts_daemon, NULL),
	{ .cmd = OX_CMD_METER_GET,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_sync_policy,
	  .max_attr = OX_A_MAX__ - 1,
	  .dump_start = ox_counts_meters_start,
	  .dumpit = ox_counts_meters,
	  .dump_done = ox_counts_meters_done },
	OP(OX_CMD_CT_GET, ox_counts_ct, ox_counts_zones),
	OP(OX_CMD_LEFT_GET, NULL, dump_left),
	{ .cmd = OX_CMD_TRACE,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_sync_policy,
	  .max_attr = OX_A_MAX__ - 1,
	  .dump_start = ox_fam_trace_start,
	  .dumpit = ox_fam_trace_dump,
	  .dump_done = ox_fam_trace_done },
};

const struct ox_genl_family ox_fam_ovsxdp = {
	.id = OX_GENL_OVSXDP,
	.name = OX_FAMILY_NAME,
	.version = OX_FAMILY_VERSION,
	.hdrsize = sizeof(struct ovs_header),
	.maxattr = OX_A_MAX__ - 1,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(ops[0]),
};
