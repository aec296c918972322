/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * codec_meter.h - OVS_METER_ATTR_* to struct ox_meter and back; no socket, no
 * map.
 */
#ifndef OVSXDP_CODEC_METER_H
#define OVSXDP_CODEC_METER_H

#include <stdint.h>

#include "control/base/attr.h"
#include "control/base/nlbuf.h"
#include "ovsxdp/abi.h"
#include "ovsxdp/uapi.h"

#define OX_METER_MAX_BANDS 1 /* DP_MAX_BANDS */

extern const struct ox_nla_policy ox_meter_policy[OVS_METER_ATTR_MAX + 1];

/*
 * A meter as a request describes it, its bucket full, created at now_ms
 * (CLOCK_MONOTONIC). tb: by ox_meter_policy. -EINVAL, -ERANGE as the module,
 * which says no more than that.
 */
int ox_meter_decode(const struct nlattr *const *tb, uint64_t now_ms,
		    struct ox_meter *out);

/* What GET and DEL answer, and SET of the meter that was there before. */
int ox_meter_stats_put(struct ox_nlbuf *b, uint32_t id,
		       const struct ox_meter *m);
/* What FEATURES answers. */
int ox_meter_features_put(struct ox_nlbuf *b);

#endif /* OVSXDP_CODEC_METER_H */
