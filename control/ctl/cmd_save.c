// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_save.c - save: a datapath as lines of JSON, from which restore makes it
 * again, also with another version. Flows are in the syntax of dump-flows -m.
 *
 *   {"ovsxdp": 1, "datapath": {...}}   the first line
 *   {"port": {...}} {"meter": {...}} {"flow": {...}}
 *   {"end": {"ports": 2, "meters": 0, "flows": 17}}
 */
#include "control/ctl/ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/ctl/save.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"

struct save {
	struct ox_ctl *ctl;
	FILE *f;
	uint32_t ports, meters, flows;
};

/* Prints {"name": o}; o is used up. */
static int put_line(struct save *s, const char *name, cJSON *o)
{
	cJSON *line = cJSON_CreateObject();
	char *text;

	if (!strcmp(name, "datapath"))
		cJSON_AddNumberToObject(line, "ovsxdp", OX_SAVE_VERSION);
	cJSON_AddItemToObject(line, name, o);
	text = cJSON_PrintUnformatted(line);
	cJSON_Delete(line);
	if (!text)
		return -ENOMEM;
	fprintf(s->f, "%s\n", text);
	cJSON_free(text);
	return 0;
}

static int save_datapath(struct save *s, const struct ox_dp_info *dp)
{
	struct ox_dp_private p;
	cJSON *o;
	int err = ox_dp_private_get(s->ctl, dp->ifindex, &p);

	if (err)
		return err;
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "name", dp->name);
	cJSON_AddNumberToObject(o, "max-flows", p.max_flows);
	cJSON_AddNumberToObject(o, "max-masks", p.max_masks);
	cJSON_AddNumberToObject(o, "max-ports", p.max_ports);
	cJSON_AddNumberToObject(o, "masks-cache-size", dp->cache_size);
	cJSON_AddNumberToObject(o, "features", dp->features);
	cJSON_AddBoolToObject(o, "redirect-peer",
			      p.knobs & OX_KNOB_REDIRECT_PEER);
	return put_line(s, "datapath", o);
}

static void add_exts(cJSON *o, const struct ox_port_info *p)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f;

	if (!p->has_options)
		return;
	if (p->dst_port)
		cJSON_AddNumberToObject(o, "dst_port", p->dst_port);
	f = p->exts ? open_memstream(&text, &size) : NULL;
	if (!f)
		return;
	ox_port_exts_print(f, "", p);
	fclose(f);
	cJSON_AddStringToObject(o, "exts", text);
}

static int save_ports(struct save *s, const struct ox_dp_info *dp)
{
	_cleanup_(ox_port_infos_free) struct ox_port_infos l = { 0 };
	int err = ox_port_list(s->ctl, dp->ifindex, true, &l);

	for (uint32_t i = 0; !err && i < l.n; i++) {
		const struct ox_port_info *p = &l.v[i];
		cJSON *o;

		if (p->no == OVSP_LOCAL)
			continue; /* it comes with its datapath */
		o = cJSON_CreateObject();
		cJSON_AddNumberToObject(o, "port_no", p->no);
		cJSON_AddStringToObject(o, "name", p->name);
		cJSON_AddStringToObject(o, "type", ox_port_type_name(p->type));
		if (p->type == OVS_VPORT_TYPE_NETDEV && p->has_mode)
			cJSON_AddStringToObject(
				o, "mode", ox_port_mode_name(p->mode_asked));
		add_exts(o, p);
		err = put_line(s, "port", o);
		s->ports++;
	}
	return err;
}

static int save_meter(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[OX_A_MAX__];
	struct save *s = arg;
	cJSON *o = cJSON_CreateObject();

	ox_msg_attrs(nlh, tb, OX_A_MAX__ - 1);
	cJSON_AddNumberToObject(o, "meter", ox_attr_u32(tb[OX_A_METER_ID], 0));
	cJSON_AddStringToObject(
		o, "unit",
		ox_attr_u32(tb[OX_A_METER_FLAGS], 0) & OX_METER_KBPS ? "kbps"
								     : "pktps");
	if (tb[OX_A_METER_RATE]) {
		cJSON_AddNumberToObject(o, "rate",
					ox_attr_u32(tb[OX_A_METER_RATE], 0));
		cJSON_AddNumberToObject(o, "burst_size",
					ox_attr_u32(tb[OX_A_METER_BURST], 0));
	}
	s->meters++;
	return put_line(s, "meter", o);
}

static int save_meters(struct save *s, const struct ox_dp_info *dp)
{
	struct ox_msg m;

	ox_msg_begin(&m, OX_GENL_OVSXDP, NLM_F_DUMP, OX_CMD_METER_GET,
		     dp->ifindex);
	return ox_conn_talk(s->ctl->conn, &m, save_meter, s, &s->ctl->err);
}

static int save_flow(const struct nlmsghdr *nlh, void *arg)
{
	struct save *s = arg;
	struct ox_flow_info fl;

	ox_flow_info_read(nlh, &fl);
	s->flows++;
	return put_line(s, "flow", ox_flow_json_saved(&fl));
}

static int save_end(struct save *s)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "ports", s->ports);
	cJSON_AddNumberToObject(o, "meters", s->meters);
	cJSON_AddNumberToObject(o, "flows", s->flows);
	return put_line(s, "end", o);
}

static int save_all(struct save *s, const struct ox_dp_info *dp)
{
	int err = save_datapath(s, dp);

	if (!err)
		err = save_ports(s, dp);
	if (!err)
		err = save_meters(s, dp);
	if (!err)
		err = ox_flow_dump(s->ctl, dp->ifindex, false, save_flow, s);
	if (!err && s->ctl->conn->interrupted)
		fputs("ovsxdpctl: warning: flows changed while they were "
		      "saved\n",
		      stderr);
	return err ?: save_end(s);
}

/* The file gets its name when all is in it. */
static int save_file(struct save *s, const struct ox_dp_info *dp,
		     const char *name)
{
	_cleanup_free_ char *part = NULL;
	int err;

	if (asprintf(&part, "%s.part", name) < 0)
		return -ENOMEM;
	s->f = fopen(part, "we");
	if (!s->f)
		return ox_err_set(&s->ctl->err, -errno, "%s", part);
	err = save_all(s, dp);
	if (fclose(s->f) && !err)
		err = ox_err_set(&s->ctl->err, -errno, "%s", part);
	if (!err && rename(part, name))
		err = ox_err_set(&s->ctl->err, -errno, "%s", name);
	if (err)
		remove(part);
	return err;
}

int ox_cmd_save(struct ox_ctl *ctl)
{
	struct save s = { .ctl = ctl, .f = ctl->out };
	struct ox_dp_info dp;
	int err = ox_dp_find(ctl, ctl->argv[0], &dp);

	if (err)
		return err;
	return ctl->argc > 1 ? save_file(&s, &dp, ctl->argv[1])
			     : save_all(&s, &dp);
}
