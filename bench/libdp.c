// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libdp.c - a datapath without a daemon, for what measures the data plane.
 */
#include "bench/libdp.h"

#include <string.h>
#include <linux/openvswitch.h>

#include "bench/libframes.h"
#include "bpf/host.h"
#include "control/ctl/odp.h"

#define NAME "bench"

void ox_bench_dp_open(struct ox_bench_dp *b, const char *root,
		      uint32_t max_flows)
{
	struct ox_dp_params params = { .name = NAME, .max_flows = max_flows };
	struct ox_err e = { 0 };

	b->root = root;
	if (ox_probe(root, &e) || ox_dp_create(root, &params, &b->dp, &e))
		ox_bench_die("%s", e.msg);
	b->m = ox_dp_mem(b->dp);
	if (ox_table_open(b->m, &b->t, &e))
		ox_bench_die("can't open the flow table: %s", e.msg);
}

void ox_bench_dp_close(struct ox_bench_dp *b)
{
	struct ox_err e = { 0 };

	ox_table_close(b->t);
	ox_dp_close(b->dp);
	if (ox_dp_remove(b->root, NAME, &e))
		ox_bench_die("%s", e.msg);
}

void ox_bench_dp_port(struct ox_bench_dp *b, uint32_t port_no, uint32_t ifindex)
{
	b->m->ports[port_no] = (struct ox_port){ .ifindex = ifindex,
						 .flags = OX_PORT_UP,
						 .mtu = 1500 };
	b->m->uports[port_no].type = OVS_VPORT_TYPE_NETDEV;
	if (b->m->ops->port_device(b->m, port_no, ifindex, 0))
		ox_bench_die("can't enter port %u", port_no);
}

void ox_bench_dp_spec(struct ox_flow_spec *spec, uint32_t in_port)
{
	memset(spec, 0, sizeof(*spec));
	if (ox_host_extract(ox_frame, ox_frame_len, in_port, &spec->key))
		ox_bench_die("no key");
	spec->mask.in_port = UINT32_MAX;
	spec->mask.recirc_id = UINT32_MAX;
	spec->mask.vlan_tci = UINT16_MAX;
	spec->mask.vlan_tpid = UINT16_MAX;
	spec->mask.eth_type = UINT16_MAX;
	spec->mask.ip_proto = UINT8_MAX;
	spec->mask.ip_frag = UINT8_MAX;
}

void ox_bench_dp_flow(struct ox_bench_dp *b, const struct ox_flow_spec *spec,
		      const char *actions)
{
	static struct ox_odp_attrs attrs;
	struct ox_flow_spec s = *spec;
	struct ox_actions a = { 0 };
	struct ox_err e = { 0 };
	uint32_t flow;

	if (ox_odp_parse_actions(actions, NULL, &attrs, &e))
		ox_bench_die("%s: %s", actions, e.msg);
	if (ox_actions_recompile(ox_odp_attrs_data(&attrs),
				 ox_odp_attrs_len(&attrs), &a))
		ox_bench_die("can't compile %s", actions);
	s.actions = &a;
	if (ox_table_insert(b->t, &s, &flow, &e))
		ox_bench_die("can't insert a flow: %s", e.msg);
	ox_actions_free(&a);
}

void ox_bench_dp_clear(struct ox_bench_dp *b)
{
	ox_table_flush(b->t);
	ox_table_tick(b->t);
}

void ox_bench_dp_begin(struct ox_bench_dp *b)
{
	if (b->m->ops->dp_stats(b->m, &b->was))
		ox_bench_die("no counters");
}

struct ox_dp_stats ox_bench_dp_end(struct ox_bench_dp *b, const char *what)
{
	struct ox_dp_stats is = { 0 };

	if (b->m->ops->dp_stats(b->m, &is))
		ox_bench_die("no counters");
	is.n_hit -= b->was.n_hit;
	is.n_missed -= b->was.n_missed;
	is.n_mask_hit -= b->was.n_mask_hit;
	is.n_cache_hit -= b->was.n_cache_hit;
	if (!is.n_hit || is.n_missed)
		ox_bench_die("%s: %llu packets met a flow, %llu none", what,
			     is.n_hit, is.n_missed);
	for (int i = 0; i < OX_R_COUNT; i++) {
		is.reason[i] -= b->was.reason[i];
		if (is.reason[i] && (OX_R_DROPS >> i & 1))
			ox_bench_die("%s: drop reason %d: %llu packets", what,
				     i, is.reason[i]);
	}
	return is;
}
