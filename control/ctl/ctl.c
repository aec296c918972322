// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ctl.c - options, the table of commands, help, errors.
 */
#include "control/ctl/ctl.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "control/ctl/near.h"
#include "ovsxdp/nl.h"

#define FLOW_OPTS (OX_OPT_MORE | OX_OPT_NAMES | OX_OPT_JSON | OX_OPT_TIERS)

const struct ox_ctl_cmd ox_ctl_cmds[] = {
	{ "add-dp", "DP [PARAM=VALUE...] [NETDEV[,OPTION=VALUE...]...]",
	  "create a datapath, with ports", 1, -1, 0, ox_cmd_add_dp },
	{ "del-dp", "DP", "delete a datapath with ports and flows", 1, 1, 0,
	  ox_cmd_del_dp },
	{ "set-dp", "DP PARAM=VALUE...", "change a datapath", 2, -1, 0,
	  ox_cmd_set_dp },
	{ "dump-dps", "", "list the datapaths", 0, 0, OX_OPT_JSON,
	  ox_cmd_dump_dps },
	{ "show", "[DP...]", "show datapaths and their ports", 0, -1,
	  OX_OPT_STATISTICS | OX_OPT_MORE | OX_OPT_JSON, ox_cmd_show },
	{ "add-if", "DP NETDEV[,OPTION=VALUE...]...",
	  "add ports: type= port_no= mode= upcall_pid=", 2, -1, 0,
	  ox_cmd_add_if },
	{ "set-if", "DP PORT[,OPTION=VALUE...]...",
	  "change ports: mode= upcall_pid=", 2, -1, 0, ox_cmd_set_if },
	{ "del-if", "DP PORT...", "take ports out, by name or number", 2, -1, 0,
	  ox_cmd_del_if },
	{ "add-flow", "[DP] FLOW ACTIONS", "add a flow", 2, 3,
	  OX_OPT_STATISTICS, ox_cmd_add_flow },
	{ "mod-flow", "[DP] FLOW ACTIONS", "change a flow's actions", 2, 3,
	  OX_OPT_STATISTICS | OX_OPT_CLEAR | OX_OPT_MAY_CREATE,
	  ox_cmd_mod_flow },
	{ "del-flow", "[DP] FLOW|ufid:UFID", "delete a flow", 1, 2,
	  OX_OPT_STATISTICS, ox_cmd_del_flow },
	{ "del-flows", "[DP]", "delete all flows", 0, 1, 0, ox_cmd_del_flows },
	{ "dump-flows", "[DP]", "list the flows", 0, 1, FLOW_OPTS,
	  ox_cmd_dump_flows },
	{ "get-flow", "[DP] ufid:UFID|FLOW", "show one flow", 1, 2, FLOW_OPTS,
	  ox_cmd_get_flow },
	{ "execute", "[DP] KEY ACTIONS HEXPACKET", "run actions on a packet", 3,
	  4, 0, ox_cmd_execute },
	{ "trace", "DP FLOW [HEXPACKET]",
	  "what would become of a packet, op by op; nothing is sent", 2, 3,
	  OX_OPT_NAMES | OX_OPT_MORE | OX_OPT_JSON, ox_cmd_trace },
	{ "add-meter", "[DP] meter=ID[,kbps][,burst][,clear][,bands=BAND]",
	  "add or replace a meter; BAND: type=drop,rate=N[,burst_size=N]", 1, 2,
	  OX_OPT_STATISTICS, ox_cmd_add_meter },
	{ "del-meter", "[DP] ID", "delete a meter", 1, 2, OX_OPT_STATISTICS,
	  ox_cmd_del_meter },
	{ "get-meter", "[DP] ID", "show what a meter has counted", 1, 2,
	  OX_OPT_JSON, ox_cmd_get_meter },
	{ "meter-features", "[DP]", "show what meters there can be", 0, 1,
	  OX_OPT_JSON, ox_cmd_meter_features },
	{ "save", "DP [FILE]", "write a datapath as lines of JSON", 1, 2, 0,
	  ox_cmd_save },
	{ "restore", "[FILE]", "make a datapath that save has written", 0, 1, 0,
	  ox_cmd_restore },
	{ "dump-conntrack", "[zone=N]", "list the connections", 0, 1,
	  OX_OPT_STATISTICS | OX_OPT_MORE | OX_OPT_JSON | OX_OPT_NFNL,
	  ox_cmd_dump_conntrack },
	{ "flush-conntrack", "[zone=N] [TUPLE]",
	  "end connections: all, those of a zone, or one; TUPLE:\n"
	  "      ct_nw_src=IP,ct_nw_dst=IP,ct_nw_proto=N,ct_tp_src=N,ct_tp_dst=N",
	  0, 2, OX_OPT_NFNL, ox_cmd_flush_conntrack },
	{ "conntrack-stats", "", "how many connections there are, and where", 0,
	  0, OX_OPT_MORE | OX_OPT_JSON | OX_OPT_NFNL, ox_cmd_conntrack_stats },
	{ "ct-set-limits", "[default=LIMIT] [zone=N,limit=LIMIT]...",
	  "how many connections zones may have; 0: any number", 1, -1, 0,
	  ox_cmd_ct_set_limits },
	{ "ct-get-limits", "[zone=N[,N]...]", "show these limits", 0, 1,
	  OX_OPT_JSON, ox_cmd_ct_get_limits },
	{ "ct-del-limits", "zone=N[,N]...", "back to the default", 1, 1, 0,
	  ox_cmd_ct_del_limits },
	{ "stats", "[DP...]", "counters, with why packets were dropped", 0, -1,
	  OX_OPT_MORE | OX_OPT_JSON, ox_cmd_stats },
	{ "metrics", "", "everything that counts, as OpenMetrics text", 0, 0,
	  OX_OPT_PROMETHEUS, ox_cmd_metrics },
	{ "top", "[DP]", "live rates of datapaths, ports and flows", 0, 1,
	  OX_OPT_INTERVAL | OX_OPT_COUNT | OX_OPT_JSON | OX_OPT_NAMES,
	  ox_cmd_top },
	{ "monitor", "[DP]", "print changes (and upcalls) as they come", 0, 1,
	  OX_OPT_UPCALLS | OX_OPT_MORE | OX_OPT_NAMES | OX_OPT_JSON |
		  OX_OPT_INTERVAL | OX_OPT_COUNT,
	  ox_cmd_monitor },
	{ "drops", "[DP]", "packets as they are dropped, and why", 0, 1,
	  OX_OPT_DROPS | OX_OPT_COUNT | OX_OPT_MORE | OX_OPT_JSON,
	  ox_cmd_drops },
	{ "ping", "", "is the daemon there?", 0, 0, OX_OPT_JSON, ox_cmd_ping },
	{ "check-host", "[FOLDER]",
	  "can a datapath be made here, and what is missing?", 0, 1,
	  OX_OPT_JSON | OX_OPT_NO_DAEMON, ox_cmd_check_host },
	{ NULL, NULL, NULL, 0, 0, 0, NULL },
};

