// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tc.bpf.c - the skb tier: a packet's way from a port's tc ingress, either
 * from its beginning or from where the XDP tier stopped (struct ox_upcall_md
 * in its metadata).
 */
#include "bpf/tier/ctx_tc.h"
#include "bpf/tier/tier_ct.h"
#include "bpf/tier/tier_tc.h"
#include "bpf/tier/native_decap.h"
#include "bpf/tier/native_encap.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * bpf_redirect_peer() puts the packet into the other namespace at once, past
 * this end's qdisc and its taps; only from ingress, only if a knob allows.
 */
static __always_inline int tc_output(ox_ctx *c, struct ox_pkt *p, int may_peer)
{
	__u32 ifindex = p->out & ~OX_OUT_PEER;

	count_tx(p->arg, p->len + p->hwtag);
	if (may_peer && (p->out & OX_OUT_PEER))
		return bpf_redirect_peer(ifindex, 0);
	return bpf_redirect(ifindex, 0);
}

/* Out of line: it is none of what most packets do. */
__noinline int ox_tun_output(ox_ctx *c, struct ox_run *r)
{
	struct ox_pkt *p;

	if (!r)
		return TC_ACT_SHOT;
	p = &r->p;
	if (tun_begin(c, r, p->arg))
		return TC_ACT_SHOT;
	count_tx(p->arg, p->len + p->hwtag);
	return bpf_redirect(p->out, 0);
}

/* A packet that goes one tier down is user space's. */
static __always_inline int tc_finish(ox_ctx *c, struct ox_run *r, int may_peer)
{
	switch ((enum ox_verdict)r->verdict) {
	case OX_V_OUTPUT:
		return tc_output(c, &r->p, may_peer);
	case OX_V_TUNNEL:
		if (tc_is_native(&r->p))
			return native_enter(c, r->p.arg, r->tun_out,
					    r->tun_gen);
		return ox_tun_output(c, r);
	case OX_V_DOWN:
		count_reason(OX_R_USER);
		/* a record's key is what the packet says, and stays stale for
		 * the ops after it */
		if (r->p.stale && !reparse(c, &r->p))
			r->p.stale = 1;
		ring_put(c, r, OX_UP_FLOW, r->end);
		return TC_ACT_SHOT;
	case OX_V_USER:
		ring_put(c, r, r->p.arg, OX_NONE);
		return TC_ACT_SHOT;
	case OX_V_PASS:
	case OX_V_DROP:
	case OX_V_GROUP:
	case OX_V_RUN:
	case OX_V_LOOKUP:
	case OX_V_CT:
		break;
	}
	return TC_ACT_SHOT;
}

/* Interpreter's state for a packet that has no list. */
static __always_inline void interp_blank(struct ox_run *r)
{
	r->cutlen = OX_NONE;
	r->end = OX_NONE;
	r->depth = 0;
	r->tun_out = OX_NONE;
}

/* The XDP tier's note in front of a packet. */
enum note {
	NOTE_NONE,
	NOTE_READ,
	NOTE_BROKEN, /* the tag around the frame can't be taken off */
};

/*
 * Takes it off the packet: nobody may find it again. The kernel first takes the
 * tag off, and may then fail on one inside: the frame is as it was all the
 * same.
 */
static __always_inline enum note take_md(ox_ctx *c, struct ox_upcall_md *out)
{
	struct ox_upcall_md *md = ctx_ptr(c, data_meta);
	void *data = ctx_ptr(c, data);

	if ((void *)(md + 1) > data || md->magic != OX_MD_MAGIC)
		return NOTE_NONE;
	ox_copy(out, md, sizeof(*out));
	md->magic = 0;
	if ((out->flags & OX_MD_WRAPPED) && ctx_pop_vlan(c) && ctx_hw_tag(c))
		return NOTE_BROKEN;
	return NOTE_READ;
}

