// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_actions_module.c - lists of actions that openvswitch.ko was asked
 * (actions_module.h). The same are accepted here, and the same are refused with
 * the same errno. What is kept of them is what its dumps show. The keys are
 * masked ones, with what the checks look at.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/openvswitch.h>

#include "control/codec/actions.h"
#include "control/codec/ct.h"
#include "control/codec/ct_info.h"
#include "control/codec/key_attr.h"
#include "tests/lib/ops_check.h"

#define KEYS(X)                                                 \
	X(UDP4, 0x0800, 1, .ip_proto = 17)                      \
	X(TCP4, 0x0800, 1, .ip_proto = 6)                       \
	X(SCTP4, 0x0800, 1, .ip_proto = 132)                    \
	X(TCP6, 0x86dd, 1, .ip_proto = 6)                       \
	X(ARP, 0x0806, 1, .ip_proto = 1)                        \
	X(L2, 0x88b5, 1, .ip_proto = 0)                         \
	X(VLAN, 0x0800, 1, .ip_proto = 17)                      \
	X(MPLS1, 0x8847, 1, .mpls = { .num_labels_mask = 1 })   \
	X(MPLS2, 0x8847, 1, .mpls = { .num_labels_mask = 3 })   \
	X(NSH_IP, 0x894f, 1, .nsh = { .np = 1 })                \
	X(NSH_ETH, 0x894f, 1, .nsh = { .np = 3 })               \
	X(NSH_BAD, 0x894f, 1, .nsh = { .np = 9 })               \
	X(L3, 0x0800, 0, .ip_proto = 17)                        \
	X(L3_MPLS, 0x8847, 0, .mpls = { .num_labels_mask = 1 }) \
	X(L3_88B5, 0x88b5, 0, .ip_proto = 0)                    \
	X(ANY_PROTO, 0x0800, 1, .ip_proto = 0)                  \
	X(ANY_TYPE, 0, 1, .ip_proto = 0)                        \
	X(ANY_VLAN, 0x88b5, 1, .ip_proto = 0)

enum key_id {
#define ID(name, ...) K_##name,
	KEYS(ID)
#undef ID
};

static const struct answer {
	const char *name;
	enum key_id key;
	int err;
	const char *list; /* in hex */
	const char *kept; /* NULL: the same */
} answers[] = {
#define CASE(name, key, err, list, kept) { name, key, err, list, kept },
#define BIG(...)
#include "tests/unit/actions_module.h"
#undef CASE
#undef BIG
};

/* Lists with ct() that the module was asked. */
static const struct answer ct_answers[] = {
#define ACTION(name, key, err, list, kept) { name, key, err, list, kept },
#include "tests/unit/ct_module.h"
#undef ACTION
};

static void key_of(enum key_id id, struct ox_key *key)
{
	static const struct {
		uint16_t type;
		struct ox_key key;
	} keys[] = {
#define KEY(name, type_, eth, ...) { type_, { .mac_proto = eth, __VA_ARGS__ } },
		KEYS(KEY)
#undef KEY
	};

	*key = keys[id].key;
	key->eth_type = htons(keys[id].type);
	if (id == K_VLAN)
		key->vlan_tci = htons(0x1005);
	if (id == K_ANY_VLAN)
		key->vlan_tci = htons(0x1000);
}

/* Bytes of a string in hex; at most 4096. */
static uint32_t bytes(const char *hex, uint8_t *to)
{
	uint32_t n = 0;

	for (; hex[0] && hex[1]; hex += 2) {
		unsigned int v;

		assert_int_equal(sscanf(hex, "%2x", &v), 1);
		assert_true(n < 4096);
		to[n++] = (uint8_t)v;
	}
	return n;
}

struct asked {
	_Alignas(4) uint8_t b[NLA_HDRLEN + 4096];
	struct ox_actions acts;
	struct ox_err e;
};

/* Compiles a list; returns what ox_actions_compile() does. */
static int ask(const struct answer *a, struct asked *q)
{
	struct nlattr *nest = (struct nlattr *)q->b;
	struct ox_key key, mask;

	memset(&q->e, 0, sizeof(q->e));
	nest->nla_type = OVS_FLOW_ATTR_ACTIONS;
	nest->nla_len =
		(uint16_t)(NLA_HDRLEN + bytes(a->list, q->b + NLA_HDRLEN));
	memset(&mask, 0xff, sizeof(mask));
	key_of(a->key, &key);
	return ox_actions_compile(q->b, nest, &key, &mask, &q->acts, &q->e);
}

/* False, and a line why, where ours isn't the module's answer. */
static bool same(const struct answer *a)
{
	uint8_t kept[4096];
	struct asked q;
	uint32_t len;
	bool good;
	int err = ask(a, &q);

	if (err != -a->err) {
		print_message("# %s: %d '%s', the module says %d\n", a->name,
			      err, q.e.msg, -a->err);
		ox_actions_free(&q.acts);
		return false;
	}
	if (err) {
		good = q.e.msg[0] &&
		       q.e.offset < ((struct nlattr *)q.b)->nla_len;
		if (!good)
			print_message("# %s: refused without words\n", a->name);
		return good;
	}
	len = bytes(a->kept ? a->kept : a->list, kept);
	good = len == q.acts.nla_len && !memcmp(kept, q.acts.nla, len);
	if (!good)
		print_message("# %s: another list is kept\n", a->name);
	if (ox_ops_check(&q.acts)) {
		print_message("# %s: bad ops\n", a->name);
		good = false;
	}
	ox_actions_free(&q.acts);
	return good;
}

