// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_port.c - add-if, set-if, del-if.
 */
#include "control/ctl/ctl.h"

#include <errno.h>
#include <string.h>

#include "ovsxdp/nl.h"

/* "NETDEV,type=internal,port_no=3,mode=xdp,upcall_pid=7:8" */
struct port_arg {
	char name[64];
	uint32_t type;
	uint32_t port_no; /* OX_NONE: any */
	uint32_t mode;
	uint32_t n_pids;
	uint32_t pids[OX_PORT_PIDS];
	uint32_t dst_port;
	char exts[64]; /* "gbp:gpe" */
	bool has_type, has_mode, has_pids, has_dst_port;
};

static int option_set(struct port_arg *p, const char *name, const char *value,
		      struct ox_err *e)
{
	if (!strcmp(name, "type")) {
		p->has_type = true;
		if (ox_port_type_parse(value, &p->type))
			return ox_err_set(
				e, OX_CTL_USAGE,
				"unknown type '%.40s'; there are "
				"netdev (or system), internal, vxlan, "
				"geneve, gre, erspan, ip6gre, "
				"ip6erspan, bareudp",
				value);
		return 0;
	}
	if (!strcmp(name, "mode")) {
		p->has_mode = true;
		if (ox_port_mode_parse(value, &p->mode))
			return ox_err_set(e, OX_CTL_USAGE,
					  "unknown mode '%.40s'; there are "
					  "auto, xdp, xdp-generic, tc, none",
					  value);
		return 0;
	}
	if (!strcmp(name, "port_no"))
		return ox_arg_u32(value, UINT16_MAX, &p->port_no, e);
	if (!strcmp(name, "upcall_pid")) {
		p->has_pids = true;
		return ox_arg_u32_list(value, p->pids, OX_PORT_PIDS, &p->n_pids,
				       e);
	}
	if (!strcmp(name, "dst_port")) {
		p->has_dst_port = true;
		return ox_arg_u32(value, UINT16_MAX, &p->dst_port, e);
	}
	if (!strcmp(name, "exts")) {
		snprintf(p->exts, sizeof(p->exts), "%s", value);
		return 0;
	}
	return ox_err_set(e, OX_CTL_USAGE,
			  "unknown option '%.40s'; there are type, port_no, "
			  "mode, upcall_pid, and for tunnels dst_port, exts",
			  name);
}

/* Takes one word up to ',' into out; what is too long is an error. */
static int next_word(const char **p, char *out, size_t size, struct ox_err *e)
{
	size_t n = strcspn(*p, ",");

	if (!n || n >= size)
		return ox_err_set(e, OX_CTL_USAGE,
				  "'%.60s': a name of 1 to %zu characters "
				  "belongs here",
				  *p, size - 1);
	memcpy(out, *p, n);
	out[n] = '\0';
	*p += n;
	if (**p == ',')
		(*p)++;
	return 0;
}

static int port_arg_parse(const char *text, struct port_arg *p,
			  struct ox_err *e)
{
	char option[2048], *eq;
	int err;

	memset(p, 0, sizeof(*p));
	p->port_no = OX_NONE;
	p->type = OVS_VPORT_TYPE_NETDEV;
	err = next_word(&text, p->name, sizeof(p->name), e);
	while (!err && *text) {
		err = next_word(&text, option, sizeof(option), e);
		if (err)
			break;
		eq = strchr(option, '=');
		if (!eq)
			return ox_err_set(e, OX_CTL_USAGE,
					  "'%.60s' is no option=value", option);
		*eq = '\0';
		err = option_set(p, option, eq + 1, e);
	}
	return err;
}

/* Which attribute of OVS_TUNNEL_ATTR_EXTENSION the word of n characters is; 0:
 * none. */
static uint16_t ext_of(uint32_t type, const char *word, size_t n)
{
	for (uint16_t i = 1; i < 32; i++) {
		const char *name = ox_port_ext_name(type, i);

		if (name && strlen(name) == n && !strncmp(name, word, n))
			return i;
	}
	return 0;
}

