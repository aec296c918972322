// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What outlives the daemon in pinned memory by position alone, with nothing
 * in a struct's size to show that it moved.
 */
#include "tests/lib/test.h"

#include "ovsxdp/abi.h"

static const char *const names[] = {
#define NAME(id, name, kind, text) name,
	OX_REASONS(NAME)
#undef NAME
};

static const char *const texts[] = {
#define TEXT(id, name, kind, text) text,
	OX_REASONS(TEXT)
#undef TEXT
};

/*
 * A new reason is put at the end of this list too. Any other change of the
 * order gives counters that are pinned the names of others: OX_ABI_VERSION has
 * to go up.
 */
static void reasons_order(void **state)
{
	static const char *const order[] = {
		"flow_drop",	 "no_port",	   "port_down",
		"over_mtu",	 "no_socket",	   "socket_full",
		"no_upcall_pid", "client_gone",	   "client_full",
		"edit_failed",	 "bad_flow",	   "redirect_failed",
		"runt",		 "send_failed",	   "ring_full",
		"no_metadata",	 "recirc_limit",   "clone_limit",
		"meter",	 "drop_action",	   "drop_error",
		"ttl_expired",	 "tx_busy",	   "bad_header",
		"no_skb_tier",	 "no_ethernet",	   "csum_partial",
		"no_ndo_xmit",	 "to_user",	   "to_skb",
		"work_limit",	 "nest_limit",	   "ring_share",
		"ct_limit",	 "ct_full",	   "ct_clash",
		"ct_fragment",	 "frag_duplicate", "frag_overlap",
		"frag_timeout",	 "frag_limit",	   "no_tunnel_key",
		"tunnel_failed", "ct_helper",	   "ct_no_helper",
		"no_route",	 "ipsec_peer",	   "bad_outer",
		"ecn",		 "pmtu_told",
	};

	(void)state;
	assert_int_equal(OX_R_COUNT, sizeof(order) / sizeof(order[0]));
	for (int i = 0; i < OX_R_COUNT; i++)
		assert_string_equal(names[i], order[i]);
}

static void reasons_kind(void **state)
{
	static const uint64_t events =
		1ull << OX_R_DEPTH | 1ull << OX_R_CSUM_PARTIAL |
		1ull << OX_R_NO_XMIT | 1ull << OX_R_USER | 1ull << OX_R_SKB |
		1ull << OX_R_CT_NO_HELPER | 1ull << OX_R_PMTU;

	(void)state;
	assert_true(OX_R_DROPS == (((1ull << OX_R_COUNT) - 1) & ~events));
}

/* A line of `ovsxdpctl stats -m` has room for so much. */
static void reasons_text(void **state)
{
	(void)state;
	for (int i = 0; i < OX_R_COUNT; i++) {
		assert_true(strlen(names[i]) > 0 && strlen(names[i]) <= 16);
		assert_true(strlen(texts[i]) > 0 && strlen(texts[i]) <= 52);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.abi.reasons_order", reasons_order),
		OX_TEST("unit.abi.reasons_kind", reasons_kind),
		OX_TEST("unit.abi.reasons_text", reasons_text),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
