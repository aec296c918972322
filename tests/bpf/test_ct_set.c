// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_set.c - the pinned maps of connection tracking: making and opening
 * them, sets that were left half made, chunks, and the timer that ends
 * connections where no process is. Needs root and a bpffs.
 */
#include "tests/lib/test.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "loader/ct_int.h"
#include "tests/bpf/ct_set_run.h"
#include "tests/lib/netns.h"

#define MAX  65536
#define ZONE 5 /* that of ct_commit */

static struct ox_err err;
static const char *root;

static int setup(void **state)
{
	const char *why = "?";

	(void)state;
	root = ox_test_root(&why);
	if (!root)
		printf("# %s\n", why);
	return root ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	ox_ct_set_remove(root, NULL);
	ox_test_root_remove();
	return 0;
}

static struct ox_ct_set *set_open(uint32_t max)
{
	struct ox_ct_params p = { .max = max, .netns_cookie = 77 };
	struct ox_ct_set *s = NULL;
	int rc = ox_ct_set_open(root, &p, &s, &err);

	if (rc)
		fail_msg("%s", err.msg);
	return s;
}

/* Nobody has the set any more, as after the death of a daemon. */
static void pin_path(char *path, size_t len, enum ox_ct_map i)
{
	snprintf(path, len, "%s/%s/%s", root, OX_CT_FOLDER,
		 ox_ct_map_defs[i].pin);
}

static void *map_by_pin(enum ox_ct_map i, uint32_t n)
{
	char path[128];
	void *p;
	int fd;

	pin_path(path, sizeof(path), i);
	fd = bpf_obj_get(path);
	assert_true(fd >= 0);
	p = ox_map_mmap(fd, ox_ct_map_defs[i].value_size, n);
	assert_non_null(p);
	close(fd);
	return p;
}

static void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* ---- a set ---- */

static uint32_t sysctl(const char *name, uint32_t otherwise)
{
	char path[128];
	unsigned int v = otherwise;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/netfilter/nf_conntrack_%s",
		 name);
	f = fopen(path, "r");
	if (!f)
		return otherwise;
	if (fscanf(f, "%u", &v) != 1)
		v = otherwise;
	fclose(f);
	return v;
}

static void made(void **state)
{
	struct ox_ct_set *s = set_open(0);
	struct ox_ct_mem *m = ox_ct_set_mem(s);
	const struct ox_ct_conf *c = m->conf;
	uint32_t hz = c->hz;

	(void)state;
	assert_int_equal(c->magic, OX_CT_ABI_MAGIC);
	assert_int_equal(c->version, OX_CT_ABI_VERSION);
	assert_int_equal(c->netns_cookie, 77);
	assert_true(c->seed & 1);
	assert_int_equal(c->max, (sysctl("max", 262144) + 4095) / 4096 * 4096);
	assert_true(c->n_buckets >= c->max / 2 && c->n_buckets < c->max);
	assert_int_equal(m->n_chunks, 4);
	assert_int_equal(c->n_chunks, 4);
	assert_int_equal(!!(c->flags & OX_CT_CONF_LOOSE),
			 sysctl("tcp_loose", 1));
	assert_true(c->flags & OX_CT_CONF_EST_LIBERAL);
	assert_int_equal(c->max_retrans, sysctl("tcp_max_retrans", 3));
	assert_int_equal(m->tps[OX_CT_TP_TCP].timeout[3],
			 sysctl("tcp_timeout_established", 432000) * hz);
	assert_int_equal(m->tps[OX_CT_TP_UDP].timeout[1],
			 sysctl("udp_timeout_stream", 120) * hz);
	assert_int_equal(m->tps[OX_CT_TP_GENERIC].timeout[0],
			 sysctl("generic_timeout", 600) * hz);
	/* what is beside the entries is there to its end */
	assert_int_equal(m->zones[OX_CT_ZONES - 1].word, 0);
	assert_int_equal(m->bits[c->max / 64 - 1], 0);
	assert_int_equal(ox_ct_mem_at(m, 4 * 4096 - 1)->life, OX_CT_FREE);
	assert_null(ox_ct_mem_at(m, 4 * 4096));
	assert_true(ox_ct_set_fd(s, "ct_ents") >= 0);
	assert_true(ox_ct_set_fd(s, ".data.ct_conf") >= 0);
	assert_int_equal(ox_ct_set_fd(s, "masks"), -ENOENT);
	ox_ct_set_close(s);
}

