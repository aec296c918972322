// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exec.c - ovs_dp_process_packet() and ovs_packet_cmd_execute() for the user
 * tier, on the host build of the core: finds out where a packet goes on.
 */
#include "control/packet/exec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/openvswitch.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>

#include "control/packet/exec_int.h"

/* Where a tier of the kernel stopped. */
struct exec_stop {
	uint8_t reason; /* enum ox_upcall */
	uint32_t flow;
	uint32_t acts;
	uint32_t gen;
	struct ox_host_list at; /* pc, end, keep, stale, level */
	uint32_t cutlen;	/* OX_UP_ACTION: bytes to cut off */
};

#define PKT_MAX	 0x11000 /* a record's frame, an EXECUTE's */
#define HEADROOM 1024	 /* for what actions push */

/* The packet that is under way; one for the process, which is one thread. */
static uint8_t room[HEADROOM + PKT_MAX + OX_HOST_HEADROOM];

static void packet_copy(struct ox_host_pkt *pkt, const void *data)
{
	pkt->data = room + HEADROOM;
	pkt->headroom = HEADROOM;
	pkt->tailroom = sizeof(room) - HEADROOM - pkt->len;
	memcpy(pkt->data, data, pkt->len);
}

/* What skb_get_hash() stores for a packet from a device. */
static uint64_t packet_hash(uint32_t hash, const struct ox_key *key)
{
	bool l4 = key->ip_frag == OVS_FRAG_TYPE_NONE &&
		  (key->ip_proto == IPPROTO_TCP ||
		   key->ip_proto == IPPROTO_UDP ||
		   key->ip_proto == IPPROTO_SCTP) &&
		  (key->eth_type == htons(ETH_P_IP) ||
		   key->eth_type == htons(ETH_P_IPV6));

	return hash | OVS_PACKET_HASH_SW_BIT |
	       (l4 ? OVS_PACKET_HASH_L4_BIT : 0);
}

static int exec_list(struct ox_exec *x, const struct ox_host_list *list,
		     struct ox_host_pkt *pkt)
{
	struct ox_host_sink sink = ox_exec_sink;
	struct ox_host_list l = *list;

	l.work = x->work;
	sink.arg = x;
	return ox_host_run(x->dp->mem, &l, pkt, &sink);
}

/* ---- what a packet costs ---- */

#define ACCOUNTS 64

/* Copies of one received packet come in records of their own. What the ones
 * before have cost here counts for the next: by CPU, because a CPU sends the
 * copies of one packet one after the other. */
static struct account {
	const struct ox_datapath *dp;
	uint16_t cpu;
	uint16_t packet;
	struct ox_work here; /* in the user tier */
} accounts[ACCOUNTS];

static struct account *account_of(const struct ox_datapath *dp,
				  const struct ox_ring_rec *rec)
{
	struct account *a = &accounts[rec->md.cpu % ACCOUNTS];

	if (a->dp != dp || a->cpu != rec->md.cpu || a->packet != rec->packet)
		*a = (struct account){ .dp = dp,
				       .cpu = rec->md.cpu,
				       .packet = rec->packet };
	return a;
}

void ox_exec_forget(const struct ox_datapath *dp)
{
	for (uint32_t i = 0; i < ACCOUNTS; i++)
		if (accounts[i].dp == dp)
			accounts[i] = (struct account){ 0 };
	ox_exec_frag_forget(dp);
}

/* ---- going on with a flow's list ---- */

/*
 * Is the list that the packet was in still that flow's? A slot that was used
 * again since has another generation, a flow that got a new list names
 * another slot. A list without slots is as good as the flow itself.
 */
static bool exec_stop_valid(const struct ox_mem *m, const struct exec_stop *s,
			    const struct ox_host_pkt *pkt)
{
	const struct ox_flow *f = ox_mem_flow(m, s->flow);
	const struct ox_acts *a;

	if (!f || f->state != OX_LIVE)
		return false;
	if (s->acts == OX_NONE)
		return !s->at.pc &&
		       ox_host_flow_match(m, s->flow, &pkt->key, pkt->tun);
	switch (OX_ACTION_KIND(f->action)) {
	case OX_ACT_OPS:
	case OX_ACT_USER:
	case OX_ACT_RUN:
		break;
	default:
		return false;
	}
	a = ox_mem_acts(m, s->acts);
	return a && OX_ACTION_ARG(f->action) == s->acts &&
	       a->state == OX_LIVE && a->flags >> OX_ACTS_GEN_SHIFT == s->gen;
}

static void exec_flow(struct ox_exec *x, uint32_t flow,
		      const struct ox_host_list *at, struct ox_host_pkt *pkt)
{
	struct ox_host_list list = *at;

	list.flow = flow;
	exec_list(x, &list, pkt);
}

/* A packet whose list nobody has begun may as well be looked up again: its
 * flow has gone or changed while it was queued. */
