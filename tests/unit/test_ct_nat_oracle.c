// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_nat_oracle.c - connections at random through our NAT and the kernel's
 * (nft's snat and dnat): which ends they get, and all bytes of each packet that
 * comes out, of both directions, and of ICMP errors about them.
 *
 *   OX_CT_PACKETS=100000 OX_CT_SEED=N build/tests/unit/test_ct_nat_oracle
 *
 * Where a port is chosen at random, ours must be in the same range, and free.
 * Then our connection is made anew with the kernel's port, so that both tables
 * stay the same.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "bpf/core/ct_key.h"
#include "bpf/ct_host.h"
#include "tests/lib/nfct.h"
#include "tests/unit/ct_sum.h"

#define HZ    1000
#define FRAME 512
#define SOON  5 /* ms for a packet that mustn't come out */

static struct ox_nfct *oracle;
static struct ox_ct_host_mem *ct;
static const char *why;
static uint64_t rng;
static uint32_t n_packets, n_sought, n_errors, n_refused;

static uint32_t below(uint32_t n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (rng >> 16) % n;
}

static int one_in(uint32_t n)
{
	return !below(n);
}

static uint32_t from_env(const char *name, uint32_t none)
{
	const char *v = getenv(name);

	return v ? strtoul(v, NULL, 0) : none;
}

/* ---- rules ---- */

/* A rule of NAT: addresses by their last byte, ports; 0: none. */
struct rule {
	uint8_t dst;
	uint8_t lo, hi;
	uint16_t plo, phi;
	uint16_t flags;	 /* OX_CT_F_{PERSISTENT,HASH,RANDOM} */
	uint8_t sources; /* that speak */
};

static const struct rule rules[] = {
	{ 0, 1, 1, 0, 0, 0, 4 },
	{ 0, 1, 8, 0, 0, 0, 9 },
	{ 0, 1, 7, 0, 0, OX_CT_F_PERSISTENT, 9 },
	{ 0, 1, 1, 5000, 5059, 0, 3 }, /* is exhausted */
	{ 0, 1, 1, 1000, 1010, 0, 9 },
	{ 0, 1, 1, 1001, 1001, 0, 3 },
	{ 0, 1, 3, 20000, 40000, 0, 4 },
	{ 0, 1, 2, 20000, 40000, OX_CT_F_PERSISTENT, 4 },
	{ 0, 1, 1, 0, 0, OX_CT_F_RANDOM, 4 },
	{ 0, 1, 2, 2000, 60000, OX_CT_F_HASH, 4 },
	{ 1, 1, 1, 0, 0, 0, 4 },
	{ 1, 1, 8, 0, 0, 0, 9 },
	{ 1, 1, 7, 0, 0, OX_CT_F_PERSISTENT, 9 },
	{ 1, 1, 1, 8080, 8080, 0, 4 },
	{ 1, 1, 3, 8080, 8083, 0, 4 },
};
#define N_RULES (sizeof(rules) / sizeof(*rules))

static int v6;
static uint8_t proto;

static int is_icmp(void)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

static int has_ports(void)
{
	return !is_icmp() && proto != IPPROTO_GRE && proto != 99;
}

/* The address of an end, of a net: 0 for who speaks, DST_NET and a rule's
 * number for who answers, 200 for what NAT gives. */
#define DST_NET 20

static void put_addr(uint8_t *to, uint8_t net, uint8_t host)
{
	memset(to, 0, v6 ? 16 : 4);
	to[0] = v6 ? 0xfd : 10;
	to[1] = net;
	to[v6 ? 15 : 3] = host;
}

static const char *show_addr(uint8_t net, uint8_t host, char *buf)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t a[16];

	put_addr(a, net, host);
	inet_ntop(v6 ? AF_INET6 : AF_INET, a, text, sizeof(text));
	sprintf(buf, v6 ? "[%s]" : "%s", text);
	return buf;
}

/* Does nft have it for protocols without ports, too? */
static int for_all(const struct rule *r)
{
	return !r->plo && !(r->flags & OX_CT_F_ANY_PORT);
}

