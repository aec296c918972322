// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_oracle.c - sequences of packets at random, right ones and wrong ones,
 * through our connection tracking and the kernel's: what each packet is, and
 * after each the entry's state, flags, scales, status and remaining timeout.
 *
 *   OX_CT_PACKETS=1000000 OX_CT_SEED=N build/tests/unit/test_ct_oracle
 *
 * runs longer, and again. A difference prints the connection's packets.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

#include "bpf/ct_host.h"
#include "tests/lib/nfct.h"

#define HZ	  1000 /* our jiffies are milliseconds */
#define MAX_STEPS 40
#define FRAME_MAX 1700
#define SLACK	  2 /* seconds that the clocks may differ by, at least */

static struct ox_nfct *oracle;
static struct ox_ct_host_mem *ct;
static const char *why;
static uint64_t rng;
static uint32_t n_packets;
/* The longest step of a connection, in ms: the kernel may have seen any packet
 * that much later than we. */
static uint32_t slowest;

/* What was sent on one connection. */
struct history {
	char line[MAX_STEPS][160];
	uint32_t n;
};
static struct history past;

static uint32_t rnd(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng >> 16;
}

static uint32_t below(uint32_t n)
{
	return rnd() % n;
}

static int one_in(uint32_t n)
{
	return !below(n);
}

static uint32_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint32_t from_env(const char *name, uint32_t none)
{
	const char *v = getenv(name);

	return v ? strtoul(v, NULL, 0) : none;
}

/* ---- knobs, set in both ---- */

struct knobs {
	uint32_t loose, liberal, ignore_rst, retrans;
	uint32_t timeout[14]; /* by enum tcp_conntrack; 0: the default */
};

static const char *const timeout_names[14] = {
	[1] = "tcp_timeout_syn_sent",	  [2] = "tcp_timeout_syn_recv",
	[3] = "tcp_timeout_established",  [4] = "tcp_timeout_fin_wait",
	[5] = "tcp_timeout_close_wait",	  [6] = "tcp_timeout_last_ack",
	[7] = "tcp_timeout_time_wait",	  [8] = "tcp_timeout_close",
	[12] = "tcp_timeout_max_retrans", [13] = "tcp_timeout_unacknowledged",
};
static const uint32_t default_timeouts[14] = {
	120, 120, 60, 432000, 120, 60, 30, 120, 10, 120, 0, 0, 300, 300,
};

/* Timeouts that are all different tell more. */
static const struct knobs all_knobs[] = {
	{ 1, 0, 0, 3, { 0 } },
	{ 1,
	  0,
	  0,
	  2,
	  { 0, 1000, 2000, 9000, 3000, 4000, 5000, 6000, 7000, 0, 0, 0, 800,
	    900 } },
	{ 1,
	  0,
	  1,
	  3,
	  { 0, 1000, 2000, 9000, 3000, 4000, 5000, 6000, 7000, 0, 0, 0, 4500,
	    3500 } },
	{ 0, 0, 0, 3, { 0, 100, 200, 9000, 300, 400, 500, 600, 700 } },
	{ 1, 1, 0, 1, { 0, 100, 200, 9000, 300, 400, 500, 600, 700 } },
};

static void set_knobs(const struct knobs *k)
{
	struct ox_ct_tp *tp = &ct->tps[OX_CT_TP_TCP];

	for (int i = 1; i < 14; i++) {
		uint32_t v = k->timeout[i] ? k->timeout[i]
					   : default_timeouts[i];

		tp->timeout[i] = v * HZ;
		if (timeout_names[i])
			assert_int_equal(ox_nfct_set(timeout_names[i], v), 0);
	}
	assert_int_equal(ox_nfct_set("tcp_loose", k->loose), 0);
	assert_int_equal(ox_nfct_set("tcp_be_liberal", k->liberal), 0);
	assert_int_equal(ox_nfct_set("tcp_ignore_invalid_rst", k->ignore_rst),
			 0);
	assert_int_equal(ox_nfct_set("tcp_max_retrans", k->retrans), 0);
	ct->conf->flags = (k->loose ? OX_CT_CONF_LOOSE : 0) |
			  (k->liberal ? OX_CT_CONF_LIBERAL : 0) |
			  (k->ignore_rst ? OX_CT_CONF_IGNORE_INVALID_RST : 0);
	ct->conf->max_retrans = k->retrans;
}

