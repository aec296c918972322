// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct.c - connection tracking in the kernel: the programs of ct.bpf.c pass
 * the verifier, do what the host build does, for frames and for skbs, and two
 * CPUs that commit the same connections make each of them once.
 */
#include "tests/lib/test.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include "tests/bpf/ct_obj.h"
#include "tests/bpf/ct_skb.skel.h"
#include "bpf/core/ct_key.h"
#include "tests/unit/ct_make.h"

#define MAX	 65536
#define N_FRAMES 6000
#define N_RACE	 20000

static struct ovsxdp_ct *o;
static struct ovsxdp_ct_skb *skb; /* over the maps of o */
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

/* The programs for skbs, with the tables of o. */
static int skb_open(void)
{
	struct bpf_map *map, *from;

	skb = ovsxdp_ct_skb__open();
	if (!skb)
		return -1;
	skb->rodata->ox_ct_rc_n_buckets = MAX / 2;
	bpf_object__for_each_map (map, skb->obj) {
		const char *name = bpf_map__name(map);

		from = bpf_object__find_map_by_name(o->obj, name);
		if (!strncmp(name, "ct_", 3) || !strcmp(name, ".data.ct_conf"))
			bpf_map__reuse_fd(map, bpf_map__fd(from));
		else if (strcmp(name, "works") && !bpf_map__is_internal(map))
			bpf_map__set_autocreate(map, false);
	}
	return ovsxdp_ct_skb__load(skb);
}

static int setup(void **state)
{
	(void)state;
	o = ct_obj_open(MAX, CT_HZ);
	m = ox_ct_host_open(MAX, CT_HZ);
	if (!o || !m || skb_open())
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
	ovsxdp_ct_skb__destroy(skb);
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

/* One frame, for which r says what became of it there. */
struct there {
	uint8_t b[sizeof(f.b)];
	uint32_t len;
	uint32_t err;
	uint32_t edits;
	struct ox_key key;
};

static void run_there(const struct ox_ct_act *act, const struct ox_key *key,
		      struct there *r)
{
	int tc = below(2);
	struct ox_ct_test_in *in = tc ? &skb->bss->in : &o->bss->in;
	const struct ox_ct_test_out *out = tc ? &skb->bss->out : &o->bss->out;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = f.b,
		    .data_size_in = f.len, .data_out = r->b,
		    .data_size_out = sizeof(r->b));
	struct bpf_program *p = tc ? skb->progs.ct_packet : o->progs.ct_packet;

	in->act = *act;
	in->key = *key;
	in->now = m->now;
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(p), &opts), 0);
	r->len = opts.data_size_out;
	r->err = out->err;
	r->key = out->key;
	r->edits = out->edits;
}

static uint32_t n_chosen; /* ports that were sought */

/* Are two results alike but for a port or an id, which were chosen at random
 * because another connection has the packet's own? */
static int chosen(const struct ox_key *here, const struct there *r)
{
	uint32_t at = 14 + (f.v6 ? 40 : 20);
	struct ox_key k = *here;

	if (!(k.ct_state & OX_CS_SRC_NAT) || f.len != r->len ||
	    memcmp(f.b, r->b, 24) || !memcmp(f.b + at, r->b + at, 6))
		return 0;
	k.tp_src = r->key.tp_src;
	return !memcmp(&k, &r->key, sizeof(k)) &&
	       !memcmp(f.b + at + 20, r->b + at + 20, f.len - at - 20);
}

/* All connections of a zone end, here and there. */
static void forget(uint16_t zone)
{
	int fd = bpf_map__fd(o->maps.ct_zones);
	struct ox_ct_zone z;
	uint32_t key = zone;

	assert_int_equal(bpf_map_lookup_elem(fd, &key, &z), 0);
	z.word = OX_CT_ZONE_FLUSHED(z.word);
	assert_int_equal(bpf_map_update_elem(fd, &key, &z, 0), 0);
	ox_ct_host_flush(m, zone);
}

/* The frame in f meets the action here and there; key is that before, and after
 * it. Returns the errno. */
static int step(uint32_t i, const struct ox_ct_act *act, struct ox_key *key,
		struct there *r)
{
	struct ox_host_pkt pkt;
	int err;

	assert_int_equal(ox_host_extract(f.b, f.len, 0, &pkt.key), 0);
	pkt = (struct ox_host_pkt){ .data = f.b, .len = f.len, .key = pkt.key };
	pkt.key.w[11] = key->w[11];
	for (int w = 16; w <= 22; w++)
		pkt.key.w[w] = key->w[w];
	m->now += below(1000);
	run_there(act, key, r);
	err = ox_ct_host_execute(m, &pkt, act);
	if (r->err != (uint32_t)-err)
		fail_msg("frame %u: errno %u, host %d", i, r->err, -err);
	*key = pkt.key;
	if (!err && chosen(&pkt.key, r)) {
		n_chosen++;
		forget(act->zone);
		return 1;
	}
	if (memcmp(key, &r->key, sizeof(*key)))
		fail_msg("frame %u proto %u: ct_state %#x, host %#x", i,
			 f.proto, r->key.ct_state, key->ct_state);
	if (!err && (f.len != r->len || memcmp(f.b, r->b, f.len)))
		fail_msg("frame %u proto %u: other bytes", i, f.proto);
	return -err;
}

