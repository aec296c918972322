/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_tcp.h - the tracker of TCP: nf_conntrack_proto_tcp.c of Linux 6.1.y, with
 * its functions' names after ct_. What differs: checksums aren't looked at, and
 * there is no SYN proxy. Sequence numbers that NAT shifts are the caller's.
 *
 * All of it runs under the entry's lock, where Linux 6.1 allows no calls; so
 * all of it is in line.
 */
#ifndef OVSXDP_BPF_CT_TCP_H
#define OVSXDP_BPF_CT_TCP_H

#include "bpf/core/ct_event.h"
#include "ovsxdp/ct_pkt.h"
#include "bpf/core/ct_timeout.h"

/* enum tcp_conntrack */
enum ox_ct_tcp_state {
	OX_CT_TCP_ST_NONE,
	OX_CT_TCP_ST_SYN_SENT,
	OX_CT_TCP_ST_SYN_RECV,
	OX_CT_TCP_ST_ESTABLISHED,
	OX_CT_TCP_ST_FIN_WAIT,
	OX_CT_TCP_ST_CLOSE_WAIT,
	OX_CT_TCP_ST_LAST_ACK,
	OX_CT_TCP_ST_TIME_WAIT,
	OX_CT_TCP_ST_CLOSE,
	OX_CT_TCP_ST_SYN_SENT2,
	OX_CT_TCP_ST_MAX, /* invalid */
	OX_CT_TCP_ST_IGNORE,
	/* places of the timeouts alone */
	OX_CT_TCP_RETRANS,
	OX_CT_TCP_UNACK,
};

/* tcp_conntracks: state by direction, enum ox_ct_tcp_index, and old state. */
#define NO	      OX_CT_TCP_ST_NONE
#define SS	      OX_CT_TCP_ST_SYN_SENT
#define SR	      OX_CT_TCP_ST_SYN_RECV
#define ES	      OX_CT_TCP_ST_ESTABLISHED
#define FW	      OX_CT_TCP_ST_FIN_WAIT
#define CW	      OX_CT_TCP_ST_CLOSE_WAIT
#define LA	      OX_CT_TCP_ST_LAST_ACK
#define TW	      OX_CT_TCP_ST_TIME_WAIT
#define CL	      OX_CT_TCP_ST_CLOSE
#define S2	      OX_CT_TCP_ST_SYN_SENT2
#define IV	      OX_CT_TCP_ST_MAX
#define IG	      OX_CT_TCP_ST_IGNORE
#define OX_CT_TCP_ROW 16
/* clang-format off */
static const __u8 ct_tcp_table[2][8][OX_CT_TCP_ROW] = {
	{ /* original: NO  SS  SR  ES  FW  CW  LA  TW  CL  S2 */
		/* SYN */    { SS, SS, IG, IG, IG, IG, IG, SS, SS, S2 },
		/* SYNACK */ { IV, IV, SR, IV, IV, IV, IV, IV, IV, SR },
		/* FIN */    { IV, IV, FW, FW, LA, LA, LA, TW, CL, IV },
		/* ACK */    { ES, IV, ES, ES, CW, CW, TW, TW, CL, IV },
		/* RST */    { IV, CL, CL, CL, CL, CL, CL, CL, CL, CL },
		/* NONE */   { IV, IV, IV, IV, IV, IV, IV, IV, IV, IV },
	},
	{ /* reply:    NO  SS  SR  ES  FW  CW  LA  TW  CL  S2 */
		/* SYN */    { IV, S2, IV, IV, IV, IV, IV, SS, IV, S2 },
		/* SYNACK */ { IV, SR, IG, IG, IG, IG, IG, IG, IG, SR },
		/* FIN */    { IV, IV, FW, FW, LA, LA, LA, TW, CL, IV },
		/* ACK */    { IV, IG, SR, ES, CW, CW, TW, TW, CL, IG },
		/* RST */    { IV, CL, CL, CL, CL, CL, CL, CL, CL, CL },
		/* NONE */   { IV, IV, IV, IV, IV, IV, IV, IV, IV, IV },
	},
};
/* clang-format on */
#undef NO
#undef SS
#undef SR
#undef ES
#undef FW
#undef CW
#undef LA
#undef TW
#undef CL
#undef S2
#undef IV
#undef IG

