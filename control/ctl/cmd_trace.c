// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_trace.c - trace: what a datapath would do with a packet. The daemon
 * follows it and says what it met, a message a step (OX_CMD_TRACE).
 */
#include "control/ctl/ctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"

static void ports_free(struct ox_odp_ports *p)
{
	free(p->v);
}

/* What the command line asks. */
struct question {
	struct ox_dp_info dp;
	struct ox_odp_ports ports; /* owned */
	struct ox_odp_flow flow;
	uint8_t packet[32768];
	uint32_t len; /* 0: none is given */
};

static void question_free(struct question *q)
{
	ports_free(&q->ports);
	free(q);
}

static void question_freep(struct question **q)
{
	if (*q)
		question_free(*q);
}

/* A step of the answer; pointers are into the message, or NULL. */
struct step {
	uint32_t what; /* enum ox_trace_step */
	uint32_t depth;
	const struct nlattr *key;
	struct ox_flow_info flow;
	bool has_flow;
	const char *tier, *text, *result, *reason;
};

struct answer {
	struct ox_ctl *ctl;
	struct ox_odp_style style;
	uint32_t passes;
	cJSON *json; /* NULL: text is wanted */
};

/* ---- reading a step ---- */

static const char *str_of(const struct nlattr *a)
{
	uint32_t len = a ? mnl_attr_get_payload_len(a) : 0;
	const char *s = len ? mnl_attr_get_payload(a) : NULL;

	return s && !s[len - 1] ? s : NULL;
}

static void flow_read(const struct nlattr *nest, struct ox_flow_info *fl)
{
	const struct nlattr *tb[OVS_FLOW_ATTR_MAX + 1];

	ox_nest_attrs(nest, tb, OVS_FLOW_ATTR_MAX);
	fl->key = tb[OVS_FLOW_ATTR_KEY];
	fl->mask = tb[OVS_FLOW_ATTR_MASK];
	fl->actions = tb[OVS_FLOW_ATTR_ACTIONS];
	fl->ufid = tb[OVS_FLOW_ATTR_UFID];
}

static void step_read(const struct nlmsghdr *nlh, struct step *s)
{
	const struct nlattr *tb[OX_A_MAX__];

	memset(s, 0, sizeof(*s));
	ox_msg_attrs(nlh, tb, OX_A_MAX__ - 1);
	s->what = ox_attr_u32(tb[OX_A_TRACE_STEP], 0);
	s->depth = ox_attr_u32(tb[OX_A_TRACE_DEPTH], 0);
	s->key = tb[OX_A_TRACE_KEY];
	s->has_flow = tb[OX_A_TRACE_FLOW];
	if (s->has_flow)
		flow_read(tb[OX_A_TRACE_FLOW], &s->flow);
	s->tier = str_of(tb[OX_A_TRACE_TIER]);
	s->text = str_of(tb[OX_A_TRACE_TEXT]);
	s->result = str_of(tb[OX_A_TRACE_RESULT]);
	s->reason = str_of(tb[OX_A_REASON_NAME]);
}

/* ---- as text ---- */

static void print_attrs(FILE *f, const struct nlattr *key,
			const struct nlattr *mask,
			const struct ox_odp_style *st)
{
	ox_odp_format_key(f, mnl_attr_get_payload(key),
			  mnl_attr_get_payload_len(key),
			  mask ? mnl_attr_get_payload(mask) : NULL,
			  mask ? mnl_attr_get_payload_len(mask) : 0, st);
}

/* What a packet always has and mostly is zero. */
static bool is_metadata(uint16_t type)
{
	switch (type) {
	case OVS_KEY_ATTR_PRIORITY:
	case OVS_KEY_ATTR_SKB_MARK:
	case OVS_KEY_ATTR_DP_HASH:
	case OVS_KEY_ATTR_CT_STATE:
	case OVS_KEY_ATTR_CT_ZONE:
	case OVS_KEY_ATTR_CT_MARK:
	case OVS_KEY_ATTR_CT_LABELS:
		return true;
	default:
		return false;
	}
}

