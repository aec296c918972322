/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct.h - what the codecs of ct() ask of their surroundings: whether connection
 * tracking is served, and where a timeout policy is.
 */
#ifndef OVSXDP_CODEC_CT_H
#define OVSXDP_CODEC_CT_H

#include <stdint.h>

enum ox_ct_serve {
	OX_CT_SERVE_NONE, /* keys and actions are refused */
	OX_CT_SERVE_KEYS, /* matches on ct_* */
	OX_CT_SERVE_ALL,  /* and the actions ct(), ct_clear */
};

/* OX_CT_SERVE_ALL. Tests write it, to compare with the answers of a module that
 * was built without connection tracking. */
extern enum ox_ct_serve ox_ct_served;

/* The place of a timeout policy in the table, by name: its owner's function. 0:
 * there is none, and ct() goes without, as in the module. NULL: there are none.
 */
extern uint16_t (*ox_ct_policy_place)(const char *name);

#endif /* OVSXDP_CODEC_CT_H */