static uint32_t first_place(const struct ox_ct_mem *m)
{
	uint32_t idx = 0;

	while (!(m->bits[idx / 64] >> (idx & 63) & 1))
		idx++;
	return idx;
}

/* The host's jiffies, as a program sees them. */
static void clock_agrees(void **state)
{
	struct ox_ct_set *s = set_open(MAX);
	struct ox_ct_mem *m = ox_ct_set_mem(s);
	struct ovsxdp_ct *o = ct_set_progs(s);
	int32_t left;

	(void)state;
	assert_non_null(o);
	assert_int_equal(ct_set_commit(o, 1), 1);
	/* picked up in the middle: five minutes from now */
	left = ox_ct_mem_at(m, first_place(m))->expires - m->ops->now(m);
	assert_in_range(left, 299 * m->conf->hz, 301 * m->conf->hz);
	ovsxdp_ct__destroy(o);
	ox_ct_set_close(s);
}

static void refuses(void **state)
{
	struct ox_ct_params p = { .max = 16777217 };
	struct ox_ct_set *s = NULL;
	struct stat st;
	char path[128];

	(void)state;
	assert_int_equal(ox_ct_set_open(root, &p, &s, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "16777217"));
	snprintf(path, sizeof(path), "%s/%s", root, OX_CT_FOLDER);
	assert_int_equal(stat(path, &st), -1);
}

/* It is the same one, and stays as large as it is. */
static void opened_again(void **state)
{
	struct ox_ct_set *s = set_open(MAX);
	struct ovsxdp_ct *o = ct_set_progs(s);
	uint64_t seed = ox_ct_set_mem(s)->conf->seed;
	struct ox_ct_mem *m;
	uint32_t n = 0;

	(void)state;
	assert_non_null(o);
	assert_int_equal(ct_set_commit(o, 100), 100);
	ovsxdp_ct__destroy(o);
	ox_ct_set_mem(s)->conf->default_limit = 12345;
	ox_ct_set_mem(s)->tps[OX_CT_TP_UDP].timeout[0] = 77;
	ox_ct_set_close(s);
	s = set_open(2 * MAX);
	m = ox_ct_set_mem(s);
	assert_int_equal(m->conf->seed, seed);
	assert_int_equal(m->conf->max, MAX);
	assert_int_equal(m->conf->default_limit, 12345);
	assert_int_equal(m->tps[OX_CT_TP_UDP].timeout[0], 77);
	assert_int_equal(OX_CT_ZONE_COUNT(m->zones[ZONE].word), 100);
	for (uint32_t i = 0; i < m->n_chunks * 4096; i++)
		n += ox_ct_mem_at(m, i)->life == OX_CT_LIVE;
	assert_int_equal(n, 100);
	ox_ct_set_close(s);
}

/* A maker that died after so many pins, or before the magic: all is new. */
static void torn(void **state)
{
	struct ox_ct_set *s = set_open(MAX);
	char path[128];

	(void)state;
	for (int k = OX_CT_M_COUNT; k >= 0; k--) {
		uint64_t seed = ox_ct_set_mem(s)->conf->seed;

		ox_ct_set_mem(s)->conf->magic = 0;
		ox_ct_set_mem(s)->zones[1].limit = 9;
		ox_ct_set_close(s);
		for (int i = k; i < OX_CT_M_COUNT; i++) {
			pin_path(path, sizeof(path), i);
			assert_int_equal(unlink(path), 0);
		}
		s = set_open(MAX);
		assert_true(ox_ct_set_mem(s)->conf->seed != seed);
		assert_int_equal(ox_ct_set_mem(s)->zones[1].limit, 0);
		assert_int_equal(ox_ct_set_mem(s)->n_chunks, 4);
	}
	ox_ct_set_close(s);
}

static void expect_refused(const char *word)
{
	struct ox_ct_params p = { .max = MAX };
	struct ox_ct_set *s = NULL;

	err.msg[0] = '\0';
	assert_int_equal(ox_ct_set_open(root, &p, &s, &err), -EPROTO);
	if (!strstr(err.msg, word))
		fail_msg("no %s in: %s", word, err.msg);
}

