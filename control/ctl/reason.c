// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * reason.c - what the counters of OX_REASONS mean, and how stats prints them:
 * drops and events apart, without those that are 0 unless all are asked for.
 */
#include "control/ctl/ctl.h"

#include <inttypes.h>
#include <string.h>

#include "control/ctl/near.h"
#include "ovsxdp/reason_kernel.h"

static const struct reason_info {
	const char *name;
	bool drop;
	const char *text;
} infos[] = {
#define INFO(id, name, kind, text) { name, OX_R_IS_##kind, text },
	OX_REASONS(INFO)
#undef INFO
};

/* The module's name of a drop; NULL: it has none. */
static const char *const kernel_names[OX_R_COUNT] = {
#define KERNEL_NAME(id, name) [OX_R_##id] = (name),
	OX_REASONS_KERNEL(KERNEL_NAME)
#undef KERNEL_NAME
};

/* NULL: a daemon that is newer than this program counts it. */
static const struct reason_info *info_of(const struct ox_dp_reason *r)
{
	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++)
		if (!strcmp(infos[i].name, r->name))
			return &infos[i];
	return NULL;
}

bool ox_reason_is_drop(const char *name)
{
	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++)
		if (!strcmp(infos[i].name, name))
			return infos[i].drop;
	return false;
}

const char *ox_reason_kernel_name(const char *name)
{
	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++)
		if (!strcmp(infos[i].name, name))
			return kernel_names[i];
	return NULL;
}

const char *ox_reason_near(const char *name)
{
	struct ox_near near;

	ox_near_begin(&near, name, strlen(name));
	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++)
		if (infos[i].drop)
			ox_near_try(&near, infos[i].name);
	return near.best;
}

enum group { DROPS, EVENTS, OTHERS, N_GROUPS };

static enum group group_of(const struct ox_dp_reason *r)
{
	const struct reason_info *i = info_of(r);

	if (!i)
		return OTHERS;
	return i->drop ? DROPS : EVENTS;
}

uint64_t ox_reasons_dropped(const struct ox_dp_private *p)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < p->n_reasons; i++)
		if (group_of(&p->reasons[i]) == DROPS)
			n += p->reasons[i].count;
	return n;
}

static void print_one(FILE *f, const struct ox_dp_reason *r, bool more)
{
	const struct reason_info *info = more ? info_of(r) : NULL;

	fprintf(f, "    %-18s ", r->name);
	if (info)
		fprintf(f, "%-12" PRIu64 " %s\n", r->count, info->text);
	else
		fprintf(f, "%" PRIu64 "\n", r->count);
	if (info && kernel_names[info - infos])
		fprintf(f, "%36s(%s)\n", "", kernel_names[info - infos]);
}

static void print_group(FILE *f, const struct ox_dp_private *p,
			enum group group, const char *title, bool more)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->n_reasons; i++) {
		const struct ox_dp_reason *r = &p->reasons[i];

		if (group_of(r) != group || (!r->count && !more))
			continue;
		if (!n++)
			fprintf(f, "  %s:\n", title);
		print_one(f, r, more);
	}
	if (!n && group != OTHERS)
		fprintf(f, "  %s: none\n", title);
}

/* "name 5" of what isn't 0. */
static void print_port_counts(FILE *f, const struct ox_port_info *p)
{
	const struct {
		const char *name;
		uint64_t v;
	} counts[] = {
		{ "rx_errors", p->stats.rx_errors },
		{ "rx_dropped", p->stats.rx_dropped },
		{ "tx_errors", p->stats.tx_errors },
		{ "tx_dropped", p->stats.tx_dropped },
		{ "upcalls_failed", p->upcalls_failed },
	};

	fprintf(f, "    %-18s", p->name);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (counts[i].v)
			fprintf(f, " %s %" PRIu64, counts[i].name, counts[i].v);
	fputc('\n', f);
}

void ox_reasons_print_ports(FILE *f, const struct ox_port_infos *l)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		const struct ovs_vport_stats *s = &l->v[i].stats;

		if (!(s->rx_errors | s->rx_dropped | s->tx_errors |
		      s->tx_dropped | l->v[i].upcalls_failed))
			continue;
		if (!n++)
			fputs("  ports with losses:\n", f);
		print_port_counts(f, &l->v[i]);
	}
	if (!n)
		fputs("  ports with losses: none\n", f);
}

void ox_reasons_print(FILE *f, const struct ox_dp_private *p, bool more)
{
	static const char *const titles[N_GROUPS] = { "drops", "events",
						      "others" };

	for (int i = 0; i < N_GROUPS; i++)
		print_group(f, p, (enum group)i, titles[i], more);
}
