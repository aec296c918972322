// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct.c - see ct.h.
 */
#include "control/codec/ct.h"

enum ox_ct_serve ox_ct_served = OX_CT_SERVE_ALL;
uint16_t (*ox_ct_policy_place)(const char *name);
