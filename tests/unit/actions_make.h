/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions_make.h - lists of actions for tests, in few words; and one that is
 * compiled. Each test starts with an empty list under a key of UDP in IPv4,
 * all of it matched.
 */
#ifndef OVSXDP_TESTS_ACTIONS_MAKE_H
#define OVSXDP_TESTS_ACTIONS_MAKE_H

#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <linux/openvswitch.h>

#include "control/codec/actions.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/nlmake.h"
#include "tests/lib/ops_check.h"

static struct ox_make m;
static struct ox_key key, mask; /* UDP over IPv4, all matched */
static struct ox_actions acts;
static struct ox_err err;

static inline int setup(void **state)
{
	(void)state;
	ox_spec_key(&key, 1);
	memset(&mask, 0xff, sizeof(mask));
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	memset(&err, 0, sizeof(err));
	memset(&acts, 0, sizeof(acts));
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	ox_actions_free(&acts);
	return 0;
}

static inline int compile(void)
{
	ox_actions_free(&acts);
	memset(&err, 0, sizeof(err));
	return ox_actions_compile(&m, ox_make_end(&m), &key, &mask, &acts,
				  &err);
}

/* Refused with words and the offset of the last attribute; starts anew. */
static inline void refused(int code, const char *word)
{
	assert_int_equal(compile(), code);
	if (!strstr(err.msg, word))
		fail_msg("'%s' lacks '%s'", err.msg, word);
	assert_int_not_equal(err.offset, 0);
	assert_null(acts.nla);
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
}

static inline void output(uint32_t port)
{
	ox_make_u32(&m, OVS_ACTION_ATTR_OUTPUT, port);
}

static inline void set(uint16_t action, uint16_t type, const void *v,
		       uint32_t len)
{
	uint32_t at = ox_make_nest(&m, action);

	ox_make_put(&m, type, v, len);
	ox_make_nest_end(&m, at);
}

static inline void push_vlan(uint16_t tpid, uint16_t tci)
{
	struct ovs_action_push_vlan v = { htons(tpid), htons(tci) };

	ox_make_put(&m, OVS_ACTION_ATTR_PUSH_VLAN, &v, sizeof(v));
}

/* ---- lists as attributes, in few words ---- */

static inline void put32(uint16_t type, uint32_t v)
{
	ox_make_u32(&m, type, v);
}

static inline void put0(uint16_t type)
{
	ox_make_put(&m, type, NULL, 0);
}

static inline void user(uint32_t pid)
{
	uint32_t at = ox_make_nest(&m, OVS_ACTION_ATTR_USERSPACE);

	put32(OVS_USERSPACE_ATTR_PID, pid);
	ox_make_nest_end(&m, at);
}

static inline void set_udp(uint16_t src)
{
	__be16 pair[4] = { htons(src), 0, 0xffff, 0 };

	set(OVS_ACTION_ATTR_SET_MASKED, OVS_KEY_ATTR_UDP, pair, sizeof(pair));
}

static inline void set_mark(uint32_t mark)
{
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_SKB_MARK, &mark, 4);
}

static inline void recirc(uint32_t id)
{
	put32(OVS_ACTION_ATTR_RECIRC, id);
}

static inline void pop_vlan(void)
{
	put0(OVS_ACTION_ATTR_POP_VLAN);
}

static inline void hash(uint32_t alg, uint32_t basis)
{
	struct ovs_action_hash h = { alg, basis };

	ox_make_put(&m, OVS_ACTION_ATTR_HASH, &h, sizeof(h));
}

static inline void push_mpls(void)
{
	struct ovs_action_push_mpls v = { htonl(0x1140), htons(0x8847) };

	ox_make_put(&m, OVS_ACTION_ATTR_PUSH_MPLS, &v, sizeof(v));
}

/* Lists inside: NEST(clone) { output(1); } */
static uint32_t marks[40], n_marks;

static inline bool open_nest(uint16_t type)
{
	marks[n_marks++] = ox_make_nest(&m, type);
	return true;
}

static inline bool close_nest(void)
{
	ox_make_nest_end(&m, marks[--n_marks]);
	return false;
}

#define NEST(type) for (bool on = open_nest(type); on; on = close_nest())
#define CLONE	   NEST(OVS_ACTION_ATTR_CLONE)
#define SAMPLE(p)                                                             \
	NEST(OVS_ACTION_ATTR_SAMPLE)                                          \
	for (bool once = (put32(OVS_SAMPLE_ATTR_PROBABILITY, p), true); once; \
	     once = false)                                                    \
	NEST(OVS_SAMPLE_ATTR_ACTIONS)
#define CHECK_LEN(len)                                                      \
	NEST(OVS_ACTION_ATTR_CHECK_PKT_LEN)                                 \
	for (bool once =                                                    \
		     (ox_make_u16(&m, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN, len), \
		      true);                                                \
	     once; once = false)
#define LE NEST(OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL)
#define GT NEST(OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER)
#define DEC_TTL                       \
	NEST(OVS_ACTION_ATTR_DEC_TTL) \
	NEST(OVS_DEC_TTL_ATTR_ACTION)

#define TEST(id, fn) OX_TEST_WITH(id, fn, setup, teardown)

#endif /* OVSXDP_TESTS_ACTIONS_MAKE_H */
