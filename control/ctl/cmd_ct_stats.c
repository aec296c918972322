// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_ct_stats.c - conntrack-stats: how full the table is, what it has
 * counted, and which zones have the most connections.
 */
#include "control/ctl/ct.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "ovsxdp/abi/ct.h"
#include "ovsxdp/cleanup.h"

#define TOP 10 /* zones, without -m */

static const struct {
	uint16_t type;
	const char *name;
} counts[] = {
	{ CTA_STATS_INSERT, "insert" },
	{ CTA_STATS_INSERT_FAILED, "insert_failed" },
	{ CTA_STATS_INVALID, "invalid" },
	{ CTA_STATS_DROP, "drop" },
	{ CTA_STATS_EARLY_DROP, "early_drop" },
	{ CTA_STATS_SEARCH_RESTART, "search_restart" },
	{ CTA_STATS_CLASH_RESOLVE, "clash_resolve" },
};
#define N_COUNTS (sizeof(counts) / sizeof(*counts))

struct stats {
	uint32_t entries, max;
	uint64_t n[N_COUNTS]; /* of all CPUs */
	uint32_t by_proto[256];
	uint32_t by_zone[OX_CT_ZONES];
};

static uint32_t be32_of(const struct nlattr *a)
{
	return a && mnl_attr_get_payload_len(a) >= 4
		       ? ntohl(mnl_attr_get_u32(a))
		       : 0;
}

static int take_global(const struct nlmsghdr *nlh, void *arg)
{
	struct stats *s = arg;
	const struct nlattr *a;

	mnl_attr_for_each (a, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(a) == CTA_STATS_GLOBAL_ENTRIES)
			s->entries = be32_of(a);
		if (mnl_attr_get_type(a) == CTA_STATS_GLOBAL_MAX_ENTRIES)
			s->max = be32_of(a);
	}
	return 0;
}

static int take_cpu(const struct nlmsghdr *nlh, void *arg)
{
	struct stats *s = arg;
	const struct nlattr *a;

	mnl_attr_for_each (a, nlh, sizeof(struct nfgenmsg)) {
		for (size_t i = 0; i < N_COUNTS; i++)
			if (mnl_attr_get_type(a) == counts[i].type)
				s->n[i] += be32_of(a);
	}
	return 0;
}

static void take_entry(const struct ox_ctnl_entry *e, void *arg)
{
	struct stats *s = arg;

	s->by_proto[e->tuple[0].proto]++;
	s->by_zone[e->zone]++;
}

static int get(struct ox_ctl *ctl, struct stats *s)
{
	struct ox_msg m;
	int err;

	ox_msg_begin_nfnl(&m, NFNL_SUBSYS_CTNETLINK, NLM_F_ACK,
			  IPCTNL_MSG_CT_GET_STATS, AF_UNSPEC);
	err = ox_conn_talk(ctl->conn, &m, take_global, s, &ctl->err);
	if (err)
		return err;
	ox_msg_begin_nfnl(&m, NFNL_SUBSYS_CTNETLINK, NLM_F_DUMP,
			  IPCTNL_MSG_CT_GET_STATS_CPU, AF_UNSPEC);
	err = ox_conn_talk(ctl->conn, &m, take_cpu, s, &ctl->err);
	return err ? err : ox_ct_dump(ctl, -1, take_entry, s);
}

/* The zone with the most connections; it isn't looked at again. -1: none. */
static int32_t largest(struct stats *s, uint32_t *n)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < OX_CT_ZONES; i++)
		if (s->by_zone[i] > s->by_zone[best])
			best = i;
	*n = s->by_zone[best];
	s->by_zone[best] = 0;
	return *n ? (int32_t)best : -1;
}

static void print(struct ox_ctl *ctl, struct stats *s)
{
	uint32_t n, shown = 0;
	int32_t zone;
	char text[8];

	fprintf(ctl->out, "connections: %u, at most %u\n", s->entries, s->max);
	for (int i = 0; i < 256; i++)
		if (s->by_proto[i])
			fprintf(ctl->out, "  %s: %u\n",
				ox_ct_proto_name((uint8_t)i, text),
				s->by_proto[i]);
	while ((ctl->more || shown < TOP) && (zone = largest(s, &n)) >= 0) {
		fprintf(ctl->out, "%s  zone %d: %u\n",
			shown ? "" : "zones with the most:\n", zone, n);
		shown++;
	}
	fputs("counters:\n", ctl->out);
	for (size_t i = 0; i < N_COUNTS; i++)
		fprintf(ctl->out, "  %s: %" PRIu64 "\n", counts[i].name,
			s->n[i]);
}

static cJSON *json(struct ox_ctl *ctl, struct stats *s)
{
	cJSON *o = cJSON_CreateObject(), *protos, *zones, *c;
	uint32_t n, shown = 0;
	int32_t zone;
	char text[8];

	cJSON_AddNumberToObject(o, "connections", s->entries);
	cJSON_AddNumberToObject(o, "max", s->max);
	protos = cJSON_AddObjectToObject(o, "protocols");
	for (int i = 0; i < 256; i++)
		if (s->by_proto[i])
			cJSON_AddNumberToObject(
				protos, ox_ct_proto_name((uint8_t)i, text),
				s->by_proto[i]);
	zones = cJSON_AddArrayToObject(o, "zones");
	while ((ctl->more || shown++ < TOP) && (zone = largest(s, &n)) >= 0) {
		c = cJSON_CreateObject();
		cJSON_AddNumberToObject(c, "zone", zone);
		cJSON_AddNumberToObject(c, "connections", n);
		cJSON_AddItemToArray(zones, c);
	}
	c = cJSON_AddObjectToObject(o, "counters");
	for (size_t i = 0; i < N_COUNTS; i++)
		cJSON_AddNumberToObject(c, counts[i].name, (double)s->n[i]);
	return o;
}

int ox_cmd_conntrack_stats(struct ox_ctl *ctl)
{
	_cleanup_free_ struct stats *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return ox_err_set(&ctl->err, -ENOMEM, "no memory");
	err = get(ctl, s);
	if (err)
		return err;
	if (ctl->json)
		ox_ctl_print_json(ctl, json(ctl, s), false);
	else
		print(ctl, s);
	return 0;
}
