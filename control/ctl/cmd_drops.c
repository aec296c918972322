// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_drops.c - drops: packets as they are dropped, with the reason. The daemon
 * has the data plane tell of them while somebody is a member of OX_MCGRP_DROP.
 * It tells of some: the counters of the reasons say how many there were.
 */
#include "control/ctl/drops.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/ctl/near.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/now.h"

#define ROUND_MS 1000 /* between two looks at the counters */
#define TURNS	 20   /* of the daemon's, at most, for what is on its way */

struct drops {
	struct ox_ctl *ctl;
	struct ox_conn *conn;	      /* owned: the member of the group */
	struct ox_dp_infos dps;	      /* owned: those that are shown */
	struct ox_drop_count *counts; /* owned, of each */
	struct ox_odp_style style;
	struct ox_pcapng pcap;
	FILE *file;	/* owned, or ctl->out; NULL: no capture is written */
	uint32_t shown; /* so far */
};

static void drops_free(struct drops *d)
{
	ox_conn_close(d->conn);
	free(d->counts);
	ox_dp_infos_free(&d->dps);
	ox_pcapng_end(&d->pcap);
	if (d->file && d->file != d->ctl->out)
		fclose(d->file);
}

/* ---- what is asked ---- */

static int reason_check(const char *name, struct ox_err *e)
{
	const char *near = ox_reason_near(name);

	if (ox_reason_is_drop(name))
		return 0;
	return ox_err_set(e, OX_CTL_USAGE,
			  "--reason: no packet is dropped for '%.40s'%s%s%s; "
			  "'ovsxdpctl stats -m DP' lists the reasons",
			  name, near ? "; did you mean '" : "",
			  near ? near : "", near ? "'?" : "");
}

static bool port_is(const char *asked, const char *name, uint32_t no)
{
	char *end;
	unsigned long v = strtoul(asked, &end, 10);

	if (!strcmp(asked, name))
		return true;
	return *asked >= '0' && *asked <= '9' && !*end && v == no;
}

/* A wrong name would be silent for ever. */
static int port_check(struct drops *d)
{
	struct ox_ctl *ctl = d->ctl;
	struct ox_near near;
	char best[17] = "";
	int err = 0;

	if (!ctl->port)
		return 0;
	ox_near_begin(&near, ctl->port, strlen(ctl->port));
	for (uint32_t i = 0; !err && i < d->dps.n; i++) {
		_cleanup_(ox_port_infos_free) struct ox_port_infos l = { 0 };

		err = ox_port_list(ctl, d->dps.v[i].ifindex, false, &l);
		for (uint32_t j = 0; j < l.n; j++) {
			if (port_is(ctl->port, l.v[j].name, l.v[j].no))
				return 0;
			ox_near_try(&near, l.v[j].name);
		}
		if (near.best)
			snprintf(best, sizeof(best), "%s", near.best);
		near.best = *best ? best : NULL;
	}
	return err
		       ?: ox_err_set(
				  &ctl->err, -ENODEV,
				  "--port: no datapath that is shown has a port "
				  "'%.40s'%s%s%s; 'ovsxdpctl show' lists them",
				  ctl->port, *best ? "; did you mean '" : "",
				  best, *best ? "'?" : "");
}

static int file_open(struct drops *d)
{
	const char *path = d->ctl->write;
	int err;

	if (!path)
		return 0;
	if (!strcmp(path, "-") && isatty(fileno(d->ctl->out)))
		return ox_err_set(&d->ctl->err, OX_CTL_USAGE,
				  "--write -: a capture isn't for a terminal; "
				  "name a file, or a program behind a '|'");
	d->file = strcmp(path, "-") ? fopen(path, "we") : d->ctl->out;
	if (!d->file) {
		err = -errno;
		return ox_err_set(&d->ctl->err, err, "can't write %s: %s", path,
				  strerror(-err));
	}
	err = ox_pcapng_begin(&d->pcap, d->file, OX_DROP_FRAME);
	return err ? ox_err_set(&d->ctl->err, err, "writing %s: %s", path,
				strerror(-err))
		   : 0;
}

/* ---- one packet ---- */

