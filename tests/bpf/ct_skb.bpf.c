// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ct_skb.bpf.c - ct_packet of ct.bpf.c for skbs, over the same maps. */
#include "bpf/tier/ctx_tc.h"
#include "tests/bpf/ct_packet.h"

char _license[] SEC("license") = "Dual BSD/GPL";

SEC("tc")
int ct_packet(struct __sk_buff *c)
{
	return packet(c);
}
