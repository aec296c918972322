// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * main.c - ovsxdpd: options, start, loop, exit. Requests come in by genl.c
 * and go to the families (fam_*.c); link events by rtnl.c; packets by
 * packet.c. At exit everything pinned stays: traffic goes on.
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "control/base/detach.h"
#include "control/base/loop.h"
#include "control/base/sdnotify.h"
#include "control/conntrack/conntrack.h"
#include "control/datapath/takeover.h"
#include "control/datapath/upgrade.h"
#include "control/family/family.h"
#include "control/netlink/portid.h"
#include "control/port/vport_events.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"
#include "ovsxdp/uapi.h"

#define LINGER_MAX 3600u /* seconds */
/* What is larger comes from the kernel, whose pages are zero and come with the
 * first use. By default this limit rises with what has been freed, and then a
 * new datapath's tables, 5 MB, were zeroed in the loop. */
#define OWN_PAGES (256 << 10)

struct daemon {
	struct ox_loop *loop;
	struct ox_state_mem *state; /* subscriptions, turns */
	struct ox_genl *genl;
	struct ox_datapaths datapaths;
	bool unused; /* it ends, and nobody misses what is pinned */
};

struct settings {
	struct ox_options opt;
	const char *pidfile;
	bool detach;
};

static const char usage[] =
	"Usage: ovsxdpd [OPTION]...\n"
	"Serves the ovs_* generic netlink families of this network namespace\n"
	"over XDP datapaths.\n\n"
	"  -r, --root=DIR       folder of the datapaths in a bpffs\n"
	"                       (" OX_ROOT_DEFAULT ")\n"
	"  -d, --detach         go to the background once ready\n"
	"  -p, --pidfile=FILE   write the process id to FILE\n"
	"  -l, --log-level=L    err, warn, info or dbg (info)\n"
	"      --max-flows=N    limits of new datapaths\n"
	"      --max-masks=N\n"
	"      --max-ports=N\n"
	"      --max-connections=N\n"
	"                       connections that ct() may track, if there are\n"
	"                       none yet (net.netfilter.nf_conntrack_max)\n"
	"      --flush-linger=SECONDS\n"
	"                       a flush that comes when the reader of upcalls is\n"
	"                       gone leaves flows to the packets so long (0)\n"
	"      --spare=on|off   keep maps and programs of a datapath ready,\n"
	"                       so that a new one takes milliseconds (on)\n"
	"      --tunnels=auto|kernel|native\n"
	"                       whose encapsulation vports of tunnels' types\n"
	"                       have; auto: a device of the kernel's, and our\n"
	"                       own where it has no such kind (auto)\n"
	"      --tunnel-pmtu=on|off put tunnels' devices into a bridge, so that the\n"
	"                       kernel sends ICMP errors for what doesn't fit (on)\n"
	"      --upcall-dispatch=per-cpu|per-vport\n"
	"                       per-vport: without per-CPU port ids, as kernels\n"
	"                       before 5.15 (per-cpu)\n"
	"  -h, --help\n"
	"  -V, --version\n";

enum {
	OPT_FLOWS = 256,
	OPT_MASKS,
	OPT_PORTS,
	OPT_LINGER,
	OPT_SPARE,
	OPT_DISPATCH,
	OPT_CONNECTIONS,
	OPT_TUNNELS,
	OPT_PMTU
};

static const struct option options[] = {
	{ "root", required_argument, NULL, 'r' },
	{ "detach", no_argument, NULL, 'd' },
	{ "pidfile", required_argument, NULL, 'p' },
	{ "log-level", required_argument, NULL, 'l' },
	{ "max-flows", required_argument, NULL, OPT_FLOWS },
	{ "max-masks", required_argument, NULL, OPT_MASKS },
	{ "max-ports", required_argument, NULL, OPT_PORTS },
	{ "max-connections", required_argument, NULL, OPT_CONNECTIONS },
	{ "flush-linger", required_argument, NULL, OPT_LINGER },
	{ "spare", required_argument, NULL, OPT_SPARE },
	{ "tunnels", required_argument, NULL, OPT_TUNNELS },
	{ "tunnel-pmtu", required_argument, NULL, OPT_PMTU },
	{ "upcall-dispatch", required_argument, NULL, OPT_DISPATCH },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

static int parse_count(const char *text, const char *what, uint32_t *out)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || *end || end == text || !v || v > UINT32_MAX ||
	    text[0] == '-') {
		fprintf(stderr, "ovsxdpd: --%s=%s: not a number above 0\n",
			what, text);
		return -EINVAL;
	}
	*out = (uint32_t)v;
	return 0;
}

