// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace.c - a packet is followed through a datapath: what the core tells
 * becomes a list of steps. Where the core would change something, it is a
 * sink's function or a copy here that takes it.
 */
#include "control/packet/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "control/packet/trace_int.h"
#include "control/packet/upcall_pid.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/ct_pkt.h"
#include "ovsxdp/now.h"

#define PKT_MAX	 0x11000
#define HEADROOM 1024 /* for what actions push */
#define METERS	 16   /* that one packet meets, at most */
#define NAMED	 64   /* of each kind, in the last step */

struct trace_meter {
	uint32_t id;
	struct ox_meter m; /* as it is after this packet */
};

/* A trace under way. The first member is what the user tier's sink knows. */
struct tracing {
	struct ox_exec x;
	struct ox_host_trace core;
	struct ox_trace *out;
	struct ox_mem mem; /* the datapath's, with meters of its own */
	struct ox_mem_ops ops;
	struct trace_meter meters[METERS];
	uint32_t n_meters;
	struct ox_trace_ct *ct;	   /* owned */
	uint32_t told[OX_R_COUNT]; /* drops that have become a step */
	uint32_t current;	   /* step whose result comes next */
	uint32_t output_reason;	   /* of the output under way */
	bool hash;		   /* the last step's result is the hash */
	bool failed;		   /* no memory for a step */
	/* what becomes of it, for the last step */
	FILE *leaves, *user, *drops; /* owned */
	char *texts[3];		     /* owned: theirs */
	uint32_t n_leaves, n_user, n_drops;
	bool waits; /* for other fragments */
};

/* ---- steps ---- */

/* The step whose result is being told. NULL: it was left out. */
static struct ox_trace_rec *current_step(struct tracing *tr)
{
	return tr->current < tr->out->n ? &tr->out->v[tr->current] : NULL;
}

static struct ox_trace_rec *add_step(struct tracing *tr, uint8_t step,
				     const struct ox_trace_ev *ev)
{
	struct ox_trace *t = tr->out;
	struct ox_trace_rec *r, *v;

	if (t->n >= OX_TRACE_MAX - 1 && step != OX_STEP_END) {
		t->left_out++;
		tr->current = OX_NONE;
		return NULL;
	}
	v = realloc(t->v, (t->n + 1) * sizeof(*v));
	if (!v) {
		tr->failed = true;
		return NULL;
	}
	t->v = v;
	/* what comes of an op may stand behind a way down */
	if (step != OX_STEP_DOWN)
		tr->current = t->n;
	r = &v[t->n++];
	*r = (struct ox_trace_rec){ .step = step,
				    .tier = (uint8_t)tr->core.tier,
				    .flow = OX_NONE,
				    .reason = OX_R_NONE };
	if (ev) {
		r->depth = (uint16_t)ev->depth;
		r->key = *ev->key;
	}
	return r;
}

__attribute__((format(printf, 2, 3))) static void add_text(char **to,
							   const char *fmt, ...)
{
	char *old = *to, *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!old || !text) {
		*to = text ? text : old;
		return;
	}
	if (asprintf(to, "%s, %s", old, text) < 0)
		*to = NULL;
	free(old);
	free(text);
}

#define result(tr, ...)                                     \
	do {                                                \
		struct ox_trace_rec *r_ = current_step(tr); \
		if (r_)                                     \
			add_text(&r_->result, __VA_ARGS__); \
	} while (0)

/* ---- what becomes of the packet ---- */

/* May one more be named in the last step? Nobody reads hundreds of them in one
 * line, and an attribute has 64 KiB at most. */
static bool add_part(FILE *f, uint32_t *n)
{
	if (*n && *n < NAMED)
		fputs(", ", f);
	return (*n)++ < NAMED;
}

static void add_more(char **text, uint32_t n)
{
	if (n > NAMED)
		add_text(text, "and %u more", n - NAMED);
}

