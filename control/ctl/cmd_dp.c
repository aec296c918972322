// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_dp.c - add-dp, del-dp, set-dp, dump-dps, ping.
 */
#include "control/ctl/ctl.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/now.h"

#define DEFAULT_FEATURES (OVS_DP_F_UNALIGNED | OVS_DP_F_VPORT_PIDS)

/* The NAME=NUMBER arguments and the attribute each becomes. */
static const struct {
	const char *name;
	uint16_t attr;
	bool for_set; /* set-dp takes it too */
} params[] = {
	{ "max-flows", OX_DP_ATTR_MAX_FLOWS, false },
	{ "max-masks", OX_DP_ATTR_MAX_MASKS, false },
	{ "max-ports", OX_DP_ATTR_MAX_PORTS, false },
	{ "masks-cache-size", OVS_DP_ATTR_MASKS_CACHE_SIZE, true },
	{ "ifindex", OVS_DP_ATTR_IFINDEX, false },
	{ "upcall-pid", OVS_DP_ATTR_UPCALL_PID, true },
};

/* The value after "name=", or NULL. */
static const char *value_of(const char *arg, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(arg, name, n) && arg[n] == '=' ? arg + n + 1 : NULL;
}

static int param_features(struct ox_ctl *ctl, struct ox_msg *m,
			  const char *value)
{
	uint32_t v;
	int err = ox_dp_features_parse(value, &v, &ctl->err);

	if (!err)
		ox_msg_put_u32(m, OVS_DP_ATTR_USER_FEATURES, v);
	return err ? err : 1;
}

static int param_cpu_pids(struct ox_ctl *ctl, struct ox_msg *m,
			  const char *value)
{
	uint32_t pids[OX_CPU_PIDS], n;
	int err = ox_arg_u32_list(value, pids, OX_CPU_PIDS, &n, &ctl->err);

	if (!err)
		ox_msg_put(m, OVS_DP_ATTR_PER_CPU_PIDS, pids, n * 4);
	return err ? err : 1;
}

/* 1: arg was a parameter and is in m; 0: it is none; -errno. */
static int param(struct ox_ctl *ctl, struct ox_msg *m, const char *arg,
		 bool set)
{
	const char *value = value_of(arg, "features");
	uint32_t v;
	int err;

	if (value)
		return param_features(ctl, m, value);
	value = value_of(arg, "cpu-pids");
	if (value)
		return param_cpu_pids(ctl, m, value);
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		value = value_of(arg, params[i].name);
		if (!value || (set && !params[i].for_set))
			continue;
		err = ox_arg_u32(value, UINT32_MAX, &v, &ctl->err);
		if (err)
			return ox_ctl_of(ctl, err, params[i].name);
		ox_msg_put_u32(m, params[i].attr, v);
		return 1;
	}
	return 0;
}

static bool is_param(const char *arg)
{
	size_t n = strcspn(arg, "=,");

	return arg[n] == '=';
}

static int dp_delete(struct ox_ctl *ctl, const char *name, struct ox_err *e)
{
	struct ox_msg m;

	ox_msg_begin(&m, OX_GENL_DATAPATH, 0, OVS_DP_CMD_DEL, 0);
	ox_msg_put_str(&m, OVS_DP_ATTR_NAME, name);
	return ox_conn_talk(ctl->conn, &m, NULL, NULL, e);
}

/* All of them or none: if one fails, the new datapath goes again. */
static int add_netdevs(struct ox_ctl *ctl)
{
	const char *name = ctl->argv[0];
	struct ox_dp_info dp;
	int err = ox_dp_find(ctl, name, &dp);

	for (int i = 1; !err && i < ctl->argc; i++)
		if (!is_param(ctl->argv[i]))
			err = ox_port_add_arg(ctl, dp.ifindex, ctl->argv[i]);
	if (!err)
		return 0;
	if (dp_delete(ctl, name, NULL))
		ox_ctl_note(ctl, "%s stays, with the ports before that", name);
	else
		ox_ctl_note(ctl, "%s was deleted again", name);
	return err;
}

