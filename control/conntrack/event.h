/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * event.h - what happens to connections, told to clients that have joined
 * NFNLGRP_CONNTRACK_*: ctnetlink_conntrack_event() and ctnetlink_expect_event()
 * of nf_conntrack_netlink.c.
 */
#ifndef OVSXDP_CONNTRACK_EVENT_H
#define OVSXDP_CONNTRACK_EVENT_H

#include "control/datapath/datapath.h"
#include "control/netlink/genl.h"

/* From here on who joins hears of it. Who had joined while another daemon was
 * there goes on hearing. */
void ox_ct_events_open(struct ox_datapaths *all, struct ox_genl *genl);
void ox_ct_events_close(void);
/* Several times per second: does anybody listen still? */
void ox_ct_events_tick(void);
/* Does anybody? */
bool ox_ct_events_heard(void);
/* Messages that found no room at those who listen. */
uint64_t ox_ct_events_unread(void);

#endif /* OVSXDP_CONNTRACK_EVENT_H */