static void same_as_host(void **state)
{
	struct ox_key key = { 0 };
	struct ox_ct_act act;
	uint32_t seen[256] = { 0 };
	struct there r;

	(void)state;
	for (uint32_t i = 0; i < N_FRAMES; i++) {
		some_frame();
		some_act(&act);
		/* sometimes after another ct() */
		if (below(3))
			memset(&key, 0, sizeof(key));
		step(i, &act, &key, &r);
		seen[key.ct_state]++;
	}
	/* new, est, est|rpl and inv were among them */
	assert_true(seen[0x21] && seen[0x22] && seen[0x2a] && seen[0x30]);
}

/* ---- NAT ---- */

/* Ends of the frame change places. */
static void turn_around(void)
{
	uint8_t *ip = f.b + 14, *src = ip + (f.v6 ? 8 : 12), t[16];
	uint32_t n = f.v6 ? 16 : 4;

	memcpy(t, src, n);
	memcpy(src, src + n, n);
	memcpy(src + n, t, n);
	ip += f.v6 ? 40 : 20;
	if (f.proto == IPPROTO_ICMP) {
		ip[0] ^= 8;
	} else if (f.proto == IPPROTO_ICMPV6) {
		ip[0] ^= 1;
	} else if (f.proto != IPPROTO_GRE && f.proto != 99) {
		memcpy(t, ip, 2);
		memcpy(ip, ip + 2, 2);
		memcpy(ip + 2, t, 2);
	}
}

/* An ICMP error to the source of the frame, about some of it. */
static void error_about(void)
{
	uint32_t hdr = f.v6 ? 40 : 20, n = hdr + below(f.len - 14 - hdr);
	uint8_t was[256], *l4;

	if (f.proto == IPPROTO_ICMP || f.proto == IPPROTO_ICMPV6)
		return;
	memcpy(was, f.b + 14, n);
	f.proto = f.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	l4 = ct_put_ip(&f, 0, 8 + n);
	memcpy(f.b + 14 + (f.v6 ? 24 : 16), was + (f.v6 ? 8 : 12),
	       f.v6 ? 16 : 4);
	l4[0] = f.v6 ? 1 : below(8) ? 3 : 5;
	l4[2] = below(256);
	memcpy(l4 + 8, was, n);
}

/* Where the choice isn't random: a single port isn't sought, and without ports
 * no two connections of these frames want the same. */
static void some_nat(struct ox_ct_act *a)
{
	uint8_t *min = (uint8_t *)a->nat_min, *max = (uint8_t *)a->nat_max;

	a->flags |= OX_CT_F_NAT;
	if (!(a->flags & OX_CT_F_COMMIT) || !below(4))
		return;
	a->flags |= below(2) ? OX_CT_F_SNAT : OX_CT_F_DNAT;
	if (!below(6))
		return;
	a->flags |= OX_CT_F_NAT_ADDR;
	memset(min, 0, 16);
	memset(max, 0, 16);
	min[0] = max[0] = 0xfd;
	min[f.v6 ? 15 : 3] = 50;
	max[f.v6 ? 15 : 3] = 50 + below(4) * 5;
	max[f.v6 ? 10 : 2] = !below(5);
	if (a->flags & OX_CT_F_DNAT && below(2)) {
		a->flags |= OX_CT_F_NAT_PORT;
		a->port_min = a->port_max = htons(8000 + below(2));
	}
	if (!below(3))
		a->flags |= OX_CT_F_PERSISTENT;
}

static void nat_as_host(void **state)
{
	uint32_t seen[256] = { 0 }, edits = 0, related = 0, refused = 0;
	struct ox_key key = { 0 };
	struct ox_ct_act act;
	struct there r;
	int err = 1;

	(void)state;
	for (uint32_t i = 0; i < 4 * N_FRAMES; i++) {
		if (err || below(3))
			some_frame();
		else if (below(3))
			turn_around();
		else
			error_about();
		some_act(&act);
		if (below(4))
			some_nat(&act);
		if (below(4))
			memset(&key, 0, sizeof(key));
		err = step(i, &act, &key, &r);
		seen[key.ct_state]++;
		refused += err != 0;
		related += (key.ct_state & OX_CS_RELATED) &&
			   (key.ct_state & OX_CS_NAT);
	}
	edits = o->bss->out.edits + skb->bss->out.edits;
	print_message("# %u changed, %u errors, %u refused, %u ports sought\n",
		      edits, related, refused, n_chosen);
	/* in both directions, of both ends */
	assert_true(seen[0x61] && seen[0xe1] && seen[0x6a] && seen[0xaa]);
	assert_true(edits > N_FRAMES / 2 && related > 50 && refused > 50 &&
		    n_chosen < N_FRAMES / 10);
}

