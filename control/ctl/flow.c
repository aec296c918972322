// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * flow.c - flows as the family ovs_flow describes them, to text and JSON.
 */
#include "control/ctl/ctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/now.h"

void ox_flow_info_read(const struct nlmsghdr *nlh, struct ox_flow_info *fl)
{
	const struct nlattr *tb[OVS_FLOW_ATTR_MAX + 1];
	const struct nlattr *flags;
	const void *p;

	memset(fl, 0, sizeof(*fl));
	ox_msg_attrs(nlh, tb, OVS_FLOW_ATTR_MAX);
	fl->dp_ifindex = ox_msg_dp(nlh);
	fl->key = tb[OVS_FLOW_ATTR_KEY];
	fl->mask = tb[OVS_FLOW_ATTR_MASK];
	fl->actions = tb[OVS_FLOW_ATTR_ACTIONS];
	fl->ufid = tb[OVS_FLOW_ATTR_UFID];
	p = ox_attr_data(tb[OVS_FLOW_ATTR_STATS], sizeof(fl->stats));
	if (p) {
		memcpy(&fl->stats, p, sizeof(fl->stats));
		fl->has_stats = true;
	}
	fl->used = ox_attr_u64(tb[OVS_FLOW_ATTR_USED], 0);
	flags = tb[OVS_FLOW_ATTR_TCP_FLAGS];
	p = ox_attr_data(flags, 1);
	if (p)
		fl->tcp_flags = *(const uint8_t *)p;
}

/* Idle time: a coarse clock may be a little ahead of ours. */
static uint64_t idle_ms(const struct ox_flow_info *fl)
{
	uint64_t now = ox_now_ms();

	return now > fl->used ? now - fl->used : 0;
}

void ox_flow_print_stats(FILE *f, const struct ox_flow_info *fl)
{
	fprintf(f, "packets:%" PRIu64 ", bytes:%" PRIu64 ", used:",
		(uint64_t)fl->stats.n_packets, (uint64_t)fl->stats.n_bytes);
	if (fl->used)
		fprintf(f, "%.3fs", (double)idle_ms(fl) / 1000.0);
	else
		fputs("never", f);
	if (fl->tcp_flags) {
		fputs(", flags:", f);
		ox_odp_format_tcp_letters(f, fl->tcp_flags);
	}
}

static uint32_t len_of(const struct nlattr *a)
{
	return a ? mnl_attr_get_payload_len(a) : 0;
}

static const void *data_of(const struct nlattr *a)
{
	return a ? mnl_attr_get_payload(a) : NULL;
}

static void print_match(FILE *f, const struct ox_flow_info *fl,
			const struct ox_odp_style *st)
{
	if (!len_of(fl->key))
		fputs("<empty>", f);
	ox_odp_format_key(f, data_of(fl->key), len_of(fl->key),
			  data_of(fl->mask), len_of(fl->mask), st);
}

void ox_flow_print(FILE *f, const struct ox_flow_info *fl,
		   const struct ox_odp_style *st)
{
	/* without a key, the identifier is all there is to tell it by */
	if (fl->ufid && (st->more || !fl->key)) {
		ox_odp_format_ufid(f, data_of(fl->ufid), len_of(fl->ufid));
		fputs(", ", f);
	}
	if (fl->key) {
		print_match(f, fl, st);
		fputs(", ", f);
	}
	ox_flow_print_stats(f, fl);
	if (st->more)
		fputs(", dp:ovs", f); /* ovs-dpctl names the layer */
	if (fl->actions) {
		fputs(", actions:", f);
		ox_odp_format_actions(f, data_of(fl->actions),
				      len_of(fl->actions), st);
	}
}

typedef void (*print_fn)(FILE *f, const struct ox_flow_info *fl,
			 const struct ox_odp_style *st);

static void add_text(cJSON *o, const char *name, print_fn print,
		     const struct ox_flow_info *fl,
		     const struct ox_odp_style *st)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	print(f, fl, st);
	fclose(f);
	cJSON_AddStringToObject(o, name, text);
}

static void print_ufid(FILE *f, const struct ox_flow_info *fl,
		       const struct ox_odp_style *st)
{
	(void)st;
	ox_odp_format_ufid(f, data_of(fl->ufid), len_of(fl->ufid));
}

static void print_acts(FILE *f, const struct ox_flow_info *fl,
		       const struct ox_odp_style *st)
{
	ox_odp_format_actions(f, data_of(fl->actions), len_of(fl->actions), st);
}

cJSON *ox_flow_json(const struct ox_flow_info *fl,
		    const struct ox_odp_style *st)
{
	cJSON *o = cJSON_CreateObject();

	if (fl->ufid)
		add_text(o, "ufid", print_ufid, fl, st);
	if (fl->key) {
		add_text(o, "match", print_match, fl, st);
		cJSON_AddItemToObject(o, "key",
				      ox_odp_json_key(data_of(fl->key),
						      len_of(fl->key),
						      data_of(fl->mask),
						      len_of(fl->mask), st));
	}
	cJSON_AddNumberToObject(o, "packets", (double)fl->stats.n_packets);
	cJSON_AddNumberToObject(o, "bytes", (double)fl->stats.n_bytes);
	if (fl->used)
		cJSON_AddNumberToObject(o, "idle_ms", (double)idle_ms(fl));
	else
		cJSON_AddNullToObject(o, "idle_ms");
	cJSON_AddNumberToObject(o, "tcp_flags", fl->tcp_flags);
	if (fl->actions)
		add_text(o, "actions", print_acts, fl, st);
	return o;
}

cJSON *ox_flow_json_saved(const struct ox_flow_info *fl)
{
	const struct ox_odp_style st = { .more = true };
	cJSON *o = cJSON_CreateObject();

	if (fl->ufid)
		add_text(o, "ufid", print_ufid, fl, &st);
	add_text(o, "match", print_match, fl, &st);
	add_text(o, "actions", print_acts, fl, &st);
	return o;
}

static bool u32_attr(const struct nlattr *nest, uint16_t type, uint32_t *v)
{
	const struct nlattr *tb[OVS_KEY_ATTR_MAX + 1];

	if (!nest)
		return false;
	ox_nest_attrs(nest, tb, OVS_KEY_ATTR_MAX);
	*v = ox_attr_u32(tb[type], 0);
	return tb[type];
}

uint32_t ox_flow_in_port(const struct ox_flow_info *fl)
{
	uint32_t no, mask;

	if (!u32_attr(fl->key, OVS_KEY_ATTR_IN_PORT, &no))
		return OX_NONE;
	/* without a mask everything is exact */
	if (fl->mask && (!u32_attr(fl->mask, OVS_KEY_ATTR_IN_PORT, &mask) ||
			 mask != 0xffffffff))
		return OX_NONE;
	return no;
}

int ox_flow_dump(struct ox_ctl *ctl, uint32_t dp_ifindex, bool lingering,
		 ox_msg_fn fn, void *arg)
{
	struct ox_msg m;

	ox_msg_begin(&m, OX_GENL_FLOW, NLM_F_DUMP, OVS_FLOW_CMD_GET,
		     dp_ifindex);
	if (lingering)
		ox_msg_put(&m, OX_FLOW_ATTR_LINGERING, NULL, 0);
	return ox_conn_talk(ctl->conn, &m, fn, arg, &ctl->err);
}
