// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_format_actions.c - a list of actions as text.
 */
#include "control/ctl/odp_walk.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <string.h>

#include "ovsxdp/uapi.h"

static void fmt_generic(FILE *f, const struct nlattr *a)
{
	fprintf(f, "action%u(", mnl_attr_get_type(a));
	ox_odp_format_hex(f, mnl_attr_get_payload(a),
			  mnl_attr_get_payload_len(a));
	fputc(')', f);
}

static void fmt_port(FILE *f, uint32_t no, const struct ox_odp_style *st)
{
	const char *name = ox_odp_port_name(st->names, no);

	if (name)
		fputs(name, f);
	else
		fprintf(f, "%" PRIu32, no);
}

static void fmt_output(FILE *f, const struct nlattr *a,
		       const struct ox_odp_style *st)
{
	fmt_port(f, mnl_attr_get_u32(a), st);
}

/* Attributes by type; false: there is one that the syntax hasn't. */
static bool user_parse(const struct nlattr *nest, const struct nlattr **tb)
{
	const struct nlattr *a;

	memset(tb, 0, sizeof(*tb) * (OVS_USERSPACE_ATTR_MAX + 1));
	mnl_attr_for_each_nested (a, nest) {
		uint16_t type = mnl_attr_get_type(a);
		uint32_t len = mnl_attr_get_payload_len(a);

		if (type < OVS_USERSPACE_ATTR_PID ||
		    type > OVS_USERSPACE_ATTR_ACTIONS)
			return false;
		if ((type == OVS_USERSPACE_ATTR_PID ||
		     type == OVS_USERSPACE_ATTR_EGRESS_TUN_PORT) &&
		    len != 4)
			return false;
		tb[type] = a;
	}
	return tb[OVS_USERSPACE_ATTR_PID];
}

/* In ovs-dpctl's order, whatever theirs is. */
static void fmt_userspace(FILE *f, const struct nlattr *nest,
			  const struct ox_odp_style *st)
{
	const struct nlattr *tb[OVS_USERSPACE_ATTR_MAX + 1], *a;

	if (!user_parse(nest, tb)) {
		fmt_generic(f, nest);
		return;
	}
	fprintf(f, "userspace(pid=%" PRIu32,
		mnl_attr_get_u32(tb[OVS_USERSPACE_ATTR_PID]));
	if ((a = tb[OVS_USERSPACE_ATTR_USERDATA])) {
		fputs(",userdata(", f);
		ox_odp_format_hex(f, mnl_attr_get_payload(a),
				  mnl_attr_get_payload_len(a));
		fputc(')', f);
	}
	if (tb[OVS_USERSPACE_ATTR_ACTIONS])
		fputs(",actions", f);
	if ((a = tb[OVS_USERSPACE_ATTR_EGRESS_TUN_PORT])) {
		fputs(",tunnel_out_port=", f);
		fmt_port(f, mnl_attr_get_u32(a), st);
	}
	fputc(')', f);
}

static const struct ox_odp_key *set_desc(uint16_t type)
{
	return type == OVS_KEY_ATTR_MPLS ? &ox_odp_mpls
					 : ox_odp_key_by_type(type);
}

/* Value and mask are in each attribute of the nest, not one behind it. */
static void fmt_set_nsh(FILE *f, const struct nlattr *set,
			const struct nlattr *nsh, bool masked)
{
	uint8_t k[OX_ODP_NSH_LEN], m[OX_ODP_NSH_LEN];
	static const struct ox_odp_style brief;

	if (!ox_odp_nsh_flat(mnl_attr_get_payload(nsh),
			     mnl_attr_get_payload_len(nsh), masked ? 2 : 1, k,
			     m)) {
		fmt_generic(f, set);
		return;
	}
	fputs("set(nsh(", f);
	ox_odp_format_fields(f, &ox_odp_nsh, k, masked ? m : NULL, &brief);
	fputs("))", f);
}