static void note_drop(struct tracing *tr, uint32_t reason)
{
	if (add_part(tr->drops, &tr->n_drops))
		fprintf(tr->drops, "%s (%s)", ox_reason_name(reason),
			ox_reason_text(reason));
}

static void note_told(struct tracing *tr, uint32_t reason)
{
	if (reason < OX_R_COUNT)
		tr->told[reason]++;
}

/* ---- what the core tells ---- */

static void op_result(struct tracing *tr, const struct ox_trace_ev *ev)
{
	const struct ox_op *op = ev->op;

	switch (op->code) {
	case OX_OP_CHECK_LEN:
		result(tr, "%u bytes: %s", ev->len,
		       ev->longer ? "longer" : "not longer");
		break;
	case OX_OP_SAMPLE:
		result(tr, (uint32_t)op->val ? "followed as if it is taken"
					     : "never taken");
		break;
	case OX_OP_DEC_TTL:
		result(tr,
		       ev->key->ip_ttl > 1 ? "the TTL becomes %u"
					   : "the TTL %u has expired",
		       ev->key->ip_ttl > 1 ? ev->key->ip_ttl - 1u
					   : ev->key->ip_ttl);
		break;
	case OX_OP_HASH:
		tr->hash = true;
		break;
	default:
		break;
	}
}

static void tell_op(struct tracing *tr, const struct ox_trace_ev *ev)
{
	struct ox_trace_rec *r = add_step(tr, OX_STEP_OP, ev);
	size_t size;
	FILE *f;

	tr->output_reason = ev->reason;
	note_told(tr, ev->reason);
	f = r ? open_memstream(&r->text, &size) : NULL;
	if (f) {
		ox_trace_op_print(f, tr->x.dp, ev->op);
		fclose(f);
	}
	op_result(tr, ev);
}

static void tell(void *arg, const struct ox_trace_ev *ev)
{
	struct tracing *tr = arg;
	struct ox_trace_rec *r;

	if (tr->hash)
		result(tr, "dp_hash 0x%x", ev->key->dp_hash);
	tr->hash = false;
	switch (ev->what) {
	case OX_TRACE_PASS:
		r = add_step(tr, OX_STEP_PASS, ev);
		if (r)
			r->flow = ev->flow;
		break;
	case OX_TRACE_OP:
		tell_op(tr, ev);
		break;
	case OX_TRACE_DOWN:
		r = add_step(tr, OX_STEP_DOWN, ev);
		if (r)
			add_text(&r->text, "%s", ev->why);
		break;
	case OX_TRACE_DROP:
		r = add_step(tr, OX_STEP_DROP, ev);
		if (r)
			r->reason = ev->reason;
		note_told(tr, ev->reason);
		note_drop(tr, ev->reason);
		break;
	}
}

/* ---- where the packet goes ---- */

static void drop_here(struct tracing *tr, uint32_t reason)
{
	struct ox_trace_rec *r = current_step(tr);

	if (r)
		r->reason = reason;
	result(tr, "dropped: %s (%s)", ox_reason_name(reason),
	       ox_reason_text(reason));
	note_drop(tr, reason);
}

/* What the user tier's output would say. */
static uint32_t user_reason(const struct tracing *tr, uint32_t port_no,
			    const struct ox_host_pkt *pkt, uint32_t len)
{
	const struct ox_output_pkt tx = {
		.frame = pkt->data,
		.len = len,
		.mac_proto = pkt->key.mac_proto,
		.tunnel = pkt->tun_out,
	};

	return ox_output_check(tr->x.dp->mem, port_no, &tx);
}

static void leave(struct tracing *tr, uint32_t port_no, uint32_t len,
		  const struct ox_host_pkt *pkt)
{
	const struct ox_port *p = &tr->x.dp->mem->ports[port_no];
	_cleanup_free_ char *key = NULL;
	size_t size;
	FILE *f;

	result(tr, "leaves, %u bytes", len);
	if (pkt->tun_out && (p->flags & (OX_PORT_TUNNEL | OX_PORT_NATIVE))) {
		f = open_memstream(&key, &size);
		if (f) {
			ox_trace_tunnel_print(f, pkt->tun_out);
			fclose(f);
			result(tr, "in a tunnel: %s", key);
		}
	}
	if (add_part(tr->leaves, &tr->n_leaves))
		ox_trace_port_print(tr->leaves, tr->x.dp, port_no);
}