static int show(struct drops *d, const struct ox_drop_info *p)
{
	struct ox_ctl *ctl = d->ctl;
	int err;

	d->shown++;
	if (d->file) {
		err = ox_drop_write(&d->pcap, p);
		return err ? ox_err_set(&ctl->err, err, "writing %s: %s",
					ctl->write, strerror(-err))
			   : 0;
	}
	if (ctl->json)
		ox_ctl_print_json(ctl, ox_drop_json(p, &d->style), true);
	else
		ox_drop_print(ctl->out, p, &d->style);
	fflush(ctl->out);
	return 0;
}

static int take(const struct nlmsghdr *nlh, void *arg)
{
	struct drops *d = arg;
	const struct ox_ctl *ctl = d->ctl;
	struct ox_drop_info p;
	uint32_t i;

	if (!ox_drop_read(nlh, &p))
		return 0;
	for (i = 0; i < d->dps.n; i++)
		if (d->dps.v[i].ifindex == p.dp_ifindex)
			break;
	if (i == d->dps.n || (ctl->reason && strcmp(ctl->reason, p.reason)))
		return 0;
	d->counts[i].seen++;
	p.dp = d->dps.v[i].name;
	if ((ctl->port && !port_is(ctl->port, p.port, p.port_no)) ||
	    (ctl->count && d->shown >= ctl->count))
		return 0;
	return show(d, &p);
}

/* ---- those that aren't shown ---- */

static uint64_t counted(const struct drops *d, const struct ox_dp_private *p)
{
	if (!d->ctl->reason)
		return ox_reasons_dropped(p);
	for (uint32_t i = 0; i < p->n_reasons; i++)
		if (!strcmp(p->reasons[i].name, d->ctl->reason))
			return p->reasons[i].count;
	return 0;
}

static void say_missing(const struct drops *d, uint32_t i, uint64_t n)
{
	struct ox_ctl *ctl = d->ctl;
	const char *of = ctl->port ? ", of any port" : "";
	cJSON *o;

	if (!n)
		return;
	if (ctl->json) {
		o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "dp", d->dps.v[i].name);
		cJSON_AddNumberToObject(o, "not_shown", (double)n);
		ox_ctl_print_json(ctl, o, true);
		return;
	}
	fprintf(d->file ? stderr : ctl->out,
		"%s: %" PRIu64 " more not shown%s\n", d->dps.v[i].name, n, of);
	fflush(ctl->out);
}

/* What has come so far. */
static int take_all(struct drops *d)
{
	int err;

	do {
		err = ox_conn_recv(d->conn, 0, take, d);
		if (err == -ENOBUFS)
			err = 0; /* the counters tell */
	} while (!err);
	return err == -EAGAIN || err == -EINTR ? 0 : err;
}

/* Each answer is a turn of the daemon's, in which it tells of what the programs
 * have given it. Nothing comes: nothing was on its way. */
static int take_pending(struct drops *d, uint32_t dp_ifindex)
{
	struct ox_dp_private p;
	uint64_t before, now = 0;
	int err = 0;

	for (int turn = 0; !err && turn < TURNS; turn++) {
		before = now;
		now = 0;
		err = ox_dp_private_get(d->ctl, dp_ifindex, &p);
		if (!err)
			err = take_all(d);
		for (uint32_t i = 0; i < d->dps.n; i++)
			now += d->counts[i].seen;
		if (turn && now == before)
			break;
	}
	return err;
}

/* A datapath may go meanwhile, and the daemon may be started again: it knows
 * its members, and the counters stay. */
static int account(struct drops *d)
{
	struct ox_err none = { 0 };
	struct ox_dp_private p;
	int err = 0;

	for (uint32_t i = 0; !err && i < d->dps.n; i++) {
		if (ox_dp_private_get(d->ctl, d->dps.v[i].ifindex, &p))
			continue;
		err = take_pending(d, d->dps.v[i].ifindex);
		if (!err)
			say_missing(
				d, i,
				ox_drop_missing(&d->counts[i], counted(d, &p)));
	}
	if (err == -ECONNREFUSED || err == -ECONNRESET || err == -ENODEV)
		err = 0;
	if (!err)
		d->ctl->err = none;
	return err;
}

static int base_read(struct drops *d)
{
	struct ox_dp_private p;
	int err = 0;

	d->counts = calloc(d->dps.n, sizeof(*d->counts));
	if (!d->counts)
		return -ENOMEM;
	for (uint32_t i = 0; !err && i < d->dps.n; i++) {
		err = ox_dp_private_get(d->ctl, d->dps.v[i].ifindex, &p);
		d->counts[i].base = counted(d, &p);
	}
	return err;
}

