// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_meter.c - add-meter, del-meter, get-meter, meter-features.
 */
#include "control/ctl/meter.h"

#include <errno.h>
#include <inttypes.h>

#include "ovsxdp/nl.h"

static int take(const struct nlmsghdr *nlh, void *arg)
{
	ox_meter_info_read(nlh, arg);
	return 0;
}

static int talk(struct ox_ctl *ctl, struct ox_msg *m,
		struct ox_meter_info *info)
{
	*info = (struct ox_meter_info){ 0 };
	return ox_conn_talk(ctl->conn, m, take, info, &ctl->err);
}

static void put_band(struct ox_msg *m, const struct ox_meter_spec *spec)
{
	struct nlattr *nest =
		mnl_attr_nest_start(&m->nlh, OVS_BAND_ATTR_UNSPEC);

	ox_msg_put_u32(m, OVS_BAND_ATTR_TYPE, OVS_METER_BAND_TYPE_DROP);
	ox_msg_put_u32(m, OVS_BAND_ATTR_RATE, spec->rate);
	ox_msg_put_u32(m, OVS_BAND_ATTR_BURST, spec->burst);
	mnl_attr_nest_end(&m->nlh, nest);
}

int ox_cmd_add_meter(struct ox_ctl *ctl)
{
	struct ox_meter_spec spec;
	struct ox_meter_info old;
	struct ox_dp_info dp;
	struct nlattr *nest;
	struct ox_msg m;
	char **rest;
	int err = ox_dp_arg(ctl, 1, &dp, &rest);

	if (!err)
		err = ox_meter_parse(rest[0], &spec, &ctl->err);
	if (err)
		return err;
	ox_msg_begin(&m, OX_GENL_METER, 0, OVS_METER_CMD_SET, dp.ifindex);
	ox_msg_put_u32(&m, OVS_METER_ATTR_ID, spec.id);
	if (spec.kbps)
		ox_msg_put(&m, OVS_METER_ATTR_KBPS, NULL, 0);
	if (spec.clear)
		ox_msg_put(&m, OVS_METER_ATTR_CLEAR, NULL, 0);
	nest = mnl_attr_nest_start(&m.nlh, OVS_METER_ATTR_BANDS);
	if (spec.has_band)
		put_band(&m, &spec);
	mnl_attr_nest_end(&m.nlh, nest);
	err = talk(ctl, &m, &old);
	/* -s: what the one that it replaces has counted */
	if (!err && ctl->statistics && old.has_stats)
		ox_meter_print(ctl->out, &old);
	return err;
}

static int by_id(struct ox_ctl *ctl, uint8_t cmd, struct ox_meter_info *info)
{
	struct ox_dp_info dp;
	struct ox_msg m;
	char **rest;
	uint32_t id;
	int err = ox_dp_arg(ctl, 1, &dp, &rest);

	if (!err)
		err = ox_meter_parse_id(rest[0], &id, &ctl->err);
	if (err)
		return err;
	ox_msg_begin(&m, OX_GENL_METER, 0, cmd, dp.ifindex);
	ox_msg_put_u32(&m, OVS_METER_ATTR_ID, id);
	err = talk(ctl, &m, info);
	if (err == -ENOENT && !*ctl->err.msg)
		ox_err_set(&ctl->err, err, "no meter %" PRIu32, id);
	return err;
}

int ox_cmd_del_meter(struct ox_ctl *ctl)
{
	struct ox_meter_info info;
	int err = by_id(ctl, OVS_METER_CMD_DEL, &info);

	/* the family takes it for done: its clients delete to be sure */
	if (!err && !info.has_stats)
		err = ox_err_set(&ctl->err, -ENOENT, "there was none");
	if (!err && ctl->statistics)
		ox_meter_print(ctl->out, &info);
	return err;
}

int ox_cmd_get_meter(struct ox_ctl *ctl)
{
	struct ox_meter_info info;
	int err = by_id(ctl, OVS_METER_CMD_GET, &info);

	if (err)
		return err;
	if (ctl->json)
		ox_ctl_print_json(ctl, ox_meter_json(&info), false);
	else
		ox_meter_print(ctl->out, &info);
	return 0;
}

static const char *band_name(uint32_t type)
{
	return type == OVS_METER_BAND_TYPE_DROP ? "drop" : "unknown";
}

static cJSON *features_json(const struct ox_meter_info *info)
{
	cJSON *o = cJSON_CreateObject(), *types;

	cJSON_AddNumberToObject(o, "max_meters", info->max_meters);
	cJSON_AddNumberToObject(o, "max_bands", info->max_bands);
	types = cJSON_AddArrayToObject(o, "band_types");
	for (uint32_t i = 0; i < info->n_bands; i++)
		cJSON_AddItemToArray(
			types, cJSON_CreateString(band_name(info->types[i])));
	return o;
}

int ox_cmd_meter_features(struct ox_ctl *ctl)
{
	struct ox_meter_info info;
	struct ox_dp_info dp;
	struct ox_msg m;
	char **rest;
	int err = ox_dp_arg(ctl, 0, &dp, &rest);

	if (err)
		return err;
	ox_msg_begin(&m, OX_GENL_METER, 0, OVS_METER_CMD_FEATURES, dp.ifindex);
	err = talk(ctl, &m, &info);
	if (err)
		return err;
	if (ctl->json) {
		ox_ctl_print_json(ctl, features_json(&info), false);
		return 0;
	}
	fprintf(ctl->out,
		"max_meter:%" PRIu32 " max_bands:%" PRIu32 "\nband_types:",
		info.max_meters, info.max_bands);
	for (uint32_t i = 0; i < info.n_bands; i++)
		fprintf(ctl->out, " %s", band_name(info.types[i]));
	fputs("\ncapabilities: kbps pktps burst stats\n", ctl->out);
	return 0;
}
