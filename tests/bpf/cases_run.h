/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cases_run.h - the cases of lookup, actions and checksums; part of cases.h.
 */
#ifndef OVSXDP_TESTS_BPF_CASES_RUN_H
#define OVSXDP_TESTS_BPF_CASES_RUN_H

/* ---- lookup ---- */

/* The frame comes in by device 1. */
CASE(lookup, port_by_hint)
{
	case_parse_tcp4(f);
	f->rx_hint = OX_RX_HINT(1, FX_IN);
}

/* Another device has its place among the hints. */
CASE(lookup, hint_of_other)
{
	case_parse_tcp4(f);
	f->rx_hint = OX_RX_HINT(1 + OX_RX_HINTS, FX_OUT);
}

/* A flow that doesn't match the case's frame, under a mask of its own. */
static inline void fx_other(struct fx *f, int i)
{
	struct fx_flow *o = &f->more[f->n_more++];

	memset(o, 0, sizeof(*o));
	o->key.in_port = 100 + i;
	o->mask.in_port = 0xffffffff;
	o->mask.w[1 + i % 20] = 1ull << (i % 64);
}

CASE(lookup, second_mask)
{
	case_parse_tcp4(f);
	fx_other(f, 1);
	f->n_mask_hit = 2;
}

CASE(lookup, forty_masks)
{
	int i;

	case_parse_tcp4(f);
	for (i = 0; i < 40; i++)
		fx_other(f, i);
	f->n_mask_hit = 41;
}

CASE(lookup, miss)
{
	case_lookup_second_mask(f);
	f->no_flow = true;
	f->miss = true;
	f->n_mask_hit = 1;
	fx_user(f, OX_UP_MISS);
}

CASE(lookup, empty_table)
{
	case_parse_tcp4(f);
	f->no_flow = true;
	f->miss = true;
	f->n_mask_hit = 0;
	fx_user(f, OX_UP_MISS);
}

CASE(lookup, cache_hit)
{
	case_lookup_second_mask(f);
	f->cache_size = 256;
	f->runs = 3;
	f->n_mask_hit = 2 + 1 + 1;
	f->n_cache_hit = 2;
}

CASE(lookup, cache_off)
{
	case_lookup_second_mask(f);
	f->runs = 3;
	f->n_mask_hit = 6;
}

CASE(lookup, cache_one_entry)
{
	case_lookup_second_mask(f);
	f->cache_size = 1;
	f->runs = 2;
	f->n_mask_hit = 3;
	f->n_cache_hit = 1;
}

CASE(lookup, miss_not_cached)
{
	case_lookup_miss(f);
	f->cache_size = 256;
	f->runs = 2;
	f->n_mask_hit = 2;
}

/* A cache that names no flow rests; a packet later it still does. */
CASE(lookup, cache_rests)
{
	case_lookup_miss(f);
	f->cache_size = 256;
	f->runs = OX_CACHE_PERIOD + 2;
	f->n_mask_hit = (uint64_t)f->runs;
	f->cache_rest = OX_CACHE_REST - 1;
}

CASE(lookup, wildcard)
{
	case_parse_tcp4(f);
	f->no_flow = true;
	f->n_more = 1;
	f->more[0] = f->act;
	f->more[0].key.eth_type = htons(0x0800);
	f->more[0].mask.eth_type = 0xffff;
}

CASE(lookup, match_all)
{
	case_parse_tcp4(f);
	f->no_flow = true;
	f->n_more = 1;
	f->more[0] = f->act; /* a mask without words */
}

CASE(lookup, prefix)
{
	case_parse_udp4(f);
	f->no_flow = true;
	f->n_more = 2;
	f->more[0] = f->act;
	f->more[0].arg = 9; /* no such port: the longer one must win */
	f->more[0].key.ipv4.dst = htonl(0xc0a90000);
	f->more[0].mask.ipv4.dst = htonl(0xffff0000);
	f->more[1] = f->act;
	f->more[1].key.ipv4.dst = htonl(0xc0a80000);
	f->more[1].mask.ipv4.dst = htonl(0xffff0000);
}

