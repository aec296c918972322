// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * diff_packets.c - the same flows and packets to the kernel's module and to
 * ovsxdp; what comes out must be the same: frames, upcalls, answers,
 * statistics of flows, ports and datapath. Runs in tests/vm/run, prepared by
 * tests/vm/diff. The last line sums up; exit code 1 if anything differed.
 *
 *   diff_packets [-n CASES] [-s SEED] [-c CASE] [-m MODE] [-t TUNNELS]
 *                [-e SHOWN] [-v]
 *
 * MODE says how ovsxdp's ports are attached: xdp, xdp-generic, tc, auto. With
 * host, packets go through EXECUTE into its build of the core in user space.
 * With module, both sides are the module, which must agree with itself.
 * TUNNELS: packets also come out of tunnels and go into them; kernel says that
 * their ports are devices of the kernel on both sides, native that ours have
 * none.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "accepted.h"
#include "case.h"
#include "norm.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/uapi.h"
#include "setup.h"

#define BATCH	 48
#define PATIENCE 120 /* times longer, at the second try */

struct total {
	uint64_t cases, packets, frames, upcalls, flows, refused;
	uint64_t differ, batches;
	uint64_t into, out_of; /* tunnels */
};

static struct {
	struct side side[2];
	uint64_t seed, first, n;
	uint64_t show; /* cases to print at most */
	enum case_way way;
	bool verbose;
	struct items got[2], only[2]; /* what came; what differs of it */
	bool accepted; /* so does all that differs of a single case */
	struct gen_case *cases;
	uint64_t tagged[GEN_PORTS + 1]; /* frames out in this batch */
	uint64_t outer;			/* the same, below the tunnels */
	struct total total;
	char text[1 << 16]; /* of the last difference */
} run = { .seed = 1, .n = 500, .show = 10 };

/* ---- one round ---- */

static void inject_wire(struct side *s, uint64_t n, int from, int to)
{
	for (uint64_t i = 0; i < n; i++)
		for (int k = from; k < to; k++)
			side_inject(s, &run.cases[i].packet[k]);
}

static void execute(struct side *s, uint64_t n, int from, int to,
		    struct items *out)
{
	static struct nlb b[CASE_PACKETS];
	struct side_req q[CASE_PACKETS];

	for (uint64_t i = 0; i < n; i++) {
		for (int k = from; k < to; k++) {
			case_execute(&run.cases[i], run.seed, k, &b[k]);
			q[k] = (struct side_req){
				.family = SIDE_PACKET,
				.cmd = OVS_PACKET_CMD_EXECUTE,
				.ifindex = s->dp_ifindex,
				.attrs = &b[k],
			};
		}
		side_ask(s, q + from, (uint32_t)(to - from), NULL, NULL);
		for (int k = from; k < to; k++)
			items_text(out, ITEM_ANSWER, "EXECUTE of packet %d: %d",
				   k, q[k].err);
	}
}

static void round_side(int w, uint64_t n, int packets, uint32_t expect)
{
	struct side *s = &run.side[w];

	items_clear(&run.got[w]);
	if (run.way == CASE_EXECUTE)
		execute(s, n, 0, packets, &run.got[w]);
	else
		inject_wire(s, n, 0, packets);
	side_collect(s, &run.got[w], expect);
}

static void show_list(FILE *f, const char *name, const struct items *it)
{
	for (uint32_t i = 0; i < it->n; i++) {
		fprintf(f, "#  %s ", name);
		show_item(f, &it->v[i]);
		fprintf(f, "\n");
	}
}

/* Items that only one side has; the number of them. They stay in run.text. */
static uint32_t compare_items(const char *what)
{
	struct items *only = run.only;
	uint32_t n;
	FILE *f;

	items_sort(&run.got[0]);
	items_sort(&run.got[1]);
	items_only(&run.got[0], &run.got[1], &only[0], &only[1]);
	n = only[0].n + only[1].n;
	if (!n)
		return 0;
	f = fmemopen(run.text, sizeof(run.text), "w");
	if (!f)
		err(1, "fmemopen");
	fprintf(f, "#  %s:\n", what);
	show_list(f, "module", &only[0]);
	show_list(f, "ours  ", &only[1]);
	fclose(f);
	return n;
}