static int parse_linger(const char *text, uint32_t *out)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || *end || end == text || v > LINGER_MAX || text[0] == '-') {
		fprintf(stderr,
			"ovsxdpd: --flush-linger=%s: not a number of seconds "
			"from 0 (a flush deletes at once) to %u\n",
			text, LINGER_MAX);
		return -EINVAL;
	}
	*out = (uint32_t)v;
	return 0;
}

static int parse_level(const char *text)
{
	enum ox_log_level level;

	if (ox_log_level_parse(text, &level)) {
		fprintf(stderr,
			"ovsxdpd: --log-level=%s: err, warn, info or dbg\n",
			text);
		return -EINVAL;
	}
	ox_log_set_level(level);
	return 0;
}

static int parse_dispatch(const char *text, struct ox_options *opt)
{
	if (!strcmp(text, "per-vport")) {
		opt->no_features |= OVS_DP_F_DISPATCH_UPCALL_PER_CPU;
	} else if (strcmp(text, "per-cpu")) {
		fprintf(stderr,
			"ovsxdpd: --upcall-dispatch=%s: per-cpu or per-vport\n",
			text);
		return -EINVAL;
	}
	return 0;
}

static int parse_off(const char *text, const char *what, bool *off)
{
	*off = !strcmp(text, "off");
	if (*off || !strcmp(text, "on"))
		return 0;
	fprintf(stderr, "ovsxdpd: --%s=%s: on or off\n", what, text);
	return -EINVAL;
}

static int parse_tunnels(const char *text, struct ox_options *opt)
{
	static const char *const names[] = {
		[OX_TUNNELS_AUTO] = "auto",
		[OX_TUNNELS_KERNEL] = "kernel",
		[OX_TUNNELS_NATIVE] = "native",
	};

	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(text, names[i])) {
			opt->tunnels = (enum ox_tunnels)i;
			return 0;
		}
	}
	fprintf(stderr, "ovsxdpd: --tunnels=%s: auto, kernel or native\n",
		text);
	return -EINVAL;
}

/* 0: go on; 1: all done (help, version); -EINVAL, explained. */
static int parse_option(int c, struct settings *s)
{
	switch (c) {
	case 'r':
		s->opt.root = optarg;
		return 0;
	case 'd':
		s->detach = true;
		return 0;
	case 'p':
		s->pidfile = optarg;
		return 0;
	case 'l':
		return parse_level(optarg);
	case OPT_FLOWS:
		return parse_count(optarg, "max-flows", &s->opt.max_flows);
	case OPT_MASKS:
		return parse_count(optarg, "max-masks", &s->opt.max_masks);
	case OPT_PORTS:
		return parse_count(optarg, "max-ports", &s->opt.max_ports);
	case OPT_CONNECTIONS:
		return parse_count(optarg, "max-connections", &s->opt.ct_max);
	case OPT_LINGER:
		return parse_linger(optarg, &s->opt.flush_linger);
	case OPT_SPARE:
		return parse_off(optarg, "spare", &s->opt.no_spare);
	case OPT_TUNNELS:
		return parse_tunnels(optarg, &s->opt);
	case OPT_PMTU:
		return parse_off(optarg, "tunnel-pmtu", &s->opt.no_tunnel_pmtu);
	case OPT_DISPATCH:
		return parse_dispatch(optarg, &s->opt);
	case 'h':
		fputs(usage, stdout);
		return 1;
	case 'V':
		printf("ovsxdpd " OX_VERSION ", BPF build %s\n", ox_build_id());
		return 1;
	default:
		return -EINVAL;
	}
}

static int parse(int argc, char **argv, struct settings *s)
{
	int c, err = 0;

	while (!err &&
	       (c = getopt_long(argc, argv, "r:dp:l:hV", options, NULL)) != -1)
		err = parse_option(c, s);
	if (!err && optind < argc) {
		fprintf(stderr, "ovsxdpd: %s: no such argument\n",
			argv[optind]);
		err = -EINVAL;
	}
	return err;
}

