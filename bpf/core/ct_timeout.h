/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_timeout.h - an accepted packet keeps its connection: timeouts, counters
 * and status (nf_ct_refresh_acct()). Under the entry's lock.
 */
#ifndef OVSXDP_BPF_CT_TIMEOUT_H
#define OVSXDP_BPF_CT_TIMEOUT_H

#include "bpf/core/compiler.h"
#include "bpf/core/pkt.h"
#include "ovsxdp/ct_pkt.h"

/* The set of a protocol. */
static __always_inline enum ox_ct_tp_default ct_default_tp(__u8 proto)
{
	switch (proto) {
	case OX_IP_TCP:
		return OX_CT_TP_TCP;
	case OX_IP_UDP:
		return OX_CT_TP_UDP;
	case OX_IP_ICMP:
		return OX_CT_TP_ICMP;
	case OX_IP_ICMPV6:
		return OX_CT_TP_ICMPV6;
	case OX_IP_SCTP:
		return OX_CT_TP_SCTP;
	case OX_IP_DCCP:
		return OX_CT_TP_DCCP;
	case OX_IP_GRE:
		return OX_CT_TP_GRE;
	case OX_IP_UDPLITE:
		return OX_CT_TP_UDPLITE;
	default:
		return OX_CT_TP_GENERIC;
	}
}

/* A place of a set; the verifier needs to see the bound. */
static __always_inline __u32 ct_timeout(const struct ox_ct_tp *tp, __u32 at)
{
	barrier_var(at);
	return tp->timeout[at & 15];
}

/* Has its time come? */
static __always_inline int ct_expired(const struct ox_ct *e, __u32 now)
{
	return (__s32)(READ_ONCE(e->expires) - now) <= 0;
}

static __always_inline void ct_account(struct ox_ct *e, __u32 dir, __u32 len,
				       const struct ox_ct_conf *cf)
{
	if (!(cf->flags & OX_CT_CONF_ACCT))
		return;
	if (dir) {
		e->packets[1]++;
		e->bytes[1] += len;
	} else {
		e->packets[0]++;
		e->bytes[0] += len;
	}
}

static __always_inline void ct_refresh(struct ox_ct *e, __u32 dir, __u32 len,
				       __u32 timeout,
				       const struct ox_ct_conf *cf, __u32 now)
{
	timeout += now;
	if (!(e->status & OX_IPS_FIXED_TIMEOUT) && e->expires != timeout)
		e->expires = timeout;
	ct_account(e, dir, len, cf);
}

#endif /* OVSXDP_BPF_CT_TIMEOUT_H */
