/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * view.h - connections of the table as netlink shows them, and tuples of
 * netlink as the table has them. Reads the mapped memory without a lock, while
 * packets change it.
 */
#ifndef OVSXDP_CONNTRACK_VIEW_H
#define OVSXDP_CONNTRACK_VIEW_H

#include "control/codec/ctnl.h"
#include "control/codec/ctnl_timeout.h"
#include "ovsxdp/ct_mem.h"

/* The connection in a place. -ENOENT: there is none, or it is dead (its time
 * has come, or its zone was flushed). gen may be NULL. */
int ox_ct_view(const struct ox_ct_mem *m, uint32_t idx,
	       struct ox_ctnl_entry *out, uint16_t *gen);
/* What a record of the ring says of its connection. */
void ox_ct_event_view(const struct ox_ct_mem *m, const struct ox_ct_event *ev,
		      struct ox_ctnl_entry *out);
/* The next place from idx on that is claimed; OX_CT_NONE after the last one. */
uint32_t ox_ct_next(const struct ox_ct_mem *m, uint32_t idx);

/*
 * A tuple of one direction: *t has its ends in order, *from_b says which one
 * sends. -EOPNOTSUPP: a family or a type of ICMP that isn't tracked.
 */
int ox_ct_tuple_make(const struct ox_ctnl_tuple *in, uint16_t zone,
		     struct ox_ct_tuple *t, bool *from_b);
/* The connection that a request names, in either direction. -ENOENT. */
int ox_ct_find(struct ox_ct_mem *m, const struct ox_ctnl_which *which,
	       struct ox_ctnl_entry *out, uint32_t *idx, uint16_t *gen);

/* Of enum ox_ct_helper; "" for none. */
const char *ox_ct_helper_name(uint8_t helper);

/* Connections that are counted: of a zone, and of all. */
uint32_t ox_ct_zone_count(const struct ox_ct_mem *m, uint16_t zone);
uint32_t ox_ct_count(const struct ox_ct_mem *m);

#endif /* OVSXDP_CONNTRACK_VIEW_H */