/* enum nf_ct_tcp_action */
enum ct_tcp_action { CT_TCP_IGNORE, CT_TCP_INVALID, CT_TCP_ACCEPT };

static __always_inline int ct_before(__u32 a, __u32 b)
{
	return (__s32)(a - b) < 0;
}

static __always_inline int ct_after(__u32 a, __u32 b)
{
	return ct_before(b, a);
}

static __always_inline __u32 ct_tcp_next(__u32 dir, __u32 index, __u32 state)
{
	__u32 at = (dir & 1) * 8 * OX_CT_TCP_ROW + (index & 7) * OX_CT_TCP_ROW +
		   (state & (OX_CT_TCP_ROW - 1));

	barrier_var(at);
	at &= sizeof(ct_tcp_table) - 1;
	return ((const __u8 *)ct_tcp_table)[at];
}
_Static_assert(sizeof(ct_tcp_table) == 256, "a mask bounds it");

/* td_scale of a direction. */
static __always_inline __u32 ct_tcp_scale(const struct ox_ct_tcp *t, __u32 dir)
{
	return t->scale >> (dir ? 4 : 0) & 0xf;
}

static __always_inline void ct_tcp_set_scale(struct ox_ct_tcp *t, __u32 dir,
					     __u32 scale)
{
	if (dir)
		t->scale = (t->scale & 0x0f) | scale << 4;
	else
		t->scale = (t->scale & 0xf0) | scale;
}

/* Pointers to both directions; by a branch, as the verifier wants them. */
static __always_inline struct ox_ct_tcp_seen *ct_tcp_seen(struct ox_ct_tcp *t,
							  __u32 dir)
{
	return dir ? &t->seen[1] : &t->seen[0];
}

static __always_inline __u8 *ct_tcp_flags(struct ox_ct_tcp *t, __u32 dir)
{
	return dir ? &t->flags[1] : &t->flags[0];
}

/* MAXACKWINDOW() */
static __always_inline __u32 ct_tcp_maxackwindow(const struct ox_ct_tcp_seen *s)
{
	return s->td_maxwin > 66000 ? s->td_maxwin : 66000;
}

/* tcp_options(), which ct_parse.h has read: of a SYN, into its sender. A header
 * without options leaves all as it was. */
static __always_inline void ct_tcp_options(struct ox_ct_tcp *t, __u32 dir,
					   const struct ox_ct_seg *s)
{
	__u8 *flags = ct_tcp_flags(t, dir);

	if (!s->has_options)
		return;
	ct_tcp_set_scale(t, dir, s->wscale);
	*flags = (*flags & OX_CT_TCP_BE_LIBERAL) | s->options;
}

/* tcp_init_sender(): a SYN-ACK in reply to a SYN, or a SYN of the reply
 * direction in a simultaneous open. */
static __always_inline void ct_tcp_init_sender(struct ox_ct_tcp *t, __u32 dir,
					       const struct ox_ct_seg *s)
{
	struct ox_ct_tcp_seen *snd = ct_tcp_seen(t, dir);

	snd->td_end = s->end;
	snd->td_maxend = s->end;
	snd->td_maxwin = s->win ? s->win : 1;
	ct_tcp_options(t, dir, s);
	/* RFC 1323: both sides must send the option */
	if (dir == OX_CT_REPLY &&
	    !(t->flags[0] & t->flags[1] & OX_CT_TCP_WINDOW_SCALE))
		t->scale = 0;
}

/* nf_tcp_log_invalid(): what "ret" is to a liberal tracker. */
static __always_inline enum ct_tcp_action
ct_tcp_log_invalid(__u8 sender_flags, __u32 conf, enum ct_tcp_action ret)
{
	return (sender_flags & OX_CT_TCP_BE_LIBERAL) ||
			       (conf & OX_CT_CONF_LIBERAL)
		       ? CT_TCP_ACCEPT
		       : ret;
}

/* The first segment of its sender: what is known of it. Not 0: a SYN that is
 * accepted without more ado. */
