// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * top.c - takes samples of counters. Flows are remembered by a hash of what
 * identifies them, so that a million of them cost 24 MB and not their text.
 */
#include "control/ctl/top.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/now.h"

struct take {
	struct ox_ctl *ctl;
	const struct ox_top_sample *old;
	struct ox_top_sample *s;
	struct ox_odp_ports names; /* owned */
	struct ox_odp_style style;
};

static uint64_t mix(uint64_t h, const struct nlattr *a)
{
	const uint8_t *p = a ? mnl_attr_get_payload(a) : NULL;
	uint32_t len = a ? mnl_attr_get_payload_len(a) : 0;

	for (uint32_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	return h;
}

static uint64_t flow_id(const struct ox_flow_info *fl)
{
	uint64_t h = 0xcbf29ce484222325ull;

	return fl->ufid ? mix(h, fl->ufid) : mix(mix(h, fl->key), fl->mask);
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = ((const struct ox_top_count *)a)->id;
	uint64_t y = ((const struct ox_top_count *)b)->id;

	return x < y ? -1 : x > y;
}

const struct ox_top_count *ox_top_find(const struct ox_top_sample *s,
				       uint64_t id)
{
	struct ox_top_count key = { .id = id };

	if (!s || !s->n_counts)
		return NULL;
	return bsearch(&key, s->counts, s->n_counts, sizeof(key), by_id);
}

static char *flow_text(const struct ox_flow_info *fl,
		       const struct ox_odp_style *st)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	if (fl->key)
		ox_odp_format_key(
			f, mnl_attr_get_payload(fl->key),
			mnl_attr_get_payload_len(fl->key),
			fl->mask ? mnl_attr_get_payload(fl->mask) : NULL,
			fl->mask ? mnl_attr_get_payload_len(fl->mask) : 0, st);
	else if (fl->ufid)
		ox_odp_format_ufid(f, mnl_attr_get_payload(fl->ufid),
				   mnl_attr_get_payload_len(fl->ufid));
	if (fl->actions) {
		fputs(", actions:", f);
		ox_odp_format_actions(f, mnl_attr_get_payload(fl->actions),
				      mnl_attr_get_payload_len(fl->actions),
				      st);
	}
	fclose(f);
	return text;
}

/* Keeps the busiest: the list is short, so insertion is enough. */
static void rank(struct take *t, const struct ox_flow_info *fl,
		 uint64_t packets, uint64_t bytes)
{
	struct ox_top_sample *s = t->s;
	uint32_t i = s->n_busiest;

	while (i && s->busiest[i - 1].packets < packets)
		i--;
	if (!packets || i == OX_TOP_FLOWS)
		return;
	if (s->n_busiest == OX_TOP_FLOWS)
		free(s->busiest[--s->n_busiest].text);
	memmove(&s->busiest[i + 1], &s->busiest[i],
		(s->n_busiest - i) * sizeof(s->busiest[0]));
	s->busiest[i] = (struct ox_top_flow){ packets, bytes,
					      flow_text(fl, &t->style) };
	s->n_busiest++;
}

static int take_flow(const struct nlmsghdr *nlh, void *arg)
{
	struct take *t = arg;
	struct ox_top_sample *s = t->s;
	const struct ox_top_count *before;
	struct ox_flow_info fl;
	struct ox_top_count *c;

	ox_flow_info_read(nlh, &fl);
	if (s->n_counts == s->room) {
		uint32_t room = s->room ? 2 * s->room : 256;

		c = reallocarray(s->counts, room, sizeof(*c));
		if (!c)
			return -ENOMEM;
		s->counts = c;
		s->room = room;
	}
	c = &s->counts[s->n_counts++];
	*c = (struct ox_top_count){ flow_id(&fl), fl.stats.n_packets,
				    fl.stats.n_bytes };
	before = ox_top_find(t->old, c->id);
	/* a flow that is new since then has made all its packets since then */
	if (t->old)
		rank(t, &fl,
		     ox_top_grown(c->packets, before ? before->packets : 0),
		     ox_top_grown(c->bytes, before ? before->bytes : 0));
	return 0;
}

int ox_top_take(struct ox_ctl *ctl, const struct ox_dp_info *dp,
		const struct ox_top_sample *old, struct ox_top_sample *s)
{
	struct take t = { .ctl = ctl, .old = old, .s = s };
	int err;

	memset(s, 0, sizeof(*s));
	s->ns = ox_now_ns();
	s->dp = *dp;
	err = ox_port_list(ctl, dp->ifindex, false, &s->ports);
	if (!err && ctl->names)
		err = ox_port_names(ctl, dp->ifindex, &t.names);
	t.style.names = ctl->names ? &t.names : NULL;
	if (!err)
		err = ox_flow_dump(ctl, dp->ifindex, false, take_flow, &t);
	if (s->n_counts)
		qsort(s->counts, s->n_counts, sizeof(*s->counts), by_id);
	free(t.names.v);
	return err;
}

void ox_top_free(struct ox_top_sample *s)
{
	for (uint32_t i = 0; i < s->n_busiest; i++)
		free(s->busiest[i].text);
	ox_port_infos_free(&s->ports);
	free(s->counts);
	memset(s, 0, sizeof(*s));
}
