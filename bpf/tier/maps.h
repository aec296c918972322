/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * maps.h - the maps of one datapath, as the XDP program sees them. What is in
 * them is in ovsxdp/abi.h.
 *
 * The sizes here are templates. Before load, whoever loads sets, from the
 * parameters that also go into "config" and into the ox_rc_* constants:
 *
 *   masks, mask_hits         max_masks
 *   scan                     2 * max_masks
 *   prune                    2 * OX_PRUNE_HALF(max_masks)
 *   buckets                  n_buckets
 *   ports, pstats, upcalls, rxports, tx, skb_tx  max_ports
 *   xsks                     n_xsks
 *   flows                    inner ARRAY, BPF_F_MMAPABLE, key 4, value
 *                            struct ox_flow, OX_FLOW_LINES(1 << chunk_shift)
 *                            entries
 *   fstats                   inner PERCPU_ARRAY, key 4, value
 *                            struct ox_stats_page,
 *                            OX_STATS_PAGES(1 << chunk_shift) entries
 *   acts                     inner ARRAY, BPF_F_MMAPABLE, key 4, value
 *                            struct ox_acts, 1 << OX_ACTS_SHIFT entries
 *
 * Inner templates: bpf_map__set_inner_map_fd() with a map of that kind
 * (libbpf 1.1 can't resize an inner map by bpf_map__set_max_entries()). No
 * inner map may carry BPF_F_INNER_MAP: it would stop the verifier from
 * inlining lookups.
 * "runs", "tunin" and "tunout" belong to the programs of one object and need no
 * pin.
 */
#ifndef OVSXDP_BPF_MAPS_H
#define OVSXDP_BPF_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "bpf/core/pkt.h"
#include "ovsxdp/abi.h"

/* Set before load; frozen, so the verifier sees constants. */
const volatile __u32 ox_rc_n_buckets = 1024;
const volatile __u32 ox_rc_chunk_shift = 12;
const volatile __u32 ox_rc_max_ports = 4096;
const volatile __u32 ox_rc_max_masks = 4096;

/* The map "config": a variable, so that its address is a constant and needs
 * no lookup. libbpf makes an array of one element of it, to be mapped. */
struct ox_config config SEC(OX_CONFIG_SECTION);

/* By slot; names the mask of a cached flow. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct ox_mask);
} masks SEC(".maps");

/* Two halves; config.scan says which one is read, and how many. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2 * 4096);
	__type(key, __u32);
	__type(value, struct ox_mask);
} scan SEC(".maps");

/* Two halves as of scan, each blocks and tops. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2 * OX_PRUNE_HALF(4096));
	__type(key, __u32);
	__type(value, struct ox_prune);
} prune SEC(".maps");

/* By mask slot: hits in the mask loop. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} mask_hits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct ox_bucket);
} buckets SEC(".maps");

struct ox_flows_chunk {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, OX_FLOW_LINES(1 << 12));
	__uint(key_size, 4);
	__uint(value_size, sizeof(struct ox_flow));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 64); /* OX_MAX_CHUNKS */
	__type(key, __u32);
	__array(values, struct ox_flows_chunk);
} flows SEC(".maps");

struct ox_fstats_chunk {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OX_STATS_PAGES(1 << 12));
	__uint(key_size, 4);
	__uint(value_size, sizeof(struct ox_stats_page));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 64); /* OX_MAX_CHUNKS */
	__type(key, __u32);
	__array(values, struct ox_fstats_chunk);
} fstats SEC(".maps");

struct ox_acts_chunk {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1 << OX_ACTS_SHIFT);
	__uint(key_size, 4);
	__uint(value_size, sizeof(struct ox_acts));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 64 * 16); /* chunks in struct ox_mem */
	__type(key, __u32);
	__array(values, struct ox_acts_chunk);
} acts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct ox_port);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct ox_port_stats);
} pstats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct ox_port_upcalls);
} upcalls SEC(".maps");

/* Ingress ifindex to port number. No entry: no port of this datapath,
 * XDP_PASS. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} rxports SEC(".maps");

/* Port number to the device that redirected frames leave by. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} tx SEC(".maps");

/* The same for the skb tier: programs of two types can't share a devmap. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} skb_tx SEC(".maps");

#ifdef OX_CTX_XDP
/* Sets of ports, for OX_OP_GROUP: devices by port number. */
struct ox_group_set {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, OX_GROUP_PORTS);
	__uint(key_size, 4);
	__uint(value_size, 4);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, OX_MAX_GROUPS);
	__type(key, __u32);
	__array(values, struct ox_group_set);
} groups SEC(".maps");
#endif

/* AF_XDP sockets: ox_port.xsk_base + receive queue. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} xsks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ox_cpu_mem);
} dpstats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ox_cache);
} cache SEC(".maps");

/* Upcalls of the skb tier: struct ox_ring_rec. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, OX_MAX_METERS);
	__type(key, __u32);
	__type(value, struct ox_meter);
} meters SEC(".maps");

/* Programs of their own: each begins with an empty stack. OX_JUMP_*. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, OX_JUMPS);
	__type(key, __u32);
	__type(value, __u32);
#ifdef OX_CTX_XDP
} xdp_jmp SEC(".maps");
#else
} tc_jmp SEC(".maps");
#endif

/* Packets under way while another one is: branches, and what is sent back to a
 * port. The kernel stops such nesting at 8 levels (XMIT_RECURSION_LIMIT). */
#define OX_RUNS 10
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OX_RUNS);
	__type(key, __u32);
	__type(value, struct ox_run);
} runs SEC(".maps");

#ifndef OX_CTX_XDP
struct ox_tun_in {
	struct ox_tun tun;
	__u32 dirty; /* there are options in it */
	__u32 pad;
};

/* Of packets that came in by a tunnel, the key that struct ox_key has no room
 * for; by ox_key.tun_at, one for each packet under way. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OX_MAX_NEST);
	__type(key, __u32);
	__type(value, struct ox_tun_in);
} tunin SEC(".maps");

/* The key of a packet that is about to leave by a tunnel: no stack has room. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ox_tun_key);
} tunout SEC(".maps");

/* Frames that the user tier has on their way into tunnels. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, OX_INJECTS);
	__type(key, __u32);
	__type(value, struct ox_inject);
} inject SEC(".maps");
#endif

#endif /* OVSXDP_BPF_MAPS_H */
