// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_restore.c - restore: makes what save has written. All lines are read
 * before anything is done, and a datapath that can't be made whole goes again.
 */
#include "control/ctl/meter.h"
#include "control/ctl/save.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"

#define TEXT_MAX (256 << 10)

struct restore {
	struct ox_ctl *ctl;
	char *all; /* the file, lines ended by zeros; owned */
	size_t size;
	char dp[16]; /* its name; "" until its line is read */
	uint32_t ifindex;
	uint32_t line; /* number, from 1 */
	uint32_t ports, meters, flows;
	bool ended;
	bool doing; /* else all is only looked at */
	struct ox_odp_flow flow;
	struct ox_odp_attrs actions;
};

static int bad(struct restore *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static int bad(struct restore *r, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return ox_err_set(&r->ctl->err, -EINVAL, "line %u: %s", r->line, text);
}

/* Puts the number of the line before what went wrong. */
static int at_line(struct restore *r, int err)
{
	char text[16];

	if (!err)
		return 0;
	if (err == OX_CTL_USAGE)
		err = -EINVAL;
	r->ctl->syntax_name = NULL;
	snprintf(text, sizeof(text), "line %u", r->line);
	return ox_ctl_of(r->ctl, err, text);
}

static int member_u32(struct restore *r, const cJSON *o, const char *name,
		      uint32_t *out)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);

	if (!cJSON_IsNumber(v) || v->valuedouble < 0 ||
	    v->valuedouble > UINT32_MAX ||
	    v->valuedouble != floor(v->valuedouble))
		return bad(r, "\"%s\" is no number", name);
	*out = (uint32_t)v->valuedouble;
	return 0;
}

/* NULL: it isn't there, or is none. */
static const char *member_text(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
}

/* ---- the datapath ---- */

/* A command of the tool's own. */
static int command(struct restore *r, int (*run)(struct ox_ctl *ctl), int argc,
		   char **argv)
{
	struct ox_ctl *ctl = r->ctl;
	char **argv_was = ctl->argv;
	int argc_was = ctl->argc, err;

	ctl->argc = argc;
	ctl->argv = argv;
	err = run(ctl);
	ctl->argc = argc_was;
	ctl->argv = argv_was;
	return err;
}

static int make_datapath(struct restore *r, char words[5][48])
{
	char *add[] = {
		r->dp, words[0], words[1], words[2], words[3], words[4]
	};
	struct ox_dp_info dp;
	int err = command(r, ox_cmd_add_dp, 6, add);

	if (!err)
		err = ox_dp_find(r->ctl, r->dp, &dp);
	r->ifindex = err ? 0 : dp.ifindex;
	return at_line(r, err);
}

static int take_datapath(struct restore *r, const cJSON *o)
{
	static const char *const numbers[] = { "max-flows", "max-masks",
					       "max-ports", "masks-cache-size",
					       "features" };
	const cJSON *peer =
		cJSON_GetObjectItemCaseSensitive(o, "redirect-peer");
	const char *name = member_text(o, "name");
	char words[5][48];
	uint32_t v;
	int err = 0;

	if (*r->dp && !r->doing)
		return bad(r, "a second datapath");
	if (!name)
		return bad(r, "\"name\" is missing");
	err = at_line(r, ox_arg_name(name, &r->ctl->err));
	if (err)
		return err;
	snprintf(r->dp, sizeof(r->dp), "%s", name);
	for (int i = 0; !err && i < 5; i++) {
		err = member_u32(r, o, numbers[i], &v);
		snprintf(words[i], sizeof(words[i]), "%s=%u", numbers[i], v);
	}
	if (err || !r->doing)
		return err;
	err = make_datapath(r, words);
	if (!err && cJSON_IsTrue(peer))
		err = at_line(r, ox_dp_knobs_set(r->ctl, r->ifindex,
						 OX_KNOB_REDIRECT_PEER,
						 OX_KNOB_REDIRECT_PEER));
	return err;
}

/* ---- ports, meters, flows ---- */

/* ",name=value" at the end of text, if there is such a member. */
static void append(char *text, size_t size, const cJSON *o, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
	size_t n = strlen(text);

	if (cJSON_IsNumber(v))
		snprintf(text + n, size - n, ",%s=%.0f", name, v->valuedouble);
	else if (cJSON_IsString(v))
		snprintf(text + n, size - n, ",%s=%s", name, v->valuestring);
}

static int take_port(struct restore *r, const cJSON *o)
{
	static const char *const options[] = { "type", "port_no", "mode",
					       "dst_port", "exts" };
	const char *name = member_text(o, "name");
	char text[256];
	int err;

	if (!name)
		return bad(r, "\"name\" is missing");
	snprintf(text, sizeof(text), "%.64s", name);
	for (int i = 0; i < 5; i++)
		append(text, sizeof(text), o, options[i]);
	r->ports++;
	if (!r->doing)
		return at_line(r, ox_port_arg_check(text, &r->ctl->err));
	err = ox_port_add_arg(r->ctl, r->ifindex, text);
	return at_line(r, ox_ctl_of(r->ctl, err, name));
}

