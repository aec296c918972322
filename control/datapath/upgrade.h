/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * upgrade.h - datapaths that a daemon of another build has left get this one's
 * programs, while packets go on.
 */
#ifndef OVSXDP_UPGRADE_H
#define OVSXDP_UPGRADE_H

#include "control/datapath/datapath.h"

/*
 * Begins with the next datapath whose programs are of another build, if none is
 * under way. A thread loads them; when it has ended they take the old ones'
 * place. What fails is logged and remembered (ox_datapath.upgrade_why), and the
 * old programs go on.
 */
void ox_upgrade_tick(struct ox_datapaths *all);
/* Finishes what a daemon that died has begun. */
void ox_upgrade_resume(struct ox_datapath *dp);

#endif /* OVSXDP_UPGRADE_H */