/* Two packets with one hash that a flow tells apart: by TOS, say. */
CASE(lookup, cache_names_other)
{
	case_lookup_cache_hit(f);
	f->in_cache = 1;
	f->n_mask_hit = 2 + 1 + 1;
	f->n_cache_hit = 2;
}

CASE(lookup, cache_names_dead)
{
	case_lookup_cache_hit(f);
	f->more[0] = f->act;
	f->more[0].key = f->key;
	memset(&f->more[0].mask, 0xff, sizeof(f->more[0].mask));
	f->more[0].arg = 9; /* no such port */
	f->more[0].dead = true;
	f->in_cache = 1;
	f->n_mask_hit = 3; /* one mask for both */
}

/* The flow that the cache names differs in one word, of one of its lines. */
static inline void fx_cache_other_word(struct fx *f, int word)
{
	case_lookup_cache_names_dead(f);
	f->more[0].dead = false;
	f->more[0].key.w[word] ^= 1;
}

CASE(lookup, cache_names_first_line)
{
	fx_cache_other_word(f, OX_FLOW_WORDS - 1);
}

CASE(lookup, cache_names_second_line)
{
	fx_cache_other_word(f, OX_FLOW_WORDS + 7);
}

CASE(lookup, cache_names_third_line)
{
	fx_cache_other_word(f, OX_FLOW_WORDS + 8);
}

CASE(lookup, cache_names_last_word)
{
	fx_cache_other_word(f, OX_KEY_WORDS - 1);
}

/* A word of the hash's making: another mask's flow stands where this mask's
 * would, with its signature and all that this mask looks at. */
CASE(lookup, signature_of_other_mask)
{
	struct ox_mask one = { .n_words = 1, .bits = { 0xffffffff } };
	struct ox_mask two = { .n_words = 2,
			       .word = { 0, 1 },
			       .bits = { 0xffffffff, ~0ull } };
	struct ox_key k = { .in_port = FX_IN };
	uint64_t want, hash;

	case_parse_tcp4(f);
	one.seed = ox_hash_seed(0x243f6a8885a308d3ull, 0);
	two.seed = ox_hash_seed(0x243f6a8885a308d3ull, 1);
	want = ox_host_mask_hash(&one, &k, NULL);
	do {
		k.w[1]++;
		hash = ox_host_mask_hash(&two, &k, NULL);
	} while (ox_hash_sig(hash) != ox_hash_sig(want) ||
		 ox_hash_bucket(hash, FX_BUCKETS) !=
			 ox_hash_bucket(want, FX_BUCKETS));
	f->n_more = 2;
	f->more[0].key.in_port = 100;
	f->more[0].mask.in_port = 0xffffffff;
	f->more[1].key = k;
	f->more[1].mask.in_port = 0xffffffff;
	f->more[1].mask.w[1] = ~0ull;
	f->n_mask_hit = 3;
}

/* The flow for the case's frame comes last of all that belong into one bucket,
 * after n others. */
static inline void fx_crowd(struct fx *f, int n)
{
	struct ox_key mask = { .in_port = 0xffffffff };
	struct ox_mask c = { .n_words = 1, .bits = { 0xffffffff } };
	struct ox_key k = {};
	uint64_t hash;
	uint32_t i, first;

	case_parse_tcp4(f);
	f->no_flow = true;
	c.seed = ox_hash_seed(0x243f6a8885a308d3ull, 0);
	k.in_port = FX_IN;
	hash = ox_host_mask_hash(&c, &k, NULL);
	first = ox_hash_bucket(hash, FX_BUCKETS);
	for (i = FX_IN + 1; f->n_more < n; i++) {
		k.in_port = i;
		if (ox_hash_bucket(ox_host_mask_hash(&c, &k, NULL),
				   FX_BUCKETS) != first)
			continue;
		f->more[f->n_more].key = k;
		f->more[f->n_more++].mask = mask;
	}
	k.in_port = FX_IN;
	f->more[f->n_more] = f->act;
	f->more[f->n_more].key = k;
	f->more[f->n_more++].mask = mask;
}

