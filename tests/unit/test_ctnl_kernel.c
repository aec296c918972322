// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ctnl_kernel.c - conntrack's messages against those of the kernel that
 * this runs on: its answers, read and written again, are the same bytes; what
 * it refuses is refused with the same errno. Everything is in a network
 * namespace of the test's own.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include "control/codec/ctnl.h"
#include "control/codec/ctnl_exp.h"
#include "control/codec/ctnl_timeout.h"
#include "tests/lib/nfnl.h"

static struct nfnl nl;
static bool open_;
static _Alignas(8) uint8_t data[8192];
static struct ox_nlbuf buf;

static void need_kernel(void)
{
	static bool tried;

	if (!tried)
		open_ = nfnl_open(&nl);
	tried = true;
	if (!open_)
		ox_skip("no right to a namespace, or no ctnetlink");
}

static struct ox_nlbuf *fresh(void)
{
	buf = (struct ox_nlbuf){ .data = data, .size = sizeof(data) };
	return &buf;
}

static const struct nlattr *attrs_of(const struct nlmsghdr *h, uint32_t *len)
{
	uint32_t head = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg));

	*len = h->nlmsg_len - head;
	return (const void *)((const uint8_t *)h + head);
}

static const struct nfgenmsg *head_of(const struct nlmsghdr *h)
{
	return (const void *)((const uint8_t *)h + NLMSG_HDRLEN);
}

static int parse(const struct nlmsghdr *h, const struct ox_nla_policy *policy,
		 int max, const struct nlattr **tb)
{
	uint32_t len;
	const struct nlattr *a = attrs_of(h, &len);

	return ox_attrs_parse(h, a, len, policy, max, tb, NULL);
}

static void hex(const char *name, const void *p, uint32_t n)
{
	char line[3 * 1024];
	uint32_t at = 0;

	for (uint32_t i = 0; i < n && at < sizeof(line) - 3; i++)
		at += (uint32_t)sprintf(line + at, "%02x",
					((const uint8_t *)p)[i]);
	print_message("# %s %s\n", name, line);
}

/* Synproxy is the firewall's: the kernel shows it, all zero, of entries that a
 * request made. */
static const struct nlmsghdr *without_synproxy(const struct nlmsghdr *h)
{
	static _Alignas(8) uint8_t copy[8192];
	struct nlmsghdr *to = (void *)copy;
	uint32_t left;
	const struct nlattr *a = attrs_of(h, &left);

	if (h->nlmsg_type >> 8 != NFNL_SUBSYS_CTNETLINK)
		return h;
	to->nlmsg_len = h->nlmsg_len - left;
	memcpy(copy + 4, (const uint8_t *)h + 4, to->nlmsg_len - 4);
	for (; mnl_attr_ok(a, (int)left); a = mnl_attr_next(a)) {
		uint32_t n = NLA_ALIGN(a->nla_len);

		left -= n;
		if (mnl_attr_get_type(a) == CTA_SYNPROXY)
			continue;
		memcpy(copy + to->nlmsg_len, a, n);
		to->nlmsg_len += n;
	}
	return to;
}

/* The message that was written is the kernel's. */
static void same_message(const struct nlmsghdr *theirs)
{
	const struct nlmsghdr *ours = (const void *)data;

	theirs = without_synproxy(theirs);
	if (ours->nlmsg_len == theirs->nlmsg_len &&
	    !memcmp(ours, theirs, theirs->nlmsg_len))
		return;
	hex("kernel", theirs, theirs->nlmsg_len);
	hex("ours  ", ours, ours->nlmsg_len);
	fail_msg("another message");
}

static struct ox_ctnl_to same_header(const struct nlmsghdr *h)
{
	return (struct ox_ctnl_to){ h->nlmsg_pid, h->nlmsg_seq,
				    h->nlmsg_flags };
}

/* ---- entries ---- */