/* Where pins can be; says what it did for that. */
static void bpffs_ensure(const char *root)
{
	switch (ox_bpffs_ensure(root)) {
	case OX_BPFFS_BROUGHT:
		ox_log_info("no bpffs in " OX_BPFFS " of this mount namespace: "
			    "that of process 1 is mounted there now");
		break;
	case OX_BPFFS_MOUNTED:
		ox_log_info("no bpffs in " OX_BPFFS ": mounted one");
		break;
	case OX_BPFFS_MOUNTED_PRIVATE:
		ox_log_warn("no bpffs in " OX_BPFFS ": mounted one, which ends "
			    "with this mount namespace, and then no ovsxdpd "
			    "can take the datapaths over");
		break;
	default:
		break;
	}
}

/* The place of this network namespace; only one daemon gets it. */
static int space_open(struct ox_datapaths *all, struct ox_err *e)
{
	int err;

	bpffs_ensure(all->opt.root);
	err = ox_probe(all->opt.root, e);
	if (!err)
		err = ox_space_open(all->opt.root, &all->space, e);
	if (!err && all->space.n_cleaned)
		ox_log_info("%s: removed %u datapaths of network namespaces "
			    "that have ended",
			    all->opt.root, all->space.n_cleaned);
	return err;
}

/* Of another version: who had subscribed to notifications has to do it again,
 * but nobody's packets wait for that. */
static int state_open(struct daemon *d, struct ox_err *e)
{
	const char *folder = d->datapaths.space.own;
	int err = ox_state_open(folder, &d->state, e);

	if (err != -EPROTO)
		return err;
	ox_log_warn("%s: begins anew, and subscriptions to notifications end",
		    e->msg);
	return ox_state_anew(folder, &d->state, e);
}

static int register_families(struct daemon *d, struct ox_err *e)
{
	static const struct ox_genl_family *const families[] = {
		&ox_fam_datapath, &ox_fam_vport, &ox_fam_flow,
		&ox_fam_packet,	  &ox_fam_meter, &ox_fam_ovsxdp,
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		int err = ox_genl_register(d->genl, families[i]);

		if (err)
			return ox_err_set(e, err, "family %s: %s",
					  families[i]->name, strerror(-err));
	}
	return 0;
}

static void tick(void *arg)
{
	struct daemon *d = arg;

	struct ox_datapath *dp = ox_datapath_first(&d->datapaths);

	for (; dp; dp = ox_datapath_next(dp)) {
		ox_table_tick(dp->table);
		ox_packet_tick(dp);
	}
	ox_upgrade_tick(&d->datapaths);
	ox_spare_tick(&d->datapaths.spares);
}

static void ct_tick(void *arg)
{
	struct daemon *d = arg;

	ox_conntrack_tick(&d->datapaths);
}

static void stop(void *arg)
{
	struct daemon *d = arg;

	ox_loop_stop(d->loop);
}

/* From now on a new datapath is made by a thread. Where there is none yet, one
 * is wanted soon. */
static void spares_open(struct daemon *d)
{
	struct ox_datapaths *all = &d->datapaths;

	all->spares = (struct ox_spares){
		.loop = d->loop,
		.wanted = !all->opt.no_spare,
		.usual = { .max_flows = all->opt.max_flows,
			   .max_masks = all->opt.max_masks,
			   .max_ports = all->opt.max_ports,
			   .ct = all->ct_set },
		.ready = ox_genl_wake,
		.arg = d->genl,
	};
	if (ox_datapath_first(all))
		ox_spare_rest(&all->spares);
	else
		ox_spare_tick(&all->spares);
}

/*
 * The port id comes before the datapaths: requests that arrive while those are
 * taken over wait in its queue.
 */
