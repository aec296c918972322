/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * drop_run.h - what the program under test tells of drops (OX_KNOB_DROPS); part
 * of xdp_run.h's users.
 */
#ifndef OVSXDP_TESTS_BPF_DROP_RUN_H
#define OVSXDP_TESTS_BPF_DROP_RUN_H

#include <time.h>

#include "tests/bpf/fixtures.h"
#include "tests/bpf/xdp_run.h"

#ifdef RUN_TC
#define DROP_TIER 0
#else
#define DROP_TIER OX_DROP_XDP
#endif

/* What has been told. */
struct drop_run {
	const struct fx *f;
	uint32_t n;
	uint32_t reason[OX_R_COUNT];
	struct ox_ring_rec last;
	uint8_t frame[OX_DROP_FRAME];
};

static inline int drop_take(void *arg, void *data, size_t size)
{
	const struct ox_ring_rec *rec = data;
	struct drop_run *d = arg;

	if (size < sizeof(*rec) || !(rec->md.flags & OX_MD_DROP))
		return 0; /* an upcall */
	assert_in_range(rec->end, 0, OX_R_COUNT - 1);
	assert_in_range(rec->len, 1, OX_DROP_FRAME);
	assert_true(sizeof(*rec) + rec->len <= size);
	assert_int_equal(rec->md.flags & OX_DROP_XDP, DROP_TIER);
	assert_int_equal(rec->md.port_no, FX_IN);
	d->n++;
	d->reason[rec->end]++;
	d->last = *rec;
	memcpy(d->frame, rec->frame, rec->len);
	return 0;
}

/* Takes all that is in the ring. */
static inline void drop_read(struct xdp_run *r, struct drop_run *d)
{
	struct ring_buffer *rb =
		ring_buffer__new(XDP_FD(r, ring), drop_take, d, NULL);

	assert_non_null(rb);
	assert_true(ring_buffer__consume(rb) >= 0);
	ring_buffer__free(rb);
}

/* No CPU has told of any in this second. */
static inline void drop_fresh(struct xdp_run *r)
{
	struct ox_cpu_mem *mem = calloc(r->n_cpus, sizeof(*mem));
	uint32_t zero = 0;

	assert_int_equal(bpf_map_lookup_elem(XDP_FD(r, dpstats), &zero, mem),
			 0);
	for (int i = 0; i < r->n_cpus; i++) {
		struct ox_cpu *me = (void *)RUN_OF(&mem[i]);

		me->drops = 0;
		me->drops_since = 0;
	}
	assert_int_equal(xdp_run_put(XDP_FD(r, dpstats), 0, mem), 0);
	free(mem);
}

static inline void drop_knob(struct xdp_run *r, bool on)
{
	struct ox_config *c = &r->skel->data_config->config;

	c->knobs = on ? OX_KNOB_DROPS : 0;
	if (on)
		drop_fresh(r);
}

/* The last one told is the case's frame, which no list has edited. */
static inline void drop_check_last(const struct fx *f, const struct drop_run *d)
{
	uint32_t kept = f->in.len < OX_DROP_FRAME ? f->in.len : OX_DROP_FRAME;

	assert_int_equal(d->last.work, f->in.len);
	assert_int_equal(d->last.len, kept);
	assert_memory_equal(d->frame, f->in.b, kept);
	assert_int_equal(!(d->last.md.flags & OX_DROP_KEY), f->refused);
	if (f->refused) {
		assert_int_equal(d->last.md.flow, OX_NONE);
		return;
	}
	assert_memory_equal(&d->last.key, &f->key, sizeof(f->key));
	assert_int_equal(d->last.md.flow,
			 f->miss ? OX_NONE : (uint32_t)f->n_more);
}

/* on: as many have been told as the drops of each reason that have counted;
 * else none. */
static inline void drop_check(struct xdp_run *r, const struct fx *f, bool on)
{
	struct drop_run d = { .f = f };
	struct ox_dp_stats dp;

	assert_int_equal(xdp_run_sum_dp(r, &dp), 0);
	drop_read(r, &d);
	for (uint32_t i = 0; i < OX_R_COUNT; i++)
		assert_int_equal(d.reason[i],
				 on && OX_R_DROPS >> i & 1 ? dp.reason[i] : 0);
	if (d.n && !f->act.n_ops)
		drop_check_last(f, &d);
}

/* f's frame so many times. Returns for how many seconds that took, and a
 * part. */
static inline uint32_t drop_many(struct xdp_run *r, const struct fx *f, int n)
{
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = f->in.b,
		    .data_size_in = f->in.len, .repeat = n);
	time_t begin = time(NULL);

	assert_int_equal(bpf_prog_test_run_opts(r->prog, &o), 0);
	return (uint32_t)(time(NULL) - begin) + 1;
}

/* A CPU tells of so many in a second. f's frame is dropped. */
static inline void drop_check_limit(struct xdp_run *r, const struct fx *f)
{
	const uint32_t most = OX_DROPS_SECOND;
	struct drop_run d = { .f = f };
	uint32_t seconds;

	drop_knob(r, true);
	seconds = drop_many(r, f, 4 * (int)most);
	drop_read(r, &d);
	assert_in_range(d.n, most, most * (seconds + 1));
	drop_knob(r, false);
}

/* Nobody empties the ring: seven eighths of it stay free. */
static inline void drop_check_room(struct xdp_run *r, const struct fx *f)
{
	const uint32_t bytes = (sizeof(struct ox_ring_rec) + OX_DROP_FRAME +
				OX_VLAN_LEN + BPF_RINGBUF_HDR_SZ + 7) &
			       ~7u;
	const uint32_t part = bpf_map__max_entries(r->skel->maps.ring) / 8;
	struct drop_run d = { .f = f };

	for (uint32_t n = 0; n < 2 * part / bytes; n += OX_DROPS_SECOND) {
		drop_knob(r, true);
		drop_many(r, f, OX_DROPS_SECOND);
	}
	drop_read(r, &d);
	/* the last one is put while there is just room */
	assert_int_equal(d.n, part / bytes + 1);
	drop_knob(r, false);
}

#endif /* OVSXDP_TESTS_BPF_DROP_RUN_H */
