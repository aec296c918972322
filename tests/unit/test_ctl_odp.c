// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The flow syntax: what is printed can be read back, what is read becomes
 * the right bytes, and a bad text is refused with its column.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>

#include "control/ctl/odp_field.h"
#include "ovsxdp/uapi.h"

static struct ox_odp_port port_list[] = { { 1, "veth1" }, { 7, "eth7.100" } };
static const struct ox_odp_ports ports = { port_list, 2 };
static const struct ox_odp_style numbers = { .names = NULL };
static const struct ox_odp_style named = { .names = &ports };
static const struct ox_odp_style more = { .names = NULL, .more = true };

static char *flow_text(const struct ox_odp_flow *fl,
		       const struct ox_odp_style *st)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	if (fl->ufid_len) {
		ox_odp_format_ufid(f, fl->ufid, fl->ufid_len);
		fputc(',', f);
	}
	ox_odp_format_key(
		f, ox_odp_attrs_data(&fl->key), ox_odp_attrs_len(&fl->key),
		ox_odp_attrs_data(&fl->mask), ox_odp_attrs_len(&fl->mask), st);
	fclose(f);
	return text;
}

static char *acts_text(const struct ox_odp_attrs *a,
		       const struct ox_odp_style *st)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	ox_odp_format_actions(f, ox_odp_attrs_data(a), ox_odp_attrs_len(a), st);
	fclose(f);
	return text;
}

static void parse(const char *text, struct ox_odp_flow *fl)
{
	struct ox_err e = { 0 };

	if (ox_odp_parse_flow(text, &ports, fl, &e))
		fail_msg("%s: %s", text, e.msg);
}

static void flow_gives(const char *text, const char *expected,
		       const struct ox_odp_style *st)
{
	struct ox_odp_flow fl;
	char *got;

	parse(text, &fl);
	got = flow_text(&fl, st);
	assert_string_equal(got, expected);
	free(got);
}

/* Text that comes out as it went in, also by way of -m. */
static const char *const flows[] = {
	"recirc_id(0)",
	"recirc_id(0x1f)",
	"dp_hash(0x5/0xf)",
	"skb_priority(0x10)",
	"in_port(2)",
	"skb_mark(0x1/0xff)",
	"ct_state(+new+trk),ct_zone(0x5),ct_mark(0x1/0x3)",
	"ct_state(-new+est-inv)",
	"eth()",
	"eth(src=00:11:22:33:44:55,dst=ff:ff:ff:ff:ff:ff)",
	"eth(dst=01:00:00:00:00:00/01:00:00:00:00:00)",
	"eth_type(0x0800)",
	"eth_type(0x0800/0xff00)",
	"eth_type(0x8100),vlan(vid=99,pcp=3),encap(eth_type(0x0800))",
	"vlan(vid=5/0xf)",
	"vlan(pcp=7)",
	"vlan(vid=0,pcp=0,cfi=0),encap()",
	"eth_type(0x88a8),vlan(vid=1,pcp=0),encap(eth_type(0x8100),"
	"vlan(vid=2,pcp=0),encap(eth_type(0x0806),arp(op=1)))",
	"ipv4(src=10.0.0.0/255.0.0.0,dst=1.2.3.4,proto=6,tos=0x10/0xfc,"
	"ttl=64,frag=no)",
	"ipv4(src=10.0.0.1/255.0.0.255)",
	"ipv4(frag=first)",
	"ipv4(frag=later)",
	"ipv6(src=fe80::/ffff:ffff:ffff:ffff::,dst=2001:db8::1,"
	"label=0xbeef,proto=58,tclass=0x2,hlimit=255,frag=no)",
	"ipv6(label=0x1/0x3)",
	"tcp(src=1,dst=80)",
	"tcp(dst=0x50/0xff0)",
	"tcp_flags(syn|ack)",
	"tcp_flags(+syn-ack)",
	"tcp_flags(0)",
	"tcp_flags(ns|[200]|[800])",
	"udp(src=53,dst=65535)",
	"sctp(src=1,dst=2)",
	"icmp(type=8,code=0)",
	"icmpv6(type=135,code=0)",
	"arp(sip=1.2.3.4,tip=4.3.2.1,op=2,sha=00:00:00:00:00:01,"
	"tha=00:00:00:00:00:02)",
	"nd(target=fe80::1,sll=00:00:00:00:00:01,tll=00:00:00:00:00:02)",
	"ct_label(0x1234)",
	"ct_label(0x1/0xf0000000000000000000000000000001)",
	"ct_tuple4(src=1.2.3.4,dst=5.6.7.8,proto=6,tp_src=1,tp_dst=2)",
	"ct_tuple6(src=::1,dst=fe80::/ffc0::,proto=17,tp_dst=53)",
	"eth_type(0x8847),mpls(label=100,tc=7,ttl=64,bos=1)",
	"mpls(label=100,tc=7,ttl=64,bos=0,label=101,tc=6,ttl=63,bos=0,"
	"label=102,tc=5,ttl=62,bos=1)",
	"mpls(label=5/0xfffff,tc=0/0,ttl=0/0x0,bos=1/1)",
	"eth_type(0x894f),nsh(flags=2,ttl=63,mdtype=1,np=3,spi=0x10,si=255,"
	"c1=0x1,c2=0x2,c3=0x3,c4=0xffffffff)",
	"nsh(flags=0x02/0x03,ttl=63,spi=0x10/0x000000ff,si=255,"
	"c4=0xff/0x0000ff00)",
	"nsh()",
	"ipv6_exthdrs(0x3)",
	"ipv6_exthdrs(0x1/0x1ff)",
	"key29(0102030405)",
	"key22(0102/ff00)",
	"ufid:11223344-5566-7788-99aa-bbccddeeff00,in_port(1)",
	"ufid:0102030405,in_port(1)",
};

