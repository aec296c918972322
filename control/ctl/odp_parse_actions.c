// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_parse_actions.c - a list of actions as text to attributes.
 */
#include "control/ctl/odp_tunnel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <string.h>

#include "control/ctl/odp_ct.h"
#include "ovsxdp/uapi.h"

#define MAX_USERDATA 2048

static int put_u32(struct ox_odp_attrs *out, uint16_t type, uint32_t v)
{
	return ox_odp_attrs_put(out, type, &v, sizeof(v));
}

/* A number or a name. */
static int port(struct ox_odp_scan *s, struct ox_odp_attrs *out, uint16_t type)
{
	static const struct ox_odp_field fd = { .len = 4, .kind = OX_ODP_PORT };
	uint32_t no = 0, mask = 0;
	int err = ox_odp_value(s, &fd, &no, &mask);

	if (!err && mask != UINT32_MAX)
		err = ox_odp_expected(s, "no mask behind a port");
	return err ? err : put_u32(out, type, no);
}

static int act_output(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	return port(s, out, OVS_ACTION_ATTR_OUTPUT);
}

/* name(NUMBER) */
static int act_number(struct ox_odp_scan *s, struct ox_odp_attrs *out,
		      uint16_t type)
{
	uint32_t v;
	int err = ox_odp_number(s, UINT32_MAX, &v);

	if (!err)
		err = ox_odp_need(s, ")");
	return err ? err : put_u32(out, type, v);
}

static int act_recirc(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	return act_number(s, out, OVS_ACTION_ATTR_RECIRC);
}

static int act_trunc(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	return act_number(s, out, OVS_ACTION_ATTR_TRUNC);
}

static int act_meter(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	return act_number(s, out, OVS_ACTION_ATTR_METER);
}

static int act_drop(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	return act_number(s, out, OVS_ACTION_ATTR_DROP);
}

/* hash(l4(BASIS)) */
static int act_hash(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct ovs_action_hash h = { .hash_alg = OVS_HASH_ALG_L4 };
	int err;

	if (ox_odp_take(s, "sym_l4("))
		h.hash_alg = OVS_HASH_ALG_SYM_L4;
	else if (!ox_odp_take(s, "l4("))
		return ox_odp_expected(s, "l4( or sym_l4(");
	err = ox_odp_number(s, UINT32_MAX, &h.hash_basis);
	if (!err)
		err = ox_odp_need(s, "))");
	return err ? err
		   : ox_odp_attrs_put(out, OVS_ACTION_ATTR_HASH, &h, sizeof(h));
}

static int userdata(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	uint8_t data[MAX_USERDATA];
	uint32_t len;
	int err = ox_odp_hex(s, data, sizeof(data), &len);

	if (!err)
		err = ox_odp_need(s, ")");
	return err ? err
		   : ox_odp_attrs_put(out, OVS_USERSPACE_ATTR_USERDATA, data,
				      len);
}

static int userspace_arg(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	uint32_t v;
	int err;

	if (ox_odp_take(s, "userdata("))
		return userdata(s, out);
	if (ox_odp_take(s, "actions"))
		return ox_odp_attrs_put(out, OVS_USERSPACE_ATTR_ACTIONS, NULL,
					0);
	if (ox_odp_take(s, "tunnel_out_port="))
		return port(s, out, OVS_USERSPACE_ATTR_EGRESS_TUN_PORT);
	if (!ox_odp_take(s, "pid="))
		return ox_odp_expected(s, "pid=, userdata(, actions or "
					  "tunnel_out_port=");
	err = ox_odp_number(s, UINT32_MAX, &v);
	return err ? err : put_u32(out, OVS_USERSPACE_ATTR_PID, v);
}

static int act_userspace(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct nlattr *nest;
	int err;

	nest = mnl_attr_nest_start_check(&out->nlh, OX_ODP_ROOM,
					 OVS_ACTION_ATTR_USERSPACE);
	if (!nest)
		return -EMSGSIZE;
	while (!ox_odp_take(s, ")")) {
		err = userspace_arg(s, out);
		if (err)
			return err;
		if (*s->p != ')' && *s->p != ',')
			return ox_odp_expected(s, "',' or ')'");
		ox_odp_skip_blank(s);
	}
	ox_odp_nest_end(out, nest);
	return 0;
}

static bool all_ones(const uint8_t *p, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (p[i] != 0xff)
			return false;
	return true;
}

/* set(K): OVS_ACTION_ATTR_SET if every bit is given, else SET_MASKED. */
static int put_set(struct ox_odp_attrs *out, const struct nlattr *k,
		   const struct nlattr *m)
{
	uint32_t len = mnl_attr_get_payload_len(k);
	const uint8_t *mask = mnl_attr_get_payload(m);
	bool masked = !all_ones(mask, len);
	uint8_t both[2 * 256];
	struct nlattr *nest;
	int err;

	if (2 * len > sizeof(both))
		return -EMSGSIZE;
	memcpy(both, mnl_attr_get_payload(k), len);
	memcpy(both + len, mask, len);
	/* bits outside of the mask have to be zero in what is set */
	for (uint32_t i = 0; masked && i < len; i++)
		both[i] &= mask[i];
	nest = mnl_attr_nest_start_check(&out->nlh, OX_ODP_ROOM,
					 masked ? OVS_ACTION_ATTR_SET_MASKED
						: OVS_ACTION_ATTR_SET);
	if (!nest)
		return -EMSGSIZE;
	err = ox_odp_attrs_put(out, mnl_attr_get_type(k), both,
			       masked ? 2 * len : len);
	ox_odp_nest_end(out, nest);
	return err;
}

