/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctl.h - ovsxdpctl: its options, its commands, and the objects that they
 * read from the daemon.
 */
#ifndef OVSXDP_CTL_CTL_H
#define OVSXDP_CTL_CTL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <cjson/cJSON.h>

#include "control/ctl/conn.h"
#include "control/ctl/odp.h"
#include "ovsxdp/abi.h"
#include "ovsxdp/uapi.h"

struct ox_ctl {
	struct ox_conn *conn;
	struct ox_err err; /* of the command that failed */
	FILE *out;
	uint32_t peer;
	int timeout_ms;
	bool json, statistics, more, names, clear, may_create, upcalls, tiers;
	bool prometheus;		   /* metrics in the older format */
	const char *port, *reason, *write; /* of drops; NULL: not given */
	double interval;		   /* s */
	uint32_t count;			   /* 0: for ever */
	int argc;			   /* after the command's name */
	char **argv;
	/* A text in the flow syntax while it is read, for the error's caret. */
	const char *syntax_name; /* "FLOW"; NULL: none */
	const char *syntax;
};

/* Which options a command knows beyond the general ones. */
enum {
	OX_OPT_STATISTICS = 1,
	OX_OPT_MORE = 2,
	OX_OPT_NAMES = 4,
	OX_OPT_CLEAR = 8,
	OX_OPT_MAY_CREATE = 16,
	OX_OPT_UPCALLS = 32,
	OX_OPT_INTERVAL = 64,
	OX_OPT_JSON = 128,
	OX_OPT_TIERS = 256,
	OX_OPT_NO_DAEMON = 512, /* no option: it talks to none */
	OX_OPT_NFNL = 1024,	/* nor this: it talks by nfnetlink */
	OX_OPT_PROMETHEUS = 2048,
	OX_OPT_COUNT = 4096,
	OX_OPT_DROPS = 8192, /* --port, --reason, --write */
};

struct ox_ctl_cmd {
	const char *name;
	const char *args;
	const char *help;
	int min_args;
	int max_args;	  /* -1: any number */
	uint32_t options; /* OX_OPT_* */
	/* 0 or -errno with ctl->err; -EDOM: usage, with ctl->err. */
	int (*run)(struct ox_ctl *ctl);
};
extern const struct ox_ctl_cmd ox_ctl_cmds[]; /* ends with name NULL */

/* A wrong word on the command line: exit status 2. */
#define OX_CTL_USAGE (-EDOM)

/* The whole program; returns its exit status. */
int ox_ctl_main(int argc, char **argv, FILE *out, FILE *err_out);

/* "ovsxdpctl: add-if dp0 eth7: No such device (ENODEV): why" */
void ox_ctl_print_error(FILE *f, const char *cmd, int argc, char **argv,
			int err, const struct ox_err *e);

