// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct.bpf.c - what connection tracking needs beside packets: its maps, which the
 * datapaths' programs get from here, the sweep, and what user space asks for.
 * No program here is on a device. User space doesn't write entries: it has a
 * program do it, under the entry's lock.
 *
 * The sweep is a timer of the kernel, so connections end in their time without
 * a daemon. It lives as long as its map is pinned.
 */
#include "bpf/core/ct_key.h"
#include "ovsxdp/ct_ask.h"

char _license[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ox_ct_sweep);
} ct_sweep SEC(".maps");

/* A sweep costs by the connections that there are, some 10 ns each: one turn
 * looks at so many, or ends so many, or goes past so many words of places. */
#define TURN_LOOKS 8192
#define TURN_ENDS  512
#define TURN_WORDS 4096

/* Until the next turn: within a table, where there is much to end, and after
 * the last one of a table. */
#define WAIT_NS	     50000000
#define WAIT_BUSY_NS 1000000
#define WAIT_IDLE_NS 1000000000

#define CLOCK_MONOTONIC 1

/* A walk over the places that are claimed. */
struct walk {
	__u64 bits; /* those of the word that are left */
	__u32 word;
	__u32 n_words; /* that there are */
	__u32 now;
	__u32 looks;
	__u32 ends;
	__u32 tp;
};

static __always_inline __u32 n_words(void)
{
	const struct ox_ct_conf *cf = tbl_ct_conf();
	__u32 n = READ_ONCE(cf->n_chunks) << OX_CT_CHUNK_SHIFT;

	return (n > cf->max ? cf->max : n) / 64;
}

/* The next place of the word, or OX_CT_NONE. */
static __always_inline __u32 walk_next(struct walk *w)
{
	__u32 bit;

	if (!w->bits)
		return OX_CT_NONE;
	bit = ct_ctz64(w->bits);
	w->bits &= w->bits - 1;
	return w->word * 64 + bit;
}

/* The places of the next word; 0: the walk has ended. */
static __always_inline int walk_word(struct walk *w)
{
	const __u64 *p;

	if (w->word >= w->n_words)
		return 0;
	p = tbl_ct_bits(w->word);
	if (!p)
		return 0;
	w->bits = READ_ONCE(*p);
	return 1;
}

/* ---- the sweep ---- */

static long sweep_place(__u32 i, void *arg)
{
	struct walk *w = arg;
	__u32 idx = walk_next(w);

	if (idx == OX_CT_NONE)
		return 1;
	w->looks++;
	w->ends += ox_ct_sweep_one(idx, w->now);
	return 0;
}

static long sweep_word(__u32 i, void *arg)
{
	struct walk *w = arg;

	if (w->looks >= TURN_LOOKS || w->ends >= TURN_ENDS || !walk_word(w))
		return 1;
	if (w->bits)
		ox_loop(64, sweep_place, w);
	w->word++;
	return 0;
}

static int sweep_turn(void *map, __u32 *key, struct ox_ct_sweep *s)
{
	struct walk w = { .word = s->word, .n_words = n_words() };
	__u64 wait = WAIT_NS;

	w.now = ct_now();
	ox_loop(TURN_WORDS, sweep_word, &w);
	if (w.word >= w.n_words) {
		w.word = 0;
		s->rounds++;
		wait = WAIT_IDLE_NS;
	}
	if (w.ends >= TURN_ENDS)
		wait = WAIT_BUSY_NS;
	s->word = w.word;
	s->turns++;
	s->ended += w.ends;
	bpf_timer_start(&s->timer, wait, 0);
	return 0;
}

/* From now on it is this program's, whoever's it was before. Returns 0, or
 * -errno with the sign changed. */
SEC("xdp")
int ct_start(struct xdp_md *c)
{
	__u32 zero = 0;
	struct ox_ct_sweep *s = bpf_map_lookup_elem(&ct_sweep, &zero);
	long err;

	if (!s)
		return 2;
	/* EBUSY: it is there */
	bpf_timer_init(&s->timer, &ct_sweep, CLOCK_MONOTONIC);
	err = bpf_timer_set_callback(&s->timer, sweep_turn);
	if (!err)
		err = bpf_timer_start(&s->timer, WAIT_NS, 0);
	return -err;
}

