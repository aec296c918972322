/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ethtool.h - the few device settings that rtnetlink doesn't have.
 */
#ifndef OVSXDP_ETHTOOL_H
#define OVSXDP_ETHTOOL_H

#include <stdbool.h>

/*
 * Switches generic receive offload. On a veth it also switches NAPI, which
 * XDP_REDIRECT from the other end needs (docs/facts.md, V1).
 */
int ox_ethtool_set_gro(const char *name, bool on);
/* 1 on, 0 off, or -errno. */
int ox_ethtool_get_gro(const char *name);
/* Large receive offload, which a port mustn't have (dev_disable_lro()): the
 * frames it makes can't be forwarded. Get: 1 on, 0 off, or -errno. */
int ox_ethtool_set_lro(const char *name, bool on);
int ox_ethtool_get_lro(const char *name);

#endif /* OVSXDP_ETHTOOL_H */
