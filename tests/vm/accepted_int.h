/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* accepted_int.h - inside accepted*.c: what is accepted, and how often. */
#ifndef OVSXDP_TESTS_VM_ACCEPTED_INT_H
#define OVSXDP_TESTS_VM_ACCEPTED_INT_H

enum accepted {
	TX_BYTES,
	MPLS_KEY,
	STALE_KEY,
	L3_MACS,
	SHORT_IHL,
	METER_SLOT,
	TC_RECIRC,
	UPCALL_STATS,
	TUNNEL,
	MASK_RANGE,
	IHL_KEY,
	LABEL_TAG,
	BRANCH_FAILS,
	LABEL_LLC,
	BOS_KEY,
	BOS_CASE,
	SHORT_TAG,
	CT_CUT_IP,
	TUN_LLC,
	TUN_SCTP,
	TUN_SUM,
	TUN_WORDS,
	TUN_EMPTY,
	ACCEPTED,
};

/* One more was met. */
void accepted_count(enum accepted kind);

#endif /* OVSXDP_TESTS_VM_ACCEPTED_INT_H */
