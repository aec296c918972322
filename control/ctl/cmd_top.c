// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_top.c - top: rates per datapath, port and flow between two samples.
 */
#include "control/ctl/top.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ovsxdp/cleanup.h"

/* The samples of all datapaths at one moment. */
struct round {
	struct ox_top_sample *v; /* owned */
	uint32_t n;
};

static void round_free(struct round *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		ox_top_free(&r->v[i]);
	free(r->v);
	memset(r, 0, sizeof(*r));
}

static const struct ox_top_sample *round_find(const struct round *r,
					      uint32_t ifindex)
{
	for (uint32_t i = 0; i < r->n; i++)
		if (r->v[i].dp.ifindex == ifindex)
			return &r->v[i];
	return NULL;
}

static int round_take(struct ox_ctl *ctl, const struct round *old,
		      struct round *r)
{
	_cleanup_(ox_dp_infos_free) struct ox_dp_infos l = { 0 };
	int err = ox_dp_arg_or_all(ctl, &l);

	if (err)
		return err;
	r->v = calloc(l.n + 1, sizeof(*r->v));
	if (!r->v)
		return -ENOMEM;
	for (uint32_t i = 0; !err && i < l.n; i++) {
		err = ox_top_take(ctl, &l.v[i], round_find(old, l.v[i].ifindex),
				  &r->v[i]);
		r->n++;
	}
	return err;
}

static double rate(uint64_t now, uint64_t before, double seconds)
{
	return (double)ox_top_grown(now, before) / seconds;
}

/* 1234567 -> "1.2M": rates of a link fit a column. */
static const char *human(double v, char buf[16])
{
	static const char units[] = " kMGT";
	int u = 0;

	while (v >= 9999.5 && units[u + 1]) {
		v /= 1000;
		u++;
	}
	if (u)
		snprintf(buf, 16, "%.1f%c", v, units[u]);
	else
		snprintf(buf, 16, "%.0f", v);
	return buf;
}

static void cell(FILE *f, double v)
{
	char buf[16];

	fprintf(f, " %9s", human(v, buf));
}

static const struct ovs_vport_stats *port_before(const struct ox_top_sample *s,
						 const struct ox_port_info *p)
{
	for (uint32_t i = 0; i < s->ports.n; i++)
		if (s->ports.v[i].no == p->no &&
		    s->ports.v[i].ifindex == p->ifindex)
			return &s->ports.v[i].stats;
	return &p->stats; /* new: no rate yet */
}

static void print_ports(FILE *f, const struct ox_top_sample *old,
			const struct ox_top_sample *s, double sec)
{
	fprintf(f, "  %4s %-15s %9s %9s %9s %9s %9s\n", "PORT", "NAME",
		"RX pps", "RX bit/s", "TX pps", "TX bit/s", "drop/s");
	for (uint32_t i = 0; i < s->ports.n; i++) {
		const struct ox_port_info *p = &s->ports.v[i];
		const struct ovs_vport_stats *n = &p->stats;
		const struct ovs_vport_stats *b = port_before(old, p);

		fprintf(f, "  %4u %-15s", p->no, p->name);
		cell(f, rate(n->rx_packets, b->rx_packets, sec));
		cell(f, rate(n->rx_bytes, b->rx_bytes, sec) * 8);
		cell(f, rate(n->tx_packets, b->tx_packets, sec));
		cell(f, rate(n->tx_bytes, b->tx_bytes, sec) * 8);
		cell(f, rate(n->rx_dropped + n->tx_dropped,
			     b->rx_dropped + b->tx_dropped, sec));
		fputc('\n', f);
	}
}

static void print_flows(FILE *f, const struct ox_top_sample *s, double sec)
{
	if (!s->n_busiest)
		return;
	fprintf(f, "  %9s %9s FLOW\n", "pps", "bit/s");
	for (uint32_t i = 0; i < s->n_busiest; i++) {
		const struct ox_top_flow *b = &s->busiest[i];

		fputc(' ', f);
		cell(f, (double)b->packets / sec);
		cell(f, (double)b->bytes * 8 / sec);
		fprintf(f, " %s\n", b->text ? b->text : "");
	}
}

static void print_sample(FILE *f, const struct ox_top_sample *old,
			 const struct ox_top_sample *s, double sec)
{
	const struct ovs_dp_stats *n = &s->dp.stats, *b = &old->dp.stats;
	double hit = rate(n->n_hit, b->n_hit, sec);
	double missed = rate(n->n_missed, b->n_missed, sec);
	double masks =
		rate(s->dp.mega.n_mask_hit, old->dp.mega.n_mask_hit, sec);
	double cached =
		rate(s->dp.mega.n_cache_hit, old->dp.mega.n_cache_hit, sec);
	double all = hit + missed;
	char h[16], m[16], l[16];

	fprintf(f,
		"%s: hit/s:%s missed/s:%s lost/s:%s flows:%" PRIu64
		" masks:%u masks/pkt:%.2f cache:%.1f%%\n",
		s->dp.name, human(hit, h), human(missed, m),
		human(rate(n->n_lost, b->n_lost, sec), l), (uint64_t)n->n_flows,
		s->dp.mega.n_masks, all > 0 ? masks / all : 0.0,
		all > 0 ? 100 * cached / all : 0);
	print_ports(f, old, s, sec);
	print_flows(f, s, sec);
}

