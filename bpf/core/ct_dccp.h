/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_dccp.h - the tracker of DCCP: nf_conntrack_proto_dccp.c of Linux 6.1.y
 * (newer kernels have none). What differs: checksums aren't looked at, and
 * dccp_loose is always on, as it is by default. Under the entry's lock.
 */
#ifndef OVSXDP_BPF_CT_DCCP_H
#define OVSXDP_BPF_CT_DCCP_H

#include "bpf/core/ct_event.h"
#include "bpf/core/ct_parse_l4.h"
#include "bpf/core/ct_timeout.h"

/* enum ct_dccp_states */
enum ox_ct_dccp_state {
	OX_CT_DCCP_ST_NONE,
	OX_CT_DCCP_ST_REQUEST,
	OX_CT_DCCP_ST_RESPOND,
	OX_CT_DCCP_ST_PARTOPEN,
	OX_CT_DCCP_ST_OPEN,
	OX_CT_DCCP_ST_CLOSEREQ,
	OX_CT_DCCP_ST_CLOSING,
	OX_CT_DCCP_ST_TIMEWAIT,
	OX_CT_DCCP_ST_IGNORE,
	OX_CT_DCCP_ST_INVALID,
};

#define OX_CT_DCCP_CLIENT 0 /* enum ct_dccp_roles */
#define OX_CT_DCCP_SERVER 1

/* dccp_state_table: by role of the sender, type, old state. */
#define RQ OX_CT_DCCP_ST_REQUEST
#define RS OX_CT_DCCP_ST_RESPOND
#define PO OX_CT_DCCP_ST_PARTOPEN
#define OP OX_CT_DCCP_ST_OPEN
#define CR OX_CT_DCCP_ST_CLOSEREQ
#define CG OX_CT_DCCP_ST_CLOSING
#define TW OX_CT_DCCP_ST_TIMEWAIT
#define IG OX_CT_DCCP_ST_IGNORE
#define IV OX_CT_DCCP_ST_INVALID
/* clang-format off */
static const __u8 ct_dccp_table[2][16][8] = {
	{ /* client:		  NO  RQ  RS  PO  OP  CR  CG  TW */
		[OX_DCCP_REQUEST] =  { RQ, RQ, RS, IG, IG, IG, IG, RQ },
		[OX_DCCP_RESPONSE] = { IV, IG, IG, IG, IG, IG, IG, IV },
		[OX_DCCP_ACK] =	     { IV, IV, PO, PO, OP, CR, CG, IV },
		[OX_DCCP_DATA] =     { IV, IV, IV, IV, OP, CR, CG, IV },
		[OX_DCCP_DATAACK] =  { IV, IV, PO, PO, OP, CR, CG, IV },
		[OX_DCCP_CLOSEREQ] = { IV, IV, IV, IV, IV, IV, IV, IV },
		[OX_DCCP_CLOSE] =    { IV, IV, IV, CG, CG, CG, IV, IV },
		[OX_DCCP_RESET] =    { IV, TW, TW, TW, TW, TW, TW, IG },
		[OX_DCCP_SYNC] =     { IV, IG, IG, IG, IG, IG, IG, IG },
		[OX_DCCP_SYNCACK] =  { IV, IG, IG, IG, IG, IG, IG, IG },
	},
	{ /* server:		  NO  RQ  RS  PO  OP  CR  CG  TW */
		[OX_DCCP_REQUEST] =  { IV, IG, IG, IG, IG, IG, IG, RQ },
		[OX_DCCP_RESPONSE] = { IV, RS, RS, IG, IG, IG, IG, IV },
		[OX_DCCP_ACK] =	     { IV, IV, IV, OP, OP, IV, CG, IV },
		[OX_DCCP_DATA] =     { IV, IV, IV, OP, OP, IV, CG, IV },
		[OX_DCCP_DATAACK] =  { IV, IV, IV, OP, OP, IV, CG, IV },
		[OX_DCCP_CLOSEREQ] = { IV, IV, IV, CR, CR, CR, CR, IV },
		[OX_DCCP_CLOSE] =    { IV, IV, IV, CG, CG, IV, CG, IV },
		[OX_DCCP_RESET] =    { IV, TW, TW, TW, TW, TW, TW, TW },
		[OX_DCCP_SYNC] =     { IV, IG, IG, IG, IG, IG, IG, IG },
		[OX_DCCP_SYNCACK] =  { IV, IG, IG, IG, IG, IG, IG, IG },
	},
};
/* clang-format on */
#undef RQ
#undef RS
#undef PO
#undef OP
#undef CR
#undef CG
#undef TW
#undef IG
#undef IV