static void sink_output(void *arg, uint32_t port_no,
			const struct ox_host_pkt *pkt, uint32_t cutlen)
{
	struct tracing *tr = arg;
	uint32_t len = pkt->len - (cutlen < pkt->len ? cutlen : 0);

	if (tr->core.tier == OX_TIER_USER)
		tr->output_reason = user_reason(tr, port_no, pkt, len);
	if (tr->output_reason == OX_R_NONE)
		leave(tr, port_no, len, pkt);
	else
		drop_here(tr, tr->output_reason);
}

static void to_user(struct tracing *tr, const char *what, uint32_t pid)
{
	if (!pid) {
		drop_here(tr, OX_R_NO_UPCALL_PID);
		return;
	}
	result(tr, "%s for port id %" PRIu32, what, pid);
	if (add_part(tr->user, &tr->n_user))
		fprintf(tr->user, "%s for port id %" PRIu32, what, pid);
}

static void sink_userspace(void *arg, uint32_t flow, uint32_t attr_off,
			   const struct ox_host_pkt *pkt, uint32_t cutlen)
{
	struct tracing *tr = arg;

	(void)cutlen;
	to_user(tr, "an upcall",
		ox_exec_action_pid(&tr->x, flow, attr_off, pkt));
}

static void sink_miss(void *arg, const struct ox_host_pkt *pkt)
{
	struct tracing *tr = arg;
	struct ox_trace_rec *r = add_step(tr, OX_STEP_OP, NULL);

	if (r)
		add_text(&r->text, "upcall");
	to_user(tr, "a miss",
		ox_upcall_pid(tr->x.dp, pkt->in_port, (uint32_t)tr->x.hash,
			      tr->x.cpu));
}

/* ---- what would change ---- */

static struct trace_meter *meter_of(struct tracing *tr, uint32_t id)
{
	struct ox_mem *live = tr->x.dp->mem;
	struct trace_meter *m;

	for (uint32_t i = 0; i < tr->n_meters; i++)
		if (tr->meters[i].id == id)
			return &tr->meters[i];
	/* one more than there is room for begins anew */
	m = &tr->meters[tr->n_meters < METERS ? tr->n_meters++ : METERS - 1];
	m->id = id;
	return live->ops->meter_get(live, id, &m->m) ? NULL : m;
}

/* ox_mem_ops.meter_run */
static int meter_run(struct ox_mem *mem, uint32_t id, uint32_t len)
{
	struct tracing *tr = mem->owner;
	struct trace_meter *m = meter_of(tr, id);
	int over;

	if (!m) {
		tr->n_meters--;
		result(tr, "no such meter: the packet passes");
		return 0;
	}
	over = ox_host_meter(&m->m, ox_now_ms(), len);
	result(tr, over ? "over its rate" : "within its rate");
	return over;
}

static void ct_result(struct tracing *tr, const struct ox_ct_run *run,
		      const struct ox_key *key, const struct ox_ct_act *act)
{
	_cleanup_free_ char *state = NULL;
	size_t size;
	FILE *f = open_memstream(&state, &size);

	if (!f)
		return;
	ox_trace_ct_state_print(f, key->ct_state);
	fclose(f);
	result(tr, "ct_state %s", state);
	if (key->ct_mark)
		result(tr, "ct_mark 0x%x", key->ct_mark);
	if (run->edit.what & OX_CT_EDIT_SRC)
		result(tr, "its source is translated");
	if (run->edit.what & OX_CT_EDIT_DST)
		result(tr, "its destination is translated");
	if ((act->flags & OX_CT_F_COMMIT) && run->info == OX_CT_I_NEW)
		result(tr, "would be committed");
}

