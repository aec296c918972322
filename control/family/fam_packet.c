// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_packet.c - the family ovs_packet: one request, EXECUTE. Its other
 * commands are the upcalls (upcall.c).
 */
#include "control/family/family.h"

#include <errno.h>
#include <linux/genetlink.h>

#include "control/codec/codec_packet.h"
#include "control/packet/exec.h"
#include "control/packet/packet.h"
#include "ovsxdp/log.h"
#include "ovsxdp/nl.h"

/* The module looks at the request before it looks for the datapath; so do
 * we, and clients get the same errno when both are wrong. */
static int execute(struct ox_req *req)
{
	const struct ovs_header *hdr = req->user_hdr;
	struct ox_datapath *dp;
	struct ox_execute x;
	struct ox_out out;
	int err;

	err = ox_execute_decode(req->nlh, req->attrs, &x, &req->err);
	if (err)
		return err;
	dp = ox_datapath_by_ifindex(req->datapaths, hdr->dp_ifindex);
	err = dp ? ox_packet_out(&req->datapaths->packets, &out, &req->err)
		 : -ENODEV;
	if (!err)
		err = ox_exec_request(dp, &out, &x);
	/* the client may take its ACK for "has left" */
	ox_packet_flush(&req->datapaths->packets);
	if (err && dp && !x.probe)
		ox_log_dbg("%s: execute of a packet of %u bytes failed: %d",
			   dp->name, x.len, err);
	ox_execute_done(&x);
	return err;
}

static const struct ox_genl_op ops[] = {
	{ .cmd = OVS_PACKET_CMD_EXECUTE,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_packet_policy,
	  .max_attr = OX_PACKET_ATTR_MAX,
	  .doit = execute },
};

const struct ox_genl_family ox_fam_packet = {
	.id = OX_GENL_PACKET,
	.name = OVS_PACKET_FAMILY,
	.version = OVS_PACKET_VERSION,
	.hdrsize = sizeof(struct ovs_header),
	.maxattr = OX_PACKET_ATTR_MAX,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(ops[0]),
};