CASE(lookup, overflow_chain)
{
	fx_crowd(f, 20);
}

/* As far as a flow may be from its bucket: in the last place there. */
CASE(lookup, last_bucket)
{
	fx_crowd(f, OX_PROBES * OX_BUCKET_WAYS - 1);
}

/* ---- actions ---- */

CASE(action, eth)
{
	static const uint8_t a[6] = { 6, 1, 2, 3, 4, 5 };
	static const uint8_t b[6] = { 0x0a, 9, 8, 7, 6, 5 };
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_set(f, OX_OP_SET_ETH_DST, 0, a, NULL, 6);
	fx_set(f, OX_OP_SET_ETH_SRC, 0, b, NULL, 6);
	memcpy(d.dst, a, 6);
	memcpy(d.src, b, 6);
	fx_becomes(f, &d);
}

CASE(action, eth_masked)
{
	static const uint8_t a[6] = { 6, 1, 2, 3, 4, 5 };
	static const uint8_t m[6] = { 0, 0, 0, 0, 0xff, 0x0f };
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_set(f, OX_OP_SET_ETH_DST, 0, a, m, 6);
	d.dst[4] = 4;
	d.dst[5] = (d.dst[5] & 0xf0) | 5;
	fx_becomes(f, &d);
}

/* Addresses of IPv4, under each L4 checksum. */
static inline void ip4_addrs(struct fx *f, struct desc d)
{
	fx_frame(f, &d);
	fx_set32(f, OX_OP_SET_IPV4_SRC, 0xac10fe01);
	fx_set32(f, OX_OP_SET_IPV4_DST, 0x08080404);
	d.sip = 0xac10fe01;
	d.dip = 0x08080404;
	fx_becomes(f, &d);
}

CASE(action, ip4_addr_tcp)
{
	ip4_addrs(f, desc_ip4(6));
}

CASE(action, ip4_addr_udp)
{
	ip4_addrs(f, desc_ip4(17));
}

CASE(action, ip4_addr_sctp)
{
	ip4_addrs(f, desc_ip4(132));
}

CASE(action, ip4_addr_icmp)
{
	ip4_addrs(f, desc_ip4(1));
}

CASE(action, ip4_addr_udp_no_csum)
{
	struct desc d = desc_ip4(17);

	d.no_csum = true;
	ip4_addrs(f, d);
}

CASE(action, ip4_addr_options)
{
	struct desc d = desc_ip4(6);

	d.opts = 3;
	ip4_addrs(f, d);
}

CASE(action, ip4_addr_vlan)
{
	ip4_addrs(f, desc_tag(desc_ip4(6), 0x8100, 9));
}

CASE(action, ip4_addr_later_fragment)
{
	struct desc d = desc_ip4(6);

	case_parse_ip4_later_fragment(f);
	fx_set32(f, OX_OP_SET_IPV4_DST, 0x08080404);
	/* the payload isn't a header: only the IP header changes */
	d.frag = 0x20b9;
	f->d = d;
	d.dip = 0x08080404;
	fx_becomes(f, &d);
	memcpy(f->out.b + 34, f->in.b + 34, f->in.len - 34);
}

CASE(action, ip4_addr_masked)
{
	const uint32_t v = htonl(0x0000ff07), m = htonl(0x0000ffff);
	struct desc d = desc_ip4(17);

	fx_frame(f, &d);
	fx_set(f, OX_OP_SET_IPV4_SRC, 0, &v, &m, 4);
	d.sip = (d.sip & 0xffff0000) | 0xff07;
	fx_becomes(f, &d);
}

CASE(action, ip4_addr_same)
{
	struct desc d = desc_ip4(17);

	fx_frame(f, &d);
	fx_set32(f, OX_OP_SET_IPV4_SRC, d.sip);
	fx_becomes(f, &d);
}