enum {
	OPT_PORTID = 256,
	OPT_NAMES,
	OPT_CLEAR,
	OPT_MAY_CREATE,
	OPT_UPCALLS,
	OPT_TIERS,
	OPT_PROMETHEUS,
	OPT_PORT,
	OPT_REASON,
};

static const struct option long_opts[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "portid", required_argument, NULL, OPT_PORTID },
	{ "timeout", required_argument, NULL, 't' },
	{ "statistics", no_argument, NULL, 's' },
	{ "more", no_argument, NULL, 'm' },
	{ "names", no_argument, NULL, OPT_NAMES },
	{ "clear", no_argument, NULL, OPT_CLEAR },
	{ "may-create", no_argument, NULL, OPT_MAY_CREATE },
	{ "upcalls", no_argument, NULL, OPT_UPCALLS },
	{ "tiers", no_argument, NULL, OPT_TIERS },
	{ "prometheus", no_argument, NULL, OPT_PROMETHEUS },
	{ "interval", required_argument, NULL, 'i' },
	{ "count", required_argument, NULL, 'n' },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "write", required_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* What a command's own options are called in its help. */
static const struct {
	uint32_t option;
	const char *name;
	const char *help;
} option_help[] = {
	{ OX_OPT_JSON, "--json", "  -j, --json           print JSON" },
	{ OX_OPT_STATISTICS, "--statistics",
	  "  -s, --statistics     print counters too" },
	{ OX_OPT_MORE, "--more",
	  "  -m, --more           print wildcarded fields; all counters and what\n"
	  "                       they mean; programs and MTU of ports" },
	{ OX_OPT_NAMES, "--names", "      --names          print port names" },
	{ OX_OPT_TIERS, "--tiers",
	  "      --tiers          print which tier runs a flow, and why" },
	{ OX_OPT_PROMETHEUS, "--prometheus",
	  "      --prometheus     print the format before OpenMetrics" },
	{ OX_OPT_CLEAR, "--clear",
	  "      --clear          zero the flow's counters" },
	{ OX_OPT_MAY_CREATE, "--may-create",
	  "      --may-create     add it if it isn't there" },
	{ OX_OPT_UPCALLS, "--upcalls",
	  "      --upcalls        take the ports' upcalls" },
	{ OX_OPT_INTERVAL, "--interval",
	  "  -i, --interval SEC   seconds between samples" },
	{ OX_OPT_COUNT, "--count", "  -n, --count N        end after N" },
	{ OX_OPT_DROPS, "--port, --reason or --write",
	  "      --port PORT      those that came in there alone\n"
	  "      --reason REASON  those that were dropped for it alone\n"
	  "  -w, --write FILE     write a capture file (pcapng) with comments" },
};