/* Another version's, and maps of other sizes, are left as they are. */
static void other_abi(void **state)
{
	struct ox_ct_conf *c;
	char path[128];
	int fd;

	(void)state;
	ox_ct_set_close(set_open(MAX));
	c = map_by_pin(OX_CT_M_CONF, 1);
	c->version = 99;
	expect_refused("99");
	c->version = OX_CT_ABI_VERSION;
	c->max = 4097;
	expect_refused("senseless");
	c->max = MAX / 2;
	expect_refused("another ABI");
	c->max = MAX;
	c->n_chunks = 99;
	expect_refused("99");
	c->n_chunks = 5;
	expect_refused("chunk 4");
	c->n_chunks = 4;
	ox_ct_set_close(set_open(MAX));
	pin_path(path, sizeof(path), OX_CT_M_ZONES);
	assert_int_equal(unlink(path), 0);
	expect_refused("zones");
	fd = bpf_map_create(BPF_MAP_TYPE_HASH, "zones", 4,
			    sizeof(struct ox_ct_zone), OX_CT_ZONES, NULL);
	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_pin(fd, path), 0);
	close(fd);
	expect_refused("zones");
	assert_int_equal(c->magic, OX_CT_ABI_MAGIC);
	ox_map_munmap(c, sizeof(*c), 1);
}

/* ---- the timer ---- */

/* Waits until the sweep has gone over the whole table n times more; it does so
 * within seconds, the bound is for what is broken. */
static void rounds(uint32_t n)
{
	struct ox_ct_sweep s;
	uint32_t zero = 0, first;
	char path[128];
	int fd, i;

	pin_path(path, sizeof(path), OX_CT_M_SWEEP);
	fd = bpf_obj_get(path);
	assert_true(fd >= 0);
	assert_int_equal(bpf_map_lookup_elem(fd, &zero, &s), 0);
	first = s.rounds;
	for (i = 0; i < 600 && s.rounds - first < n; i++) {
		sleep_ms(100);
		assert_int_equal(bpf_map_lookup_elem(fd, &zero, &s), 0);
	}
	close(fd);
	if (s.rounds - first < n)
		fail_msg("the timer stands still: %u rounds", s.rounds - first);
}

/* What a daemon does that is killed: no more than it has pinned stays. */
static void child_fills(uint32_t n, uint32_t jiffies)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct ox_ct_set *s = set_open(MAX);
		struct ovsxdp_ct *o = ct_set_progs(s);
		struct ox_ct_mem *m = ox_ct_set_mem(s);

		if (!o)
			_exit(1);
		for (int i = 0; i < 14; i++)
			m->tps[OX_CT_TP_TCP].timeout[i] = jiffies;
		if (ct_set_commit(o, n) != (int)n)
			_exit(2);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static uint32_t n_claimed(const uint64_t *bits)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < MAX / 64; i++)
		n += __builtin_popcountll(bits[i]);
	return n;
}

/* Connections end in their time though no process is there. */
static void expire_alone(void **state)
{
	struct ox_ct_zone *zones;
	uint64_t *bits;

	(void)state;
	child_fills(5000, 100);
	zones = map_by_pin(OX_CT_M_ZONES, OX_CT_ZONES);
	bits = map_by_pin(OX_CT_M_BITS, MAX / 64);
	rounds(3);
	assert_int_equal(OX_CT_ZONE_COUNT(zones[ZONE].word), 0);
	assert_int_equal(n_claimed(bits), 0);
	ox_map_munmap(bits, 8, MAX / 64);
	ox_map_munmap(zones, sizeof(*zones), OX_CT_ZONES);
}

/* Those whose time hasn't come stay, until their zone is flushed. */
static void flush_alone(void **state)
{
	struct ox_ct_zone *zones;
	uint64_t *bits;

	(void)state;
	child_fills(5000, 1000000);
	zones = map_by_pin(OX_CT_M_ZONES, OX_CT_ZONES);
	bits = map_by_pin(OX_CT_M_BITS, MAX / 64);
	rounds(2);
	assert_int_equal(OX_CT_ZONE_COUNT(zones[ZONE].word), 5000);
	assert_int_equal(n_claimed(bits), 5000);
	zones[ZONE].word = OX_CT_ZONE_FLUSHED(zones[ZONE].word);
	rounds(2);
	assert_int_equal(n_claimed(bits), 0);
	assert_int_equal(OX_CT_ZONE_COUNT(zones[ZONE].word), 0);
	ox_map_munmap(bits, 8, MAX / 64);
	ox_map_munmap(zones, sizeof(*zones), OX_CT_ZONES);
}

/* The next daemon's program goes on with the same timer. */
static void timer_taken_over(void **state)
{
	struct ox_ct_set *s;

	(void)state;
	child_fills(10, 1000000);
	rounds(1);
	s = set_open(MAX);
	rounds(1);
	assert_int_equal(n_claimed(ox_ct_set_mem(s)->bits), 10);
	ox_ct_set_close(s);
	rounds(1);
}

