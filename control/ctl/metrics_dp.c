// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * metrics_dp.c - metrics of datapaths: lookups, flows, masks, why packets were
 * dropped, which tier took them, meters.
 */
#include <string.h>

#include "control/ctl/metrics.h"

#define FOR_EACH_DP(dp, m)                              \
	for (const struct ox_metrics_dp *dp = (m)->dps; \
	     dp < (m)->dps + (m)->n_dps; dp++)

/* ---- one number a datapath ---- */

static uint64_t n_flows(const struct ox_metrics_dp *dp)
{
	return dp->info.stats.n_flows;
}

static uint64_t n_lingering(const struct ox_metrics_dp *dp)
{
	return dp->private.lingering;
}

static uint64_t n_masks(const struct ox_metrics_dp *dp)
{
	return dp->info.mega.n_masks;
}

static uint64_t n_ports(const struct ox_metrics_dp *dp)
{
	return dp->ports.n;
}

static uint64_t n_meters(const struct ox_metrics_dp *dp)
{
	return dp->n_meters;
}

static uint64_t max_flows(const struct ox_metrics_dp *dp)
{
	return dp->private.max_flows;
}

static uint64_t max_masks(const struct ox_metrics_dp *dp)
{
	return dp->private.max_masks;
}

static uint64_t max_ports(const struct ox_metrics_dp *dp)
{
	return dp->private.max_ports;
}

static uint64_t n_mask_hit(const struct ox_metrics_dp *dp)
{
	return dp->info.mega.n_mask_hit;
}

static uint64_t n_cache_hit(const struct ox_metrics_dp *dp)
{
	return dp->info.mega.n_cache_hit;
}

static uint64_t cache_size(const struct ox_metrics_dp *dp)
{
	return dp->info.cache_size;
}

static uint64_t n_lost(const struct ox_metrics_dp *dp)
{
	return dp->info.stats.n_lost;
}

static const struct {
	const char *name;
	enum ox_expose_type type;
	uint64_t (*get)(const struct ox_metrics_dp *dp);
	const char *help;
} simple[] = {
	{ "ovsxdp_flows", OX_GAUGE, n_flows, "Flows in the datapath." },
	{ "ovsxdp_flows_lingering", OX_GAUGE, n_lingering,
	  "Flows that a flush has left to the packets for some time." },
	{ "ovsxdp_flows_limit", OX_GAUGE, max_flows,
	  "Flows that the datapath has room for." },
	{ "ovsxdp_masks", OX_GAUGE, n_masks, "Different masks of the flows." },
	{ "ovsxdp_masks_limit", OX_GAUGE, max_masks,
	  "Different masks that the datapath has room for." },
	{ "ovsxdp_ports", OX_GAUGE, n_ports, "Ports of the datapath." },
	{ "ovsxdp_ports_limit", OX_GAUGE, max_ports,
	  "Ports that the datapath has room for." },
	{ "ovsxdp_meters", OX_GAUGE, n_meters, "Meters of the datapath." },
	{ "ovsxdp_mask_cache_entries", OX_GAUGE, cache_size,
	  "Size of the mask cache of each CPU; 0 if it is off." },
	{ "ovsxdp_mask_cache_hit_packets", OX_COUNTER, n_cache_hit,
	  "Packets whose flow the mask cache found." },
	{ "ovsxdp_mask_lookups", OX_COUNTER, n_mask_hit,
	  "Masks that were tried, of all packets." },
	{ "ovsxdp_upcall_lost_packets", OX_COUNTER, n_lost,
	  "Packets that user space should have got and didn't; "
	  "ovsxdp_drop_packets_total says why." },
};

static void print_simple(struct ox_expose *x, const struct ox_metrics *m)
{
	for (size_t i = 0; i < sizeof(simple) / sizeof(*simple); i++) {
		ox_expose_family(x, simple[i].name, simple[i].type,
				 simple[i].help);
		FOR_EACH_DP(dp, m)
		ox_expose_u64(x, simple[i].get(dp), "dp", dp->info.name, NULL);
	}
}