static __always_inline int ct_tcp_first(struct ox_ct_tcp *t, __u32 dir,
					const struct ox_ct_seg *s, __u32 sack)
{
	struct ox_ct_tcp_seen *snd = ct_tcp_seen(t, dir);
	struct ox_ct_tcp_seen *rcv = ct_tcp_seen(t, !dir);
	__u32 swin;

	if (s->flags & OX_TH_SYN) {
		ct_tcp_init_sender(t, dir, s);
		return !(s->flags & OX_TH_ACK); /* simultaneous open */
	}
	/* in the middle of a connection, whose history is lost */
	swin = (__u32)s->win << ct_tcp_scale(t, dir);
	snd->td_end = s->end;
	snd->td_maxwin = swin ? swin : 1;
	snd->td_maxend = s->end + snd->td_maxwin;
	if (!rcv->td_maxwin) {
		/* no traffic of the other direction yet: let III and IV pass */
		rcv->td_end = sack;
		rcv->td_maxend = sack;
	} else if (sack == rcv->td_end + 1) {
		/* likely a reply to a keepalive */
		rcv->td_end++;
	}
	return 0;
}

/* A segment whose seq is over the window. */
static __always_inline enum ct_tcp_action
ct_tcp_over(struct ox_ct_tcp *t, __u32 dir, __u32 end, __u32 sack, __u32 conf)
{
	struct ox_ct_tcp_seen *snd = ct_tcp_seen(t, dir);
	struct ox_ct_tcp_seen *rcv = ct_tcp_seen(t, !dir);
	__u8 *flags = ct_tcp_flags(t, dir);
	__u32 overshot = end - snd->td_maxend + 1;

	if (rcv->td_maxwin && ct_after(end, snd->td_end - rcv->td_maxwin - 1) &&
	    ct_after(sack, rcv->td_end - ct_tcp_maxackwindow(snd) - 1) &&
	    overshot <= rcv->td_maxwin && ct_before(sack, rcv->td_end + 1)) {
		/* it sends more than the receiver's window has room for: what
		 * the receiver acknowledges of it mustn't be out of bounds */
		snd->td_end = end;
		*flags |= OX_CT_TCP_UNACKED;
		return ct_tcp_log_invalid(*flags, conf, CT_TCP_IGNORE);
	}
	return ct_tcp_log_invalid(*flags, conf, CT_TCP_INVALID);
}

/* The segment is in the window: both ends go on. */
static __always_inline void ct_tcp_advance(struct ox_ct_tcp *t, __u32 dir,
					   const struct ox_ct_seg *s, __u32 end,
					   __u32 ack, __u32 sack)
{
	struct ox_ct_tcp_seen *snd = ct_tcp_seen(t, dir);
	struct ox_ct_tcp_seen *rcv = ct_tcp_seen(t, !dir);
	__u8 *sflags = ct_tcp_flags(t, dir), *rflags = ct_tcp_flags(t, !dir);
	__u32 win = s->win, swin;

	if (!(s->flags & OX_TH_SYN))
		win <<= ct_tcp_scale(t, dir);
	swin = win + (sack - ack);
	if (snd->td_maxwin < swin)
		snd->td_maxwin = swin;
	if (ct_after(end, snd->td_end)) {
		snd->td_end = end;
		*sflags |= OX_CT_TCP_UNACKED;
	}
	if (s->flags & OX_TH_ACK) {
		if (!(*sflags & OX_CT_TCP_MAXACK_SET)) {
			snd->td_maxack = ack;
			*sflags |= OX_CT_TCP_MAXACK_SET;
		} else if (ct_after(ack, snd->td_maxack)) {
			snd->td_maxack = ack;
		}
	}
	if (rcv->td_maxwin && ct_after(end, snd->td_maxend))
		rcv->td_maxwin += end - snd->td_maxend;
	if (ct_after(sack + win, rcv->td_maxend - 1))
		rcv->td_maxend = sack + win + !win;
	if (ack == rcv->td_end)
		*rflags &= ~OX_CT_TCP_UNACKED;
}

/* Counts the same ACK again. */
static __always_inline void ct_tcp_retrans(struct ox_ct *e, __u32 dir,
					   const struct ox_ct_seg *s, __u32 seq,
					   __u32 end, __u32 ack)
{
	struct ox_ct_tcp *t = &e->tcp;

	if (t->last_dir == dir && t->last_seq == seq && t->last_ack == ack &&
	    t->last_end == end && e->last_win == s->win) {
		t->retrans++;
		return;
	}
	t->last_dir = dir;
	t->last_seq = seq;
	t->last_ack = ack;
	t->last_end = end;
	e->last_win = s->win;
	t->retrans = 0;
}