/* ---- out.c ---- */
/* Prints a value as JSON with a newline and frees it. */
void ox_ctl_print_json(struct ox_ctl *ctl, cJSON *v, bool compact);
/* Adds "; ..." to the text of the command's error. */
void ox_ctl_note(struct ox_ctl *ctl, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "name: " before the text of the command's error; returns err. */
int ox_ctl_of(struct ox_ctl *ctl, int err, const char *name);

/* ---- numbers and lists on the command line ---- */
int ox_arg_u32(const char *text, uint32_t max, uint32_t *v, struct ox_err *e);
/* The name of a device, hence of a port or datapath: not too long? */
int ox_arg_name(const char *text, struct ox_err *e);
/* "1:2:3" */
int ox_arg_u32_list(const char *text, uint32_t *v, uint32_t size, uint32_t *n,
		    struct ox_err *e);

/* ---- dp.c: datapaths ---- */
struct ox_dp_info {
	uint32_t ifindex;
	char name[16];
	struct ovs_dp_stats stats;
	struct ovs_dp_megaflow_stats mega;
	uint32_t features;
	uint32_t cache_size;
	uint32_t upcall_pid;
	bool has_cache;
};
struct ox_dp_infos {
	struct ox_dp_info *v; /* owned */
	uint32_t n;
};
void ox_dp_infos_free(struct ox_dp_infos *l);
void ox_dp_info_read(const struct nlmsghdr *nlh, struct ox_dp_info *dp);
int ox_dp_list_all(struct ox_ctl *ctl, struct ox_dp_infos *l);
int ox_dp_find(struct ox_ctl *ctl, const char *name, struct ox_dp_info *dp);
/* -ENODEV becomes a text that names the datapath; returns err. */
int ox_dp_unknown(struct ox_ctl *ctl, int err, const char *name);
/*
 * The datapath that the command is about: the first argument, or the only
 * datapath if there are just n_rest arguments. *rest: those after it.
 */
int ox_dp_arg(struct ox_ctl *ctl, int n_rest, struct ox_dp_info *dp,
	      char ***rest);
/* The datapath named by the first argument, or all of them. */
int ox_dp_arg_or_all(struct ox_ctl *ctl, struct ox_dp_infos *l);
cJSON *ox_dp_json(const struct ox_dp_info *dp);
/* "unaligned,vport-pids" or a number. */
int ox_dp_features_parse(const char *text, uint32_t *v, struct ox_err *e);
void ox_dp_features_print(FILE *f, uint32_t v);

/* ---- dp_private.c: what the private family says of a datapath ---- */
struct ox_dp_reason {
	char name[32];
	uint64_t count;
};
struct ox_dp_private {
	char path[256];
	uint32_t max_flows, max_masks, max_ports;
	uint32_t knobs;	     /* OX_KNOB_* */
	uint32_t lingering;  /* flows */
	char build[24];	     /* of the programs */
	char build_ours[24]; /* the daemon's, if it is another; or "" */
	char build_why[256]; /* why the programs aren't of that */
	uint32_t n_reasons;
	struct ox_dp_reason reasons[64];
};
/* p is zeroed first. */
int ox_dp_private_get(struct ox_ctl *ctl, uint32_t dp_ifindex,
		      struct ox_dp_private *p);
/* What the daemon counts of itself, as p->reasons; the rest of p is zeroed. */
int ox_daemon_counts_get(struct ox_ctl *ctl, struct ox_dp_private *p);
/* Adds names and counts of a nest of OX_A_REASON to p->reasons; NULL: none. */
void ox_reasons_read(const struct nlattr *nest, struct ox_dp_private *p);
/* Sets those OX_KNOB_* that mask covers. */
int ox_dp_knobs_set(struct ox_ctl *ctl, uint32_t dp_ifindex, uint32_t knobs,
		    uint32_t mask);

/* ---- reason.c: OX_REASONS for people ---- */
/* Drops, then events, then what only the daemon knows. Those that are 0 are
 * left out; more: none is, and each has its meaning beside. */
void ox_reasons_print(FILE *f, const struct ox_dp_private *p, bool more);
/* Drop or event? Of those that this program doesn't know nobody can say. */
bool ox_reason_is_drop(const char *name);
/* What the kernel's module calls the drop; NULL: nothing. */
const char *ox_reason_kernel_name(const char *name);
/* The drop that somebody may have meant, or NULL. */
const char *ox_reason_near(const char *name);
/* Ports that have lost something: errors, drops, upcalls. */
struct ox_port_infos;
void ox_reasons_print_ports(FILE *f, const struct ox_port_infos *l);
/* Packets, of all reasons that are drops. */
uint64_t ox_reasons_dropped(const struct ox_dp_private *p);

/* ---- port.c: vports ---- */
struct ox_port_info {
	uint32_t dp_ifindex;
	uint32_t no;
	uint32_t type; /* enum ovs_vport_type */
	uint32_t ifindex;
	char name[16];
	struct ovs_vport_stats stats;
	uint64_t upcalls, upcalls_failed; /* packets for user space */
	uint32_t n_pids;
	uint32_t pids[OX_PORT_PIDS];
	bool has_options; /* a tunnel's */
	uint16_t dst_port;
	uint32_t exts; /* bit n: attribute n of OVS_TUNNEL_ATTR_EXTENSION */
	/* of the private family; has_mode says whether it answered */
	bool has_mode;
	uint32_t mode_asked, mode, flags, xsks;
	bool tc, tcx;
	uint32_t mtu, xdp_id, tc_id; /* ids of programs; 0: not there */
	char why[384];
};
struct ox_port_infos {
	struct ox_port_info *v; /* owned */
	uint32_t n;
};
void ox_port_infos_free(struct ox_port_infos *l);
void ox_port_info_read(const struct nlmsghdr *nlh, struct ox_port_info *p);
/* Sorted by number. with_mode: asks the private family too. */
int ox_port_list(struct ox_ctl *ctl, uint32_t dp_ifindex, bool with_mode,
		 struct ox_port_infos *l);
/* Names for the flow syntax; the caller frees names->v. */
int ox_port_names(struct ox_ctl *ctl, uint32_t dp_ifindex,
		  struct ox_odp_ports *names);
cJSON *ox_port_json(const struct ox_port_info *p);
/* ---- port_print.c ---- */
/* "  port 1: p1 [tc: ...]"; in a terminal broken to its width. */
void ox_port_print(FILE *f, const struct ox_port_info *p);
/* "    up, mtu 1500, ...": state and programs. */
void ox_port_print_more(FILE *f, const struct ox_port_info *p);
const char *ox_port_type_name(uint32_t type);
/* system, netdev, internal, ...; -EINVAL. */
int ox_port_type_parse(const char *text, uint32_t *type);
/* Attribute "ext" of OVS_TUNNEL_ATTR_EXTENSION, of that type; NULL: no word. */
const char *ox_port_ext_name(uint32_t type, uint32_t ext);
/* "gbp:gpe" after "before"; nothing if there are none. */
void ox_port_exts_print(FILE *f, const char *before,
			const struct ox_port_info *p);
const char *ox_port_mode_name(uint32_t mode);
int ox_port_mode_parse(const char *text, uint32_t *mode);

/* ---- flow.c: flows ---- */
struct ox_flow_info { /* pointers into the message */
	uint32_t dp_ifindex;
	const struct nlattr *key, *mask, *actions, *ufid;
	bool has_stats;
	struct ovs_flow_stats stats;
	uint64_t used; /* ms of CLOCK_MONOTONIC; 0: never */
	uint16_t tcp_flags;
};
void ox_flow_info_read(const struct nlmsghdr *nlh, struct ox_flow_info *fl);
/* As ovs-dpctl dump-flows has it, without a newline. */
void ox_flow_print(FILE *f, const struct ox_flow_info *fl,
		   const struct ox_odp_style *st);
void ox_flow_print_stats(FILE *f, const struct ox_flow_info *fl);
cJSON *ox_flow_json(const struct ox_flow_info *fl,
		    const struct ox_odp_style *st);
/* {"ufid": ..., "match": ..., "actions": ...}, each as the tool reads it. */
cJSON *ox_flow_json_saved(const struct ox_flow_info *fl);
/* A new flow; -EEXIST. */
int ox_flow_add(struct ox_ctl *ctl, uint32_t dp_ifindex,
		const struct ox_odp_flow *fl, const struct ox_odp_attrs *acts);
/* The number of the flow's ingress port; OX_NONE: not matched exactly. */
uint32_t ox_flow_in_port(const struct ox_flow_info *fl);
/* fn for each flow; or for each of those that linger. */
int ox_flow_dump(struct ox_ctl *ctl, uint32_t dp_ifindex, bool lingering,
		 ox_msg_fn fn, void *arg);

/* ---- the commands ---- */
int ox_cmd_add_dp(struct ox_ctl *ctl);
int ox_cmd_del_dp(struct ox_ctl *ctl);
int ox_cmd_set_dp(struct ox_ctl *ctl);
int ox_cmd_dump_dps(struct ox_ctl *ctl);
int ox_cmd_show(struct ox_ctl *ctl);
int ox_cmd_add_if(struct ox_ctl *ctl);
int ox_cmd_set_if(struct ox_ctl *ctl);
int ox_cmd_del_if(struct ox_ctl *ctl);
int ox_cmd_add_flow(struct ox_ctl *ctl);
int ox_cmd_mod_flow(struct ox_ctl *ctl);
int ox_cmd_del_flow(struct ox_ctl *ctl);
int ox_cmd_del_flows(struct ox_ctl *ctl);
int ox_cmd_dump_flows(struct ox_ctl *ctl);
int ox_cmd_get_flow(struct ox_ctl *ctl);
int ox_cmd_execute(struct ox_ctl *ctl);
int ox_cmd_trace(struct ox_ctl *ctl);
int ox_cmd_add_meter(struct ox_ctl *ctl);
int ox_cmd_del_meter(struct ox_ctl *ctl);
int ox_cmd_get_meter(struct ox_ctl *ctl);
int ox_cmd_meter_features(struct ox_ctl *ctl);
int ox_cmd_dump_conntrack(struct ox_ctl *ctl);
int ox_cmd_flush_conntrack(struct ox_ctl *ctl);
int ox_cmd_conntrack_stats(struct ox_ctl *ctl);
int ox_cmd_ct_set_limits(struct ox_ctl *ctl);
int ox_cmd_ct_get_limits(struct ox_ctl *ctl);
int ox_cmd_ct_del_limits(struct ox_ctl *ctl);
int ox_cmd_save(struct ox_ctl *ctl);
int ox_cmd_restore(struct ox_ctl *ctl);
int ox_cmd_stats(struct ox_ctl *ctl);
int ox_cmd_top(struct ox_ctl *ctl);
int ox_cmd_monitor(struct ox_ctl *ctl);
int ox_cmd_drops(struct ox_ctl *ctl);
int ox_cmd_metrics(struct ox_ctl *ctl);
int ox_cmd_ping(struct ox_ctl *ctl);
int ox_cmd_check_host(struct ox_ctl *ctl);
/* What check-host prints of its notes. */
struct ox_host;
void ox_host_print(FILE *f, const struct ox_host *h);
cJSON *ox_host_json(const struct ox_host *h);
/* One "NETDEV,option=..." for add-dp and add-if: is it well said? Then: add
 * it. */
int ox_port_arg_check(const char *arg, struct ox_err *e);
int ox_port_add_arg(struct ox_ctl *ctl, uint32_t dp_ifindex, const char *arg);
/* Set by SIGINT and SIGTERM once a long command has asked for it. */
bool ox_ctl_stopped(void);
void ox_ctl_catch_signals(void);

#endif /* OVSXDP_CTL_CTL_H */
