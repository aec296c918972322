/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ops_check.h - is a compiled list fit to be run? Written from abi.h alone,
 * not from what the compiler does.
 */
#ifndef OVSXDP_TESTS_OPS_CHECK_H
#define OVSXDP_TESTS_OPS_CHECK_H

#include "control/codec/actions.h"

/*
 * Skips stay inside of the list and of their branch, and branches nest. Each
 * OUTPUT or USERSPACE is LAST where nothing after it needs the packet, and only
 * there. No op is without effect, attributes are where ops say, and the kind is
 * the list's. 0, or a line of why on stderr and -1.
 */
int ox_ops_check(const struct ox_actions *a);

#endif /* OVSXDP_TESTS_OPS_CHECK_H */
