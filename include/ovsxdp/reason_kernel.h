/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reason_kernel.h - what the kernel's module calls a drop: the names of
 * net/openvswitch/drop.h, which skb:kfree_skb and dropwatch(1) show, by our
 * reasons. A reason that isn't here has no name there: most are about tiers.
 */
#ifndef OVSXDP_REASON_KERNEL_H
#define OVSXDP_REASON_KERNEL_H

#include "ovsxdp/abi/reason.h"

#define OX_REASONS_KERNEL(X)                              \
	X(FLOW, "OVS_DROP_LAST_ACTION")                   \
	X(EXPLICIT, "OVS_DROP_EXPLICIT")                  \
	X(EXPLICIT_ERROR, "OVS_DROP_EXPLICIT_WITH_ERROR") \
	X(METER, "OVS_DROP_METER")                        \
	X(RECIRC, "OVS_DROP_DEFERRED_LIMIT")              \
	X(EDIT, "OVS_DROP_ACTION_ERROR")                  \
	X(TTL, "OVS_DROP_IP_TTL")                         \
	X(CT_LIMIT, "OVS_DROP_CONNTRACK")                 \
	X(CT_FULL, "OVS_DROP_CONNTRACK")                  \
	X(CT_CLASH, "OVS_DROP_CONNTRACK")                 \
	X(NEST, "OVS_DROP_RECURSION_LIMIT")               \
	X(CT_HELPER, "OVS_DROP_CONNTRACK")

#endif /* OVSXDP_REASON_KERNEL_H */
