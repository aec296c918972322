// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_show.c - show: datapaths with their ports, laid out as ovs-dpctl does;
 * stats: all counters with the named reasons for drops.
 */
#include "control/ctl/ctl.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"

static uint64_t lookups(const struct ox_dp_info *dp)
{
	return dp->stats.n_hit + dp->stats.n_missed;
}

static double ratio(uint64_t a, uint64_t b)
{
	return b ? (double)a / (double)b : 0.0;
}

/* A daemon before this one had none. */
static void print_build(FILE *f, const struct ox_dp_private *p)
{
	if (!*p->build)
		return;
	fprintf(f, "  build: %s", p->build);
	if (*p->build_ours)
		fprintf(f, " (the daemon's is %s: %s)", p->build_ours,
			p->build_why);
	fputc('\n', f);
}

static void print_dp(FILE *f, const struct ox_dp_info *dp,
		     const struct ox_dp_private *p)
{
	uint64_t n = lookups(dp);

	fprintf(f, "system@%s:\n", dp->name);
	fprintf(f,
		"  lookups: hit:%" PRIu64 " missed:%" PRIu64 " lost:%" PRIu64
		"\n",
		(uint64_t)dp->stats.n_hit, (uint64_t)dp->stats.n_missed,
		(uint64_t)dp->stats.n_lost);
	fprintf(f, "  flows: %" PRIu64, (uint64_t)dp->stats.n_flows);
	if (p->lingering)
		fprintf(f, " lingering:%u", p->lingering);
	fputc('\n', f);
	fprintf(f, "  masks: hit:%" PRIu64 " total:%u hit/pkt:%.2f\n",
		(uint64_t)dp->mega.n_mask_hit, dp->mega.n_masks,
		ratio(dp->mega.n_mask_hit, n));
	fprintf(f, "  cache: hit:%" PRIu64 " hit-rate:%.2f%%\n",
		(uint64_t)dp->mega.n_cache_hit,
		100 * ratio(dp->mega.n_cache_hit, n));
	if (dp->has_cache)
		fprintf(f, "  caches:\n    masks-cache: size:%u\n",
			dp->cache_size);
	print_build(f, p);
}

static void print_port_stats(FILE *f, const struct ovs_vport_stats *s)
{
	fprintf(f,
		"    RX packets:%" PRIu64 " errors:%" PRIu64 " dropped:%" PRIu64
		" bytes:%" PRIu64 "\n",
		(uint64_t)s->rx_packets, (uint64_t)s->rx_errors,
		(uint64_t)s->rx_dropped, (uint64_t)s->rx_bytes);
	fprintf(f,
		"    TX packets:%" PRIu64 " errors:%" PRIu64 " dropped:%" PRIu64
		" bytes:%" PRIu64 "\n",
		(uint64_t)s->tx_packets, (uint64_t)s->tx_errors,
		(uint64_t)s->tx_dropped, (uint64_t)s->tx_bytes);
}

static void print_port(struct ox_ctl *ctl, const struct ox_port_info *p)
{
	ox_port_print(ctl->out, p);
	if (ctl->more)
		ox_port_print_more(ctl->out, p);
	if (ctl->statistics)
		print_port_stats(ctl->out, &p->stats);
}

/* "build_daemon" is there where it is another one. */
static void add_build(cJSON *o, const struct ox_dp_private *p)
{
	cJSON_AddStringToObject(o, "build", p->build);
	if (!*p->build_ours)
		return;
	cJSON_AddStringToObject(o, "build_daemon", p->build_ours);
	cJSON_AddStringToObject(o, "build_why", p->build_why);
}

static cJSON *show_json(const struct ox_dp_info *dp,
			const struct ox_dp_private *p,
			const struct ox_port_infos *ports)
{
	cJSON *o = ox_dp_json(dp);
	cJSON *a;

	cJSON_AddNumberToObject(o, "lingering", p->lingering);
	add_build(o, p);
	a = cJSON_AddArrayToObject(o, "ports");
	for (uint32_t i = 0; i < ports->n; i++)
		cJSON_AddItemToArray(a, ox_port_json(&ports->v[i]));
	return o;
}

static int show_one(struct ox_ctl *ctl, const struct ox_dp_info *dp, cJSON *a)
{
	_cleanup_(ox_port_infos_free) struct ox_port_infos ports = { 0 };
	struct ox_dp_private p;
	int err = ox_port_list(ctl, dp->ifindex, true, &ports);

	if (!err)
		err = ox_dp_private_get(ctl, dp->ifindex, &p);
	if (err)
		return err;
	if (a) {
		cJSON_AddItemToArray(a, show_json(dp, &p, &ports));
		return 0;
	}
	print_dp(ctl->out, dp, &p);
	for (uint32_t i = 0; i < ports.n; i++)
		print_port(ctl, &ports.v[i]);
	return 0;
}

/* Runs fn for each datapath asked for; collects JSON where asked. */
static int each_dp(struct ox_ctl *ctl,
		   int (*fn)(struct ox_ctl *ctl, const struct ox_dp_info *dp,
			     cJSON *a))
{
	_cleanup_(ox_dp_infos_free) struct ox_dp_infos l = { 0 };
	cJSON *a = ctl->json ? cJSON_CreateArray() : NULL;
	int err = ox_dp_arg_or_all(ctl, &l);

	for (uint32_t i = 0; !err && i < l.n; i++)
		err = fn(ctl, &l.v[i], a);
	if (a && !err)
		ox_ctl_print_json(ctl, a, false);
	else
		cJSON_Delete(a);
	return err;
}