static int take_meter(struct restore *r, const cJSON *o)
{
	const char *unit = member_text(o, "unit");
	struct ox_meter_spec spec;
	uint32_t id;
	char text[128];
	char *add[] = { r->dp, text };
	int err = member_u32(r, o, "meter", &id);

	if (err)
		return err;
	if (!unit || (strcmp(unit, "kbps") && strcmp(unit, "pktps")))
		return bad(r, "\"unit\" is kbps or pktps");
	snprintf(text, sizeof(text), "meter=%u%s", id,
		 strcmp(unit, "kbps") ? "" : ",kbps");
	if (cJSON_HasObjectItem(o, "rate")) {
		strcat(text, ",bands=type=drop");
		append(text, sizeof(text), o, "rate");
		append(text, sizeof(text), o, "burst_size");
	}
	r->meters++;
	if (!r->doing)
		return at_line(r, ox_meter_parse(text, &spec, &r->ctl->err));
	return at_line(r, command(r, ox_cmd_add_meter, 2, add));
}

static int take_flow(struct restore *r, const cJSON *o)
{
	const char *match = member_text(o, "match");
	const char *actions = member_text(o, "actions");
	const char *ufid = member_text(o, "ufid");
	_cleanup_free_ char *text = NULL;
	int err;

	if (!match || !actions)
		return bad(r, "\"%s\" is missing", match ? "actions" : "match");
	if (asprintf(&text, "%s%s%s", ufid ? ufid : "", ufid ? ", " : "",
		     match) < 0)
		return -ENOMEM;
	err = ox_odp_parse_flow(text, NULL, &r->flow, &r->ctl->err);
	if (!err)
		err = ox_odp_parse_actions(actions, NULL, &r->actions,
					   &r->ctl->err);
	r->flows++;
	if (!err && r->doing)
		err = ox_flow_add(r->ctl, r->ifindex, &r->flow, &r->actions);
	return at_line(r, err);
}

static int take_end(struct restore *r, const cJSON *o)
{
	uint32_t ports, meters, flows;
	int err = member_u32(r, o, "ports", &ports);

	if (!err)
		err = member_u32(r, o, "meters", &meters);
	if (!err)
		err = member_u32(r, o, "flows", &flows);
	if (err)
		return err;
	if (ports != r->ports || meters != r->meters || flows != r->flows)
		return bad(r,
			   "%u ports, %u meters and %u flows were saved, "
			   "here are %u, %u and %u",
			   ports, meters, flows, r->ports, r->meters, r->flows);
	r->ended = true;
	return 0;
}

/* ---- lines ---- */

static const struct {
	const char *name;
	int (*take)(struct restore *r, const cJSON *o);
} kinds[] = {
	{ "datapath", take_datapath }, { "port", take_port },
	{ "meter", take_meter },       { "flow", take_flow },
	{ "end", take_end },
};

static int take(struct restore *r, const cJSON *line)
{
	uint32_t version = OX_SAVE_VERSION;
	const cJSON *o = NULL;
	size_t i;
	int err;

	for (i = 0; !o && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		o = cJSON_GetObjectItemCaseSensitive(line, kinds[i].name);
	if (!cJSON_IsObject(o))
		return bad(r, "neither datapath, port, meter, flow nor end");
	if ((i == 1) != (r->line == 1))
		return bad(r, "the datapath belongs into the first line, and "
			      "nowhere else");
	if (r->ended && !r->doing)
		return bad(r, "it is after the end");
	err = i == 1 ? member_u32(r, line, "ovsxdp", &version) : 0;
	if (!err && version != OX_SAVE_VERSION)
		return bad(r, "saved as version %u, this tool reads %u",
			   version, OX_SAVE_VERSION);
	return err ?: kinds[i - 1].take(r, o);
}

static int take_all(struct restore *r)
{
	int err = 0;

	r->line = r->ports = r->meters = r->flows = 0;
	for (char *p = r->all; !err && p < r->all + r->size;
	     p += strlen(p) + 1) {
		cJSON *line = cJSON_Parse(p);

		r->line++;
		err = line ? take(r, line) : bad(r, "no JSON");
		cJSON_Delete(line);
	}
	if (!err && !r->ended)
		return ox_err_set(&r->ctl->err, -EINVAL,
				  "the end is missing after line %u: the "
				  "file was cut",
				  r->line);
	return err;
}

static int read_all(struct restore *r, const char *name)
{
	FILE *f = name ? fopen(name, "re") : stdin;
	FILE *to = open_memstream(&r->all, &r->size);
	int c, err = 0;

	if (!f || !to)
		err = ox_err_set(&r->ctl->err, -errno, "%s", name);
	while (!err && (c = getc(f)) != EOF)
		putc(c == '\n' ? '\0' : c, to);
	if (!err && ferror(f))
		err = ox_err_set(&r->ctl->err, -EIO, "reading");
	if (to && fclose(to) && !err)
		err = -ENOMEM;
	if (f && f != stdin)
		fclose(f);
	return err;
}

static int undo(struct restore *r)
{
	struct ox_err was = r->ctl->err;
	char *del[] = { r->dp };
	int err = command(r, ox_cmd_del_dp, 1, del);

	r->ctl->err = was;
	return err;
}

static int restore(struct restore *r)
{
	int err = take_all(r);

	if (err)
		return err;
	r->doing = true;
	err = take_all(r);
	if (err && r->ifindex && !undo(r))
		ox_ctl_note(r->ctl, "%s was deleted again", r->dp);
	return err;
}

int ox_cmd_restore(struct ox_ctl *ctl)
{
	struct restore *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->ctl = ctl;
	err = read_all(r, ctl->argc ? ctl->argv[0] : NULL);
	if (!err)
		err = restore(r);
	free(r->all);
	free(r);
	return err;
}