static cJSON *port_json(const struct ox_port_info *p,
			const struct ovs_vport_stats *b, double sec)
{
	const struct ovs_vport_stats *n = &p->stats;
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "port_no", p->no);
	cJSON_AddStringToObject(o, "name", p->name);
	cJSON_AddNumberToObject(o, "rx_pps",
				rate(n->rx_packets, b->rx_packets, sec));
	cJSON_AddNumberToObject(o, "rx_bps",
				8 * rate(n->rx_bytes, b->rx_bytes, sec));
	cJSON_AddNumberToObject(o, "tx_pps",
				rate(n->tx_packets, b->tx_packets, sec));
	cJSON_AddNumberToObject(o, "tx_bps",
				8 * rate(n->tx_bytes, b->tx_bytes, sec));
	cJSON_AddNumberToObject(o, "drops_ps",
				rate(n->rx_dropped + n->tx_dropped,
				     b->rx_dropped + b->tx_dropped, sec));
	return o;
}

static cJSON *sample_json(const struct ox_top_sample *old,
			  const struct ox_top_sample *s, double sec)
{
	const struct ovs_dp_stats *n = &s->dp.stats, *b = &old->dp.stats;
	cJSON *o = cJSON_CreateObject(), *a;

	cJSON_AddStringToObject(o, "name", s->dp.name);
	cJSON_AddNumberToObject(o, "hit_ps", rate(n->n_hit, b->n_hit, sec));
	cJSON_AddNumberToObject(o, "missed_ps",
				rate(n->n_missed, b->n_missed, sec));
	cJSON_AddNumberToObject(o, "lost_ps", rate(n->n_lost, b->n_lost, sec));
	cJSON_AddNumberToObject(o, "flows", (double)n->n_flows);
	cJSON_AddNumberToObject(o, "masks", s->dp.mega.n_masks);
	a = cJSON_AddArrayToObject(o, "ports");
	for (uint32_t i = 0; i < s->ports.n; i++) {
		const struct ox_port_info *p = &s->ports.v[i];

		cJSON_AddItemToArray(a, port_json(p, port_before(old, p), sec));
	}
	a = cJSON_AddArrayToObject(o, "top_flows");
	for (uint32_t i = 0; i < s->n_busiest; i++) {
		const struct ox_top_flow *fl = &s->busiest[i];
		cJSON *v = cJSON_CreateObject();

		cJSON_AddNumberToObject(v, "pps", (double)fl->packets / sec);
		cJSON_AddNumberToObject(v, "bps", (double)fl->bytes * 8 / sec);
		cJSON_AddStringToObject(v, "flow", fl->text ? fl->text : "");
		cJSON_AddItemToArray(a, v);
	}
	return o;
}

static void print_round(struct ox_ctl *ctl, const struct round *old,
			const struct round *r)
{
	cJSON *a = ctl->json ? cJSON_CreateArray() : NULL;

	if (!a && isatty(fileno(ctl->out)))
		fputs("\033[H\033[2J", ctl->out);
	for (uint32_t i = 0; i < r->n; i++) {
		const struct ox_top_sample *s = &r->v[i];
		const struct ox_top_sample *b = round_find(old, s->dp.ifindex);
		double sec;

		if (!b)
			continue; /* new: rates need a second sample */
		sec = (double)(s->ns - b->ns) / 1e9;
		if (a)
			cJSON_AddItemToArray(a, sample_json(b, s, sec));
		else
			print_sample(ctl->out, b, s, sec);
	}
	if (a)
		ox_ctl_print_json(ctl, a, true);
	fflush(ctl->out);
}

static void pause_for(double seconds)
{
	struct timespec ts = { .tv_sec = (time_t)seconds };

	ts.tv_nsec = (long)((seconds - (double)ts.tv_sec) * 1e9);
	nanosleep(&ts, NULL); /* a signal ends it early, as it should */
}

int ox_cmd_top(struct ox_ctl *ctl)
{
	struct round old = { 0 }, now = { 0 };
	int err = round_take(ctl, &old, &now);

	ox_ctl_catch_signals();
	for (uint32_t i = 0; !err && (!ctl->count || i < ctl->count); i++) {
		round_free(&old);
		old = now;
		memset(&now, 0, sizeof(now));
		pause_for(ctl->interval);
		if (ox_ctl_stopped())
			break;
		err = round_take(ctl, &old, &now);
		if (!err)
			print_round(ctl, &old, &now);
	}
	round_free(&old);
	round_free(&now);
	return err;
}