static int print_left(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[OX_A_MAX__];
	char name[16], why[256];
	FILE *f = arg;

	ox_msg_attrs(nlh, tb, OX_A_MAX__ - 1);
	ox_attr_str(tb[OX_A_DP_NAME], name, sizeof(name));
	ox_attr_str(tb[OX_A_DP_BUILD_WHY], why, sizeof(why));
	fprintf(f, "%s: left alone: %s\n", name, why);
	return 0;
}

/* Datapaths that the daemon doesn't serve. They are none for JSON's readers,
 * who expect all of a datapath. */
static int show_left(struct ox_ctl *ctl)
{
	struct ox_msg m;

	ox_msg_begin(&m, OX_GENL_OVSXDP, NLM_F_DUMP, OX_CMD_LEFT_GET, 0);
	return ox_conn_talk(ctl->conn, &m, print_left, ctl->out, &ctl->err);
}

int ox_cmd_show(struct ox_ctl *ctl)
{
	int err = each_dp(ctl, show_one);

	if (err || ctl->argc || ctl->json)
		return err;
	err = show_left(ctl);
	/* a daemon before this one has no such command */
	return err == -EOPNOTSUPP ? 0 : err;
}

static void stats_line(FILE *f, const char *name, uint64_t v)
{
	fprintf(f, "  %-20s %" PRIu64 "\n", name, v);
}

static void print_stats(FILE *f, const struct ox_dp_info *dp,
			const struct ox_dp_private *p, bool more)
{
	fprintf(f, "%s: %s\n", dp->name, p->path);
	fprintf(f, "  limits: flows:%u masks:%u ports:%u\n", p->max_flows,
		p->max_masks, p->max_ports);
	fputs("  features: ", f);
	ox_dp_features_print(f, dp->features);
	fputc('\n', f);
	fprintf(f, "  knobs: redirect-peer=%s%s\n",
		p->knobs & OX_KNOB_REDIRECT_PEER ? "on" : "off",
		p->knobs & OX_KNOB_DROPS ? " drops=told" : "");
	stats_line(f, "hit", dp->stats.n_hit);
	stats_line(f, "missed", dp->stats.n_missed);
	stats_line(f, "lost", dp->stats.n_lost);
	stats_line(f, "flows", dp->stats.n_flows);
	stats_line(f, "lingering", p->lingering);
	stats_line(f, "mask_hit", dp->mega.n_mask_hit);
	stats_line(f, "masks", dp->mega.n_masks);
	stats_line(f, "cache_hit", dp->mega.n_cache_hit);
	ox_reasons_print(f, p, more);
}

static void add_counts(cJSON *o, const char *name,
		       const struct ox_dp_private *p)
{
	cJSON *counts = cJSON_AddObjectToObject(o, name);

	for (uint32_t i = 0; i < p->n_reasons; i++)
		cJSON_AddNumberToObject(counts, p->reasons[i].name,
					(double)p->reasons[i].count);
}

static cJSON *stats_json(const struct ox_dp_info *dp,
			 const struct ox_dp_private *p,
			 const struct ox_dp_private *daemon)
{
	cJSON *o = ox_dp_json(dp);

	cJSON_AddStringToObject(o, "path", p->path);
	cJSON_AddNumberToObject(o, "max_flows", p->max_flows);
	cJSON_AddNumberToObject(o, "max_masks", p->max_masks);
	cJSON_AddNumberToObject(o, "max_ports", p->max_ports);
	cJSON_AddNumberToObject(o, "lingering", p->lingering);
	cJSON_AddBoolToObject(o, "redirect_peer",
			      p->knobs & OX_KNOB_REDIRECT_PEER);
	cJSON_AddBoolToObject(o, "drops_told", p->knobs & OX_KNOB_DROPS);
	cJSON_AddNumberToObject(o, "drops", (double)ox_reasons_dropped(p));
	add_counts(o, "reasons", p);
	add_counts(o, "daemon", daemon);
	return o;
}

static int stats_one(struct ox_ctl *ctl, const struct ox_dp_info *dp, cJSON *a)
{
	_cleanup_(ox_port_infos_free) struct ox_port_infos ports = { 0 };
	struct ox_dp_private p, daemon;
	int err = ox_dp_private_get(ctl, dp->ifindex, &p);

	if (!err && !a)
		err = ox_port_list(ctl, dp->ifindex, false, &ports);
	if (!err && a)
		err = ox_daemon_counts_get(ctl, &daemon);
	if (err)
		return err;
	if (a)
		cJSON_AddItemToArray(a, stats_json(dp, &p, &daemon));
	if (a)
		return 0;
	print_stats(ctl->out, dp, &p, ctl->more);
	ox_reasons_print_ports(ctl->out, &ports);
	return 0;
}

int ox_cmd_stats(struct ox_ctl *ctl)
{
	struct ox_dp_private daemon;
	int err = each_dp(ctl, stats_one);

	if (!err && !ctl->json && !ctl->argc)
		err = ox_daemon_counts_get(ctl, &daemon);
	if (err || ctl->json || ctl->argc)
		return err;
	fputs("ovsxdpd:\n", ctl->out);
	for (uint32_t i = 0; i < daemon.n_reasons; i++)
		stats_line(ctl->out, daemon.reasons[i].name,
			   daemon.reasons[i].count);
	return 0;
}