CASE(action, ip4_tos_ttl)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_set8(f, OX_OP_SET_IPV4_TOS, 0xb8, 0xfc); /* leaves ECN */
	fx_set8(f, OX_OP_SET_IPV4_TTL, 7, 0xff);
	d.tos = (d.tos & 3) | 0xb8;
	d.ttl = 7;
	fx_becomes(f, &d);
}

static inline void ip6_addrs(struct fx *f, struct desc d)
{
	static const uint8_t a[16] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 7,
				       0,    0, 0,   0,	   0, 0, 0, 1 };

	fx_frame(f, &d);
	fx_set6(f, OX_OP_SET_IPV6_SRC, a);
	fx_set6(f, OX_OP_SET_IPV6_DST, d.sip6);
	memcpy(d.dip6, d.sip6, 16);
	memcpy(d.sip6, a, 16);
	fx_becomes(f, &d);
}

CASE(action, ip6_addr_tcp)
{
	ip6_addrs(f, desc_ip6(6));
}

CASE(action, ip6_addr_udp)
{
	ip6_addrs(f, desc_ip6(17));
}

CASE(action, ip6_addr_icmp)
{
	ip6_addrs(f, desc_ip6(58));
}

CASE(action, ip6_addr_options)
{
	struct desc d = desc_ip6(6);

	d.next = 60;
	d.ext_len = 8;
	d.ext[0] = 6;
	ip6_addrs(f, d);
	f->key.ipv6_exthdrs = EH_DEST;
}

/* the destination isn't the last one: its checksum must stay */
CASE(action, ip6_dst_routed)
{
	struct desc d = desc_ip6(17);
	uint8_t check[2];

	d.next = 43;
	d.ext_len = 24;
	d.ext[0] = 17;
	d.ext[1] = 2;
	d.ext[2] = 4;
	d.ext[3] = 1; /* segments left */
	fx_frame(f, &d);
	f->key.ipv6_exthdrs = EH_ROUTER;
	fx_set6(f, OX_OP_SET_IPV6_DST, d.sip6);
	memcpy(check, f->in.b + 14 + 40 + 24 + 6, 2);
	memcpy(d.dip6, d.sip6, 16);
	fx_becomes(f, &d);
	memcpy(f->out.b + 14 + 40 + 24 + 6, check, 2);
}

CASE(action, ip6_dst_no_segments)
{
	struct desc d = desc_ip6(17);

	d.next = 43;
	d.ext_len = 24;
	d.ext[0] = 17;
	d.ext[1] = 2;
	fx_frame(f, &d);
	f->key.ipv6_exthdrs = EH_ROUTER;
	fx_set6(f, OX_OP_SET_IPV6_DST, d.sip6);
	memcpy(d.dip6, d.sip6, 16);
	fx_becomes(f, &d);
}

CASE(action, ip6_addr_later_fragment)
{
	struct desc d;

	case_parse_ip6_later_fragment(f);
	d = f->d;
	fx_set6(f, OX_OP_SET_IPV6_DST, d.sip6);
	memcpy(d.dip6, d.sip6, 16);
	fx_becomes(f, &d);
	memcpy(f->out.b + 54, f->in.b + 54, f->in.len - 54);
}

CASE(action, ip6_fields)
{
	struct desc d = desc_ip6(6);

	fx_frame(f, &d);
	fx_set8(f, OX_OP_SET_IPV6_TCLASS, 0x55, 0xff);
	fx_set32(f, OX_OP_SET_IPV6_LABEL, 0x00054321);
	f->act.ops[f->act.n_ops - 1].mask = htonl(0x000fffff);
	fx_set8(f, OX_OP_SET_IPV6_HLIMIT, 3, 0xff);
	d.tos = 0x55;
	d.label = 0x54321;
	d.ttl = 3;
	fx_becomes(f, &d);
}