/* ---- what user space asks for ---- */

/* In memory of the CPU: a run with its entry is too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ox_ct_run);
} ct_runs SEC(".maps");

static __always_inline struct ox_ct_ask *ask_of(struct xdp_md *c)
{
	struct ox_ct_ask *ask = (void *)(long)c->data;

	return (void *)(ask + 1) > (void *)(long)c->data_end ? NULL : ask;
}

/* A run for the tuple that is asked for, at this time. */
static __always_inline struct ox_ct_run *run_of(const struct ox_ct_ask *ask)
{
	__u32 zero = 0;
	struct ox_ct_run *r = bpf_map_lookup_elem(&ct_runs, &zero);

	if (!r)
		return NULL;
	r->p.t = ask->e.orig;
	r->p.from_b = ask->from_b & 1;
	r->now = ct_now();
	return r;
}

/* Ends one. 0: it was ended here; 1: it isn't there. */
SEC("xdp")
int ct_kill(struct xdp_md *c)
{
	const struct ox_ct_ask *ask = ask_of(c);

	if (!ask || ox_ct_kill(ask->idx, ask->gen, ask->portid))
		return 1;
	ct_count(OX_CT_S_DELETE);
	return 0;
}

/* The connection of a tuple: its place, its generation, the direction. 0: it is
 * there; 1: it isn't. */
SEC("xdp")
int ct_lookup(struct xdp_md *c)
{
	struct ox_ct_ask *ask = ask_of(c);
	struct ox_ct_run *r = ask ? run_of(ask) : NULL;

	if (!r || !ct_find(r))
		return 1;
	ask = ask_of(c);
	if (!ask)
		return 1;
	ask->idx = r->idx;
	ask->gen = r->gen;
	ask->from_b = r->dir;
	return 0;
}

/* Commits the entry that is asked for; answers its place. Returns enum
 * ox_ct_commit_rc. */
SEC("xdp")
int ct_make(struct xdp_md *c)
{
	struct ox_ct_ask *ask = ask_of(c);
	struct ox_ct_run *r = ask ? run_of(ask) : NULL;
	int rc;

	if (!r)
		return OX_CT_NO_ROOM;
	r->p.hash = ct_hash(&r->p.t);
	r->fresh = ask->e;
	r->fresh.eventmask = ct_event_mask(tbl_ct_conf());
	r->fresh.events = OX_CT_EV_QUIET;
	r->made = 1;
	rc = ox_ct_commit(r);
	ask = ask_of(c);
	if (!rc && ask) {
		ask->idx = r->idx;
		ask->gen = r->gen;
		if (ct_event_heard(&r->fresh, tbl_ct_conf(), OX_CT_EV_MADE))
			ox_ct_tell(r->idx, OX_CT_EV_MADE, ask->portid);
	}
	return rc;
}

/* Under the entry's lock. */
static __always_inline void change(struct ox_ct *e, __u32 what,
				   const struct ox_ct *to)
{
	if (what & OX_CT_CHANGE_MARK)
		e->mark = to->mark;
	if (what & OX_CT_CHANGE_LABELS)
		__builtin_memcpy(e->labels, to->labels, sizeof(e->labels));
	if (what & OX_CT_CHANGE_STATUS)
		e->status |= to->status;
	if (what & OX_CT_CHANGE_EXPIRES)
		e->expires = to->expires;
	if (what & OX_CT_CHANGE_STATE)
		e->proto_state = to->proto_state;
	if (what & OX_CT_CHANGE_HELPER)
		e->helper = to->helper;
	if (what & OX_CT_CHANGE_ALG)
		e->alg = to->alg;
	if ((what & OX_CT_CHANGE_STATE) && e->orig.proto == OX_IP_TCP) {
		e->tcp.flags[0] = to->tcp.flags[0];
		e->tcp.flags[1] = to->tcp.flags[1];
		e->tcp.scale = to->tcp.scale;
	}
	if (what & OX_CT_CHANGE_COUNTERS) {
		e->packets[0] = e->packets[1] = 0;
		e->bytes[0] = e->bytes[1] = 0;
	}
}

