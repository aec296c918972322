// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exec_sink.c - where the user tier's packets go: do_output(),
 * output_userspace() and the upcall of ovs_dp_process_packet().
 */
#include "control/packet/exec_int.h"

#include <stdlib.h>
#include <string.h>
#include <linux/if_ether.h>

#include "control/packet/drop.h"
#include "control/packet/frag.h"
#include "control/packet/gso.h"
#include "control/packet/upcall_pid.h"

#define NSH_MAX 256

/* A flow's verbatim list; one for the process, which is one thread. */
static uint8_t list_room[OX_TABLE_MAX_NLA]
	__attribute__((aligned(NLA_ALIGNTO)));

/* A verbatim list; or, around an action in it, the innermost one. */
struct list {
	const void *nla;
	uint32_t len;
};

/* The attribute that an op names, NULL if it isn't what it should be, and
 * the list around it. */
static const struct nlattr *action_at(const struct ox_exec *x, uint32_t flow,
				      uint32_t attr_off, uint16_t type,
				      struct list *l)
{
	const struct nlattr *a;

	l->nla = x->nla;
	l->len = x->nla_len;
	if (flow != OX_NONE) {
		l->nla = list_room;
		l->len = ox_table_actions(x->dp->table, flow, list_room,
					  sizeof(list_room));
	}
	if (attr_off >= l->len)
		return NULL;
	a = (const void *)((const uint8_t *)l->nla + attr_off);
	if (!mnl_attr_ok(a, (int)(l->len - attr_off)) ||
	    mnl_attr_get_type(a) != type)
		return NULL;
	l->nla = ox_actions_list_of(l->nla, l->len, attr_off, &l->len);
	return a;
}

/* The module forgets the hash when an action rewrites what it was made of, or
 * when the packet is put together from fragments. */
static uint64_t current_hash(const struct ox_exec *x,
			     const struct ox_host_pkt *pkt)
{
	const struct ox_key *now = &pkt->key;

	if (pkt->mru != x->mru)
		return 0;
	if (memcmp(x->key.net, now->net, sizeof(now->net)) ||
	    x->key.tp_src != now->tp_src || x->key.tp_dst != now->tp_dst)
		return 0;
	return x->hash;
}

static void message_init(struct ox_upcall_msg *m, const struct ox_exec *x,
			 const struct ox_host_pkt *pkt, uint8_t cmd)
{
	*m = (struct ox_upcall_msg){
		.cmd = cmd,
		.mru = (uint16_t)pkt->mru,
		.key = &pkt->key,
		.tun = pkt->key.tun_proto ? pkt->tun : NULL,
		.hash = current_hash(x, pkt),
		.frame = pkt->data,
		.len = pkt->len,
		.cutlen = UINT32_MAX,
	};
}

void ox_exec_miss(const struct ox_exec *x, const struct ox_host_pkt *pkt)
{
	uint32_t pid = x->upcall_pid;
	struct ox_upcall_msg m;

	if (!pid)
		pid = ox_upcall_pid(x->dp, pkt->in_port, (uint32_t)x->hash,
				    x->cpu);
	message_init(&m, x, pkt, OVS_PACKET_CMD_MISS);
	ox_upcall(x->dp, x->out, pid, pkt, &m);
}

static uint32_t action_pid(const struct ox_exec *x, const struct nlattr *pid,
			   const struct ox_host_pkt *pkt)
{
	if (x->upcall_pid)
		return x->upcall_pid;
	if (x->dp->mem->config->user_features &
	    OVS_DP_F_DISPATCH_UPCALL_PER_CPU)
		return ox_upcall_pid(x->dp, pkt->in_port, (uint32_t)x->hash,
				     x->cpu);
	return mnl_attr_get_u32(pid);
}

void ox_exec_action(const struct ox_exec *x, uint32_t flow, uint32_t attr_off,
		    const struct ox_host_pkt *pkt, uint32_t cutlen)
{
	const struct nlattr *action, *a;
	struct ox_key egress_key = { 0 };
	struct ox_tun_key egress;
	struct ox_upcall_msg m;
	uint32_t pid = 0;
	struct list l;

	message_init(&m, x, pkt, OVS_PACKET_CMD_ACTION);
	if (cutlen && cutlen < pkt->len)
		m.cutlen = pkt->len - cutlen;
	action = action_at(x, flow, attr_off, OVS_ACTION_ATTR_USERSPACE, &l);
	if (!action) {
		ox_exec_drop(x->dp, OX_R_BAD_FLOW, pkt);
		return;
	}
	mnl_attr_for_each_nested (a, action) {
		switch (mnl_attr_get_type(a)) {
		case OVS_USERSPACE_ATTR_USERDATA:
			m.userdata = a;
			break;
		case OVS_USERSPACE_ATTR_PID:
			pid = action_pid(x, a, pkt);
			break;
		case OVS_USERSPACE_ATTR_ACTIONS:
			m.actions = l.nla;
			m.actions_len = l.len;
			break;
		case OVS_USERSPACE_ATTR_EGRESS_TUN_PORT:
			if (!ox_exec_egress(x, pkt, mnl_attr_get_u32(a),
					    &egress))
				break;
			egress_key.w[OX_W_TUN] = egress.w23;
			m.egress = &egress_key;
			m.egress_tun = &egress.tun;
			break;
		default:
			break;
		}
	}
	ox_upcall(x->dp, x->out, pid, pkt, &m);
}

