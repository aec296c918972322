/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * netns.h - going to other network namespaces, as far as they can be found:
 * those that have a name, or a process.
 */
#ifndef OVSXDP_NETNS_H
#define OVSXDP_NETNS_H

#include <stdint.h>

/*
 * Calls fn in other network namespaces than the daemon's: in the one that the
 * daemon's numbers netnsid, or, with OX_NO_NETNSID, in one after the other.
 * Ends when fn returns other than -ENOENT, and returns that; -ENOENT: no such
 * namespace was found. Searches through /proc, so it isn't for the loop. The
 * calling thread is in the daemon's namespace afterwards.
 */
int ox_netns_visit(int32_t netnsid, int (*fn)(void *arg), void *arg);

#endif /* OVSXDP_NETNS_H */
