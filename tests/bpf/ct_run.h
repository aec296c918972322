/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ct_run.h - what the programs of ct.bpf.c are told, and what they tell. */
#ifndef OVSXDP_TESTS_CT_RUN_H
#define OVSXDP_TESTS_CT_RUN_H

#include "ovsxdp/abi.h"
#include "ovsxdp/abi/ct.h"

#define OX_CT_TEST_PARSE 0xff /* not a packet */

struct ox_ct_test_in {
	struct ox_ct_act act;
	struct ox_key key; /* of its words only those of ct */
	__u32 now;	   /* jiffies; 0: the kernel's */
	__u32 n_conns;	   /* a power of two */
	__u32 repeat;	   /* commits of each connection */
	__u32 later;	   /* the sweep: jiffies from the kernel's on */
	__u32 own;	   /* two CPUs: each has connections of its own */
	__u32 udp;	   /* connections of UDP */
};

struct ox_ct_test_out {
	struct ox_key key;
	__u32 err;
	__u32 idx;
	__u32 info;
	__u32 dir;
	__u32 edits; /* packets that NAT has changed */
	__u32 swept;
	__u32 next;
	__u32 made;
	__u32 found;
	__u32 clashed;
	__u32 failed;
};

#endif /* OVSXDP_TESTS_CT_RUN_H */
