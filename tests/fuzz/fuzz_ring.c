// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_ring.c - records of the skb tier: arbitrary places in lists, keys,
 * segment sizes and frames, over flows with lists of every kind. The records
 * come from the kernel, but what they hold came from the wire.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "control/flow/table.h"
#include "tests/lib/exec_env.h"

#define FRAME_MAX 4096
#define N_FLOWS	  4

/* What the input chooses; the frame follows. */
struct choice {
	uint8_t reason;
	uint8_t flow; /* of ours; more: as the key finds one */
	uint8_t pc;
	uint8_t end; /* 0: none */
	uint8_t stale;
	uint8_t l3;
	uint16_t gso_size;
	uint16_t cutlen;
	uint16_t mru;
	uint32_t recirc_id;
};

static struct ox_exec_env *env;
static uint32_t flows[N_FLOWS];

static void acts_edits(struct ox_nlbuf *b)
{
	struct ovs_action_push_eth eth = { 0 };
	struct ovs_action_push_vlan vlan = { htons(0x8100), htons(0x1005) };
	struct ovs_action_push_mpls mpls = { htonl(0x1140), htons(0x8847) };
	uint32_t push, nsh;
	struct ovs_nsh_key_base base = { .ttl = 9, .mdtype = 1, .np = 3 };
	uint8_t context[16] = { 0 };

	ox_nl_put(b, OVS_ACTION_ATTR_PUSH_MPLS, &mpls, sizeof(mpls));
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 1);
	ox_nl_nest(b, OVS_ACTION_ATTR_PUSH_NSH, &push);
	ox_nl_nest(b, OVS_KEY_ATTR_NSH, &nsh);
	ox_nl_put(b, OVS_NSH_KEY_ATTR_BASE, &base, sizeof(base));
	ox_nl_put(b, OVS_NSH_KEY_ATTR_MD1, context, sizeof(context));
	ox_nl_nest_end(b, nsh);
	ox_nl_nest_end(b, push);
	ox_acts_userspace(b, 7, true);
	ox_nl_put(b, OVS_ACTION_ATTR_PUSH_ETH, &eth, sizeof(eth));
	ox_nl_put(b, OVS_ACTION_ATTR_PUSH_VLAN, &vlan, sizeof(vlan));
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
}

static void acts_branches(struct ox_nlbuf *b)
{
	uint32_t clone;

	ox_nl_nest(b, OVS_ACTION_ATTR_CLONE, &clone);
	ox_acts_trunc(b, 100);
	ox_acts_ipv4_dst(b, 1);
	ox_acts_userspace(b, 7, true);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 1);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_RECIRC, 1);
	ox_nl_nest_end(b, clone);
	ox_acts_set_u32(b, OVS_KEY_ATTR_SKB_MARK, 1);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_RECIRC, 2);
}

/* A flow for UDP over IPv4 with that recirculation id. */
static uint32_t add(uint32_t recirc_id)
{
	struct ox_key key = { .in_port = 1,
			      .recirc_id = recirc_id,
			      .eth_type = htons(0x0800),
			      .ip_proto = 17,
			      .ip_ttl = 64,
			      .mac_proto = 1,
			      .ipv4.src = htonl(0x0a000001) };

	return ox_env_flow(env, &key, ox_acts_end(env));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct ox_nlbuf *b;

	(void)argc;
	(void)argv;
	if (ox_env_new(&env))
		abort();
	acts_branches(ox_acts_begin(env));
	flows[0] = add(0);
	acts_edits(ox_acts_begin(env));
	flows[1] = add(1);
	ox_nl_put_u32(ox_acts_begin(env), OVS_ACTION_ATTR_OUTPUT, 2);
	flows[2] = add(2);
	b = ox_acts_begin(env);
	for (int i = 0; i < 60; i++)
		ox_acts_userspace(b, 7, !(i % 20));
	flows[3] = add(3);
	return 0;
}

static struct ox_ring_rec *record(const struct choice *c, const uint8_t *frame,
				  uint32_t len)
{
	struct ox_ring_rec *rec = calloc(1, sizeof(*rec) + len);
	struct ox_key *key;

	if (!rec)
		return NULL;
	memcpy(rec->frame, frame, len);
	rec->len = len;
	key = &rec->key;
	/* as the skb tier: what it can't parse it doesn't hand over */
	if (c->l3 ? ox_host_extract_l3(frame, len, htons(0x0800), 1, key)
		  : ox_host_extract(frame, len, 1, key)) {
		free(rec);
		return NULL;
	}
	key->recirc_id = c->recirc_id % 4;
	rec->md.flow = c->flow;
	if (c->flow < N_FLOWS)
		ox_env_md(env, flows[c->flow], &rec->md);
	rec->gen = rec->md.gen + (c->stale & 1);
	rec->md.port_no = 1;
	rec->md.reason = c->reason % 4;
	rec->md.pc = c->pc;
	rec->end = c->end ? c->end : OX_NONE;
	rec->cutlen = c->cutlen < len ? c->cutlen : 0;
	/* a byte each would be thousands of packets */
	rec->gso_size = c->gso_size ? c->gso_size + 64 : 0;
	rec->mru = c->mru;
	return rec;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ox_ring_rec *rec;
	struct choice c;

	if (size < sizeof(c) || size > sizeof(c) + FRAME_MAX)
		return 0;
	memcpy(&c, data, sizeof(c));
	rec = record(&c, data + sizeof(c), (uint32_t)(size - sizeof(c)));
	if (!rec)
		return 0;
	ox_exec_ring(&env->dp, &env->out, rec);
	free(rec);
	return 0;
}