static void flow_round(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		struct ox_odp_flow a, b;
		char *long_text, *text;

		parse(flows[i], &a);
		text = flow_text(&a, &numbers);
		long_text = flow_text(&a, &more);
		parse(long_text, &b);
		if (strcmp(text, flows[i]) &&
		    /* a mask may read in decimal what it prints in hex */
		    strcmp(flows[i], "tcp(dst=0x50/0xff0)"))
			fail_msg("%s became %s", flows[i], text);
		assert_int_equal(ox_odp_attrs_len(&a.key),
				 ox_odp_attrs_len(&b.key));
		assert_memory_equal(ox_odp_attrs_data(&a.key),
				    ox_odp_attrs_data(&b.key),
				    ox_odp_attrs_len(&a.key));
		assert_memory_equal(ox_odp_attrs_data(&a.mask),
				    ox_odp_attrs_data(&b.mask),
				    ox_odp_attrs_len(&a.mask));
		free(text);
		free(long_text);
	}
}

/* Every field of every key in the table, alone, exact and masked. */
static void field_round(void **state)
{
	const struct ox_odp_key *k;

	(void)state;
	for (uint32_t i = 0; (k = ox_odp_key_at(i)); i++) {
		for (int j = 0; j < k->n_fields; j++) {
			const struct ox_odp_field *fd = &k->fields[j];
			struct ox_odp_flow a, b;
			uint8_t v[OX_ODP_MAX_LEN] = { 0 };
			char *text;

			assert_true(k->len <= OX_ODP_MAX_LEN);
			assert_true(fd->off + fd->len <= k->len);
			if (fd->kind == OX_ODP_CFI)
				continue;
			if (ox_odp_is_int(fd))
				ox_odp_field_put(fd, v, 1);
			else
				memset(v + fd->off, 0x11, fd->len);
			ox_odp_attrs_init(&a.key);
			ox_odp_attrs_init(&a.mask);
			a.ufid_len = 0;
			ox_odp_attrs_put(&a.key, k->type, v, k->len);
			ox_odp_attrs_put(&a.mask, k->type, v, k->len);
			text = flow_text(&a, &numbers);
			parse(text, &b);
			free(text);
			/* the CFI of a VLAN is always in the mask */
			if (k->type == OVS_KEY_ATTR_VLAN)
				continue;
			assert_memory_equal(ox_odp_attrs_data(&a.key),
					    ox_odp_attrs_data(&b.key),
					    ox_odp_attrs_len(&a.key));
			assert_memory_equal(ox_odp_attrs_data(&a.mask),
					    ox_odp_attrs_data(&b.mask),
					    ox_odp_attrs_len(&a.mask));
		}
	}
}