/*
 * The way on from where XDP stopped. It has counted the packet, which may have
 * waited in a queue since: its flow may be another one, and its list another
 * list. If no op of that was done, it is looked up again. ct: the words of the
 * key that XDP's ct() wrote, or NULL.
 */
static __always_inline enum ox_verdict rx_resume(ox_ctx *c, struct ox_pkt *p,
						 const struct ox_port *in,
						 const struct ox_upcall_md *md,
						 const struct ox_ct_mem *ct,
						 struct ox_dp_stats *s)
{
	const struct ox_flow *f;

	p->state = OX_PKT_USED;
	p->len = ctx_len(c);
	if (tier_parse(c, p, in))
		return rx_drop_raw(c, p, OX_R_RUNT);
	p->key.recirc_id = md->recirc_id;
	p->key.dp_hash = md->dp_hash;
	if (ct)
		ct_words_take(&p->key, ct);
	p->flow = md->flow;
	p->acts = md->acts;
	p->pc = md->pc;
	p->stale = !!(md->flags & OX_MD_STALE);
	p->level = md->flags >> OX_MD_LEVEL_SHIFT;
	if (md->reason == OX_UP_MISS) {
		p->hash = md->hash;
		return tier_to_user(c, p, in, OX_UP_MISS);
	}
	p->hash = key_hash(&p->key);
	if (p->acts != OX_NONE) {
		if (acts_are(p, md->gen))
			return OX_V_RUN;
	} else {
		f = cache_flow(p);
		if (f)
			return rx_execute(c, p, in, READ_ONCE(f->action));
	}
	if (p->pc)
		return rx_drop(c, p, OX_R_BAD_FLOW);
	p->flow = OX_NONE;
	p->acts = OX_NONE;
	s->n_hit--;
	return OX_V_LOOKUP;
}

/*
 * The place of a packet that comes in, clean. While the interpreter sends a
 * copy, a device may hand another packet to a port's ingress at once (mirred
 * does). That one stands in the place after those in use. NULL: there is none,
 * or the module would take it for a loop as well.
 */
static __always_inline struct ox_run *tc_place(struct ox_cpu *me)
{
	struct ox_run *r = &me->first;

	if (r->p.state == OX_PKT_CLEAN)
		return r;
	if (r->p.state == OX_PKT_BUSY) {
		r = me->nest < OX_MAX_NEST - 1 ? run_at(me->top) : NULL;
		if (!r)
			return NULL;
	}
	pkt_clean(&r->p);
	return r;
}

/* What the packet has cost already. One that another one has set off goes on
 * counting there. */
static __always_inline void tc_account(struct ox_cpu *me,
				       const struct ox_upcall_md *md)
{
	if (me->first.p.state == OX_PKT_BUSY)
		return;
	me->packet++;
	me->work.ops = md ? OX_MD_WORK_OPS(md->work) : 0;
	me->work.deferred = md ? md->deferred : 0;
}

/* From here on r is the packet that is under way on its CPU. */
static __always_inline void tc_enter(struct ox_cpu *me, struct ox_run *r)
{
	if (me->first.p.state == OX_PKT_BUSY) {
		r->place = OX_PLACE_NESTED;
		me->top++;
		me->nest++;
	} else {
		r->place = OX_PLACE_FIRST;
		r->p.state = OX_PKT_BUSY;
	}
}

/* A branch is its sender's to leave. */
static __always_inline void tc_leave(struct ox_cpu *me, struct ox_run *r)
{
	if (r->place == OX_PLACE_NESTED) {
		me->top--;
		me->nest--;
	} else if (r->place == OX_PLACE_FIRST) {
		r->p.state = OX_PKT_USED;
	}
}

/* The packet that is under way. */
static __always_inline struct ox_run *tc_current(struct ox_cpu *me)
{
	return me->top ? run_at(me->top - 1) : &me->first;
}

/* Into the program of ct(). Returns only where it can't be entered. */
static __always_inline void tc_call_ct(ox_ctx *c)
{
	bpf_tail_call(c, &tc_jmp, OX_JUMP_CT);
}

