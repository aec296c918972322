// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exec_env.c - see exec_env.h. What can't go wrong but by a mistake in the
 * test ends it.
 */
#include "tests/lib/exec_env.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/flow/table.h"

static void take_output(void *arg, struct ox_datapath *dp, uint32_t port_no,
			const struct ox_output_pkt *tx)
{
	struct ox_exec_env *e = arg;
	struct ox_env_sent *s = &e->sent[e->n_sent % OX_ENV_KEPT];

	if (dp != &e->dp)
		abort();
	e->n_sent++;
	s->tx = *tx;
	s->tx.frame = s->frame;
	if (tx->tunnel) {
		s->tunnel = *tx->tunnel;
		s->tx.tunnel = &s->tunnel;
	}
	s->port_no = port_no;
	memcpy(s->frame, tx->frame,
	       tx->len < OX_ENV_FRAME ? tx->len : OX_ENV_FRAME);
}

static int take_msg(void *arg, uint32_t portid, const struct iovec *iov, int n)
{
	struct ox_exec_env *e = arg;
	struct ox_env_msg *m = &e->msgs[e->n_msgs % OX_ENV_KEPT];

	e->n_msgs++;
	m->portid = portid;
	m->len = 0;
	for (int i = 0; i < n; i++) {
		if (iov[i].iov_len > sizeof(m->data) - m->len)
			abort();
		memcpy(m->data + m->len, iov[i].iov_base, iov[i].iov_len);
		m->len += iov[i].iov_len;
	}
	return 0;
}

int ox_env_new(struct ox_exec_env **out)
{
	struct ox_exec_env *e = calloc(1, sizeof(*e));
	int err = -ENOMEM;

	if (e)
		err = ox_mem_heap_new(&(struct ox_mem_heap_params){ 0 },
				      &e->dp.mem);
	if (!err)
		err = ox_table_open(e->dp.mem, &e->dp.table, NULL);
	if (err) {
		ox_env_free(e);
		return err;
	}
	e->cfg = e->dp.mem->config;
	e->dp.ifindex = 42;
	e->out = (struct ox_out){ take_output, take_msg, e, NULL };
	for (uint32_t i = 0; i < 4; i++) {
		struct ox_uport *up = &e->dp.mem->uports[i];

		up->type = i ? OVS_VPORT_TYPE_NETDEV : OVS_VPORT_TYPE_INTERNAL;
		up->n_pids = 1;
		up->pids[0] = 100 + i;
		e->dp.mem->ports[i] = (struct ox_port){
			.ifindex = 10 + i,
			.flags = OX_PORT_UP,
			.mtu = 1500,
		};
	}
	*out = e;
	return 0;
}

void ox_env_free(struct ox_exec_env *e)
{
	if (!e)
		return;
	ox_exec_forget(&e->dp);
	ox_table_close(e->dp.table);
	ox_mem_heap_free(e->dp.mem);
	free(e);
}

void ox_env_forget(struct ox_exec_env *e)
{
	e->n_sent = 0;
	e->n_msgs = 0;
}

const struct nlattr *ox_env_attr(const struct ox_exec_env *e, int i, int type)
{
	const struct nlattr *a;

	mnl_attr_for_each (a, (const struct nlmsghdr *)e->msgs[i].data,
			   4 + sizeof(struct ovs_header)) {
		if (mnl_attr_get_type(a) == type)
			return a;
	}
	return NULL;
}

int ox_env_cmd(const struct ox_exec_env *e, int i)
{
	return e->msgs[i].data[NLMSG_HDRLEN];
}

uint64_t ox_env_hash(const struct ox_exec_env *e, int i)
{
	uint64_t h;

	memcpy(&h,
	       mnl_attr_get_payload(ox_env_attr(e, i, OVS_PACKET_ATTR_HASH)),
	       sizeof(h));
	return h;
}

int64_t ox_env_key_u32(const struct ox_exec_env *e, int i, int key_attr)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, ox_env_attr(e, i, OVS_PACKET_ATTR_KEY)) {
		if (mnl_attr_get_type(a) == key_attr)
			return mnl_attr_get_u32(a);
	}
	return -1;
}

