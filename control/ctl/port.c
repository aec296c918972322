// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * port.c - vports: the family ovs_vport, and what the private family adds
 * about how the program is attached.
 */
#include "control/ctl/ctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"

static const struct {
	uint32_t type;
	const char *name;
} types[] = {
	{ OVS_VPORT_TYPE_NETDEV, "netdev" },
	{ OVS_VPORT_TYPE_INTERNAL, "internal" },
	{ OVS_VPORT_TYPE_GRE, "gre" },
	{ OVS_VPORT_TYPE_VXLAN, "vxlan" },
	{ OVS_VPORT_TYPE_GENEVE, "geneve" },
	{ OVS_VPORT_TYPE_ERSPAN, "erspan" },
	{ OVS_VPORT_TYPE_IP6ERSPAN, "ip6erspan" },
	{ OVS_VPORT_TYPE_IP6GRE, "ip6gre" },
	{ OVS_VPORT_TYPE_GTPU, "gtpu" },
	{ OVS_VPORT_TYPE_BAREUDP, "bareudp" },
};
#define N_TYPES (sizeof(types) / sizeof(types[0]))

static const char *const modes[] = {
	[OX_MODE_AUTO] = "auto",
	[OX_MODE_XDP] = "xdp",
	[OX_MODE_XDP_GENERIC] = "xdp-generic",
	[OX_MODE_NONE] = "none",
	[OX_MODE_TC] = "tc",
};
#define N_MODES (sizeof(modes) / sizeof(modes[0]))

const char *ox_port_type_name(uint32_t type)
{
	for (uint32_t i = 0; i < N_TYPES; i++)
		if (types[i].type == type)
			return types[i].name;
	return "unknown";
}

int ox_port_type_parse(const char *text, uint32_t *type)
{
	/* ovs-dpctl's word for a netdev */
	if (!strcmp(text, "system"))
		text = "netdev";
	for (uint32_t i = 0; i < N_TYPES; i++) {
		if (!strcmp(types[i].name, text)) {
			*type = types[i].type;
			return 0;
		}
	}
	return -EINVAL;
}

const char *ox_port_mode_name(uint32_t mode)
{
	return mode < N_MODES ? modes[mode] : "unknown";
}

int ox_port_mode_parse(const char *text, uint32_t *mode)
{
	for (uint32_t i = 0; i < N_MODES; i++) {
		if (!strcmp(modes[i], text)) {
			*mode = i;
			return 0;
		}
	}
	return -EINVAL;
}

/* OVS_TUNNEL_ATTR_EXTENSION's attributes are words of a list. */
const char *ox_port_ext_name(uint32_t type, uint32_t ext)
{
	if (type == OVS_VPORT_TYPE_VXLAN)
		return ext == OVS_VXLAN_EXT_GBP	 ? "gbp"
		       : ext == OX_VXLAN_EXT_GPE ? "gpe"
						 : NULL;
	if (type == OVS_VPORT_TYPE_BAREUDP && ext == OX_BAREUDP_EXT_MULTIPROTO)
		return "multiproto";
	return NULL;
}

static void read_options(const struct nlattr *nest, struct ox_port_info *p)
{
	const struct nlattr *a, *x;

	if (!nest)
		return;
	p->has_options = true;
	mnl_attr_for_each_nested (a, nest) {
		if (mnl_attr_get_type(a) == OVS_TUNNEL_ATTR_DST_PORT &&
		    mnl_attr_get_payload_len(a) == sizeof(uint16_t))
			p->dst_port = mnl_attr_get_u16(a);
		if (mnl_attr_get_type(a) != OVS_TUNNEL_ATTR_EXTENSION)
			continue;
		mnl_attr_for_each_nested (x, a)
			if (mnl_attr_get_type(x) < 32)
				p->exts |= 1u << mnl_attr_get_type(x);
	}
}

void ox_port_exts_print(FILE *f, const char *before,
			const struct ox_port_info *p)
{
	for (uint32_t i = 0; i < 32; i++) {
		const char *name = ox_port_ext_name(p->type, i);

		if (!(p->exts & (1u << i)))
			continue;
		fputs(before, f);
		before = ":";
		if (name)
			fputs(name, f);
		else
			fprintf(f, "%u", i);
	}
}

