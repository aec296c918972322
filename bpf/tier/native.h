/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * native.h - what both directions of our own encapsulation share in the skb
 * tier: the memory of a packet under way, and what the kernel thinks a frame
 * is.
 */
#ifndef OVSXDP_BPF_NATIVE_H
#define OVSXDP_BPF_NATIVE_H

#include "bpf/tier/tier_tc.h"
#include "bpf/core/tun_in.h"
#include "bpf/core/tun_out.h"

#define OX_TUN_SUM_BYTES 512 /* what bpf_csum_diff() takes at once */

/* The inner frame's Ethernet header, which comes off and goes in again after
 * the outer headers, with its tags in line. */
struct native_l2 {
	__u8 b[24] __attribute__((aligned(8)));
	__u32 len;
	__u32 pad;
};

/* Of the packet that is encapsulated or was found to be ours; nothing else
 * runs on its CPU meanwhile. */
struct ox_native_mem {
	struct ox_tun_key key;
	struct ox_outer o;
	struct ox_tun_way way;
	/* a packet to encapsulate */
	__u32 ref; /* as ox_run.tun_out, */
	__u32 gen; /* tun_gen */
	__u32 port_no;
	__u32 has_key; /* key is there already: the user tier's */
	struct native_l2 l2;
	/* one that was decapsulated */
	__u32 in_port;
	__u32 pad;
	struct ox_tun_head in;
	/* a piece of a frame that is summed up, and room to fill it up */
	__u8 piece[OX_TUN_SUM_BYTES + 8];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ox_native_mem);
} native_mem SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, OX_LISTEN_MAX);
	__type(key, struct ox_listen_key);
	__type(value, __u32);
} listen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, OX_IPSEC_MAX);
	__type(key, struct ox_ipsec_key);
	__type(value, __u32);
} ipsec SEC(".maps");

/* Shows 6.1's verifier that a length, which isn't 0, is at most max. Not 0: it
 * is more. */
static __always_inline int native_bound(__u32 *n, __u32 max)
{
	(*n)--;
	barrier_var(*n);
	if (*n >= max)
		return -1;
	(*n)++;
	barrier_var(*n);
	return 0;
}

static __always_inline struct ox_native_mem *native_here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&native_mem, &zero);
}

/* Does IPsec cover what is exchanged with this address? */
static __always_inline int native_is_ipsec(__u32 family, const __be32 *addr)
{
	struct ox_ipsec_key k
		__attribute__((aligned(8))) = { .prefixlen = 32 + 32,
						.family = family };

	if (!(READ_ONCE(tbl_config()->knobs) & OX_KNOB_IPSEC))
		return 0;
	k.addr[0] = addr[0];
	if (family == OX_AF_INET6) {
		k.prefixlen = 32 + 128;
		k.addr[1] = addr[1];
		k.addr[2] = addr[2];
		k.addr[3] = addr[3];
	}
	return !!bpf_map_lookup_elem(&ipsec, &k);
}

/*
 * skb->protocol becomes what the frame says: a tag that goes sets it. A tag of
 * the frame's own goes to the metadata by that, where received ones are.
 */
static __always_inline int native_fix_proto(ox_ctx *c)
{
	__be16 tpid = ox_be16(OX_P_8021Q);

	return bpf_skb_vlan_push(c, tpid, 1) || bpf_skb_vlan_push(c, tpid, 1) ||
	       bpf_skb_vlan_pop(c) || bpf_skb_vlan_pop(c);
}

#endif /* OVSXDP_BPF_NATIVE_H */