/* Changes one. 0: done; 1: it isn't there. */
SEC("xdp")
int ct_change(struct xdp_md *c)
{
	struct ox_ct_ask *ask = ask_of(c);
	struct ox_ct_bucket *b;
	struct ox_ct_run *r;
	struct ox_ct *e;
	__u32 zero = 0, gen, what, idx, portid;
	int rc = 1;

	r = bpf_map_lookup_elem(&ct_runs, &zero);
	if (!ask || !r)
		return 1;
	r->fresh = ask->e;
	gen = ask->gen;
	what = ask->what;
	idx = ask->idx;
	portid = ask->portid;
	e = tbl_ct(idx);
	if (!e)
		return 1;
	b = tbl_ct_bucket(ct_home(ct_hash(&e->orig)));
	if (!b)
		return 1;
	ct_lock(b);
	if (e->gen == (__u16)gen && e->life == OX_CT_LIVE) {
		change(e, what, &r->fresh);
		rc = 0;
	}
	ct_unlock(b);
	if (!rc && (what & OX_CT_CHANGE_TELL) &&
	    ct_event_heard(e, tbl_ct_conf(), OX_CT_EV_CHANGED))
		ox_ct_tell(idx, OX_CT_EV_CHANGED, portid);
	return rc;
}

/* An entry whose policy goes has the timeouts of its protocol again. */
__noinline int ct_untp_one(__u32 idx, __u32 tp)
{
	struct ox_ct *e = tbl_ct(idx);
	struct ox_ct_bucket *b;
	__u16 usual;

	if (!e || e->tp != tp)
		return 0;
	usual = ct_default_tp(e->orig.proto);
	b = tbl_ct_bucket(ct_home(ct_hash(&e->orig)));
	if (!b)
		return 0;
	ct_lock(b);
	if (e->tp == tp && e->life == OX_CT_LIVE)
		e->tp = usual;
	ct_unlock(b);
	return 0;
}

static long untp_place(__u32 i, void *arg)
{
	struct walk *w = arg;
	__u32 idx = walk_next(w);

	if (idx == OX_CT_NONE)
		return 1;
	ct_untp_one(idx, w->tp);
	return 0;
}

static long untp_word(__u32 i, void *arg)
{
	struct walk *w = arg;

	if (!walk_word(w))
		return 1;
	if (w->bits)
		ox_loop(64, untp_place, w);
	w->word++;
	return 0;
}

/* Takes a policy from the entries of some words. 0: there are more words; 1:
 * that was the last. */
SEC("xdp")
int ct_untp(struct xdp_md *c)
{
	const struct ox_ct_ask *ask = ask_of(c);
	struct walk w = { .n_words = n_words() };

	if (!ask)
		return 1;
	w.word = ask->idx;
	w.tp = ask->gen;
	ox_loop(OX_CT_ASK_WORDS, untp_word, &w);
	return w.word >= w.n_words;
}

/* ---- packets of the user tier ---- */

struct meet {
	struct ox_ct_run run;
	struct ox_ct_req rq;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct meet);
} ct_meets SEC(".maps");

/* A packet meets the table: struct ox_ct_req, answered in place. So there is
 * one implementation, and nobody dies in the middle of it. */
SEC("xdp")
int ct_meet(struct xdp_md *c)
{
	__u32 zero = 0;
	struct meet *m = bpf_map_lookup_elem(&ct_meets, &zero);

	if (!m || bpf_xdp_load_bytes(c, 0, &m->rq, sizeof(m->rq)))
		return XDP_ABORTED;
	m->run.p = m->rq.p;
	m->run.p.user = OX_CT_USER;
	m->run.edit.what = 0;
	m->rq.err = ct_do(m->rq.what, &m->run, &m->rq.key, &m->rq.act);
	ct_answer(&m->rq, &m->run);
	return bpf_xdp_store_bytes(c, 0, &m->rq, sizeof(m->rq)) ? XDP_ABORTED
								: XDP_PASS;
}