struct ox_nlbuf *ox_acts_begin(struct ox_exec_env *e)
{
	e->acts = (struct ox_nlbuf){ .data = e->acts_room,
				     .size = sizeof(e->acts_room) };
	ox_nl_begin(&e->acts, 1, 0, 0, 0, 1, 1, 4, NULL);
	ox_nl_nest(&e->acts, OVS_FLOW_ATTR_ACTIONS, &e->acts_mark);
	return &e->acts;
}

const struct nlattr *ox_acts_end(struct ox_exec_env *e)
{
	ox_nl_nest_end(&e->acts, e->acts_mark);
	return (const struct nlattr *)(e->acts_room + e->acts_mark);
}

void ox_acts_userspace(struct ox_nlbuf *b, uint32_t pid, bool actions)
{
	uint32_t mark;

	ox_nl_nest(b, OVS_ACTION_ATTR_USERSPACE, &mark);
	ox_nl_put_u32(b, OVS_USERSPACE_ATTR_PID, pid);
	ox_nl_put(b, OVS_USERSPACE_ATTR_USERDATA, "cookie", 6);
	if (actions)
		ox_nl_put_flag(b, OVS_USERSPACE_ATTR_ACTIONS);
	ox_nl_nest_end(b, mark);
}

void ox_acts_ipv4_dst(struct ox_nlbuf *b, uint32_t dst)
{
	struct ovs_key_ipv4 ip = { .ipv4_src = htonl(0x0a000001),
				   .ipv4_dst = htonl(dst),
				   .ipv4_proto = 17,
				   .ipv4_ttl = 64 };
	uint32_t mark;

	ox_nl_nest(b, OVS_ACTION_ATTR_SET, &mark);
	ox_nl_put(b, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
	ox_nl_nest_end(b, mark);
}

void ox_acts_trunc(struct ox_nlbuf *b, uint32_t max_len)
{
	ox_nl_put_u32(b, OVS_ACTION_ATTR_TRUNC, max_len);
}

void ox_acts_set_u32(struct ox_nlbuf *b, uint16_t key_attr, uint32_t v)
{
	uint32_t mark;

	ox_nl_nest(b, OVS_ACTION_ATTR_SET, &mark);
	ox_nl_put_u32(b, key_attr, v);
	ox_nl_nest_end(b, mark);
}

uint32_t ox_env_flow(struct ox_exec_env *e, const struct ox_key *key,
		     const struct nlattr *nest)
{
	struct ox_flow_spec spec = { .key = *key };
	struct ox_actions a = { 0 };
	struct ox_err err = { 0 };
	uint32_t flow;

	spec.mask.recirc_id = UINT32_MAX;
	spec.mask.in_port = UINT32_MAX;
	spec.mask.eth_type = UINT16_MAX;
	spec.mask.ip_proto = UINT8_MAX;
	spec.mask.mac_proto = UINT8_MAX;
	if (ox_actions_compile(e->acts_room, nest, &spec.key, &spec.mask, &a,
			       &err)) {
		fprintf(stderr, "# %s\n", err.msg);
		abort();
	}
	spec.actions = &a;
	if (ox_table_insert(e->dp.table, &spec, &flow, NULL))
		abort();
	ox_actions_free(&a);
	return flow;
}

uint16_t ox_env_op(const struct ox_exec_env *e, uint32_t flow, int code, int n)
{
	uint64_t action = ox_mem_flow(e->dp.mem, flow)->action;
	const struct ox_acts *a = ox_mem_acts(e->dp.mem, OX_ACTION_ARG(action));

	for (uint16_t i = 0; i < a->n_ops && i < OX_ACTS_OPS; i++)
		if (a->ops[i].code == code && !n--)
			return i;
	abort();
}

void ox_env_md(const struct ox_exec_env *e, uint32_t flow,
	       struct ox_upcall_md *md)
{
	const struct ox_flow *f = ox_mem_flow(e->dp.mem, flow);
	const struct ox_acts *a;

	md->flow = flow;
	md->acts = OX_NONE;
	md->gen = 0;
	switch (f ? OX_ACTION_KIND(f->action) : OX_ACT_DROP) {
	case OX_ACT_DROP:
	case OX_ACT_OUTPUT:
		return;
	}
	md->acts = OX_ACTION_ARG(f->action);
	a = ox_mem_acts(e->dp.mem, md->acts);
	md->gen = a->flags >> OX_ACTS_GEN_SHIFT;
}
