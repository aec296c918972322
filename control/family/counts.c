// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * counts.c - counters of the daemon, of meters and of connection tracking, for
 * the private family. Nothing here is done per packet or per flow.
 */
#include "control/family/counts.h"
#include "control/family/private.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/openvswitch.h>
#include <stdlib.h>

#include "control/conntrack/event.h"
#include "control/conntrack/view.h"
#include "control/netlink/genl_sync.h"
#include "control/port/rtnl.h"

/* Ends a reply that has one nest, or gives it up when err says so. */
static int finish(struct ox_req *req, struct ox_nlbuf *b, uint32_t mark,
		  int err)
{
	if (err) {
		ox_nl_abort(b);
		return err;
	}
	ox_nl_nest_end(b, mark);
	return ox_req_reply_send(req, b);
}

int ox_counts_daemon(struct ox_req *req)
{
	struct ox_nlbuf *b = ox_req_reply_begin(req, OX_CMD_DAEMON_GET, NULL);
	struct ox_ports *ports = &req->datapaths->ports;
	uint32_t mark;
	int err = ox_nl_nest(b, OX_A_DAEMON, &mark);

	if (!err)
		err = ox_sync_counts_put(req->genl, b);
	if (!err)
		err = ox_sync_put_count(b, "link_events_lost",
					ox_rtnl_lost(ports->rtnl));
	return finish(req, b, mark, err);
}

/* ---- meters ---- */

static struct ox_datapath *dp_of(struct ox_dump *d)
{
	const struct ovs_header *h = d->user_hdr;
	uint32_t ifindex = (uint32_t)h->dp_ifindex;
	struct ox_datapath *dp = ox_datapath_by_ifindex(d->datapaths, ifindex);

	if (!dp)
		ox_err_set(&d->err, -ENODEV, "no datapath with ifindex %u",
			   ifindex);
	return dp;
}

/* cursor[0]: where the ids are; [1]: how many; [2]: how many are done. */
static uint32_t *ids_of(struct ox_dump *d)
{
	return (uint32_t *)(uintptr_t)d->cursor[0];
}

int ox_counts_meters_start(struct ox_dump *d)
{
	struct ox_datapath *dp = dp_of(d);
	uint32_t *ids, n;
	int err;

	if (!dp)
		return -ENODEV;
	ids = malloc(OX_MAX_METERS * sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	err = dp->mem->ops->meter_ids(dp->mem, ids, &n);
	if (err) {
		free(ids);
		return err;
	}
	d->cursor[0] = (uintptr_t)ids;
	d->cursor[1] = n;
	return 0;
}

void ox_counts_meters_done(struct ox_dump *d)
{
	free(ids_of(d));
	d->cursor[0] = 0;
}

static int put_meter(struct ox_nlbuf *b, uint32_t id, const struct ox_meter *m)
{
	const uint64_t counts[4] = { m->packets, m->bytes, m->band_packets,
				     m->band_bytes };
	bool band = m->flags & OX_METER_BAND;
	int err = ox_nl_put_u32(b, OX_A_METER_ID, id);

	/* without a band it has none */
	if (!err)
		err = ox_nl_put(b, OX_A_METER_COUNTS, counts, band ? 32 : 16);
	if (!err)
		err = ox_nl_put_u32(b, OX_A_METER_FLAGS, m->flags);
	if (err || !band)
		return err;
	err = ox_nl_put_u32(b, OX_A_METER_RATE, m->rate);
	return err ?: ox_nl_put_u32(b, OX_A_METER_BURST, m->burst);
}

int ox_counts_meters(struct ox_dump *d, struct ox_nlbuf *b)
{
	struct ox_datapath *dp = dp_of(d);
	struct ox_meter m;

	if (!dp)
		return -ENODEV;
	for (; d->cursor[2] < d->cursor[1]; d->cursor[2]++) {
		uint32_t id = ids_of(d)[d->cursor[2]];

		if (dp->mem->ops->meter_get(dp->mem, id, &m))
			continue;
		if (ox_private_dump_begin(d, b, OX_CMD_METER_GET, dp->ifindex))
			return 1;
		if (put_meter(b, id, &m)) {
			ox_nl_abort(b);
			return 1;
		}
		ox_nl_end(b);
	}
	return 0;
}

/* ---- connection tracking ---- */

static int no_ct(struct ox_err *e)
{
	return ox_err_set(e, -EOPNOTSUPP, "no connection tracking here");
}

static int put_ct_stats(const struct ox_ct_mem *m, struct ox_nlbuf *b)
{
	static const char *const names[] = {
#define NAME(id, name, text) name,
		OX_CT_STATS(NAME)
#undef NAME
	};
	struct ox_ct_stats one, sum = { 0 };
	int err = 0;

	for (uint32_t cpu = 0; !err && cpu < m->n_cpus; cpu++) {
		err = m->ops->stats((struct ox_ct_mem *)m, cpu, &one);
		for (int i = 0; !err && i < OX_CT_S_COUNT; i++)
			sum.n[i] += one.n[i];
	}
	for (int i = 0; !err && i < OX_CT_S_COUNT; i++)
		err = ox_sync_put_count(b, names[i], sum.n[i]);
	return err;
}

int ox_counts_ct(struct ox_req *req)
{
	const struct ox_ct_mem *m = req->datapaths->ct;
	struct ox_nlbuf *b;
	uint32_t mark;
	int err;

	if (!m)
		return no_ct(&req->err);
	b = ox_req_reply_begin(req, OX_CMD_CT_GET, NULL);
	err = ox_nl_nest(b, OX_A_CT, &mark);
	if (!err)
		err = ox_sync_put_count(b, "entries", ox_ct_count(m));
	if (!err)
		err = ox_sync_put_count(b, "max", m->conf->max);
	if (!err)
		err = ox_sync_put_count(b, "expectations", m->n_exps);
	if (!err)
		err = put_ct_stats(m, b);
	if (!err)
		err = ox_sync_put_count(b, "event_unread",
					ox_ct_events_unread());
	return finish(req, b, mark, err);
}

static int put_zone(struct ox_nlbuf *b, uint32_t zone, uint32_t entries,
		    const struct ox_ct_zone *z)
{
	int err = ox_nl_put_u32(b, OX_A_CT_ZONE, zone);

	if (!err)
		err = ox_nl_put_u32(b, OX_A_CT_ENTRIES, entries);
	if (!err && (z->flags & OX_CT_ZONE_LIMIT))
		err = ox_nl_put_u32(b, OX_A_CT_LIMIT, z->limit);
	return err;
}

/* cursor[0]: the next zone. */
int ox_counts_zones(struct ox_dump *d, struct ox_nlbuf *b)
{
	const struct ox_ct_mem *m = d->datapaths->ct;

	if (!m)
		return no_ct(&d->err);
	for (; d->cursor[0] < OX_CT_ZONES; d->cursor[0]++) {
		uint32_t zone = (uint32_t)d->cursor[0];
		uint32_t n = ox_ct_zone_count(m, (uint16_t)zone);

		if (!n && !(m->zones[zone].flags & OX_CT_ZONE_LIMIT))
			continue;
		if (ox_private_dump_begin(d, b, OX_CMD_CT_GET, 0))
			return 1;
		if (put_zone(b, zone, n, &m->zones[zone])) {
			ox_nl_abort(b);
			return 1;
		}
		ox_nl_end(b);
	}
	return 0;
}