static void set_tuples(struct ox_ctnl_entry *e, uint8_t l3, uint8_t proto,
		       uint16_t port)
{
	struct ox_ctnl_tuple *o = &e->tuple[0], *r = &e->tuple[1];

	*o = (struct ox_ctnl_tuple){ .l3 = l3, .proto = proto };
	o->src[0] = l3 == AF_INET ? htonl(0x0a000001) : htonl(0xfd000000);
	o->dst[0] = l3 == AF_INET ? htonl(0x0a000002) : htonl(0xfd000001);
	if (l3 == AF_INET6) {
		o->src[3] = htonl(1);
		o->dst[3] = htonl(2);
	}
	o->sport = htons(port);
	o->dport = htons(80);
	*r = *o;
	memcpy(r->src, o->dst, sizeof(r->src));
	memcpy(r->dst, o->src, sizeof(r->dst));
	r->sport = o->dport;
	r->dport = o->sport;
	if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) {
		o->icmp_type = proto == IPPROTO_ICMP ? 8 : 128;
		r->icmp_type = proto == IPPROTO_ICMP ? 0 : 129;
		r->sport = o->sport;
		o->dport = r->dport = 0;
	}
	if (proto == 200)
		o->sport = o->dport = r->sport = r->dport = 0;
}

static struct ox_ctnl_entry entry(uint8_t l3, uint8_t proto, uint16_t port)
{
	struct ox_ctnl_entry e = {
		.status = IPS_CONFIRMED | IPS_SEEN_REPLY,
		.timeout = 1000,
	};

	set_tuples(&e, l3, proto, port);
	return e;
}

static int create(const struct ox_ctnl_entry *e)
{
	struct ox_ctnl_to to = { .flags = NLM_F_CREATE | NLM_F_EXCL };

	assert_int_equal(ox_ctnl_entry_put(fresh(), &to, e), 0);
	return nfnl_ask(&nl, &buf);
}

/* The same, and both ends of TCP with the given flags. */
static int create_tcp(struct ox_ctnl_entry *e, uint8_t flags)
{
	struct ox_ctnl_to to = { .flags = NLM_F_CREATE | NLM_F_EXCL };
	uint8_t *at;

	e->proto.flags[0] = e->proto.flags[1] = 0xf0;
	assert_int_equal(ox_ctnl_entry_put(fresh(), &to, e), 0);
	/* {flags, mask}: a request says which ones it means */
	for (at = data; at < data + buf.len - 6; at++)
		if (at[0] == 6 && !at[1] && (at[2] == 4 || at[2] == 5) &&
		    !at[3] && at[4] == 0xf0 && !at[5]) {
			at[4] = flags;
			at[5] = 0xff;
		}
	return nfnl_ask(&nl, &buf);
}

static void flush(void)
{
	struct ox_ctnl_to to = { 0 };

	ox_ctnl_begin(fresh(), &to, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE,
		      0, 0);
	ox_nl_end(&buf);
	assert_int_equal(nfnl_ask(&nl, &buf), 0);
}

static uint32_t created;

static void make(struct ox_ctnl_entry e)
{
	int err = create(&e);

	if (err)
		fail_msg("protocol %u: %d", e.tuple[0].proto, err);
	created++;
}

static void make_all(void)
{
	static const uint8_t protos[] = { IPPROTO_TCP,	IPPROTO_UDP,
					  IPPROTO_SCTP, IPPROTO_GRE,
					  IPPROTO_ICMP, 200 };
	struct ox_ctnl_entry e;

	created = 0;
	flush();
	nfnl_sysctl("nf_conntrack_acct", "1");
	nfnl_sysctl("nf_conntrack_timestamp", "1");
	for (size_t i = 0; i < sizeof(protos); i++) {
		make(entry(AF_INET, protos[i], 1000));
		if (protos[i] != IPPROTO_ICMP)
			make(entry(AF_INET6, protos[i], 1000));
	}
	make(entry(AF_INET6, IPPROTO_ICMPV6, 77));
	/* zone, mark, status, times */
	e = entry(AF_INET, IPPROTO_UDP, 2000);
	e.zone = 65535;
	e.mark = 0xdeadbeef;
	e.status |= IPS_ASSURED;
	e.timeout = 900;
	make(e);
	/* TCP as it goes */
	for (uint8_t state = 1; state < OX_CTNL_TCP_STATES; state++) {
		e = entry(AF_INET, IPPROTO_TCP, (uint16_t)(3000 + state));
		e.proto.state = state;
		e.zone = state;
		assert_int_equal(create_tcp(&e, (uint8_t)(state * 7 & 0x1f)),
				 0);
		created++;
	}
	e = entry(AF_INET, IPPROTO_SCTP, 4000);
	e.proto.state = 4;
	e.proto.vtag[0] = htonl(0x01020304);
	e.proto.vtag[1] = htonl(0x05060708);
	make(e);
	/* NAT: another reply tuple */
	e = entry(AF_INET, IPPROTO_UDP, 5000);
	e.tuple[1].dst[0] = htonl(0x01020304);
	e.tuple[1].dport = htons(1);
	make(e);
	/* one that another expected */
	e = entry(AF_INET, IPPROTO_UDP, 6000);
	e.has = OX_CTNL_MASTER;
	e.master = entry(AF_INET, IPPROTO_TCP, 1000).tuple[0];
	make(e);
	e = entry(AF_INET, IPPROTO_TCP, 7000);
	e.has = OX_CTNL_SEQ_ADJ;
	e.seq_adj[0] = (struct ox_ctnl_seq_adj){ 1, 2, 3 };
	e.seq_adj[1] = (struct ox_ctnl_seq_adj){ 4, 0xfffffffe, 6 };
	make(e);
}