static void flow_forms(void **state)
{
	(void)state;
	flow_gives("ipv4(src=10.1.0.0/16)", "ipv4(src=10.1.0.0/255.255.0.0)",
		   &numbers);
	flow_gives("ipv6(src=fe80::/10)", "ipv6(src=fe80::/ffc0::)", &numbers);
	flow_gives(" in_port(veth1) ,\teth( ) ", "in_port(veth1),eth()",
		   &named);
	flow_gives("in_port(eth7.100)", "in_port(7)", &numbers);
	flow_gives("tcp_flags(0x12)", "tcp_flags(syn|ack)", &numbers);
	flow_gives("tcp_flags(0x2/0x12)", "tcp_flags(+syn-ack)", &numbers);
	flow_gives("eth_type(2048)", "eth_type(0x0800)", &numbers);
	/* as ovs-dpctl writes it, though it reads tp_src */
	flow_gives("ct_tuple6(src_port=1,dst_port=2)",
		   "ct_tuple6(tp_src=1,tp_dst=2)", &numbers);
	flow_gives("ipv4(src=1.2.3.4/0)", "", &numbers);
	flow_gives("ipv4(proto=6/0)",
		   "ipv4(src=0.0.0.0/0.0.0.0,dst=0.0.0.0/"
		   "0.0.0.0,proto=6/0,tos=0/0,ttl=0/0)",
		   &more);
}

static void flow_bytes(void **state)
{
	struct ovs_key_ipv4 *key, *mask;
	const struct nlattr *k, *m;
	struct ox_odp_flow fl;

	(void)state;
	parse("ipv4(src=10.0.0.0/8,proto=17)", &fl);
	k = ox_odp_attrs_data(&fl.key);
	m = ox_odp_attrs_data(&fl.mask);
	assert_int_equal(ox_odp_attrs_len(&fl.key), 4 + sizeof(*key));
	assert_int_equal(k->nla_type, OVS_KEY_ATTR_IPV4);
	assert_int_equal(m->nla_type, OVS_KEY_ATTR_IPV4);
	key = mnl_attr_get_payload(k);
	mask = mnl_attr_get_payload(m);
	assert_int_equal(key->ipv4_src, htonl(0x0a000000));
	assert_int_equal(mask->ipv4_src, htonl(0xff000000));
	assert_int_equal(mask->ipv4_dst, 0);
	assert_int_equal(key->ipv4_proto, 17);
	assert_int_equal(mask->ipv4_proto, 0xff);
	assert_int_equal(mask->ipv4_frag, 0);
}

static void vlan_bytes(void **state)
{
	const struct nlattr *k, *m;
	struct ox_odp_flow fl;
	uint16_t tci;

	(void)state;
	parse("vlan(vid=99,pcp=3),encap(eth_type(0x0800))", &fl);
	k = ox_odp_attrs_data(&fl.key);
	m = ox_odp_attrs_data(&fl.mask);
	memcpy(&tci, mnl_attr_get_payload(k), 2);
	assert_int_equal(tci, htons(0x7063));
	memcpy(&tci, mnl_attr_get_payload(m), 2);
	assert_int_equal(tci, 0xffff);
	/* the nest carries no flag: ovs writes it bare */
	k = mnl_attr_next(k);
	assert_int_equal(k->nla_type, OVS_KEY_ATTR_ENCAP);
	assert_int_equal(k->nla_len, 4 + 8);
}

static void ufid_bytes(void **state)
{
	uint32_t w[4] = { 0x11223344, 0x55667788, 0x99aabbcc, 0xddeeff00 };
	struct ox_odp_flow fl;

	(void)state;
	parse("ufid:11223344-5566-7788-99aa-bbccddeeff00", &fl);
	assert_int_equal(fl.ufid_len, 16);
	assert_memory_equal(fl.ufid, w, 16);
	assert_int_equal(ox_odp_attrs_len(&fl.key), 0);
	parse("ufid:0a0b", &fl);
	assert_int_equal(fl.ufid_len, 2);
	assert_memory_equal(fl.ufid, "\x0a\x0b", 2);
}

