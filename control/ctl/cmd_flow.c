// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_flow.c - add-flow, mod-flow, del-flow, del-flows, dump-flows,
 * get-flow, execute.
 */
#include "control/ctl/ctl.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>

#include "control/ctl/tier.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"

static void ports_free(struct ox_odp_ports *p)
{
	free(p->v);
}
#define _cleanup_ports_ _cleanup_(ports_free)

/* What a flow command works on. */
struct flow_cmd {
	struct ox_dp_info dp;
	struct ox_odp_ports ports; /* owned */
	char **rest;
	struct ox_odp_flow flow;
	struct ox_odp_attrs actions;
};

static void flow_cmd_free(struct flow_cmd *c)
{
	ports_free(&c->ports);
}
#define _cleanup_flow_cmd_ _cleanup_(flow_cmd_free)

static int flow_read(struct ox_ctl *ctl, const char *name, const char *text,
		     const struct ox_odp_ports *ports, struct ox_odp_flow *flow)
{
	int err;

	ctl->syntax_name = name;
	ctl->syntax = text;
	err = ox_odp_parse_flow(text, ports, flow, &ctl->err);
	if (!err)
		ctl->syntax_name = NULL;
	return err;
}

static int actions_read(struct ox_ctl *ctl, const char *text,
			const struct ox_odp_ports *ports,
			struct ox_odp_attrs *actions)
{
	int err;

	ctl->syntax_name = "ACTIONS";
	ctl->syntax = text;
	err = ox_odp_parse_actions(text, ports, actions, &ctl->err);
	if (!err)
		ctl->syntax_name = NULL;
	return err;
}

/* Finds the datapath, its port names, and reads FLOW (and ACTIONS). */
static int flow_cmd_read(struct ox_ctl *ctl, struct flow_cmd *c, int n_rest,
			 bool actions)
{
	int err;

	memset(&c->ports, 0, sizeof(c->ports));
	err = ox_dp_arg(ctl, n_rest, &c->dp, &c->rest);
	if (!err)
		err = ox_port_names(ctl, c->dp.ifindex, &c->ports);
	if (!err)
		err = flow_read(ctl, "FLOW", c->rest[0], &c->ports, &c->flow);
	if (!err && actions)
		err = actions_read(ctl, c->rest[1], &c->ports, &c->actions);
	return err;
}

static void put_attrs(struct ox_msg *m, uint16_t type,
		      const struct ox_odp_attrs *a)
{
	ox_msg_put(m, type, ox_odp_attrs_data(a), ox_odp_attrs_len(a));
}

static void put_flow(struct ox_msg *m, const struct ox_odp_flow *fl, bool mask)
{
	if (fl->ufid_len)
		ox_msg_put(m, OVS_FLOW_ATTR_UFID, fl->ufid, fl->ufid_len);
	if (!ox_odp_attrs_len(&fl->key))
		return;
	put_attrs(m, OVS_FLOW_ATTR_KEY, &fl->key);
	if (mask)
		put_attrs(m, OVS_FLOW_ATTR_MASK, &fl->mask);
}

static int print_stats(const struct nlmsghdr *nlh, void *arg)
{
	struct ox_ctl *ctl = arg;
	struct ox_flow_info fl;

	ox_flow_info_read(nlh, &fl);
	ox_flow_print_stats(ctl->out, &fl);
	fputc('\n', ctl->out);
	return 0;
}

/* -s: the flow as it is left comes back and its counters are printed. */
static int flow_send(struct ox_ctl *ctl, struct ox_msg *m)
{
	if (ctl->statistics)
		m->nlh.nlmsg_flags |= NLM_F_ECHO;
	return ox_conn_talk(ctl->conn, m, ctl->statistics ? print_stats : NULL,
			    ctl, &ctl->err);
}

/* As the module, the daemon takes a flow of a port that isn't there. */
static void note_in_port(const struct flow_cmd *c)
{
	const struct ox_odp_attrs *key = &c->flow.key;
	const struct nlattr *a = ox_odp_attrs_data(key);
	int left = (int)ox_odp_attrs_len(key);
	uint32_t no;

	for (; mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		left -= (int)MNL_ALIGN(a->nla_len);
		if (mnl_attr_get_type(a) != OVS_KEY_ATTR_IN_PORT)
			continue;
		no = ox_attr_u32(a, 0);
		if (!ox_odp_port_name(&c->ports, no))
			fprintf(stderr,
				"ovsxdpctl: note: %s has no port %u now; "
				"'ovsxdpctl show %s' lists them\n",
				c->dp.name, no, c->dp.name);
	}
}

static void flow_msg(struct ox_msg *m, uint16_t flags, uint8_t cmd,
		     uint32_t dp_ifindex, const struct ox_odp_flow *fl,
		     const struct ox_odp_attrs *acts)
{
	ox_msg_begin(m, OX_GENL_FLOW, flags, cmd, dp_ifindex);
	put_flow(m, fl, true);
	put_attrs(m, OVS_FLOW_ATTR_ACTIONS, acts);
}