/* ---- flows for misses ---- */

static struct gen_case *case_of(uint32_t tag, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		if (run.cases[i].tag == tag)
			return &run.cases[i];
	return NULL;
}

/* Builds flows for the module's misses (ours are the same); their number. */
static uint32_t make_flows(uint64_t n, struct case_flow **v, uint32_t max)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < run.got[0].n && k < max; i++) {
		const struct item *it = &run.got[0].v[i];
		struct gen_case *c;

		if (it->b[0] != ITEM_UPCALL || it->b[1] != OVS_PACKET_CMD_MISS)
			continue;
		c = case_of(case_tag_of(it), n);
		if (c && case_flow_add(c, run.seed, it))
			v[k++] = &c->flow[c->n_flows - 1];
	}
	return k;
}

static void put_flows(int w, struct case_flow **v, uint32_t n)
{
	static struct side_req q[BATCH * CASE_FLOWS];

	for (uint32_t i = 0; i < n; i++)
		q[i] = (struct side_req){
			.family = SIDE_FLOW,
			.cmd = OVS_FLOW_CMD_NEW,
			.flags = NLM_F_CREATE,
			.ifindex = run.side[w].dp_ifindex,
			.attrs = v[i]->put,
		};
	side_ask(&run.side[w], q, n, NULL, NULL);
	for (uint32_t i = 0; i < n; i++)
		v[i]->err[w] = q[i].err;
}

/* Answers what the round missed; the number of answers that differ. */
static uint32_t answer(uint64_t n, bool count)
{
	static struct case_flow *v[BATCH * CASE_FLOWS];
	uint32_t k = make_flows(n, v, BATCH * CASE_FLOWS), bad = 0;

	for (int w = 0; w < 2; w++)
		put_flows(w, v, k);
	for (uint32_t i = 0; i < k; i++) {
		bad += v[i]->err[0] != v[i]->err[1] &&
		       !accepted_answer(v[i]->put, v[i]->err);
		if (count) {
			run.total.flows++;
			run.total.refused += v[i]->err[0] != 0;
		}
	}
	return bad;
}

/* ---- counters and statistics ---- */

struct counters {
	struct ovs_dp_stats dp;
	struct ovs_dp_megaflow_stats mega;
	struct ovs_vport_stats port[GEN_VPORTS + 1];
};

static int n_vports(void)
{
	return GEN_PORTS + (int)gen_tunnels;
}

static void take_dp(void *ctx, const struct nlmsghdr *h)
{
	struct counters *c = ctx;
	uint32_t n;
	const void *p = side_attrs(h, &n);
	const struct nlattr *a = nla_find(p, n, OVS_DP_ATTR_STATS);
	const struct nlattr *m = nla_find(p, n, OVS_DP_ATTR_MEGAFLOW_STATS);

	if (a)
		memcpy(&c->dp, nla_body(a), sizeof(c->dp));
	if (m)
		memcpy(&c->mega, nla_body(m), sizeof(c->mega));
}

static void take_port(void *ctx, const struct nlmsghdr *h)
{
	struct counters *c = ctx;
	uint32_t n, no;
	const void *p = side_attrs(h, &n);
	const struct nlattr *a = nla_find(p, n, OVS_VPORT_ATTR_STATS);
	const struct nlattr *k = nla_find(p, n, OVS_VPORT_ATTR_PORT_NO);

	if (!a || !k)
		return;
	memcpy(&no, nla_body(k), 4);
	if (no <= GEN_VPORTS)
		memcpy(&c->port[no], nla_body(a), sizeof(c->port[no]));
}

static struct counters counters_read(struct side *s)
{
	struct counters c = { 0 };