static void flow_bad(void **state)
{
	static const struct {
		const char *text;
		const char *column;
	} bad[] = {
		{ "foo(1)", "column 1:" },
		{ "in_port(", "column 9:" },
		{ "in_port(1", "column 10:" },
		{ "in_port(nonesuch)", "column 9:" },
		{ "in_port(-1)", "column 9:" },
		{ "in_port(4294967296)", "column 9:" },
		{ "eth_type(0x10000)", "column 10:" },
		{ "eth(src=00:11:22:33:44)", "column 9:" },
		{ "eth(src=00:11:22:33:44:55:66)", "column 9:" },
		{ "eth(source=1)", "column 5:" },
		{ "in_port(1),ipv4(src=1.2.3)", "column 21:" },
		{ "ipv4(src=1.2.3.4/33)", "column 18:" },
		{ "ipv4(src=1.2.3.4/255.0.0)", "column 18:" },
		{ "ipv4(src=1.2.3.4;dst=1.2.3.4)", "column 17:" },
		{ "ipv4(frag=maybe)", "column 11:" },
		{ "ipv6(label=0x100000)", "column 12:" },
		{ "ipv6(src=1.2.3.4)", "column 10:" },
		{ "tcp_flags(+foo)", "column 12:" },
		{ "tcp_flags(+syn-syn)", "column 19:" },
		{ "tcp_flags(syn,ack)", "column 14:" },
		{ "vlan(vid=4096)", "column 10:" },
		{ "vlan(pcp=8)", "column 10:" },
		{ "mpls(label=1048576)", "column 12:" },
		{ "mpls(foo=1)", "column 6:" },
		{ "mpls(bos=0,bos=0,bos=0,bos=1)", "column 24:" },
		{ "mpls(bos=1;tc=1)", "column 11:" },
		{ "nsh(ttl=256)", "column 9:" },
		{ "nsh(c5=1)", "column 5:" },
		{ "ct_label(0x)", "column 12:" },
		{ "ipv6_exthdrs(0x10000)", "column 14:" },
		{ "encap(eth_type(1)", "column 18:" },
		{ "key29(012)", "column 9:" },
		{ "key29(01/0203)", "column 14:" },
		{ "ufid:", "column 6:" },
		{ "ufid:123", "column 6:" },
		{ "ufid:11223344-5566", "column 6:" },
	};
	struct ox_odp_flow fl;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ox_err e = { 0 };

		assert_int_equal(
			ox_odp_parse_flow(bad[i].text, &ports, &fl, &e),
			-EINVAL);
		if (strncmp(e.msg, bad[i].column, strlen(bad[i].column)))
			fail_msg("%s: %s, not %s", bad[i].text, e.msg,
				 bad[i].column);
	}
}

static void flow_deep(void **state)
{
	static char text[40000];
	struct ox_odp_flow fl;
	struct ox_err e = { 0 };

	(void)state;
	for (int i = 0; i < 6; i++)
		strcat(text, "encap(");
	assert_int_equal(ox_odp_parse_flow(text, NULL, &fl, &e), -EINVAL);
	*text = '\0';
	for (int i = 0; i < 3000; i++)
		strcat(text, "in_port(1) ");
	assert_int_equal(ox_odp_parse_flow(text, NULL, &fl, &e), -EMSGSIZE);
}

