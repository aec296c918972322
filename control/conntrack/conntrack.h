/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * conntrack.h - connection tracking in the daemon: the maps of its network
 * namespace, and nfnetlink's conntrack subsystems over them, for clients that
 * otherwise ask the kernel (net/netfilter/nf_conntrack_netlink.c and
 * nfnetlink_cttimeout.c).
 */
#ifndef OVSXDP_CONNTRACK_H
#define OVSXDP_CONNTRACK_H

#include "control/datapath/datapath.h"
#include "control/netlink/genl.h"

/*
 * Opens or makes the maps, in all->space.own; all->ct and ct_set are there
 * then. Before datapaths are taken over. Without connection tracking
 * (ox_ct_served) nothing happens.
 */
int ox_conntrack_open(struct ox_datapaths *all, struct ox_err *e);
/* The maps live on. */
void ox_conntrack_close(struct ox_datapaths *all);
/* Serves NETLINK_NETFILTER beside genl; what can't be is told in the log. */
void ox_conntrack_serve(struct ox_datapaths *all, struct ox_genl *genl);
/* Room ahead of need. */
void ox_conntrack_tick(struct ox_datapaths *all);

/* The subsystems. */
extern const struct ox_genl_family ox_fam_ctnl;
extern const struct ox_genl_family ox_fam_ctnl_exp;
extern const struct ox_genl_family ox_fam_ctnl_timeout;

#endif /* OVSXDP_CONNTRACK_H */