/* ---- what user space asks for ---- */

static void killed(void **state)
{
	struct ox_ct_set *s = set_open(MAX);
	struct ox_ct_mem *m = ox_ct_set_mem(s);
	struct ovsxdp_ct *o = ct_set_progs(s);
	struct ox_ct_stats st;
	uint32_t idx;
	uint16_t gen;

	(void)state;
	assert_non_null(o);
	assert_int_equal(ct_set_commit(o, 2), 2);
	idx = first_place(m);
	gen = ox_ct_mem_at(m, idx)->gen;
	assert_int_equal(m->ops->kill(m, idx, gen + 1), -ENOENT);
	assert_int_equal(OX_CT_ZONE_COUNT(m->zones[ZONE].word), 2);
	assert_int_equal(m->ops->kill(m, idx, gen), 0);
	assert_int_equal(m->ops->kill(m, idx, gen), -ENOENT);
	assert_int_equal(m->ops->kill(m, 0xfffffff0, gen), -ENOENT);
	assert_int_equal(OX_CT_ZONE_COUNT(m->zones[ZONE].word), 1);
	assert_int_equal(n_claimed(m->bits), 1);
	for (uint32_t cpu = 0, n = 0; cpu < m->n_cpus; cpu++) {
		assert_int_equal(m->ops->stats(m, cpu, &st), 0);
		n += st.n[OX_CT_S_INSERT];
		if (cpu + 1 == m->n_cpus)
			assert_int_equal(n, 2);
	}
	assert_int_equal(m->ops->stats(m, m->n_cpus, &st), -ENOENT);
	ovsxdp_ct__destroy(o);
	ox_ct_set_close(s);
}

/* Of all entries, and of no other policy. */
static void policy_taken(void **state)
{
	struct ox_ct_set *s = set_open(MAX);
	struct ox_ct_mem *m = ox_ct_set_mem(s);
	struct ovsxdp_ct *o = ct_set_progs(s);
	uint32_t n[3] = { 0 };

	(void)state;
	assert_non_null(o);
	assert_int_equal(ct_set_commit(o, 4000), 4000);
	for (uint32_t i = 0; i < m->n_chunks * 4096; i++)
		if (ox_ct_mem_at(m, i)->life == OX_CT_LIVE)
			ox_ct_mem_at(m, i)->tp = 16 + (i & 1);
	assert_int_equal(m->ops->untp(m, 17), 0);
	for (uint32_t i = 0; i < m->n_chunks * 4096; i++) {
		const struct ox_ct *e = ox_ct_mem_at(m, i);

		if (e->life == OX_CT_LIVE)
			n[e->tp == OX_CT_TP_TCP ? 0 : e->tp - 15]++;
	}
	assert_int_equal(n[0] + n[1], 4000);
	assert_int_equal(n[2], 0);
	assert_true(n[0] && n[1]);
	ovsxdp_ct__destroy(o);
	ox_ct_set_close(s);
}

/* ---- chunks ---- */

/* Ticks until there is more room, or nothing under way. */
static bool grows(struct ox_ct_set *s)
{
	for (int i = 0; i < 600; i++) {
		if (ox_ct_set_tick(s))
			return true;
		if (!s->growing)
			return false;
		sleep_ms(100);
	}
	return false;
}

static void room_ahead(void **state)
{
	struct ox_ct_set *s = set_open(MAX);
	struct ox_ct_mem *m = ox_ct_set_mem(s);
	struct ovsxdp_ct *o = ct_set_progs(s);

	(void)state;
	assert_non_null(o);
	assert_int_equal(ct_set_commit(o, 8000), 8000);
	assert_false(grows(s));
	assert_int_equal(ct_set_commit(o, 200), 200);
	assert_true(grows(s));
	assert_int_equal(m->n_chunks, 8);
	assert_int_equal(m->conf->n_chunks, 8);
	assert_false(grows(s));
	assert_int_equal(ct_set_commit(o, 16000), 16000);
	assert_true(grows(s));
	assert_int_equal(m->n_chunks, 16);
	/* all that it may have */
	assert_int_equal(ct_set_commit(o, 20000), 20000);
	assert_false(grows(s));
	assert_int_equal(n_claimed(m->bits), 44200);
	ovsxdp_ct__destroy(o);
	ox_ct_set_close(s);
	s = set_open(MAX);
	assert_int_equal(ox_ct_set_mem(s)->n_chunks, 16);
	ox_ct_set_close(s);
}