static int sink_ct(void *arg, uint32_t what, struct ox_ct_run *run,
		   struct ox_key *key, const struct ox_ct_act *act)
{
	struct tracing *tr = arg;
	bool user = tr->core.tier == OX_TIER_USER;
	int err = ox_trace_ct_do(&tr->ct, tr->x.dp->ct, user, what, run, key,
				 act);

	if (err == OX_CT_EDOWN) {
		ox_host_trace_down(&tr->core, OX_TIER_USER,
				   "a helper looks at it, which runs there");
		err = ox_trace_ct_do(&tr->ct, tr->x.dp->ct, true, what, run,
				     key, act);
	}
	if (!err)
		ct_result(tr, run, key, act);
	return err;
}

static int sink_help(void *arg, struct ox_host_pkt *pkt, uint32_t l3,
		     uint32_t l4, const struct ox_ct_run *run)
{
	struct tracing *tr = arg;
	const char *name = ox_trace_ct_helper(tr->ct, run);

	(void)pkt;
	(void)l3;
	(void)l4;
	if (name)
		result(tr, "the helper %s isn't asked here", name);
	return 0;
}

/* Fragments of before aren't looked at: they would be used up. */
static int sink_defrag(void *arg, struct ox_host_pkt *pkt, uint32_t l3,
		       uint16_t zone)
{
	struct tracing *tr = arg;

	(void)pkt;
	(void)l3;
	(void)zone;
	ox_host_trace_down(&tr->core, OX_TIER_USER,
			   "a fragment in front of ct()");
	result(tr, "waits until the packet is whole");
	tr->waits = true;
	return -EINPROGRESS;
}

static uint32_t sink_nsh(void *arg, uint32_t flow, uint32_t attr_off,
			 uint8_t *hdr)
{
	return ox_exec_sink.nsh(arg, flow, attr_off, hdr);
}

/* ---- the whole of it ---- */

/* The tier that a port's packets come in by, and why, as text. */
static void entry(struct tracing *tr, uint32_t port_no, struct ox_trace_rec *r)
{
	static const char *const words[] = {
		[OX_MODE_AUTO] = "no program of ours is known to be there",
		[OX_MODE_XDP] = "mode xdp",
		[OX_MODE_XDP_GENERIC] = "mode xdp-generic",
		[OX_MODE_NONE] = "no program of ours is on its device",
		[OX_MODE_TC] = "mode tc",
	};
	uint32_t mode = tr->x.dp->mem->uports[port_no].mode;
	bool xdp = mode == OX_MODE_XDP || mode == OX_MODE_XDP_GENERIC;

	tr->core.tier = xdp ? OX_TIER_XDP : OX_TIER_SKB;
	if (!r)
		return;
	r->tier = (uint8_t)tr->core.tier;
	add_text(&r->text, "%s", mode <= OX_MODE_TC ? words[mode] : "mode ?");
}

/* What was dropped on the way and is no step yet. */
static void other_drops(struct tracing *tr)
{
	for (uint32_t i = 0; i < OX_R_COUNT; i++) {
		struct ox_trace_rec *r;

		if (!(OX_R_DROPS >> i & 1) ||
		    tr->core.out.dp.reason[i] <= tr->told[i])
			continue;
		r = add_step(tr, OX_STEP_DROP, NULL);
		if (r)
			r->reason = i;
		note_drop(tr, i);
	}
}

static void conclude(struct tracing *tr)
{
	struct ox_trace_rec *r;

	other_drops(tr);
	fflush(tr->leaves);
	fflush(tr->user);
	fflush(tr->drops);
	r = add_step(tr, OX_STEP_END, NULL);
	if (!r)
		return;
	if (tr->n_leaves)
		add_text(&r->text, "leaves by %s", tr->texts[0]);
	add_more(&r->text, tr->n_leaves);
	if (tr->n_user)
		add_text(&r->text, "goes to user space: %s", tr->texts[1]);
	add_more(&r->text, tr->n_user);
	if (tr->waits)
		add_text(&r->text, "waits until the packet is whole");
	if (tr->n_drops)
		add_text(&r->text, "%s dropped: %s",
			 tr->n_leaves || tr->n_user ? "has copies that are"
						    : "is",
			 tr->texts[2]);
	add_more(&r->text, tr->n_drops);
	if (!r->text)
		add_text(&r->text, "goes nowhere: the actions end");
	if (tr->out->left_out)
		add_text(&r->text, "%u steps are left out", tr->out->left_out);
}

