/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * metrics.h - what the daemon of a network namespace counts, taken once and
 * written as metrics (docs/metrics.md). Its size and its cost grow with
 * datapaths, ports, meters and zones, and not with flows or connections.
 */
#ifndef OVSXDP_CTL_METRICS_H
#define OVSXDP_CTL_METRICS_H

#include "control/ctl/ctl.h"
#include "control/ctl/expose.h"

struct ox_metrics_meter {
	uint32_t id;
	bool has_band;
	uint64_t packets, bytes, band_packets, band_bytes;
};

struct ox_metrics_dp {
	struct ox_dp_info info;
	struct ox_dp_private private;
	struct ox_port_infos ports;
	struct ox_metrics_meter *meters; /* owned */
	uint32_t n_meters;
};

struct ox_metrics_zone {
	uint32_t zone, entries, limit;
	bool has_limit;
};

struct ox_metrics {
	struct ox_metrics_dp *dps; /* owned */
	uint32_t n_dps;
	struct ox_dp_private daemon; /* its reasons */
	bool has_ct;
	struct ox_dp_private ct;       /* the same */
	struct ox_metrics_zone *zones; /* owned */
	uint32_t n_zones;
	double seconds; /* that it took */
};

/* A datapath that goes meanwhile is left out. */
int ox_metrics_get(struct ox_ctl *ctl, struct ox_metrics *m);
void ox_metrics_free(struct ox_metrics *m);
/* m NULL: no daemon answers, which is one of the metrics. */
void ox_metrics_print(struct ox_expose *x, const struct ox_metrics *m);

/* ---- metrics_dp.c ---- */
void ox_metrics_print_dps(struct ox_expose *x, const struct ox_metrics *m);
/* ---- metrics_port.c ---- */
void ox_metrics_print_ports(struct ox_expose *x, const struct ox_metrics *m);
/* ---- metrics_daemon.c ---- */
void ox_metrics_print_daemon(struct ox_expose *x, const struct ox_metrics *m);
void ox_metrics_print_ct(struct ox_expose *x, const struct ox_metrics *m);

#endif /* OVSXDP_CTL_METRICS_H */
