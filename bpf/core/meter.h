/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * meter.h - a packet meets a meter: the token bucket of ovs_meter_execute()
 * (net/openvswitch/meter.c), in whole milliseconds as there.
 */
#ifndef OVSXDP_BPF_METER_H
#define OVSXDP_BPF_METER_H

#include "bpf/core/ctx.h"
#include "bpf/core/pkt.h"

/* Not 0: its band drops the packet. Under the meter's lock. */
static __always_inline int meter_take(struct ox_meter *m, __u64 now_ms,
				      __u32 len)
{
	__u64 cost = m->flags & OX_METER_KBPS ? (__u64)len * 8 : 1000;
	__u64 full = (__u64)m->burst * 1000;
	__u64 delta = now_ms > m->used ? now_ms - m->used : 0;

	if (delta > m->max_delta_t)
		delta = m->max_delta_t;
	m->used = now_ms;
	m->packets++;
	m->bytes += len;
	if (!(m->flags & OX_METER_BAND) || !m->rate)
		return 0;
	m->bucket += delta * m->rate;
	if (m->bucket > full)
		m->bucket = full;
	if (m->bucket >= cost) {
		m->bucket -= cost;
		return 0;
	}
	m->band_packets++;
	m->band_bytes += len;
	return m->flags & OX_METER_NO_DROP ? 0 : 1;
}

#ifdef OX_CTX_HOST
static __always_inline int ox_meter_run(__u32 id, __u32 len)
{
	struct ox_mem *m = ox_host_env.mem;

	return m->ops && m->ops->meter_run ? m->ops->meter_run(m, id, len) > 0
					   : 0;
}
#else
/* 1: drop. A meter that isn't there lets pass, as in the module. */
__noinline int ox_meter_run(__u32 id, __u32 len)
{
	struct ox_meter *m = bpf_map_lookup_elem(&meters, &id);
	__u64 now = bpf_ktime_get_ns() / 1000000;
	int rc;

	if (!m)
		return 0;
	bpf_spin_lock(&m->lock);
	rc = meter_take(m, now, len);
	bpf_spin_unlock(&m->lock);
	return rc;
}
#endif

#endif /* OVSXDP_BPF_METER_H */