CASE(action, ip6_fields_masked)
{
	struct desc d = desc_ip6(6);

	fx_frame(f, &d);
	fx_set8(f, OX_OP_SET_IPV6_TCLASS, 0x14, 0xfc);
	fx_set32(f, OX_OP_SET_IPV6_LABEL, 0x00000321);
	f->act.ops[f->act.n_ops - 1].mask = htonl(0x00000fff);
	d.tos = (d.tos & 3) | 0x14;
	d.label = (d.label & 0xff000) | 0x321;
	fx_becomes(f, &d);
}

static inline void tp_ports(struct fx *f, struct desc d)
{
	fx_frame(f, &d);
	fx_set16(f, OX_OP_SET_TP_SRC, d.proto, 0xfedc);
	fx_set16(f, OX_OP_SET_TP_DST, d.proto, 0x0101);
	d.sport = 0xfedc;
	d.dport = 0x0101;
	fx_becomes(f, &d);
}

CASE(action, tp_tcp)
{
	tp_ports(f, desc_ip4(6));
}

CASE(action, tp_udp)
{
	tp_ports(f, desc_ip4(17));
}

CASE(action, tp_udp_no_csum)
{
	struct desc d = desc_ip4(17);

	d.no_csum = true;
	tp_ports(f, d);
}

/* the checksum comes out as zero, which UDP writes as 0xffff */
CASE(action, tp_udp_mangled_zero)
{
	struct desc d = desc_ip4(17), e;
	struct frame *t = &f->out;
	uint32_t port;

	fx_frame(f, &d);
	for (port = 1; port < 0x10000; port++) {
		e = d;
		e.dport = port;
		build(&e, t);
		if (t->b[34 + 6] == 0xff && t->b[34 + 7] == 0xff)
			break;
	}
	fx_set16(f, OX_OP_SET_TP_DST, 17, port);
	d.dport = port;
	fx_becomes(f, &d);
}

CASE(action, tp_sctp)
{
	tp_ports(f, desc_ip4(132));
}

CASE(action, tp_sctp_long)
{
	struct desc d = desc_ip4(132);

	d.payload = 1399;
	tp_ports(f, d);
}

CASE(action, tp_sctp6)
{
	tp_ports(f, desc_ip6(132));
}

/* a checksum that was wrong stays wrong by as much */
CASE(action, tp_sctp_bad_crc)
{
	case_action_tp_sctp(f);
	f->in.b[34 + 9] ^= 0x10;
	f->out.b[34 + 9] ^= 0x10;
}

CASE(action, tp_tcp6)
{
	tp_ports(f, desc_ip6(6));
}

CASE(action, tp_udp6_qinq)
{
	tp_ports(f, desc_tag(desc_tag(desc_ip6(17), 0x88a8, 3), 0x8100, 4));
}

CASE(action, push_vlan)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_op(f, OX_OP_PUSH_VLAN, 0x8100u << 16 | 0x7064);
	d = desc_tag(d, 0x8100, 0x6064);
	fx_becomes(f, &d);
}

CASE(action, push_vlan_outer)
{
	struct desc d = desc_tag(desc_ip4(6), 0x8100, 5), e;

	fx_frame(f, &d);
	fx_op(f, OX_OP_PUSH_VLAN, 0x88a8u << 16 | 0x1007);
	e = desc_tag(desc_tag(desc_ip4(6), 0x88a8, 7), 0x8100, 5);
	fx_becomes(f, &e);
}

CASE(action, pop_vlan)
{
	struct desc d = desc_tag(desc_ip4(6), 0x8100, 5);

	fx_frame(f, &d);
	fx_op(f, OX_OP_POP_VLAN, 0);
	d.n_tags = 0;
	fx_becomes(f, &d);
}

CASE(action, pop_vlan_outer)
{
	struct desc d = desc_tag(desc_tag(desc_ip4(6), 0x88a8, 7), 0x8100, 5);

	fx_frame(f, &d);
	fx_op(f, OX_OP_POP_VLAN, 0);
	d = desc_tag(desc_ip4(6), 0x8100, 5);
	fx_becomes(f, &d);
}

CASE(action, pop_no_vlan)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_op(f, OX_OP_POP_VLAN, 0);
	fx_becomes(f, &d);
}