static void read_upcalls(const struct nlattr *nest, struct ox_port_info *p)
{
	const struct nlattr *tb[OVS_VPORT_UPCALL_ATTR_FAIL + 1];

	if (!nest)
		return;
	ox_nest_attrs(nest, tb, OVS_VPORT_UPCALL_ATTR_FAIL);
	p->upcalls = ox_attr_u64(tb[OVS_VPORT_UPCALL_ATTR_SUCCESS], 0);
	p->upcalls_failed = ox_attr_u64(tb[OVS_VPORT_UPCALL_ATTR_FAIL], 0);
}

static void read_pids(const struct nlattr *a, struct ox_port_info *p)
{
	uint32_t n = a ? mnl_attr_get_payload_len(a) / 4 : 0;

	if (n > OX_PORT_PIDS)
		n = OX_PORT_PIDS;
	p->n_pids = n;
	if (n)
		memcpy(p->pids, mnl_attr_get_payload(a), n * 4);
}

void ox_port_info_read(const struct nlmsghdr *nlh, struct ox_port_info *p)
{
	const struct nlattr *tb[OX_VPORT_ATTR_MAX + 1];
	const void *stats;

	memset(p, 0, sizeof(*p));
	ox_msg_attrs(nlh, tb, OX_VPORT_ATTR_MAX);
	p->dp_ifindex = ox_msg_dp(nlh);
	p->no = ox_attr_u32(tb[OVS_VPORT_ATTR_PORT_NO], OX_NONE);
	p->type = ox_attr_u32(tb[OVS_VPORT_ATTR_TYPE], 0);
	p->ifindex = ox_attr_u32(tb[OVS_VPORT_ATTR_IFINDEX], 0);
	ox_attr_str(tb[OVS_VPORT_ATTR_NAME], p->name, sizeof(p->name));
	stats = ox_attr_data(tb[OVS_VPORT_ATTR_STATS], sizeof(p->stats));
	if (stats)
		memcpy(&p->stats, stats, sizeof(p->stats));
	read_upcalls(tb[OVS_VPORT_ATTR_UPCALL_STATS], p);
	read_pids(tb[OVS_VPORT_ATTR_UPCALL_PID], p);
	read_options(tb[OVS_VPORT_ATTR_OPTIONS], p);
}

void ox_port_infos_free(struct ox_port_infos *l)
{
	free(l->v);
	l->v = NULL;
	l->n = 0;
}

static int list_add(const struct nlmsghdr *nlh, void *arg)
{
	struct ox_port_infos *l = arg;
	struct ox_port_info *v;

	v = reallocarray(l->v, l->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	ox_port_info_read(nlh, &v[l->n++]);
	return 0;
}

static int list_mode(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[OX_A_MAX__];
	struct ox_port_infos *l = arg;
	uint32_t no;

	ox_msg_attrs(nlh, tb, OX_A_MAX__ - 1);
	no = ox_attr_u32(tb[OX_A_PORT_NO], OX_NONE);
	for (uint32_t i = 0; i < l->n; i++) {
		struct ox_port_info *p = &l->v[i];

		if (p->no != no)
			continue;
		p->has_mode = true;
		p->mode_asked = ox_attr_u32(tb[OX_A_PORT_MODE_ASKED], 0);
		p->mode = ox_attr_u32(tb[OX_A_PORT_MODE], 0);
		p->flags = ox_attr_u32(tb[OX_A_PORT_FLAGS], 0);
		p->xsks = ox_attr_u32(tb[OX_A_PORT_XSKS], 0);
		p->tc = ox_attr_u32(tb[OX_A_PORT_TC], 0);
		p->tcx = ox_attr_u32(tb[OX_A_PORT_TCX], 0);
		p->mtu = ox_attr_u32(tb[OX_A_PORT_MTU], 0);
		p->xdp_id = ox_attr_u32(tb[OX_A_PORT_XDP_ID], 0);
		p->tc_id = ox_attr_u32(tb[OX_A_PORT_TC_ID], 0);
		ox_attr_str(tb[OX_A_PORT_WHY], p->why, sizeof(p->why));
	}
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = ((const struct ox_port_info *)a)->no;
	uint32_t y = ((const struct ox_port_info *)b)->no;

	return x < y ? -1 : x > y;
}

int ox_port_list(struct ox_ctl *ctl, uint32_t dp_ifindex, bool with_mode,
		 struct ox_port_infos *l)
{
	struct ox_msg m;
	int err;

	memset(l, 0, sizeof(*l));
	ox_msg_begin(&m, OX_GENL_VPORT, NLM_F_DUMP, OVS_VPORT_CMD_GET,
		     dp_ifindex);
	err = ox_conn_talk(ctl->conn, &m, list_add, l, &ctl->err);
	if (err)
		return err;
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_number);
	if (!with_mode)
		return 0;
	ox_msg_begin(&m, OX_GENL_OVSXDP, NLM_F_DUMP, OX_CMD_PORT_GET,
		     dp_ifindex);
	return ox_conn_talk(ctl->conn, &m, list_mode, l, &ctl->err);
}

