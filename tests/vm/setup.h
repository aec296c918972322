/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * setup.h - makes and removes the datapath "dp0" of a side.
 */
#ifndef OVSXDP_TESTS_VM_SETUP_H
#define OVSXDP_TESTS_VM_SETUP_H

#include "side.h"

/* With ports p1 to p4 (attached in a mode of enum ox_attach_mode, which the
 * module doesn't get) and the meters 1 and 2. With gen_tunnels, also ports of
 * all tunnels: devices of the kernel; native: ours have none. */
void setup_datapath(struct side *s, int mode, bool native);
void setup_remove(struct side *s);
/* Back to dp0 with p1 and p2 and the meters, whatever requests did to it.
 * False if meters of other ids are in the way. */
bool setup_reset(struct side *s);
/* Removes all flows. */
void setup_flush(struct side *s);

#endif /* OVSXDP_TESTS_VM_SETUP_H */