uint32_t ox_exec_action_pid(const struct ox_exec *x, uint32_t flow,
			    uint32_t attr_off, const struct ox_host_pkt *pkt)
{
	const struct nlattr *action, *a;
	struct list l;

	action = action_at(x, flow, attr_off, OVS_ACTION_ATTR_USERSPACE, &l);
	if (!action)
		return 0;
	mnl_attr_for_each_nested (a, action) {
		if (mnl_attr_get_type(a) == OVS_USERSPACE_ATTR_PID)
			return action_pid(x, a, pkt);
	}
	return 0;
}

static void sink_miss(void *arg, const struct ox_host_pkt *pkt)
{
	ox_exec_miss(arg, pkt);
}

static void sink_userspace(void *arg, uint32_t flow, uint32_t attr_off,
			   const struct ox_host_pkt *pkt, uint32_t cutlen)
{
	ox_exec_action(arg, flow, attr_off, pkt, cutlen);
}

static uint32_t sink_nsh(void *arg, uint32_t flow, uint32_t attr_off,
			 uint8_t *hdr)
{
	const struct nlattr *action;
	struct list l;

	action = action_at(arg, flow, attr_off, OVS_ACTION_ATTR_PUSH_NSH, &l);
	return action ? ox_nsh_header(action, hdr, NSH_MAX) : 0;
}

/* ---- output ---- */

static void output_frame(const struct ox_exec *x, uint32_t port_no,
			 const struct ox_host_pkt *pkt, const uint8_t *frame,
			 uint32_t len)
{
	const struct ox_output_pkt tx = {
		.frame = frame,
		.len = len,
		.priority = pkt->key.skb_priority,
		.mark = pkt->key.skb_mark,
		.eth_type = ox_l3_type(pkt),
		.mac_proto = pkt->key.mac_proto,
		.tunnel = pkt->tun_out,
		.in_port = pkt->in_port,
		.dp = x->dp,
	};
	x->out->output(x->out->arg, x->dp, port_no, &tx);
}

/* A segment or a fragment: one for the process, which is one thread. */
static uint8_t piece[OX_GSO_SEG_MAX + 8];

static void output_segments(const struct ox_exec *x, uint32_t port_no,
			    const struct ox_host_pkt *pkt, uint32_t len)
{
	struct ox_gso g;

	if (ox_gso_init(&g, pkt->data, len, pkt->gso_size, ox_l3_type(pkt))) {
		ox_exec_drop(x->dp, OX_R_EDIT, pkt);
		return;
	}
	while ((len = ox_gso_next(&g, piece)))
		output_frame(x, port_no, pkt, piece, len);
}

static void output_fragments(const struct ox_exec *x, uint32_t port_no,
			     const struct ox_host_pkt *pkt, uint32_t len)
{
	struct ox_frag f;

	if (pkt->mru > x->dp->mem->ports[port_no].mtu || len > OX_GSO_SEG_MAX ||
	    ox_frag_init(&f, pkt->data, len, ox_l3_type(pkt), pkt->mru,
			 (uint32_t)random())) {
		ox_exec_drop(x->dp, OX_R_OVER_MTU, pkt);
		return;
	}
	while ((len = ox_frag_next(&f, piece)))
		output_frame(x, port_no, pkt, piece, len);
}

/* do_output(): what has been put together from fragments must leave in such
 * again, none larger than they were. */
static bool over_mru(const struct ox_exec *x, const struct ox_host_pkt *pkt,
		     uint32_t port_no, uint32_t len)
{
	const struct ox_mem *m = x->dp->mem;
	uint32_t hl = ETH_HLEN;

	if (!pkt->mru || port_no >= m->config->max_ports)
		return false;
	if (m->ports[port_no].flags & OX_PORT_L3)
		hl = 0;
	return len > pkt->mru + hl;
}

static void sink_output(void *arg, uint32_t port_no,
			const struct ox_host_pkt *pkt, uint32_t cutlen)
{
	const struct ox_exec *x = arg;
	uint32_t len = pkt->len - (cutlen < pkt->len ? cutlen : 0);

	if (pkt->gso_size)
		output_segments(x, port_no, pkt, len);
	else if (over_mru(x, pkt, port_no, len))
		output_fragments(x, port_no, pkt, len);
	else
		output_frame(x, port_no, pkt, pkt->data, len);
}

static void sink_drop(void *arg, uint32_t reason, uint32_t flow,
		      const struct ox_host_pkt *pkt)
{
	const struct ox_exec *x = arg;

	ox_drop_tell_pkt(x->dp, reason, flow, pkt);
}

const struct ox_host_sink ox_exec_sink = {
	.drop = sink_drop,
	.output = sink_output,
	.userspace = sink_userspace,
	.miss = sink_miss,
	.nsh = sink_nsh,
	.ct = ox_exec_ct,
	.help = ox_exec_help,
	.defrag = ox_exec_defrag,
};