	side_must(s, SIDE_DP, OVS_DP_CMD_GET, 0, NULL, take_dp, &c);
	side_must(s, SIDE_VPORT, OVS_VPORT_CMD_GET, NLM_F_DUMP, NULL, take_port,
		  &c);
	return c;
}

static void counters_sub(struct counters *c, const struct counters *before)
{
	c->dp.n_hit -= before->dp.n_hit;
	c->dp.n_missed -= before->dp.n_missed;
	c->dp.n_lost -= before->dp.n_lost;
	for (int i = 1; i <= n_vports(); i++) {
		struct ovs_vport_stats *p = &c->port[i];

		p->rx_packets -= before->port[i].rx_packets;
		p->tx_packets -= before->port[i].tx_packets;
		p->rx_bytes -= before->port[i].rx_bytes;
		p->tx_bytes -= before->port[i].tx_bytes;
	}
}

static void counters_text(struct items *out, const struct counters *c)
{
	items_text(out, ITEM_COUNTER,
		   "datapath: hit %llu missed %llu lost %llu", c->dp.n_hit,
		   c->dp.n_missed, c->dp.n_lost);
	items_text(out, ITEM_COUNTER, "datapath: flows %llu masks %u",
		   c->dp.n_flows, c->mega.n_masks);
	for (int i = 1; i <= n_vports(); i++) {
		struct ovs_vport_stats p = c->port[i];

		/* without a device, the whole inner frame is counted */
		if (i > GEN_PORTS && !gen_by_device)
			p.rx_bytes = p.tx_bytes = 0;
		items_text(out, ITEM_COUNTER,
			   "port %d: rx %llu packets %llu bytes", i,
			   p.rx_packets, p.rx_bytes);
		items_text(out, ITEM_COUNTER,
			   "port %d: tx %llu packets %llu bytes", i,
			   p.tx_packets, p.tx_bytes);
	}
}

static void take_flow(void *ctx, const struct nlmsghdr *h)
{
	norm_flow(ctx, h);
}

/* ---- a batch of cases ---- */

static bool is_tagged(const uint8_t *b, uint32_t n)
{
	return n >= 18 && (!memcmp(b + 12, "\x81\x00", 2) ||
			   !memcmp(b + 12, "\x88\xa8", 2));
}

static void tally(uint64_t packets, bool count)
{
	struct total *t = &run.total;

	t->packets += count ? packets : 0;
	for (uint32_t i = 0; i < run.got[0].n; i++) {
		const struct item *it = &run.got[0].v[i];

		if (it->b[0] == ITEM_FRAME) {
			t->frames += count;
			run.outer += it->b[1] == GEN_UNDER;
			t->into += count && it->b[1] == GEN_UNDER;
			run.tagged[it->b[1]] +=
				is_tagged(it->b + 2, it->len - 2);
		} else if (it->b[0] == ITEM_UPCALL) {
			t->upcalls += count;
			t->out_of += count && case_tunnel_of(it);
		}
	}
}

/* Like compare_items(), for the answers to new flows. */
static uint32_t compare_answers(uint64_t n, bool count)
{
	uint32_t bad = answer(n, count);

	if (bad)
		snprintf(run.text, sizeof(run.text),
			 "#  answers to flows differ: see below\n");
	return bad;
}

static uint32_t rounds(uint64_t n, bool count)
{
	uint32_t bad = 0;

	for (int k = 0; k < CASE_ROUNDS && !bad; k++) {
		char what[32];

		round_side(0, n, k ? CASE_PACKETS : 1, 0);
		round_side(1, n, k ? CASE_PACKETS : 1, run.got[0].n);
		snprintf(what, sizeof(what), "round %d", k);
		bad += compare_items(what);
		tally(n * (k ? CASE_PACKETS : 1), count);
		if (!bad)
			bad += compare_answers(n, count);
	}
	return bad;
}

/* Frames that came out of a port with a tag, or into a tunnel in any way. */
static uint64_t may_be_tagged(int port)
{
	return port > GEN_PORTS ? run.outer
				: run.tagged[port] + run.side[0].bare[port];
}