int ox_cmd_add_dp(struct ox_ctl *ctl)
{
	bool features = false, pid = false, netdevs = false;
	struct ox_msg m;
	int err = ox_arg_name(ctl->argv[0], &ctl->err);

	if (err)
		return err;
	ox_msg_begin(&m, OX_GENL_DATAPATH, 0, OVS_DP_CMD_NEW, 0);
	ox_msg_put_str(&m, OVS_DP_ATTR_NAME, ctl->argv[0]);
	for (int i = 1; i < ctl->argc; i++) {
		err = param(ctl, &m, ctl->argv[i], false);
		if (!err && is_param(ctl->argv[i]))
			err = ox_err_set(&ctl->err, OX_CTL_USAGE,
					 "unknown parameter '%.60s'; there are "
					 "max-flows, max-masks, max-ports, "
					 "masks-cache-size, ifindex, "
					 "upcall-pid, features, cpu-pids",
					 ctl->argv[i]);
		if (!err)
			err = ox_port_arg_check(ctl->argv[i], &ctl->err);
		if (err < 0)
			return err;
		features |= value_of(ctl->argv[i], "features") != NULL;
		pid |= value_of(ctl->argv[i], "upcall-pid") != NULL;
		netdevs |= !err;
	}
	if (!features)
		ox_msg_put_u32(&m, OVS_DP_ATTR_USER_FEATURES, DEFAULT_FEATURES);
	/* required; 0: nobody hears of misses */
	if (!pid)
		ox_msg_put_u32(&m, OVS_DP_ATTR_UPCALL_PID, 0);
	err = ox_conn_talk(ctl->conn, &m, NULL, NULL, &ctl->err);
	return err || !netdevs ? err : add_netdevs(ctl);
}

/* The knobs of the private family: NAME=on|off. */
static const struct {
	const char *name;
	uint32_t bit;
} knobs[] = {
	{ "redirect-peer", OX_KNOB_REDIRECT_PEER },
};

struct knobs {
	uint32_t on, mask;
};

/* 1: arg was a knob and is in k; 0: it is none; -errno. */
static int knob(struct ox_ctl *ctl, struct knobs *k, const char *arg)
{
	for (size_t i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		const char *value = value_of(arg, knobs[i].name);

		if (!value)
			continue;
		if (strcmp(value, "on") && strcmp(value, "off"))
			return ox_err_set(&ctl->err, OX_CTL_USAGE,
					  "%s is on or off, not '%.40s'",
					  knobs[i].name, value);
		k->mask |= knobs[i].bit;
		if (!strcmp(value, "on"))
			k->on |= knobs[i].bit;
		else
			k->on &= ~knobs[i].bit;
		return 1;
	}
	return 0;
}

/*
 * OVS_DP_CMD_SET without OVS_DP_ATTR_USER_FEATURES clears them: whoever wants
 * to change something else sends those in force along.
 */
static int features_keep(struct ox_ctl *ctl, struct ox_msg *m)
{
	struct ox_dp_info dp;
	int err = ox_dp_find(ctl, ctl->argv[0], &dp);

	if (!err)
		ox_msg_put_u32(m, OVS_DP_ATTR_USER_FEATURES, dp.features);
	return err;
}

static int knobs_send(struct ox_ctl *ctl, const struct knobs *k)
{
	struct ox_dp_info dp;
	int err;

	if (!k->mask)
		return 0;
	err = ox_dp_find(ctl, ctl->argv[0], &dp);
	return err ?: ox_dp_knobs_set(ctl, dp.ifindex, k->on, k->mask);
}

