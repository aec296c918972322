/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * family.h - the families that the daemon serves, a file each (fam_*.c). What
 * they work on is struct ox_datapaths, which the server hands them with each
 * request.
 */
#ifndef OVSXDP_FAMILY_H
#define OVSXDP_FAMILY_H

#include "control/datapath/datapath.h"
#include "control/netlink/genl.h"

extern const struct ox_genl_family ox_fam_datapath;
extern const struct ox_genl_family ox_fam_vport;
extern const struct ox_genl_family ox_fam_flow;
extern const struct ox_genl_family ox_fam_packet;
extern const struct ox_genl_family ox_fam_meter;
extern const struct ox_genl_family ox_fam_ct_limit; /* if ox_datapaths.ct */
extern const struct ox_genl_family ox_fam_ovsxdp;   /* private: nl.h */

/* Notification of a vport that goes without a request (its netdev has gone);
 * for ox_ports.gone. */
void ox_fam_vport_notify_del(struct ox_datapath *dp, uint32_t port_no);

/* ---- fam_flow.c, for others ---- */
/* Attributes of a flow, as its own family has them; its counters are 0. */
int ox_fam_flow_put(struct ox_nlbuf *b, const struct ox_datapath *dp,
		    uint32_t flow);

/* ---- fam_trace.c: OX_CMD_TRACE of the private family ---- */
int ox_fam_trace_start(struct ox_dump *d);
int ox_fam_trace_dump(struct ox_dump *d, struct ox_nlbuf *b);
void ox_fam_trace_done(struct ox_dump *d);

#endif /* OVSXDP_FAMILY_H */