static bool is_zero(const struct nlattr *a)
{
	const uint8_t *p = mnl_attr_get_payload(a);

	for (uint32_t i = 0; i < mnl_attr_get_payload_len(a); i++)
		if (p[i])
			return false;
	return true;
}

/* Without such fields, unless all is wanted. */
static void print_key(FILE *f, const struct nlattr *key,
		      const struct ox_odp_style *st)
{
	struct ox_odp_attrs short_key;
	const struct nlattr *a;

	if (st->more) {
		print_attrs(f, key, NULL, st);
		return;
	}
	ox_odp_attrs_init(&short_key);
	mnl_attr_for_each_nested (a, key) {
		if (!is_metadata(mnl_attr_get_type(a)) || !is_zero(a))
			ox_odp_attrs_put(&short_key, mnl_attr_get_type(a),
					 mnl_attr_get_payload(a),
					 mnl_attr_get_payload_len(a));
	}
	ox_odp_format_key(f, ox_odp_attrs_data(&short_key),
			  ox_odp_attrs_len(&short_key), NULL, 0, st);
}

static void print_flow(FILE *f, const struct ox_flow_info *fl,
		       const struct ox_odp_style *st)
{
	if (fl->ufid) {
		ox_odp_format_ufid(f, mnl_attr_get_payload(fl->ufid),
				   mnl_attr_get_payload_len(fl->ufid));
		fputs(", ", f);
	}
	if (fl->key)
		print_attrs(f, fl->key, fl->mask, st);
	fputs(", actions:", f);
	if (fl->actions)
		ox_odp_format_actions(f, mnl_attr_get_payload(fl->actions),
				      mnl_attr_get_payload_len(fl->actions),
				      st);
}

static void print_pass(const struct answer *a, const struct step *s)
{
	FILE *f = a->ctl->out;

	fprintf(f, "pass %" PRIu32 "\n", a->passes);
	/* the first one is the packet's own */
	if (s->key && (a->passes > 1 || a->style.more)) {
		fputs("        key: ", f);
		print_key(f, s->key, &a->style);
		fputc('\n', f);
	}
	if (!s->has_flow) {
		fputs("        no flow matches\n", f);
		return;
	}
	fputs("        flow: ", f);
	print_flow(f, &s->flow, &a->style);
	fputc('\n', f);
}

/* Of OX_REASONS, as far as this program knows it. */
static const char *reason_text(const char *name)
{
#define TEXT(id, n, kind, text) \
	if (!strcmp(name, (n))) \
		return text;
	OX_REASONS(TEXT)
#undef TEXT
	return "of another version";
}

static void print_packet(const struct answer *a, const struct step *s)
{
	FILE *f = a->ctl->out;

	fputs("Packet: ", f);
	if (s->key)
		print_key(f, s->key, &a->style);
	fprintf(f, "; %s\n", s->result ? s->result : "");
	fprintf(f, "%-4s  comes in: %s\n", s->tier, s->text ? s->text : "");
}

static void print_step(struct answer *a, const struct step *s)
{
	FILE *f = a->ctl->out;

	if (s->what == OX_STEP_PACKET) {
		print_packet(a, s);
		return;
	}
	if (s->what == OX_STEP_END) {
		fprintf(f, "The packet %s\n", s->text ? s->text : "?");
		return;
	}
	fprintf(f, "%-4s  %*s", s->tier, (int)(2 * s->depth), "");
	switch (s->what) {
	case OX_STEP_PASS:
		print_pass(a, s);
		break;
	case OX_STEP_DOWN:
		fprintf(f, "handed down: %s\n", s->text ? s->text : "?");
		break;
	case OX_STEP_DROP:
		fprintf(f, "dropped: %s (%s)\n", s->reason ? s->reason : "?",
			s->reason ? reason_text(s->reason) : "?");
		break;
	default:
		fprintf(f, "%s%s%s\n", s->text ? s->text : "?",
			s->result ? ": " : "", s->result ? s->result : "");
	}
}

/* ---- as JSON ---- */

static cJSON *key_json(const struct nlattr *key, const struct ox_odp_style *st)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	print_key(f, key, st);
	fclose(f);
	return cJSON_CreateString(text);
}

