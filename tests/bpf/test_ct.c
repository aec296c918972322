// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct.c - connection tracking in the kernel: the programs of ct.bpf.c pass
 * the verifier, do what the host build does, and two CPUs that commit the same
 * connections make each of them once.
 */
#include "tests/lib/test.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include "tests/bpf/ct_obj.h"
#include "tests/unit/ct_make.h"

#define MAX	 65536
#define N_FRAMES 6000
#define N_RACE	 20000

static struct ovsxdp_ct *o;
static struct ox_ct_host_mem *m;
static struct ct_frame f;
static uint64_t rng = 88172645463325252ull;

static uint32_t below(uint32_t n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (rng >> 16) % n;
}

static int setup(void **state)
{
	(void)state;
	o = ct_obj_open(MAX, CT_HZ);
	m = ox_ct_host_open(MAX, CT_HZ);
	if (!o || !m)
		fail_msg("no table: %s", strerror(errno));
	o->data_ct_conf->ct_conf_mem.flags |= OX_CT_CONF_EST_LIBERAL;
	m->conf->flags |= OX_CT_CONF_EST_LIBERAL;
	m->now = 1000000;
	f = (struct ct_frame){ .proto = IPPROTO_TCP, .port = { 1024, 80 } };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ovsxdp_ct__destroy(o);
	ox_ct_host_close(m);
	return 0;
}

/* ---- the same frames here and there ---- */

static void some_l4(uint8_t *l4, uint32_t len)
{
	static const uint8_t flags[] = { SYN, SYN | ACK, ACK,
					 ACK, FIN | ACK, RST };

	for (uint32_t i = 0; i < len; i++)
		l4[i] = below(8) ? 0 : below(256);
	if (f.proto == IPPROTO_TCP) {
		ct_put32(l4 + 4, 1000 + below(3));
		ct_put32(l4 + 8, 1000 + below(3));
		l4[12] = (5 + below(4)) << 4;
		l4[13] = flags[below(sizeof(flags))];
		ct_put16(l4 + 14, 1000);
	} else if (f.proto == IPPROTO_UDP) {
		ct_put16(l4 + 4, len);
	} else if (f.proto == IPPROTO_ICMP || f.proto == IPPROTO_ICMPV6) {
		l4[0] = f.v6 ? 128 + below(2) : below(2) * 8;
		l4[1] = 0;
	} else if (f.proto == IPPROTO_SCTP) {
		l4[12] = below(15);
		l4[13] = 0;
		ct_put16(l4 + 14, 20);
		if (l4[12] == 1)
			ct_put32(l4 + 4, 0);
	}
}

static void some_frame(void)
{
	static const uint8_t protos[] = { IPPROTO_TCP,	IPPROTO_TCP,
					  IPPROTO_UDP,	IPPROTO_ICMP,
					  IPPROTO_SCTP, IPPROTO_GRE,
					  IPPROTO_DCCP, 99 };
	uint32_t len = 40 + below(20);
	int from = below(2);
	uint8_t *l4;

	f.v6 = below(2);
	f.swap = below(2);
	f.proto = protos[below(sizeof(protos))];
	if (f.v6 && f.proto == IPPROTO_ICMP)
		f.proto = IPPROTO_ICMPV6;
	l4 = ct_put_ip(&f, from, len);
	some_l4(l4, len);
	if (f.proto != IPPROTO_ICMP && f.proto != IPPROTO_ICMPV6 &&
	    f.proto != IPPROTO_GRE) {
		f.port[from] = 1024 + below(3);
		f.port[!from] = 80;
		ct_put16(l4, f.port[from]);
		ct_put16(l4 + 2, f.port[!from]);
	}
}

static void some_act(struct ox_ct_act *a)
{
	memset(a, 0, sizeof(*a));
	a->zone = below(3);
	if (below(3))
		a->flags |= OX_CT_F_COMMIT;
	if (!below(6))
		a->flags |= OX_CT_F_COMMIT | OX_CT_F_FORCE;
	if (a->flags && below(2)) {
		a->mark_mask = 0xff << below(24);
		a->mark = below(65536) & a->mark_mask;
	}
	if (a->flags && below(2)) {
		a->flags |= OX_CT_F_LABELS;
		a->labels_mask[below(16)] = 0xff;
		for (int i = 0; i < 16; i++)
			a->labels[i] = below(256) & a->labels_mask[i];
	}
}

static void same_as_host(void **state)
{
	struct ox_host_pkt pkt;
	struct ox_key key = { 0 };
	struct ox_ct_act act;
	uint32_t seen[256] = { 0 };
	int err;

	(void)state;
	for (uint32_t i = 0; i < N_FRAMES; i++) {
		some_frame();
		some_act(&act);
		/* sometimes after another ct() */
		if (below(3))
			memset(&key, 0, sizeof(key));
		assert_int_equal(ox_host_extract(f.b, f.len, 0, &pkt.key), 0);
		pkt = (struct ox_host_pkt){ .data = f.b,
					    .len = f.len,
					    .key = pkt.key };
		pkt.key.w[11] = key.w[11];
		for (int w = 16; w <= 22; w++)
			pkt.key.w[w] = key.w[w];
		m->now += below(1000);
		o->bss->in.act = act;
		o->bss->in.key = key;
		o->bss->in.now = m->now;
		assert_true(ct_obj_run(o->progs.ct_packet, f.b, f.len, 1) >= 0);
		err = ox_ct_host_execute(m, &pkt, &act);
		if (o->bss->out.err != (uint32_t)-err)
			fail_msg("frame %u: errno %u, host %d", i,
				 o->bss->out.err, -err);
		key = pkt.key;
		seen[key.ct_state]++;
		if (memcmp(&key, &o->bss->out.key, sizeof(key)))
			fail_msg("frame %u proto %u: ct_state %#x, host %#x", i,
				 f.proto, o->bss->out.key.ct_state,
				 key.ct_state);
	}
	/* new, est, est|rpl and inv were among them */
	assert_true(seen[0x21] && seen[0x22] && seen[0x2a] && seen[0x30]);
}