static const char *const lists[] = {
	"drop",
	"1",
	"1,2,4294967295",
	"userspace(pid=5)",
	"userspace(pid=5,userdata(0102ff),actions,tunnel_out_port=3)",
	"set(eth(src=00:11:22:33:44:55,dst=ff:ff:ff:ff:ff:ff))",
	"set(eth(dst=00:11:22:33:44:55))",
	"set(ipv4(src=1.2.3.4,ttl=9))",
	"set(ipv4(src=10.0.0.0/255.0.0.0)),3",
	"set(ipv6(src=fe80::1,hlimit=3))",
	"set(tcp(src=80)),set(udp(dst=53)),set(sctp(src=1,dst=2))",
	"set(skb_mark(0x5)),set(skb_priority(0x1/0xf))",
	"push_vlan(vid=5,pcp=0)",
	"push_vlan(tpid=0x88a8,vid=4095,pcp=7)",
	"push_vlan(vid=5,pcp=0,cfi=0)",
	"pop_vlan,7",
	"recirc(0x5),trunc(100),meter(3)",
	"push_mpls(label=10,tc=3,ttl=64,bos=1,eth_type=0x8847)",
	"add_mpls(label=10,tc=3,ttl=64,bos=0,eth_type=0x8848)",
	"add_mpls(label=1,tc=0,ttl=9,bos=1,eth_type=0x8847,tun_flags=0x1)",
	"pop_mpls(eth_type=0x800)",
	"set(mpls(label=5,tc=1,ttl=3,bos=1))",
	"set(mpls(label=5/0xfffff,tc=0/0,ttl=7/0xff,bos=0/0))",
	"push_eth(src=00:11:22:33:44:55,dst=00:11:22:33:44:56),pop_eth",
	"push_nsh(flags=2,ttl=63,mdtype=1,np=3,spi=0x10,si=255,c1=0x1,"
	"c2=0x2,c3=0x3,c4=0x4)",
	"push_nsh(flags=0,ttl=1,mdtype=2,np=1,spi=0x0,si=0,md2=0x01020304)",
	"pop_nsh()",
	"set(nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x10,si=255,c1=0x1,"
	"c2=0x2,c3=0x3,c4=0x4))",
	"set(nsh(ttl=63,spi=0x3/0x0000000f,c2=0x5))",
	"hash(l4(5)),hash(sym_l4(4294967295)),recirc(0x1)",
	"drop(3)",
	"1,drop(0)",
	"ct_clear",
	"ct,ct(commit),ct(force_commit),1",
	"ct(commit,zone=65535,mark=0x5/0xff,label=0x1/0xf,helper=ftp,"
	"timeout=ovs_tp_0_tcp4),recirc(0x1)",
	"ct(zone=1),ct(commit,label=0x1234),ct(commit,mark=0/0xffffffff)",
	"ct(nat),ct(zone=1,nat),ct(commit,nat)",
	"ct(commit,nat(src)),ct(commit,nat(dst))",
	"ct(commit,nat(src=10.0.0.1)),ct(commit,nat(dst=10.0.0.1-10.0.0.9))",
	"ct(commit,nat(src=10.0.0.1:80)),"
	"ct(commit,nat(src=10.0.0.1-10.0.0.9:1024-65535,random))",
	"ct(commit,nat(src=fd00::1-fd00::9,persistent,hash)),"
	"ct(commit,nat(dst=[fd00::1]-[fd00::2]:80-81))",
	"clone(ct(commit,nat(src=::ffff:1.2.3.4)),2),3",
	/* two kinds of commit, a port without an address: no words */
	"action12(0400010004000700)",
	"action12(04000100060002000000000014000600040001000600050050000000)",
	"sample(sample=9.7%,actions(1,2))",
	"sample(sample=100.0%,actions(drop)),sample(sample=0.0%,actions(3))",
	"clone(1,push_vlan(vid=5,pcp=0),2),3",
	"clone(drop),clone(clone(clone(pop_eth,recirc(0x7))))",
	"check_pkt_len(size=1500,gt(userspace(pid=5,actions)),le(1,2))",
	"check_pkt_len(size=65535,gt(drop),le(drop))",
	"dec_ttl(le_1(userspace(pid=5))),1",
	"dec_ttl(le_1(drop)),1",
	"sample(sample=50.0%,actions(check_pkt_len(size=9,gt(dec_ttl(le_1("
	"clone(set(ipv4(ttl=9)),4),drop(1))),meter(1)),le(trunc(20),5)),6)),7",
	"action99(0102)",
};

static void actions_round(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct ox_odp_attrs a;
		struct ox_err e = { 0 };
		char *text;

		if (ox_odp_parse_actions(lists[i], &ports, &a, &e))
			fail_msg("%s: %s", lists[i], e.msg);
		text = acts_text(&a, &numbers);
		assert_string_equal(text, lists[i]);
		free(text);
	}
}

static void actions_bytes(void **state)
{
	const struct ovs_action_push_vlan *push;
	const struct nlattr *a, *in;
	struct ox_odp_attrs acts;
	struct ox_err e = { 0 };

	(void)state;
	assert_int_equal(
		ox_odp_parse_actions("veth1,set(eth(dst=01:02:03:04:05:06/"
				     "ff:ff:ff:00:00:00)),push_vlan(vid=5,"
				     "pcp=1),set(tcp(src=1,dst=2))",
				     &ports, &acts, &e),
		0);
	a = ox_odp_attrs_data(&acts);
	assert_int_equal(a->nla_type, OVS_ACTION_ATTR_OUTPUT);
	assert_int_equal(mnl_attr_get_u32(a), 1);
	a = mnl_attr_next(a);
	assert_int_equal(a->nla_type, OVS_ACTION_ATTR_SET_MASKED);
	in = mnl_attr_get_payload(a);
	assert_int_equal(in->nla_type, OVS_KEY_ATTR_ETHERNET);
	assert_int_equal(mnl_attr_get_payload_len(in), 24);
	/* src is wildcarded; bits outside of the mask are zero */
	assert_memory_equal(mnl_attr_get_payload(in),
			    "\0\0\0\0\0\0\1\2\3\0\0\0"
			    "\0\0\0\0\0\0\xff\xff\xff\0\0\0",
			    24);
	a = mnl_attr_next(a);
	push = mnl_attr_get_payload(a);
	assert_int_equal(push->vlan_tpid, htons(0x8100));
	assert_int_equal(push->vlan_tci, htons(0x3005));
	a = mnl_attr_next(a);
	assert_int_equal(a->nla_type, OVS_ACTION_ATTR_SET);
	in = mnl_attr_get_payload(a);
	assert_int_equal(mnl_attr_get_payload_len(in), 4);
}