int ox_flow_add(struct ox_ctl *ctl, uint32_t dp_ifindex,
		const struct ox_odp_flow *fl, const struct ox_odp_attrs *acts)
{
	struct ox_msg m;

	flow_msg(&m, NLM_F_CREATE | NLM_F_EXCL, OVS_FLOW_CMD_NEW, dp_ifindex,
		 fl, acts);
	return ox_conn_talk(ctl->conn, &m, NULL, NULL, &ctl->err);
}

static int flow_put(struct ox_ctl *ctl, uint8_t cmd, uint16_t flags)
{
	_cleanup_flow_cmd_ struct flow_cmd c;
	struct ox_msg m;
	int err = flow_cmd_read(ctl, &c, 2, true);

	if (err)
		return err;
	flow_msg(&m, flags, cmd, c.dp.ifindex, &c.flow, &c.actions);
	if (ctl->clear)
		ox_msg_put(&m, OVS_FLOW_ATTR_CLEAR, NULL, 0);
	err = flow_send(ctl, &m);
	if (!err)
		note_in_port(&c);
	else if (err == -EEXIST)
		ox_ctl_note(ctl, "'ovsxdpctl get-flow' with the same FLOW "
				 "shows it, mod-flow changes its actions");
	return err;
}

int ox_cmd_add_flow(struct ox_ctl *ctl)
{
	return flow_put(ctl, OVS_FLOW_CMD_NEW, NLM_F_CREATE | NLM_F_EXCL);
}

int ox_cmd_mod_flow(struct ox_ctl *ctl)
{
	if (ctl->may_create)
		/* NLM_F_CREATE would refuse one that is there */
		return flow_put(ctl, OVS_FLOW_CMD_NEW, 0);
	return flow_put(ctl, OVS_FLOW_CMD_SET, 0);
}

int ox_cmd_del_flow(struct ox_ctl *ctl)
{
	_cleanup_flow_cmd_ struct flow_cmd c;
	struct ox_msg m;
	int err = flow_cmd_read(ctl, &c, 1, false);

	if (err)
		return err;
	/* without key and identifier it would empty the table */
	if (!c.flow.ufid_len && !ox_odp_attrs_len(&c.flow.key))
		return ox_err_set(&ctl->err, OX_CTL_USAGE,
				  "an empty flow; del-flows deletes all");
	ox_msg_begin(&m, OX_GENL_FLOW, 0, OVS_FLOW_CMD_DEL, c.dp.ifindex);
	put_flow(&m, &c.flow, false);
	return flow_send(ctl, &m);
}

int ox_cmd_del_flows(struct ox_ctl *ctl)
{
	struct ox_dp_info dp;
	struct ox_msg m;
	char **rest;
	int err = ox_dp_arg(ctl, 0, &dp, &rest);

	if (err)
		return err;
	ox_msg_begin(&m, OX_GENL_FLOW, 0, OVS_FLOW_CMD_DEL, dp.ifindex);
	return ox_conn_talk(ctl->conn, &m, NULL, NULL, &ctl->err);
}

struct dump {
	struct ox_ctl *ctl;
	struct ox_odp_style style;
	struct ox_tier_port *tier_ports; /* owned; NULL: no tiers wanted */
	uint32_t n_tier_ports;
	bool lingering; /* those are dumped now */
	bool any;
};

static void dump_free(struct dump *d)
{
	free(d->tier_ports);
}

/* Fills t if tiers are wanted and can be told. */
static bool tier_of(const struct dump *d, const struct ox_flow_info *fl,
		    struct ox_tier *t)
{
	return d->tier_ports && fl->actions &&
	       !ox_tier_of(mnl_attr_get_payload(fl->actions),
			   mnl_attr_get_payload_len(fl->actions),
			   ox_flow_in_port(fl), d->tier_ports, d->n_tier_ports,
			   t);
}

static void dump_text(const struct dump *d, const struct ox_flow_info *fl)
{
	FILE *f = d->ctl->out;
	struct ox_tier t;

	ox_flow_print(f, fl, &d->style);
	if (d->lingering)
		fputs(", lingering", f);
	if (tier_of(d, fl, &t))
		fprintf(f, t.why[0] ? ", tier:%s (%s)" : ", tier:%s", t.name,
			t.why);
	fputc('\n', f);
}

static cJSON *dump_json(const struct dump *d, const struct ox_flow_info *fl)
{
	cJSON *o = ox_flow_json(fl, &d->style);
	struct ox_tier t;

	if (d->lingering)
		cJSON_AddTrueToObject(o, "lingering");
	if (tier_of(d, fl, &t)) {
		cJSON_AddStringToObject(o, "tier", t.name);
		cJSON_AddStringToObject(o, "tier_why", t.why);
	}
	return o;
}

