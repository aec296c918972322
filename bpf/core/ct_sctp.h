/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_sctp.h - the tracker of SCTP: nf_conntrack_proto_sctp.c of Linux 6.1.y.
 * What differs: checksums aren't looked at, and a packet with more than
 * OX_CT_CHUNKS chunks that matter is invalid. Under the entry's lock.
 */
#ifndef OVSXDP_BPF_CT_SCTP_H
#define OVSXDP_BPF_CT_SCTP_H

#include "bpf/core/ct_event.h"
#include "bpf/core/ct_parse_l4.h"
#include "bpf/core/ct_timeout.h"

/* enum sctp_conntrack */
enum ox_ct_sctp_state {
	OX_CT_SCTP_ST_NONE,
	OX_CT_SCTP_ST_CLOSED,
	OX_CT_SCTP_ST_COOKIE_WAIT,
	OX_CT_SCTP_ST_COOKIE_ECHOED,
	OX_CT_SCTP_ST_ESTABLISHED,
	OX_CT_SCTP_ST_SHUTDOWN_SENT,
	OX_CT_SCTP_ST_SHUTDOWN_RECD,
	OX_CT_SCTP_ST_SHUTDOWN_ACK_SENT,
	OX_CT_SCTP_ST_HEARTBEAT_SENT,
	OX_CT_SCTP_ST_MAX, /* invalid */
};

/* sctp_conntracks: by direction, chunk type, old state. Rows of chunks that
 * change nothing aren't asked for. */
#define CL OX_CT_SCTP_ST_CLOSED
#define CW OX_CT_SCTP_ST_COOKIE_WAIT
#define CE OX_CT_SCTP_ST_COOKIE_ECHOED
#define ES OX_CT_SCTP_ST_ESTABLISHED
#define SS OX_CT_SCTP_ST_SHUTDOWN_SENT
#define SR OX_CT_SCTP_ST_SHUTDOWN_RECD
#define SA OX_CT_SCTP_ST_SHUTDOWN_ACK_SENT
#define HS OX_CT_SCTP_ST_HEARTBEAT_SENT
#define IV OX_CT_SCTP_ST_MAX
/* clang-format off */
static const __u8 ct_sctp_table[2][16][16] = {
	{ /* original, from          NO  CL  CW  CE  ES  SS  SR  SA  HS */
		[OX_SCTP_INIT] =	      { CL, CL, CW, CE, ES, CL, CL, SA, CW },
		[OX_SCTP_INIT_ACK] =	      { CL, CL, CW, CE, ES, SS, SR, SA, CL },
		[OX_SCTP_ABORT] =	      { CL, CL, CL, CL, CL, CL, CL, CL, CL },
		[OX_SCTP_SHUTDOWN] =	      { CL, CL, CW, CE, SS, SS, SR, SA, CL },
		[OX_SCTP_SHUTDOWN_ACK] =      { SA, CL, CW, CE, ES, SA, SA, SA, SA },
		[OX_SCTP_ERROR] =	      { CL, CL, CW, CE, ES, SS, SR, SA, CL },
		[OX_SCTP_COOKIE_ECHO] =	      { CL, CL, CE, CE, ES, SS, SR, SA, CL },
		[OX_SCTP_COOKIE_ACK] =	      { CL, CL, CW, ES, ES, SS, SR, SA, CL },
		[OX_SCTP_SHUTDOWN_COMPLETE] = { CL, CL, CW, CE, ES, SS, SR, CL, CL },
		[OX_SCTP_HEARTBEAT] =	      { HS, CL, CW, CE, ES, SS, SR, SA, HS },
		[OX_SCTP_HEARTBEAT_ACK] =     { CL, CL, CW, CE, ES, SS, SR, SA, HS },
	},
	{ /* reply, from             NO  CL  CW  CE  ES  SS  SR  SA  HS */
		[OX_SCTP_INIT] =	      { IV, CL, CW, CE, ES, SS, SR, SA, IV },
		[OX_SCTP_INIT_ACK] =	      { IV, CW, CW, CE, ES, SS, SR, SA, IV },
		[OX_SCTP_ABORT] =	      { IV, CL, CL, CL, CL, CL, CL, CL, IV },
		[OX_SCTP_SHUTDOWN] =	      { IV, CL, CW, CE, SR, SS, SR, SA, IV },
		[OX_SCTP_SHUTDOWN_ACK] =      { IV, CL, CW, CE, ES, SA, SA, SA, IV },
		[OX_SCTP_ERROR] =	      { IV, CL, CW, CL, ES, SS, SR, SA, IV },
		[OX_SCTP_COOKIE_ECHO] =	      { IV, CL, CE, CE, ES, SS, SR, SA, IV },
		[OX_SCTP_COOKIE_ACK] =	      { IV, CL, CW, ES, ES, SS, SR, SA, IV },
		[OX_SCTP_SHUTDOWN_COMPLETE] = { IV, CL, CW, CE, ES, SS, SR, CL, IV },
		[OX_SCTP_HEARTBEAT] =	      { IV, CL, CW, CE, ES, SS, SR, SA, HS },
		[OX_SCTP_HEARTBEAT_ACK] =     { IV, CL, CW, CE, ES, SS, SR, SA, ES },
	},
};
/* clang-format on */
#undef CL
#undef CW
#undef CE
#undef ES
#undef SS
#undef SR
#undef SA
#undef HS
#undef IV

