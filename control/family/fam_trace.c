// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_trace.c - OX_CMD_TRACE: what a datapath would do with a packet. All of it
 * is found out when the dump begins, so that its steps belong together.
 */
#include "control/family/family.h"
#include "control/family/private.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/openvswitch.h>
#include <stdlib.h>
#include <string.h>

#include "control/codec/key.h"
#include "control/codec/key_frame.h"
#include "control/packet/trace.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/uapi.h"

/* A flow's attributes, while it was there. */
struct flow_attrs {
	void *data; /* owned; NULL: none */
	uint32_t len;
};

/* What a dump has in cursor[0]; cursor[1]: steps that are done. */
struct trace_dump {
	struct ox_trace *t;
	struct flow_attrs *flows; /* [t->n] */
};

static struct trace_dump *dump_of(struct ox_dump *d)
{
	return (struct trace_dump *)(uintptr_t)d->cursor[0];
}

static void dump_free(struct trace_dump *td)
{
	if (!td)
		return;
	for (uint32_t i = 0; td->flows && i < td->t->n; i++)
		free(td->flows[i].data);
	free(td->flows);
	ox_trace_free(td->t);
	free(td);
}

void ox_fam_trace_done(struct ox_dump *d)
{
	dump_free(dump_of(d));
	d->cursor[0] = 0;
}

/* ---- the packet ---- */

/* A packet that has the key of the request. */
static int compose(struct ox_dump *d, uint8_t *frame, struct ox_execute *rq)
{
	struct ox_key key;
	struct ox_tun tun;
	const struct ox_key_out out = { .key = &key, .tun = &tun };
	int err = ox_key_get_match(d->nlh, d->attrs[OX_A_TRACE_KEY], NULL, &out,
				   NULL, &d->err);

	if (err)
		return err;
	rq->frame = frame;
	rq->len = ox_key_frame(&key, frame);
	return 0;
}

static int packet_of(struct ox_dump *d, uint8_t *frame, struct ox_execute *rq)
{
	const struct nlattr *key = d->attrs[OX_A_TRACE_KEY];
	const struct nlattr *packet = d->attrs[OX_A_TRACE_PACKET];
	int err = 0;

	if (!key) {
		d->err.miss_type = OX_A_TRACE_KEY + 1;
		return ox_err_set(&d->err, -EINVAL, "which packet?");
	}
	if (packet) {
		rq->frame = mnl_attr_get_payload(packet);
		rq->len = mnl_attr_get_payload_len(packet);
	} else {
		err = compose(d, frame, rq);
	}
	return err ?: ox_execute_key(d->nlh, key, rq, &d->err);
}

static int port_check(struct ox_dump *d, const struct ox_datapath *dp,
		      uint32_t in_port)
{
	if (in_port == OX_NONE)
		return ox_err_set(&d->err, -EINVAL,
				  "by which port does the packet come in? "
				  "Say in_port(N)");
	if (!ox_vport_exists(dp, in_port))
		return ox_err_set(&d->err, -ENODEV,
				  "%s has no port %u that the packet could "
				  "come in by",
				  dp->name, in_port);
	return 0;
}

/* ---- the trace ---- */

static int flow_keep(const struct ox_datapath *dp, uint32_t flow,
		     struct flow_attrs *out)
{
	static uint8_t room[128 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
	int err = ox_nl_begin_raw(&b, 0, 0, 0, 0, NULL, 0);

	if (!err)
		err = ox_fam_flow_put(&b, dp, flow);
	if (err)
		return err;
	ox_nl_end(&b);
	out->len = b.len - NLMSG_HDRLEN;
	out->data = malloc(out->len);
	if (!out->data)
		return -ENOMEM;
	memcpy(out->data, room + NLMSG_HDRLEN, out->len);
	return 0;
}

static int flows_keep(const struct ox_datapath *dp, struct trace_dump *td)
{
	int err = 0;

	td->flows = calloc(td->t->n, sizeof(*td->flows));
	if (!td->flows)
		return -ENOMEM;
	for (uint32_t i = 0; !err && i < td->t->n; i++)
		if (td->t->v[i].flow != OX_NONE)
			err = flow_keep(dp, td->t->v[i].flow, &td->flows[i]);
	return err;
}

static struct ox_datapath *dp_of(struct ox_dump *d)
{
	const struct ovs_header *h = d->user_hdr;
	struct ox_datapath *dp =
		ox_datapath_by_ifindex(d->datapaths, (uint32_t)h->dp_ifindex);