/* What a kernel may lack: helpers, labels. */
static void make_more(void)
{
	struct ox_ctnl_entry e = entry(AF_INET, IPPROTO_TCP, 8000);

	e.has = OX_CTNL_HELPER;
	strcpy(e.helper, "ftp");
	created += !create(&e);
	e = entry(AF_INET, IPPROTO_TCP, 8001);
	e.has = OX_CTNL_LABELS;
	memset(e.labels, 0x5a, sizeof(e.labels));
	created += !create(&e);
}

static int dump(uint8_t family)
{
	struct ox_ctnl_to to = { .flags = NLM_F_DUMP };

	ox_ctnl_begin(fresh(), &to, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET,
		      family, 0);
	ox_nl_end(&buf);
	return nfnl_ask(&nl, &buf);
}

static void read_entry(const struct nlmsghdr *h, struct ox_ctnl_entry *e)
{
	const struct nlattr *tb[CTA_MAX + 1];
	struct ox_err err = { 0 };

	assert_int_equal(parse(h, ox_ctnl_policy, CTA_MAX, tb), 0);
	if (ox_ctnl_entry_parse(h, tb, head_of(h)->nfgen_family, e, &err))
		fail_msg("%s", err.msg);
}

static void entries(void **state)
{
	uint32_t n = 0, has = 0;
	struct ox_ctnl_entry e;

	(void)state;
	need_kernel();
	make_all();
	make_more();
	assert_int_equal(dump(0), 0);
	for (const struct nlmsghdr *h = nfnl_first(&nl); h;
	     h = nfnl_next(&nl, h), n++) {
		struct ox_ctnl_to to = same_header(h);

		read_entry(h, &e);
		has |= e.has;
		assert_int_equal(ox_ctnl_entry_put(fresh(), &to, &e), 0);
		same_message(h);
	}
	assert_int_equal(n, created);
	print_message("# %u entries, kinds 0x%x\n", n, has);
	assert_int_equal(has & 0xff3, 0xff3); /* all but helper and labels */
}

/* ---- notifications ---- */

static void events(void **state)
{
	static const uint32_t new_events =
		1 << IPCT_NEW | 1 << IPCT_REPLY | 1 << IPCT_ASSURED |
		1 << IPCT_HELPER | 1 << IPCT_PROTOINFO | 1 << IPCT_SEQADJ |
		1 << IPCT_MARK;
	static struct nfnl ear;
	const struct nlmsghdr *h;
	struct ox_ctnl_entry e;
	uint32_t n = 0;

	(void)state;
	need_kernel();
	flush();
	nfnl_sysctl("nf_conntrack_timestamp", "0"); /* CTA_TIMESTAMP_EVENT */
	assert_true(nfnl_socket(&ear));
	for (uint32_t g = 1; g <= 3; g++)
		nfnl_join(&ear, g);
	for (int i = 0; i < 4; i++) {
		e = entry(AF_INET, i & 1 ? IPPROTO_TCP : IPPROTO_UDP, 9000);
		e.zone = (uint16_t)i;
		e.mark = i & 2 ? 5 : 0;
		e.proto.state = 3;
		assert_int_equal(create(&e), 0);
	}
	flush();
	nfnl_events(&ear);
	for (h = nfnl_first(&ear); h; h = nfnl_next(&ear, h), n++) {
		struct ox_ctnl_to to = same_header(h);
		bool gone = (h->nlmsg_type & 0xff) == IPCTNL_MSG_CT_DELETE;

		read_entry(h, &e);
		assert_int_equal(
			ox_ctnl_event_put(fresh(), &to,
					  gone ? 1 << IPCT_DESTROY : new_events,
					  &e),
			0);
		same_message(h);
	}
	assert_int_equal(n, 8);
}