static void exec_anew(struct ox_exec *x, struct ox_host_pkt *pkt)
{
	const struct ox_host_list start = { .end = OX_NONE };
	uint32_t flow = ox_host_lookup(x->dp->mem, &pkt->key, pkt->tun, NULL);

	if (flow == OX_NONE)
		ox_exec_miss(x, pkt);
	else
		exec_flow(x, flow, &start, pkt);
}

static void exec_go_on(struct ox_exec *x, const struct exec_stop *s,
		       struct ox_host_pkt *pkt)
{
	if (exec_stop_valid(x->dp->mem, s, pkt))
		exec_flow(x, s->flow, &s->at, pkt);
	else if (!s->at.pc && s->at.end == OX_NONE)
		exec_anew(x, pkt);
	else
		ox_exec_drop(x->dp, OX_R_BAD_FLOW, pkt);
}

/* Op pc of the list that begins in slot acts. */
static const struct ox_op *op_at(const struct ox_mem *m, uint32_t acts,
				 uint32_t pc)
{
	const struct ox_acts *a = ox_mem_acts(m, acts);

	if (!a || pc >= a->n_ops)
		return NULL;
	for (; a && pc >= OX_ACTS_OPS; pc -= OX_ACTS_OPS)
		a = ox_mem_acts(m, a->next);
	return a ? &a->ops[pc] : NULL;
}

/* One upcall out of a list that goes on elsewhere. */
static void exec_one_upcall(struct ox_exec *x, const struct exec_stop *s,
			    struct ox_host_pkt *pkt)
{
	const struct ox_op *op = NULL;
	struct ox_tun_key tun;

	if (s->at.has_tun &&
	    !ox_host_tun(x->dp->mem, s->at.tun_out, s->at.tun_gen, &tun))
		pkt->tun_out = &tun;
	if (s->acts != OX_NONE && exec_stop_valid(x->dp->mem, s, pkt))
		op = op_at(x->dp->mem, s->acts, s->at.pc);
	if (op && op->code == OX_OP_USERSPACE)
		ox_exec_action(x, s->flow, op->arg, pkt, s->cutlen);
	else
		ox_exec_drop(x->dp, OX_R_BAD_FLOW, pkt);
	pkt->tun_out = NULL;
}

static void exec_resume(struct ox_exec *x, const struct exec_stop *s,
			struct ox_host_pkt *pkt)
{
	switch (s->reason) {
	case OX_UP_MISS:
		ox_exec_miss(x, pkt);
		break;
	case OX_UP_FLOW:
		exec_go_on(x, s, pkt);
		break;
	case OX_UP_ACTION:
		exec_one_upcall(x, s, pkt);
		break;
	default:
		ox_exec_drop(x->dp, OX_R_BAD_FLOW, pkt);
	}
}

/* ---- packets of the XDP tier ---- */

/* A native port over skbs: its frame may lack the L4 checksum, which the
 * skb's metadata would have asked the device to fill in (docs/facts.md, V2). */
static void exec_csum(struct ox_datapath *dp, struct ox_host_pkt *pkt)
{
	const struct ox_port *p = &dp->mem->ports[pkt->in_port];

	if (p->flags & (OX_PORT_SKB_RX | OX_PORT_GENERIC))
		ox_host_csum_complete(pkt);
}

static void exec_stop_set(struct exec_stop *s, const struct ox_upcall_md *md)
{
	s->reason = md->reason;
	s->flow = md->flow;
	s->acts = md->acts;
	s->gen = md->gen;
	s->at.pc = md->pc;
	s->at.stale = md->flags & OX_MD_STALE;
	s->at.level = md->flags >> OX_MD_LEVEL_SHIFT;
}

/* What the frame's connection has beside what the tier above could tell. */
static void exec_refill(struct ox_exec *x, struct ox_host_pkt *pkt,
			const struct ox_upcall_md *md)
{
	struct ox_host_sink sink = ox_exec_sink;

	if (!md->ct_state)
		return;
	sink.arg = x;
	pkt->key.ct_state = md->ct_state;
	pkt->key.ct_zone = md->ct_zone;
	ox_host_ct_refill(pkt, &sink);
}

/* A frame without a key. */
static void rx_runt(struct ox_datapath *dp, const struct ox_host_pkt *pkt)
{
	const struct ox_drop d = {
		.why = OX_R_RUNT,
		.in_port = pkt->in_port,
		.flow = OX_NONE,
		.frame = pkt->data,
		.len = pkt->len,
	};

	ox_exec_reason(dp, OX_R_RUNT);
	ox_drop_tell(dp, &d);
}

