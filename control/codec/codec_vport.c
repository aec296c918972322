// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * codec_vport.c - attributes of the family "ovs_vport"; see codec_vport.h.
 */
#include "control/codec/codec_vport.h"

#include <errno.h>
#include <string.h>

#include "ovsxdp/nl.h"

_Static_assert(sizeof(struct ox_port_stats) == sizeof(struct ovs_vport_stats),
	       "ox_port_stats goes out as ovs_vport_stats");

/* vport_policy of the module. */
const struct ox_nla_policy ox_vport_policy[OX_VPORT_ATTR_MAX + 1] = {
	[OVS_VPORT_ATTR_PORT_NO] = { .type = OX_NLA_U32 },
	[OVS_VPORT_ATTR_TYPE] = { .type = OX_NLA_U32 },
	[OVS_VPORT_ATTR_NAME] = { .type = OX_NLA_NUL_STRING,
				  .len = OX_NAME_LEN - 1 },
	[OVS_VPORT_ATTR_OPTIONS] = { .type = OX_NLA_NESTED },
	[OVS_VPORT_ATTR_UPCALL_PID] = { .type = OX_NLA_ANY },
	[OVS_VPORT_ATTR_STATS] = { .type = OX_NLA_MIN,
				   .len = sizeof(struct ovs_vport_stats) },
	[OVS_VPORT_ATTR_IFINDEX] = { .type = OX_NLA_S32, .max = INT32_MAX },
	[OVS_VPORT_ATTR_NETNSID] = { .type = OX_NLA_S32 },
	[OVS_VPORT_ATTR_UPCALL_STATS] = { .type = OX_NLA_NESTED },
};

