/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * monitor.h - one notification or upcall as text or JSON.
 */
#ifndef OVSXDP_CTL_MONITOR_H
#define OVSXDP_CTL_MONITOR_H

#include "control/ctl/ctl.h"

struct ox_monitor {
	struct ox_ctl *ctl;
	uint32_t dp_ifindex;	/* 0: all */
	struct ox_dp_infos dps; /* to tell names by; owned */
	struct ox_odp_style style;
	uint32_t n_events;
};

/* An ox_msg_fn; arg is the struct ox_monitor. What isn't an event (ACKs)
 * or is of another datapath is passed over. */
int ox_monitor_event(const struct nlmsghdr *nlh, void *arg);

#endif /* OVSXDP_CTL_MONITOR_H */