static __always_inline enum ct_tcp_action
ct_tcp_in_window(struct ox_ct *e, __u32 dir, const struct ox_ct_seg *s,
		 __u32 conf)
{
	struct ox_ct_tcp *t = &e->tcp;
	struct ox_ct_tcp_seen *snd = ct_tcp_seen(t, dir);
	struct ox_ct_tcp_seen *rcv = ct_tcp_seen(t, !dir);
	__u8 *sflags = ct_tcp_flags(t, dir), *rflags = ct_tcp_flags(t, !dir);
	__u32 seq = s->seq, end = s->end, ack = s->ack, sack = ack;
	__u32 state = e->proto_state;

	if (*rflags & OX_CT_TCP_SACK_PERM)
		sack = s->sack;
	if (!snd->td_maxwin) {
		if (ct_tcp_first(t, dir, s, sack))
			return CT_TCP_ACCEPT;
	} else if ((s->flags & OX_TH_SYN) && ct_after(end, snd->td_end) &&
		   (state == OX_CT_TCP_ST_SYN_SENT ||
		    state == OX_CT_TCP_ST_SYN_RECV)) {
		/* RFC 793: a TCP that is reinitialized */
		ct_tcp_init_sender(t, dir, s);
		if (dir == OX_CT_REPLY && !(s->flags & OX_TH_ACK))
			return CT_TCP_ACCEPT;
	}
	/* Without ACK pretend that it was set and right; as in RSTs of broken
	 * stacks, with an ack of 0. */
	if (!(s->flags & OX_TH_ACK) || ((s->flags & OX_TH_RST) && !ack)) {
		ack = rcv->td_end;
		sack = ack;
	}
	/* a RST that answers a SYN */
	if ((s->flags & OX_TH_RST) && !seq && state == OX_CT_TCP_ST_SYN_SENT) {
		seq = snd->td_end;
		end = seq;
	}
	if (!ct_before(seq, snd->td_maxend + 1))
		return ct_tcp_over(t, dir, end, sack, conf);
	if (!ct_before(sack, rcv->td_end + 1))
		return ct_tcp_log_invalid(*sflags, conf, CT_TCP_INVALID);
	if (rcv->td_maxwin && !ct_after(end, snd->td_end - rcv->td_maxwin - 1))
		return ct_tcp_log_invalid(*sflags, conf, CT_TCP_IGNORE);
	if (!ct_after(sack, rcv->td_end - ct_tcp_maxackwindow(snd) - 1))
		return ct_tcp_log_invalid(*sflags, conf, CT_TCP_IGNORE);
	ct_tcp_advance(t, dir, s, end, ack, sack);
	if (s->index == OX_CT_TCP_ACK)
		ct_tcp_retrans(e, dir, s, seq, end, ack);
	return CT_TCP_ACCEPT;
}

/* nf_tcp_handle_invalid(): a FIN or RST that doesn't fit, and its answer, end
 * an established connection sooner. */
static __always_inline void ct_tcp_handle_invalid(struct ox_ct *e, __u32 dir,
						  __u32 index, __u32 unack,
						  __u32 now, __u32 hz)
{
	struct ox_ct_tcp *t = &e->tcp;
	__s32 left;

	if (!(e->status & OX_IPS_ASSURED) ||
	    (e->status & OX_IPS_FIXED_TIMEOUT) ||
	    (index != OX_CT_TCP_RST && index != OX_CT_TCP_FIN))
		return;
	if (t->last_dir == dir || (t->last_index != OX_CT_TCP_FIN &&
				   t->last_index != OX_CT_TCP_RST)) {
		t->last_index = index;
		t->last_dir = dir;
		return;
	}
	left = e->expires - now;
	if (left >= (__s32)(120 * hz) && (__u32)left > unack)
		e->expires = now + unack;
}

