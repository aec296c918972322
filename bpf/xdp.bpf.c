// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * xdp.bpf.c - the XDP tier: a packet's way through the datapath.
 */
#include "bpf/maps.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("xdp.frags")
int ovsxdp_rx(struct xdp_md *ctx)
{
	__u32 zero = 0, ifindex = ctx->ingress_ifindex;
	struct ox_config *c = bpf_map_lookup_elem(&config, &zero);
	__u32 *port_no = bpf_map_lookup_elem(&rxports, &ifindex);

	if (!c || !port_no || *port_no >= ox_rc_max_ports)
		return XDP_PASS;
	return XDP_DROP;
}