static void acts_parse(const char *text, struct ox_odp_attrs *a)
{
	struct ox_err e = { 0 };

	if (ox_odp_parse_actions(text, &ports, a, &e))
		fail_msg("%s: %s", text, e.msg);
}

static void gives_bytes(const char *text, const void *expected, size_t len)
{
	struct ox_odp_attrs a;

	acts_parse(text, &a);
	assert_int_equal(ox_odp_attrs_len(&a), len);
	assert_memory_equal(ox_odp_attrs_data(&a), expected, len);
}

/* Attribute by attribute, on a little-endian machine. */
static void nested_bytes(void **state)
{
	static const uint8_t push_mpls[] = {
		12, 0, 9, 0, 0, 0, 0xa7, 0x40, 0x88, 0x47, 0, 0,
	};
	static const uint8_t sample[] = {
		24, 0, 6, 0, 8, 0, 1, 0, 0, 0, 0, 0x80,
		12, 0, 2, 0, 8, 0, 1, 0, 3, 0, 0, 0,
	};
	static const uint8_t check_len[] = {
		28, 0, 21, 0, 6, 0, 1, 0, 100, 0, 0, 0, 12, 0,
		2,  0, 8,  0, 1, 0, 3, 0, 0,   0, 4, 0, 3,  0,
	};
	static const uint8_t dec_ttl[] = {
		16, 0, 23, 0, 12, 0, 1, 0, 8, 0, 1, 0, 3, 0, 0, 0,
	};
	static const uint8_t hash[] = {
		12, 0, 8, 0, 1, 0, 0, 0, 9, 0, 0, 0,
	};
	static const uint8_t push_nsh[] = {
		40, 0, 17, 0, 36, 0, 28, 0, 12, 0, 1, 0, 2, 63,
		1,  3, 0,  0, 16, 9, 20, 0, 2,	0, 0, 0, 0, 1,
		0,  0, 0,  0, 0,  0, 0,	 0, 0,	0, 0, 4,
	};

	(void)state;
	gives_bytes("push_mpls(label=10,tc=3,ttl=64,bos=1,eth_type=0x8847)",
		    push_mpls, sizeof(push_mpls));
	gives_bytes("sample(sample=50%,actions(3))", sample, sizeof(sample));
	gives_bytes("check_pkt_len(size=100,gt(3),le(drop))", check_len,
		    sizeof(check_len));
	gives_bytes("dec_ttl(le_1(3))", dec_ttl, sizeof(dec_ttl));
	gives_bytes("hash(sym_l4(9))", hash, sizeof(hash));
	gives_bytes("push_nsh(flags=2,spi=0x10,si=9,c1=1,c4=4)", push_nsh,
		    sizeof(push_nsh));
}

/* As deep as the limit works and comes back; one more is refused. */
static void nested_deep(void **state)
{
	char text[1024] = "";
	struct ox_odp_attrs a;
	struct ox_err e = { 0 };
	char *got;

	(void)state;
	for (int i = 0; i < 32; i++)
		strcat(text, "clone(");
	strcat(text, "1");
	for (int i = 0; i < 32; i++)
		strcat(text, ")");
	acts_parse(text, &a);
	got = acts_text(&a, &numbers);
	assert_string_equal(got, text);
	free(got);
	memmove(text + 6, text, strlen(text) + 1);
	strcat(text, ")");
	assert_int_equal(ox_odp_parse_actions(text, NULL, &a, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "nesting"));
}

