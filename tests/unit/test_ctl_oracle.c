// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The flow syntax against Debian's ovs-dpctl, which parses a text and writes
 * it anew without a datapath. (What it writes it can't always read: nsh() in
 * a key; recirc(), push_mpls() and more unless inside of another action.)
 */
#include "tests/lib/test.h"

#include <stdbool.h>

#include "control/ctl/odp.h"

static const struct ox_odp_style numbers = { .names = NULL };

static char *acts_text(const struct ox_odp_attrs *a)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	ox_odp_format_actions(f, ox_odp_attrs_data(a), ox_odp_attrs_len(a),
			      &numbers);
	fclose(f);
	return text;
}

static char *key_text(const struct ox_odp_flow *fl)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	ox_odp_format_key(f, ox_odp_attrs_data(&fl->key),
			  ox_odp_attrs_len(&fl->key), NULL, 0, &numbers);
	fclose(f);
	return text;
}

/* What it prints behind prefix; NULL: it isn't installed, or refuses. */
static char *oracle(const char *command, const char *prefix, const char *text)
{
	char cmd[2048], line[4096];
	char *got = NULL;
	FILE *f;

	snprintf(cmd, sizeof(cmd), "ovs-dpctl %s '%s'%s 2>/dev/null", command,
		 text, *prefix ? " 1" : "");
	f = popen(cmd, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!got && !strncmp(line, prefix, strlen(prefix)))
			got = strdup(line + strlen(prefix));
	}
	if (pclose(f)) {
		free(got);
		got = NULL;
	}
	return got;
}

static bool oracle_there(void)
{
	return !system("command -v ovs-dpctl > /dev/null");
}

static void oracle_actions(void **state)
{
	static const char *const texts[] = {
		"1,2,3",
		"userspace(pid=5,userdata(0102030405060708),actions,"
		"tunnel_out_port=3)",
		"set(eth(src=00:11:22:33:44:55,dst=ff:ff:ff:ff:ff:ff))",
		"set(eth(dst=00:11:22:33:44:55))",
		"set(ipv4(src=1.2.3.4,ttl=9))",
		"set(ipv4(src=10.0.0.0/255.0.0.0,tos=0x4/0xfc))",
		"set(ipv6(src=fe80::/ffc0::,label=0x5,hlimit=7))",
		"set(tcp(src=80)),set(udp(dst=53)),set(sctp(src=1,dst=2))",
		"set(skb_mark(0x5)),set(skb_priority(0x1/0xf))",
		"set(tunnel(tun_id=0xabcdef1234567890,src=1.1.1.1,dst=2.2.2.2,"
		"ttl=64,flags(df|csum|key)))",
		"set(tunnel(dst=2.2.2.2,tos=0x4,ttl=64,tp_src=10,tp_dst=4789,"
		"vxlan(gbp(id=291,flags=0x8)),flags(0)))",
		"set(tunnel(tun_id=0x1,ipv6_src=fd00::1,ipv6_dst=fd00::2,"
		"ttl=64,geneve({class=0x102,type=0x80,len=4,0x10002}"
		"{class=0,type=0,len=0}),flags(oam|key)))",
		"set(tunnel(tun_id=0x1,dst=1.1.1.1,ttl=64,erspan(ver=1,"
		"idx=0x7),flags(df|key)))",
		"set(tunnel(tun_id=0x1,dst=1.1.1.1,ttl=64,erspan(ver=2,dir=1,"
		"hwid=0x1),flags(df|key)))",
		"set(mpls(label=5))",
		"set(mpls(label=5/0xff,ttl=3))",
		"set(mpls(label=5,tc=1,ttl=3,bos=1))",
		"push_vlan(vid=5,pcp=0),pop_vlan",
		"push_vlan(tpid=0x88a8,vid=4095,pcp=7,cfi=0)",
		"add_mpls(label=10,tc=3,ttl=64,bos=0,eth_type=0x8847)",
		"push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x10,si=255,c1=0x1,"
		"c2=0x2,c3=0x3,c4=0x4)",
		"push_nsh()",
		"push_nsh(mdtype=2,md2=0x10203040)",
		"pop_nsh()",
		"trunc(100),3",
		"meter(4)",
		"clone(1,2),3",
		"clone()",
		"clone(recirc(1))",
		"sample(sample=50%,actions(1,2))",
		"sample(sample=0.15%,actions())",
		"sample(sample=33.35%,actions(clone(sample(sample=1%,actions("
		"1)))))",
		"check_pkt_len(size=100,gt(drop),le(4))",
		"check_pkt_len(size=1500,gt(clone(1),2),le(drop))",
		"ct_clear",
		"ct",
		"ct()",
		"ct(zone=7),recirc(1)",
		"ct(commit,zone=0)",
		"ct(force_commit,zone=5,mark=0x10)",
		"ct(commit,mark=0xa0/0xf0,label=0x1234/0xffff)",
		"ct(commit,label=0xfffffffffffffffffffffffffffffff0)",
		"ct(commit,helper=ftp)",
		"ct(commit,timeout=ovs_tp_1_udp4)",
		"ct(nat)",
		"ct(commit,nat(src))",
		"ct(commit,nat(dst=1.1.1.1))",
		"ct(commit,nat(src=1.1.1.1-2.2.2.2:5-9,random,persistent))",
		"ct(commit,nat(src=1.1.1.1-1.1.1.1:80,hash))",
		"ct(commit,nat(dst=fd00::1-fd00::2))",
		"ct(commit,nat(dst=[fd00::1]:80))",
		"ct(commit,zone=3,nat(src=[fd00::1]-[fd00::2]:80-90,hash))",
	};

	(void)state;
	if (!oracle_there())
		ox_skip("ovs-dpctl is not installed");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *theirs = oracle("parse-actions", "", texts[i]), *ours;
		struct ox_odp_attrs a;
		struct ox_err e = { 0 };

		if (!theirs)
			fail_msg("ovs-dpctl refuses %s", texts[i]);
		if (ox_odp_parse_actions(texts[i], NULL, &a, &e))
			fail_msg("%s: %s", texts[i], e.msg);
		ours = acts_text(&a);
		assert_string_equal(ours, theirs);
		free(ours);
		free(theirs);
	}
}