/* ---- packets ---- */

struct packet {
	uint8_t b[FRAME_MAX]; /* Ethernet, IPv4, and so on */
	uint32_t len;
};

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* Two ends. */
struct conn {
	uint8_t addr[2][4];
	uint16_t port[2];
	uint8_t proto;
	uint32_t nxt[2];  /* seq that the end would send next */
	uint32_t una[2];  /* and what the other one has acknowledged */
	uint8_t scale[2]; /* offered */
};

static uint8_t *put_ip(struct packet *p, const struct conn *c, int from)
{
	static const uint8_t eth[14] = { 2, 0, 0, 0, 0, 1, 2,
					 0, 0, 0, 0, 2, 8, 0 };
	uint8_t *ip = p->b + 14;

	memset(p->b, 0, 64);
	memcpy(p->b, eth, 14);
	ip[0] = 0x45;
	ip[6] = 0x40; /* don't fragment */
	ip[8] = 64;
	ip[9] = c->proto;
	memcpy(ip + 12, c->addr[from], 4);
	memcpy(ip + 16, c->addr[!from], 4);
	return ip + 20;
}

static void end_ip(struct packet *p, uint8_t *end)
{
	p->len = end - p->b;
	put16(p->b + 16, p->len - 14);
}

struct segment {
	uint8_t flags;
	uint32_t seq, ack;
	uint16_t win;
	uint8_t options[40];
	uint32_t n_options; /* bytes, a multiple of 4 */
	uint32_t payload;
};

static void put_tcp(struct packet *p, const struct conn *c, int from,
		    const struct segment *s)
{
	uint8_t *t = put_ip(p, c, from);

	put16(t, c->port[from]);
	put16(t + 2, c->port[!from]);
	put32(t + 4, s->seq);
	put32(t + 8, s->ack);
	t[12] = (20 + s->n_options) / 4 << 4;
	t[13] = s->flags;
	put16(t + 14, s->win);
	put32(t + 16, 0);
	memcpy(t + 20, s->options, s->n_options);
	memset(t + 20 + s->n_options, 0x55, s->payload);
	end_ip(p, t + 20 + s->n_options + s->payload);
}

/* ---- segments at random ---- */

#define FIN 1
#define SYN 2
#define RST 4
#define PSH 8
#define ACK 16
#define URG 32

static uint32_t near(uint32_t v)
{
	return v + below(5) - 2;
}

/* Our entry's bounds are where decisions change. */
static uint32_t bound(const struct ox_ct *e, int what)
{
	const struct ox_ct_tcp_seen *s;

	if (!e)
		return rnd();
	s = &e->tcp.seen[below(2)];
	switch (what) {
	case 0:
		return near(s->td_end);
	case 1:
		return near(s->td_maxend);
	case 2:
		return near(s->td_end - s->td_maxwin);
	case 3:
		return near(s->td_maxack);
	case 4:
		return near(s->td_end - 66000);
	case 5:
		return near(e->tcp.last_end);
	case 6:
		return near(e->tcp.last_seq);
	default:
		return near(e->tcp.last_ack);
	}
}

static uint32_t some_seq(const struct conn *c, int from, const struct ox_ct *e)
{
	switch (below(24)) {
	case 0:
		return rnd();
	case 1:
		return 0;
	case 2:
		return c->una[from];
	case 3:
		return c->nxt[from] - below(3000);
	case 4:
		return c->nxt[from] + below(70000);
	case 5:
	case 6:
	case 7:
		return bound(e, below(8));
	default:
		return c->nxt[from];
	}
}

static uint32_t some_ack(const struct conn *c, int from, const struct ox_ct *e)
{
	switch (below(24)) {
	case 0:
		return rnd();
	case 1:
		return 0;
	case 2:
		return c->una[!from];
	case 3:
		return c->nxt[!from] + below(70000);
	case 4:
	case 5:
	case 6:
		return bound(e, below(8));
	default:
		return c->nxt[!from];
	}
}

static uint16_t some_win(void)
{
	static const uint16_t wins[] = { 0, 1, 2, 100, 1000, 29200, 65535 };

	return one_in(3) ? rnd() : wins[below(7)];
}

