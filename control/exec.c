// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exec.c - ovs_dp_process_packet(), ovs_execute_actions() and
 * output_userspace() for the user tier, on the host build of the core.
 */
#include "control/exec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/openvswitch.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "control/table.h"
#include "ovsxdp/cleanup.h"

#define DP_F_PER_CPU OVS_DP_F_DISPATCH_UPCALL_PER_CPU

/* One run of an action list. */
struct run {
	struct ox_datapath *dp;
	const struct ox_out *out;
	const void *nla; /* the verbatim list; NULL: that of flow */
	uint32_t nla_len;
	uint32_t flow;
	uint32_t cpu;  /* that received the packet */
	uint64_t hash; /* as OVS_PACKET_ATTR_HASH has it */
	uint16_t mru;
	uint32_t upcall_pid; /* the EXECUTE's; 0: as the actions say */
	struct ox_key key;   /* as the packet came, to notice edits */
};

/* A flow's verbatim list; one for the process, which is one thread. */
static uint8_t list[OX_TABLE_MAX_NLA] __attribute__((aligned(NLA_ALIGNTO)));

static void reason(struct ox_datapath *dp, enum ox_reason why)
{
	dp->mem->config->host.reason[why]++;
}

/* What skb_get_hash() leaves behind for a packet from a device. */
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

/* The module forgets the hash when an action rewrites what it was made of. */
static uint64_t current_hash(const struct run *r, const struct ox_key *now)
{
	if (memcmp(r->key.net, now->net, sizeof(now->net)) ||
	    r->key.tp_src != now->tp_src || r->key.tp_dst != now->tp_dst)
		return 0;
	return r->hash;
}

/* The list that an offset in OX_OP_USERSPACE counts in. */
static void run_list(struct run *r)
{
	if (r->nla)
		return;
	r->nla_len =
		ox_table_actions(r->dp->table, r->flow, list, sizeof(list));
	r->nla = list;
}

static uint32_t action_pid(const struct run *r, const struct nlattr *pid,
			   const struct ox_host_pkt *pkt)
{
	if (r->upcall_pid)
		return r->upcall_pid;
	if (r->dp->mem->config->user_features & DP_F_PER_CPU)
		return ox_vport_upcall_pid(r->dp, pkt->in_port,
					   (uint32_t)r->hash, r->cpu);
	return mnl_attr_get_u32(pid);
}

/* output_userspace() */
static void on_userspace(void *arg, uint32_t attr_off,
			 const struct ox_host_pkt *pkt)
{
	struct run *r = arg;
	struct ox_upcall_msg m = {
		.cmd = OVS_PACKET_CMD_ACTION,
		.mru = r->mru,
		.key = &pkt->key,
		.hash = current_hash(r, &pkt->key),
		.frame = pkt->data,
		.len = pkt->len,
		.cutlen = UINT32_MAX,
	};
	const struct nlattr *action, *a;
	uint32_t pid = 0;

	run_list(r);
	if (attr_off > r->nla_len || r->nla_len - attr_off < NLA_HDRLEN) {
		reason(r->dp, OX_R_BAD_FLOW);
		return;
	}
	action = (const void *)((const uint8_t *)r->nla + attr_off);
	mnl_attr_for_each_nested (a, action) {
		switch (mnl_attr_get_type(a)) {
		case OVS_USERSPACE_ATTR_USERDATA:
			m.userdata = a;
			break;
		case OVS_USERSPACE_ATTR_PID:
			pid = action_pid(r, a, pkt);
			break;
		case OVS_USERSPACE_ATTR_ACTIONS:
			m.actions = r->nla;
			m.actions_len = r->nla_len;
			break;
		default: /* EGRESS_TUN_PORT: no port here is a tunnel */
			break;
		}
	}
	ox_upcall(r->dp, r->out, pid, pkt->in_port, &m);
}

static void on_output(void *arg, uint32_t port_no,
		      const struct ox_host_pkt *pkt)
{
	struct run *r = arg;

	/* do_output(): what has been put together from fragments must leave
	 * in such again, which this tier can't do */
	if (r->mru && pkt->len > (uint32_t)r->mru + ETH_HLEN) {
		reason(r->dp, OX_R_OVER_MTU);
		return;
	}
	r->out->send(r->out->arg, r->dp, port_no, pkt->data, pkt->len);
}

static int run_ops(struct run *r, const struct ox_op *ops, uint32_t n_ops,
		   struct ox_host_pkt *pkt)
{
	struct ox_host_sink sink = {
		.output = on_output,
		.userspace = on_userspace,
		.arg = r,
	};
	int err;

	r->key = pkt->key;
	err = ox_host_execute(ops, n_ops, pkt, &sink);
	if (err)
		reason(r->dp, OX_R_EDIT);
	return err;
}

/* The frame of a veth or of generic XDP may lack its L4 checksum, which the
 * skb's metadata would have asked the device to fill in (fact V2). */
static void complete(struct ox_datapath *dp, struct ox_host_pkt *pkt)
{
	const struct ox_port *p = &dp->mem->ports[pkt->in_port];

	if (p->flags & (OX_PORT_SKB_RX | OX_PORT_GENERIC) &&
	    ox_host_csum_complete(pkt))
		reason(dp, OX_R_CSUM_PARTIAL);
}

