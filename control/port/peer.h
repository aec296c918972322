/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * peer.h - the other end of a veth, wherever it is.
 */
#ifndef OVSXDP_PEER_H
#define OVSXDP_PEER_H

#include "control/port/link.h"
#include "control/port/vport.h"

/*
 * Has the other end of veth l somebody to take frames that XDP_REDIRECT brings:
 * is it up, with GRO or native XDP, hence NAPI (docs/facts.md, V1)? For kernels
 * whose xdp-features don't say. 1 yes, 0 no, -errno if it can't be found. Not
 * for the loop if the end is in another namespace: see ox_netns_visit().
 */
int ox_peer_takes_frames(const struct ox_link *l);
/* The same by a thread; fn gets the answer in the loop, with l's ifindex. */
void ox_peer_ask(struct ox_datapath *dp, const struct ox_link *l,
		 void (*fn)(struct ox_ports *ps, uint32_t ifindex, int answer));

#endif /* OVSXDP_PEER_H */