static void cmd_help(FILE *f, const struct ox_ctl_cmd *cmd)
{
	fprintf(f, "Usage: ovsxdpctl [OPTION...] %s %s\n%s\n", cmd->name,
		cmd->args, cmd->help);
	for (size_t i = 0; i < sizeof(option_help) / sizeof(*option_help); i++)
		if (cmd->options & option_help[i].option)
			fprintf(f, "%s\n", option_help[i].help);
}

static void full_help(FILE *f)
{
	fputs("Usage: ovsxdpctl [OPTION...] COMMAND [ARGUMENT...]\n", f);
	for (const struct ox_ctl_cmd *c = ox_ctl_cmds; c->name; c++)
		fprintf(f, "  %s%s%s\n      %s\n", c->name, *c->args ? " " : "",
			c->args, c->help);
	fputs("\nOptions of all commands:\n"
	      "      --portid N       the daemon's netlink port id\n"
	      "  -t, --timeout SEC    give up after this time (OVSXDP_TIMEOUT, or 10)\n"
	      "  -h, --help           this text, or a command's\n"
	      "  -V, --version        the version\n"
	      "Options that only some commands take (COMMAND --help):\n",
	      f);
	for (size_t i = 0; i < sizeof(option_help) / sizeof(*option_help); i++)
		fprintf(f, "%s\n", option_help[i].help);
	fputs("See ovsxdpctl(8).\n", f);
}

