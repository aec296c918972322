// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dp.c - datapaths as the family ovs_datapath describes them.
 */
#include "control/ctl/ctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"

static const struct {
	uint32_t bit;
	const char *name;
} features[] = {
	{ OVS_DP_F_UNALIGNED, "unaligned" },
	{ OVS_DP_F_VPORT_PIDS, "vport-pids" },
	{ OVS_DP_F_TC_RECIRC_SHARING, "tc-recirc-sharing" },
	{ OVS_DP_F_DISPATCH_UPCALL_PER_CPU, "dispatch-upcall-per-cpu" },
};
#define N_FEATURES (sizeof(features) / sizeof(features[0]))

static int feature_add(const char *word, size_t len, uint32_t *v)
{
	for (size_t i = 0; i < N_FEATURES; i++) {
		if (strlen(features[i].name) == len &&
		    !memcmp(features[i].name, word, len)) {
			*v |= features[i].bit;
			return 0;
		}
	}
	return -EINVAL;
}

int ox_dp_features_parse(const char *text, uint32_t *v, struct ox_err *e)
{
	const char *p = text;

	*v = 0;
	if (!*text || (*text >= '0' && *text <= '9'))
		return *text ? ox_arg_u32(text, UINT32_MAX, v, e) : 0;
	for (;;) {
		size_t len = strcspn(p, ",+");

		if (feature_add(p, len, v))
			return ox_err_set(e, OX_CTL_USAGE,
					  "unknown feature '%.40s'; there are "
					  "unaligned, vport-pids, "
					  "tc-recirc-sharing, "
					  "dispatch-upcall-per-cpu",
					  p);
		if (!p[len])
			return 0;
		p += len + 1;
	}
}

void ox_dp_features_print(FILE *f, uint32_t v)
{
	const char *sep = "";

	for (size_t i = 0; i < N_FEATURES; i++) {
		if (!(v & features[i].bit))
			continue;
		fprintf(f, "%s%s", sep, features[i].name);
		sep = ",";
		v &= ~features[i].bit;
	}
	if (v || !*sep)
		fprintf(f, "%s%#" PRIx32, sep, v);
}

void ox_dp_info_read(const struct nlmsghdr *nlh, struct ox_dp_info *dp)
{
	const struct nlattr *tb[OX_DP_ATTR_MAX + 1];
	const void *p;

	memset(dp, 0, sizeof(*dp));
	ox_msg_attrs(nlh, tb, OX_DP_ATTR_MAX);
	dp->ifindex = ox_msg_dp(nlh);
	ox_attr_str(tb[OVS_DP_ATTR_NAME], dp->name, sizeof(dp->name));
	p = ox_attr_data(tb[OVS_DP_ATTR_STATS], sizeof(dp->stats));
	if (p)
		memcpy(&dp->stats, p, sizeof(dp->stats));
	p = ox_attr_data(tb[OVS_DP_ATTR_MEGAFLOW_STATS], sizeof(dp->mega));
	if (p)
		memcpy(&dp->mega, p, sizeof(dp->mega));
	dp->features = ox_attr_u32(tb[OVS_DP_ATTR_USER_FEATURES], 0);
	dp->upcall_pid = ox_attr_u32(tb[OVS_DP_ATTR_UPCALL_PID], 0);
	dp->cache_size = ox_attr_u32(tb[OVS_DP_ATTR_MASKS_CACHE_SIZE], 0);
	dp->has_cache = tb[OVS_DP_ATTR_MASKS_CACHE_SIZE] != NULL;
}

void ox_dp_infos_free(struct ox_dp_infos *l)
{
	free(l->v);
	l->v = NULL;
	l->n = 0;
}