static uint32_t statistics(const struct counters before[2])
{
	struct counters c[2];

	for (int w = 0; w < 2; w++) {
		c[w] = counters_read(&run.side[w]);
		counters_sub(&c[w], &before[w]);
		items_clear(&run.got[w]);
		side_must(&run.side[w], SIDE_FLOW, OVS_FLOW_CMD_GET, NLM_F_DUMP,
			  NULL, take_flow, &run.got[w]);
	}
	for (int i = 1; i <= n_vports(); i++)
		if (accepted_tx_bytes(c[0].port[i].tx_bytes,
				      c[1].port[i].tx_bytes, may_be_tagged(i)))
			c[1].port[i].tx_bytes = c[0].port[i].tx_bytes;
	if (accepted_masks(c[0].mega.n_masks, c[1].mega.n_masks))
		c[1].mega.n_masks = c[0].mega.n_masks;
	for (int w = 0; w < 2; w++)
		counters_text(&run.got[w], &c[w]);
	return compare_items("statistics");
}

/* What ours lost itself, below what differs. */
static void lost_note(const struct counters *before)
{
	struct counters c = counters_read(&run.side[1]);
	size_t at = strlen(run.text);

	counters_sub(&c, before);
	snprintf(run.text + at, sizeof(run.text) - at,
		 "#  ours: hit %llu missed %llu lost %llu\n", c.dp.n_hit,
		 c.dp.n_missed, c.dp.n_lost);
}

static bool batch(uint64_t first, uint64_t n, bool print, bool count)
{
	struct counters before[2];
	uint32_t bad;

	memset(run.tagged, 0, sizeof(run.tagged));
	run.outer = 0;
	for (uint64_t i = 0; i < n; i++)
		case_start(&run.cases[i], run.seed, first + i);
	for (int w = 0; w < 2; w++) {
		memset(run.side[w].bare, 0, sizeof(run.side[w].bare));
		setup_flush(&run.side[w]);
		side_marker_flows(&run.side[w]);
		before[w] = counters_read(&run.side[w]);
	}
	bad = rounds(n, count);
	if (bad)
		lost_note(&before[1]);
	else
		bad = statistics(before);
	run.accepted = bad && n == 1 &&
		       accepted_case(&run.cases[0], &run.only[0], &run.only[1]);
	if (print && bad && !run.accepted) {
		printf("# case %llu of seed %llu:\n%s",
		       (unsigned long long)first, (unsigned long long)run.seed,
		       run.text);
		case_show(stdout, &run.cases[0]);
	}
	for (uint64_t i = 0; i < n; i++)
		case_end(&run.cases[i]);
	return bad;
}

/* Names the cases of a batch that differ. */
static uint64_t search(uint64_t first, uint64_t n)
{
	uint64_t bad;

	if (n == 1) {
		bool print = run.total.differ < run.show;

		if (!batch(first, 1, print, false)) {
			printf("# case %llu: the same when alone\n",
			       (unsigned long long)first);
			return 0;
		}
		if (run.accepted)
			return 1;
		run.total.differ++;
		fflush(stdout);
		return 1;
	}
	bad = batch(first, n / 2, false, false) ? search(first, n / 2) : 0;
	return bad + (batch(first + n / 2, n - n / 2, false, false)
			      ? search(first + n / 2, n - n / 2)
			      : 0);
}

/*
 * A batch differed, none of its cases does alone: once more, and if it was no
 * lasting difference, only told, as one of time.
 */
static void company(uint64_t first, uint64_t n, const char *text)
{
	run.total.batches++;
	printf("# cases %llu to %llu differed in company only:\n%s",
	       (unsigned long long)first, (unsigned long long)(first + n - 1),
	       text);
	if (batch(first, n, false, false)) {
		printf("#  and again:\n%s", run.text);
		run.total.differ++;
	}
}

/*
 * On a busy machine what is only late looks like lost. So a batch gets a
 * second try, with much patience, before its cases are run one by one.
 */