static uint8_t some_flags(const struct ox_ct *e)
{
	static const uint8_t usual[] = {
		SYN,	   SYN | ACK, ACK,	 ACK,	    ACK,
		ACK | PSH, ACK,	      FIN | ACK, FIN | ACK, RST,
		RST | ACK, SYN,	      SYN | ACK, ACK | URG, FIN | ACK | URG,
	};

	if (!e && !one_in(4))
		return one_in(3) ? ACK : SYN;
	if (one_in(60))
		return rnd();
	if (e && e->proto_state == 3 && !one_in(3))
		return one_in(4) ? FIN | ACK : ACK;
	return usual[below(sizeof(usual))] | (one_in(20) ? rnd() & 0xc8 : 0);
}

static void add_option(struct segment *s, uint8_t kind, uint8_t size,
		       const void *value, uint32_t n)
{
	uint32_t at = s->n_options;

	if (at + 2 + n > sizeof(s->options))
		return;
	s->options[at] = kind;
	s->options[at + 1] = size;
	if (n)
		memcpy(s->options + at + 2, value, n);
	s->n_options = at + 2 + n;
}

static void add_nop(struct segment *s)
{
	if (s->n_options < sizeof(s->options))
		s->options[s->n_options++] = 1;
}

static void some_sack(struct segment *s, const struct conn *c, int from,
		      const struct ox_ct *e)
{
	uint32_t n = 1 + below(4), edges[8];

	for (uint32_t i = 0; i < 2 * n; i++)
		edges[i] = htonl(one_in(3)
					 ? bound(e, below(8))
					 : c->nxt[!from] + below(4000) - 2000);
	add_option(s, 5, one_in(20) ? rnd() : 2 + 8 * n, edges, 8 * n);
}

static void some_options(struct segment *s, const struct conn *c, int from,
			 const struct ox_ct *e)
{
	uint8_t stamp[8] = { 0 }, mss[2] = { 5, 0xb4 }, scale;

	if (one_in(3))
		return;
	if (s->flags & SYN || one_in(10)) {
		scale = one_in(3) ? below(20) : c->scale[from];
		if (!one_in(3))
			add_option(s, 2, 4, mss, 2);
		if (!one_in(3))
			add_option(s, 4, one_in(20) ? 3 : 2, NULL, 0);
		if (one_in(2))
			add_nop(s);
		if (!one_in(3))
			add_option(s, 3, one_in(20) ? 4 : 3, &scale, 1);
	}
	if (one_in(2)) {
		add_nop(s);
		add_nop(s);
		add_option(s, 8, 10, stamp, 8);
	}
	if (!(s->flags & SYN) && one_in(2)) {
		add_nop(s);
		add_nop(s);
		some_sack(s, c, from, e);
	}
	if (one_in(20))
		add_option(s, rnd(), rnd(), stamp, below(8));
	while (s->n_options & 3)
		s->options[s->n_options++] = one_in(2);
}

static void some_segment(struct segment *s, struct conn *c, int from,
			 const struct ox_ct *e)
{
	memset(s, 0, sizeof(*s));
	s->flags = some_flags(e);
	s->seq = some_seq(c, from, e);
	s->ack = s->flags & ACK || one_in(8) ? some_ack(c, from, e) : 0;
	s->win = some_win();
	if (!(s->flags & (SYN | RST)) && one_in(2))
		s->payload = one_in(4) ? 1 + below(1400) : 1 + below(20);
	if (one_in(40))
		s->payload = below(30);
	some_options(s, c, from, e);
	if (s->payload > 1480 - 40 - s->n_options)
		s->payload = 100;
}

/* The ends go on as if they had taken it. */
static void went(struct conn *c, int from, const struct segment *s)
{
	uint32_t end =
		s->seq + s->payload + !!(s->flags & SYN) + !!(s->flags & FIN);

	if (s->flags & SYN || (int32_t)(end - c->nxt[from]) > 0)
		c->nxt[from] = end;
	if (s->flags & ACK)
		c->una[!from] = s->ack;
}

/* ---- the comparison ---- */

static void note(const char *fmt, ...)
{
	va_list ap;

	if (past.n >= MAX_STEPS)
		return;
	va_start(ap, fmt);
	vsnprintf(past.line[past.n++], sizeof(past.line[0]), fmt, ap);
	va_end(ap);
}