/* ---- requests: the same errno ---- */

static uint64_t seed = 1;

static uint32_t below(uint32_t n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % n;
}

/* A message that begins right: a tuple or two, and more, by chance. */
static void begin_request(uint8_t cmd, uint16_t flags)
{
	static const uint8_t protos[] = { 6, 17, 1, 58, 132, 47, 200 };
	uint8_t l3 = below(2) ? AF_INET : AF_INET6;
	struct ox_ctnl_entry e = entry(l3, protos[below(7)], 1000);
	struct ox_ctnl_to to = { .flags = flags };
	uint32_t words[2] = { 1u << below(12) | 1u << below(12),
			      below(3) ? 0 : 1u << below(14) };
	uint32_t mark;
	uint8_t family = below(8) ? l3 : (uint8_t)below(12);

	ox_ctnl_begin(fresh(), &to, NFNL_SUBSYS_CTNETLINK, cmd, family, 0);
	if (!below(4))
		data[NLMSG_HDRLEN + 1] = 1; /* its version */
	if (below(8)) {
		ox_ctnl_entry_put(fresh(), &to, &e);
		data[4] = cmd;
		((struct nfgenmsg *)(data + NLMSG_HDRLEN))->nfgen_family =
			family;
		buf.nlh = (struct nlmsghdr *)data;
		if (below(2)) { /* without status and what comes after it */
			struct nlattr *a = (void *)(data + 20);

			for (int i = 0; i < 2; i++)
				a = (void *)((uint8_t *)a +
					     NLA_ALIGN(a->nla_len));
			buf.len = (uint32_t)((uint8_t *)a - data);
			buf.nlh->nlmsg_len = buf.len;
		}
	}
	if (!below(3))
		ox_nl_put_u32(&buf, CTA_MARK, htonl(below(2)));
	if (!below(3))
		ox_nl_put_u32(&buf, CTA_MARK_MASK, htonl(below(2)));
	if (!below(4))
		ox_nl_put_u32(&buf, CTA_STATUS, htonl(below(16)));
	if (!below(4))
		ox_nl_put_u32(&buf, CTA_STATUS_MASK, htonl(below(16)));
	if (!below(3)) {
		ox_nl_nest(&buf, NLA_F_NESTED | CTA_FILTER, &mark);
		ox_nl_put_u32(&buf, CTA_FILTER_ORIG_FLAGS, words[0]);
		if (words[1])
			ox_nl_put_u32(&buf, CTA_FILTER_REPLY_FLAGS, words[1]);
		ox_nl_nest_end(&buf, mark);
	}
	ox_nl_end(&buf);
}

/* Breaks a few bytes of the attributes: types, lengths, values. */
static void break_request(void)
{
	for (uint32_t n = below(4); n--;) {
		uint32_t at = 20 + 4 * below((buf.len - 20) / 4 + 1);

		if (at + 4 > buf.len)
			continue;
		switch (below(4)) {
		case 0: /* a type or a value's upper half */
			data[at + 2] = (uint8_t)below(26);
			break;
		case 1:
			data[at] = (uint8_t)below(40);
			break;
		case 2:
			data[at + below(4)] ^= (uint8_t)(1u << below(8));
			break;
		case 3:
			data[at + 3] ^= 0x80; /* NLA_F_NESTED */
			break;
		}
	}
}

