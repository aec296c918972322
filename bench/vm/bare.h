/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bare.h - the frame that bench/vm sends: UDP from BARE_SRC and the addresses
 * behind it. bench/vm/inside has pktgen send the same.
 */
#ifndef OVSXDP_BENCH_VM_BARE_H
#define OVSXDP_BENCH_VM_BARE_H

#define BARE_FRAME_LEN 64
#define BARE_TRIM      4
#define BARE_SRC       0x0a100000u /* 10.16.0.0 */
#define BARE_SRC_AT    26	   /* its place in the frame */

#endif /* OVSXDP_BENCH_VM_BARE_H */