/* set() and masked set(): one key attribute, value (and mask) in a row. */
static void fmt_set(FILE *f, const struct nlattr *nest,
		    const struct ox_odp_style *st)
{
	bool masked = mnl_attr_get_type(nest) == OVS_ACTION_ATTR_SET_MASKED;
	struct ox_odp_style brief = { .names = st->names };
	const struct ox_odp_key *d = NULL;
	const struct nlattr *a = mnl_attr_get_payload(nest);
	uint32_t len = 0;
	const uint8_t *k;

	if (mnl_attr_ok(a, mnl_attr_get_payload_len(nest))) {
		if (mnl_attr_get_type(a) == OVS_KEY_ATTR_NSH) {
			fmt_set_nsh(f, nest, a, masked);
			return;
		}
		d = set_desc(mnl_attr_get_type(a));
		len = mnl_attr_get_payload_len(a);
	}
	if (!d || len != (masked ? 2u : 1u) * d->len) {
		fmt_generic(f, nest);
		return;
	}
	k = mnl_attr_get_payload(a);
	fprintf(f, "set(%s(", d->name);
	if (d == &ox_odp_mpls)
		ox_odp_format_mpls(f, k, masked ? k + d->len : NULL, 1);
	else
		ox_odp_format_fields(f, d, k, masked ? k + d->len : NULL,
				     &brief);
	fputs("))", f);
}

static void fmt_push_vlan(FILE *f, const struct nlattr *a,
			  const struct ox_odp_style *st)
{
	const struct ovs_action_push_vlan *v = mnl_attr_get_payload(a);
	struct ovs_action_push_vlan mask = { 0, 0xffff };

	if (v->vlan_tpid != htons(0x8100))
		mask.vlan_tpid = 0xffff;
	(void)st;
	fputs("push_vlan(", f);
	ox_odp_format_fields(f, &ox_odp_push_vlan, (const void *)v,
			     (const void *)&mask, &(struct ox_odp_style){ 0 });
	fputc(')', f);
}

static void fmt_flag(FILE *f, const struct nlattr *a,
		     const struct ox_odp_style *st)
{
	(void)st;
	switch (mnl_attr_get_type(a)) {
	case OVS_ACTION_ATTR_POP_VLAN:
		fputs("pop_vlan", f);
		break;
	case OVS_ACTION_ATTR_POP_ETH:
		fputs("pop_eth", f);
		break;
	case OVS_ACTION_ATTR_POP_NSH:
		fputs("pop_nsh()", f);
		break;
	case OVS_ACTION_ATTR_CT_CLEAR:
		fputs("ct_clear", f);
		break;
	}
}

static void fmt_push_mpls(FILE *f, const struct nlattr *a,
			  const struct ox_odp_style *st)
{
	fputs("push_mpls(", f);
	ox_odp_format_fields(f, &ox_odp_push_mpls, mnl_attr_get_payload(a),
			     NULL, st);
	fputc(')', f);
}

/* ovs-dpctl doesn't know tun_flags: written only where there are any. */
static void fmt_add_mpls(FILE *f, const struct nlattr *a,
			 const struct ox_odp_style *st)
{
	struct ovs_action_add_mpls v, mask;

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	memset(&mask, 0xff, sizeof(mask));
	if (!v.tun_flags)
		mask.tun_flags = 0;
	(void)st;
	fputs("add_mpls(", f);
	ox_odp_format_fields(f, &ox_odp_add_mpls, (const void *)&v,
			     (const void *)&mask, &(struct ox_odp_style){ 0 });
	fputc(')', f);
}

static void fmt_pop_mpls(FILE *f, const struct nlattr *a,
			 const struct ox_odp_style *st)
{
	(void)st;
	fprintf(f, "pop_mpls(eth_type=0x%x)", ntohs(mnl_attr_get_u16(a)));
}

static void fmt_push_eth(FILE *f, const struct nlattr *a,
			 const struct ox_odp_style *st)
{
	fputs("push_eth(", f);
	ox_odp_format_fields(f, &ox_odp_push_eth, mnl_attr_get_payload(a), NULL,
			     st);
	fputc(')', f);
}

static void fmt_push_nsh(FILE *f, const struct nlattr *a,
			 const struct ox_odp_style *st)
{
	(void)st;
	if (!ox_odp_format_push_nsh(f, a))
		fmt_generic(f, a);
}

static void fmt_hash(FILE *f, const struct nlattr *a,
		     const struct ox_odp_style *st)
{
	const struct ovs_action_hash *h = mnl_attr_get_payload(a);

	(void)st;
	if (h->hash_alg > OVS_HASH_ALG_SYM_L4)
		fmt_generic(f, a);
	else
		fprintf(f, "hash(%s(%" PRIu32 "))",
			h->hash_alg == OVS_HASH_ALG_L4 ? "l4" : "sym_l4",
			h->hash_basis);
}

