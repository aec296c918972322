// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * meter.c - meters: as text in the words of ovs-ofctl(8), and as the family
 * ovs_meter describes them.
 */
#include "control/ctl/meter.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "ovsxdp/now.h"

#define BLANK ", \t\r\n"

struct scan {
	const char *p; /* the word */
	size_t len;
	struct ox_err *e;
};

static bool next_word(struct scan *s)
{
	s->p += s->len;
	s->p += strspn(s->p, BLANK);
	s->len = strcspn(s->p, BLANK);
	return s->len;
}

static bool is(const struct scan *s, const char *word)
{
	return strlen(word) == s->len && !memcmp(s->p, word, s->len);
}

/* 1: the word is name=NUMBER; 0: it isn't; a usage error. */
static int number(const struct scan *s, const char *name, uint32_t *v)
{
	size_t n = strlen(name);
	char text[16];
	int err;

	if (s->len < n || memcmp(s->p, name, n))
		return 0;
	if (s->len - n >= sizeof(text))
		return ox_err_set(s->e, OX_CTL_USAGE,
				  "'%.40s': a number of 32 bits", s->p);
	memcpy(text, s->p + n, s->len - n);
	text[s->len - n] = '\0';
	err = ox_arg_u32(text, UINT32_MAX, v, s->e);
	if (err) /* a rate has no unit */
		ox_err_set(s->e, err,
			   "%s'%s' is not a number; kbps makes it kbit/s", name,
			   text);
	return err ? err : 1;
}

/* What may follow bands=, which is where a band begins. */
static int band_word(struct scan *s, struct ox_meter_spec *m)
{
	int err;

	if (s->len > 5 && !memcmp(s->p, "type=", 5)) {
		if (!is(s, "type=drop"))
			return ox_err_set(s->e, OX_CTL_USAGE,
					  "'%.40s': bands can only drop", s->p);
		if (m->has_band)
			return ox_err_set(s->e, OX_CTL_USAGE,
					  "a meter can have only one band");
		m->has_band = true;
		return 1;
	}
	err = number(s, "rate=", &m->rate);
	if (err)
		return err;
	err = number(s, "burst_size=", &m->burst);
	m->has_burst |= err > 0;
	return err;
}

static int meter_word(struct scan *s, struct ox_meter_spec *m)
{
	int err = number(s, "meter=", &m->id);

	if (err) {
		m->has_id = true;
		return err;
	}
	if (is(s, "kbps"))
		m->kbps = true;
	else if (is(s, "clear"))
		m->clear = true;
	/* the others are what a meter is anyway */
	else if (!is(s, "pktps") && !is(s, "burst") && !is(s, "stats"))
		return 0;
	return 1;
}

static int word(struct scan *s, struct ox_meter_spec *m)
{
	int err;

	if (s->len >= 6 &&
	    (!memcmp(s->p, "bands=", 6) || !strncmp(s->p, "band=", 5))) {
		size_t n = s->p[4] == '=' ? 5 : 6;

		s->p += n;
		s->len -= n;
		if (!s->len)
			return 0;
	}
	err = meter_word(s, m);
	if (!err)
		err = band_word(s, m);
	if (!err)
		err = ox_err_set(s->e, OX_CTL_USAGE,
				 "'%.40s': meter= kbps pktps burst stats clear "
				 "and bands=type=drop,rate=,burst_size= are "
				 "known",
				 s->p);
	return err < 0 ? err : 0;
}

int ox_meter_parse(const char *text, struct ox_meter_spec *m, struct ox_err *e)
{
	struct scan s = { .p = text, .e = e };
	int err = 0;

	memset(m, 0, sizeof(*m));
	while (!err && next_word(&s))
		err = word(&s, m);
	if (err)
		return err;
	if (!m->has_id)
		return ox_err_set(e, OX_CTL_USAGE, "which meter? meter=N");
	if (m->has_band && !m->rate)
		return ox_err_set(e, OX_CTL_USAGE, "a band needs a rate=");
	if (!m->has_band && (m->rate || m->has_burst))
		return ox_err_set(e, OX_CTL_USAGE,
				  "rate= and burst_size= are a band's: "
				  "bands=type=drop,rate=...");
	/* as Open vSwitch: a second's worth */
	if (!m->has_burst)
		m->burst = m->rate;
	return 0;
}