/* The whole key: a tunnel has no mask there. */
static int set_tunnel(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct nlattr *nest;
	int err;

	nest = mnl_attr_nest_start_check(&out->nlh, OX_ODP_ROOM,
					 OVS_ACTION_ATTR_SET);
	if (!nest)
		return -EMSGSIZE;
	err = ox_odp_key_tunnel(s, out, NULL);
	if (err)
		return err;
	ox_odp_nest_end(out, nest);
	return ox_odp_need(s, ")");
}

static int act_set(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct ox_odp_attrs key, mask;
	const struct nlattr *k, *m;
	int err;

	if (ox_odp_take(s, "tunnel("))
		return set_tunnel(s, out);
	ox_odp_attrs_init(&key);
	ox_odp_attrs_init(&mask);
	if (!strncmp(s->p, "encap(", 6))
		return ox_odp_expected(s, "a header that can be set");
	err = ox_odp_key_attr(s, &key, &mask);
	if (!err)
		err = ox_odp_need(s, ")");
	if (err)
		return err;
	k = ox_odp_attrs_data(&key);
	m = ox_odp_attrs_data(&mask);
	if (mnl_attr_get_type(k) == OVS_KEY_ATTR_NSH)
		return ox_odp_set_nsh(mnl_attr_get_payload(k),
				      mnl_attr_get_payload_len(k),
				      mnl_attr_get_payload(m),
				      mnl_attr_get_payload_len(m), out);
	return put_set(out, k, m);
}

static int act_push_vlan(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct ovs_action_push_vlan v = { 0 }, m = { 0 };
	int err = ox_odp_fields(s, &ox_odp_push_vlan, &v, &m);

	if (!m.vlan_tpid)
		v.vlan_tpid = htons(0x8100);
	return err ? err
		   : ox_odp_attrs_put(out, OVS_ACTION_ATTR_PUSH_VLAN, &v,
				      sizeof(v));
}

static int act_push_mpls(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct ovs_action_push_mpls v = { 0 }, m = { 0 };
	int err = ox_odp_fields(s, &ox_odp_push_mpls, &v, &m);

	if (!m.mpls_ethertype)
		v.mpls_ethertype = htons(ETH_P_MPLS_UC);
	return err ? err
		   : ox_odp_attrs_put(out, OVS_ACTION_ATTR_PUSH_MPLS, &v,
				      sizeof(v));
}

static int act_add_mpls(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct ovs_action_add_mpls v = { 0 }, m = { 0 };
	int err = ox_odp_fields(s, &ox_odp_add_mpls, &v, &m);

	if (!m.mpls_ethertype)
		v.mpls_ethertype = htons(ETH_P_MPLS_UC);
	return err ? err
		   : ox_odp_attrs_put(out, OVS_ACTION_ATTR_ADD_MPLS, &v,
				      sizeof(v));
}

/* pop_mpls(eth_type=0x800) */
static int act_pop_mpls(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	uint32_t type;
	uint16_t be;
	int err = ox_odp_need(s, "eth_type=");

	if (!err)
		err = ox_odp_number(s, UINT16_MAX, &type);
	if (!err)
		err = ox_odp_need(s, ")");
	if (err)
		return err;
	be = htons((uint16_t)type);
	return ox_odp_attrs_put(out, OVS_ACTION_ATTR_POP_MPLS, &be, sizeof(be));
}

static int act_push_eth(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct ovs_action_push_eth v = { 0 }, m = { 0 };
	int err = ox_odp_fields(s, &ox_odp_push_eth, &v, &m);

	return err ? err
		   : ox_odp_attrs_put(out, OVS_ACTION_ATTR_PUSH_ETH, &v,
				      sizeof(v));
}

/* actionN(HEX): an action that has no name here. */
static int act_generic(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	uint8_t data[2048];
	uint32_t type, len = 0;
	int err;

	err = ox_odp_number(s, 0x3fff, &type);
	if (!err)
		err = ox_odp_need(s, "(");
	if (!err)
		err = ox_odp_hex(s, data, sizeof(data), &len);
	if (!err)
		err = ox_odp_need(s, ")");
	return err ? err : ox_odp_attrs_put(out, (uint16_t)type, data, len);
}

