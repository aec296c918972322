/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * counts.h - what is counted and no family of the module has an answer for:
 * operations of the private family.
 */
#ifndef OVSXDP_FAMILY_COUNTS_H
#define OVSXDP_FAMILY_COUNTS_H

#include "control/family/family.h"

/* OX_CMD_DAEMON_GET */
int ox_counts_daemon(struct ox_req *req);

/* OX_CMD_METER_GET: the ids are those of the start, so that no meter comes
 * twice; one that is deleted under way is left out. */
int ox_counts_meters_start(struct ox_dump *d);
int ox_counts_meters(struct ox_dump *d, struct ox_nlbuf *b);
void ox_counts_meters_done(struct ox_dump *d);

/* OX_CMD_CT_GET */
int ox_counts_ct(struct ox_req *req);
int ox_counts_zones(struct ox_dump *d, struct ox_nlbuf *b);

#endif /* OVSXDP_FAMILY_COUNTS_H */
