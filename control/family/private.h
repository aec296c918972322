/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * private.h - messages of the private family (nl.h), as all files that answer
 * for it make them.
 */
#ifndef OVSXDP_FAMILY_PRIVATE_H
#define OVSXDP_FAMILY_PRIVATE_H

#include "control/netlink/genl.h"

/* Begins a message of a dump. 0, or -EMSGSIZE: there is no room. */
int ox_private_dump_begin(struct ox_dump *d, struct ox_nlbuf *b, uint8_t cmd,
			  uint32_t dp_ifindex);

#endif /* OVSXDP_FAMILY_PRIVATE_H */