SEC("tc")
int ovsxdp_tc(struct __sk_buff *skb)
{
	struct ox_cpu_mem *mem = cpu_mem();
	struct ox_upcall_md md;
	struct ox_ct_mem *ct;
	struct ox_port *in;
	struct ox_cpu *me;
	struct ox_pkt *p;
	struct ox_run *r;
	enum ox_verdict v = OX_V_LOOKUP;
	enum note note;
	__u32 port_no;

	if (!mem)
		return TC_ACT_UNSPEC;
	port_no = rx_port_no(skb);
	in = rx_port(port_no);
	if (!in)
		return TC_ACT_UNSPEC;
	me = cpu_half(mem);
	r = tc_place(me);
	if (!r) {
		/* the port again: the stack has no room to keep it */
		count_drop_raw(skb, drop_port(ctx_ifindex(skb)), OX_R_NEST);
		return TC_ACT_SHOT;
	}
	p = &r->p;
	pkt_begin(p, port_no);
	note = take_md(skb, &md);
	/* in front of a packet from a tunnel are the outer headers, which a
	 * stranger has written */
	if (note == NOTE_READ &&
	    (md.port_no != port_no || (READ_ONCE(in->flags) & OX_PORT_TUNNEL)))
		note = NOTE_NONE;
	if (note == NOTE_BROKEN) {
		v = rx_drop_raw(skb, p, OX_R_EDIT);
	} else if (note == NOTE_READ && md.ct_state) {
		tc_account(me, &md);
		ct = ct_here();
		if (!ct)
			return TC_ACT_SHOT;
		ox_copy(&ct->md, &md, sizeof(md));
		r->verdict = OX_V_LOOKUP;
		tc_enter(me, r);
		tc_call_ct(skb);
		tc_leave(me, r);
		v = rx_drop_raw(skb, p, OX_R_BAD_FLOW);
	} else if (note == NOTE_READ) {
		v = rx_resume(skb, p, in, &md, NULL, &mem->stats);
	} else if (rx_arrive(skb, p, in)) {
		return TC_ACT_SHOT;
	}
	if (v == OX_V_LOOKUP)
		v = rx_lookup(skb, p, in, tbl_config(), &mem->stats);
	if (v == OX_V_OUTPUT)
		return tc_output(skb, p, 1);
	if (v == OX_V_DROP)
		return TC_ACT_SHOT;
	tc_account(me, note == NOTE_READ ? &md : NULL);
	if (v == OX_V_RUN) {
		tc_enter(me, r);
		interp_enter(skb, r, &me->work, &tc_jmp);
		tc_leave(me, r);
		return TC_ACT_SHOT;
	}
	interp_blank(r);
	r->verdict = v;
	return tc_finish(skb, r, 1);
}

/* Goes on with the packet that ovsxdp_tc has begun with, or ovsxdp_tc_ct. */
SEC("tc")
int ovsxdp_tc_run(struct __sk_buff *skb)
{
	struct ox_cpu *me = cpu_me();
	struct ox_run *r;

	if (!me)
		return TC_ACT_SHOT;
	r = tc_current(me);
	if (!r)
		return TC_ACT_SHOT;
	if (r->verdict == OX_V_RUN)
		interp_run(skb, r);
	if (r->verdict == OX_V_CT) {
		tc_call_ct(skb);
		interp_hand_down(r);
	}
	/* nobody else comes in from here on */
	tc_leave(me, r);
	return tc_finish(skb, r, r->place != OX_PLACE_BRANCH);
}

/* On the clone device's egress: a branch, a frame of the user tier for a
 * tunnel, or traffic to the local port. */