static void fmt_drop(FILE *f, const struct nlattr *a,
		     const struct ox_odp_style *st)
{
	(void)st;
	fprintf(f, "drop(%" PRIu32 ")", mnl_attr_get_u32(a));
}

static void fmt_recirc(FILE *f, const struct nlattr *a,
		       const struct ox_odp_style *st)
{
	(void)st;
	fprintf(f, "recirc(%#" PRIx32 ")", mnl_attr_get_u32(a));
}

static void fmt_trunc(FILE *f, const struct nlattr *a,
		      const struct ox_odp_style *st)
{
	(void)st;
	fprintf(f, "trunc(%" PRIu32 ")", mnl_attr_get_u32(a));
}

static void fmt_meter(FILE *f, const struct nlattr *a,
		      const struct ox_odp_style *st)
{
	(void)st;
	fprintf(f, "meter(%" PRIu32 ")", mnl_attr_get_u32(a));
}

#define ANY_LEN UINT32_MAX
static const struct {
	uint16_t type;
	uint32_t len; /* of the payload, or ANY_LEN */
	void (*fn)(FILE *f, const struct nlattr *a,
		   const struct ox_odp_style *st);
} formats[] = {
	{ OVS_ACTION_ATTR_OUTPUT, 4, fmt_output },
	{ OVS_ACTION_ATTR_USERSPACE, ANY_LEN, fmt_userspace },
	{ OVS_ACTION_ATTR_SET, ANY_LEN, fmt_set },
	{ OVS_ACTION_ATTR_SET_MASKED, ANY_LEN, fmt_set },
	{ OVS_ACTION_ATTR_PUSH_VLAN, 4, fmt_push_vlan },
	{ OVS_ACTION_ATTR_POP_VLAN, 0, fmt_flag },
	{ OVS_ACTION_ATTR_POP_ETH, 0, fmt_flag },
	{ OVS_ACTION_ATTR_POP_NSH, 0, fmt_flag },
	{ OVS_ACTION_ATTR_CT_CLEAR, 0, fmt_flag },
	{ OVS_ACTION_ATTR_PUSH_MPLS, sizeof(struct ovs_action_push_mpls),
	  fmt_push_mpls },
	{ OVS_ACTION_ATTR_ADD_MPLS, sizeof(struct ovs_action_add_mpls),
	  fmt_add_mpls },
	{ OVS_ACTION_ATTR_POP_MPLS, 2, fmt_pop_mpls },
	{ OVS_ACTION_ATTR_PUSH_ETH, sizeof(struct ovs_action_push_eth),
	  fmt_push_eth },
	{ OVS_ACTION_ATTR_PUSH_NSH, ANY_LEN, fmt_push_nsh },
	{ OVS_ACTION_ATTR_HASH, sizeof(struct ovs_action_hash), fmt_hash },
	{ OVS_ACTION_ATTR_DROP, 4, fmt_drop },
	{ OVS_ACTION_ATTR_RECIRC, 4, fmt_recirc },
	{ OVS_ACTION_ATTR_TRUNC, 4, fmt_trunc },
	{ OVS_ACTION_ATTR_METER, 4, fmt_meter },
};

static void format_action(FILE *f, const struct nlattr *a,
			  const struct ox_odp_style *st, int nest)
{
	if (ox_odp_format_nested(f, a, st, nest))
		return;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i].type == mnl_attr_get_type(a) &&
		    (formats[i].len == ANY_LEN ||
		     formats[i].len == mnl_attr_get_payload_len(a))) {
			formats[i].fn(f, a, st);
			return;
		}
	}
	fmt_generic(f, a);
}

void ox_odp_format_list(FILE *f, const void *acts, uint32_t len,
			const struct ox_odp_style *st, int nest)
{
	const struct nlattr *a = acts;
	const char *sep = "";
	int left = (int)len;

	if (!acts || !mnl_attr_ok(a, left)) {
		fputs("drop", f);
		return;
	}
	for (; mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		fputs(sep, f);
		format_action(f, a, st, nest);
		sep = ",";
		left -= (int)MNL_ALIGN(a->nla_len);
	}
}

void ox_odp_format_actions(FILE *f, const void *acts, uint32_t len,
			   const struct ox_odp_style *st)
{
	ox_odp_format_list(f, acts, len, st, 0);
}
