// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * drop.c - packets that are dropped, to those who asked (OX_CMD_DROP).
 */
#include "control/packet/drop.h"

#include <linux/openvswitch.h>
#include <string.h>

#include "control/codec/key.h"
#include "control/netlink/genl.h"
#include "control/packet/packet.h"
#include "control/packet/trace.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/now.h"

static int put_flow(struct ox_nlbuf *b, const struct ox_datapath *dp,
		    uint32_t flow)
{
	const struct ox_flow *f = ox_mem_flow(dp->mem, flow);
	const struct ox_uflow *u = ox_mem_uflow(dp->mem, flow);

	if (!f || !u || f->state != OX_LIVE || !u->ufid_len)
		return 0;
	return ox_nl_put(b, OX_A_DROP_UFID, u->ufid, u->ufid_len);
}

static int put_port(struct ox_nlbuf *b, const struct ox_datapath *dp,
		    uint32_t port_no)
{
	char name[OX_NAME_LEN + 1] = "";
	int err;

	if (!ox_vport_exists(dp, port_no))
		return 0;
	memcpy(name, dp->mem->uports[port_no].name, OX_NAME_LEN);
	err = ox_nl_put_u32(b, OX_A_PORT_NO, port_no);
	return err ?: ox_nl_put_str(b, OX_A_PORT_NAME, name);
}

/* The rest of a tunnel's key isn't at hand. */
static int put_key(struct ox_nlbuf *b, const struct ox_key *key)
{
	struct ox_key k = *key;

	k.w[OX_W_TUN] = 0;
	k.has_tun = 0;
	return ox_key_put(b, OX_A_TRACE_KEY, false, &k, &k, NULL);
}

static int put_drop(struct ox_nlbuf *b, const struct ox_datapath *dp,
		    const char *tier, const struct ox_drop *d)
{
	uint32_t kept = d->len < OX_DROP_FRAME ? d->len : OX_DROP_FRAME;
	int err = ox_nl_put_str(b, OX_A_TRACE_TIER, tier);

	if (!err)
		err = ox_nl_put_str(b, OX_A_REASON_NAME,
				    ox_reason_name(d->why));
	if (!err)
		err = put_port(b, dp, d->in_port);
	if (!err && d->key)
		err = put_key(b, d->key);
	if (!err)
		err = put_flow(b, dp, d->flow);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_DROP_LEN, d->len);
	return err ?: ox_nl_put(b, OX_A_TRACE_PACKET, d->frame, kept);
}

/* d: NULL for a sign of life. */
static void send_drop(struct ox_datapath *dp, const char *tier,
		      const struct ox_drop *d)
{
	static const struct ox_genl_family family = {
		.id = OX_GENL_OVSXDP,
		.version = OX_FAMILY_VERSION,
		.hdrsize = sizeof(struct ovs_header),
	};
	struct ox_genl *g = dp->packets ? dp->packets->genl : NULL;
	void *hdr = NULL;
	struct ox_nlbuf *b;

	if (!g || !ox_must_notify(g, NULL, OX_MCGRP_DROP))
		return;
	b = ox_notify_begin(g, NULL, &family, OX_CMD_DROP, &hdr);
	if (!b || !hdr)
		return;
	((struct ovs_header *)hdr)->dp_ifindex = (int)dp->ifindex;
	if (d && put_drop(b, dp, tier, d))
		ox_nl_abort(b);
	else
		ox_notify_send(g, NULL, b, OX_MCGRP_DROP);
}

void ox_drop_ring(struct ox_datapath *dp, const struct ox_ring_rec *rec)
{
	bool has_key = rec->md.flags & OX_DROP_KEY;
	const struct ox_drop d = {
		.why = rec->end,
		.in_port = rec->md.port_no,
		.flow = has_key ? rec->md.flow : OX_NONE,
		.key = has_key ? &rec->key : NULL,
		.frame = rec->frame,
		.len = rec->work,
	};

	/* programs of another build may know more reasons */
	if (rec->end >= OX_R_COUNT || rec->len > OX_DROP_FRAME ||
	    rec->len != (d.len < OX_DROP_FRAME ? d.len : OX_DROP_FRAME))
		return;
	send_drop(dp, rec->md.flags & OX_DROP_XDP ? "xdp" : "skb", &d);
}

/* For the process, which is one thread. */
static bool over(void)
{
	static int64_t since;
	static uint32_t n;
	int64_t now = ox_now_ms();

	if (now - since >= 1000) {
		since = now;
		n = 0;
	}
	return n++ >= OX_DROPS_SECOND;
}

void ox_drop_tell(struct ox_datapath *dp, const struct ox_drop *d)
{
	struct ox_drop known = *d;
	struct ox_key key;
	int err;

	if (!ox_drop_wanted(dp) || over())
		return;
	if (!d->key) {
		err = d->eth_type ? ox_host_extract_l3(d->frame, d->len,
						       d->eth_type, d->in_port,
						       &key)
				  : ox_host_extract(d->frame, d->len,
						    d->in_port, &key);
		known.key = err ? NULL : &key;
	}
	send_drop(dp, "user", &known);
}

void ox_drop_tell_pkt(struct ox_datapath *dp, enum ox_reason why, uint32_t flow,
		      const struct ox_host_pkt *pkt)
{
	const struct ox_drop d = {
		.why = why,
		.in_port = pkt->in_port,
		.flow = flow,
		.key = &pkt->key,
		.frame = pkt->data,
		.len = pkt->len,
	};

	ox_drop_tell(dp, &d);
}

static bool is_wanted(const struct ox_datapath *dp)
{
	return dp->packets && dp->packets->genl &&
	       ox_must_notify(dp->packets->genl, NULL, OX_MCGRP_DROP);
}

void ox_drop_tick(struct ox_datapath *dp)
{
	uint32_t knobs = dp->mem->config->knobs & ~OX_KNOB_DROPS;

	if (is_wanted(dp))
		send_drop(dp, NULL, NULL);
	if (is_wanted(dp))
		knobs |= OX_KNOB_DROPS;
	if (knobs != dp->mem->config->knobs)
		__atomic_store_n(&dp->mem->config->knobs, knobs,
				 __ATOMIC_RELAXED);
}
