/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * request.h - a random request of the differential netlink test.
 */
#ifndef OVSXDP_TESTS_VM_REQUEST_H
#define OVSXDP_TESTS_VM_REQUEST_H

#include <stdio.h>

#include "side.h"

#define REQUEST_DPS   3	   /* dp0 to dp2 */
#define REQUEST_NO_DP 0xff /* an interface that is no datapath */

struct request {
	uint8_t family; /* enum side_family */
	uint8_t cmd;
	uint8_t version;
	uint8_t dp;	/* 0: no dp_ifindex; 1 + k: that of dpk */
	uint16_t flags; /* of the netlink header, all of them */
	uint32_t cut;	/* bytes missing at the end of the message */
	struct nlb attrs;
};

void request_random(struct request *q, struct rnd *r);
void request_show(FILE *f, const struct request *q);

#endif /* OVSXDP_TESTS_VM_REQUEST_H */