static int list_add(const struct nlmsghdr *nlh, void *arg)
{
	struct ox_dp_infos *l = arg;
	struct ox_dp_info *v;

	v = reallocarray(l->v, l->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	ox_dp_info_read(nlh, &v[l->n++]);
	return 0;
}

int ox_dp_list_all(struct ox_ctl *ctl, struct ox_dp_infos *l)
{
	struct ox_msg m;

	memset(l, 0, sizeof(*l));
	ox_msg_begin(&m, OX_GENL_DATAPATH, NLM_F_DUMP, OVS_DP_CMD_GET, 0);
	return ox_conn_talk(ctl->conn, &m, list_add, l, &ctl->err);
}

int ox_dp_unknown(struct ox_ctl *ctl, int err, const char *name)
{
	if (err == -ENODEV)
		ox_err_set(&ctl->err, err,
			   "no datapath '%s'; ovsxdpctl dump-dps lists them",
			   name);
	return err;
}

int ox_dp_find(struct ox_ctl *ctl, const char *name, struct ox_dp_info *dp)
{
	_cleanup_(ox_dp_infos_free) struct ox_dp_infos l = { 0 };
	struct ox_msg m;
	int err;

	ox_msg_begin(&m, OX_GENL_DATAPATH, 0, OVS_DP_CMD_GET, 0);
	ox_msg_put_str(&m, OVS_DP_ATTR_NAME, name);
	err = ox_conn_talk(ctl->conn, &m, list_add, &l, &ctl->err);
	if (err)
		return ox_dp_unknown(ctl, err, name);
	if (!l.n)
		return ox_err_set(&ctl->err, -EPROTO, "empty answer");
	*dp = l.v[0];
	return 0;
}

static int find_only(struct ox_ctl *ctl, struct ox_dp_info *dp)
{
	_cleanup_(ox_dp_infos_free) struct ox_dp_infos l = { 0 };
	int err = ox_dp_list_all(ctl, &l);

	if (err)
		return err;
	if (l.n != 1)
		return ox_err_set(&ctl->err, OX_CTL_USAGE,
				  "name a datapath: there are %u", l.n);
	*dp = l.v[0];
	return 0;
}

int ox_dp_arg(struct ox_ctl *ctl, int n_rest, struct ox_dp_info *dp,
	      char ***rest)
{
	if (ctl->argc == n_rest) {
		*rest = ctl->argv;
		return find_only(ctl, dp);
	}
	*rest = ctl->argv + 1;
	return ox_dp_find(ctl, ctl->argv[0], dp);
}

int ox_dp_arg_or_all(struct ox_ctl *ctl, struct ox_dp_infos *l)
{
	int err;

	if (!ctl->argc)
		return ox_dp_list_all(ctl, l);
	l->v = calloc((size_t)ctl->argc, sizeof(*l->v));
	if (!l->v)
		return -ENOMEM;
	for (int i = 0; i < ctl->argc; i++) {
		err = ox_dp_find(ctl, ctl->argv[i], &l->v[i]);
		if (err)
			return err;
		l->n++;
	}
	return 0;
}

static cJSON *features_json(uint32_t v)
{
	cJSON *a = cJSON_CreateArray();

	for (size_t i = 0; i < N_FEATURES; i++)
		if (v & features[i].bit)
			cJSON_AddItemToArray(
				a, cJSON_CreateString(features[i].name));
	return a;
}

cJSON *ox_dp_json(const struct ox_dp_info *dp)
{
	const struct {
		const char *name;
		uint64_t v;
	} numbers[] = {
		{ "ifindex", dp->ifindex },
		{ "hit", dp->stats.n_hit },
		{ "missed", dp->stats.n_missed },
		{ "lost", dp->stats.n_lost },
		{ "flows", dp->stats.n_flows },
		{ "mask_hit", dp->mega.n_mask_hit },
		{ "masks", dp->mega.n_masks },
		{ "cache_hit", dp->mega.n_cache_hit },
		{ "masks_cache_size", dp->cache_size },
		{ "upcall_pid", dp->upcall_pid },
	};
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "name", dp->name);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		cJSON_AddNumberToObject(o, numbers[i].name,
					(double)numbers[i].v);
	cJSON_AddItemToObject(o, "features", features_json(dp->features));
	return o;
}
