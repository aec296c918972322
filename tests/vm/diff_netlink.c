// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * diff_netlink.c - the same netlink requests, right, half right and broken, to
 * the kernel's module and to ovsxdp. Errno, offset of the extended ACK,
 * replies, notifications and upcalls must be the same. Runs in tests/vm/run,
 * prepared by tests/vm/diff. Cases come in groups: each begins with the same
 * datapath, each request meets what those before it in the group left.
 *
 *   diff_netlink [-n CASES] [-s SEED] [-c GROUP] [-e SHOWN] [-m module] [-v]
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <linux/genetlink.h>

#include "accepted.h"
#include "norm.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/uapi.h"
#include "request.h"
#include "setup.h"

#define GROUP 16

/* An ACK, error or end of a dump. */
struct answer {
	bool there;
	int err;
	bool has_offs, has_miss;
	uint32_t offs, miss;
	char text[128];
};

static struct {
	struct side side[2];
	uint64_t seed, first, n, show;
	bool verbose;
	uint32_t ifindex[2][REQUEST_DPS]; /* of dp0 to dp2 */
	struct items got[2];
	struct answer answer[2];
	uint64_t cases, differ, place, good, by_family[SIDE_FAMILIES][2];
} run = { .seed = 1, .n = 500, .show = 20 };

/* ---- sending ---- */

static uint32_t ifindex_of(int w, uint8_t dp)
{
	if (dp == REQUEST_NO_DP)
		return 0x7ffffff0;
	return dp ? run.ifindex[w][dp - 1] : 0;
}

static void send_bytes(struct side *s, const void *b, uint32_t n)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_pid = s->portid };

	if (sendto(s->nl, b, n, 0, (void *)&to, sizeof(to)) < 0)
		err(1, "%s: sendto", s->name);
}

static uint32_t send_request(int w, const struct request *q)
{
	static uint8_t b[24 + GEN_NLB_MAX];
	struct side *s = &run.side[w];
	struct nlmsghdr h = {
		.nlmsg_len = 24 + q->attrs.len - q->cut,
		.nlmsg_type = s->family[q->family],
		.nlmsg_flags = q->flags,
		.nlmsg_seq = ++s->seq,
	};
	struct genlmsghdr g = { q->cmd, q->version, 0 };
	uint32_t ifindex = ifindex_of(w, q->dp), len = h.nlmsg_len;

	if (q->cut % 2) /* says more than there is */
		h.nlmsg_len += q->cut;
	memcpy(b, &h, 16);
	memcpy(b + 16, &g, 4);
	memcpy(b + 20, &ifindex, 4);
	memcpy(b + 24, q->attrs.b, q->attrs.len);
	send_bytes(s, b, len);
	return s->seq;
}

/* A request whose answer comes when those before it have been answered. */
static uint32_t send_barrier(struct side *s)
{
	struct {
		struct nlmsghdr h;
		struct genlmsghdr g;
		uint32_t ifindex;
	} m = {
		.h = { .nlmsg_len = 24,
		       .nlmsg_type = s->family[SIDE_DP],
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		       .nlmsg_seq = ++s->seq },
		.g = { OVS_DP_CMD_GET, OVS_DATAPATH_VERSION, 0 },
		.ifindex = 0x7ffffff0,
	};

	send_bytes(s, &m, sizeof(m));
	return s->seq;
}

/* ---- reading ---- */