/* tcp_new(), on an entry that is no one else's. Not 0: none is begun. */
static __always_inline int ct_tcp_new(struct ox_ct *e,
				      const struct ox_ct_seg *s, __u32 conf)
{
	struct ox_ct_tcp *t = &e->tcp;
	__u32 next = ct_tcp_next(OX_CT_ORIGINAL, s->index, OX_CT_TCP_ST_NONE);

	if (next >= OX_CT_TCP_ST_MAX)
		return -1;
	t->seen[0].td_end = s->end;
	t->seen[0].td_maxwin = s->win ? s->win : 1;
	if (next == OX_CT_TCP_ST_SYN_SENT) {
		t->seen[0].td_maxend = s->end;
		ct_tcp_options(t, OX_CT_ORIGINAL, s);
	} else if (!(conf & OX_CT_CONF_LOOSE)) {
		return -1;
	} else {
		t->seen[0].td_maxend = s->end + t->seen[0].td_maxwin;
		/* assume SACK, and be liberal: the scale isn't known */
		t->flags[0] = OX_CT_TCP_SACK_PERM | OX_CT_TCP_BE_LIBERAL;
		t->flags[1] = t->flags[0];
	}
	t->last_index = OX_CT_TCP_NONE;
	return 0;
}

/* tcp_can_early_drop() */
static __always_inline int ct_tcp_can_early_drop(__u32 state)
{
	return state >= OX_CT_TCP_ST_FIN_WAIT && state <= OX_CT_TCP_ST_CLOSE;
}

/* A SYN-ACK that acknowledges a SYN which was ignored: ends are in step, and
 * the entry isn't. It goes on from what was noted of the SYN. */
static __always_inline void ct_tcp_resync(struct ox_ct *e, __u32 dir)
{
	struct ox_ct_tcp *t = &e->tcp;
	__u32 from = t->last_dir ? 1 : 0;
	struct ox_ct_tcp_seen *syn = ct_tcp_seen(t, from);
	struct ox_ct_tcp_seen *snd = ct_tcp_seen(t, dir);
	__u8 *flags = ct_tcp_flags(t, from);

	syn->td_end = t->last_end;
	syn->td_maxend = t->last_end;
	syn->td_maxwin = e->last_win ? e->last_win : 1;
	ct_tcp_set_scale(t, from, t->last_wscale & 0xf);
	t->last_flags &= ~OX_CT_TCP_CHALLENGE_ACK;
	*flags = t->last_flags;
	/* nf_ct_tcp_state_reset() */
	snd->td_end = 0;
	snd->td_maxend = 0;
	snd->td_maxwin = 0;
	snd->td_maxack = 0;
	ct_tcp_set_scale(t, dir, 0);
	flags = ct_tcp_flags(t, dir);
	*flags &= OX_CT_TCP_BE_LIBERAL;
}

/* A segment that is ignored, because the ends may know better: noted, so that
 * its answer is understood. */
static __always_inline void ct_tcp_note(struct ox_ct *e, __u32 dir,
					const struct ox_ct_seg *s, __u32 old)
{
	struct ox_ct_tcp *t = &e->tcp;

	t->last_index = s->index;
	t->last_dir = dir;
	t->last_seq = s->seq;
	t->last_end = s->end;
	e->last_win = s->win;
	if (s->index == OX_CT_TCP_SYN && dir == OX_CT_ORIGINAL) {
		t->last_flags = s->options;
		t->last_wscale = s->options & OX_CT_TCP_WINDOW_SCALE ? s->wscale
								     : 0;
		/* RFC 5961: the answer may be a challenge ACK, which is none
		 * to the last FIN */
		if (old == OX_CT_TCP_ST_LAST_ACK)
			t->last_flags |= OX_CT_TCP_CHALLENGE_ACK;
	}
	if (old == OX_CT_TCP_ST_SYN_SENT && s->index == OX_CT_TCP_ACK &&
	    dir == OX_CT_REPLY)
		t->last_ack = s->ack;
}

/* nf_conntrack_tcp_established() */
static __always_inline int ct_tcp_established(const struct ox_ct *e)
{
	return e->proto_state == OX_CT_TCP_ST_ESTABLISHED &&
	       (e->status & OX_IPS_ASSURED);
}

/* What becomes of a RST, bits. 0: the window decides. */
#define CT_TCP_RST_STAY	   0x1 /* the state doesn't change */
#define CT_TCP_RST_IN	   0x2 /* in the window without a check */
#define CT_TCP_RST_INVALID 0x4