/* A rule is for one net of who answers; with ports, for a protocol. */
static void write_rule(FILE *f, const struct rule *r, uint8_t only)
{
	char lo[64], hi[64];
	uint32_t net = DST_NET + (r - rules);

	if (v6)
		fprintf(f, "  ip6 daddr fd%02x::/16", net);
	else
		fprintf(f, "  ip daddr 10.%u.0.0/16", net);
	if (only)
		fprintf(f, " meta l4proto %u", only);
	fprintf(f, " %s %s to %s-%s", r->dst ? "dnat" : "snat",
		v6 ? "ip6" : "ip", show_addr(200, r->lo, lo),
		show_addr(200, r->hi, hi));
	if (r->plo)
		fprintf(f, ":%u-%u", r->plo, r->phi);
	if (r->flags & OX_CT_F_HASH)
		fputs(" random", f);
	if (r->flags & OX_CT_F_RANDOM)
		fputs(" fully-random", f);
	if (r->flags & OX_CT_F_PERSISTENT)
		fputs(" persistent", f);
	fputc('\n', f);
}

static const uint8_t with_ports[] = { IPPROTO_UDP, IPPROTO_TCP, IPPROTO_SCTP,
				      IPPROTO_UDPLITE, IPPROTO_DCCP };

static int put_rules(void)
{
	char *text[2] = { NULL, NULL };
	size_t size[2];
	FILE *f[2] = { open_memstream(&text[0], &size[0]),
		       open_memstream(&text[1], &size[1]) };
	int err;

	for (v6 = 0; v6 < 2; v6++) {
		for (uint32_t i = 0; i < N_RULES; i++) {
			const struct rule *r = &rules[i];

			if (for_all(r))
				write_rule(f[!r->dst], r, 0);
			else
				for (size_t p = 0; p < sizeof(with_ports); p++)
					write_rule(f[!r->dst], r,
						   with_ports[p]);
		}
	}
	fclose(f[0]);
	fclose(f[1]);
	err = ox_nfct_nat(text[0], text[1]);
	free(text[0]);
	free(text[1]);
	return err;
}

static struct ox_ct_act act_of(const struct rule *r)
{
	struct ox_ct_act a = { .zone = OX_NFCT_ZONE };

	a.flags = OX_CT_F_COMMIT | OX_CT_F_NAT | OX_CT_F_NAT_ADDR | r->flags;
	a.flags |= r->dst ? OX_CT_F_DNAT : OX_CT_F_SNAT;
	put_addr((uint8_t *)a.nat_min, 200, r->lo);
	put_addr((uint8_t *)a.nat_max, 200, r->hi);
	if (r->plo) {
		a.flags |= OX_CT_F_NAT_PORT;
		a.port_min = htons(r->plo);
		a.port_max = htons(r->phi);
	}
	return a;
}

/* ---- packets ---- */

struct packet {
	uint8_t b[FRAME]; /* Ethernet in front */
	uint32_t len;
};

static uint8_t *ip_of(struct packet *p)
{
	return p->b + 14;
}

