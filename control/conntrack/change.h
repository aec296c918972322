/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * change.h - what netlink changes of connections: ends those of a zone, or
 * those that pass a filter; makes one; sets its mark, labels and so on. As
 * nf_conntrack_netlink.c, with its errnos.
 */
#ifndef OVSXDP_CONNTRACK_CHANGE_H
#define OVSXDP_CONNTRACK_CHANGE_H

#include "control/conntrack/view.h"

/* All connections of a zone end: one store, however many they are. */
void ox_ct_flush_zone(struct ox_ct_mem *m, uint16_t zone);
/*
 * Those that pass end. A filter of nothing but a zone, or of nothing, is a
 * flush, unless each one's end is to be told. Else all connections from *at on
 * are looked at, some in a call, and -EINPROGRESS says that there are more from
 * *at on.
 */
int ox_ct_flush(struct ox_ct_mem *m, const struct ox_ctnl_filter *f, bool each,
		uint32_t *at);

/* What a CT_NEW says besides the entry. */
struct ox_ct_masks {
	uint32_t mark;	    /* bits that it changes */
	uint8_t labels[16]; /* the same */
};

/* A connection that isn't there. -EINVAL without a timeout; -EOPNOTSUPP for
 * what can't be made (NAT, a master, sequence numbers, unknown helpers); else
 * as ops->make. */
int ox_ct_create(struct ox_ct_mem *m, const struct ox_ctnl_entry *e,
		 struct ox_err *err);
/* One that is there, as "old" says: what e has is set. -EBUSY: the status
 * can't change like that; -EPERM: its timeout is fixed; -EOPNOTSUPP; -ENOENT:
 * it has just ended. */
int ox_ct_update(struct ox_ct_mem *m, uint32_t idx, uint16_t gen,
		 const struct ox_ctnl_entry *old, const struct ox_ctnl_entry *e,
		 const struct ox_ct_masks *masks, struct ox_err *err);

#endif /* OVSXDP_CONNTRACK_CHANGE_H */
