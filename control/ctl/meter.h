/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * meter.h - meters as ovsxdpctl reads, writes and shows them.
 */
#ifndef OVSXDP_CTL_METER_H
#define OVSXDP_CTL_METER_H

#include "control/ctl/ctl.h"

/* meter=N kbps burst bands=type=drop rate=N burst_size=N */
struct ox_meter_spec {
	uint32_t id;
	uint32_t rate;	/* kbit/s or packets/s */
	uint32_t burst; /* kbit or packets */
	bool has_id, kbps, clear, has_band, has_burst;
};
/* Words with blanks or commas between. OX_CTL_USAGE. */
int ox_meter_parse(const char *text, struct ox_meter_spec *m, struct ox_err *e);
/* "5" or "meter=5" */
int ox_meter_parse_id(const char *text, uint32_t *id, struct ox_err *e);

#define OX_METER_INFO_BANDS 8
struct ox_meter_info {
	uint32_t id;
	bool has_stats; /* an answer without: there was no such meter */
	uint64_t used;	/* ms of CLOCK_MONOTONIC */
	struct ovs_flow_stats stats;
	uint32_t n_bands;
	struct ovs_flow_stats bands[OX_METER_INFO_BANDS];
	uint32_t types[OX_METER_INFO_BANDS]; /* of FEATURES, as are */
	uint32_t max_meters, max_bands;
};
void ox_meter_info_read(const struct nlmsghdr *nlh, struct ox_meter_info *m);
void ox_meter_print(FILE *f, const struct ox_meter_info *m);
cJSON *ox_meter_json(const struct ox_meter_info *m);

#endif /* OVSXDP_CTL_METER_H */
