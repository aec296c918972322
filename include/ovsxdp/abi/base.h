/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/base.h - what every layout of the ABI needs. A part of ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_BASE_H
#define OVSXDP_ABI_BASE_H

#include <linux/types.h>

#define OX_ABI_MAGIC   0x4f565844u /* "OVXD" */
#define OX_ABI_VERSION 12u

#define OX_NAME_LEN 16		/* IFNAMSIZ */
#define OX_NONE	    0xffffffffu /* "no such flow, slot, port" */

/* Of masks, flows and lists of actions. */
enum ox_state {
	OX_FREE = 0, /* not in use, or being written */
	OX_LIVE = 1, /* complete and committed */
	OX_DEAD = 2, /* unlinked; a program may still read it */
};

#endif /* OVSXDP_ABI_BASE_H */