/* sctp_new_state() */
static __always_inline __u32 ct_sctp_next(__u32 dir, __u32 type, __u32 state)
{
	__u32 at = (dir & 1) * 256 + (type & 15) * 16 + (state & 15);

	barrier_var(at);
	at &= sizeof(ct_sctp_table) - 1;
	return ((const __u8 *)ct_sctp_table)[at];
}
_Static_assert(sizeof(ct_sctp_table) == 512, "a mask bounds it");

static __always_inline __be32 *ct_sctp_vtag(struct ox_ct_sctp *t, __u32 dir)
{
	return dir ? &t->vtag[1] : &t->vtag[0];
}

static __always_inline __u8 *ct_sctp_init(struct ox_ct_sctp *t, __u32 dir)
{
	return dir ? &t->init[1] : &t->init[0];
}

/* sctp_new(): chunk by chunk, what a new connection begins with. Not 0: it
 * begins none. */
static __always_inline int ct_sctp_new(struct ox_ct *e,
				       const struct ox_ct_chunks *s)
{
	struct ox_ct_sctp *t = &e->sctp;
	__u32 i;

	/* out of the blue (RFC 4960, 8.4), or without a state to begin with */
	if (s->map & (1u << OX_SCTP_ABORT | 1u << OX_SCTP_SHUTDOWN_COMPLETE |
		      1u << OX_SCTP_COOKIE_ACK | OX_SCTP_OTHER))
		return -1;
	OX_ROLLED
	for (i = 0; i < OX_CT_CHUNKS; i++) {
		if (i >= s->n)
			break;
		if (s->type[i] == OX_SCTP_INIT) {
			if (s->vtag)
				return -1;
			t->vtag[OX_CT_REPLY] = s->init_tag[i];
		} else if (s->type[i] == OX_SCTP_HEARTBEAT) {
			t->vtag[OX_CT_ORIGINAL] = s->vtag;
		} else if (s->type[i] == OX_SCTP_SHUTDOWN_ACK) {
			t->vtag[OX_CT_REPLY] = s->vtag;
		}
	}
	return 0;
}

/* A heartbeat's or its answer's tag: 0 right, 1 not for the state, -1 wrong. */
static __always_inline int ct_sctp_heartbeat(struct ox_ct_sctp *t, __u32 dir,
					     const struct ox_ct_chunks *s,
					     int answer, int ignore)
{
	__be32 *own = ct_sctp_vtag(t, dir), *other = ct_sctp_vtag(t, !dir);

	if (!*own) {
		*own = s->vtag;
		return 0;
	}
	if (s->vtag == *own) {
		t->flags &= ~OX_CT_SCTP_HEARTBEAT_FAILED;
		return 0;
	}
	if ((s->map & 1u << OX_SCTP_DATA) || ignore)
		return -1;
	if (!answer) {
		t->flags |= OX_CT_SCTP_HEARTBEAT_FAILED;
		t->last_dir = dir;
		return 1;
	}
	if (!(t->flags & OX_CT_SCTP_HEARTBEAT_FAILED) || t->last_dir == dir)
		return -1;
	t->flags &= ~OX_CT_SCTP_HEARTBEAT_FAILED;
	*own = s->vtag;
	*other = 0;
	return 0;
}

/* Notes the tag of an INIT or INIT_ACK. Not 0: it is wrong. */
static __always_inline int ct_sctp_learn(struct ox_ct_sctp *t, __u32 dir,
					 __u32 type, __be32 tag, __u32 old)
{
	__u8 *own = ct_sctp_init(t, dir), *other = ct_sctp_init(t, !dir);
	__be32 *vtag = ct_sctp_vtag(t, !dir);

	if (type == OX_SCTP_INIT) {
		/* one that is late, or was sent again, tells nothing */
		if (old == OX_CT_SCTP_ST_NONE || *vtag != tag) {
			if (*own && *other)
				*other = 0;
			*own = 1;
		}
	} else if ((!*other && *vtag && *vtag != tag) ||
		   (*own && *other && *vtag != tag)) {
		return -1; /* or a collision */
	}
	*vtag = tag;
	return 0;
}