/* What a kernel may send and no text makes: shown, never read over. */
static void format_odd_actions(void **state)
{
	static const struct {
		uint16_t type;
		const char *payload;
		uint32_t len;
		const char *text;
	} odd[] = {
		{ OVS_ACTION_ATTR_SAMPLE, "", 0, "action6()" },
		{ OVS_ACTION_ATTR_SAMPLE, "\x05\0\1\0\1\0\0\0", 8,
		  "action6(0500010001000000)" },
		{ OVS_ACTION_ATTR_CLONE, "\1\2\3", 3, "clone(drop)" },
		{ OVS_ACTION_ATTR_DEC_TTL, "", 0, "action23()" },
		{ OVS_ACTION_ATTR_CHECK_PKT_LEN, "", 0, "action21()" },
		{ OVS_ACTION_ATTR_HASH, "\7\0\0\0\0\0\0\0", 8,
		  "action8(0700000000000000)" },
		{ OVS_ACTION_ATTR_PUSH_NSH, "\4\0\x1c\0", 4,
		  "action17(04001c00)" },
		{ OVS_ACTION_ATTR_PUSH_MPLS, "\1", 1, "action9(01)" },
		{ OVS_ACTION_ATTR_POP_ETH, "\1", 1, "action15(01)" },
		{ OVS_ACTION_ATTR_USERSPACE, "\4\0\4\0", 4,
		  "action2(04000400)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct ox_odp_attrs a;
		char *got;

		ox_odp_attrs_init(&a);
		ox_odp_attrs_put(&a, odd[i].type, odd[i].payload, odd[i].len);
		got = acts_text(&a, &numbers);
		assert_string_equal(got, odd[i].text);
		free(got);
	}
}

static void actions_bad(void **state)
{
	static const char *const bad[] = {
		"nonesuch",
		"1/2",
		"set(1)",
		"set(eth(dst=00:11:22:33:44:55)",
		"drop,1",
		"push_vlan(vid=4096)",
		"ct(",
		"ct(commit",
		"ct(commit;zone=1)",
		"ct(comit)",
		"ct(zone=65536)",
		"ct(mark=x)",
		"ct(label=0x)",
		"ct(helper=)",
		"ct(helper=a234567890123456)",
		"ct(timeout=)",
		"ct(nat(persistent))",
		"ct(nat(src,dst))",
		"ct(nat(src=10.0.0))",
		"ct(nat(src=10.0.0.9-10.0.0.1))",
		"ct(nat(src=10.0.0.1-fd00::1))",
		"ct(nat(src=[fd00::1:80))",
		"ct(nat(src=10.0.0.1:0))",
		"ct(nat(src=10.0.0.1:9-8))",
		"ct(nat(src=10.0.0.1:65536))",
		"ct(nat(src=10.0.0.1)",
		"ct(nat(foo))",
		"ct(nat",
		"userspace(pid=x)",
		"userspace(pid=1",
		"pop_vlan()",
		"1;2",
		"set(encap())",
		"output(1)",
		"action1(0",
		"trunc()",
		"1 drop",
		"clone(1",
		"clone(drop,1)",
		"clone(1;2)",
		"clone(1))",
		"sample(sample=101%,actions(1))",
		"sample(sample=-1%,actions(1))",
		"sample(sample=5,actions(1))",
		"sample(actions(1))",
		"sample(sample=5%,actions(1)",
		"check_pkt_len(size=65536,gt(1),le(2))",
		"check_pkt_len(size=5,le(1),gt(2))",
		"check_pkt_len(size=5,gt(1))",
		"dec_ttl(1)",
		"dec_ttl(le_1(1)",
		"hash(l3(1))",
		"hash(l4(1)",
		"pop_mpls()",
		"pop_mpls(eth_type=0x10000)",
		"push_mpls(label=1048576)",
		"set(mpls(label=1,tc=8))",
		"push_nsh(ttl=256)",
		"push_nsh(spi=0x1000000)",
		"push_nsh(md3=1)",
		"pop_eth()",
		"drop(1",
		"drop()",
	};
	struct ox_odp_attrs a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ox_err e = { 0 };

		if (ox_odp_parse_actions(bad[i], &ports, &a, &e) != -EINVAL)
			fail_msg("%s was taken", bad[i]);
		assert_non_null(strstr(e.msg, "column "));
	}
	assert_int_equal(ox_odp_parse_actions("", NULL, &a, NULL), 0);
	assert_int_equal(ox_odp_attrs_len(&a), 0);
}