static int exts_check(const struct port_arg *p, struct ox_err *e)
{
	const char *w = p->exts;

	for (size_t n; *w; w += n + (w[n] == ':')) {
		n = strcspn(w, ":");
		if (!ext_of(p->type, w, n))
			return ox_err_set(
				e, OX_CTL_USAGE,
				"exts=%s: a %s port has none of that "
				"name; vxlan has gbp and gpe, bareudp "
				"multiproto",
				p->exts, ox_port_type_name(p->type));
	}
	return 0;
}

int ox_port_arg_check(const char *arg, struct ox_err *e)
{
	struct port_arg p;
	int err = port_arg_parse(arg, &p, e);

	if (!err)
		err = exts_check(&p, e);
	return err ?: ox_arg_name(p.name, e);
}

static void put_exts(struct ox_msg *m, const struct port_arg *p)
{
	struct nlattr *nest;
	const char *w = p->exts;

	if (!*w)
		return;
	nest = mnl_attr_nest_start(&m->nlh, OVS_TUNNEL_ATTR_EXTENSION);
	for (size_t n; *w; w += n + (w[n] == ':')) {
		n = strcspn(w, ":");
		ox_msg_put(m, ext_of(p->type, w, n), NULL, 0);
	}
	mnl_attr_nest_end(&m->nlh, nest);
}

static void put_options(struct ox_msg *m, const struct port_arg *p)
{
	uint16_t port = (uint16_t)p->dst_port;
	struct nlattr *nest;

	if (!p->has_mode && !p->has_dst_port && !*p->exts)
		return;
	nest = mnl_attr_nest_start(&m->nlh, OVS_VPORT_ATTR_OPTIONS);
	nest->nla_type = OVS_VPORT_ATTR_OPTIONS;
	if (p->has_dst_port)
		ox_msg_put(m, OVS_TUNNEL_ATTR_DST_PORT, &port, sizeof(port));
	put_exts(m, p);
	if (p->has_mode)
		ox_msg_put_u32(m, OX_VPORT_OPT_MODE, p->mode);
	mnl_attr_nest_end(&m->nlh, nest);
}

int ox_port_add_arg(struct ox_ctl *ctl, uint32_t dp_ifindex, const char *arg)
{
	static const uint32_t nobody;
	struct port_arg p;
	struct ox_msg m;
	int err = port_arg_parse(arg, &p, &ctl->err);

	if (err)
		return err;
	ox_msg_begin(&m, OX_GENL_VPORT, 0, OVS_VPORT_CMD_NEW, dp_ifindex);
	ox_msg_put_u32(&m, OVS_VPORT_ATTR_TYPE, p.type);
	ox_msg_put_str(&m, OVS_VPORT_ATTR_NAME, p.name);
	if (p.port_no != OX_NONE)
		ox_msg_put_u32(&m, OVS_VPORT_ATTR_PORT_NO, p.port_no);
	if (p.has_pids)
		ox_msg_put(&m, OVS_VPORT_ATTR_UPCALL_PID, p.pids, p.n_pids * 4);
	else
		ox_msg_put(&m, OVS_VPORT_ATTR_UPCALL_PID, &nobody,
			   sizeof(nobody));
	put_options(&m, &p);
	return ox_conn_talk(ctl->conn, &m, NULL, NULL, &ctl->err);
}

/* The error names the one that failed. */
static void blame(struct ox_ctl *ctl, int i)
{
	ctl->argv[1] = ctl->argv[i];
	ctl->argc = 2;
}

static int del_named(struct ox_ctl *ctl, uint32_t dp_ifindex, const char *arg)
{
	struct ox_err ignored = { 0 };
	struct port_arg p;
	struct ox_msg m;

	port_arg_parse(arg, &p, &ignored);
	ox_msg_begin(&m, OX_GENL_VPORT, 0, OVS_VPORT_CMD_DEL, dp_ifindex);
	ox_msg_put_str(&m, OVS_VPORT_ATTR_NAME, p.name);
	return ox_conn_talk(ctl->conn, &m, NULL, NULL, &ignored);
}