static const struct ox_ctl_cmd *cmd_find(const char *name)
{
	for (const struct ox_ctl_cmd *c = ox_ctl_cmds; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static int cmd_unknown(const char *name, struct ox_err *e)
{
	struct ox_near near;

	ox_near_begin(&near, name, strlen(name));
	for (const struct ox_ctl_cmd *c = ox_ctl_cmds; c->name; c++)
		ox_near_try(&near, c->name);
	return ox_err_set(e, OX_CTL_USAGE, "unknown command '%.40s'%s%s%s",
			  name, near.best ? "; did you mean '" : "",
			  near.best ? near.best : "", near.best ? "'?" : "");
}

/* What getopt took as '?': unknown, or without its value. */
static int option_unknown(const char *word, struct ox_err *e)
{
	struct ox_near near;
	bool is_long = !strncmp(word, "--", 2);

	ox_near_begin(&near, is_long ? word + 2 : "",
		      is_long ? strcspn(word + 2, "=") : 0);
	for (const struct option *o = long_opts; o->name; o++)
		ox_near_try(&near, o->name);
	if (near.best && !near.distance)
		return ox_err_set(e, OX_CTL_USAGE, "'%.60s' needs a value",
				  word);
	return ox_err_set(e, OX_CTL_USAGE,
			  "unknown option or missing value: '%.60s'%s%s%s",
			  word, near.best ? "; did you mean '--" : "",
			  near.best ? near.best : "", near.best ? "'?" : "");
}

struct parsed {
	struct ox_ctl ctl;
	uint32_t given; /* OX_OPT_* */
	bool help, version;
};

static int arg_seconds(const char *text, double *v, struct ox_err *e)
{
	char *end;

	*v = strtod(text, &end);
	if (end == text || *end || !isfinite(*v) || *v < 0.01 || *v > 1e6)
		return ox_err_set(e, OX_CTL_USAGE,
				  "'%.40s' is not a time in seconds", text);
	return 0;
}

static int option_timeout(struct ox_ctl *ctl, const char *text)
{
	double seconds = 0;
	int err = arg_seconds(text, &seconds, &ctl->err);

	ctl->timeout_ms = (int)(seconds * 1000);
	return ox_ctl_of(ctl, err, "--timeout");
}

/* What the environment says; the option --timeout comes after it. */
static int env_timeout(struct ox_ctl *ctl)
{
	const char *text = getenv("OVSXDP_TIMEOUT");
	double seconds = 10;
	int err = text && *text ? arg_seconds(text, &seconds, &ctl->err) : 0;

	ctl->timeout_ms = (int)(seconds * 1000);
	return ox_ctl_of(ctl, err, "OVSXDP_TIMEOUT");
}

static int option_take(struct parsed *p, int opt, const char *arg)
{
	struct ox_ctl *ctl = &p->ctl;
	const struct {
		int opt;
		bool *flag;
		uint32_t option;
	} flags[] = {
		{ 'j', &ctl->json, OX_OPT_JSON },
		{ 's', &ctl->statistics, OX_OPT_STATISTICS },
		{ 'm', &ctl->more, OX_OPT_MORE },
		{ OPT_NAMES, &ctl->names, OX_OPT_NAMES },
		{ OPT_CLEAR, &ctl->clear, OX_OPT_CLEAR },
		{ OPT_MAY_CREATE, &ctl->may_create, OX_OPT_MAY_CREATE },
		{ OPT_UPCALLS, &ctl->upcalls, OX_OPT_UPCALLS },
		{ OPT_TIERS, &ctl->tiers, OX_OPT_TIERS },
		{ OPT_PROMETHEUS, &ctl->prometheus, OX_OPT_PROMETHEUS },
		{ 'h', &p->help, 0 },
		{ 'V', &p->version, 0 },
	};
	int err;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flags[i].opt == opt) {
			*flags[i].flag = true;
			p->given |= flags[i].option;
			return 0;
		}
	}
	switch (opt) {
	case OPT_PORTID:
		err = ox_arg_u32(arg, UINT32_MAX, &ctl->peer, &ctl->err);
		return ox_ctl_of(ctl, err, "--portid");
	case 't':
		return option_timeout(ctl, arg);
	case 'i':
		p->given |= OX_OPT_INTERVAL;
		err = arg_seconds(arg, &ctl->interval, &ctl->err);
		return ox_ctl_of(ctl, err, "--interval");
	case OPT_PORT:
		p->given |= OX_OPT_DROPS;
		ctl->port = arg;
		return 0;
	case OPT_REASON:
		p->given |= OX_OPT_DROPS;
		ctl->reason = arg;
		return 0;
	case 'w':
		p->given |= OX_OPT_DROPS;
		ctl->write = arg;
		return 0;
	case 'n':
		p->given |= OX_OPT_COUNT;
		err = ox_arg_u32(arg, UINT32_MAX, &ctl->count, &ctl->err);
		return ox_ctl_of(ctl, err, "--count");
	}
	return ox_err_set(&ctl->err, OX_CTL_USAGE, "unknown option");
}

static int options_parse(struct parsed *p, int argc, char **argv)
{
	int opt, err = 0;

	optind = 0; /* glibc: start anew, so that tests can call us often */
	opterr = 0;
	while (!err && (opt = getopt_long(argc, argv, "hjmsVt:i:n:w:",
					  long_opts, NULL)) != -1) {
		if (opt == '?')
			return option_unknown(argv[optind - 1], &p->ctl.err);
		err = option_take(p, opt, optarg);
	}
	p->ctl.argc = argc - optind;
	p->ctl.argv = argv + optind;
	return err;
}

void ox_ctl_print_error(FILE *f, const char *cmd, int argc, char **argv,
			int err, const struct ox_err *e)
{
	const char *name = strerrorname_np(-err);

	fprintf(f, "ovsxdpctl: %s", cmd);
	/* a flow may fill the screen: what is wrong comes after it */
	for (int i = 0; i < argc; i++)
		fprintf(f, " %.60s%s", argv[i],
			strlen(argv[i]) > 60 ? "..." : "");
	if (err != OX_CTL_USAGE)
		fprintf(f, ": %s (%s)", strerror(-err), name ? name : "?");
	if (*e->msg)
		fprintf(f, ": %s", e->msg);
	fputc('\n', f);
}

#define CARET_WIDTH 76

/*
 * ovsxdpctl: add-flow: FLOW, column 5: expected ..., found 'x'
 *   eth(x)
 *       ^
 */