static void check_range(size_t from, size_t to)
{
	uint32_t wrong = 0;

	for (size_t i = from; i < to; i++)
		wrong += !same(&answers[i]);
	print_message("# %zu lists\n", to - from);
	assert_int_equal(wrong, 0);
}

static void answers_of(void **state)
{
	size_t n = sizeof(answers) / sizeof(answers[0]);

	(void)state;
	assert_true(n > 280);
	check_range(0, n);
}

/* Of a list that begins with ct(): is that written as the module's dump? */
static bool same_ct(const struct answer *a)
{
	_Alignas(4) uint8_t b[4096], kept[4096], ours[OX_CT_INFO_MAX];
	const struct nlattr *given = (struct nlattr *)b;
	const struct nlattr *shown = (struct nlattr *)kept;
	struct ox_ct_info ct;
	uint32_t len;

	bytes(a->list, b);
	bytes(a->kept ? a->kept : a->list, kept);
	if (mnl_attr_get_type(given) != OVS_ACTION_ATTR_CT)
		return true;
	if (ox_ct_info_parse(b, given, 0, &ct, NULL))
		return false;
	len = ox_ct_info_write(&ct, ours);
	return NLA_HDRLEN + len == shown->nla_len &&
	       !memcmp(ours, mnl_attr_get_payload(shown), len);
}

/* What the module takes is refused as not supported, until it is served. */
static bool same_unserved(const struct answer *a)
{
	bool set = strstr(a->name, "set"), clear = strstr(a->name, "clear");
	int want = a->err ? -a->err : clear ? -EINVAL : -EOPNOTSUPP;
	struct asked q;
	int err = ask(a, &q);
	bool good = err == want && q.e.msg[0] &&
		    (a->err || strstr(q.e.msg, "supported"));

	if (!good)
		print_message("# %s: %d '%s', the module says %d\n", a->name,
			      err, q.e.msg, -a->err);
	if (good && !a->err && !set && !same_ct(a)) {
		print_message("# %s: another form is kept\n", a->name);
		good = false;
	}
	return good;
}

static void ct(void **state)
{
	uint32_t wrong = 0;

	(void)state;
	ox_ct_served = OX_CT_SERVE_NONE;
	for (size_t i = 0; i < sizeof(ct_answers) / sizeof(*ct_answers); i++)
		wrong += !same_unserved(&ct_answers[i]);
	assert_int_equal(wrong, 0);
}

/* clone(set(udp) * n), output: the module's copy of each set is 16 bytes, so
 * that the clone's attribute overflows before ours does. */
static int clone_of(uint32_t n)
{
	struct {
		struct nlattr set, udp;
		__be16 v[2];
	} one = { { sizeof(one), OVS_ACTION_ATTR_SET },
		  { 8, OVS_KEY_ATTR_UDP },
		  { 1, 2 } };
	uint32_t port = 1, len = 2 * NLA_HDRLEN + n * sizeof(one);
	struct nlattr *nest = calloc(1, len + 8), *clone, *out;
	struct ox_actions acts;
	struct ox_key key, mask;
	struct ox_err e = { 0 };
	int err;

	assert_non_null(nest);
	*nest = (struct nlattr){ (uint16_t)(len + 8), OVS_FLOW_ATTR_ACTIONS };
	clone = nest + 1;
	*clone = (struct nlattr){ (uint16_t)(len - NLA_HDRLEN),
				  OVS_ACTION_ATTR_CLONE };
	for (uint32_t i = 0; i < n; i++)
		memcpy((uint8_t *)(clone + 1) + i * sizeof(one), &one,
		       sizeof(one));
	out = (struct nlattr *)((uint8_t *)nest + len);
	*out = (struct nlattr){ 8, OVS_ACTION_ATTR_OUTPUT };
	memcpy(out + 1, &port, 4);
	memset(&mask, 0xff, sizeof(mask));
	key_of(K_UDP4, &key);
	err = ox_actions_compile(nest, nest, &key, &mask, &acts, &e);
	ox_actions_free(&acts);
	free(nest);
	return err;
}

/* The lists of BIG(): 4,200 and 4,000 sets, the latter of too many ops here. */
static void big(void **state)
{
	static const struct {
		const char *name;
		int key;
		uint32_t len;
		int err;
	} asked[] = {
#define CASE(...)
#define BIG(name, key, len, err) { name, key, len, err },
#include "tests/unit/actions_module.h"
#undef CASE
#undef BIG
	};

	(void)state;
	assert_int_equal(sizeof(asked) / sizeof(asked[0]), 2);
	assert_int_equal(asked[0].len, 4200 * 12 + 4 + 8);
	assert_int_equal(asked[1].len, 4000 * 12 + 4 + 8);
	assert_int_equal(clone_of(4200), -asked[0].err);
	assert_int_equal(asked[1].err, 0);
	assert_int_equal(clone_of(4000), -E2BIG);
	assert_int_equal(clone_of(2000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.actions_module.answers", answers_of),
		OX_TEST("unit.actions_module.big", big),
		OX_TEST("unit.actions_module.ct", ct),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