/* A chunk whose maker died before it counted is made again. */
static void chunk_torn(void **state)
{
	struct ox_ct_set *s = set_open(MAX);
	struct ovsxdp_ct *o = ct_set_progs(s);

	(void)state;
	assert_non_null(o);
	assert_int_equal(ox_ct_chunks_make(s, 2), 0);
	ox_ct_set_close(s);
	s = set_open(MAX);
	assert_int_equal(ox_ct_set_mem(s)->n_chunks, 4);
	assert_int_equal(ct_set_commit(o, 9000), 9000);
	assert_true(grows(s));
	assert_int_equal(ox_ct_set_mem(s)->n_chunks, 8);
	assert_int_equal(ct_set_commit(o, 9000), 9000);
	ovsxdp_ct__destroy(o);
	ox_ct_set_close(s);
}

/* ---- the namespace's folder ---- */

/* In a network namespace of its own, which ends with the child. */
static void child_makes_space(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct ox_ct_params p = { .max = MAX };
		struct ox_ct_set *s;
		struct ox_space sp;

		if (ox_test_netns() || ox_space_open(root, &sp, &err))
			_exit(1);
		_exit(ox_ct_set_open(sp.own, &p, &s, &err) ? 2 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static uint32_t n_tables(void)
{
	char cmd[128], line[16] = "";
	FILE *f;

	snprintf(cmd, sizeof(cmd), "ls -d %s/%%net-*/%s 2>/dev/null | wc -l",
		 root, OX_CT_FOLDER);
	f = popen(cmd, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	pclose(f);
	return (uint32_t)atoi(line);
}

/* What a dead namespace has left goes with the next daemon's start, in whatever
 * namespace; what a live one has is no datapath, and goes when it is unused. */
static void cleaned(void **state)
{
	struct ox_ct_params p = { .max = MAX };
	struct ox_ct_set *s = NULL;
	struct ox_space sp;

	(void)state;
	child_makes_space();
	assert_int_equal(n_tables(), 1);
	/* the kernel ends a namespace some time after its last process */
	for (int i = 0; i < 100; i++) {
		assert_int_equal(ox_space_open(root, &sp, &err), 0);
		if (!n_tables())
			break;
		ox_space_close(&sp);
		sleep_ms(100);
	}
	assert_int_equal(n_tables(), 0);
	assert_int_equal(ox_ct_set_open(sp.own, &p, &s, &err), 0);
	ox_ct_set_close(s);
	assert_int_equal(n_tables(), 1);
	ox_space_remove(&sp);
	assert_int_equal(n_tables(), 0);
	ox_space_close(&sp);
}

/* ---- what happens is told ---- */

static struct ox_ct_event told[8];
static uint32_t n_told;

static void on_event(const struct ox_ct_event *ev, void *arg)
{
	(void)arg;
	assert_true(n_told < 8);
	told[n_told++] = *ev;
}

/* One that a client of netlink makes; its place. */
static uint32_t make_for(struct ox_ct_mem *m, uint32_t portid, uint16_t port)
{
	struct ox_ct e = { .orig = { .pa = port, .pb = 1, .proto = 17 },
			   .alg = OX_CT_NONE,
			   .tp = OX_CT_TP_UDP };
	uint32_t idx = OX_CT_NONE;

	e.orig.l3 = OX_CT_L3_IPV4;
	e.orig.b[0] = 1;
	e.orig.zone = ZONE;
	e.reply = e.orig;
	e.expires = m->ops->now(m) + 1000 * m->conf->hz;
	m->portid = portid;
	assert_int_equal(m->ops->make(m, &e, &idx), 0);
	m->portid = 0;
	return idx;
}

static void is_told(uint32_t i, uint32_t what, uint32_t idx, uint32_t portid)
{
	assert_true(i < n_told);
	assert_int_equal(told[i].what, what);
	assert_int_equal(told[i].idx, idx);
	assert_int_equal(told[i].portid, portid);
	assert_int_equal(told[i].e.orig.zone, ZONE);
}

static void tells(void **state)
{
	struct ox_ct_set *s = set_open(MAX);
	struct ox_ct_mem *m = ox_ct_set_mem(s);
	uint32_t silent, idx;
	char path[128];

	(void)state;
	n_told = 0;
	silent = make_for(m, 7, 1);
	assert_false(ox_ct_ring_left(s));
	assert_int_equal(ox_ct_ring_read(s, 8, on_event, NULL), 0);
	assert_int_equal(ox_ct_ring_open(s), 0);
	assert_true(m->conf->flags & OX_CT_CONF_LISTEN);
	assert_true(ox_ct_ring_fd(s) >= 0);
	idx = make_for(m, 7, 2);
	m->portid = 8;
	assert_int_equal(m->ops->kill(m, silent, ox_ct_mem_at(m, silent)->gen),
			 0);
	m->portid = 9;
	assert_int_equal(m->ops->change(m, idx, ox_ct_mem_at(m, idx)->gen,
					OX_CT_CHANGE_TELL, NULL),
			 0);
	/* not by the way */
	assert_int_equal(m->ops->change(m, idx, ox_ct_mem_at(m, idx)->gen,
					OX_CT_CHANGE_COUNTERS, NULL),
			 0);
	/* one at a time */
	assert_int_equal(ox_ct_ring_read(s, 1, on_event, NULL), 1);
	is_told(0, OX_CT_EV_MADE, idx, 7);
	assert_int_equal(n_told, 1);
	ox_ct_set_close(s);

	/* the next daemon goes on there, and hears what happened before */
	s = set_open(MAX);
	m = ox_ct_set_mem(s);
	assert_true(ox_ct_ring_left(s));
	m->portid = 0;
	assert_int_equal(m->ops->kill(m, idx, ox_ct_mem_at(m, idx)->gen), 0);
	assert_int_equal(ox_ct_ring_open(s), 0);
	assert_int_equal(ox_ct_ring_read(s, 8, on_event, NULL), 2);
	is_told(1, OX_CT_EV_CHANGED, idx, 9);
	is_told(2, OX_CT_EV_DESTROY, idx, 0);
	ox_ct_ring_stop(s);
	assert_false(m->conf->flags & OX_CT_CONF_LISTEN);
	assert_false(ox_ct_ring_left(s));
	ox_ct_set_close(s);

	/* a table of a build that had no place for it */
	pin_path(path, sizeof(path), OX_CT_M_RING);
	assert_int_equal(unlink(path), 0);
	s = set_open(MAX);
	assert_int_equal(access(path, F_OK), 0);
	n_told = 0;
	assert_int_equal(ox_ct_ring_open(s), 0);
	idx = make_for(ox_ct_set_mem(s), 1, 3);
	assert_int_equal(ox_ct_ring_read(s, 8, on_event, NULL), 1);
	is_told(0, OX_CT_EV_MADE, idx, 1);
	ox_ct_set_close(s);
}

/* What finds no room is counted, and nobody waits. */
static void told_too_much(void **state)
{
	uint32_t most = OX_CT_RING_SIZE / sizeof(struct ox_ct_event);
	struct ox_ct_set *s = set_open(MAX);
	struct ox_ct_mem *m = ox_ct_set_mem(s);
	struct ox_ct_stats st;
	uint64_t lost = 0;
	uint32_t idx;
	uint16_t gen;

	(void)state;
	assert_int_equal(ox_ct_ring_open(s), 0);
	idx = make_for(m, 0, 1);
	gen = ox_ct_mem_at(m, idx)->gen;
	for (uint32_t i = 0; i < most; i++)
		assert_int_equal(
			m->ops->change(m, idx, gen, OX_CT_CHANGE_TELL, NULL),
			0);
	for (uint32_t cpu = 0; cpu < m->n_cpus; cpu++) {
		assert_int_equal(m->ops->stats(m, cpu, &st), 0);
		lost += st.n[OX_CT_S_EVENT_LOST];
	}
	/* each record has a header of 8 bytes */
	assert_int_equal(
		lost,
		most + 1 - OX_CT_RING_SIZE / (sizeof(struct ox_ct_event) + 8));
	ox_ct_set_close(s);
}

#define CASE(id, fn) OX_TEST_WITH("bpf.ct_set." id, fn, setup, teardown)

static const struct CMUnitTest tests[] = {
	CASE("made", made),
	CASE("clock", clock_agrees),
	CASE("refuses", refuses),
	CASE("opened_again", opened_again),
	CASE("torn", torn),
	CASE("other_abi", other_abi),
	CASE("expire_alone", expire_alone),
	CASE("flush_alone", flush_alone),
	CASE("timer_taken_over", timer_taken_over),
	CASE("killed", killed),
	CASE("policy_taken", policy_taken),
	CASE("tells", tells),
	CASE("told_too_much", told_too_much),
	CASE("room_ahead", room_ahead),
	CASE("chunk_torn", chunk_torn),
	CASE("cleaned", cleaned),
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