int ox_port_names(struct ox_ctl *ctl, uint32_t dp_ifindex,
		  struct ox_odp_ports *names)
{
	_cleanup_(ox_port_infos_free) struct ox_port_infos l = { 0 };
	int err = ox_port_list(ctl, dp_ifindex, false, &l);

	memset(names, 0, sizeof(*names));
	if (err)
		return err;
	names->v = calloc(l.n + 1, sizeof(*names->v));
	if (!names->v)
		return -ENOMEM;
	names->n = l.n;
	for (uint32_t i = 0; i < l.n; i++) {
		names->v[i].no = l.v[i].no;
		memcpy(names->v[i].name, l.v[i].name, sizeof(l.v[i].name));
	}
	return 0;
}

static cJSON *stats_json(const struct ovs_vport_stats *s)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "rx_packets", (double)s->rx_packets);
	cJSON_AddNumberToObject(o, "tx_packets", (double)s->tx_packets);
	cJSON_AddNumberToObject(o, "rx_bytes", (double)s->rx_bytes);
	cJSON_AddNumberToObject(o, "tx_bytes", (double)s->tx_bytes);
	cJSON_AddNumberToObject(o, "rx_errors", (double)s->rx_errors);
	cJSON_AddNumberToObject(o, "tx_errors", (double)s->tx_errors);
	cJSON_AddNumberToObject(o, "rx_dropped", (double)s->rx_dropped);
	cJSON_AddNumberToObject(o, "tx_dropped", (double)s->tx_dropped);
	return o;
}

static void add_options(cJSON *o, const struct ox_port_info *p)
{
	cJSON *exts;
	const char *name;

	cJSON_AddNumberToObject(o, "dst_port", p->dst_port);
	exts = cJSON_AddArrayToObject(o, "exts");
	for (uint32_t i = 0; i < 32; i++) {
		name = p->exts & (1u << i) ? ox_port_ext_name(p->type, i)
					   : NULL;
		if (name)
			cJSON_AddItemToArray(exts, cJSON_CreateString(name));
	}
}

cJSON *ox_port_json(const struct ox_port_info *p)
{
	cJSON *o = cJSON_CreateObject();
	cJSON *pids;

	cJSON_AddNumberToObject(o, "port_no", p->no);
	cJSON_AddStringToObject(o, "name", p->name);
	cJSON_AddStringToObject(o, "type", ox_port_type_name(p->type));
	cJSON_AddNumberToObject(o, "ifindex", p->ifindex);
	if (p->has_options)
		add_options(o, p);
	if (p->has_mode) {
		cJSON_AddStringToObject(o, "mode", ox_port_mode_name(p->mode));
		cJSON_AddStringToObject(o, "mode_asked",
					ox_port_mode_name(p->mode_asked));
		cJSON_AddNumberToObject(o, "flags", p->flags);
		cJSON_AddNumberToObject(o, "xsks", p->xsks);
		cJSON_AddBoolToObject(o, "tc", p->tc);
		cJSON_AddBoolToObject(o, "tcx", p->tcx);
		cJSON_AddBoolToObject(o, "up", p->flags & OX_PORT_UP);
		cJSON_AddNumberToObject(o, "mtu", p->mtu);
		cJSON_AddNumberToObject(o, "xdp_id", p->xdp_id);
		cJSON_AddNumberToObject(o, "tc_id", p->tc_id);
		cJSON_AddStringToObject(o, "why", p->why);
	}
	cJSON_AddNumberToObject(o, "upcalls", (double)p->upcalls);
	cJSON_AddNumberToObject(o, "upcalls_failed", (double)p->upcalls_failed);
	pids = cJSON_AddArrayToObject(o, "upcall_pids");
	for (uint32_t i = 0; i < p->n_pids; i++)
		cJSON_AddItemToArray(pids, cJSON_CreateNumber(p->pids[i]));
	cJSON_AddItemToObject(o, "stats", stats_json(&p->stats));
	return o;
}