	if (!dp)
		ox_err_set(&d->err, -ENODEV, "no datapath with ifindex %d",
			   h->dp_ifindex);
	return dp;
}

int ox_fam_trace_start(struct ox_dump *d)
{
	struct ox_datapath *dp = dp_of(d);
	uint8_t frame[OX_KEY_FRAME_MAX];
	struct ox_execute rq = { 0 };
	struct trace_dump *td;
	int err;

	if (!dp)
		return -ENODEV;
	err = packet_of(d, frame, &rq);
	if (!err)
		err = port_check(d, dp, rq.key.in_port);
	if (err)
		return err;
	td = calloc(1, sizeof(*td));
	if (!td)
		return -ENOMEM;
	err = ox_trace_run(dp, &rq, &td->t);
	if (!err)
		err = flows_keep(dp, td);
	if (err)
		dump_free(td);
	else
		d->cursor[0] = (uintptr_t)td;
	return err;
}

/* ---- its messages ---- */

static int put_flow(struct ox_nlbuf *b, const struct flow_attrs *f)
{
	uint32_t mark;
	int err;

	/* a nest has no room for more */
	if (!f->data || f->len > UINT16_MAX - NLA_HDRLEN)
		return 0;
	err = ox_nl_nest(b, OX_A_TRACE_FLOW, &mark);
	if (!err)
		err = ox_nl_put_raw(b, f->data, f->len);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_step(struct ox_nlbuf *b, const struct trace_dump *td, uint32_t i)
{
	const struct ox_trace_rec *r = &td->t->v[i];
	bool key = r->step == OX_STEP_PACKET || r->step == OX_STEP_PASS;
	int err = ox_nl_put_u32(b, OX_A_TRACE_STEP, r->step);

	if (!err)
		err = ox_nl_put_str(b, OX_A_TRACE_TIER, ox_tier_name(r->tier));
	if (!err)
		err = ox_nl_put_u32(b, OX_A_TRACE_DEPTH, r->depth);
	if (!err && key)
		err = ox_key_put(b, OX_A_TRACE_KEY, false, &r->key, &r->key,
				 r->key.has_tun ? &td->t->tun : NULL);
	if (!err)
		err = put_flow(b, &td->flows[i]);
	if (!err && r->text)
		err = ox_nl_put_str(b, OX_A_TRACE_TEXT, r->text);
	if (!err && r->result)
		err = ox_nl_put_str(b, OX_A_TRACE_RESULT, r->result);
	if (!err && r->reason != OX_R_NONE)
		err = ox_nl_put_str(b, OX_A_REASON_NAME,
				    ox_reason_name(r->reason));
	return err;
}

int ox_fam_trace_dump(struct ox_dump *d, struct ox_nlbuf *b)
{
	const struct ovs_header *h = d->user_hdr;
	struct trace_dump *td = dump_of(d);

	for (; d->cursor[1] < td->t->n; d->cursor[1]++) {
		if (ox_private_dump_begin(d, b, OX_CMD_TRACE,
					  (uint32_t)h->dp_ifindex))
			return 1;
		if (put_step(b, td, (uint32_t)d->cursor[1])) {
			ox_nl_abort(b);
			return 1;
		}
		ox_nl_end(b);
	}
	return 0;
}
