/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * veth.h - the pair of devices that makes an internal port: the near end is
 * what the user sees and configures, the far end carries the XDP program.
 */
#ifndef OVSXDP_VETH_H
#define OVSXDP_VETH_H

#include "control/port/rtnl.h"

/*
 * The far end's name: "ovsx" and 8 hex digits that follow from what the pair
 * is for. So a daemon that finds a half-made port knows which device the one
 * before it had made. salt: the next choice, should the name be taken.
 */
void ox_veth_far_name(uint64_t netns_cookie, const char *dp_folder,
		      uint32_t port_no, uint32_t salt, char out[IFNAMSIZ]);
#define OX_VETH_SALTS 8

/*
 * Creates the pair: both ends down, the near end with GRO and an alias.
 * want_ifindex: of the near end, 0: any. On error nothing is left. -EEXIST:
 * near's name is taken; -EBUSY: want_ifindex is; -EADDRINUSE: far's name is.
 */
int ox_veth_create(struct ox_rtnl *r, const char *near, uint32_t want_ifindex,
		   const char *far, struct ox_link *near_link,
		   struct ox_link *far_link, struct ox_err *e);
/*
 * Takes IPv6 off a far end, before it is up. What a far end's own stack sends
 * would come out of the near end as if from the network, and from a MAC that is
 * nobody's. The module's internal device has no far end.
 */
int ox_veth_silence(struct ox_rtnl *r, const struct ox_link *far,
		    struct ox_err *e);
/* Deletes what a crash left: the pair of these two names, if it is one. */
void ox_veth_delete_orphan(struct ox_rtnl *r, const char *near,
			   const char *far);

#endif /* OVSXDP_VETH_H */