static void run_miss(struct run *r, struct ox_host_pkt *pkt)
{
	struct ox_upcall_msg m = {
		.cmd = OVS_PACKET_CMD_MISS,
		.key = &pkt->key,
		.hash = r->hash,
		.frame = pkt->data,
		.len = pkt->len,
		.cutlen = UINT32_MAX,
	};
	uint32_t pid = ox_vport_upcall_pid(r->dp, pkt->in_port,
					   (uint32_t)r->hash, r->cpu);

	ox_upcall(r->dp, r->out, pid, pkt->in_port, &m);
}

/* Compiled ops that the acts slot has no room for, and lists that have no
 * slot, are compiled again. */
static void run_recompiled(struct run *r, struct ox_host_pkt *pkt)
{
	struct ox_actions a = { 0 };
	uint32_t len;

	len = ox_table_actions(r->dp->table, r->flow, list, sizeof(list));
	if (ox_actions_recompile(list, len, &a)) {
		reason(r->dp, OX_R_BAD_FLOW);
		return;
	}
	r->nla = list;
	r->nla_len = len;
	run_ops(r, a.ops, a.n_ops, pkt);
	ox_actions_free(&a);
}

static void run_flow(struct run *r, struct ox_host_pkt *pkt)
{
	const struct ox_mem *m = r->dp->mem;
	uint64_t action = ox_mem_flow(m, r->flow)->action;
	uint32_t arg = OX_ACTION_ARG(action);
	const struct ox_acts *acts;
	struct ox_op op;

	switch (OX_ACTION_KIND(action)) {
	case OX_ACT_DROP:
		reason(r->dp, OX_R_FLOW);
		return;
	case OX_ACT_OUTPUT:
		op = (struct ox_op){ .code = OX_OP_OUTPUT, .arg = arg };
		run_ops(r, &op, 1, pkt);
		return;
	default:
		acts = ox_mem_acts(m, arg);
		if (acts && acts->state == OX_LIVE && acts->n_ops)
			run_ops(r, acts->ops, acts->n_ops, pkt);
		else
			run_recompiled(r, pkt);
	}
}

/* Hash and CPU come from the metadata where the driver has room for it. */
static void run_init(struct run *r, const struct ox_upcall_md *md,
		     const struct ox_key *key)
{
	r->flow = OX_NONE;
	r->cpu = md ? md->cpu : (uint32_t)sched_getcpu();
	r->hash = packet_hash(md ? md->hash : ox_host_key_hash(key), key);
}

static void rx_run(struct run *r, const struct ox_upcall_md *md,
		   struct ox_host_pkt *pkt)
{
	const struct ox_mem *m = r->dp->mem;

	run_init(r, md, &pkt->key);
	/* that flow may have gone, or its index be another's, while the
	 * packet was queued */
	if (md && md->reason == OX_UP_FLOW && md->flow != OX_NONE &&
	    ox_host_flow_match(m, md->flow, &pkt->key))
		r->flow = md->flow;
	else if (!md || md->reason == OX_UP_FLOW)
		r->flow = ox_host_lookup(m, &pkt->key, NULL);
	if (r->flow == OX_NONE)
		run_miss(r, pkt);
	else
		run_flow(r, pkt);
}

void ox_exec_rx(struct ox_datapath *dp, const struct ox_out *out,
		uint32_t port_no, const struct ox_rx *rx)
{
	struct run r = { .dp = dp, .out = out };
	struct ox_upcall_md md;
	struct ox_host_pkt pkt = {
		.data = rx->data,
		.len = rx->len,
		.headroom = OX_HOST_HEADROOM,
		.in_port = port_no,
	};

	/* a copy: it lies in the head room that a pushed tag takes */
	if (rx->md)
		md = *rx->md;
	if (ox_host_extract(pkt.data, pkt.len, port_no, &pkt.key)) {
		reason(dp, OX_R_RUNT);
		return;
	}
	complete(dp, &pkt);
	if (rx->md && md.reason == OX_UP_SEND)
		out->send(out->arg, dp, md.out_port, pkt.data, pkt.len);
	else
		rx_run(&r, rx->md ? &md : NULL, &pkt);
}

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
	struct run r = {
		.dp = dp,
		.out = out,
		.nla = rq->actions.nla,
		.nla_len = rq->actions.nla_len,
		.flow = OX_NONE,
		.cpu = sched_getcpu(),
		.hash = rq->hash,
		.mru = rq->mru,
		.upcall_pid = rq->upcall_pid,
	};
	struct ox_host_pkt pkt = {
		.len = rq->len,
		.headroom = OX_HOST_HEADROOM,
		.tailroom = OX_HOST_HEADROOM,
		.in_port = in_port,
		.key = rq->key,
	};
	_cleanup_free_ uint8_t *buf = NULL;

	if (in_port == OX_NONE)
		return -ENODEV;
	if (!rq->actions.nla_len)
		return 0;
	buf = malloc(OX_HOST_HEADROOM + rq->len + OX_HOST_HEADROOM);
	if (!buf)
		return -ENOMEM;
	pkt.data = buf + OX_HOST_HEADROOM;
	memcpy(pkt.data, rq->frame, rq->len);
	return run_ops(&r, rq->actions.ops, rq->actions.n_ops, &pkt);
}