static void differ(const char *what, uint32_t ours, uint32_t theirs)
{
	for (uint32_t i = 0; i < past.n; i++)
		print_message("# %s\n", past.line[i]);
	fail_msg("%s: %#x (%u), nf_conntrack %#x (%u); seed %u", what, ours,
		 ours, theirs, theirs, from_env("OX_CT_SEED", 0));
}

#define same(what, ours, theirs)                    \
	do {                                        \
		if ((ours) != (theirs))             \
			differ(what, ours, theirs); \
	} while (0)

static int our_state(const struct ox_ct_run *r)
{
	static const uint8_t state[] = {
		[OX_CT_I_NONE] = OX_NFCT_INVALID,
		[OX_CT_I_NEW] = OX_NFCT_NEW,
		[OX_CT_I_ESTABLISHED] = OX_NFCT_ESTABLISHED,
		[OX_CT_I_RELATED] = OX_NFCT_RELATED,
	};

	return state[r->info] |
	       (r->info != OX_CT_I_NONE && r->dir ? OX_NFCT_REPLY : 0);
}

/* Runs a packet on our side: what it is. */
static int run_ours(struct packet *p)
{
	struct ox_host_pkt pkt = { .data = p->b, .len = p->len };
	struct ox_ct_run r = { 0 };
	int state;

	ct->now = now_ms();
	r.now = ct->now;
	ox_ct_host_parse(&pkt, OX_NFCT_ZONE, &r.p);
	if (ox_ct_host_in(ct, &r))
		return OX_NFCT_LOST;
	state = our_state(&r);
	if (r.made && r.info != OX_CT_I_NONE)
		same("commit", (uint32_t)ox_ct_host_commit(ct, &r), 0);
	ox_ct_host_over(ct, &r);
	return state;
}

static void compare_timeout(const struct ox_ct *e, uint32_t theirs)
{
	int32_t ours = (int32_t)(e->expires - now_ms()) / HZ;
	int32_t slack = SLACK + slowest / HZ;

	if (ours - (int32_t)theirs > slack || (int32_t)theirs - ours > slack)
		differ("timeout", ours, theirs);
}

#define STATUS                                                   \
	(OX_IPS_SEEN_REPLY | OX_IPS_ASSURED | OX_IPS_CONFIRMED | \
	 OX_IPS_EXPECTED)

static void compare_entry(struct ox_ct_pkt *p)
{
	const struct ox_ct *e = ox_ct_host_find(ct, p);
	struct ox_nfct_entry nf;
	int err = ox_nfct_get(oracle, &p->t, &nf);

	same("entry", e ? 0 : -ENOENT, err);
	if (!e)
		return;
	same("who began", (uint32_t)e->init_b, nf.from_b);
	same("status", e->status & STATUS, nf.status & STATUS);
	if (now_ms() - ct->now > slowest)
		slowest = now_ms() - ct->now;
	compare_timeout(e, nf.timeout);
	if (p->t.proto == IPPROTO_TCP) {
		same("state", e->proto_state, nf.proto_state);
		same("flags", e->tcp.flags[0], nf.tcp_flags[0]);
		same("reply's flags", e->tcp.flags[1], nf.tcp_flags[1]);
		same("scale", e->tcp.scale & 15, nf.tcp_scale[0]);
		same("reply's scale", e->tcp.scale >> 4, nf.tcp_scale[1]);
	} else if (p->t.proto == IPPROTO_DCCP) {
		same("state", e->proto_state, nf.proto_state);
	} else if (p->t.proto == IPPROTO_SCTP) {
		same("state", e->proto_state, nf.proto_state);
		same("vtag", e->sctp.vtag[0], nf.sctp_vtag[0]);
		same("reply's vtag", e->sctp.vtag[1], nf.sctp_vtag[1]);
	}
}

/* One packet through both. base: a packet of the connection, for its tuple. */
static void step(struct packet *p, struct ox_ct_pkt *base)
{
	int ours = run_ours(p);
	int theirs = ox_nfct_send(oracle, p->b + 14, p->len - 14);

	n_packets++;
	if (past.n) {
		char *l = past.line[past.n - 1];

		snprintf(l + strlen(l), sizeof(past.line[0]) - strlen(l),
			 " -> %d", ours);
	}
	same("packet", (uint32_t)ours, (uint32_t)theirs);
	compare_entry(base);
}

