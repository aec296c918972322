// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ctl_meter.c - meters on the command line and in print.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <libmnl/libmnl.h>

#include "control/ctl/meter.h"
#include "ovsxdp/nl.h"

static void spec(void **state)
{
	static const struct {
		const char *text;
		struct ox_meter_spec m;
	} cases[] = {
		{ "meter=5", { .id = 5 } },
		{ "meter=5,kbps,burst,stats,bands=type=drop,rate=1000,"
		  "burst_size=50",
		  { .id = 5,
		    .rate = 1000,
		    .burst = 50,
		    .kbps = true,
		    .has_band = true,
		    .has_burst = true } },
		/* what Open vSwitch takes where no burst is given */
		{ "meter=0xffffffff pktps band=type=drop rate=7",
		  { .id = UINT32_MAX,
		    .rate = 7,
		    .burst = 7,
		    .has_band = true } },
		{ "meter=1,clear,bands=type=drop,rate=4294967295,burst_size=0",
		  { .id = 1,
		    .rate = UINT32_MAX,
		    .clear = true,
		    .has_band = true,
		    .has_burst = true } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ox_meter_spec *want = &cases[i].m;
		struct ox_meter_spec got;
		struct ox_err e = { 0 };

		if (ox_meter_parse(cases[i].text, &got, &e))
			fail_msg("%s: %s", cases[i].text, e.msg);
		assert_true(got.has_id);
		assert_int_equal(got.id, want->id);
		assert_int_equal(got.rate, want->rate);
		assert_int_equal(got.burst, want->burst);
		assert_int_equal(got.kbps, want->kbps);
		assert_int_equal(got.clear, want->clear);
		assert_int_equal(got.has_band, want->has_band);
		assert_int_equal(got.has_burst, want->has_burst);
	}
}

static void spec_bad(void **state)
{
	static const char *const bad[] = {
		"",
		"kbps",
		"meter=",
		"meter=-1",
		"meter=4294967296",
		"meter=1,foo",
		"meter=1,rate=5",
		"meter=1,bands=type=drop",
		"meter=1,bands=type=drop,rate=0",
		"meter=1,bands=type=dscp_remark,rate=5",
		"meter=1,bands=type=drop,rate=5,type=drop,rate=6",
		"meter=1,bands=type=drop,rate=5x",
		"meter=1,burst_size=7",
		"meter=1,burst_size=99999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ox_meter_spec m;
		struct ox_err e = { 0 };

		if (ox_meter_parse(bad[i], &m, &e) != OX_CTL_USAGE)
			fail_msg("'%s' was taken", bad[i]);
		assert_true(*e.msg);
	}
}

static void id(void **state)
{
	uint32_t v;

	(void)state;
	assert_int_equal(ox_meter_parse_id("7", &v, NULL), 0);
	assert_int_equal(v, 7);
	assert_int_equal(ox_meter_parse_id("meter=0x10", &v, NULL), 0);
	assert_int_equal(v, 16);
	assert_int_equal(ox_meter_parse_id("meter", &v, NULL), OX_CTL_USAGE);
}

/* An answer of the daemon, with n bands. */
static void answer(struct ox_msg *m, int n)
{
	struct ovs_flow_stats s = { .n_packets = 12, .n_bytes = 3400 };
	struct nlattr *bands, *band;
	uint64_t used = 1;

	ox_msg_begin(m, OX_GENL_METER, 0, OVS_METER_CMD_GET, 5);
	ox_msg_put_u32(m, OVS_METER_ATTR_ID, 9);
	ox_msg_put(m, OVS_METER_ATTR_STATS, &s, sizeof(s));
	ox_msg_put(m, OVS_METER_ATTR_USED, &used, sizeof(used));
	bands = mnl_attr_nest_start(&m->nlh, OVS_METER_ATTR_BANDS);
	for (int i = 0; i < n; i++) {
		s.n_packets = 1;
		s.n_bytes = 60;
		band = mnl_attr_nest_start(&m->nlh, OVS_BAND_ATTR_UNSPEC);
		ox_msg_put(m, OVS_BAND_ATTR_STATS, &s, sizeof(s));
		mnl_attr_nest_end(&m->nlh, band);
	}
	mnl_attr_nest_end(&m->nlh, bands);
}

static void print(void **state)
{
	static const char head[] =
		"meter:9 packet_in_count:12 byte_in_count:3400 used:";
	static struct ox_msg m;
	struct ox_meter_info info;
	char *text = NULL;
	size_t size;
	FILE *f;

	(void)state;
	answer(&m, 1);
	ox_meter_info_read(&m.nlh, &info);
	assert_true(info.has_stats);
	f = open_memstream(&text, &size);
	assert_non_null(f);
	ox_meter_print(f, &info);
	fclose(f);
	assert_memory_equal(text, head, sizeof(head) - 1);
	assert_string_equal(strstr(text, "s bands:"),
			    "s bands:\n0: packet_count:1 byte_count:60\n");
	free(text);
	/* more than there can be, and nothing at all */
	answer(&m, 20);
	ox_meter_info_read(&m.nlh, &info);
	assert_int_equal(info.n_bands, OX_METER_INFO_BANDS);
	ox_msg_begin(&m, OX_GENL_METER, 0, OVS_METER_CMD_DEL, 5);
	ox_meter_info_read(&m.nlh, &info);
	assert_false(info.has_stats);
}

static void json(void **state)
{
	static struct ox_msg m;
	struct ox_meter_info info;
	cJSON *o, *band;

	(void)state;
	answer(&m, 1);
	ox_meter_info_read(&m.nlh, &info);
	o = ox_meter_json(&info);
	assert_int_equal(cJSON_GetObjectItem(o, "meter")->valueint, 9);
	assert_int_equal(cJSON_GetObjectItem(o, "packets")->valueint, 12);
	assert_int_equal(cJSON_GetObjectItem(o, "bytes")->valueint, 3400);
	assert_true(cJSON_GetObjectItem(o, "idle_ms")->valuedouble > 0);
	band = cJSON_GetArrayItem(cJSON_GetObjectItem(o, "bands"), 0);
	assert_int_equal(cJSON_GetObjectItem(band, "packets")->valueint, 1);
	assert_int_equal(cJSON_GetObjectItem(band, "bytes")->valueint, 60);
	cJSON_Delete(o);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.ctl_meter.spec", spec),
	OX_TEST("unit.ctl_meter.spec_bad", spec_bad),
	OX_TEST("unit.ctl_meter.id", id),
	OX_TEST("unit.ctl_meter.print", print),
	OX_TEST("unit.ctl_meter.json", json),
};

OX_TEST_MAIN(tests)
