/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_timeout.h - an accepted packet keeps its connection: timeouts, counters
 * and status (nf_ct_refresh_acct()). Under the entry's lock.
 */
#ifndef OVSXDP_BPF_CT_TIMEOUT_H
#define OVSXDP_BPF_CT_TIMEOUT_H

#include "ovsxdp/ct_pkt.h"

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
