/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * other_build.h - what makes the programs of build/other/ovsxdpd others: a list
 * may cost less. The ABI is the same.
 */
#include "ovsxdp/abi.h"

#undef OX_MAX_WORK
#define OX_MAX_WORK 64