/* ---- two CPUs ---- */

struct racer {
	pthread_t thread;
	int cpu;
	int rc;
};

static void *race(void *arg)
{
	struct racer *r = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(r->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	r->rc = ct_obj_run(o->progs.ct_commit, f.b, 64, N_RACE);
	return NULL;
}

static uint32_t zone_count(uint16_t zone)
{
	struct ox_ct_zone z;
	uint32_t key = zone;

	assert_int_equal(
		bpf_map_lookup_elem(bpf_map__fd(o->maps.ct_zones), &key, &z),
		0);
	return OX_CT_ZONE_COUNT(z.word);
}

/* Entries whose places are claimed. */
static uint32_t n_claimed(void)
{
	uint32_t n = 0, i;
	uint64_t word;

	for (i = 0; i < MAX / 64; i++) {
		assert_int_equal(
			bpf_map_lookup_elem(bpf_map__fd(o->maps.ct_bits), &i,
					    &word),
			0);
		n += __builtin_popcountll(word);
	}
	return n;
}

static uint32_t sweep(uint32_t later)
{
	o->bss->in.later = later;
	assert_true(ct_obj_run(o->progs.ct_sweep, f.b, 64, 1) >= 0);
	return o->bss->out.swept;
}

/* Each of N_RACE connections is committed twice, by whichever CPU. */
static void commit_once(void **state)
{
	struct racer r[2] = { { .cpu = 0 }, { .cpu = 1 } };
	struct ox_ct_test_out *out = &o->bss->out;

	(void)state;
	o->bss->in.repeat = 2;
	o->bss->in.n_conns = MAX;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&r[i].thread, NULL, race, &r[i]), 0);
	for (int i = 0; i < 2; i++) {
		pthread_join(r[i].thread, NULL);
		assert_true(r[i].rc >= 0);
	}
	assert_int_equal(out->made, N_RACE);
	assert_int_equal(out->found + out->clashed, N_RACE);
	assert_int_equal(out->failed, 0);
	assert_int_equal(zone_count(5), N_RACE);
	assert_int_equal(n_claimed(), N_RACE);
}

/* All of them are found, and go in their time. */
static void swept(void **state)
{
	struct ox_ct_test_in *in = &o->bss->in;

	(void)state;
	in->repeat = 1;
	in->n_conns = 4096;
	assert_true(ct_obj_run(o->progs.ct_commit, f.b, 64, 4096) >= 0);
	assert_int_equal(o->bss->out.made, 4096);
	assert_true(ct_obj_run(o->progs.ct_established, f.b, 64, 1000) >= 0);
	assert_int_equal(sweep(0), 0);
	/* picked up in the middle: five minutes */
	assert_int_equal(sweep(301 * CT_HZ), 4096);
	assert_int_equal(zone_count(5), 0);
	assert_int_equal(n_claimed(), 0);
}

static struct ox_ct_zone *map_zones(void)
{
	void *p = mmap(NULL, OX_CT_ZONES * sizeof(struct ox_ct_zone),
		       PROT_READ | PROT_WRITE, MAP_SHARED,
		       bpf_map__fd(o->maps.ct_zones), 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

/* A flush is one store, after which the same connections are new. */
static void flushed(void **state)
{
	struct ox_ct_zone *z = map_zones();
	struct ox_ct_test_out *out = &o->bss->out;

	(void)state;
	o->bss->in.repeat = 1;
	o->bss->in.n_conns = 4096;
	assert_true(ct_obj_run(o->progs.ct_commit, f.b, 64, 4096) >= 0);
	assert_int_equal(out->made, 4096);
	z[5].word = OX_CT_ZONE_FLUSHED(z[5].word);
	assert_int_equal(zone_count(5), 0);
	out->next = 0;
	assert_true(ct_obj_run(o->progs.ct_commit, f.b, 64, 4096) >= 0);
	assert_int_equal(out->made, 8192);
	assert_int_equal(out->found, 0);
	assert_int_equal(zone_count(5), 4096);
	/* the others gave their places to these */
	assert_int_equal(n_claimed(), 4096);
	munmap(z, OX_CT_ZONES * sizeof(*z));
}

static const struct CMUnitTest tests[] = {
	OX_TEST_WITH("bpf.ct.same_as_host", same_as_host, setup, teardown),
	OX_TEST_WITH("bpf.ct.commit_once", commit_once, setup, teardown),
	OX_TEST_WITH("bpf.ct.swept", swept, setup, teardown),
	OX_TEST_WITH("bpf.ct.flushed", flushed, setup, teardown),
};

int main(void)
{
	if (geteuid()) {
		printf("1..0 # SKIP needs root\n");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
