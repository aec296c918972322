// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ctl_ct.c - connections in words: what dump-conntrack prints, and the
 * tuple that flush-conntrack reads.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>

#include "control/ctl/ct.h"
#include "ovsxdp/abi/ct.h"

static struct ox_err err;

static struct ox_ctnl_entry entry(uint8_t proto)
{
	struct ox_ctnl_entry e = { .timeout = 9, .id = 77 };

	e.tuple[0] = (struct ox_ctnl_tuple){ .l3 = AF_INET,
					     .proto = proto,
					     .src[0] = htonl(0x0a000001),
					     .dst[0] = htonl(0x0a000002),
					     .sport = htons(1) };
	e.tuple[1] = (struct ox_ctnl_tuple){ .l3 = AF_INET,
					     .proto = proto,
					     .src[0] = htonl(0x0a000002),
					     .dst[0] = htonl(0x0a000001),
					     .dport = htons(1) };
	return e;
}

static void prints(const struct ox_ctnl_entry *e, bool statistics, bool more,
		   const char *want)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ox_ct_print(f, e, statistics, more);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
}

static void words(void **state)
{
	struct ox_ctnl_entry e = entry(IPPROTO_TCP);

	(void)state;
	e.has = OX_CTNL_PROTOINFO | OX_CTNL_LABELS | OX_CTNL_COUNTERS |
		OX_CTNL_HELPER | OX_CTNL_MASTER;
	e.proto.state = 7;
	e.zone = 5;
	e.mark = 3;
	e.labels[0] = 0x01;
	e.labels[2] = 0x0a;
	e.packets[0] = 2;
	e.bytes[0] = 100;
	e.status = OX_IPS_CONFIRMED | OX_IPS_ASSURED;
	strcpy(e.helper, "ftp");
	e.master = e.tuple[1];
	prints(&e, false, false,
	       "tcp,orig=(src=10.0.0.1,dst=10.0.0.2,sport=1,dport=0),"
	       "reply=(src=10.0.0.2,dst=10.0.0.1,sport=0,dport=1),zone=5,"
	       "mark=3,labels=0xa0001,protoinfo=(state=TIME_WAIT),helper=ftp,"
	       "master=(src=10.0.0.2,dst=10.0.0.1,sport=0,dport=1)\n");
	e.has = OX_CTNL_COUNTERS;
	e.zone = 0;
	e.mark = 0;
	prints(&e, true, true,
	       "tcp,orig=(src=10.0.0.1,dst=10.0.0.2,sport=1,dport=0,packets=2,"
	       "bytes=100),reply=(src=10.0.0.2,dst=10.0.0.1,sport=0,dport=1,"
	       "packets=0,bytes=0),id=77,status=ASSURED|CONFIRMED,timeout=9\n");
}

static void other_protocols(void **state)
{
	struct ox_ctnl_entry e = entry(IPPROTO_ICMP);

	(void)state;
	e.tuple[0].icmp_type = 8;
	e.tuple[1].sport = e.tuple[0].sport;
	prints(&e, false, false,
	       "icmp,orig=(src=10.0.0.1,dst=10.0.0.2,id=1,type=8,code=0),"
	       "reply=(src=10.0.0.2,dst=10.0.0.1,id=1,type=0,code=0)\n");
	e = entry(99);
	e.tuple[0].sport = e.tuple[1].dport = 0;
	prints(&e, false, false,
	       "99,orig=(src=10.0.0.1,dst=10.0.0.2),"
	       "reply=(src=10.0.0.2,dst=10.0.0.1)\n");
	/* a state that no enum has */
	e = entry(IPPROTO_SCTP);
	e.has = OX_CTNL_PROTOINFO;
	e.proto.state = 200;
	prints(&e, false, false,
	       "sctp,orig=(src=10.0.0.1,dst=10.0.0.2,sport=1,dport=0),"
	       "reply=(src=10.0.0.2,dst=10.0.0.1,sport=0,dport=1),"
	       "protoinfo=(state=?)\n");
}

static void json(void **state)
{
	struct ox_ctnl_entry e = entry(IPPROTO_UDP);
	cJSON *o;

	(void)state;
	e.labels[15] = 0x80;
	o = ox_ct_json(&e);
	assert_string_equal(cJSON_GetObjectItem(o, "labels")->valuestring,
			    "0x80000000000000000000000000000000");
	assert_string_equal(cJSON_GetObjectItem(o, "protocol")->valuestring,
			    "udp");
	assert_null(cJSON_GetObjectItem(o, "state"));
	cJSON_Delete(o);
}

static void tuples(void **state)
{
	struct ox_ctnl_tuple t;
	uint16_t zone;

	(void)state;
	assert_int_equal(
		ox_ct_tuple_parse("ct_ipv6_src=fd00::1,ct_ipv6_dst=fd00::2, "
				  "ct_nw_proto=17,ct_tp_src=5,ct_tp_dst=6",
				  &t, &err),
		0);
	assert_int_equal(t.l3, AF_INET6);
	assert_int_equal(t.src[3], htonl(1));
	assert_int_equal(t.dst[3], htonl(2));
	assert_int_equal(t.proto, 17);
	assert_int_equal(t.sport, htons(5));
	assert_int_equal(t.dport, htons(6));
	assert_int_equal(ox_ct_tuple_parse("ct_nw_src=1.2.3.4,ct_nw_proto=6,"
					   "ct_ipv6_dst=fd00::1",
					   &t, &err),
			 OX_CTL_USAGE);
	assert_int_equal(ox_ct_tuple_parse("ct_nw_proto=6", &t, &err),
			 OX_CTL_USAGE);
	assert_int_equal(ox_ct_tuple_parse("", &t, &err), OX_CTL_USAGE);
	assert_int_equal(ox_ct_zone_parse("zone=7", &zone, &err), 0);
	assert_int_equal(zone, 7);
	assert_int_equal(ox_ct_zone_parse("zone=", &zone, &err), OX_CTL_USAGE);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.ctl_ct.words", words),
	OX_TEST("unit.ctl_ct.other_protocols", other_protocols),
	OX_TEST("unit.ctl_ct.json", json),
	OX_TEST("unit.ctl_ct.tuples", tuples),
};

OX_TEST_MAIN(tests)