static void tracing_free(struct tracing *tr)
{
	FILE *const files[] = { tr->leaves, tr->user, tr->drops };

	for (int i = 0; i < 3; i++) {
		if (files[i])
			fclose(files[i]);
		free(tr->texts[i]);
	}
	ox_trace_ct_free(tr->ct);
	ox_trace_free(tr->out);
}

static int tracing_init(struct tracing *tr, struct ox_datapath *dp,
			const struct ox_execute *rq)
{
	static size_t sizes[3];

	tr->x = (struct ox_exec){ .dp = dp,
				  .hash = ox_host_key_hash(&rq->key),
				  .key = rq->key };
	tr->core.tell = tell;
	tr->core.arg = tr;
	tr->mem = *dp->mem;
	tr->ops = (struct ox_mem_ops){ .meter_run = meter_run };
	tr->mem.ops = &tr->ops;
	tr->mem.owner = tr;
	tr->leaves = open_memstream(&tr->texts[0], &sizes[0]);
	tr->user = open_memstream(&tr->texts[1], &sizes[1]);
	tr->drops = open_memstream(&tr->texts[2], &sizes[2]);
	tr->out = calloc(1, sizeof(*tr->out));
	return tr->leaves && tr->user && tr->drops && tr->out ? 0 : -ENOMEM;
}

static void follow(struct tracing *tr, const struct ox_execute *rq,
		   uint8_t *room)
{
	const struct ox_host_sink sink = {
		.output = sink_output,
		.userspace = sink_userspace,
		.miss = sink_miss,
		.nsh = sink_nsh,
		.ct = sink_ct,
		.help = sink_help,
		.defrag = sink_defrag,
		.arg = tr,
		.trace = &tr->core,
	};
	struct ox_host_pkt pkt = {
		.data = room + HEADROOM,
		.len = rq->len,
		.headroom = HEADROOM,
		.tailroom = OX_HOST_HEADROOM,
		.in_port = rq->key.in_port,
		.key = rq->key,
		.tun = &rq->tun,
	};
	const struct ox_trace_ev ev = { .key = &rq->key };

	memcpy(pkt.data, rq->frame, rq->len);
	tr->out->tun = rq->tun;
	entry(tr, rq->key.in_port, add_step(tr, OX_STEP_PACKET, &ev));
	result(tr, "%u bytes", rq->len);
	ox_host_trace(&tr->mem, &pkt, &sink);
	conclude(tr);
}

int ox_trace_run(struct ox_datapath *dp, const struct ox_execute *rq,
		 struct ox_trace **out)
{
	_cleanup_free_ struct tracing *tr = NULL;
	_cleanup_free_ uint8_t *room = NULL;
	int err;

	if (rq->len > PKT_MAX)
		return -EMSGSIZE;
	room = malloc(HEADROOM + rq->len + OX_HOST_HEADROOM);
	tr = calloc(1, sizeof(*tr));
	if (!room || !tr)
		return -ENOMEM;
	err = tracing_init(tr, dp, rq);
	if (!err) {
		follow(tr, rq, room);
		err = tr->failed ? -ENOMEM : 0;
	}
	if (!err) {
		*out = tr->out;
		tr->out = NULL;
	}
	tracing_free(tr);
	return err;
}

void ox_trace_free(struct ox_trace *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; i < t->n; i++) {
		free(t->v[i].text);
		free(t->v[i].result);
	}
	free(t->v);
	free(t);
}