int ox_meter_parse_id(const char *text, uint32_t *id, struct ox_err *e)
{
	return ox_arg_u32(strncmp(text, "meter=", 6) ? text : text + 6,
			  UINT32_MAX, id, e);
}

static void stats_read(const struct nlattr *a, struct ovs_flow_stats *s)
{
	const void *p = ox_attr_data(a, sizeof(*s));

	memset(s, 0, sizeof(*s));
	if (p)
		memcpy(s, p, sizeof(*s));
}

void ox_meter_info_read(const struct nlmsghdr *nlh, struct ox_meter_info *m)
{
	const struct nlattr *tb[OVS_METER_ATTR_MAX + 1];
	const struct nlattr *band[OVS_BAND_ATTR_MAX + 1], *a;

	memset(m, 0, sizeof(*m));
	ox_msg_attrs(nlh, tb, OVS_METER_ATTR_MAX);
	m->id = ox_attr_u32(tb[OVS_METER_ATTR_ID], 0);
	m->has_stats = tb[OVS_METER_ATTR_STATS];
	m->used = ox_attr_u64(tb[OVS_METER_ATTR_USED], 0);
	stats_read(tb[OVS_METER_ATTR_STATS], &m->stats);
	m->max_meters = ox_attr_u32(tb[OVS_METER_ATTR_MAX_METERS], 0);
	m->max_bands = ox_attr_u32(tb[OVS_METER_ATTR_MAX_BANDS], 0);
	if (!tb[OVS_METER_ATTR_BANDS])
		return;
	mnl_attr_for_each_nested (a, tb[OVS_METER_ATTR_BANDS]) {
		if (m->n_bands == OX_METER_INFO_BANDS)
			break;
		ox_nest_attrs(a, band, OVS_BAND_ATTR_MAX);
		stats_read(band[OVS_BAND_ATTR_STATS], &m->bands[m->n_bands]);
		m->types[m->n_bands++] =
			ox_attr_u32(band[OVS_BAND_ATTR_TYPE], 0);
	}
}

static double since(uint64_t ms)
{
	return (double)ox_now_ns() / 1e9 - (double)ms / 1e3;
}

void ox_meter_print(FILE *f, const struct ox_meter_info *m)
{
	fprintf(f,
		"meter:%" PRIu32 " packet_in_count:%" PRIu64
		" byte_in_count:%" PRIu64 " used:%.3fs bands:\n",
		m->id, (uint64_t)m->stats.n_packets, (uint64_t)m->stats.n_bytes,
		since(m->used));
	for (uint32_t i = 0; i < m->n_bands; i++)
		fprintf(f,
			"%" PRIu32 ": packet_count:%" PRIu64
			" byte_count:%" PRIu64 "\n",
			i, (uint64_t)m->bands[i].n_packets,
			(uint64_t)m->bands[i].n_bytes);
}

static void stats_json(cJSON *o, const struct ovs_flow_stats *s)
{
	cJSON_AddNumberToObject(o, "packets", (double)s->n_packets);
	cJSON_AddNumberToObject(o, "bytes", (double)s->n_bytes);
}

cJSON *ox_meter_json(const struct ox_meter_info *m)
{
	cJSON *o = cJSON_CreateObject(), *bands;

	cJSON_AddNumberToObject(o, "meter", m->id);
	stats_json(o, &m->stats);
	cJSON_AddNumberToObject(o, "idle_ms",
				(double)(int64_t)(since(m->used) * 1000));
	bands = cJSON_AddArrayToObject(o, "bands");
	for (uint32_t i = 0; i < m->n_bands; i++) {
		cJSON *band = cJSON_CreateObject();

		stats_json(band, &m->bands[i]);
		cJSON_AddItemToArray(bands, band);
	}
	return o;
}
