/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * genl_sync.h - operations of the private family (nl.h) that are about the
 * server itself; the family has them among its own.
 */
#ifndef OVSXDP_GENL_SYNC_H
#define OVSXDP_GENL_SYNC_H

#include "control/netlink/genl.h"
#include "ovsxdp/nl.h"

extern const struct ox_nla_policy ox_sync_policy[OX_A_MAX__];
int ox_sync_subscribe(struct ox_req *req);
int ox_sync_unsubscribe(struct ox_req *req);
int ox_sync_sync(struct ox_req *req);
int ox_sync_forget(struct ox_req *req);
int ox_sync_daemon(struct ox_req *req);
/* The counters of OX_A_DAEMON that are the server's: one OX_A_REASON each. */
int ox_sync_counts_put(struct ox_genl *g, struct ox_nlbuf *b);
/* One OX_A_REASON: a name and a number. */
int ox_sync_put_count(struct ox_nlbuf *b, const char *name, uint64_t v);
/* -EINVAL, telling that an attribute of this type is missing. */
int ox_req_missing(struct ox_req *req, uint32_t type, const char *text);

#endif /* OVSXDP_GENL_SYNC_H */