static void new_conn(struct conn *c, uint8_t proto)
{
	static uint32_t n;

	memset(c, 0, sizeof(*c));
	past.n = 0;
	slowest = 0;
	n++;
	put32(c->addr[0], 0x0a000001 + (n >> 12));
	put32(c->addr[1], 0x0a800001 + below(4));
	if (one_in(2)) {
		uint8_t t[4];

		memcpy(t, c->addr[0], 4);
		memcpy(c->addr[0], c->addr[1], 4);
		memcpy(c->addr[1], t, 4);
	}
	c->port[0] = 1024 + (n & 4095) * 8 + below(8);
	c->port[1] = one_in(4) ? c->port[0] : 80;
	c->proto = proto;
	for (int i = 0; i < 2; i++) {
		c->nxt[i] = one_in(3) ? 0xfffffff0 + below(32) : rnd();
		c->scale[i] = below(15);
	}
}

static void put_other(struct packet *p, const struct conn *c, int from);

/* The tuple of a connection, from a packet of its end 0. */
static void tuple_of(const struct conn *c, struct ox_ct_pkt *base)
{
	struct segment s = { .flags = SYN };
	struct packet p;
	struct ox_host_pkt pkt = { .data = p.b };

	if (c->proto == IPPROTO_TCP)
		put_tcp(&p, c, 0, &s);
	else
		put_other(&p, c, 0);
	pkt.len = p.len;
	assert_int_equal(ox_ct_host_parse(&pkt, OX_NFCT_ZONE, base), 0);
}

/* All that a sequence has left, on both sides. */
static void forget(void)
{
	const struct ox_ct *e;

	for (uint32_t i = 0; i < ct->conf->max; i++) {
		e = &ct->ents[i];
		if (e->life != OX_CT_LIVE)
			continue;
		assert_int_equal(ox_nfct_del(oracle, &e->orig), 0);
		assert_int_equal(ox_ct_host_kill(ct, e), 0);
	}
}

static void tcp_step(struct conn *c, struct ox_ct_pkt *base)
{
	const struct ox_ct *e = ox_ct_host_find(ct, base);
	int from = below(2);
	struct segment s;
	struct packet p;

	some_segment(&s, c, from, e);
	put_tcp(&p, c, from, &s);
	note("%d: flags %02x seq %u ack %u win %u options %u payload %u", from,
	     s.flags, s.seq, s.ack, s.win, s.n_options, s.payload);
	step(&p, base);
	went(c, from, &s);
	if (one_in(6)) { /* the same again */
		note("again");
		step(&p, base);
	}
}

static void tcp_sequence(void)
{
	uint32_t n = 4 + below(24);
	struct ox_ct_pkt base;
	struct conn c;

	new_conn(&c, IPPROTO_TCP);
	tuple_of(&c, &base);
	while (n--)
		tcp_step(&c, &base);
	forget();
}

static void tcp(void **state)
{
	uint32_t want = from_env("OX_CT_PACKETS", 12000), k;

	(void)state;
	if (!oracle)
		ox_skip(why);
	n_packets = 0;
	for (k = 0; k < sizeof(all_knobs) / sizeof(*all_knobs); k++) {
		set_knobs(&all_knobs[k]);
		while (n_packets < want / 5 * (k + 1))
			tcp_sequence();
	}
	print_message("# %u packets\n", n_packets);
}

/* ---- other protocols ---- */

/* A right one: what a connection begins with. */
static void put_other(struct packet *p, const struct conn *c, int from)
{
	uint8_t *l4 = put_ip(p, c, from);

	memset(l4, 0, 64);
	put16(l4, c->port[from]);
	put16(l4 + 2, c->port[!from]);
	switch (c->proto) {
	case IPPROTO_UDP:
		put16(l4 + 4, 16);
		break;
	case IPPROTO_ICMP:
		put32(l4, 8 << 24);
		put16(l4 + 4, c->port[0]);
		break;
	case IPPROTO_GRE:
		put32(l4, 0x0800);
		break;
	case IPPROTO_DCCP: /* Request */
		l4[4] = 7;
		l4[8] = 1;
		end_ip(p, l4 + 28);
		return;
	case IPPROTO_SCTP: /* INIT */
		put32(l4 + 12, 0x01000014);
		put32(l4 + 16, c->nxt[from]);
		end_ip(p, l4 + 32);
		return;
	default:
		break;
	}
	end_ip(p, l4 + 16);
}