SEC("tc")
int ovsxdp_clone(struct __sk_buff *skb)
{
	struct ox_cpu *me = cpu_me();
	struct ox_inject *in;
	struct ox_run *r;

	if (!me)
		return TC_ACT_UNSPEC;
	if (!me->pending) {
		in = inject_take(skb);
		if (!in)
			return TC_ACT_UNSPEC;
		return native_is(in->port_no) ? native_inject(skb, in)
					      : ox_tun_inject(skb, in);
	}
	me->pending = 0;
	r = run_at(me->top - 1);
	if (!r)
		return TC_ACT_SHOT;
	interp_run(skb, r);
	if (r->verdict == OX_V_CT) {
		tc_call_ct(skb);
		interp_hand_down(r);
	}
	return tc_finish(skb, r, 0);
}

/* ---- connection tracking ---- */

/* The key's words of a packet that XDP had tracked. So it is a frame: neither
 * tunnels' ports nor those without Ethernet have XDP. */
static __always_inline void tc_refill(ox_ctx *c, struct ox_pkt *p,
				      struct ox_ct_mem *m)
{
	p->len = ctx_len(c);
	if (parse(c, p))
		return; /* ovsxdp_tc_rx finds the same */
	p->key.ct_state = m->md.ct_state;
	p->key.ct_zone = m->md.ct_zone;
	ct_refill(c, p, &m->work);
	ct_words_keep(m, &p->key);
}

/*
 * A CT of the list that ovsxdp_tc_run or ovsxdp_clone is in, which goes on. Or
 * a packet of which XDP's note tells the connection: then ovsxdp_tc_rx does.
 */
SEC("tc")
int ovsxdp_tc_ct(struct __sk_buff *skb)
{
	struct ox_ct_mem *m = ct_here();
	struct ox_cpu *me = cpu_me();
	struct ox_run *r;

	if (!me || !m)
		return TC_ACT_SHOT;
	r = tc_current(me);
	if (!r)
		return TC_ACT_SHOT;
	if (r->verdict == OX_V_LOOKUP) {
		tc_refill(skb, &r->p, m);
		bpf_tail_call(skb, &tc_jmp, OX_JUMP_RX);
	} else {
		ct_op(skb, r, &m->work);
		bpf_tail_call(skb, &tc_jmp, OX_JUMP_RUN);
	}
	tc_leave(me, r);
	return TC_ACT_SHOT;
}

/* What ovsxdp_tc does with XDP's note, where that names a connection. */
SEC("tc")
int ovsxdp_tc_rx(struct __sk_buff *skb)
{
	struct ox_cpu_mem *mem = cpu_mem();
	struct ox_ct_mem *m = ct_here();
	struct ox_port *in;
	struct ox_cpu *me;
	struct ox_run *r;
	enum ox_verdict v;

	if (!mem || !m)
		return TC_ACT_SHOT;
	/* no compiler may add to the pointer before it was tested: 6.1 */
	barrier_var(mem);
	in = rx_port(m->md.port_no);
	if (!in)
		return TC_ACT_SHOT;
	barrier_var(in);
	me = cpu_half(mem);
	r = tc_current(me);
	if (!r)
		return TC_ACT_SHOT;
	pkt_init(&r->p, m->md.port_no);
	v = rx_resume(skb, &r->p, in, &m->md, m, &mem->stats);
	if (v == OX_V_LOOKUP)
		v = rx_lookup(skb, &r->p, in, tbl_config(), &mem->stats);
	if (v == OX_V_RUN) {
		if (r->place == OX_PLACE_FIRST)
			r->p.state = OX_PKT_BUSY;
		interp_enter(skb, r, &me->work, &tc_jmp);
		tc_leave(me, r);
		return TC_ACT_SHOT;
	}
	interp_blank(r);
	r->verdict = v;
	tc_leave(me, r);
	return tc_finish(skb, r, r->place != OX_PLACE_BRANCH);
}

/* ---- tunnels without a device ---- */