static void add_str(cJSON *o, const char *name, const char *text)
{
	if (text)
		cJSON_AddStringToObject(o, name, text);
}

static cJSON *step_json(const struct answer *a, const struct step *s)
{
	static const char *const names[] = {
		[OX_STEP_PACKET] = "packet", [OX_STEP_PASS] = "pass",
		[OX_STEP_OP] = "op",	     [OX_STEP_DOWN] = "hand-down",
		[OX_STEP_DROP] = "drop",     [OX_STEP_END] = "end",
	};
	cJSON *o = cJSON_CreateObject();

	if (s->what && s->what < sizeof(names) / sizeof(names[0]))
		cJSON_AddStringToObject(o, "step", names[s->what]);
	add_str(o, "tier", s->tier);
	cJSON_AddNumberToObject(o, "depth", s->depth);
	if (s->key)
		cJSON_AddItemToObject(o, "key", key_json(s->key, &a->style));
	if (s->has_flow)
		cJSON_AddItemToObject(o, "flow", ox_flow_json_saved(&s->flow));
	else if (s->what == OX_STEP_PASS)
		cJSON_AddNullToObject(o, "flow");
	add_str(o, "text", s->text);
	add_str(o, "result", s->result);
	add_str(o, "reason", s->reason);
	return o;
}

/* ---- the command ---- */

static int take_step(const struct nlmsghdr *nlh, void *arg)
{
	struct answer *a = arg;
	struct step s;

	step_read(nlh, &s);
	if (s.what == OX_STEP_PASS)
		a->passes++;
	if (a->json)
		cJSON_AddItemToArray(a->json, step_json(a, &s));
	else
		print_step(a, &s);
	return 0;
}

/* FLOW and HEXPACKET. */
static int question_read(struct ox_ctl *ctl, struct question *q)
{
	char **rest;
	int err = ox_dp_arg(ctl, ctl->argc - 1, &q->dp, &rest);

	if (!err)
		err = ox_port_names(ctl, q->dp.ifindex, &q->ports);
	if (err)
		return err;
	ctl->syntax_name = "FLOW";
	ctl->syntax = rest[0];
	err = ox_odp_parse_flow(rest[0], &q->ports, &q->flow, &ctl->err);
	if (err)
		return err;
	ctl->syntax_name = NULL;
	if (!ox_odp_attrs_len(&q->flow.key))
		return ox_err_set(&ctl->err, OX_CTL_USAGE,
				  "FLOW says nothing of a packet: at least "
				  "in_port(N)");
	if (ctl->argc < 3)
		return 0;
	return ox_odp_parse_hex(rest[1], q->packet, sizeof(q->packet), &q->len,
				&ctl->err);
}

static int ask(struct ox_ctl *ctl, const struct question *q, struct answer *a)
{
	struct ox_msg m;

	ox_msg_begin(&m, OX_GENL_OVSXDP, NLM_F_DUMP, OX_CMD_TRACE,
		     q->dp.ifindex);
	ox_msg_put(&m, OX_A_TRACE_KEY, ox_odp_attrs_data(&q->flow.key),
		   ox_odp_attrs_len(&q->flow.key));
	if (ctl->argc > 2)
		ox_msg_put(&m, OX_A_TRACE_PACKET, q->packet, q->len);
	return ox_conn_talk(ctl->conn, &m, take_step, a, &ctl->err);
}

int ox_cmd_trace(struct ox_ctl *ctl)
{
	_cleanup_(question_freep) struct question *q = calloc(1, sizeof(*q));
	struct answer a = { .ctl = ctl, .style = { .more = ctl->more } };
	int err;

	if (!q)
		return -ENOMEM;
	err = question_read(ctl, q);
	if (err)
		return err;
	a.style.names = ctl->names || ctl->more ? &q->ports : NULL;
	a.json = ctl->json ? cJSON_CreateArray() : NULL;
	err = ask(ctl, q, &a);
	if (!err && a.json)
		ox_ctl_print_json(ctl, a.json, false);
	else
		cJSON_Delete(a.json);
	return err;
}