uint32_t ox_exec_rx(struct ox_datapath *dp, const struct ox_out *out,
		    uint32_t port_no, const struct ox_rx *rx)
{
	const struct ox_upcall_md *md = rx->md;
	struct ox_work work = { 0 };
	struct ox_exec x = { .dp = dp, .out = out, .work = &work };
	struct exec_stop s = { .at = { .end = OX_NONE } };
	struct ox_host_pkt pkt = {
		.data = rx->data,
		.len = rx->len,
		.in_port = port_no,
	};
	uint32_t hash;

	if (rx->len > PKT_MAX ||
	    ox_host_extract(pkt.data, pkt.len, port_no, &pkt.key)) {
		rx_runt(dp, &pkt);
		return 0;
	}
	if (md) {
		pkt.key.recirc_id = md->recirc_id;
		pkt.key.dp_hash = md->dp_hash;
		exec_stop_set(&s, md);
		exec_refill(&x, &pkt, md);
		work.ops = OX_MD_WORK_OPS(md->work);
		work.deferred = md->deferred;
	}
	hash = md && md->reason == OX_UP_MISS ? md->hash
					      : ox_host_key_hash(&pkt.key);
	x.cpu = md ? md->cpu : (uint32_t)sched_getcpu();
	x.hash = packet_hash(hash, &pkt.key);
	x.key = pkt.key;
	exec_csum(dp, &pkt);
	if (!md || md->reason != OX_UP_MISS)
		packet_copy(&pkt, rx->data);
	if (md)
		exec_resume(&x, &s, &pkt);
	else /* a driver without metadata: all that is known is the frame */
		exec_anew(&x, &pkt);
	return work.ops - (md ? OX_MD_WORK_OPS(md->work) : 0);
}

/* ---- packets of the skb tier ---- */

uint32_t ox_exec_ring(struct ox_datapath *dp, const struct ox_out *out,
		      const struct ox_ring_rec *rec)
{
	const struct ox_upcall_md *md = &rec->md;
	struct account *acct = account_of(dp, rec);
	const struct ox_work before = { rec->work + acct->here.ops,
					md->deferred + acct->here.deferred };
	struct ox_work work = before;
	struct ox_exec x = {
		.dp = dp,
		.out = out,
		.work = &work,
		.cpu = md->cpu,
		.hash = packet_hash(md->hash, &rec->key),
		.mru = rec->mru,
		.key = rec->key,
	};
	const struct exec_stop s = {
		.reason = md->reason,
		.flow = md->flow,
		.acts = md->acts,
		.gen = rec->gen,
		.cutlen = rec->cutlen,
		.at = { .pc = md->pc,
			.end = rec->end,
			.keep = rec->cutlen == OX_NONE ? 0 : rec->cutlen,
			.stale = md->flags & OX_MD_STALE,
			.level = md->flags >> OX_MD_LEVEL_SHIFT,
			.has_tun = rec->tun_out != OX_NONE,
			.tun_out = rec->tun_out,
			.tun_gen = rec->tun_gen },
	};
	struct ox_host_pkt pkt = {
		.len = rec->len,
		.in_port = md->port_no,
		.gso_size = rec->gso_size,
		.mru = rec->mru,
		.key = rec->key,
	};
	struct ox_tun tun;

	if ((rec->tun_len && rec->tun_len != sizeof(tun)) ||
	    rec->len > PKT_MAX || md->port_no >= dp->mem->config->max_ports) {
		ox_exec_reason(dp, OX_R_BAD_FLOW);
		return 0;
	}
	if (rec->tun_len) {
		memcpy(&tun, rec->frame, sizeof(tun));
		pkt.tun = &tun;
	}
	packet_copy(&pkt, rec->frame + rec->tun_len);
	/* segments get theirs one by one */
	if (!pkt.gso_size)
		ox_host_csum_complete(&pkt);
	exec_resume(&x, &s, &pkt);
	acct->here.ops += work.ops - before.ops;
	acct->here.deferred += work.deferred - before.deferred;
	return work.ops - before.ops;
}

/* ---- packets of a client ---- */

/* ovs_packet_cmd_execute()'s rule: the port that the key names, else the
 * local one. */
static uint32_t input_port(const struct ox_datapath *dp, uint32_t in_port)
{
	if (ox_vport_exists(dp, in_port))
		return in_port;
	return ox_vport_exists(dp, OVSP_LOCAL) ? OVSP_LOCAL : OX_NONE;
}

int ox_exec_request(struct ox_datapath *dp, const struct ox_out *out,
		    const struct ox_execute *rq)
{
	uint32_t in_port = input_port(dp, rq->key.in_port);
	const struct ox_host_list list = {
		.flow = OX_NONE,
		.ops = rq->actions.ops,
		.n_ops = rq->actions.n_ops,
		.end = OX_NONE,
	};
	struct ox_exec x = {
		.dp = dp,
		.out = out,
		.nla = rq->actions.nla,
		.nla_len = rq->actions.nla_len,
		.cpu = sched_getcpu(),
		.hash = rq->hash,
		.mru = rq->mru,
		.upcall_pid = rq->upcall_pid,
		.key = rq->key,
	};
	struct ox_host_pkt pkt = {
		.len = rq->len,
		.in_port = in_port,
		.mru = rq->mru,
		.key = rq->key,
		.tun = &rq->tun,
	};

	if (in_port == OX_NONE)
		return -ENODEV;
	if (!rq->actions.n_ops)
		return 0;
	if (rq->len > PKT_MAX)
		return -EMSGSIZE;
	packet_copy(&pkt, rq->frame);
	return exec_list(&x, &list, &pkt);
}