static void take_answer(struct answer *a, const struct nlmsghdr *h)
{
	bool error = h->nlmsg_type == NLMSG_ERROR;
	const uint8_t *p = (const uint8_t *)NLMSG_DATA(h);
	uint32_t skip = error ? 20 : 4;
	const struct nlattr *t;

	a->there = true;
	memcpy(&a->err, p, 4);
	/* without NETLINK_CAP_ACK, which ours can't see, the request follows */
	if (error && !(h->nlmsg_flags & NLM_F_CAPPED)) {
		struct nlmsghdr asked;

		memcpy(&asked, p + 4, sizeof(asked));
		skip += NLMSG_ALIGN(asked.nlmsg_len) - NLMSG_HDRLEN;
	}
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || h->nlmsg_len < 16 + skip)
		return;
	t = nla_find(p + skip, h->nlmsg_len - 16 - skip, NLMSGERR_ATTR_OFFS);
	if (t) {
		a->has_offs = true;
		memcpy(&a->offs, nla_body(t), 4);
	}
	t = nla_find(p + skip, h->nlmsg_len - 16 - skip,
		     NLMSGERR_ATTR_MISS_TYPE);
	if (t) {
		a->has_miss = true;
		memcpy(&a->miss, nla_body(t), 4);
	}
	t = nla_find(p + skip, h->nlmsg_len - 16 - skip, NLMSGERR_ATTR_MSG);
	if (t)
		snprintf(a->text, sizeof(a->text), "%.*s", (int)nla_size(t),
			 nla_body(t));
}

/* The families' messages tell interfaces' numbers of datapaths. */
static void learn(int w, const struct nlmsghdr *h)
{
	uint32_t n;
	const void *p = side_attrs(h, &n);
	const struct nlattr *a = nla_find(p, n, OVS_DP_ATTR_NAME);

	if (h->nlmsg_type != run.side[w].family[SIDE_DP] || !a ||
	    nla_size(a) != 4 || memcmp(nla_body(a), "dp", 2))
		return;
	if (nla_body(a)[2] >= '0' && nla_body(a)[2] < '0' + REQUEST_DPS)
		memcpy(&run.ifindex[w][nla_body(a)[2] - '0'],
		       (const uint8_t *)h + 20, 4);
}

static void take_message(int w, char kind, const struct nlmsghdr *h,
			 bool of_request)
{
	uint32_t ifindex, what = h->nlmsg_flags & ~NLM_F_DUMP_INTR;
	int family = 0, dp = 0;

	if (h->nlmsg_len < 24)
		return;
	learn(w, h);
	while (family < SIDE_FAMILIES &&
	       run.side[w].family[family] != h->nlmsg_type)
		family++;
	if (family == SIDE_FAMILIES)
		return items_text(&run.got[w], ITEM_ANSWER,
				  "message of type %u", h->nlmsg_type);
	memcpy(&ifindex, (const uint8_t *)h + 20, 4);
	while (dp < REQUEST_DPS && run.ifindex[w][dp] != ifindex)
		dp++;
	what = (what & 0xff) | (uint32_t)dp << 8 | (uint32_t)of_request << 12 |
	       (uint32_t)family << 13;
	norm_reply(&run.got[w], kind, (enum side_family)family, h, what);
}

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

/* One datagram; which of the awaited ends are in it. */
static void read_datagram(int w, uint32_t seq, uint32_t barrier, bool *ended,
			  bool *passed)
{
	static _Alignas(8) uint8_t b[1 << 18];
	ssize_t len = recv(run.side[w].nl, b, sizeof(b), 0);
	const struct nlmsghdr *h = (const void *)b;

	if (len < 0)
		err(1, "%s: recv", run.side[w].name);
	for (; len > 0 && NLMSG_OK(h, (uint32_t)len); h = NLMSG_NEXT(h, len)) {
		bool end = h->nlmsg_type == NLMSG_ERROR ||
			   h->nlmsg_type == NLMSG_DONE;

		if (h->nlmsg_seq == barrier) {
			*passed |= end;
		} else if (h->nlmsg_seq != seq) {
			items_text(&run.got[w], ITEM_ANSWER,
				   "a message with another sequence number");
		} else if (end) {
			take_answer(&run.answer[w], h);
			*ended = true;
		} else {
			take_message(w, ITEM_REPLY, h, true);
		}
	}
}