static void print_lookups(struct ox_expose *x, const struct ox_metrics *m)
{
	ox_expose_family(x, "ovsxdp_lookup_packets", OX_COUNTER,
			 "Packets that were looked up, by whether they met a "
			 "flow.");
	FOR_EACH_DP(dp, m)
	{
		ox_expose_u64(x, dp->info.stats.n_hit, "dp", dp->info.name,
			      "result", "hit", NULL);
		ox_expose_u64(x, dp->info.stats.n_missed, "dp", dp->info.name,
			      "result", "missed", NULL);
	}
}

/* ---- reasons ---- */

static void print_reasons(struct ox_expose *x, const struct ox_metrics *m,
			  bool drops, const char *label)
{
	FOR_EACH_DP(dp, m)
	for (uint32_t i = 0; i < dp->private.n_reasons; i++) {
		const struct ox_dp_reason *r = &dp->private.reasons[i];

		if (ox_reason_is_drop(r->name) == drops)
			ox_expose_u64(x, r->count, "dp", dp->info.name, label,
				      r->name, NULL);
	}
}

static uint64_t reason_of(const struct ox_metrics_dp *dp, const char *name)
{
	for (uint32_t i = 0; i < dp->private.n_reasons; i++)
		if (!strcmp(dp->private.reasons[i].name, name))
			return dp->private.reasons[i].count;
	return 0;
}

static void print_tiers(struct ox_expose *x, const struct ox_metrics *m)
{
	ox_expose_family(x, "ovsxdp_tier_packets", OX_COUNTER,
			 "Packets that a tier got from the one above it, "
			 "misses excluded.");
	FOR_EACH_DP(dp, m)
	{
		ox_expose_u64(x, reason_of(dp, "to_skb"), "dp", dp->info.name,
			      "tier", "skb", NULL);
		ox_expose_u64(x, reason_of(dp, "to_user"), "dp", dp->info.name,
			      "tier", "user", NULL);
	}
}

/* ---- meters ---- */

static const struct {
	const char *name, *help;
	bool band, bytes;
} meter_counts[] = {
	{ "ovsxdp_meter_packets", "Packets that met the meter.", false, false },
	{ "ovsxdp_meter_bytes", "Bytes of packets that met the meter.", false,
	  true },
	{ "ovsxdp_meter_band_packets", "Packets over the rate of the band.",
	  true, false },
	{ "ovsxdp_meter_band_bytes", "Bytes of packets over the band's rate.",
	  true, true },
};

static void print_meter(struct ox_expose *x, const char *dp,
			const struct ox_metrics_meter *t, size_t i)
{
	char id[16];

	snprintf(id, sizeof(id), "%u", t->id);
	if (!meter_counts[i].band)
		ox_expose_u64(x, meter_counts[i].bytes ? t->bytes : t->packets,
			      "dp", dp, "meter", id, NULL);
	else if (t->has_band)
		ox_expose_u64(x,
			      meter_counts[i].bytes ? t->band_bytes
						    : t->band_packets,
			      "dp", dp, "meter", id, "band", "0", NULL);
}

static void print_meters(struct ox_expose *x, const struct ox_metrics *m)
{
	for (size_t i = 0; i < sizeof(meter_counts) / sizeof(*meter_counts);
	     i++) {
		ox_expose_family(x, meter_counts[i].name, OX_COUNTER,
				 meter_counts[i].help);
		FOR_EACH_DP(dp, m)
		for (uint32_t j = 0; j < dp->n_meters; j++)
			print_meter(x, dp->info.name, &dp->meters[j], i);
	}
}

void ox_metrics_print_dps(struct ox_expose *x, const struct ox_metrics *m)
{
	print_simple(x, m);
	print_lookups(x, m);
	ox_expose_family(x, "ovsxdp_drop_packets", OX_COUNTER,
			 "Packets that were dropped, by reason; "
			 "ovsxdpctl(8) explains them.");
	print_reasons(x, m, true, "reason");
	ox_expose_family(x, "ovsxdp_event_packets", OX_COUNTER,
			 "Packets that went on another way than the shortest, "
			 "by reason.");
	print_reasons(x, m, false, "event");
	print_tiers(x, m);
	print_meters(x, m);
}
