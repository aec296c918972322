// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_key_module.c - keys, masks and packets of an EXECUTE answered as the
 * kernel module answers them. The tables key_module.h and ct_module.h come from
 * the module; the latter has the keys of connection tracking.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <linux/openvswitch.h>

#include "control/codec/codec_packet.h"
#include "control/codec/ct.h"
#include "control/packet/exec_request.h"
#include "control/codec/key.h"
#include "ovsxdp/nl.h"

struct key_case {
	const char *name;
	int err;
	const char *key;
	const char *mask; /* NULL: exact */
	const char *full; /* the key as dumped */
	const char *masked;
	const char *mask_dump;
};

#define CASE(name, err, key, mask, full, masked, dump) \
	{ name, err, key, mask, full, masked, dump },
static const struct key_case cases[] = {
#include "tests/unit/key_module.h"
};
static const struct key_case ct_cases[] = {
#include "tests/unit/ct_module.h"
};
#undef CASE

struct execute_case {
	const char *name;
	int err;
	const char *key;
	const char *packet;
	const char *got; /* the key that its upcall has */
};

#define EXECUTE(name, err, key, packet, got) { name, err, key, packet, got },
static const struct execute_case executes[] = {
#include "tests/unit/key_module.h"
};
static const struct execute_case ct_executes[] = {
#include "tests/unit/ct_module.h"
};
#undef EXECUTE

#define MAX 1024

/* An attribute from the hexadecimal text of its payload; exactly as large as
 * it says, so that a sanitizer sees each step too far. */
static struct nlattr *attr_new(uint16_t type, const char *hex)
{
	size_t len = strlen(hex) / 2;
	struct nlattr *a = malloc(NLA_HDRLEN + len);
	uint8_t *p = (uint8_t *)a + NLA_HDRLEN;

	assert_non_null(a);
	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	for (size_t i = 0; i < len; i++) {
		unsigned int v;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
		p[i] = (uint8_t)v;
	}
	return a;
}

/* A key as it is dumped, as hexadecimal text. */
static const char *dump(bool is_mask, const struct ox_key *swkey,
			const struct ox_key *output, const struct ox_tun *tun)
{
	static char text[2 * MAX];
	static _Alignas(4) uint8_t room[MAX];
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
	const struct nlattr *a;
	uint32_t at;

	assert_int_equal(ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL), 0);
	at = b.len;
	assert_int_equal(ox_key_put(&b, 1, is_mask, swkey, output, tun), 0);
	a = (const struct nlattr *)(room + at);
	text[0] = 0;
	for (int i = NLA_HDRLEN; i < a->nla_len; i++)
		sprintf(text + 2 * (i - NLA_HDRLEN), "%02x", room[at + i]);
	return text;
}

static int n_bad;

static void same(const char *name, const char *what, const char *ours,
		 const char *module)
{
	if (!strcmp(ours, module))
		return;
	n_bad++;
	print_message("# %s: %s is\n#   %s, the module's\n#   %s\n", name, what,
		      ours, module);
}

static void same_err(const char *name, int ours, int module,
		     const struct ox_err *e)
{
	if (ours == -module)
		return;
	n_bad++;
	print_message("# %s: %d (%s), the module answers %d\n", name, ours,
		      e->msg, -module);
}

static void one_flow(const struct key_case *c)
{
	struct nlattr *k = attr_new(OVS_FLOW_ATTR_KEY, c->key);
	struct nlattr *m = c->mask ? attr_new(OVS_FLOW_ATTR_MASK, c->mask)
				   : NULL;
	struct ox_key key, mask, masked;
	struct ox_tun tun, tun_mask, tun_masked;
	struct ox_key_out k_out = { &key, &tun };
	struct ox_key_out m_out = { &mask, &tun_mask };
	struct ox_err e = { 0 };
	int err = ox_key_get_match(k, k, m, &k_out, &m_out, &e);

	same_err(c->name, err, c->err, &e);
	if (!err && !c->err) {
		for (int i = 0; i < OX_KEY_WORDS; i++)
			masked.w[i] = key.w[i] & mask.w[i];
		for (int i = 0; i < OX_TUN_WORDS; i++)
			tun_masked.x[i] = tun.x[i] & tun_mask.x[i];
		same(c->name, "key", dump(false, &key, &key, &tun), c->full);
		same(c->name, "masked key",
		     dump(false, &masked, &masked, &tun_masked), c->masked);
		same(c->name, "mask", dump(true, &masked, &mask, &tun_mask),
		     c->mask_dump);
	}
	if (err && !e.msg[0])
		fail_msg("%s is refused without words", c->name);
	free(k);
	free(m);
}

static void check_flows(const struct key_case *c, size_t n)
{
	n_bad = 0;
	while (n--)
		one_flow(c++);
	assert_int_equal(n_bad, 0);
}

static void flows(void **state)
{
	(void)state;
	ox_ct_served = OX_CT_SERVE_NONE;
	check_flows(cases, sizeof(cases) / sizeof(cases[0]));
}

static void ct_flows(void **state)
{
	(void)state;
	ox_ct_served = OX_CT_SERVE_KEYS;
	check_flows(ct_cases, sizeof(ct_cases) / sizeof(ct_cases[0]));
}

/* As the family does it: attributes by their policy, then the rest. */
static int execute(const struct execute_case *c, struct ox_execute *x,
		   struct ox_err *e)
{
	static _Alignas(4) uint8_t room[2 * MAX];
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
	struct nlattr *parts[] = {
		attr_new(OVS_PACKET_ATTR_PACKET, c->packet),
		attr_new(OVS_PACKET_ATTR_KEY, c->key),
		attr_new(OVS_PACKET_ATTR_ACTIONS, ""),
	};
	const struct nlattr *a[OX_PACKET_ATTR_MAX + 1];
	uint32_t at;
	int err;

	assert_int_equal(ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL), 0);
	at = b.len;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ox_nl_put(&b, parts[i]->nla_type, parts[i] + 1,
					   mnl_attr_get_payload_len(parts[i])),
				 0);
		free(parts[i]);
	}
	err = ox_attrs_parse(room, room + at, b.len - at, ox_packet_policy,
			     OX_PACKET_ATTR_MAX, a, e);
	return err ? err : ox_execute_decode(room, a, x, e);
}

static void one_execute(const struct execute_case *c)
{
	struct ox_err e = { 0 };
	struct ox_execute x;
	int err = execute(c, &x, &e);

	same_err(c->name, err, c->err, &e);
	if (err)
		return;
	if (!c->err)
		same(c->name, "key", dump(false, &x.key, &x.key, &x.tun),
		     c->got);
	ox_execute_done(&x);
}

static void check_packets(const struct execute_case *c, size_t n)
{
	n_bad = 0;
	while (n--)
		one_execute(c++);
	assert_int_equal(n_bad, 0);
}

static void packets(void **state)
{
	(void)state;
	ox_ct_served = OX_CT_SERVE_NONE;
	check_packets(executes, sizeof(executes) / sizeof(executes[0]));
}

static void ct_packets(void **state)
{
	(void)state;
	ox_ct_served = OX_CT_SERVE_KEYS;
	check_packets(ct_executes,
		      sizeof(ct_executes) / sizeof(ct_executes[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.key_module.flows", flows),
		OX_TEST("unit.key_module.packets", packets),
		OX_TEST("unit.key_module.ct_flows", ct_flows),
		OX_TEST("unit.key_module.ct_packets", ct_packets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
