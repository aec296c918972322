// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * reason.c - what the counters of OX_REASONS mean, and how stats prints them:
 * drops and events apart, without those that are 0 unless all are asked for.
 */
#include "control/ctl/ctl.h"

#include <inttypes.h>
#include <string.h>

static const struct reason_info {
	const char *name;
	bool drop;
	const char *text;
} infos[] = {
#define INFO(id, name, kind, text) { name, OX_R_IS_##kind, text },
	OX_REASONS(INFO)
#undef INFO
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

void ox_reasons_print(FILE *f, const struct ox_dp_private *p, bool more)
{
	static const char *const titles[N_GROUPS] = { "drops", "events",
						      "others" };

	for (int i = 0; i < N_GROUPS; i++)
		print_group(f, p, (enum group)i, titles[i], more);
}