/* A RST: does it fit what its receiver has acknowledged? */
static __always_inline int ct_tcp_reset(struct ox_ct *e, __u32 dir,
					const struct ox_ct_seg *s, __u32 conf)
{
	struct ox_ct_tcp *t = &e->tcp;
	struct ox_ct_tcp_seen *rcv = ct_tcp_seen(t, !dir);
	__u8 *rflags = ct_tcp_flags(t, !dir);
	__u32 old = e->proto_state;
	int est = ct_tcp_established(e), what = 0;

	/* the tuple may be in use again already: all is outdated */
	if (ct_tcp_can_early_drop(old))
		return CT_TCP_RST_IN;
	if ((*rflags & OX_CT_TCP_MAXACK_SET) &&
	    t->last_index != OX_CT_TCP_SYN) {
		/* most likely the answer to a SYN that was let through */
		if (!s->seq && !est)
			return 0;
		if (ct_before(s->seq, rcv->td_maxack) &&
		    !(conf & OX_CT_CONF_IGNORE_INVALID_RST))
			return CT_TCP_RST_INVALID;
		if (!est || s->seq == rcv->td_maxack)
			return 0;
		/* after data that it follows at once */
		if (t->last_index == OX_CT_TCP_ACK && t->last_dir == dir &&
		    s->seq == t->last_end)
			return 0;
		/* not exactly: a challenge ACK may follow */
		what = CT_TCP_RST_STAY;
	}
	/* the answer to an invalid SYN or ACK that was let through */
	if ((((e->status & OX_IPS_SEEN_REPLY) &&
	      t->last_index == OX_CT_TCP_SYN && t->last_dir != dir) ||
	     (!(e->status & OX_IPS_ASSURED) &&
	      t->last_index == OX_CT_TCP_ACK)) &&
	    s->ack == t->last_end)
		return what | CT_TCP_RST_IN;
	/* the answer to a challenge ACK that was let through */
	if (old == OX_CT_TCP_ST_SYN_SENT && t->last_index == OX_CT_TCP_ACK &&
	    t->last_dir == OX_CT_REPLY && s->seq == t->last_ack)
		return what | CT_TCP_RST_IN;
	return what;
}

/* The timeout of a state, with what shortens it. */
static __always_inline __u32 ct_tcp_timeout(const struct ox_ct *e,
					    const struct ox_ct_tp *tp,
					    const struct ox_ct_seg *s,
					    const struct ox_ct_conf *cf)
{
	__u32 most = ct_timeout(tp, e->proto_state);
	__u32 retrans = tp->timeout[OX_CT_TCP_RETRANS];
	__u32 unack = tp->timeout[OX_CT_TCP_UNACK];

	if (e->tcp.retrans >= cf->max_retrans && most > retrans)
		return retrans;
	if (s->index == OX_CT_TCP_RST)
		return tp->timeout[OX_CT_TCP_ST_CLOSE];
	if (((e->tcp.flags[0] | e->tcp.flags[1]) & OX_CT_TCP_UNACKED) &&
	    most > unack)
		return unack;
	if (!e->last_win && most > retrans)
		return retrans;
	return most;
}

/* In the window: the state goes on. */
static __always_inline enum ox_ct_rc
ct_tcp_accept(struct ox_ct *e, __u32 dir, const struct ox_ct_pkt *p, __u32 old,
	      __u32 next, const struct ox_ct_tp *tp,
	      const struct ox_ct_conf *cf, __u32 now)
{
	const struct ox_ct_seg *s = &p->tcp;
	__u8 *flags = ct_tcp_flags(&e->tcp, dir);
	__u32 timeout, unack = tp->timeout[OX_CT_TCP_UNACK];

	e->tcp.last_index = s->index;
	e->tcp.last_dir = dir;
	e->proto_state = next;
	if (old != next) {
		ct_event_note(e, cf, OX_CT_EV_PROTOINFO);
		if (next == OX_CT_TCP_ST_FIN_WAIT)
			*flags |= OX_CT_TCP_CLOSE_INIT;
	}
	timeout = ct_tcp_timeout(e, tp, s, cf);
	if (!(e->status & OX_IPS_SEEN_REPLY)) {
		/* a RST is the only reply: not a connection */
		if (s->flags & OX_TH_RST) {
			ct_account(e, dir, p->len, cf);
			return OX_CT_KILL;
		}
		/* a SYN that is sent again doesn't keep it alive */
		if (s->index == OX_CT_TCP_SYN && old == OX_CT_TCP_ST_SYN_SENT)
			return OX_CT_ACCEPT;
		/* picked up in the middle, without an answer */
		if (next == OX_CT_TCP_ST_ESTABLISHED && timeout > unack)
			timeout = unack;
	} else if (!(e->status & OX_IPS_ASSURED) &&
		   (old == OX_CT_TCP_ST_SYN_RECV ||
		    old == OX_CT_TCP_ST_ESTABLISHED) &&
		   next == OX_CT_TCP_ST_ESTABLISHED) {
		e->status |= OX_IPS_ASSURED;
		ct_event_note(e, cf, OX_CT_EV_ASSURED);
	}
	ct_refresh(e, dir, p->len, timeout, cf, now);
	return OX_CT_ACCEPT;
}

