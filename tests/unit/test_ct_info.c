// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_info.c - the arguments of ct(): where a refusal points, and what the
 * programs get. test_actions_module.c asks for each errno.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <linux/openvswitch.h>

#include "control/codec/ct_info.h"
#include "tests/lib/nlmake.h"

static struct ox_make m;
static struct ox_ct_info ct;
static struct ox_err err;

static int parse(uint8_t family)
{
	struct nlattr *nest = ox_make_end(&m);

	memset(&err, 0, sizeof(err));
	return ox_ct_info_parse(m.b, nest, family, &ct, &err);
}

static void places(void **state)
{
	uint32_t at, nat;

	(void)state;
	ox_make_start(&m, OVS_ACTION_ATTR_CT);
	ox_make_u16(&m, OVS_CT_ATTR_ZONE, 5);
	at = m.len;
	nat = ox_make_nest(&m, OVS_CT_ATTR_NAT);
	ox_make_put(&m, OVS_NAT_ATTR_SRC, NULL, 0);
	ox_make_nest_end(&m, nat);
	assert_int_equal(parse(AF_INET), -EINVAL);
	assert_int_equal(err.offset, at);
	assert_non_null(strstr(err.msg, "without commit"));
	ox_make_start(&m, OVS_ACTION_ATTR_CT);
	ox_make_put(&m, OVS_CT_ATTR_COMMIT, NULL, 0);
	nat = ox_make_nest(&m, OVS_CT_ATTR_NAT);
	ox_make_put(&m, OVS_NAT_ATTR_SRC, NULL, 0);
	at = m.len;
	ox_make_put(&m, OVS_NAT_ATTR_DST, NULL, 0);
	ox_make_nest_end(&m, nat);
	assert_int_equal(parse(AF_INET), -ERANGE);
	assert_int_equal(err.offset, at);
}

static void helpers(void **state)
{
	(void)state;
	assert_true(ox_ct_helper_known("ftp", 6));
	assert_true(ox_ct_helper_known("tftp", 17));
	assert_false(ox_ct_helper_known("ftp", 17));
	assert_false(ox_ct_helper_known("sip", 17));
	assert_false(ox_ct_helper_known("", 6));
}

static void compile_all(void **state)
{
	static const uint32_t mark[2] = { 0xff05, 0xff };
	static const uint8_t labels[32] = { 0xf1, 2, [16] = 0x0f };
	static const uint8_t ip[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 9 } };
	struct ox_ct_act a;
	uint32_t nat;

	(void)state;
	ox_make_start(&m, OVS_ACTION_ATTR_CT);
	ox_make_put(&m, OVS_CT_ATTR_FORCE_COMMIT, NULL, 0);
	ox_make_u16(&m, OVS_CT_ATTR_ZONE, 7);
	ox_make_put(&m, OVS_CT_ATTR_MARK, mark, sizeof(mark));
	ox_make_put(&m, OVS_CT_ATTR_LABELS, labels, sizeof(labels));
	ox_make_put(&m, OVS_CT_ATTR_HELPER, "ftp", 4);
	ox_make_u32(&m, OVS_CT_ATTR_EVENTMASK, 0x6de);
	nat = ox_make_nest(&m, OVS_CT_ATTR_NAT);
	ox_make_put(&m, OVS_NAT_ATTR_DST, NULL, 0);
	ox_make_put(&m, OVS_NAT_ATTR_IP_MIN, ip[0], 4);
	ox_make_put(&m, OVS_NAT_ATTR_IP_MAX, ip[1], 4);
	ox_make_u16(&m, OVS_NAT_ATTR_PROTO_MIN, 80);
	ox_make_put(&m, OVS_NAT_ATTR_PERSISTENT, NULL, 0);
	ox_make_put(&m, OVS_NAT_ATTR_PROTO_RANDOM, NULL, 0);
	ox_make_nest_end(&m, nat);
	assert_int_equal(parse(AF_INET), 0);
	ox_ct_info_compile(&ct, &a);
	assert_int_equal(a.zone, 7);
	assert_int_equal(a.flags, OX_CT_F_COMMIT | OX_CT_F_FORCE |
					  OX_CT_F_LABELS | OX_CT_F_EVENTMASK |
					  OX_CT_F_NAT | OX_CT_F_DNAT |
					  OX_CT_F_NAT_ADDR | OX_CT_F_NAT_PORT |
					  OX_CT_F_PERSISTENT | OX_CT_F_RANDOM);
	assert_int_equal(a.family, AF_INET);
	assert_int_equal(a.helper, OX_CT_HELPER_FTP);
	assert_int_equal(a.mark, 0x05);
	assert_int_equal(a.mark_mask, 0xff);
	assert_int_equal(a.labels[0], 0x01);
	assert_int_equal(a.labels[1], 0);
	assert_int_equal(a.labels_mask[0], 0x0f);
	assert_memory_equal(a.nat_min, ip[0], 4);
	assert_memory_equal(a.nat_max, ip[1], 4);
	assert_int_equal(a.port_min, htons(80));
	assert_int_equal(a.port_max, htons(80));
	assert_int_equal(a.eventmask, 0x6de);
	assert_int_equal(a.tp, 0);
}

static void compile_plain(void **state)
{
	static const struct ox_ct_act none;
	struct ox_ct_act a;

	(void)state;
	ox_make_start(&m, OVS_ACTION_ATTR_CT);
	assert_int_equal(parse(0), 0);
	ox_ct_info_compile(&ct, &a);
	assert_memory_equal(&a, &none, sizeof(a));
	ox_make_put(&m, OVS_CT_ATTR_NAT, NULL, 0);
	assert_int_equal(parse(AF_INET6), 0);
	ox_ct_info_compile(&ct, &a);
	assert_int_equal(a.flags, OX_CT_F_NAT);
	assert_int_equal(a.family, AF_INET6);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.ct_info.places", places),
	OX_TEST("unit.ct_info.helpers", helpers),
	OX_TEST("unit.ct_info.compile_all", compile_all),
	OX_TEST("unit.ct_info.compile_plain", compile_plain),
};

OX_TEST_MAIN(tests)
