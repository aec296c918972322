// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * metrics.c - what metrics are made from: a handful of requests for each
 * datapath.
 */
#include "control/ctl/metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/now.h"

/* ---- meters ---- */

static int take_meter(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[OX_A_MAX__];
	struct ox_metrics_dp *dp = arg;
	struct ox_metrics_meter *v;
	const uint64_t *counts;

	ox_msg_attrs(nlh, tb, OX_A_MAX__ - 1);
	counts = ox_attr_data(tb[OX_A_METER_COUNTS], 16);
	v = reallocarray(dp->meters, dp->n_meters + 1, sizeof(*v));
	if (!v || !counts)
		return v ? 0 : -ENOMEM;
	dp->meters = v;
	v += dp->n_meters++;
	*v = (struct ox_metrics_meter){ .id = ox_attr_u32(tb[OX_A_METER_ID],
							  0) };
	memcpy(&v->packets, counts, 16);
	v->has_band = ox_attr_data(tb[OX_A_METER_COUNTS], 32);
	if (v->has_band)
		memcpy(&v->band_packets, counts + 2, 16);
	return 0;
}

static int get_meters(struct ox_ctl *ctl, struct ox_metrics_dp *dp)
{
	struct ox_msg m;

	ox_msg_begin(&m, OX_GENL_OVSXDP, NLM_F_DUMP, OX_CMD_METER_GET,
		     dp->info.ifindex);
	return ox_conn_talk(ctl->conn, &m, take_meter, dp, &ctl->err);
}

/* ---- connection tracking ---- */

static int take_ct(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[OX_A_MAX__];

	ox_msg_attrs(nlh, tb, OX_A_MAX__ - 1);
	ox_reasons_read(tb[OX_A_CT], arg);
	return 0;
}

static int take_zone(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[OX_A_MAX__];
	struct ox_metrics *m = arg;
	struct ox_metrics_zone *v;

	v = reallocarray(m->zones, m->n_zones + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	m->zones = v;
	ox_msg_attrs(nlh, tb, OX_A_MAX__ - 1);
	v[m->n_zones++] = (struct ox_metrics_zone){
		.zone = ox_attr_u32(tb[OX_A_CT_ZONE], 0),
		.entries = ox_attr_u32(tb[OX_A_CT_ENTRIES], 0),
		.has_limit = tb[OX_A_CT_LIMIT],
		.limit = ox_attr_u32(tb[OX_A_CT_LIMIT], 0),
	};
	return 0;
}

/* Where it isn't served there is nothing to count. */
static int get_ct(struct ox_ctl *ctl, struct ox_metrics *m)
{
	struct ox_msg msg;
	int err;

	ox_msg_begin(&msg, OX_GENL_OVSXDP, 0, OX_CMD_CT_GET, 0);
	err = ox_conn_talk(ctl->conn, &msg, take_ct, &m->ct, &ctl->err);
	if (err)
		return err == -EOPNOTSUPP ? 0 : err;
	m->has_ct = true;
	ox_msg_begin(&msg, OX_GENL_OVSXDP, NLM_F_DUMP, OX_CMD_CT_GET, 0);
	return ox_conn_talk(ctl->conn, &msg, take_zone, m, &ctl->err);
}

/* ---- all of it ---- */

static void dp_free(struct ox_metrics_dp *dp)
{
	ox_port_infos_free(&dp->ports);
	free(dp->meters);
}

static int get_dp(struct ox_ctl *ctl, struct ox_metrics_dp *dp)
{
	uint32_t ifindex = dp->info.ifindex;
	int err = ox_dp_private_get(ctl, ifindex, &dp->private);

	if (!err)
		err = ox_port_list(ctl, ifindex, true, &dp->ports);
	return err ?: get_meters(ctl, dp);
}

static int get_dps(struct ox_ctl *ctl, struct ox_metrics *m)
{
	_cleanup_(ox_dp_infos_free) struct ox_dp_infos l = { 0 };
	int err = ox_dp_list_all(ctl, &l);

	if (err)
		return err;
	m->dps = calloc(l.n + 1, sizeof(*m->dps));
	if (!m->dps)
		return -ENOMEM;
	for (uint32_t i = 0; i < l.n; i++) {
		struct ox_metrics_dp *dp = &m->dps[m->n_dps];

		*dp = (struct ox_metrics_dp){ .info = l.v[i] };
		err = get_dp(ctl, dp);
		if (!err)
			m->n_dps++;
		else
			dp_free(dp);
		if (err && err != -ENODEV)
			return err;
	}
	return 0;
}

int ox_metrics_get(struct ox_ctl *ctl, struct ox_metrics *m)
{
	uint64_t begin = ox_now_ns();
	int err;

	memset(m, 0, sizeof(*m));
	err = get_dps(ctl, m);
	if (!err)
		err = ox_daemon_counts_get(ctl, &m->daemon);
	if (!err)
		err = get_ct(ctl, m);
	m->seconds = (double)(ox_now_ns() - begin) / 1e9;
	return err;
}

void ox_metrics_free(struct ox_metrics *m)
{
	for (uint32_t i = 0; i < m->n_dps; i++)
		dp_free(&m->dps[i]);
	free(m->dps);
	free(m->zones);
	memset(m, 0, sizeof(*m));
}

void ox_metrics_print(struct ox_expose *x, const struct ox_metrics *m)
{
	ox_expose_family(x, "ovsxdp_up", OX_GAUGE,
			 "1 if ovsxdpd answered, else 0.");
	ox_expose_u64(x, m != NULL, NULL);
	if (m) {
		ox_metrics_print_dps(x, m);
		ox_metrics_print_ports(x, m);
		ox_metrics_print_ct(x, m);
		ox_metrics_print_daemon(x, m);
	}
	ox_expose_end(x);
}
