/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * takeover.h - what a daemon that starts finds pinned.
 */
#ifndef OVSXDP_TAKEOVER_H
#define OVSXDP_TAKEOVER_H

#include "control/datapath/datapath.h"

/* Picks up every datapath of this network namespace in the root, with its
 * ports. A broken one is logged and left alone. */
int ox_datapath_takeover(struct ox_datapaths *all, struct ox_err *e);

#endif /* OVSXDP_TAKEOVER_H */