/* The verification tag of one chunk: 0 right, 1 skip the chunk, -1 wrong. */
static __always_inline int ct_sctp_tag(struct ox_ct_sctp *t, __u32 dir,
				       const struct ox_ct_chunks *s, __u32 type,
				       __u32 flags, int ignore)
{
	__be32 own = *ct_sctp_vtag(t, dir), other = *ct_sctp_vtag(t, !dir);

	switch (type) {
	case OX_SCTP_INIT:
		return s->vtag ? -1 : 0;
	case OX_SCTP_ABORT:
	case OX_SCTP_SHUTDOWN_COMPLETE: /* the T flag: the peer's */
		return s->vtag != (flags & 1 ? other : own) ? -1 : 0;
	case OX_SCTP_COOKIE_ECHO:
		return s->vtag != own ? -1 : 0;
	case OX_SCTP_COOKIE_ACK:
		t->init[0] = 0;
		t->init[1] = 0;
		return 0;
	case OX_SCTP_HEARTBEAT:
	case OX_SCTP_HEARTBEAT_ACK:
		return ct_sctp_heartbeat(t, dir, s,
					 type == OX_SCTP_HEARTBEAT_ACK, ignore);
	default:
		return 0;
	}
}

/* Chunks whose packets have a tag of their own kind. */
#define OX_SCTP_OWN_TAG                                         \
	(1u << OX_SCTP_INIT | 1u << OX_SCTP_SHUTDOWN_COMPLETE | \
	 1u << OX_SCTP_COOKIE_ECHO | 1u << OX_SCTP_ABORT |      \
	 1u << OX_SCTP_SHUTDOWN_ACK | 1u << OX_SCTP_HEARTBEAT | \
	 1u << OX_SCTP_HEARTBEAT_ACK)

/* nf_conntrack_sctp_packet(), after do_basic_checks() and sctp_new(). */
static __always_inline enum ox_ct_rc ct_sctp_packet(struct ox_ct *e, __u32 dir,
						    const struct ox_ct_pkt *p,
						    const struct ox_ct_tp *tp,
						    const struct ox_ct_conf *cf,
						    __u32 now)
{
	const struct ox_ct_chunks *s = &p->sctp;
	struct ox_ct_sctp *t = &e->sctp;
	__u32 i, type, old, next = e->proto_state;
	int ignore = 0, tag;

	if (!(s->map & OX_SCTP_OWN_TAG) && s->vtag != *ct_sctp_vtag(t, dir))
		return OX_CT_INVALID;
	OX_ROLLED
	for (i = 0; i < OX_CT_CHUNKS; i++) {
		if (i >= s->n)
			break;
		type = s->type[i];
		tag = ct_sctp_tag(t, dir, s, type, s->flags[i], ignore);
		if (tag < 0)
			return OX_CT_INVALID;
		if (tag) {
			ignore = 1;
			continue;
		}
		old = e->proto_state;
		next = ct_sctp_next(dir, type, old);
		if (next == OX_CT_SCTP_ST_MAX)
			return OX_CT_INVALID;
		if (type == OX_SCTP_INIT || type == OX_SCTP_INIT_ACK) {
			if (ct_sctp_learn(t, dir, type, s->init_tag[i], old))
				return OX_CT_INVALID;
			/* an INIT again doesn't keep it alive */
			if (type == OX_SCTP_INIT &&
			    next == OX_CT_SCTP_ST_CLOSED &&
			    old == OX_CT_SCTP_ST_CLOSED &&
			    (e->status & OX_IPS_CONFIRMED))
				ignore = 1;
		}
		e->proto_state = next;
		if (old != next) {
			ct_event_note(e, cf, OX_CT_EV_PROTOINFO);
			if (next == OX_CT_SCTP_ST_ESTABLISHED)
				ct_assured(e, cf);
		}
	}
	if (!ignore)
		ct_refresh(e, dir, p->len, ct_timeout(tp, e->proto_state), cf,
			   now);
	return OX_CT_ACCEPT;
}

/* sctp_can_early_drop() */
static __always_inline int ct_sctp_can_early_drop(__u32 state)
{
	return state >= OX_CT_SCTP_ST_SHUTDOWN_SENT &&
	       state <= OX_CT_SCTP_ST_SHUTDOWN_ACK_SENT;
}

#endif /* OVSXDP_BPF_CT_SCTP_H */