static void print_syntax(FILE *f, const char *cmd, const struct ox_ctl *ctl)
{
	size_t at = ctl->err.offset - 1, len = strlen(ctl->syntax), from = 0;

	fprintf(f, "ovsxdpctl: %s: %s, %s\n", cmd, ctl->syntax_name,
		ctl->err.msg);
	if (at > len || strpbrk(ctl->syntax, "\t\r\n"))
		return;
	if (len > CARET_WIDTH && at > CARET_WIDTH / 2)
		from = at - CARET_WIDTH / 2;
	fprintf(f, "  %.*s\n  %*s^\n", CARET_WIDTH, ctl->syntax + from,
		(int)(at - from), "");
}

static int usage_error(FILE *f, const struct ox_ctl_cmd *cmd,
		       const struct ox_err *e)
{
	if (*e->msg)
		fprintf(f, "ovsxdpctl: %s%s%s\n", cmd ? cmd->name : "",
			cmd ? ": " : "", e->msg);
	if (cmd)
		fprintf(f, "Usage: ovsxdpctl [OPTION...] %s %s\n", cmd->name,
			cmd->args);
	fprintf(f, "Try: ovsxdpctl %s%s--help\n", cmd ? cmd->name : "",
		cmd ? " " : "");
	return 2;
}

/* Are the command line's options and arguments what cmd takes? */
static int cmd_check(const struct ox_ctl_cmd *cmd, struct parsed *p)
{
	struct ox_ctl *ctl = &p->ctl;

	/* ovs-dpctl takes -s everywhere, too */
	uint32_t bad = p->given & ~cmd->options & ~(uint32_t)OX_OPT_STATISTICS;

	for (size_t i = 0; i < sizeof(option_help) / sizeof(*option_help); i++)
		if (bad & option_help[i].option)
			return ox_err_set(&ctl->err, OX_CTL_USAGE,
					  "it doesn't take %s",
					  option_help[i].name);
	if (ctl->argc < cmd->min_args)
		return ox_err_set(&ctl->err, OX_CTL_USAGE, "too few arguments");
	if (cmd->max_args >= 0 && ctl->argc > cmd->max_args)
		return ox_err_set(&ctl->err, OX_CTL_USAGE,
				  "too many arguments");
	return 0;
}

static int cmd_run(const struct ox_ctl_cmd *cmd, struct ox_ctl *ctl, FILE *f)
{
	int err = 0;

	if (!(cmd->options & OX_OPT_NO_DAEMON))
		err = ox_conn_open(
			cmd->options & OX_OPT_NFNL ? NETLINK_NETFILTER
						   : NETLINK_GENERIC,
			ctl->peer, ctl->timeout_ms, &ctl->conn, &ctl->err);
	if (!err)
		err = cmd->run(ctl);
	ox_conn_close(ctl->conn);
	if (!err && (fflush(ctl->out) || ferror(ctl->out)))
		err = ox_err_set(&ctl->err, -EIO, "writing the output");
	if (err == OX_CTL_USAGE)
		return usage_error(f, cmd, &ctl->err);
	if (!err)
		return 0;
	/* its text says all of it */
	if (err == -ECONNREFUSED && *ctl->err.msg)
		fprintf(f, "ovsxdpctl: %s\n", ctl->err.msg);
	else if (ctl->syntax_name && ctl->err.offset)
		print_syntax(f, cmd->name, ctl);
	else
		ox_ctl_print_error(f, cmd->name, ctl->argc, ctl->argv, err,
				   &ctl->err);
	return 1;
}

int ox_ctl_main(int argc, char **argv, FILE *out, FILE *err_out)
{
	struct parsed p = {
		.ctl = {
			.out = out,
			.interval = 1,
		},
	};
	const struct ox_ctl_cmd *cmd;

	if (env_timeout(&p.ctl) || options_parse(&p, argc, argv))
		return usage_error(err_out, NULL, &p.ctl.err);
	if (p.version) {
		fprintf(out, "ovsxdpctl %s\n", OX_VERSION);
		return 0;
	}
	cmd = p.ctl.argc ? cmd_find(p.ctl.argv[0]) : NULL;
	if (p.help && (cmd || !p.ctl.argc)) {
		if (cmd)
			cmd_help(out, cmd);
		else
			full_help(out);
		return 0;
	}
	if (!cmd) {
		if (p.ctl.argc)
			cmd_unknown(p.ctl.argv[0], &p.ctl.err);
		else
			ox_err_set(&p.ctl.err, OX_CTL_USAGE, "no command");
		return usage_error(err_out, NULL, &p.ctl.err);
	}
	p.ctl.argc--;
	p.ctl.argv++;
	if (cmd_check(cmd, &p))
		return usage_error(err_out, cmd, &p.ctl.err);
	return cmd_run(cmd, &p.ctl, err_out);
}
