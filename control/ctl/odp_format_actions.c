// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_format_actions.c - a list of actions as text.
 */
#include "control/ctl/odp_tunnel.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <string.h>

#include "control/codec/actions_kind.h"
#include "control/ctl/odp_ct.h"

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

static void fmt_set_tunnel(FILE *f, const struct nlattr *set,
			   const struct nlattr *tun,
			   const struct ox_odp_style *st)
{
	const struct ox_odp_tunnel_view v = {
		.k = mnl_attr_get_payload(tun),
		.k_len = mnl_attr_get_payload_len(tun),
	};

	if (!ox_odp_tunnel_known(v.k, v.k_len)) {
		fmt_generic(f, set);
		return;
	}
	fputs("set(tunnel(", f);
	ox_odp_format_tunnel(f, &v, st);
	fputs("))", f);
}

/* set() and masked set(): one key attribute, value (and mask) in a row. */
static void fmt_set(FILE *f, const struct nlattr *nest,
		    const struct ox_odp_style *st)
{
	bool masked = mnl_attr_get_type(nest) == OX_ACTION_SET_MASKED;
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
		if (mnl_attr_get_type(a) == OVS_KEY_ATTR_TUNNEL && !masked) {
			fmt_set_tunnel(f, nest, a, &brief);
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
	fputs(ox_action_name(a), f);
	if (ox_action_type(a) == OX_ACTION_POP_NSH)
		fputs("()", f);
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

static void fmt_ct(FILE *f, const struct nlattr *a,
		   const struct ox_odp_style *st)
{
	if (!ox_odp_format_ct(f, a, st))
		fmt_generic(f, a);
}

typedef void (*fmt_fn)(FILE *f, const struct nlattr *a,
		       const struct ox_odp_style *st);

/* Who writes an action without lists; NULL: nobody knows how. */
static fmt_fn fmt_of(const struct nlattr *a)
{
	switch (ox_action_type(a)) {
	case OX_ACTION_OUTPUT:
		return fmt_output;
	case OX_ACTION_USERSPACE:
		return fmt_userspace;
	case OX_ACTION_SET:
	case OX_ACTION_SET_MASKED:
		return fmt_set;
	case OX_ACTION_PUSH_VLAN:
		return fmt_push_vlan;
	case OX_ACTION_POP_VLAN:
	case OX_ACTION_POP_ETH:
	case OX_ACTION_POP_NSH:
	case OX_ACTION_CT_CLEAR:
		return fmt_flag;
	case OX_ACTION_PUSH_MPLS:
		return fmt_push_mpls;
	case OX_ACTION_ADD_MPLS:
		return fmt_add_mpls;
	case OX_ACTION_POP_MPLS:
		return fmt_pop_mpls;
	case OX_ACTION_PUSH_ETH:
		return fmt_push_eth;
	case OX_ACTION_PUSH_NSH:
		return fmt_push_nsh;
	case OX_ACTION_HASH:
		return fmt_hash;
	case OX_ACTION_DROP:
		return fmt_drop;
	case OX_ACTION_RECIRC:
		return fmt_recirc;
	case OX_ACTION_TRUNC:
		return fmt_trunc;
	case OX_ACTION_METER:
		return fmt_meter;
	case OX_ACTION_CT:
		return fmt_ct;
	case OX_ACTION_SAMPLE: /* ox_odp_format_nested() */
	case OX_ACTION_CLONE:
	case OX_ACTION_CHECK_PKT_LEN:
	case OX_ACTION_DEC_TTL:
		break;
	}
	return NULL;
}

static void format_action(FILE *f, const struct nlattr *a,
			  const struct ox_odp_style *st, int nest)
{
	fmt_fn fmt = fmt_of(a);

	if (ox_odp_format_nested(f, a, st, nest))
		return;
	if (fmt && ox_action_len_ok(a))
		fmt(f, a, st);
	else
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