/* All of them or none: takes out again what argv[1] to argv[n] added. */
static void add_undo(struct ox_ctl *ctl, uint32_t dp_ifindex, int n)
{
	int left = 0;

	for (int i = n; i > 0; i--)
		left += del_named(ctl, dp_ifindex, ctl->argv[i]) != 0;
	if (left)
		ox_ctl_note(ctl, "%d of the %d ports before it stay", left, n);
	else if (n)
		ox_ctl_note(ctl, "those before it were taken out again");
}

int ox_cmd_add_if(struct ox_ctl *ctl)
{
	struct ox_dp_info dp;
	int err = 0;

	for (int i = 1; !err && i < ctl->argc; i++)
		err = ox_port_arg_check(ctl->argv[i], &ctl->err);
	if (!err)
		err = ox_dp_find(ctl, ctl->argv[0], &dp);
	for (int i = 1; !err && i < ctl->argc; i++) {
		err = ox_port_add_arg(ctl, dp.ifindex, ctl->argv[i]);
		if (!err)
			continue;
		add_undo(ctl, dp.ifindex, i - 1);
		blame(ctl, i);
	}
	return err;
}

/* A port of the datapath by name or, if it is a number, by number. */
static void put_port(struct ox_msg *m, const char *port)
{
	struct ox_err ignored = { 0 };
	uint32_t no;

	if (!ox_arg_u32(port, UINT16_MAX, &no, &ignored))
		ox_msg_put_u32(m, OVS_VPORT_ATTR_PORT_NO, no);
	else
		ox_msg_put_str(m, OVS_VPORT_ATTR_NAME, port);
}

static int set_one(struct ox_ctl *ctl, uint32_t dp_ifindex, const char *arg)
{
	struct port_arg p;
	struct ox_msg m;
	int err = port_arg_parse(arg, &p, &ctl->err);

	if (err)
		return err;
	if (p.port_no != OX_NONE)
		return ox_err_set(&ctl->err, OX_CTL_USAGE,
				  "a port's number can't be changed; del-if "
				  "and add-if it");
	ox_msg_begin(&m, OX_GENL_VPORT, 0, OVS_VPORT_CMD_SET, dp_ifindex);
	put_port(&m, p.name);
	if (p.has_type)
		ox_msg_put_u32(&m, OVS_VPORT_ATTR_TYPE, p.type);
	if (p.has_pids)
		ox_msg_put(&m, OVS_VPORT_ATTR_UPCALL_PID, p.pids, p.n_pids * 4);
	put_options(&m, &p);
	return ox_conn_talk(ctl->conn, &m, NULL, NULL, &ctl->err);
}

/* What set-if and del-if have done to a port can't be undone: said instead. */
static int each_arg(struct ox_ctl *ctl,
		    int (*fn)(struct ox_ctl *ctl, uint32_t dp_ifindex,
			      const char *arg))
{
	struct ox_dp_info dp;
	int err = ox_dp_find(ctl, ctl->argv[0], &dp);

	for (int i = 1; !err && i < ctl->argc; i++) {
		err = fn(ctl, dp.ifindex, ctl->argv[i]);
		if (!err)
			continue;
		if (i > 1)
			ox_ctl_note(ctl, "done to those before it");
		blame(ctl, i);
	}
	return err;
}

int ox_cmd_set_if(struct ox_ctl *ctl)
{
	return each_arg(ctl, set_one);
}

static int del_one(struct ox_ctl *ctl, uint32_t dp_ifindex, const char *arg)
{
	struct ox_msg m;

	ox_msg_begin(&m, OX_GENL_VPORT, 0, OVS_VPORT_CMD_DEL, dp_ifindex);
	put_port(&m, arg);
	return ox_conn_talk(ctl->conn, &m, NULL, NULL, &ctl->err);
}

int ox_cmd_del_if(struct ox_ctl *ctl)
{
	return each_arg(ctl, del_one);
}