static int daemon_open(struct daemon *d, struct ox_err *e)
{
	struct ox_datapaths *all = &d->datapaths;
	int err = ox_loop_new(&d->loop);

	if (err)
		return ox_err_set(e, err, "epoll: %s", strerror(-err));
	err = space_open(all, e);
	if (!err)
		err = state_open(d, e);
	if (!err)
		err = ox_genl_open(d->loop, d->state, all, &d->genl, e);
	if (!err)
		err = register_families(d, e);
	if (err)
		return err;
	all->packets.loop = d->loop;
	all->packets.genl = d->genl;
	all->ports.tunnels = all->opt.tunnels;
	all->ports.tunnel_pmtu = !all->opt.no_tunnel_pmtu;
	all->ports.native_pmtu = !all->opt.no_tunnel_pmtu;
	all->ports.gone = ox_fam_vport_notify_del;
	err = ox_ports_open(&all->ports, d->loop);
	if (err)
		return ox_err_set(e, err, "rtnetlink: %s", strerror(-err));
	err = ox_conntrack_open(all, e);
	if (!err)
		err = ox_datapath_takeover(all, e);
	if (err)
		return err;
	ox_conntrack_serve(all, d->genl);
	if (all->ct)
		err = ox_genl_register(d->genl, &ox_fam_ct_limit);
	if (err)
		return ox_err_set(e, err, "family ovs_ct_limit: %s",
				  strerror(-err));
	ox_upgrade_tick(all);
	spares_open(d);
	err = ox_loop_timer(d->loop, 1000, 1000, tick, d, NULL);
	if (!err && all->ct)
		err = ox_loop_timer(d->loop, 100, 100, ct_tick, d, NULL);
	if (!err)
		err = ox_loop_signal(d->loop, SIGTERM, stop, d, NULL);
	if (!err)
		err = ox_loop_signal(d->loop, SIGINT, stop, d, NULL);
	if (err)
		return ox_err_set(e, err, "timers and signals: %s",
				  strerror(-err));
	return 0;
}

static void daemon_close(struct daemon *d)
{
	ox_datapath_close_all(&d->datapaths);
	ox_ports_close(&d->datapaths.ports);
	ox_genl_close(d->genl);
	ox_conntrack_close(&d->datapaths);
	ox_state_close(d->state);
	if (d->unused)
		ox_space_remove(&d->datapaths.space);
	ox_space_close(&d->datapaths.space);
	ox_loop_free(d->loop);
}

/* Nothing is forwarded, and no client waits for what the next daemon would
 * tell it. */
static bool is_unused(const struct daemon *d)
{
	uint32_t ids[OX_MAX_SUBS], n = 0;

	if (ox_datapath_first(&d->datapaths))
		return false;
	for (uint32_t i = 0; i < OX_MAX_SUBS; i++)
		if (d->state->subs[i].group)
			ids[n++] = d->state->subs[i].portid;
	return !n || !ox_portid_any(ids, n);
}

/* Serves until a signal; 0 or -errno. */
static int serve(struct daemon *d, const struct settings *s, int ready)
{
	int err;

	if (s->pidfile) {
		err = ox_pidfile_write(s->pidfile);
		if (err) {
			ox_log_err("%s: %s", s->pidfile, strerror(-err));
			return err;
		}
	}
	if (ready >= 0) {
		ox_log_use_syslog("ovsxdpd");
		ox_detach_ready(ready);
	}
	ox_sdnotify("READY=1");
	ox_log_info("ready, datapaths in %s", d->datapaths.space.folder);
	err = ox_loop_run(d->loop);
	if (err)
		ox_log_err("event loop: %s", strerror(-err));
	ox_sdnotify("STOPPING=1");
	d->unused = !err && is_unused(d);
	ox_pidfile_remove(s->pidfile);
	return err;
}

int main(int argc, char **argv)
{
	struct settings s = { .opt.root = OX_ROOT_DEFAULT };
	struct daemon d = { 0 };
	struct ox_err e = { 0 };
	int ready = -1, err;

	err = parse(argc, argv, &s);
	if (err)
		return err > 0 ? 0 : 2;
	signal(SIGPIPE, SIG_IGN);
	mallopt(M_MMAP_THRESHOLD, OWN_PAGES);
	if (s.detach) {
		err = ox_detach_begin(&ready);
		if (err) {
			ox_log_err("detach: %s", strerror(-err));
			return 1;
		}
	}
	d.datapaths.opt = s.opt;
	err = daemon_open(&d, &e);
	if (err)
		ox_log_err("%s", e.msg[0] ? e.msg : strerror(-err));
	else
		err = serve(&d, &s, ready);
	daemon_close(&d);
	return err ? 1 : 0;
}