/* JSON flows are printed one by one: a million don't fit a tree well. */
static int dump_one(const struct nlmsghdr *nlh, void *arg)
{
	struct dump *d = arg;
	struct ox_flow_info fl;
	char *text;
	cJSON *o;

	ox_flow_info_read(nlh, &fl);
	if (!d->ctl->json) {
		dump_text(d, &fl);
		return 0;
	}
	o = dump_json(d, &fl);
	text = cJSON_PrintUnformatted(o);
	cJSON_Delete(o);
	if (!text)
		return -ENOMEM;
	fprintf(d->ctl->out, "%s%s", d->any ? ",\n" : "", text);
	cJSON_free(text);
	d->any = true;
	return 0;
}

/* The ports' modes, once for the whole dump. */
static int tier_ports_get(struct ox_ctl *ctl, uint32_t dp_ifindex,
			  struct dump *d)
{
	_cleanup_(ox_port_infos_free) struct ox_port_infos l = { 0 };
	int err = ox_port_list(ctl, dp_ifindex, true, &l);

	if (err)
		return err;
	d->tier_ports = calloc(l.n + 1, sizeof(*d->tier_ports));
	if (!d->tier_ports)
		return -ENOMEM;
	d->n_tier_ports = l.n;
	for (uint32_t i = 0; i < l.n; i++)
		d->tier_ports[i] = (struct ox_tier_port){ l.v[i].no,
							  l.v[i].mode,
							  l.v[i].flags };
	return 0;
}

/* The flows, and those that a flush has left to the packets. */
static int dump_all(struct ox_ctl *ctl, uint32_t dp_ifindex, struct dump *d)
{
	struct ox_dp_private p;
	int err = ox_flow_dump(ctl, dp_ifindex, false, dump_one, d);

	if (err)
		return err;
	err = ox_dp_private_get(ctl, dp_ifindex, &p);
	if (err)
		return err;
	if (!p.lingering)
		return 0;
	d->lingering = true;
	return ox_flow_dump(ctl, dp_ifindex, true, dump_one, d);
}

int ox_cmd_dump_flows(struct ox_ctl *ctl)
{
	_cleanup_ports_ struct ox_odp_ports ports = { 0 };
	_cleanup_(dump_free) struct dump d = { .ctl = ctl,
					       .style = { .more = ctl->more } };
	struct ox_dp_info dp;
	char **rest;
	int err = ox_dp_arg(ctl, 0, &dp, &rest);

	/* -m means names too, as with ovs-dpctl */
	ctl->names |= ctl->more;
	if (!err && ctl->names)
		err = ox_port_names(ctl, dp.ifindex, &ports);
	if (!err && ctl->tiers)
		err = tier_ports_get(ctl, dp.ifindex, &d);
	if (err)
		return err;
	d.style.names = ctl->names ? &ports : NULL;
	if (ctl->json)
		fputs("[", ctl->out);
	err = dump_all(ctl, dp.ifindex, &d);
	if (ctl->json)
		fputs("]\n", ctl->out);
	if (!err && ctl->conn->interrupted)
		fputs("ovsxdpctl: warning: flows changed during the dump\n",
		      stderr);
	return err;
}

int ox_cmd_get_flow(struct ox_ctl *ctl)
{
	_cleanup_flow_cmd_ struct flow_cmd c;
	_cleanup_(dump_free) struct dump d = { .ctl = ctl,
					       .style = { .more = ctl->more } };
	struct ox_msg m;
	int err = flow_cmd_read(ctl, &c, 1, false);

	if (!err && ctl->tiers)
		err = tier_ports_get(ctl, c.dp.ifindex, &d);
	if (err)
		return err;
	d.style.names = ctl->names || ctl->more ? &c.ports : NULL;
	ox_msg_begin(&m, OX_GENL_FLOW, 0, OVS_FLOW_CMD_GET, c.dp.ifindex);
	put_flow(&m, &c.flow, false);
	err = ox_conn_talk(ctl->conn, &m, dump_one, &d, &ctl->err);
	if (!err && ctl->json)
		fputc('\n', ctl->out);
	return err;
}

int ox_cmd_execute(struct ox_ctl *ctl)
{
	_cleanup_flow_cmd_ struct flow_cmd c;
	uint8_t packet[32768];
	struct ox_msg m;
	uint32_t len;
	int err = flow_cmd_read(ctl, &c, 3, true);

	if (!err)
		err = ox_odp_parse_hex(c.rest[2], packet, sizeof(packet), &len,
				       &ctl->err);
	if (err)
		return err;
	ox_msg_begin(&m, OX_GENL_PACKET, 0, OVS_PACKET_CMD_EXECUTE,
		     c.dp.ifindex);
	ox_msg_put(&m, OVS_PACKET_ATTR_PACKET, packet, len);
	put_attrs(&m, OVS_PACKET_ATTR_KEY, &c.flow.key);
	put_attrs(&m, OVS_PACKET_ATTR_ACTIONS, &c.actions);
	err = ox_conn_talk(ctl->conn, &m, NULL, NULL, &ctl->err);
	if (err && len < ETH_HLEN)
		ox_ctl_note(ctl,
			    "HEXPACKET has %u bytes, an Ethernet header "
			    "%d",
			    len, ETH_HLEN);
	return err;
}