/* Attributes with a length that doesn't fit are shown, not read over. */
static void format_odd(void **state)
{
	struct ox_odp_flow fl = { 0 };
	char *text;

	(void)state;
	ox_odp_attrs_init(&fl.key);
	ox_odp_attrs_init(&fl.mask);
	ox_odp_attrs_put(&fl.key, OVS_KEY_ATTR_IPV4, "\1\2\3", 3);
	ox_odp_attrs_put(&fl.mask, OVS_KEY_ATTR_IPV4, "\xff\xff\xff", 3);
	ox_odp_attrs_put(&fl.key, 60, "\5", 1);
	ox_odp_attrs_put(&fl.mask, 60, "\1", 1);
	ox_odp_attrs_put(&fl.key, 61, "\5", 1);
	text = flow_text(&fl, &numbers);
	assert_string_equal(text, "key7(010203),key60(05/01)");
	free(text);
	text = flow_text(&fl, &more);
	assert_string_equal(text, "key7(010203),key60(05/01),key61(05/00)");
	free(text);
}

static void json_key(void **state)
{
	struct ox_odp_flow fl;
	char *text;
	cJSON *o;

	(void)state;
	parse("in_port(1),eth(),eth_type(0x8100),vlan(vid=5),encap("
	      "eth_type(0x0800),ipv4(src=10.0.0.0/8,tos=0x4/0xfc)),"
	      "tcp_flags(+syn-ack),key60(01/03)",
	      &fl);
	o = ox_odp_json_key(ox_odp_attrs_data(&fl.key),
			    ox_odp_attrs_len(&fl.key),
			    ox_odp_attrs_data(&fl.mask),
			    ox_odp_attrs_len(&fl.mask), &numbers);
	text = cJSON_PrintUnformatted(o);
	assert_string_equal(
		text,
		"{\"in_port\":{\"value\":1},\"eth_type\":{\"value\":33024},"
		"\"vlan\":{\"vid\":{\"value\":5},\"cfi\":{\"value\":1}},"
		"\"encap\":{\"eth_type\":{\"value\":2048},\"ipv4\":{\"src\":{"
		"\"value\":\"10.0.0.0\",\"mask\":\"255.0.0.0\"},\"tos\":{"
		"\"value\":4,\"mask\":252}}},\"tcp_flags\":{\"value\":2,"
		"\"mask\":18},\"key60\":{\"value\":\"01\",\"mask\":\"03\"}}");
	cJSON_free(text);
	cJSON_Delete(o);
}

static void hex(void **state)
{
	uint8_t out[4];
	uint32_t len;

	(void)state;
	assert_int_equal(ox_odp_parse_hex("01:02 ff", out, 4, &len, NULL), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(out, "\1\2\xff", 3);
	assert_int_equal(ox_odp_parse_hex("0102030405", out, 4, &len, NULL),
			 -EINVAL);
	assert_int_equal(ox_odp_parse_hex("0x01", out, 4, &len, NULL), -EINVAL);
	assert_int_equal(ox_odp_parse_hex("012", out, 4, &len, NULL), -EINVAL);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.ctl_odp.flow_round", flow_round),
	OX_TEST("unit.ctl_odp.field_round", field_round),
	OX_TEST("unit.ctl_odp.flow_forms", flow_forms),
	OX_TEST("unit.ctl_odp.flow_bytes", flow_bytes),
	OX_TEST("unit.ctl_odp.vlan_bytes", vlan_bytes),
	OX_TEST("unit.ctl_odp.ufid_bytes", ufid_bytes),
	OX_TEST("unit.ctl_odp.flow_bad", flow_bad),
	OX_TEST("unit.ctl_odp.flow_deep", flow_deep),
	OX_TEST("unit.ctl_odp.actions_round", actions_round),
	OX_TEST("unit.ctl_odp.actions_bytes", actions_bytes),
	OX_TEST("unit.ctl_odp.nested_bytes", nested_bytes),
	OX_TEST("unit.ctl_odp.nested_deep", nested_deep),
	OX_TEST("unit.ctl_odp.format_odd_actions", format_odd_actions),
	OX_TEST("unit.ctl_odp.actions_bad", actions_bad),
	OX_TEST("unit.ctl_odp.format_odd", format_odd),
	OX_TEST("unit.ctl_odp.json_key", json_key),
	OX_TEST("unit.ctl_odp.hex", hex),
};

OX_TEST_MAIN(tests)