/*
 * nf_conntrack_tcp_packet(), after tcp_error() and tcp_new(). Under the entry's
 * lock, or on an entry that is no one else's.
 */
static __always_inline enum ox_ct_rc
ct_tcp_packet(struct ox_ct *e, __u32 dir, const struct ox_ct_pkt *p,
	      const struct ox_ct_tp *tp, const struct ox_ct_conf *cf, __u32 now)
{
	const struct ox_ct_seg *s = &p->tcp;
	struct ox_ct_tcp *t = &e->tcp;
	__u32 old = e->proto_state, next = ct_tcp_next(dir, s->index, old);
	__u32 conf = cf->flags;
	int ignored = next == OX_CT_TCP_ST_IGNORE, rst;

	if (next == OX_CT_TCP_ST_MAX)
		return OX_CT_INVALID;
	if (next == OX_CT_TCP_ST_SYN_SENT && old >= OX_CT_TCP_ST_TIME_WAIT) {
		/* a closed or aborted connection is opened again */
		if (((t->flags[0] | t->flags[1]) & OX_CT_TCP_CLOSE_INIT) ||
		    (t->last_dir == dir && t->last_index == OX_CT_TCP_RST))
			return OX_CT_REPEAT;
		ignored = 1;
	}
	if (ignored) {
		if (s->index != OX_CT_TCP_SYNACK ||
		    t->last_index != OX_CT_TCP_SYN || t->last_dir == dir ||
		    s->ack != t->last_end) {
			ct_tcp_note(e, dir, s, old);
			return OX_CT_ACCEPT;
		}
		ct_tcp_resync(e, dir);
		old = OX_CT_TCP_ST_SYN_SENT;
		next = OX_CT_TCP_ST_SYN_RECV;
	} else if (next == OX_CT_TCP_ST_TIME_WAIT) {
		/* a challenge ACK doesn't acknowledge the last FIN */
		if (old == OX_CT_TCP_ST_LAST_ACK && s->index == OX_CT_TCP_ACK &&
		    t->last_dir != dir && t->last_index == OX_CT_TCP_SYN &&
		    (t->last_flags & OX_CT_TCP_CHALLENGE_ACK)) {
			t->last_flags &= ~OX_CT_TCP_CHALLENGE_ACK;
			return OX_CT_ACCEPT;
		}
	} else if (next == OX_CT_TCP_ST_SYN_SENT2) {
		t->last_flags |= OX_CT_TCP_SIMULTANEOUS;
	} else if (next == OX_CT_TCP_ST_SYN_RECV) {
		if (dir == OX_CT_REPLY && s->index == OX_CT_TCP_ACK &&
		    (t->last_flags & OX_CT_TCP_SIMULTANEOUS))
			next = OX_CT_TCP_ST_ESTABLISHED;
	} else if (s->index == OX_CT_TCP_RST) {
		rst = ct_tcp_reset(e, dir, s, conf);
		if (rst & CT_TCP_RST_INVALID)
			return OX_CT_INVALID;
		if (rst & CT_TCP_RST_STAY)
			next = old;
		if (rst & CT_TCP_RST_IN)
			goto in_window;
	}
	switch (ct_tcp_in_window(e, dir, s, conf)) {
	case CT_TCP_IGNORE:
		return OX_CT_ACCEPT;
	case CT_TCP_INVALID:
		ct_tcp_handle_invalid(e, dir, s->index,
				      tp->timeout[OX_CT_TCP_UNACK], now,
				      cf->hz);
		return OX_CT_INVALID;
	case CT_TCP_ACCEPT:
		break;
	}
in_window:
	return ct_tcp_accept(e, dir, p, old, next, tp, cf, now);
}

#endif /* OVSXDP_BPF_CT_TCP_H */
