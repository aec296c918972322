// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * metrics_port.c - metrics of ports.
 */
#include <stddef.h>

#include "control/ctl/metrics.h"

#define STAT(name_, field, help_)                                              \
	{                                                                      \
		.name = "ovsxdp_port_" name_,                                  \
		.at = offsetof(struct ovs_vport_stats, field), .help = (help_) \
	}

static const struct {
	const char *name;
	size_t at;
	const char *help;
} stats[] = {
	STAT("receive_packets", rx_packets, "Packets that came in."),
	STAT("receive_bytes", rx_bytes, "Bytes that came in."),
	STAT("receive_errors", rx_errors, "Packets that came in broken."),
	STAT("receive_dropped_packets", rx_dropped,
	     "Packets that were dropped as they came in."),
	STAT("transmit_packets", tx_packets, "Packets that were sent."),
	STAT("transmit_bytes", tx_bytes, "Bytes that were sent."),
	STAT("transmit_errors", tx_errors, "Packets that couldn't be sent."),
	STAT("transmit_dropped_packets", tx_dropped,
	     "Packets that were dropped instead of being sent."),
};

/* fn for each port of all datapaths. */
static void each_port(struct ox_expose *x, const struct ox_metrics *m,
		      void (*fn)(struct ox_expose *x, const char *dp,
				 const struct ox_port_info *p, size_t arg),
		      size_t arg)
{
	for (uint32_t i = 0; i < m->n_dps; i++)
		for (uint32_t j = 0; j < m->dps[i].ports.n; j++)
			fn(x, m->dps[i].info.name, &m->dps[i].ports.v[j], arg);
}

static void print_info(struct ox_expose *x, const char *dp,
		       const struct ox_port_info *p, size_t arg)
{
	char no[16];

	(void)arg;
	snprintf(no, sizeof(no), "%u", p->no);
	ox_expose_u64(x, 1, "dp", dp, "port", p->name, "port_no", no, "type",
		      ox_port_type_name(p->type), "mode",
		      p->has_mode ? ox_port_mode_name(p->mode) : "", NULL);
}

static void print_up(struct ox_expose *x, const char *dp,
		     const struct ox_port_info *p, size_t arg)
{
	(void)arg;
	if (p->has_mode)
		ox_expose_u64(x, !!(p->flags & OX_PORT_UP), "dp", dp, "port",
			      p->name, NULL);
}

static void print_stat(struct ox_expose *x, const char *dp,
		       const struct ox_port_info *p, size_t at)
{
	const uint64_t *v = (const void *)((const char *)&p->stats + at);

	ox_expose_u64(x, *v, "dp", dp, "port", p->name, NULL);
}

static void print_upcalls(struct ox_expose *x, const char *dp,
			  const struct ox_port_info *p, size_t arg)
{
	(void)arg;
	ox_expose_u64(x, p->upcalls, "dp", dp, "port", p->name, "result",
		      "delivered", NULL);
	ox_expose_u64(x, p->upcalls_failed, "dp", dp, "port", p->name, "result",
		      "lost", NULL);
}

void ox_metrics_print_ports(struct ox_expose *x, const struct ox_metrics *m)
{
	ox_expose_family(x, "ovsxdp_port_info", OX_GAUGE,
			 "Number, type and attach mode of a port; always 1.");
	each_port(x, m, print_info, 0);
	ox_expose_family(x, "ovsxdp_port_up", OX_GAUGE,
			 "1 if the port's device is up with carrier.");
	each_port(x, m, print_up, 0);
	for (size_t i = 0; i < sizeof(stats) / sizeof(*stats); i++) {
		ox_expose_family(x, stats[i].name, OX_COUNTER, stats[i].help);
		each_port(x, m, print_stat, stats[i].at);
	}
	ox_expose_family(x, "ovsxdp_port_upcall_packets", OX_COUNTER,
			 "Packets of the port for user space, by whether a "
			 "client got them.");
	each_port(x, m, print_upcalls, 0);
}