static const struct {
	const char *word;
	int (*fn)(struct ox_odp_scan *s, struct ox_odp_attrs *out);
} actions[] = {
	{ "userspace(", act_userspace },
	{ "set(", act_set },
	{ "push_vlan(", act_push_vlan },
	{ "push_mpls(", act_push_mpls },
	{ "pop_mpls(", act_pop_mpls },
	{ "add_mpls(", act_add_mpls },
	{ "push_eth(", act_push_eth },
	{ "push_nsh(", ox_odp_act_push_nsh },
	{ "hash(", act_hash },
	{ "recirc(", act_recirc },
	{ "trunc(", act_trunc },
	{ "meter(", act_meter },
	{ "drop(", act_drop },
	{ "sample(", ox_odp_act_sample },
	{ "clone(", ox_odp_act_clone },
	{ "check_pkt_len(", ox_odp_act_check_len },
	{ "dec_ttl(", ox_odp_act_dec_ttl },
};

/* Actions without an argument. ovs-dpctl writes pop_nsh() but pop_eth. */
static const struct {
	const char *word;
	uint16_t type;
} flags[] = {
	{ "pop_vlan", OVS_ACTION_ATTR_POP_VLAN },
	{ "pop_eth", OVS_ACTION_ATTR_POP_ETH },
	{ "pop_nsh", OVS_ACTION_ATTR_POP_NSH },
	{ "ct_clear", OVS_ACTION_ATTR_CT_CLEAR },
};

/* An action's name, or a number, must not go on after its end. */
static bool at_end(const struct ox_odp_scan *s)
{
	return !*s->p || strchr(", \t\r\n", *s->p) || (s->nest && *s->p == ')');
}

static bool is_generic(const struct ox_odp_scan *s)
{
	return !strncmp(s->p, "action", 6) && s->p[6] >= '0' &&
	       s->p[6] <= '9' && s->p[ox_odp_word(s)] == '(';
}

/* 1: there was one and it is in out; 0: none; -errno. */
static int action_flag(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	size_t n = ox_odp_word(s);
	int err;

	if (n == 2 && ox_odp_take(s, "ct")) {
		err = ox_odp_act_ct(s, out);
		return err ? err : 1;
	}

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strlen(flags[i].word) != n ||
		    !ox_odp_take(s, flags[i].word))
			continue;
		if (flags[i].type == OVS_ACTION_ATTR_POP_NSH)
			ox_odp_take(s, "()");
		err = ox_odp_attrs_put(out, flags[i].type, NULL, 0);
		return err ? err : 1;
	}
	return 0;
}

/* Names all that there are; or says why it is none here. */
static int action_unknown(const struct ox_odp_scan *s)
{
	char what[232] = "an action: a port, drop, ct";
	size_t n = strlen(what);

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strncmp(actions[i].word, "drop", 4) && n < sizeof(what))
			n += (size_t)snprintf(
				what + n, sizeof(what) - n, ", %.*s",
				(int)strcspn(actions[i].word, "("),
				actions[i].word);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (n < sizeof(what))
			n += (size_t)snprintf(what + n, sizeof(what) - n,
					      ", %s", flags[i].word);
	return ox_odp_expected(s, what);
}

static int action(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	int err;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (ox_odp_take(s, actions[i].word))
			return actions[i].fn(s, out);
	if (is_generic(s)) {
		s->p += 6;
		return act_generic(s, out);
	}
	err = action_flag(s, out);
	if (err)
		return err < 0 ? err : 0;
	if (!ox_odp_word(s) || s->p[ox_odp_word(s)] == '(')
		return action_unknown(s);
	return act_output(s, out);
}

static bool take_drop(struct ox_odp_scan *s)
{
	if (ox_odp_word(s) != 4 || s->p[4] == '(' || !ox_odp_take(s, "drop"))
		return false;
	ox_odp_skip_blank(s);
	return true;
}

int ox_odp_action_list(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	int err = 0;

	if (s->nest == OX_ODP_MAX_NEST)
		return ox_odp_expected(s, "less nesting of actions");
	s->nest++;
	ox_odp_skip_blank(s);
	if (take_drop(s) && *s->p != ')')
		err = ox_odp_expected(s, "nothing behind drop");
	while (!err && !ox_odp_take(s, ")")) {
		err = action(s, out);
		if (!err && !at_end(s))
			err = ox_odp_expected(s, "',' or ')'");
		ox_odp_skip_blank(s);
	}
	s->nest--;
	return err;
}

int ox_odp_parse_actions(const char *text, const struct ox_odp_ports *ports,
			 struct ox_odp_attrs *out, struct ox_err *e)
{
	struct ox_odp_scan s = {
		.start = text, .p = text, .ports = ports, .e = e
	};
	int err = 0;

	ox_odp_attrs_init(out);
	ox_odp_skip_blank(&s);
	/* as ovs-dpctl: nothing and "drop" are the empty list */
	if (take_drop(&s))
		return *s.p ? ox_odp_expected(&s, "nothing behind drop") : 0;
	while (*s.p && !err) {
		err = action(&s, out);
		if (!err && !at_end(&s))
			err = ox_odp_expected(&s, "',' or the end");
		ox_odp_skip_blank(&s);
	}
	if (err == -EMSGSIZE)
		ox_err_set(e, err, "the list of actions is too long");
	return err;
}