static __always_inline __u32 ct_dccp_next(__u32 role, __u32 type, __u32 state)
{
	__u32 at = (role & 1) * 128 + (type & 15) * 8 + (state & 7);

	barrier_var(at);
	at &= sizeof(ct_dccp_table) - 1;
	return ((const __u8 *)ct_dccp_table)[at];
}
_Static_assert(sizeof(ct_dccp_table) == 256, "a mask bounds it");

static __always_inline __u8 *ct_dccp_role(struct ox_ct_dccp *t, __u32 dir)
{
	return dir ? &t->role[1] : &t->role[0];
}

/* dccp_new(). Not 0: it begins none. */
static __always_inline int ct_dccp_new(struct ox_ct *e,
				       const struct ox_ct_dccp_pkt *d)
{
	struct ox_ct_dccp *t = &e->dccp;

	if (ct_dccp_next(OX_CT_DCCP_CLIENT, d->type, OX_CT_DCCP_ST_NONE) ==
	    OX_CT_DCCP_ST_INVALID)
		return -1;
	t->role[OX_CT_ORIGINAL] = OX_CT_DCCP_CLIENT;
	t->role[OX_CT_REPLY] = OX_CT_DCCP_SERVER;
	t->last_pkt = OX_DCCP_REQUEST;
	t->last_dir = OX_CT_ORIGINAL;
	return 0;
}

/* nf_conntrack_dccp_packet(), after dccp_error() and dccp_new(). */
static __always_inline enum ox_ct_rc ct_dccp_packet(struct ox_ct *e, __u32 dir,
						    const struct ox_ct_pkt *p,
						    const struct ox_ct_tp *tp,
						    const struct ox_ct_conf *cf,
						    __u32 now)
{
	const struct ox_ct_dccp_pkt *d = &p->dccp;
	struct ox_ct_dccp *t = &e->dccp;
	__u8 *own = ct_dccp_role(t, dir), *other = ct_dccp_role(t, !dir);
	__u32 role = *own, old = e->proto_state;
	__u32 next = ct_dccp_next(role, d->type, old);

	/* the only answer is a Reset */
	if (d->type == OX_DCCP_RESET && !(e->status & OX_IPS_SEEN_REPLY)) {
		ct_account(e, dir, p->len, cf);
		return OX_CT_KILL;
	}
	if (next == OX_CT_DCCP_ST_INVALID)
		return OX_CT_INVALID;
	if (next == OX_CT_DCCP_ST_REQUEST) {
		/* begun again from the other side: roles change */
		if (old == OX_CT_DCCP_ST_TIMEWAIT &&
		    role == OX_CT_DCCP_SERVER) {
			*own = OX_CT_DCCP_CLIENT;
			*other = OX_CT_DCCP_SERVER;
		}
	} else if (next == OX_CT_DCCP_ST_RESPOND) {
		if (old == OX_CT_DCCP_ST_REQUEST)
			t->handshake_seq = d->seq;
	} else if (next == OX_CT_DCCP_ST_PARTOPEN) {
		if (old == OX_CT_DCCP_ST_RESPOND && d->type == OX_DCCP_ACK &&
		    d->ack == t->handshake_seq)
			e->status |= OX_IPS_ASSURED;
	} else if (next == OX_CT_DCCP_ST_IGNORE) {
		/* out of step, unless a Response answers a Request that was
		 * ignored */
		if (t->last_dir == dir || t->last_pkt != OX_DCCP_REQUEST ||
		    d->type != OX_DCCP_RESPONSE) {
			t->last_dir = dir;
			t->last_pkt = d->type;
			return OX_CT_ACCEPT;
		}
		*other = OX_CT_DCCP_CLIENT;
		*own = OX_CT_DCCP_SERVER;
		t->handshake_seq = d->seq;
		next = OX_CT_DCCP_ST_RESPOND;
	}
	t->last_dir = dir;
	t->last_pkt = d->type;
	e->proto_state = next;
	if (old != next)
		ct_event_note(e, cf, OX_CT_EV_PROTOINFO);
	ct_refresh(e, dir, p->len, ct_timeout(tp, next), cf, now);
	return OX_CT_ACCEPT;
}

#endif /* OVSXDP_BPF_CT_DCCP_H */