/* ---- the command ---- */

static int join(struct ox_conn *c, uint8_t cmd, struct ox_err *e)
{
	struct ox_msg m;

	ox_msg_begin(&m, OX_GENL_OVSXDP, 0, cmd, 0);
	ox_msg_put_u32(&m, OX_A_GROUP, OX_MCGRP_DROP);
	return ox_conn_talk(c, &m, NULL, NULL, e);
}

/* The daemon has the programs tell within a second. */
static int wait_ready(struct drops *d)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	int64_t end = ox_now_ms() + d->ctl->timeout_ms;
	struct ox_dp_private p;
	int err = 0;

	for (uint32_t i = 0; !err && i < d->dps.n && !ox_ctl_stopped();) {
		err = ox_dp_private_get(d->ctl, d->dps.v[i].ifindex, &p);
		if (err || (p.knobs & OX_KNOB_DROPS))
			i++;
		else if (ox_now_ms() > end)
			err = ox_err_set(&d->ctl->err, -ETIMEDOUT,
					 "datapath %s doesn't tell of drops "
					 "within %d ms; is ovsxdpd busy?",
					 d->dps.v[i].name, d->ctl->timeout_ms);
		else
			nanosleep(&pause, NULL);
	}
	return err;
}

static bool enough(const struct drops *d)
{
	return ox_ctl_stopped() || (d->ctl->count && d->shown >= d->ctl->count);
}

static int listen_on(struct drops *d)
{
	int64_t next = ox_now_ms() + ROUND_MS;
	int err = 0;

	while (!err && !enough(d)) {
		err = ox_conn_recv(d->conn, ROUND_MS / 2, take, d);
		if (err == -EAGAIN || err == -EINTR || err == -ENOBUFS)
			err = 0;
		if (err || enough(d) || ox_now_ms() < next)
			continue;
		err = account(d);
		next = ox_now_ms() + ROUND_MS;
	}
	return err;
}

static void say_all(const struct drops *d)
{
	uint64_t missing = 0;

	for (uint32_t i = 0; i < d->dps.n; i++)
		missing += d->counts[i].missing;
	fprintf(stderr, "ovsxdpctl: %" PRIu32 " shown, %" PRIu64 " not%s\n",
		d->shown, missing, d->ctl->port ? ", of any port" : "");
}

static int run(struct drops *d)
{
	struct ox_ctl *ctl = d->ctl;
	int err = ox_conn_open(NETLINK_GENERIC, ctl->peer, ctl->timeout_ms,
			       &d->conn, &ctl->err);

	if (!err)
		err = base_read(d);
	if (!err)
		err = join(d->conn, OX_CMD_SUBSCRIBE, &ctl->err);
	if (err == -EINVAL)
		ox_err_set(&ctl->err, err,
			   "this ovsxdpd is older than ovsxdpctl and doesn't "
			   "tell of drops; start the new one");
	if (err)
		return err;
	err = wait_ready(d);
	if (!err) {
		fputs("ovsxdpctl: listening\n", stderr);
		err = listen_on(d);
	}
	if (!err)
		err = account(d);
	join(d->conn, OX_CMD_UNSUBSCRIBE, NULL);
	if (!err)
		say_all(d);
	return err;
}

int ox_cmd_drops(struct ox_ctl *ctl)
{
	_cleanup_(drops_free) struct drops d = {
		.ctl = ctl, .style = { .more = ctl->more }
	};
	int err = ctl->reason ? reason_check(ctl->reason, &ctl->err) : 0;

	if (!err && ctl->json && ctl->write)
		err = ox_err_set(&ctl->err, OX_CTL_USAGE,
				 "--json and --write exclude each other");
	if (!err)
		err = ox_dp_arg_or_all(ctl, &d.dps);
	if (!err && !d.dps.n)
		err = ox_err_set(&ctl->err, -ENODEV,
				 "there is no datapath; 'ovsxdpctl add-dp DP' "
				 "makes one");
	if (!err)
		err = port_check(&d);
	if (!err)
		err = file_open(&d);
	if (err)
		return err;
	ox_ctl_catch_signals();
	return run(&d);
}