static void differed(uint64_t first, uint64_t n, const char *text)
{
	side_patience_ms *= PATIENCE;
	if (!batch(first, n, false, false))
		run.total.batches++;
	else if (!search(first, n))
		company(first, n, text);
	side_patience_ms /= PATIENCE;
}

static void batches(void)
{
	static char text[sizeof(run.text)];
	uint64_t n;

	for (uint64_t i = 0; i < run.n; i += n) {
		n = run.n - i < BATCH ? run.n - i : BATCH;
		if (batch(run.first + i, n, false, true)) {
			memcpy(text, run.text, sizeof(text));
			differed(run.first + i, n, text);
		}
		run.total.cases += n;
		if (run.verbose)
			fprintf(stderr, "%llu cases, %llu differ\n",
				(unsigned long long)run.total.cases,
				(unsigned long long)run.total.differ);
	}
}

static int mode_of(const char *m)
{
	static const char *const name[] = { "auto", "xdp", "xdp-generic",
					    "none", "tc" };

	for (int i = 0; i < 5; i++)
		if (!strcmp(m, name[i]))
			return i;
	if (!strcmp(m, "host") || !strcmp(m, "module"))
		return 0;
	errx(2, "no mode %s", m);
}

static void summary(const char *mode, time_t start)
{
	const struct total *t = &run.total;

	printf("# %s: %llu packets, %llu frames and %llu upcalls out, %llu flows (%llu refused), %ld s\n",
	       mode, (unsigned long long)t->packets,
	       (unsigned long long)t->frames, (unsigned long long)t->upcalls,
	       (unsigned long long)t->flows, (unsigned long long)t->refused,
	       (long)(time(NULL) - start));
	if (gen_tunnels)
		printf("# %llu frames into tunnels, %llu upcalls out of them\n",
		       (unsigned long long)t->into,
		       (unsigned long long)t->out_of);
	printf("# actions generated:");
	for (int i = 1; i < 26; i++)
		if (gen_action_count[i])
			printf(" %d:%llu", i,
			       (unsigned long long)gen_action_count[i]);
	printf("\n");
	accepted_summary(stdout);
	printf("%s: %llu cases of seed %llu, %llu differ, %llu batches were the same at the second try\n",
	       mode, (unsigned long long)t->cases, (unsigned long long)run.seed,
	       (unsigned long long)t->differ, (unsigned long long)t->batches);
}

int main(int argc, char **argv)
{
	const char *mode = "auto", *tunnels = "";
	time_t start = time(NULL);
	int opt;

	while ((opt = getopt(argc, argv, "n:s:c:m:t:e:v")) != -1) {
		switch (opt) {
		case 'n':
			run.n = strtoull(optarg, NULL, 0);
			break;
		case 's':
			run.seed = strtoull(optarg, NULL, 0);
			break;
		case 'c':
			run.first = strtoull(optarg, NULL, 0);
			run.n = 1;
			break;
		case 'm':
			mode = optarg;
			break;
		case 't':
			tunnels = optarg;
			gen_by_device = strcmp(tunnels, "native");
			gen_tunnels = gen_by_device ? GEN_TUNS : GEN_ERSPAN;
			break;
		case 'e':
			run.show = strtoull(optarg, NULL, 0);
			break;
		case 'v':
			run.verbose = true;
			break;
		default:
			return 2;
		}
	}
	run.way = strcmp(mode, "host") ? CASE_WIRE : CASE_EXECUTE;
	run.cases = calloc(BATCH, sizeof(*run.cases));
	side_open(&run.side[0], "module", "oxvm-m", "m", 0);
	side_open(&run.side[1], "ovsxdp", "oxvm-o", "o",
		  strcmp(mode, "module") ? OX_NL_PORTID : 0);
	for (int w = 0; w < 2; w++)
		setup_datapath(&run.side[w], mode_of(mode), !gen_by_device);
	batches();
	for (int w = 0; w < 2; w++)
		setup_remove(&run.side[w]);
	summary(mode, start);
	return run.total.differ != 0;
}