static void some_icmp(uint8_t *l4, const struct conn *c, int from)
{
	static const uint8_t types[] = { 8,  0,	 8,  0,	 8,  0, 13,
					 14, 15, 16, 17, 18, 9, 10 };

	l4[0] = one_in(30) ? rnd() : types[below(sizeof(types))];
	if (from && l4[0] == 8 && !one_in(8))
		l4[0] = 0;
	l4[1] = one_in(20) ? below(3) : 0;
	put16(l4 + 4, one_in(10) ? rnd() : c->port[0]);
}

/* A verification tag that its end may have, or any. */
static uint32_t some_vtag(const struct conn *c, int from)
{
	switch (below(10)) {
	case 0:
		return 0;
	case 1:
		return rnd();
	case 2:
		return c->nxt[from];
	default:
		return c->nxt[!from];
	}
}

static uint8_t *some_chunk(uint8_t *l4, const struct conn *c, int from)
{
	static const uint8_t types[] = { 0, 1, 1, 1, 2,	 2,  2,	 3,  4, 5,
					 6, 7, 8, 9, 10, 10, 11, 11, 14 };
	uint8_t type = types[below(sizeof(types))];
	uint32_t len = type == 1 || type == 2 ? 20 : 4 + below(8);

	if (one_in(60))
		type = rnd();
	memset(l4, 0, 24);
	l4[0] = type;
	l4[1] = one_in(3) ? 1 : 0;
	put16(l4 + 2, one_in(60) ? 0 : len);
	if (len == 20)
		put32(l4 + 4, one_in(6) ? rnd() : c->nxt[from]);
	note("chunk %u length %u tag %#x", type, l4[2] << 8 | l4[3],
	     l4[4] << 24 | l4[5] << 16 | l4[6] << 8 | l4[7]);
	return l4 + ((len + 3) & ~3u);
}

static uint8_t *some_sctp(uint8_t *l4, const struct conn *c, int from)
{
	uint32_t n = one_in(4) ? 1 + below(4) : 1, vtag = some_vtag(c, from);
	uint8_t *at = l4 + 12;

	while (n--)
		at = some_chunk(at, c, from);
	if (l4[12] == 1 && !one_in(8))
		vtag = 0;
	put32(l4 + 4, vtag);
	note("%d: vtag %#x", from, vtag);
	return at;
}

/* A packet of DCCP with 48-bit numbers, and all that any type has. */
static uint8_t *some_dccp(uint8_t *l4, struct conn *c, int from)
{
	static const uint8_t usual[2][8] = { { 0, 0, 3, 3, 2, 4, 6, 7 },
					     { 1, 1, 3, 2, 4, 5, 6, 7 } };
	uint8_t type = one_in(4) ? below(11) : usual[from][below(8)];

	memset(l4 + 4, 0, 24);
	l4[4] = 7;
	l4[8] = type << 1 | 1;
	put32(l4 + 12, c->nxt[from] += below(2));
	put32(l4 + 20, one_in(4) ? rnd() : c->nxt[!from]);
	note("type %u", type);
	return l4 + 28;
}

static void other_step(struct conn *c, struct ox_ct_pkt *base)
{
	int from = below(2);
	struct packet p;
	uint8_t *l4 = p.b + 34, *end = l4 + 16;

	put_other(&p, c, from);
	if (c->proto == IPPROTO_ICMP)
		some_icmp(l4, c, from);
	else if (c->proto == IPPROTO_SCTP)
		end = some_sctp(l4, c, from);
	else if (c->proto == IPPROTO_DCCP)
		end = some_dccp(l4, c, from);
	else if (c->proto == IPPROTO_UDP && one_in(20))
		put16(l4 + 4, below(24));
	if (one_in(60) && c->proto != IPPROTO_DCCP)
		end = l4 + below(12);
	end_ip(&p, end);
	note("%d: protocol %u, %02x%02x %02x%02x, %u bytes", from, c->proto,
	     l4[0], l4[1], l4[4], l4[5], p.len - 34);
	step(&p, base);
}