static int ours(const struct nlmsghdr *h, uint8_t cmd, bool is_dump)
{
	const struct nlattr *tb[CTA_MAX + 1];
	struct ox_ctnl_filter f;
	struct ox_ctnl_which w;
	struct ox_ctnl_delete d;
	struct ox_err e = { 0 };
	uint8_t family = head_of(h)->nfgen_family;
	int err = parse(h, ox_ctnl_policy, CTA_MAX, tb);

	if (err)
		return err;
	if (is_dump)
		err = ox_ctnl_filter_parse(h, tb, family, &f, &e);
	else if (cmd == IPCTNL_MSG_CT_GET)
		err = ox_ctnl_which_parse(h, tb, family, &w, &e);
	else
		err = ox_ctnl_delete_parse(h, tb, head_of(h), &d, &e);
	if (err && !e.msg[0])
		fail_msg("refused without words");
	return err;
}

/* Kernels of 6.1 refuse a filter in a DELETE; we take it as later ones. */
static bool deletes_by_filter(void)
{
	struct ox_ctnl_to to = { 0 };
	uint32_t mark;

	ox_ctnl_begin(fresh(), &to, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE,
		      0, 0);
	ox_nl_nest(&buf, NLA_F_NESTED | CTA_FILTER, &mark);
	ox_nl_nest_end(&buf, mark);
	ox_nl_end(&buf);
	return !nfnl_ask(&nl, &buf);
}

/* What kernels differ in: that filter, and attributes that came later. */
static bool is_of_some_kernels(const struct nlmsghdr *h, bool by_filter)
{
	uint32_t left;
	const struct nlattr *a = attrs_of(h, &left);

	for (; mnl_attr_ok(a, (int)left); a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) > CTA_MAX ||
		    (!by_filter && mnl_attr_get_type(a) == CTA_FILTER))
			return true;
		left -= NLA_ALIGN(a->nla_len);
	}
	return false;
}

static void compare_errnos(uint8_t cmd, bool is_dump)
{
	bool all_kinds = cmd == IPCTNL_MSG_CT_GET || deletes_by_filter();
	uint32_t bad = 0, refused = 0;

	for (int i = 0; i < 4000; i++) {
		static uint8_t copy[8192];
		int want, got;

		begin_request(cmd, is_dump ? NLM_F_DUMP : 0);
		break_request();
		memcpy(copy, data, buf.len);
		if (is_of_some_kernels((const void *)copy, all_kinds))
			continue;
		want = nfnl_ask(&nl, &buf);
		if (want == -ENOENT)
			want = 0; /* no such entry */
		got = ours((const void *)copy, cmd, is_dump);
		refused += want != 0;
		if (got == want)
			continue;
		if (bad++ < 5) {
			print_message("# request %d: %d, the kernel %d\n", i,
				      got, want);
			hex("request", copy,
			    ((struct nlmsghdr *)copy)->nlmsg_len);
		}
	}
	print_message("# %u of 4000 refused\n", refused);
	assert_int_equal(bad, 0);
}

static void errno_get(void **state)
{
	(void)state;
	need_kernel();
	compare_errnos(IPCTNL_MSG_CT_GET, false);
}

static void errno_dump(void **state)
{
	(void)state;
	need_kernel();
	flush();
	compare_errnos(IPCTNL_MSG_CT_GET, true);
}

static void errno_delete(void **state)
{
	(void)state;
	need_kernel();
	compare_errnos(IPCTNL_MSG_CT_DELETE, false);
}

/* ---- filters: the same entries ---- */

#define MAX_ENTRIES 128
static struct ox_ctnl_entry all[MAX_ENTRIES];

static uint32_t read_all(void)
{
	uint32_t n = 0;

	assert_int_equal(dump(0), 0);
	for (const struct nlmsghdr *h = nfnl_first(&nl); h && n < MAX_ENTRIES;
	     h = nfnl_next(&nl, h))
		read_entry(h, &all[n++]);
	return n;
}

/* IPv6 addresses: up to 6.1 the kernel lets pass what it should not. */
static bool of_ipv6_address(const struct ox_ctnl_filter *f)
{
	return f->family == AF_INET6 &&
	       (f->flags[0] | f->flags[1]) &
		       (OX_CTNL_F_IP_SRC | OX_CTNL_F_IP_DST);
}