static void read_notes(int w, uint32_t seq)
{
	static _Alignas(8) uint8_t b[1 << 18];

	for (;;) {
		ssize_t len =
			recv(run.side[w].note, b, sizeof(b), MSG_DONTWAIT);
		const struct nlmsghdr *h = (const void *)b;

		if (len < 0)
			return;
		for (; len > 0 && NLMSG_OK(h, (uint32_t)len);
		     h = NLMSG_NEXT(h, len))
			take_message(w, ITEM_NOTIFY, h, h->nlmsg_seq == seq);
	}
}

static void read_upcalls(int w)
{
	static _Alignas(8) uint8_t b[1 << 17];

	for (;;) {
		ssize_t len = recv(run.side[w].up, b, sizeof(b), MSG_DONTWAIT);
		const struct nlmsghdr *h = (const void *)b;

		if (len < 0)
			return;
		for (; len > 0 && NLMSG_OK(h, (uint32_t)len);
		     h = NLMSG_NEXT(h, len))
			norm_upcall(&run.got[w], h);
	}
}

/* Sends; takes all that comes back. expect: as many items as the other. */
static void ask(int w, const struct request *q, uint32_t expect)
{
	uint32_t seq, barrier;
	bool dump = (q->flags & NLM_F_DUMP) == NLM_F_DUMP, ended = false;
	bool passed = false;

	items_clear(&run.got[w]);
	memset(&run.answer[w], 0, sizeof(run.answer[w]));
	seq = send_request(w, q);
	barrier = send_barrier(&run.side[w]);
	while (!passed || (dump && !ended && readable(run.side[w].nl, 300)))
		read_datagram(w, seq, barrier, &ended, &passed);
	read_notes(w, seq);
	read_upcalls(w);
	for (int i = 0; i < 20 && run.got[w].n < expect; i++) {
		poll(NULL, 0, 10);
		read_notes(w, seq);
		read_upcalls(w);
	}
}

/* ---- comparing ---- */

static bool same_errno(const struct answer *m, const struct answer *o)
{
	return m->there == o->there && m->err == o->err;
}

/* Where the module says what it refuses, ovsxdp says the same; it may say
 * more. */
static bool same_place(const struct answer *m, const struct answer *o)
{
	if (m->has_offs && (!o->has_offs || m->offs != o->offs))
		return false;
	return !m->has_miss || (o->has_miss && m->miss == o->miss);
}

static void show_answer(const char *name, const struct answer *a)
{
	printf("#  %s ", name);
	if (!a->there)
		printf("no answer");
	else
		printf("answer %d", a->err);
	if (a->has_offs)
		printf(" offset %u", a->offs);
	if (a->has_miss)
		printf(" missing %u", a->miss);
	printf(" %s\n", a->text);
}

static void show_items(const char *name, const struct items *it)
{
	for (uint32_t i = 0; i < it->n; i++) {
		printf("#  %s ", name);
		show_item(stdout, &it->v[i]);
		printf("\n");
	}
}

enum verdict {
	SAME,
	PLACE,	     /* the extended ACK; states are the same */
	ACCEPTED_SO, /* listed; but states are different now */
	DIFFERENT,
};

static enum verdict compare(const struct request *q, struct items only[2])
{
	const struct answer *m = &run.answer[0], *o = &run.answer[1];

	items_sort(&run.got[0]);
	items_sort(&run.got[1]);
	items_only(&run.got[0], &run.got[1], &only[0], &only[1]);
	if (!same_errno(m, o) && accepted_request(q, m->err, o->err))
		return ACCEPTED_SO;
	if (only[0].n || only[1].n || !same_errno(m, o))
		return DIFFERENT;
	return same_place(m, o) ? SAME : PLACE;
}

static void show(const struct request *q, uint64_t no, int i,
		 const struct items only[2])
{
	printf("# group %llu of seed %llu, request %d:\n#  ",
	       (unsigned long long)no, (unsigned long long)run.seed, i);
	request_show(stdout, q);
	printf("\n");
	show_answer("module", &run.answer[0]);
	show_answer("ours  ", &run.answer[1]);
	show_items("module", &only[0]);
	show_items("ours  ", &only[1]);
	fflush(stdout);
}

