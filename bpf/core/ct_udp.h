/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_udp.h - trackers of protocols without a handshake: UDP and UDPlite
 * (nf_conntrack_proto_udp.c), GRE (nf_conntrack_proto_gre.c), ICMP, ICMPv6, and
 * all that is known by its number alone (nf_conntrack_proto_generic.c). Under
 * the entry's lock.
 */
#ifndef OVSXDP_BPF_CT_UDP_H
#define OVSXDP_BPF_CT_UDP_H

#include "bpf/core/ct_event.h"
#include "bpf/core/ct_parse_l4.h"
#include "bpf/core/ct_timeout.h"

/* enum udp_conntrack, enum gre_conntrack: places of the timeouts. */
#define OX_CT_UNREPLIED 0
#define OX_CT_REPLIED	1

/* nf_conntrack_udp_packet(): two-way for two seconds is a stream. */
static __always_inline void
ct_udp_packet(struct ox_ct *e, __u32 dir, const struct ox_ct_pkt *p,
	      const struct ox_ct_tp *tp, const struct ox_ct_conf *cf, __u32 now)
{
	__u32 timeout = tp->timeout[OX_CT_UNREPLIED];
	int stream = 0;

	if ((e->status & OX_IPS_SEEN_REPLY) &&
	    (__s32)(now - e->udp.stream_ts) > 0) {
		timeout = tp->timeout[OX_CT_REPLIED];
		stream = !(e->status & OX_IPS_NAT_CLASH);
	}
	ct_refresh(e, dir, p->len, timeout, cf, now);
	if (stream)
		ct_assured(e, cf);
}

/* nf_conntrack_gre_packet() */
static __always_inline void
ct_gre_packet(struct ox_ct *e, __u32 dir, const struct ox_ct_pkt *p,
	      const struct ox_ct_tp *tp, const struct ox_ct_conf *cf, __u32 now)
{
	int replied = e->status & OX_IPS_SEEN_REPLY;

	ct_refresh(e, dir, p->len,
		   tp->timeout[replied ? OX_CT_REPLIED : OX_CT_UNREPLIED], cf,
		   now);
	if (replied && !(e->status & OX_IPS_NAT_CLASH))
		ct_assured(e, cf);
}

static __always_inline enum ox_ct_rc
ct_other_packet(struct ox_ct *e, __u32 dir, const struct ox_ct_pkt *p,
		const struct ox_ct_tp *tp, const struct ox_ct_conf *cf,
		__u32 now)
{
	__u8 proto = p->t.proto;

	if (proto == OX_IP_UDP || proto == OX_IP_UDPLITE)
		ct_udp_packet(e, dir, p, tp, cf, now);
	else if (proto == OX_IP_GRE)
		ct_gre_packet(e, dir, p, tp, cf, now);
	else
		ct_refresh(e, dir, p->len, tp->timeout[0], cf, now);
	return OX_CT_ACCEPT;
}

/* Which time out does a packet leave, as above? 0: it changes more than that.
 */
static __always_inline __u32 ct_other_steady(const struct ox_ct *e, __u8 proto,
					     __u32 status,
					     const struct ox_ct_tp *tp,
					     __u32 now)
{
	int udp = proto == OX_IP_UDP || proto == OX_IP_UDPLITE;

	if (!udp && proto != OX_IP_GRE)
		return tp->timeout[0];
	if (!(status & OX_IPS_SEEN_REPLY) ||
	    (udp && (__s32)(now - e->udp.stream_ts) <= 0))
		return tp->timeout[OX_CT_UNREPLIED];
	if (!(status & (OX_IPS_ASSURED | OX_IPS_NAT_CLASH)))
		return 0;
	return tp->timeout[OX_CT_REPLIED];
}

/* A new one, on an entry that is no one else's. Not 0: none is begun. */
static __always_inline int ct_other_new(struct ox_ct *e,
					const struct ox_ct_pkt *p,
					const struct ox_ct_conf *cf, __u32 now)
{
	__u8 proto = p->t.proto;

	if (proto == OX_IP_UDP || proto == OX_IP_UDPLITE)
		e->udp.stream_ts = now + 2 * cf->hz;
	/* answers of ICMP begin nothing */
	return p->starts ? 0 : -1;
}

#endif /* OVSXDP_BPF_CT_UDP_H */
