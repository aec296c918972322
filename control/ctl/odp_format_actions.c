// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_format_actions.c - a list of actions as text.
 */
#include "control/ctl/odp_walk.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>

#include "ovsxdp/uapi.h"

static void fmt_generic(FILE *f, const struct nlattr *a)
{
	fprintf(f, "action%u(", mnl_attr_get_type(a));
	ox_odp_format_hex(f, mnl_attr_get_payload(a),
			  mnl_attr_get_payload_len(a));
	fputc(')', f);
}

static void fmt_output(FILE *f, const struct nlattr *a,
		       const struct ox_odp_style *st)
{
	uint32_t no = mnl_attr_get_u32(a);
	const char *name = ox_odp_port_name(st->names, no);

	if (name)
		fputs(name, f);
	else
		fprintf(f, "%" PRIu32, no);
}

static void fmt_user_attr(FILE *f, const struct nlattr *a)
{
	bool is_u32 = mnl_attr_get_payload_len(a) == 4;

	switch (mnl_attr_get_type(a)) {
	case OVS_USERSPACE_ATTR_PID:
		if (is_u32)
			fprintf(f, "pid=%" PRIu32, mnl_attr_get_u32(a));
		break;
	case OVS_USERSPACE_ATTR_USERDATA:
		fputs("userdata(", f);
		ox_odp_format_hex(f, mnl_attr_get_payload(a),
				  mnl_attr_get_payload_len(a));
		fputc(')', f);
		break;
	case OVS_USERSPACE_ATTR_EGRESS_TUN_PORT:
		if (is_u32)
			fprintf(f, "tunnel_out_port=%" PRIu32,
				mnl_attr_get_u32(a));
		break;
	case OVS_USERSPACE_ATTR_ACTIONS:
		fputs("actions", f);
		break;
	}
}

/* Can the attributes be told in the syntax, or is it hex? */
static bool user_known(const struct nlattr *nest)
{
	const struct nlattr *a;

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
	}
	return true;
}

static void fmt_userspace(FILE *f, const struct nlattr *nest,
			  const struct ox_odp_style *st)
{
	const struct nlattr *a;
	const char *sep = "";

	(void)st;
	if (!user_known(nest)) {
		fmt_generic(f, nest);
		return;
	}
	fputs("userspace(", f);
	mnl_attr_for_each_nested (a, nest) {
		fputs(sep, f);
		fmt_user_attr(f, a);
		sep = ",";
	}
	fputc(')', f);
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
		d = ox_odp_key_by_type(mnl_attr_get_type(a));
		len = mnl_attr_get_payload_len(a);
	}
	if (!d || len != (masked ? 2u : 1u) * d->len) {
		fmt_generic(f, nest);
		return;
	}
	k = mnl_attr_get_payload(a);
	fprintf(f, "set(%s(", d->name);
	ox_odp_format_fields(f, d, k, masked ? k + d->len : NULL, &brief);
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

static void fmt_pop_vlan(FILE *f, const struct nlattr *a,
			 const struct ox_odp_style *st)
{
	(void)a;
	(void)st;
	fputs("pop_vlan", f);
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
	{ OVS_ACTION_ATTR_POP_VLAN, 0, fmt_pop_vlan },
	{ OVS_ACTION_ATTR_RECIRC, 4, fmt_recirc },
	{ OVS_ACTION_ATTR_TRUNC, 4, fmt_trunc },
	{ OVS_ACTION_ATTR_METER, 4, fmt_meter },
};

static void format_action(FILE *f, const struct nlattr *a,
			  const struct ox_odp_style *st)
{
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

void ox_odp_format_actions(FILE *f, const void *acts, uint32_t len,
			   const struct ox_odp_style *st)
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
		format_action(f, a, st);
		sep = ",";
		left -= (int)MNL_ALIGN(a->nla_len);
	}
}