static void oracle_keys(void **state)
{
#define L2 "in_port(1),eth(src=00:11:22:33:44:55,dst=00:11:22:33:44:56),"
	static const char *const texts[] = {
		"recirc_id(0x5),dp_hash(0x7)," L2 "eth_type(0x1234)",
		"skb_priority(0x1),skb_mark(0x5)," L2 "eth_type(0x1234)",
		/* it leaves tun_id out in this output */
		"tunnel(src=10.10.10.10,dst=20.20.20.20,ttl=64,flags(csum))," L2
		"eth_type(0x1234)",
		"tunnel(src=10.0.0.1,dst=10.0.0.2,"
		"tos=0x8,ttl=128,tp_src=1,tp_dst=2,flags(oam|df|csum))," L2
		"eth_type(0x1234)",
		"tunnel(ipv6_src=fd00::1,ipv6_dst=fd00::2,ttl=1,"
		"geneve({class=0x102,type=0x80,len=4,0x10002}{class=0xffff,"
		"type=0x1,len=12,0x102030405060708090a0b0c}),flags(0))," L2
		"eth_type(0x1234)",
		"tunnel(dst=10.0.0.2,ttl=128,vxlan(gbp(id=10,flags=0xb)),"
		"flags(0))," L2 "eth_type(0x1234)",
		"tunnel(dst=10.0.0.2,ttl=128,erspan(ver=1,idx=0x7),"
		"flags(df))," L2 "eth_type(0x1234)",
		L2 "eth_type(0x8847),mpls(label=100,tc=7,ttl=64,bos=1)",
		L2 "eth_type(0x8847),mpls(label=100,tc=7,ttl=64,bos=0,"
		   "label=101,tc=6,ttl=63,bos=0,label=3,tc=1,ttl=2,bos=1)",
		L2 "eth_type(0x8100),vlan(vid=5,pcp=1),encap(eth_type(0x0800),"
		   "ipv4(src=1.1.1.1,dst=2.2.2.2,proto=6,tos=0x4,ttl=1,"
		   "frag=no),tcp(src=1,dst=2),tcp_flags(syn|ack))",
		"in_port(1),eth_type(0x0800),ipv4(src=1.1.1.1,dst=2.2.2.2,"
		"proto=17,tos=0,ttl=1,frag=first),udp(src=1,dst=2)",
		L2 "eth_type(0x86dd),ipv6(src=fe80::1,dst=::2,label=0x5,"
		   "proto=58,tclass=0x4,hlimit=255,frag=no),icmpv6(type=135,"
		   "code=0),nd(target=::1,sll=00:00:00:00:00:01,"
		   "tll=00:00:00:00:00:00)",
		L2 "eth_type(0x0806),arp(sip=1.2.3.4,tip=4.3.2.1,op=1,"
		   "sha=00:00:00:00:00:01,tha=00:00:00:00:00:02)",
		L2 "eth_type(0x0800),ct_state(est|trk),ipv4(src=1.1.1.1,"
		   "dst=2.2.2.2,proto=132,tos=0,ttl=1,frag=no),"
		   "sctp(src=1,dst=2)",
		L2 "eth_type(0x0800),ct_state(new|trk),"
		   "ct_tuple4(src=1.1.1.1,dst=2.2.2.2,proto=6,tp_src=1,"
		   "tp_dst=2),ipv4(src=1.1.1.1,dst=2.2.2.2,proto=132,tos=0,"
		   "ttl=1,frag=no),sctp(src=1,dst=2)",
	};

	(void)state;
	if (!oracle_there())
		ox_skip("ovs-dpctl is not installed");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *theirs, *ours;
		struct ox_odp_flow fl;
		struct ox_err e = { 0 };

		theirs = oracle("normalize-actions", "input flow: ", texts[i]);
		if (!theirs)
			fail_msg("ovs-dpctl refuses %s", texts[i]);
		if (ox_odp_parse_flow(texts[i], NULL, &fl, &e))
			fail_msg("%s: %s", texts[i], e.msg);
		ours = key_text(&fl);
		assert_string_equal(ours, theirs);
		free(ours);
		free(theirs);
	}
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.ctl_oracle.actions", oracle_actions),
	OX_TEST("unit.ctl_oracle.keys", oracle_keys),
};

OX_TEST_MAIN(tests)
