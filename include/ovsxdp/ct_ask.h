/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_ask.h - what user space asks of the programs in bpf/ct.bpf.c. Both are of
 * one build: nothing of it is pinned.
 */
#ifndef OVSXDP_CT_ASK_H
#define OVSXDP_CT_ASK_H

#include <linux/types.h>

/* The frame that they are run with. */
struct ox_ct_ask {
	__u32 idx; /* an entry's place; ct_untp: the first word of places */
	__u32 gen; /* of that entry; ct_untp: the policy's place */
	__u32 pad[2];
};

#define OX_CT_ASK_WORDS 1024 /* that ct_untp does at once */

#endif /* OVSXDP_CT_ASK_H */
