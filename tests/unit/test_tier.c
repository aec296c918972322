// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_tier.c - which tier a flow's packets end up in: by its list, by the
 * mode of its ingress port, by what its output ports are.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/ctl/odp.h"
#include "control/ctl/tier.h"

static const struct ox_tier_port ports[] = {
	{ 1, OX_MODE_XDP, OX_PORT_UP },
	{ 2, OX_MODE_XDP_GENERIC, OX_PORT_UP | OX_PORT_GENERIC },
	{ 3, OX_MODE_TC, OX_PORT_UP | OX_PORT_NO_XMIT },
	{ 4, OX_MODE_TC, OX_PORT_UP | OX_PORT_L3 },
	{ 5, OX_MODE_TC, OX_PORT_UP },
	{ 6, OX_MODE_NONE, OX_PORT_UP },
};

static struct ox_tier tier(const char *text, uint32_t in)
{
	struct ox_odp_attrs acts;
	struct ox_tier t;

	ox_odp_attrs_init(&acts);
	assert_int_equal(ox_odp_parse_actions(text, NULL, &acts, NULL), 0);
	assert_int_equal(ox_tier_of(ox_odp_attrs_data(&acts),
				    ox_odp_attrs_len(&acts), in, ports,
				    sizeof(ports) / sizeof(ports[0]), &t),
			 0);
	return t;
}

static void check(const char *text, uint32_t in, const char *name,
		  const char *why)
{
	struct ox_tier t = tier(text, in);

	assert_string_equal(t.name, name);
	if (!strstr(t.why, why) || (!*why && t.why[0]))
		fail_msg("%s from %u: why '%s', not '%s'", text, in, t.why,
			 why);
}

static void ingress(void **state)
{
	(void)state;
	check("5", 1, "xdp", "");
	check("5", 2, "xdp", "");
	check("5", 3, "skb", "port 3 is in mode tc");
	check("5", 6, "xdp", "");
	check("5", OX_NONE, "xdp", "");
	check("5", 77, "xdp", "");
	check("drop", 1, "xdp", "");
	check("drop", 3, "skb", "port 3 is in mode tc");
}

static void outputs(void **state)
{
	(void)state;
	check("3", 1, "skb", "port 3 can't be reached by XDP_REDIRECT");
	/* generic XDP sends as a stack does */
	check("3", 2, "xdp", "");
	check("3", OX_NONE, "skb", "port 3");
	check("3", 5, "skb", "port 5 is in mode tc");
	/* a frame to a device without Ethernet */
	check("4", 1, "user", "port 4 takes no Ethernet header");
	check("4", 4, "skb", "port 4 is in mode tc");
	check("5,3", 1, "skb", "port 3");
	/* a port that isn't there is dropped where it is met */
	check("99", 1, "xdp", "");
}

static void lists(void **state)
{
	struct ox_tier t;

	(void)state;
	check("set(ipv4(ttl=3)),5", 1, "xdp", "");
	/* equal outputs are one redirect, others are copies */
	check("5,2", 1, "xdp", "");
	t = tier("5,set(ipv4(ttl=3)),1", 1);
	assert_string_equal(t.name, "skb");
	assert_true(t.why[0]);
	t = tier("userspace(pid=5),5", 3);
	assert_string_equal(t.name, "skb");
	assert_true(t.why[0]);
}

static void broken(void **state)
{
	static const uint8_t junk[8] = { 8, 0, 0xee, 0x33, 1, 2, 3, 4 };
	struct ox_tier t;

	(void)state;
	assert_true(ox_tier_of(junk, sizeof(junk), 1, ports, 1, &t) < 0);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.tier.ingress", ingress),
	OX_TEST("unit.tier.outputs", outputs),
	OX_TEST("unit.tier.lists", lists),
	OX_TEST("unit.tier.broken", broken),
};

OX_TEST_MAIN(tests)
