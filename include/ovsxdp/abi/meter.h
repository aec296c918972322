/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/meter.h - a meter. A part of ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_METER_H
#define OVSXDP_ABI_METER_H

#include <linux/types.h>
#ifdef __bpf__
#include <linux/bpf.h>
#endif

/*
 * A meter; map "meters", a hash by meter id. As struct dp_meter: at most one
 * band (DP_MAX_BANDS). Read and written under the lock (BPF_F_LOCK).
 */
struct ox_meter {
#ifdef __bpf__
	struct bpf_spin_lock lock;
#else
	__u32 lock;
#endif
	__u32 flags;	   /* OX_METER_* */
	__u32 rate;	   /* kbit/s or packets/s */
	__u32 burst;	   /* as given; the bucket's size in 1000 units */
	__u64 bucket;	   /* bits, or 1/1000 packets */
	__u64 max_delta_t; /* ms after which the bucket is full for sure */
	__u64 used;	   /* ms of CLOCK_MONOTONIC: last packet or creation */
	__u64 packets;
	__u64 bytes;
	__u64 band_packets;
	__u64 band_bytes;
};
_Static_assert(sizeof(struct ox_meter) == 72, "ox_meter");
#define OX_METER_KBPS	 0x1 /* OVS_METER_ATTR_KBPS: rate is kbit/s */
#define OX_METER_BAND	 0x2 /* there is a band, which drops, */
#define OX_METER_NO_DROP 0x4 /* or, of another type, only counts */
#define OX_METER_KEEP_STATS                          \
	0x8 /* no OVS_METER_ATTR_CLEAR: the next SET \
	     * tells what was counted */
#define OX_MAX_METERS 65536

#endif /* OVSXDP_ABI_METER_H */
