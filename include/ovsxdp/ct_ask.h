/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_ask.h - what user space asks of the programs in bpf/ct.bpf.c, and what
 * they answer in its place. Both are of one build: nothing of it is pinned.
 */
#ifndef OVSXDP_CT_ASK_H
#define OVSXDP_CT_ASK_H

#include "ovsxdp/abi/ct.h"

/* The frame that they are run with. */
struct ox_ct_ask {
	__u32 idx;    /* place of an entry; ct_untp: a word of places */
	__u32 gen;    /* of that entry; ct_untp: the policy's place */
	__u32 what;   /* ct_change: OX_CT_CHANGE_*; ct_make: enum ox_ct_made */
	__u32 from_b; /* ct_find: the end b of e.orig sends; answer: the
		       * direction */
	__u32 portid; /* of the client that wants it; 0: none */
	__u32 pad;
	struct ox_ct e; /* ct_find: orig; ct_change, ct_make: the values */
};
_Static_assert(sizeof(struct ox_ct_ask) == 280, "ox_ct_ask");

#define OX_CT_ASK_WORDS 1024 /* that ct_untp does at once */

/* What of an entry ct_change sets. */
#define OX_CT_CHANGE_MARK     0x01
#define OX_CT_CHANGE_LABELS   0x02
#define OX_CT_CHANGE_STATUS   0x04 /* bits that are set, none cleared */
#define OX_CT_CHANGE_EXPIRES  0x08
#define OX_CT_CHANGE_STATE    0x10 /* proto_state; flags of TCP */
#define OX_CT_CHANGE_COUNTERS 0x20 /* zeroed */
#define OX_CT_CHANGE_HELPER   0x40
#define OX_CT_CHANGE_ALG      0x80
#define OX_CT_CHANGE_TELL     0x100 /* those who listen hear of it */

/* What they hear then, and of one that is made: ctnetlink_new_conntrack(). */
#define OX_CT_EV_MADE (OX_CT_EV_CHANGED | OX_CT_EV_NEW)
#define OX_CT_EV_CHANGED                                         \
	(OX_CT_EV_REPLY | OX_CT_EV_ASSURED | OX_CT_EV_HELPER |   \
	 OX_CT_EV_LABEL | OX_CT_EV_PROTOINFO | OX_CT_EV_SEQADJ | \
	 OX_CT_EV_MARK)

#endif /* OVSXDP_CT_ASK_H */
