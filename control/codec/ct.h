/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct.h - whether connection tracking is served.
 *
 * Until every tier can run ct(), its keys and actions are checked as the module
 * checks them and then refused: a client must not be told that they work. This
 * is the one switch. `CPPFLAGS=-DOX_CT_SERVED=OX_CT_SERVE_KEYS make O=DIR`
 * builds a daemon and tests that take the keys.
 */
#ifndef OVSXDP_CODEC_CT_H
#define OVSXDP_CODEC_CT_H

enum ox_ct_serve {
	OX_CT_SERVE_NONE, /* keys and actions are refused */
	OX_CT_SERVE_KEYS, /* matches on ct_*; packets have seen no ct() yet */
	OX_CT_SERVE_ALL,  /* and the actions ct(), ct_clear */
};

#include <stdint.h>

#ifndef OX_CT_SERVED
#define OX_CT_SERVED OX_CT_SERVE_ALL
#endif

/* Read by the codecs of keys and actions. Written by tests alone. */
extern enum ox_ct_serve ox_ct_served;

/* The place of a timeout policy in the table, by name: its owner's function. 0:
 * there is none, and ct() goes without, as in the module. NULL: there are none.
 */
extern uint16_t (*ox_ct_policy_place)(const char *name);

#endif /* OVSXDP_CODEC_CT_H */