/* header offsets follow the tags */
CASE(action, push_set_pop)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_op(f, OX_OP_PUSH_VLAN, 0x8100u << 16 | 0x1001);
	fx_set32(f, OX_OP_SET_IPV4_DST, 0x01020304);
	fx_op(f, OX_OP_POP_VLAN, 0);
	fx_set16(f, OX_OP_SET_TP_DST, 6, 99);
	d.dip = 0x01020304;
	d.dport = 99;
	fx_becomes(f, &d);
}

CASE(action, jumbo_edit)
{
	struct desc d = desc_ip4(6);

	d.payload = 7000;
	f->out_mtu = 9000;
	ip4_addrs(f, d);
}

CASE(action, user)
{
	case_parse_tcp4(f);
	f->act.kind = OX_ACT_USER;
	f->act.arg = 5;
	f->acts = 5;
	fx_user(f, OX_UP_FLOW);
	f->reason[OX_R_USER] = 1;
}

/* ---- checksums that a stack left open ---- */

/* The skb knows what is open: all to the skb tier, untouched. */
static inline void left_open(struct fx *f, struct desc d)
{
	d.partial = true;
	fx_frame(f, &d);
	f->in_flags = OX_PORT_SKB_RX;
	f->reason[OX_R_CSUM_PARTIAL] = 1;
	fx_down(f, OX_UP_FLOW);
}

CASE(csum, partial_tcp4)
{
	left_open(f, desc_ip4(6));
}

CASE(csum, partial_udp4)
{
	left_open(f, desc_ip4(17));
}

CASE(csum, partial_tcp6)
{
	left_open(f, desc_ip6(6));
}

CASE(csum, partial_udp6_vlan)
{
	left_open(f, desc_tag(desc_ip6(17), 0x8100, 4));
}

CASE(csum, partial_options)
{
	struct desc d = desc_ip4(6);

	d.opts = 2;
	d.payload = 1401;
	left_open(f, d);
}

CASE(csum, partial_jumbo)
{
	struct desc d = desc_ip4(6);

	d.payload = 8191;
	f->out_mtu = 9000;
	left_open(f, d);
}

CASE(csum, partial_edit)
{
	left_open(f, desc_ip4(6));
	fx_set32(f, OX_OP_SET_IPV4_DST, 0x01020304);
	fx_op(f, OX_OP_OUTPUT, FX_OUT);
}

CASE(csum, partial_miss)
{
	left_open(f, desc_ip4(6));
	f->no_flow = true;
	f->miss = true;
	f->n_mask_hit = 0;
	f->reason[OX_R_CSUM_PARTIAL] = 0;
	fx_down(f, OX_UP_MISS);
}

CASE(csum, partial_no_tier)
{
	left_open(f, desc_ip4(6));
	f->no_skb_tier = true;
}

/* a NIC's frame is not looked at */
CASE(csum, partial_nic)
{
	struct desc d = desc_ip4(6);

	d.partial = true;
	fx_frame(f, &d);
}

CASE(csum, complete_skb)
{
	case_parse_tcp4(f);
	f->in_flags = OX_PORT_SKB_RX;
}

CASE(csum, generic_output)
{
	case_csum_partial_nic(f);
	f->in_flags = OX_PORT_GENERIC;
}

CASE(csum, generic_edit)
{
	case_csum_partial_edit(f);
	f->in_flags = OX_PORT_GENERIC;
}

CASE(csum, generic_edit_complete)
{
	ip4_addrs(f, desc_ip4(6));
	f->in_flags = OX_PORT_GENERIC;
}

CASE(csum, generic_edit_eth)
{
	static const uint8_t a[6] = { 6, 1, 2, 3, 4, 5 };

	left_open(f, desc_ip4(6));
	f->in_flags = OX_PORT_GENERIC;
	fx_set(f, OX_OP_SET_ETH_DST, 0, a, NULL, 6);
	fx_op(f, OX_OP_OUTPUT, FX_OUT);
}

#endif /* OVSXDP_TESTS_BPF_CASES_RUN_H */