static uint32_t u32_of(const struct nlattr *a)
{
	uint32_t v = 0;

	if (a && mnl_attr_get_payload_len(a) >= sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return v;
}

/* As vxlan_configure_exts(): unknown ones are ignored. */
static void exts_get(const struct nlattr *nest, struct ox_vport_tun_attrs *t)
{
	const struct nlattr *a;
	uint16_t type;

	if (mnl_attr_get_payload_len(nest) < sizeof(struct nlattr))
		t->exts_err = -EINVAL;
	mnl_attr_for_each_nested (a, nest) {
		type = mnl_attr_get_type(a);
		if (type == OVS_VXLAN_EXT_GBP && mnl_attr_get_payload_len(a))
			t->exts_err = -ERANGE;
		if (type < 32)
			t->exts |= 1u << type;
	}
}

/* As nla_find_nested() by the module's kinds: the first of a type counts. */
static void tun_get(const struct nlattr *nest, struct ox_vport_tun_attrs *t)
{
	const struct nlattr *a, *port = NULL, *exts = NULL;

	mnl_attr_for_each_nested (a, nest) {
		if (mnl_attr_get_type(a) == OVS_TUNNEL_ATTR_DST_PORT && !port)
			port = a;
		if (mnl_attr_get_type(a) == OVS_TUNNEL_ATTR_EXTENSION && !exts)
			exts = a;
	}
	if (port && mnl_attr_get_payload_len(port) == sizeof(t->port)) {
		t->has_port = true;
		t->port = mnl_attr_get_u16(port);
	}
	if (exts)
		exts_get(exts, t);
}

/* The module's netdev and internal ports ignore options; those here have
 * one. */
static int options_get(const void *base, const struct nlattr *nest,
		       struct ox_vport_attrs *out, struct ox_err *e)
{
	const struct nlattr *a;

	tun_get(nest, &out->tun);
	mnl_attr_for_each_nested (a, nest) {
		if (mnl_attr_get_type(a) != OX_VPORT_OPT_MODE)
			continue;
		out->has_mode = true;
		out->mode = u32_of(a);
		if (mnl_attr_get_payload_len(a) < sizeof(uint32_t) ||
		    out->mode > OX_MODE_TC) {
			ox_err_attr(e, base, a);
			return ox_err_set(e, -EINVAL, "no attach mode %u",
					  out->mode);
		}
	}
	return 0;
}

int ox_vport_attrs_get(const void *base, const struct nlattr *const *tb,
		       struct ox_vport_attrs *out, struct ox_err *e)
{
	const struct nlattr *a;

	memset(out, 0, sizeof(*out));
	if ((a = tb[OVS_VPORT_ATTR_NAME]))
		out->name = mnl_attr_get_payload(a);
	out->has_port_no = tb[OVS_VPORT_ATTR_PORT_NO];
	out->port_no = u32_of(tb[OVS_VPORT_ATTR_PORT_NO]);
	out->has_type = tb[OVS_VPORT_ATTR_TYPE];
	out->type = u32_of(tb[OVS_VPORT_ATTR_TYPE]);
	out->has_ifindex = tb[OVS_VPORT_ATTR_IFINDEX];
	out->ifindex = u32_of(tb[OVS_VPORT_ATTR_IFINDEX]);
	if ((a = tb[OVS_VPORT_ATTR_UPCALL_PID])) {
		out->pids = mnl_attr_get_payload(a);
		out->pids_len = mnl_attr_get_payload_len(a);
	}
	a = tb[OVS_VPORT_ATTR_OPTIONS];
	out->has_options = a;
	return a ? options_get(base, a, out, e) : 0;
}

static int upcall_stats_put(struct ox_nlbuf *b, const struct ox_vport_info *i)
{
	uint32_t mark;

	if (ox_nl_nest(b, OVS_VPORT_ATTR_UPCALL_STATS, &mark))
		return -EMSGSIZE;
	if (ox_nl_put_u64(b, OVS_VPORT_UPCALL_ATTR_SUCCESS,
			  i->upcall_success) ||
	    ox_nl_put_u64(b, OVS_VPORT_UPCALL_ATTR_FAIL, i->upcall_fail)) {
		ox_nl_nest_cancel(b, mark);
		return -EMSGSIZE;
	}
	ox_nl_nest_end(b, mark);
	return 0;
}

static int options_put(struct ox_nlbuf *b, const struct ox_vport_tun_attrs *t)
{
	uint32_t mark, exts;

	if (ox_nl_nest(b, OVS_VPORT_ATTR_OPTIONS, &mark) ||
	    (t->has_port &&
	     ox_nl_put_u16(b, OVS_TUNNEL_ATTR_DST_PORT, t->port)))
		return -EMSGSIZE;
	if (t->exts) {
		if (ox_nl_nest(b, OVS_TUNNEL_ATTR_EXTENSION, &exts))
			return -EMSGSIZE;
		for (uint16_t i = 0; i < 32; i++)
			if ((t->exts & (1u << i)) && ox_nl_put(b, i, NULL, 0))
				return -EMSGSIZE;
		ox_nl_nest_end(b, exts);
	}
	ox_nl_nest_end(b, mark);
	return 0;
}

int ox_vport_info_put(struct ox_nlbuf *b, const struct ox_vport_info *i)
{
	if (ox_nl_put_u32(b, OVS_VPORT_ATTR_PORT_NO, i->port_no) ||
	    ox_nl_put_u32(b, OVS_VPORT_ATTR_TYPE, i->type) ||
	    ox_nl_put_str(b, OVS_VPORT_ATTR_NAME, i->name) ||
	    (i->ifindex &&
	     ox_nl_put_u32(b, OVS_VPORT_ATTR_IFINDEX, i->ifindex)))
		return -EMSGSIZE;
	if (i->has_netnsid &&
	    ox_nl_put_u32(b, OVS_VPORT_ATTR_NETNSID, (uint32_t)i->netnsid))
		return -EMSGSIZE;
	if (ox_nl_put(b, OVS_VPORT_ATTR_STATS, &i->stats, sizeof(i->stats)) ||
	    upcall_stats_put(b, i))
		return -EMSGSIZE;
	if (ox_nl_put(b, OVS_VPORT_ATTR_UPCALL_PID, i->pids,
		      i->n_pids * sizeof(uint32_t)))
		return -EMSGSIZE;
	return i->has_options ? options_put(b, &i->tun) : 0;
}

static void upcall_stats_get(const struct nlattr *nest,
			     struct ox_vport_info *out)
{
	const struct nlattr *a;
	uint64_t v;

	mnl_attr_for_each_nested (a, nest) {
		if (mnl_attr_get_payload_len(a) < sizeof(v))
			continue;
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
		if (mnl_attr_get_type(a) == OVS_VPORT_UPCALL_ATTR_SUCCESS)
			out->upcall_success = v;
		else if (mnl_attr_get_type(a) == OVS_VPORT_UPCALL_ATTR_FAIL)
			out->upcall_fail = v;
	}
}

int ox_vport_info_get(const struct nlattr *const *tb, struct ox_vport_info *out)
{
	const struct nlattr *a = tb[OVS_VPORT_ATTR_STATS];

	memset(out, 0, sizeof(*out));
	if (!tb[OVS_VPORT_ATTR_PORT_NO] || !tb[OVS_VPORT_ATTR_TYPE] ||
	    !tb[OVS_VPORT_ATTR_NAME] || !a ||
	    mnl_attr_get_payload_len(a) < sizeof(out->stats))
		return -EINVAL;
	memcpy(&out->stats, mnl_attr_get_payload(a), sizeof(out->stats));
	out->port_no = u32_of(tb[OVS_VPORT_ATTR_PORT_NO]);
	out->type = u32_of(tb[OVS_VPORT_ATTR_TYPE]);
	out->name = mnl_attr_get_payload(tb[OVS_VPORT_ATTR_NAME]);
	out->ifindex = u32_of(tb[OVS_VPORT_ATTR_IFINDEX]);
	out->has_netnsid = tb[OVS_VPORT_ATTR_NETNSID];
	out->netnsid = (int32_t)u32_of(tb[OVS_VPORT_ATTR_NETNSID]);
	if ((a = tb[OVS_VPORT_ATTR_UPCALL_PID])) {
		out->pids = mnl_attr_get_payload(a);
		out->n_pids = mnl_attr_get_payload_len(a) / sizeof(uint32_t);
	}
	if ((a = tb[OVS_VPORT_ATTR_UPCALL_STATS]))
		upcall_stats_get(a, out);
	out->has_options = tb[OVS_VPORT_ATTR_OPTIONS];
	if (out->has_options)
		tun_get(tb[OVS_VPORT_ATTR_OPTIONS], &out->tun);
	return 0;
}