int ox_cmd_set_dp(struct ox_ctl *ctl)
{
	struct knobs k = { 0 };
	bool params_given = false, features = false;
	struct ox_msg m;
	int err;

	ox_msg_begin(&m, OX_GENL_DATAPATH, 0, OVS_DP_CMD_SET, 0);
	ox_msg_put_str(&m, OVS_DP_ATTR_NAME, ctl->argv[0]);
	for (int i = 1; i < ctl->argc; i++) {
		err = knob(ctl, &k, ctl->argv[i]);
		if (!err) {
			err = param(ctl, &m, ctl->argv[i], true);
			params_given |= err > 0;
		}
		if (err < 0)
			return err;
		if (!err)
			return ox_err_set(&ctl->err, OX_CTL_USAGE,
					  "'%.60s' can't be set; features=, "
					  "masks-cache-size=, upcall-pid=, "
					  "cpu-pids= and redirect-peer= can",
					  ctl->argv[i]);
		features |= value_of(ctl->argv[i], "features") != NULL;
	}
	err = params_given && !features ? features_keep(ctl, &m) : 0;
	if (!err && params_given)
		err = ox_conn_talk(ctl->conn, &m, NULL, NULL, &ctl->err);
	return err ?: knobs_send(ctl, &k);
}

int ox_cmd_del_dp(struct ox_ctl *ctl)
{
	return ox_dp_unknown(ctl, dp_delete(ctl, ctl->argv[0], &ctl->err),
			     ctl->argv[0]);
}

int ox_cmd_dump_dps(struct ox_ctl *ctl)
{
	_cleanup_(ox_dp_infos_free) struct ox_dp_infos l = { 0 };
	cJSON *a = NULL;
	int err = ox_dp_list_all(ctl, &l);

	if (err)
		return err;
	if (ctl->json)
		a = cJSON_CreateArray();
	for (uint32_t i = 0; i < l.n; i++) {
		if (ctl->json)
			cJSON_AddItemToArray(a, ox_dp_json(&l.v[i]));
		else
			fprintf(ctl->out, "%s\n", l.v[i].name);
	}
	if (ctl->json)
		ox_ctl_print_json(ctl, a, false);
	return 0;
}

static int take_version(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *a;

	mnl_attr_for_each (a, nlh, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_VERSION)
			*(uint32_t *)arg = ox_attr_u32(a, 0);
	}
	return 0;
}

/* Asks the daemon's controller for the private family. */
static int get_family(struct ox_ctl *ctl, uint32_t *version)
{
	struct genlmsghdr *g;
	struct ox_msg m;

	mnl_nlmsg_put_header(m.room);
	m.overflow = false;
	m.nlh.nlmsg_type = GENL_ID_CTRL;
	m.nlh.nlmsg_flags = NLM_F_REQUEST;
	g = mnl_nlmsg_put_extra_header(&m.nlh, sizeof(*g));
	g->cmd = CTRL_CMD_GETFAMILY;
	g->version = 1;
	ox_msg_put_str(&m, CTRL_ATTR_FAMILY_NAME, OX_FAMILY_NAME);
	return ox_conn_talk(ctl->conn, &m, take_version, version, &ctl->err);
}

int ox_cmd_ping(struct ox_ctl *ctl)
{
	int64_t start = ox_now_ns();
	uint32_t version = 0;
	int err = get_family(ctl, &version);
	double us = (double)(ox_now_ns() - start) / 1e3;
	cJSON *o;

	if (err)
		return err;
	if (!ctl->json) {
		fprintf(ctl->out,
			"ovsxdpd answers: process %d, port id 0x%" PRIx32
			", interface version %" PRIu32 ", %.0f us\n",
			(int)ctl->conn->peer_pid, ctl->conn->peer, version, us);
		return 0;
	}
	o = cJSON_CreateObject();
	cJSON_AddNumberToObject(o, "pid", ctl->conn->peer_pid);
	cJSON_AddNumberToObject(o, "portid", ctl->conn->peer);
	cJSON_AddNumberToObject(o, "version", version);
	cJSON_AddNumberToObject(o, "us", us);
	ox_ctl_print_json(ctl, o, false);
	return 0;
}