static void filters(void **state)
{
	uint32_t n, some = 0;

	(void)state;
	need_kernel();
	make_all();
	n = read_all();
	assert_int_equal(n, created);
	for (int i = 0; i < 500; i++) {
		const struct nlattr *tb[CTA_MAX + 1];
		static uint8_t copy[8192];
		const struct nlmsghdr *q = (const void *)copy, *h;
		struct ox_ctnl_filter f;
		struct ox_ctnl_entry e;
		uint32_t want = 0, got = 0;

		begin_request(IPCTNL_MSG_CT_GET, NLM_F_DUMP);
		memcpy(copy, data, buf.len);
		assert_int_equal(parse(q, ox_ctnl_policy, CTA_MAX, tb), 0);
		if (ox_ctnl_filter_parse(q, tb, head_of(q)->nfgen_family, &f,
					 NULL) ||
		    of_ipv6_address(&f) || f.has_zone)
			continue;
		for (uint32_t k = 0; k < n; k++)
			want += ox_ctnl_filter_match(&f, &all[k]);
		assert_int_equal(nfnl_ask(&nl, &buf), 0);
		for (h = nfnl_first(&nl); h; h = nfnl_next(&nl, h), got++) {
			read_entry(h, &e);
			assert_true(ox_ctnl_filter_match(&f, &e));
			assert_int_equal(
				!!(h->nlmsg_flags & NLM_F_DUMP_FILTERED),
				f.given);
		}
		assert_int_equal(got, want);
		some += want && want < n;
	}
	print_message("# %u filters told entries apart\n", some);
	assert_true(some > 50);
}

/* ---- statistics ---- */

static uint32_t number(const struct nlattr *const *tb, int type)
{
	return tb[type] ? ntohl(mnl_attr_get_u32(tb[type])) : 0;
}

static int ask_plain(uint8_t subsys, uint8_t cmd, uint16_t flags)
{
	struct ox_ctnl_to to = { .flags = flags };

	ox_ctnl_begin(fresh(), &to, subsys, cmd, 0, 0);
	ox_nl_end(&buf);
	return nfnl_ask(&nl, &buf);
}

static void statistics(void **state)
{
	const struct nlattr *tb[CTA_STATS_MAX + 1];
	const struct nlmsghdr *h;
	struct ox_ctnl_to to;
	uint32_t n = 0;

	(void)state;
	need_kernel();
	assert_int_equal(ask_plain(NFNL_SUBSYS_CTNETLINK,
				   IPCTNL_MSG_CT_GET_STATS_CPU, NLM_F_DUMP),
			 0);
	for (h = nfnl_first(&nl); h; h = nfnl_next(&nl, h), n++) {
		struct ox_ctnl_stats s;

		assert_int_equal(parse(h, NULL, CTA_STATS_MAX, tb), 0);
		s = (struct ox_ctnl_stats){
			number(tb, CTA_STATS_FOUND),
			number(tb, CTA_STATS_INVALID),
			number(tb, CTA_STATS_INSERT),
			number(tb, CTA_STATS_INSERT_FAILED),
			number(tb, CTA_STATS_DROP),
			number(tb, CTA_STATS_EARLY_DROP),
			number(tb, CTA_STATS_ERROR),
			number(tb, CTA_STATS_SEARCH_RESTART),
			number(tb, CTA_STATS_CLASH_RESOLVE),
			number(tb, CTA_STATS_CHAIN_TOOLONG),
		};
		to = same_header(h);
		assert_int_equal(
			ox_ctnl_stats_cpu_put(fresh(), &to,
					      ntohs(head_of(h)->res_id), &s),
			0);
		same_message(h);
	}
	assert_true(n > 0);
	assert_int_equal(
		ask_plain(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS, 0),
		0);
	h = nfnl_first(&nl);
	assert_non_null(h);
	assert_int_equal(parse(h, NULL, CTA_STATS_MAX, tb), 0);
	to = same_header(h);
	assert_int_equal(
		ox_ctnl_stats_put(fresh(), &to,
				  number(tb, CTA_STATS_GLOBAL_ENTRIES),
				  number(tb, CTA_STATS_GLOBAL_MAX_ENTRIES)),
		0);
	same_message(h);
	assert_int_equal(ask_plain(NFNL_SUBSYS_CTNETLINK_EXP,
				   IPCTNL_MSG_EXP_GET_STATS_CPU, NLM_F_DUMP),
			 0);
	for (h = nfnl_first(&nl); h; h = nfnl_next(&nl, h)) {
		assert_int_equal(parse(h, NULL, CTA_STATS_MAX, tb), 0);
		to = same_header(h);
		assert_int_equal(
			ox_ctnl_stats_exp_put(fresh(), &to,
					      ntohs(head_of(h)->res_id),
					      number(tb, CTA_STATS_EXP_NEW),
					      number(tb, CTA_STATS_EXP_CREATE),
					      number(tb, CTA_STATS_EXP_DELETE)),
			0);
		same_message(h);
	}
}

