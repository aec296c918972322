/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_packet.h - a packet meets ct(): what ct.bpf.c and ct_skb.bpf.c share. One
 * of bpf/tier/ctx_*.h comes first.
 */
#ifndef OVSXDP_TESTS_CT_PACKET_H
#define OVSXDP_TESTS_CT_PACKET_H

#include "bpf/core/ct_edit.h"
#include "bpf/core/ct_key.h"
#include "bpf/core/ct_parse.h"
#include "bpf/core/parse.h"

#include "tests/bpf/ct_run.h"

struct ox_ct_test_in in;
struct ox_ct_test_out out;

/* What a program works on, in memory of its CPU. */
struct work {
	struct ox_pkt p;
	struct ox_ct_run r;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct work);
} works SEC(".maps");

static __always_inline struct work *work_here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&works, &zero);
}

/* Its key before that is in.key; 0, or -1 if it isn't a packet. */
static __always_inline int packet(ox_ctx *c)
{
	struct work *w = work_here();

	if (!w)
		return -1;
	pkt_init(&w->p, 0);
	w->p.len = ctx_len(c);
	out.err = OX_CT_TEST_PARSE;
	if (parse(c, &w->p))
		return -1;
	w->r.now = in.now ? in.now : ct_now();
	ct_parse(c, &w->p, &w->r.p, in.act.zone);
	w->r.p.t.zone = in.act.zone;
	key_ct_copy(&w->p.key, (const struct ox_key *)&in.key);
	out.err = ct_execute(&w->r, &w->p.key, &in.act);
	out.idx = w->r.idx;
	out.info = w->r.info;
	out.dir = w->r.dir;
	if (!out.err && w->r.edit.what) {
		out.edits++;
		if (ox_ct_nat_apply(c, &w->p, &w->r.edit) != OX_RC_DONE)
			out.err = OX_CT_EINVAL;
	}
	out.key = w->p.key;
	return 0;
}

#endif /* OVSXDP_TESTS_CT_PACKET_H */