static void other_sequences(uint8_t proto, uint32_t want)
{
	struct ox_ct_pkt base;
	struct conn c;
	uint32_t n;

	if (!oracle)
		ox_skip(why);
	for (n_packets = 0; n_packets < want;) {
		new_conn(&c, proto);
		if (proto == IPPROTO_GRE || proto == 99)
			c.port[0] = c.port[1] = 0;
		tuple_of(&c, &base);
		for (n = 2 + below(14); n; n--)
			other_step(&c, &base);
		forget();
	}
}

#define OTHER (from_env("OX_CT_PACKETS", 12000) / 8)

static void udp(void **state)
{
	(void)state;
	other_sequences(IPPROTO_UDP, OTHER);
}

static void icmp(void **state)
{
	(void)state;
	other_sequences(IPPROTO_ICMP, OTHER);
}

static void gre(void **state)
{
	(void)state;
	other_sequences(IPPROTO_GRE, OTHER);
}

static void unknown(void **state)
{
	(void)state;
	other_sequences(99, OTHER);
}

static void sctp(void **state)
{
	static const char *const names[] = {
		[1] = "closed",
		[2] = "cookie_wait",
		[3] = "cookie_echoed",
		[4] = "established",
		[5] = "shutdown_sent",
		[6] = "shutdown_recd",
		[7] = "shutdown_ack_sent",
		[8] = "heartbeat_sent",
	};
	char name[64];

	(void)state;
	for (uint32_t i = 1; oracle && i < 9; i++) {
		snprintf(name, sizeof(name), "sctp_timeout_%s", names[i]);
		assert_int_equal(ox_nfct_set(name, i * 1000), 0);
		ct->tps[OX_CT_TP_SCTP].timeout[i] = i * 1000 * HZ;
	}
	other_sequences(IPPROTO_SCTP, OTHER * 2);
}

/* Linux 6.1 has a tracker of it, newer ones have none. */
static void dccp(void **state)
{
	static const char *const names[] = {
		[1] = "request",  [2] = "respond",  [3] = "partopen",
		[4] = "open",	  [5] = "closereq", [6] = "closing",
		[7] = "timewait",
	};
	char name[64];

	(void)state;
	for (uint32_t i = 1; oracle && i < 8; i++) {
		snprintf(name, sizeof(name), "dccp_timeout_%s", names[i]);
		if (ox_nfct_set(name, i * 1000))
			ox_skip("this kernel doesn't track DCCP");
		ct->tps[OX_CT_TP_DCCP].timeout[i] = i * 1000 * HZ;
	}
	other_sequences(IPPROTO_DCCP, OTHER * 2);
}

/* Two-way for over two seconds is a stream. */
static void udp_stream(void **state)
{
	static const uint8_t from[] = { 0, 1, 0, 1, 0 };
	struct ox_ct_pkt base;
	struct packet p;
	struct conn c;

	(void)state;
	if (!oracle)
		ox_skip(why);
	new_conn(&c, IPPROTO_UDP);
	tuple_of(&c, &base);
	for (uint32_t i = 0; i < sizeof(from); i++) {
		if (i == 3)
			usleep(2200000);
		put_other(&p, &c, from[i]);
		step(&p, &base);
	}
	assert_true(ox_ct_host_find(ct, &base)->status & OX_IPS_ASSURED);
	forget();
}

static int setup(void **state)
{
	(void)state;
	rng = 0x9e3779b97f4a7c15ull * (from_env("OX_CT_SEED", 1) + 1);
	ct = ox_ct_host_open(128, HZ);
	assert_non_null(ct);
	oracle = ox_nfct_open(&why);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ox_nfct_close(oracle);
	ox_ct_host_close(ct);
	return 0;
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.ct_oracle.tcp", tcp),
	OX_TEST("unit.ct_oracle.udp", udp),
	OX_TEST("unit.ct_oracle.udp_stream", udp_stream),
	OX_TEST("unit.ct_oracle.icmp", icmp),
	OX_TEST("unit.ct_oracle.gre", gre),
	OX_TEST("unit.ct_oracle.unknown", unknown),
	OX_TEST("unit.ct_oracle.sctp", sctp),
	OX_TEST("unit.ct_oracle.dccp", dccp),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
