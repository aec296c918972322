// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * codec_meter.c - attributes of the family "ovs_meter"; see codec_meter.h.
 */
#include "control/codec/codec_meter.h"

#include <errno.h>
#include <string.h>

/* The module has no type for STATS, just a least length. */
const struct ox_nla_policy ox_meter_policy[OVS_METER_ATTR_MAX + 1] = {
	[OVS_METER_ATTR_ID] = { .type = OX_NLA_U32 },
	[OVS_METER_ATTR_KBPS] = { .type = OX_NLA_FLAG },
	[OVS_METER_ATTR_STATS] = { .type = OX_NLA_MIN,
				   .len = sizeof(struct ovs_flow_stats) },
	[OVS_METER_ATTR_BANDS] = { .type = OX_NLA_NESTED },
	[OVS_METER_ATTR_USED] = { .type = OX_NLA_U64 },
	[OVS_METER_ATTR_CLEAR] = { .type = OX_NLA_FLAG },
	[OVS_METER_ATTR_MAX_METERS] = { .type = OX_NLA_U32 },
	[OVS_METER_ATTR_MAX_BANDS] = { .type = OX_NLA_U32 },
};

static const struct ox_nla_policy band_policy[OVS_BAND_ATTR_MAX + 1] = {
	[OVS_BAND_ATTR_TYPE] = { .type = OX_NLA_U32 },
	[OVS_BAND_ATTR_RATE] = { .type = OX_NLA_U32 },
	[OVS_BAND_ATTR_BURST] = { .type = OX_NLA_U32 },
	[OVS_BAND_ATTR_STATS] = { .type = OX_NLA_MIN,
				  .len = sizeof(struct ovs_flow_stats) },
};

static int band_decode(const struct nlattr *band, struct ox_meter *m)
{
	const struct nlattr *tb[OVS_BAND_ATTR_MAX + 1];
	int err;

	err = ox_attrs_parse(band, mnl_attr_get_payload(band),
			     mnl_attr_get_payload_len(band), band_policy,
			     OVS_BAND_ATTR_MAX, tb, NULL);
	if (err)
		return err;
	if (!tb[OVS_BAND_ATTR_TYPE] || !tb[OVS_BAND_ATTR_RATE] ||
	    !tb[OVS_BAND_ATTR_BURST])
		return -EINVAL;
	m->rate = mnl_attr_get_u32(tb[OVS_BAND_ATTR_RATE]);
	if (!m->rate)
		return -EINVAL;
	m->flags |= OX_METER_BAND;
	/* a band of another type is counted and refilled, but drops nothing */
	if (mnl_attr_get_u32(tb[OVS_BAND_ATTR_TYPE]) !=
	    OVS_METER_BAND_TYPE_DROP)
		m->flags |= OX_METER_NO_DROP;
	m->burst = mnl_attr_get_u32(tb[OVS_BAND_ATTR_BURST]);
	/* full at first; after max_delta_t it is full again, however empty */
	m->bucket = (uint64_t)m->burst * 1000;
	m->max_delta_t = m->bucket / m->rate;
	return 0;
}

static int bands_decode(const struct nlattr *nest, struct ox_meter *m)
{
	const struct nlattr *band, *only = NULL;
	uint32_t n = 0;

	mnl_attr_for_each_nested (band, nest) {
		if (++n > OX_METER_MAX_BANDS)
			return -EINVAL;
		only = band;
	}
	return only ? band_decode(only, m) : 0;
}

int ox_meter_decode(const struct nlattr *const *tb, uint64_t now_ms,
		    struct ox_meter *out)
{
	const struct nlattr *stats = tb[OVS_METER_ATTR_STATS];
	struct ovs_flow_stats s;

	memset(out, 0, sizeof(*out));
	if (!tb[OVS_METER_ATTR_BANDS])
		return -EINVAL;
	out->used = now_ms;
	if (tb[OVS_METER_ATTR_KBPS])
		out->flags |= OX_METER_KBPS;
	if (!tb[OVS_METER_ATTR_CLEAR])
		out->flags |= OX_METER_KEEP_STATS;
	/* a client may hand back what it had counted before */
	if ((out->flags & OX_METER_KEEP_STATS) && stats) {
		memcpy(&s, mnl_attr_get_payload(stats), sizeof(s));
		out->packets = s.n_packets;
		out->bytes = s.n_bytes;
	}
	return bands_decode(tb[OVS_METER_ATTR_BANDS], out);
}

static int stats_put(struct ox_nlbuf *b, uint16_t type, uint64_t packets,
		     uint64_t bytes)
{
	struct ovs_flow_stats s = { .n_packets = packets, .n_bytes = bytes };

	return ox_nl_put(b, type, &s, sizeof(s));
}

static int band_put(struct ox_nlbuf *b, const struct ox_meter *m)
{
	uint32_t mark;

	if (ox_nl_nest(b, OVS_BAND_ATTR_UNSPEC, &mark) ||
	    stats_put(b, OVS_BAND_ATTR_STATS, m->band_packets, m->band_bytes))
		return -EMSGSIZE;
	ox_nl_nest_end(b, mark);
	return 0;
}

int ox_meter_stats_put(struct ox_nlbuf *b, uint32_t id,
		       const struct ox_meter *m)
{
	uint32_t mark;

	if (ox_nl_put_u32(b, OVS_METER_ATTR_ID, id) ||
	    stats_put(b, OVS_METER_ATTR_STATS, m->packets, m->bytes) ||
	    ox_nl_put_u64(b, OVS_METER_ATTR_USED, m->used) ||
	    ox_nl_nest(b, OVS_METER_ATTR_BANDS, &mark))
		return -EMSGSIZE;
	if ((m->flags & OX_METER_BAND) && band_put(b, m))
		return -EMSGSIZE;
	ox_nl_nest_end(b, mark);
	return 0;
}

int ox_meter_features_put(struct ox_nlbuf *b)
{
	uint32_t bands, band;

	if (ox_nl_put_u32(b, OVS_METER_ATTR_MAX_METERS, OX_MAX_METERS) ||
	    ox_nl_put_u32(b, OVS_METER_ATTR_MAX_BANDS, OX_METER_MAX_BANDS) ||
	    ox_nl_nest(b, OVS_METER_ATTR_BANDS, &bands) ||
	    ox_nl_nest(b, OVS_BAND_ATTR_UNSPEC, &band) ||
	    ox_nl_put_u32(b, OVS_BAND_ATTR_TYPE, OVS_METER_BAND_TYPE_DROP))
		return -EMSGSIZE;
	ox_nl_nest_end(b, band);
	ox_nl_nest_end(b, bands);
	return 0;
}