static uint32_t hdr_len(void)
{
	return v6 ? 40 : 20;
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static uint8_t *put_ip(struct packet *p, const struct ox_nfct_ends *e,
		       uint8_t what, uint32_t len)
{
	uint8_t *ip = ip_of(p);

	memset(p, 0, sizeof(*p));
	p->b[5] = 1;
	p->b[11] = 2;
	put16(p->b + 12, v6 ? 0x86dd : 0x0800);
	p->len = 14 + hdr_len() + len;
	if (v6) {
		ip[0] = 0x60;
		put16(ip + 4, len);
		ip[6] = what;
		ip[7] = 64;
		memcpy(ip + 8, e->src, 16);
		memcpy(ip + 24, e->dst, 16);
	} else {
		ip[0] = 0x45;
		put16(ip + 2, 20 + len);
		ip[8] = 64;
		ip[9] = what;
		memcpy(ip + 12, e->src, 4);
		memcpy(ip + 16, e->dst, 4);
	}
	return ip + hdr_len();
}

/* The n-th packet of a direction. Sequence numbers fit. */
static void put_tcp(uint8_t *l4, int reply, uint32_t nth)
{
	l4[7] = nth ? 101 : 100;
	l4[11] = reply || nth ? 101 : 0;
	l4[12] = 0x50;
	l4[13] = nth ? OX_TH_ACK : OX_TH_SYN | (reply ? OX_TH_ACK : 0);
	put16(l4 + 14, 1000);
}

static void put_packet(struct packet *p, const struct ox_nfct_ends *e,
		       int reply, uint32_t nth)
{
	uint32_t len = 28 + below(100);
	uint8_t *l4 = put_ip(p, e, proto, len);

	for (uint32_t i = 0; i < len; i++)
		l4[i] = i < 28 ? 0 : below(256);
	if (has_ports()) {
		memcpy(l4, &e->sport, 2);
		memcpy(l4 + 2, &e->dport, 2);
	}
	if (proto == IPPROTO_TCP) {
		put_tcp(l4, reply, nth);
	} else if (proto == IPPROTO_UDP) {
		put16(l4 + 4, len);
	} else if (proto == IPPROTO_SCTP) {
		l4[7] = 77;
		l4[12] = reply ? 5 : 4; /* HEARTBEAT, its ACK */
		put16(l4 + 14, len - 12);
	} else if (proto == IPPROTO_DCCP) {
		l4[4] = 7;
		l4[8] = 1 | reply << 1; /* Request, Response */
		l4[15] = 1 + nth;
		l4[23] = reply;
	} else if (is_icmp()) {
		l4[0] = v6 ? 128 + reply : 8 - 8 * reply;
		memcpy(l4 + 4, &e->sport, 2);
	}
	ct_sum_fill(p->b, p->len);
}

/* An error from a router about a packet that came out. */
static void put_error(struct packet *p, const uint8_t *out, uint32_t len,
		      int redirect)
{
	static const uint8_t keeps[] = { 8, 8, 20, 28 };
	static const uint8_t types[2][4] = { { 3, 4, 11, 12 }, { 1, 2, 3, 4 } };
	uint32_t keep = hdr_len() + keeps[below(4)];
	struct ox_nfct_ends e = { .sport = 0 };
	uint8_t *l4;

	if (has_ports() && one_in(12))
		keep = hdr_len() + 4 + below(4);
	if (keep > len || one_in(4))
		keep = len;
	put_addr(e.src, 99, 1);
	memcpy(e.dst, out + (v6 ? 8 : 12), v6 ? 16 : 4);
	l4 = put_ip(p, &e, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, 8 + keep);
	l4[0] = redirect ? 5 : types[v6][below(4)];
	memcpy(l4 + 8, out, keep);
	ct_sum_fill(p->b, p->len);
}

/* What forwarding and our rules change isn't compared; nor is the CRC of SCTP
 * in an error, which the kernel computes over what is left of the packet. */
static void plain(struct packet *p)
{
	uint8_t *ip = ip_of(p), *l4 = ip + hdr_len();
	uint32_t crc = 8 + hdr_len() + 8;

	if (proto == IPPROTO_SCTP && (v6 ? ip[6] : ip[9]) != proto) {
		put16(l4 + 2, 0);
		if (p->len > 14 + hdr_len() + crc)
			memset(l4 + crc, 0, 4);
	}
	memset(p->b, 0, 14);
	if (v6) {
		memset(ip, 0, 4);
		ip[7] = 0;
		return;
	}
	ip[1] = 0;
	put16(ip + 4, 0);
	ip[8] = 0;
	put16(ip + 10, 0);
}

/* ---- both sides ---- */

static const char *phase; /* for what is printed */
static char phase_text[64];

static void differ(const char *what, uint32_t ours, uint32_t theirs)
{
	fail_msg("%s: %s: %#x, the kernel %#x; packet %u, seed %u", phase, what,
		 ours, theirs, n_packets, from_env("OX_CT_SEED", 0));
}

#define same(what, ours, theirs)                    \
	do {                                        \
		if ((ours) != (theirs))             \
			differ(what, ours, theirs); \
	} while (0)

static uint32_t their_state(uint8_t s)
{
	uint32_t theirs = s & OX_CS_REPLY ? OX_NFCT_REPLY : 0;

	if (s & OX_CS_INVALID)
		return OX_NFCT_INVALID;
	if (s & OX_CS_RELATED)
		return theirs | OX_NFCT_RELATED;
	return theirs | (s & OX_CS_NEW ? OX_NFCT_NEW : OX_NFCT_ESTABLISHED);
}

/* Runs p on our side, changing it. 0 or -errno. */
static int run_ours(struct packet *p, const struct ox_ct_act *a, uint8_t *state)
{
	struct ox_host_pkt pkt = { .data = p->b, .len = p->len };
	int err;

	assert_int_equal(ox_host_extract(p->b, p->len, 0, &pkt.key), 0);
	err = ox_ct_host_execute(ct, &pkt, a);
	*state = pkt.key.ct_state;
	return err;
}

static int run_theirs(struct packet *p, int refused)
{
	struct packet copy = *p;

	n_packets++;
	return ox_nfct_send_wait(oracle, ip_of(&copy), copy.len - 14,
				 refused ? SOON : 0);
}

/* What came out there is what ours became. */
static void compare_bytes(struct packet *ours)
{
	struct packet theirs = { .len = 0 };
	const uint8_t *out;
	uint32_t len;

	out = ox_nfct_out(oracle, &len);
	same("length", ours->len - 14, len);
	memcpy(ip_of(&theirs), out, len);
	theirs.len = 14 + len;
	same("checksums", ct_sum_wrong(ours->b, ours->len), 0);
	plain(ours);
	plain(&theirs);
	for (uint32_t i = 14; i < ours->len; i++)
		if (ours->b[i] != theirs.b[i]) {
			print_message("# byte %u of %u\n", i - 14, len);
			differ("bytes", ours->b[i], theirs.b[i]);
		}
}

static struct ox_ct_act act;

/* A packet of a connection that both have. 1 if it came out. */
static int step(struct packet *p)
{
	struct packet ours = *p;
	uint8_t state = 0;
	int err = run_ours(&ours, &act, &state), theirs;

	theirs = run_theirs(p, err);
	if (err == -EINVAL && theirs == OX_NFCT_LOST) {
		n_refused++;
		return 0;
	}
	same("errno", (uint32_t)-err, 0);
	same("state", their_state(state), (uint32_t)theirs);
	compare_bytes(&ours);
	return 1;
}

/* ---- a connection's ends ---- */

/* Those of our entry as ctnetlink tells them. */
static void our_ends(const struct ox_ct_tuple *t, int from_b,
		     struct ox_nfct_ends *e)
{
	struct ox_ct_nat_edit n;

	memset(e, 0, sizeof(*e));
	ct_nat_ends(&n, t, from_b);
	memcpy(e->src, n.src, 16);
	memcpy(e->dst, n.dst, 16);
	e->sport = n.sport;
	e->dport = is_icmp() ? 0 : n.dport;
}

/* Is a port one that the rule may choose for this one? */
static int in_class(const struct rule *r, uint16_t was, uint16_t port)
{
	if (is_icmp() || (!r->plo && was >= 1024))
		return is_icmp() || port >= 1024;
	if (r->plo)
		return port >= r->plo && port <= r->phi;
	return was < 512 ? port >= 1 && port < 512 : port >= 600 && port < 1024;
}

/* Compares the ends that a connection got. 1: they are the same, 0: a port
 * was sought on both sides. */
static int compare_ends(const struct rule *r, const struct ox_ct *e,
			const struct ox_nfct_entry *nf)
{
	struct ox_nfct_ends o, t = nf->reply;

	if (!(r->flags & OX_CT_F_ANY_PORT))
		same("NAT", e->status & OX_IPS_NAT, nf->status & OX_IPS_NAT);
	our_ends(&e->orig, e->init_b, &o);
	assert_memory_equal(&o, &nf->orig, sizeof(o));
	our_ends(&e->reply, e->reply_b, &o);
	if (memcmp(o.src, t.src, 16) || memcmp(o.dst, t.dst, 16)) {
		print_message("# ours %02x%02x->%02x%02x\n", o.src[1],
			      o.src[v6 ? 15 : 3], o.dst[1], o.dst[v6 ? 15 : 3]);
		differ("address", o.dst[v6 ? 15 : 3], t.dst[v6 ? 15 : 3]);
	}
	if (is_icmp())
		o.dport = t.dport = o.sport == nf->orig.sport;
	if (o.sport == t.sport && o.dport == t.dport)
		return 1;
	n_sought++;
	if (is_icmp()) {
		same("id kept", o.sport == nf->orig.sport,
		     t.sport == nf->orig.sport);
		return 0;
	}
	/* of a reply: sport is the destination's. At random any may come out */
	if (!(r->flags & (OX_CT_F_HASH | OX_CT_F_RANDOM))) {
		same("port kept", o.dport == nf->orig.sport,
		     t.dport == nf->orig.sport);
		same("dport kept", o.sport == nf->orig.dport,
		     t.sport == nf->orig.dport);
	}
	if (o.dport != t.dport && !r->dst)
		same("class",
		     in_class(r, ntohs(nf->orig.sport), ntohs(o.dport)), 1);
	if (o.sport != t.sport)
		same("class",
		     in_class(r, ntohs(nf->orig.dport), ntohs(o.sport)), 1);
	return 0;
}

/* Our connection gets the kernel's ends. */
static void align(const struct packet *first, const struct ox_nfct_entry *nf,
		  struct packet *ours)
{
	const struct ox_nfct_ends *reply = &nf->reply;
	struct ox_ct_act a = act;
	struct ox_ct_run run = { .now = ct->now };
	struct ox_host_pkt pkt;

	*ours = *first;
	pkt = (struct ox_host_pkt){ .data = ours->b, .len = ours->len };
	assert_int_equal(ox_ct_host_parse(&pkt, OX_NFCT_ZONE, &run.p), 0);
	ox_ct_host = ct;
	assert_int_equal(ct_find(&run), 1);
	assert_int_equal(ox_ct_kill(run.idx, run.gen, 0), 0);
	assert_int_equal(ox_ct_in(&run), 0);
	/* what was sought may be the source's port beside a bound destination
	 */
	ct_nat_setup(&run, &a);
	memcpy(run.edit.src, reply->dst, 16);
	memcpy(run.edit.dst, reply->src, 16);
	run.edit.sport = is_icmp() ? reply->sport : reply->dport;
	run.edit.dport = is_icmp() ? run.fresh.orig.pb : reply->sport;
	ox_ct_nat_reply(&run);
	run.fresh.reply = run.link.t;
	run.fresh.reply_b = run.link.from_b;
	/* a port at random may be the one that it was */
	run.fresh.status &= ~OX_IPS_NAT;
	run.fresh.status |= nf->status & OX_IPS_NAT;
	run.fresh.nat = 1;
	assert_int_equal(ox_ct_commit(&run), OX_CT_COMMITTED);
	/* and the packet is translated as one of that */
	assert_int_equal(run_ours(ours, &act, &(uint8_t){ 0 }), 0);
}

/* The kernel's entry of the connection that p begins. */
static int get_theirs(const struct ox_ct_pkt *p, struct ox_nfct_entry *nf)
{
	struct ox_ct_tuple t = p->t;

	if (p->from_b && !is_icmp()) {
		memcpy(t.a, p->t.b, sizeof(t.a));
		memcpy(t.b, p->t.a, sizeof(t.b));
		t.pa = p->t.pb;
		t.pb = p->t.pa;
	}
	return ox_nfct_get(oracle, &t, nf);
}

/* The first packet of a connection. 1: there is one. */
static int begin(const struct rule *r, const struct packet *first,
		 struct ox_nfct_entry *nf)
{
	struct packet ours = *first, p = *first;
	struct ox_host_pkt pkt = { .data = p.b, .len = p.len };
	struct ox_ct_pkt base;
	const struct ox_ct *e;
	uint8_t state = 0;
	int err, theirs;

	assert_int_equal(ox_ct_host_parse(&pkt, OX_NFCT_ZONE, &base), 0);
	if (ox_ct_host_find(ct, &base))
		return 0;
	err = run_ours(&ours, &act, &state);
	theirs = run_theirs(&p, err);
	if (err == -EINVAL && theirs == OX_NFCT_LOST) {
		n_refused++;
		return 0;
	}
	same("errno", (uint32_t)-err, 0);
	same("state", their_state(state), (uint32_t)theirs);
	same("their entry", (uint32_t)get_theirs(&base, nf), 0);
	e = ox_ct_host_find(ct, &base);
	assert_non_null(e);
	if (!compare_ends(r, e, nf))
		align(first, nf, &ours);
	compare_bytes(&ours);
	return 1;
}

static void some_conn(const struct rule *r, struct ox_nfct_ends *e)
{
	static const uint16_t ports[] = { 5, 300, 510, 511, 512, 700, 1023 };
	uint16_t sport = 1000 + below(60);

	memset(e, 0, sizeof(*e));
	if (one_in(6))
		sport = ports[below(7)];
	put_addr(e->src, 0, 1 + below(r->sources));
	put_addr(e->dst, DST_NET + (r - rules), 1 + below(r->sources / 2 + 1));
	/* one that is in the range; of ICMP, the kernel's chain of prerouting
	 * would give it another id */
	if (!r->dst && !is_icmp() && one_in(20))
		put_addr(e->src, 200, r->lo);
	e->sport = proto == IPPROTO_GRE || proto == 99 ? 0 : htons(sport);
	e->dport = has_ports() ? htons(80 + below(2)) : 0;
}

/* A few packets of it, and errors about them. */
static void go_on(const struct ox_nfct_entry *nf)
{
	uint32_t n = 1 + below(4), nth[2] = { 1, 0 }, len;
	uint8_t out[FRAME];
	struct packet p;
	int reply = 1;

	while (n--) {
		put_packet(&p, reply ? &nf->reply : &nf->orig, reply,
			   nth[reply]++);
		if (!step(&p))
			return;
		memcpy(out, ox_nfct_out(oracle, &len), FRAME);
		if (!one_in(3)) {
			put_error(&p, out, len,
				  !v6 && (nf->status & OX_IPS_NAT) &&
					  one_in(9));
			n_errors++;
			step(&p);
		}
		reply = below(2);
	}
}

static void run_rule(const struct rule *r, uint32_t want)
{
	struct ox_nfct_entry nf;
	struct ox_nfct_ends e;
	struct packet p;
	uint32_t end = n_packets + want, tries = has_ports() ? want : want / 2;

	if (!for_all(r) && !has_ports())
		return;
	snprintf(phase_text, sizeof(phase_text), "rule %u, %s, protocol %u",
		 (uint32_t)(r - rules), v6 ? "IPv6" : "IPv4", proto);
	phase = phase_text;
	act = act_of(r);
	while (tries-- && n_packets < end) {
		some_conn(r, &e);
		put_packet(&p, &e, 0, 0);
		if (begin(r, &p, &nf) && one_in(2))
			go_on(&nf);
	}
	assert_int_equal(ox_nfct_flush(oracle), 0);
	ox_ct_host_flush(ct, OX_NFCT_ZONE);
	ox_ct_host_sweep(ct);
}

static void all_rules(uint8_t of)
{
	uint32_t want = from_env("OX_CT_PACKETS", 2000) / 20;

	if (!oracle)
		ox_skip(why);
	n_packets = n_sought = n_errors = n_refused = 0;
	for (v6 = 0; v6 < 2; v6++) {
		proto = of;
		if (v6 && of == IPPROTO_ICMP)
			proto = IPPROTO_ICMPV6;
		for (uint32_t i = 0; i < N_RULES; i++)
			run_rule(&rules[i], want);
	}
	print_message("# %u packets, %u errors, %u refused, %u ports sought\n",
		      n_packets, n_errors, n_refused, n_sought);
	assert_true(n_errors > n_packets / 20);
}

static void udp(void **state)
{
	(void)state;
	all_rules(IPPROTO_UDP);
	assert_true(n_refused > 10 && n_sought > 10);
}

static void tcp(void **state)
{
	(void)state;
	all_rules(IPPROTO_TCP);
	assert_true(n_refused > 10 && n_sought > 10);
}

static void icmp(void **state)
{
	(void)state;
	all_rules(IPPROTO_ICMP);
}

static void sctp(void **state)
{
	(void)state;
	all_rules(IPPROTO_SCTP);
}

static void udplite(void **state)
{
	(void)state;
	all_rules(IPPROTO_UDPLITE);
}

/* Linux 6.1 has a tracker of it, newer ones have none. */
static void dccp(void **state)
{
	(void)state;
	if (oracle && ox_nfct_set("dccp_timeout_request", 240))
		ox_skip("this kernel doesn't track DCCP");
	all_rules(IPPROTO_DCCP);
}

static void gre(void **state)
{
	(void)state;
	all_rules(IPPROTO_GRE);
}

static void unknown(void **state)
{
	(void)state;
	all_rules(99);
}

static int setup(void **state)
{
	(void)state;
	rng = 0x9e3779b97f4a7c15ull * (from_env("OX_CT_SEED", 1) + 1);
	ct = ox_ct_host_open(65536, HZ);
	assert_non_null(ct);
	ct->now = 1000000;
	oracle = ox_nfct_open(&why);
	if (oracle && put_rules()) {
		why = "nft can't add rules of NAT";
		ox_nfct_close(oracle);
		oracle = NULL;
	}
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
	OX_TEST("unit.ct_nat_oracle.udp", udp),
	OX_TEST("unit.ct_nat_oracle.tcp", tcp),
	OX_TEST("unit.ct_nat_oracle.icmp", icmp),
	OX_TEST("unit.ct_nat_oracle.sctp", sctp),
	OX_TEST("unit.ct_nat_oracle.udplite", udplite),
	OX_TEST("unit.ct_nat_oracle.dccp", dccp),
	OX_TEST("unit.ct_nat_oracle.gre", gre),
	OX_TEST("unit.ct_nat_oracle.unknown", unknown),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