/* ---- two CPUs ---- */

struct racer {
	pthread_t thread;
	struct bpf_program *prog;
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
	r->rc = ct_obj_run(r->prog, f.b, 64, N_RACE);
	return NULL;
}

/* Both CPUs commit N_RACE connections, each of them twice. */
static void race_on(struct bpf_program *prog)
{
	struct racer r[2] = { { .prog = prog, .cpu = 0 },
			      { .prog = prog, .cpu = 1 } };

	o->bss->in.repeat = 2;
	o->bss->in.n_conns = MAX;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&r[i].thread, NULL, race, &r[i]), 0);
	for (int i = 0; i < 2; i++) {
		pthread_join(r[i].thread, NULL);
		assert_true(r[i].rc >= 0);
	}
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
	struct ox_ct_test_out *out = &o->bss->out;

	(void)state;
	race_on(o->progs.ct_commit);
	assert_int_equal(out->failed, 0);
	assert_int_equal(out->made, N_RACE);
	assert_int_equal(out->found + out->clashed, N_RACE);
	assert_int_equal(zone_count(5), N_RACE);
	assert_int_equal(n_claimed(), N_RACE);
}

/* Refs in all buckets. */
static uint32_t n_refs(void)
{
	struct ox_ct_bucket b;
	uint32_t n = 0, i;

	for (i = 0; i < MAX / 2; i++) {
		assert_int_equal(bpf_map_lookup_elem(
					 bpf_map__fd(o->maps.ct_bkts), &i, &b),
				 0);
		for (int w = 0; w < OX_CT_WAYS; w++)
			n += b.ref[w] != 0;
	}
	return n;
}

static int by_ends(const void *x, const void *y)
{
	const struct ox_ct *a = x, *b = y;
	int d = memcmp(&a->reply, &b->reply, sizeof(a->reply));

	return d ? d : a->reply_b - b->reply_b;
}

/* All living entries, in the order of their answers' ends: how many. */
static uint32_t read_entries(struct ox_ct *to)
{
	struct ox_ct e;
	uint32_t n = 0, id;

	for (uint32_t i = 0; i < MAX >> OX_CT_CHUNK_SHIFT; i++) {
		int fd;

		assert_int_equal(bpf_map_lookup_elem(
					 bpf_map__fd(o->maps.ct_ents), &i, &id),
				 0);
		fd = bpf_map_get_fd_by_id(id);
		assert_true(fd >= 0);
		for (uint32_t at = 0; at < 1u << OX_CT_CHUNK_SHIFT; at++) {
			assert_int_equal(bpf_map_lookup_elem(fd, &at, &e), 0);
			if (e.life == OX_CT_LIVE)
				to[n++] = e;
		}
		close(fd);
	}
	qsort(to, n, sizeof(*to), by_ends);
	return n;
}

/* The same with NAT, from 64 ports of 313 sources to one address: whatever the
 * CPUs choose at once, no two connections get the same ends, and one that met
 * the other CPU's choice leaves nothing. */
static void nat_once(void **state)
{
	struct ox_ct_test_out *out = &o->bss->out;
	struct ox_ct_act *a = &o->bss->in.act;
	struct ox_ct *all = calloc(MAX, sizeof(*all));
	uint32_t made;

	(void)state;
	assert_non_null(all);
	memset(a, 0, sizeof(*a));
	a->flags = OX_CT_F_COMMIT | OX_CT_F_NAT | OX_CT_F_SNAT |
		   OX_CT_F_NAT_ADDR | OX_CT_F_NAT_PORT;
	a->nat_min[0] = a->nat_max[0] = 0x0300001e;
	a->port_min = htons(1024);
	a->port_max = htons(40000);
	race_on(o->progs.ct_commit_nat);
	made = out->made;
	print_message("# %u made, %u found, %u met another\n", made, out->found,
		      out->clashed);
	assert_int_equal(out->failed, 0);
	assert_int_equal(made + out->found + out->clashed, 2 * N_RACE);
	assert_true(made > N_RACE - N_RACE / 50 && made <= N_RACE);
	assert_int_equal(zone_count(5), made);
	assert_int_equal(n_claimed(), made);
	assert_int_equal(n_refs(), 2 * made);
	assert_int_equal(read_entries(all), made);
	for (uint32_t i = 1; i < made; i++)
		assert_true(by_ends(&all[i - 1], &all[i]) != 0);
	free(all);
	assert_int_equal(sweep(301 * CT_HZ), made);
	assert_int_equal(n_refs(), 0);
	assert_int_equal(n_claimed(), 0);
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
	OX_TEST_WITH("bpf.ct.nat_as_host", nat_as_host, setup, teardown),
	OX_TEST_WITH("bpf.ct.commit_once", commit_once, setup, teardown),
	OX_TEST_WITH("bpf.ct.nat_once", nat_once, setup, teardown),
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