/* ---- groups ---- */

static void start(void)
{
	bool good = setup_reset(&run.side[0]);

	/* Both anew or none: counters begin at zero then. */
	if (!setup_reset(&run.side[1]) || !good)
		for (int w = 0; w < 2; w++) {
			setup_remove(&run.side[w]);
			if (!setup_reset(&run.side[w]))
				errx(1, "%s: no start", run.side[w].name);
		}
	for (int w = 0; w < 2; w++) {
		memset(run.ifindex[w], 0xff, sizeof(run.ifindex[w]));
		run.ifindex[w][0] = run.side[w].dp_ifindex;
		items_clear(&run.got[w]);
		read_notes(w, 0);
		read_upcalls(w);
	}
}

static void tally(const struct request *q)
{
	bool good = run.answer[0].there && !run.answer[0].err;

	run.cases++;
	run.good += good;
	run.by_family[q->family][good]++;
}

/* Requests of a group up to the first that differs: behind it the two may be
 * in different states. */
static void group(uint64_t no)
{
	struct rnd r = rnd_start(run.seed, no, 1000);
	static struct items only[2];
	static struct request q;
	enum verdict v;

	start();
	for (int i = 0; i < GROUP; i++) {
		request_random(&q, &r);
		ask(0, &q, 0);
		ask(1, &q, run.got[0].n);
		tally(&q);
		v = compare(&q, only);
		if (v == SAME)
			continue;
		if (v == ACCEPTED_SO)
			return;
		if (run.differ + run.place < run.show)
			show(&q, no, i, only);
		run.differ += v == DIFFERENT;
		run.place += v == PLACE;
		if (v == DIFFERENT)
			return;
	}
}

static void summary(time_t begin)
{
	static const char *const name[] = { "datapath", "vport", "flow",
					    "packet", "meter" };

	for (int i = 0; i < SIDE_FAMILIES; i++)
		printf("# %s: %llu accepted, %llu refused or not answered\n",
		       name[i], (unsigned long long)run.by_family[i][1],
		       (unsigned long long)run.by_family[i][0]);
	accepted_summary(stdout);
	printf("netlink: %llu cases of seed %llu, %llu differ, and %llu in the extended ACK alone (%ld s)\n",
	       (unsigned long long)run.cases, (unsigned long long)run.seed,
	       (unsigned long long)run.differ, (unsigned long long)run.place,
	       (long)(time(NULL) - begin));
}

static uint32_t options(int argc, char **argv)
{
	uint32_t portid = OX_NL_PORTID;
	int opt;

	while ((opt = getopt(argc, argv, "n:s:c:m:e:v")) != -1) {
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
			if (!strcmp(optarg, "module"))
				portid = 0;
			break;
		case 'e':
			run.show = strtoull(optarg, NULL, 0);
			break;
		case 'v':
			run.verbose = true;
			break;
		default:
			exit(2);
		}
	}
	return portid;
}

int main(int argc, char **argv)
{
	uint32_t portid = options(argc, argv);
	time_t begin = time(NULL);

	side_open(&run.side[0], "module", "oxvm-m", NULL, 0);
	side_open(&run.side[1], "ovsxdp", "oxvm-o", NULL, portid);
	side_subscribe(&run.side[0], "oxvm-m");
	side_subscribe(&run.side[1], "oxvm-o");
	for (uint64_t i = run.first; run.cases < run.n; i++) {
		group(i);
		if (run.verbose && i % 16 == 15)
			fprintf(stderr, "%llu cases, %llu differ\n",
				(unsigned long long)run.cases,
				(unsigned long long)run.differ);
	}
	for (int w = 0; w < 2; w++)
		setup_remove(&run.side[w]);
	summary(begin);
	return run.differ || run.place;
}