/* An output by such a port, which has been checked. */
SEC("tc")
int ovsxdp_tc_encap(struct __sk_buff *skb)
{
	struct bpf_redir_neigh nh = { 0 };
	struct ox_native_mem *m = native_here();
	const struct ox_port *out;
	enum ox_reason why;
	__u32 oif = 0, len;

	out = m ? tbl_port(m->port_no) : NULL;
	if (!out)
		return TC_ACT_SHOT;
	len = ctx_len(skb) + (ctx_hw_tag(skb) ? OX_VLAN_LEN : 0);
	why = native_begin(m, out);
	if (why == OX_R_NONE)
		why = native_encap(skb, m, &oif, &nh);
	if (why == OX_R_NONE) {
		count_tx(m->port_no, len);
		return bpf_redirect_neigh(oif, &nh, sizeof(nh), 0);
	}
	if (why == OX_R_OVER_MTU)
		count_tx_error(m->port_no);
	else
		count_tx_dropped(m->port_no);
	count_drop_raw(skb, drop_in_port(skb), why);
	return TC_ACT_SHOT;
}

/* On devices with local addresses: finds what is a tunnel's. */
SEC("tc")
int ovsxdp_listen(struct __sk_buff *skb)
{
	struct ox_native_mem *m = native_here();
	struct ox_tun *t;
	enum native_rc rc;
	__u32 at;

	if (!m)
		return TC_ACT_UNSPEC;
	at = tun_place();
	t = tbl_tun(at);
	if (!t)
		return TC_ACT_UNSPEC;
	rc = native_decap(skb, m, t);
	if (rc == NATIVE_STACK)
		return TC_ACT_UNSPEC;
	if (rc == NATIVE_DROP)
		return TC_ACT_SHOT;
	m->in.at = at;
	bpf_tail_call(skb, &tc_jmp, OX_JUMP_TUN);
	count_drop_raw(skb, m->in_port, OX_R_BAD_FLOW);
	return TC_ACT_SHOT;
}

/* An inner frame on its way in. */
static __always_inline int native_arrive(ox_ctx *c, struct ox_pkt *p,
					 const struct ox_native_mem *m)
{
	p->len = ctx_len(c);
	p->key.w[10] = ctx_get(c, priority) | (__u64)ctx_get(c, mark) << 32;
	if (parse(c, p)) {
		count_rx(p->key.in_port, p->len);
		rx_drop_raw(c, p, OX_R_BAD_HDR);
		return -1;
	}
	count_rx(p->key.in_port, p->len + p->hwtag);
	p->state = OX_PKT_USED;
	p->key.w[OX_W_TUN] = m->in.w;
	p->key.has_tun = 1;
	p->hash = key_hash(&p->key);
	return 0;
}

/* Goes on with a packet that ovsxdp_listen has found and decapsulated. */
SEC("tc")
int ovsxdp_tc_tun(struct __sk_buff *skb)
{
	struct ox_cpu_mem *mem = cpu_mem();
	struct ox_native_mem *m = native_here();
	struct ox_port *in;
	struct ox_cpu *me;
	struct ox_run *r;
	enum ox_verdict v;

	if (!mem || !m)
		return TC_ACT_SHOT;
	/* no compiler may add to the pointer before it was tested: 6.1 */
	barrier_var(mem);
	in = tbl_port(m->in_port);
	if (!in)
		return TC_ACT_SHOT;
	barrier_var(in);
	me = cpu_half(mem);
	r = tc_place(me);
	if (!r) {
		count_drop_raw(skb, m->in_port, OX_R_NEST);
		return TC_ACT_SHOT;
	}
	pkt_begin(&r->p, m->in_port);
	if (native_arrive(skb, &r->p, m))
		return TC_ACT_SHOT;
	v = rx_lookup(skb, &r->p, in, tbl_config(), &mem->stats);
	tc_account(me, NULL);
	if (v == OX_V_RUN) {
		tc_enter(me, r);
		interp_enter(skb, r, &me->work, &tc_jmp);
		tc_leave(me, r);
		return TC_ACT_SHOT;
	}
	interp_blank(r);
	r->verdict = v;
	return tc_finish(skb, r, 1);
}