/* ---- expectations ---- */

static struct ox_ctnl_exp expectation(int i, const struct ox_ctnl_tuple *master)
{
	struct ox_ctnl_exp x = { .timeout = 100, .flags = 1 };

	x.tuple = entry(AF_INET, IPPROTO_TCP, 0).tuple[0];
	x.tuple.dport = htons((uint16_t)(20000 + i));
	x.mask = x.tuple;
	memset(x.mask.src, i ? 0xff : 0, sizeof(x.mask.src));
	x.mask.sport = htons(i > 1 ? 0xffff : 0);
	x.master = *master;
	x.has_nat = i > 1;
	x.nat = x.tuple;
	x.nat_dir = 1;
	x.nat.src[0] = htonl(0x01020304);
	x.nat.sport = htons(7);
	return x;
}

static void same_expectation(const struct nlmsghdr *h)
{
	const struct nlattr *tb[CTA_EXPECT_MAX + 1];
	struct ox_ctnl_to to = same_header(h);
	struct ox_ctnl_exp x;
	struct ox_err err = { 0 };

	assert_int_equal(parse(h, ox_ctnl_exp_policy, CTA_EXPECT_MAX, tb), 0);
	if (ox_ctnl_exp_parse(h, tb, head_of(h)->nfgen_family, &x, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(ox_ctnl_exp_put(fresh(), &to, IPCTNL_MSG_EXP_NEW, &x),
			 0);
	same_message(h);
}

/* ftp waits for one at a time. */
static void expectations(void **state)
{
	struct ox_ctnl_to to = { .flags = NLM_F_CREATE };
	struct ox_ctnl_entry e = entry(AF_INET, IPPROTO_TCP, 21);

	(void)state;
	need_kernel();
	flush();
	e.has = OX_CTNL_HELPER;
	strcpy(e.helper, "ftp");
	if (create(&e))
		ox_skip("this kernel has no helper ftp");
	for (int i = 0; i < 3; i++) {
		struct ox_ctnl_exp x = expectation(i, &e.tuple[0]);

		assert_int_equal(
			ox_ctnl_exp_put(fresh(), &to, IPCTNL_MSG_EXP_NEW, &x),
			0);
		assert_int_equal(nfnl_ask(&nl, &buf), 0);
		assert_int_equal(ask_plain(NFNL_SUBSYS_CTNETLINK_EXP,
					   IPCTNL_MSG_EXP_GET, NLM_F_DUMP),
				 0);
		assert_non_null(nfnl_first(&nl));
		same_expectation(nfnl_first(&nl));
		assert_null(nfnl_next(&nl, nfnl_first(&nl)));
	}
}

/* ---- timeouts ---- */

static void read_timeout(const struct nlmsghdr *h, struct ox_ctnl_timeout *t,
			 bool named)
{
	const struct nlattr *tb[CTA_TIMEOUT_MAX + 1];
	struct ox_err err = { 0 };
	int r;

	assert_int_equal(parse(h, ox_ctnl_timeout_policy, CTA_TIMEOUT_MAX, tb),
			 0);
	r = named ? ox_ctnl_timeout_parse(h, tb, t, &err)
		  : ox_ctnl_timeout_default_parse(h, tb, t, &err);
	if (r)
		fail_msg("%s", err.msg);
}

static const uint8_t l4s[] = { IPPROTO_TCP,  IPPROTO_UDP,    IPPROTO_UDPLITE,
			       IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_SCTP,
			       IPPROTO_GRE };

static void timeouts(void **state)
{
	struct ox_ctnl_timeout t;
	const struct nlmsghdr *h;
	struct ox_ctnl_to to;
	uint32_t n = 0;

	(void)state;
	need_kernel();
	if (ask_plain(NFNL_SUBSYS_CTNETLINK_TIMEOUT, IPCTNL_MSG_TIMEOUT_GET,
		      NLM_F_DUMP))
		ox_skip("this kernel has no timeout policies");
	for (size_t i = 0; i < sizeof(l4s); i++) {
		memset(&t, 0, sizeof(t));
		to = (struct ox_ctnl_to){ .flags = NLM_F_CREATE };
		snprintf(t.name, sizeof(t.name), "tp%zu", i);
		t.l3 = i & 1 ? AF_INET6 : AF_INET;
		t.l4 = l4s[i];
		for (uint32_t k = 0; k < OX_CTNL_TIMEOUTS; k++)
			t.seconds[k] = 100 * (uint32_t)i + k;
		assert_int_equal(ox_ctnl_timeout_put(fresh(), &to, &t), 0);
		assert_int_equal(nfnl_ask(&nl, &buf), 0);
	}
	assert_int_equal(ask_plain(NFNL_SUBSYS_CTNETLINK_TIMEOUT,
				   IPCTNL_MSG_TIMEOUT_GET, NLM_F_DUMP),
			 0);
	for (h = nfnl_first(&nl); h; h = nfnl_next(&nl, h), n++) {
		read_timeout(h, &t, true);
		to = same_header(h);
		assert_int_equal(ox_ctnl_timeout_put(fresh(), &to, &t), 0);
		same_message(h);
	}
	assert_int_equal(n, sizeof(l4s));
}

static void timeout_defaults(void **state)
{
	struct ox_ctnl_timeout t;
	struct ox_ctnl_to to;
	uint32_t n = 0;

	(void)state;
	need_kernel();
	if (ask_plain(NFNL_SUBSYS_CTNETLINK_TIMEOUT, IPCTNL_MSG_TIMEOUT_GET,
		      NLM_F_DUMP))
		ox_skip("this kernel has no timeout policies");
	for (uint16_t l4 = 0; l4 < 256; l4++) {
		const struct nlattr *tb[CTA_TIMEOUT_MAX + 1];
		static uint8_t copy[256];
		int err;

		to = (struct ox_ctnl_to){ 0 };
		ox_ctnl_begin(fresh(), &to, NFNL_SUBSYS_CTNETLINK_TIMEOUT,
			      IPCTNL_MSG_TIMEOUT_DEFAULT_GET, 0, 0);
		ox_nl_put_u16(&buf, CTA_TIMEOUT_L3PROTO, htons(AF_INET));
		ox_nl_put_u8(&buf, CTA_TIMEOUT_L4PROTO, (uint8_t)l4);
		ox_nl_end(&buf);
		memcpy(copy, data, buf.len);
		err = nfnl_ask(&nl, &buf);
		assert_int_equal(parse((void *)copy, ox_ctnl_timeout_policy,
				       CTA_TIMEOUT_MAX, tb),
				 0);
		/* DCCP went in 6.18 */
		if (l4 != IPPROTO_DCCP)
			assert_int_equal(
				ox_ctnl_timeout_which_parse(copy, tb, &t, NULL),
				err);
		if (err)
			continue;
		read_timeout(nfnl_first(&nl), &t, false);
		to = same_header(nfnl_first(&nl));
		assert_int_equal(ox_ctnl_timeout_default_put(fresh(), &to, &t),
				 0);
		same_message(nfnl_first(&nl));
		n++;
	}
	print_message("# %u protocols have timeouts\n", n);
	assert_true(n >= 8);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.ctnl_kernel.entries", entries),
	OX_TEST("unit.ctnl_kernel.filters", filters),
	OX_TEST("unit.ctnl_kernel.errno_get", errno_get),
	OX_TEST("unit.ctnl_kernel.errno_dump", errno_dump),
	OX_TEST("unit.ctnl_kernel.errno_delete", errno_delete),
	OX_TEST("unit.ctnl_kernel.statistics", statistics),
	OX_TEST("unit.ctnl_kernel.expectations", expectations),
	OX_TEST("unit.ctnl_kernel.timeouts", timeouts),
	OX_TEST("unit.ctnl_kernel.timeout_defaults", timeout_defaults),
	OX_TEST("unit.ctnl_kernel.events", events),
};

OX_TEST_MAIN(tests)
