/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libdp.h - a datapath without a daemon: ports and flows are entered through
 * the library. Ends the program on any error.
 */
#ifndef OVSXDP_BENCH_LIBDP_H
#define OVSXDP_BENCH_LIBDP_H

#include <stdint.h>

#include "control/flow/table.h"
#include "ovsxdp/dp.h"

/* Root of bpffs where the caller names none. */
#define OX_BENCH_ROOT "/sys/fs/bpf/ovsxdp-bench"

struct ox_bench_dp {
	const char *root;
	struct ox_dp *dp;
	struct ox_mem *m;
	struct ox_table *t;
	struct ox_dp_stats was; /* ox_bench_dp_begin() */
};

/* max_flows 0: the default. */
void ox_bench_dp_open(struct ox_bench_dp *b, const char *root,
		      uint32_t max_flows);
void ox_bench_dp_close(struct ox_bench_dp *b);
void ox_bench_dp_port(struct ox_bench_dp *b, uint32_t port_no,
		      uint32_t ifindex);
/* ox_frame's key, and of the mask what ovs-vswitchd always matches: port,
 * recirculation, VLAN, Ethertype, protocol, fragment. */
void ox_bench_dp_spec(struct ox_flow_spec *spec, uint32_t in_port);
/* actions: in the syntax of ovs-dpctl. */
void ox_bench_dp_flow(struct ox_bench_dp *b, const struct ox_flow_spec *spec,
		      const char *actions);
void ox_bench_dp_clear(struct ox_bench_dp *b); /* no flows, no masks */

/* Around what is measured: each packet in between must have met a flow and
 * none been dropped. Returns the counters' change. */
void ox_bench_dp_begin(struct ox_bench_dp *b);
struct ox_dp_stats ox_bench_dp_end(struct ox_bench_dp *b, const char *what);

#endif /* OVSXDP_BENCH_LIBDP_H */
