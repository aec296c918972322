/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * drops.h - a packet that was dropped, as the daemon tells of it (OX_CMD_DROP),
 * and how it is shown.
 */
#ifndef OVSXDP_CTL_DROPS_H
#define OVSXDP_CTL_DROPS_H

#include <time.h>

#include "control/ctl/ctl.h"
#include "control/ctl/pcapng.h"

/* Pointers are into the message. */
struct ox_drop_info {
	uint32_t dp_ifindex;
	const char *dp; /* its name: the caller's to fill in */
	struct timespec at;
	char tier[8], reason[32], port[17];
	uint32_t port_no; /* OX_NONE: it isn't known, and port is "" */
	uint32_t len;	  /* bytes that the packet had */
	const struct nlattr *key, *ufid, *packet;
};

/* False: the message is none of these. */
bool ox_drop_read(const struct nlmsghdr *nlh, struct ox_drop_info *p);
/* A line. */
void ox_drop_print(FILE *f, const struct ox_drop_info *p,
		   const struct ox_odp_style *st);
cJSON *ox_drop_json(const struct ox_drop_info *p,
		    const struct ox_odp_style *st);
/* A packet of a capture file, on an interface for its port. 0 or -errno. */
int ox_drop_write(struct ox_pcapng *w, const struct ox_drop_info *p);

/* How many drops of a datapath were not shown. */
struct ox_drop_count {
	uint64_t base;	  /* what had counted before it began */
	uint64_t seen;	  /* drops that came since */
	uint64_t missing; /* that didn't */
};

/* counted: the datapath's drops, read before the last one came that is in
 * "seen". Returns by how many more are missing now. */
uint64_t ox_drop_missing(struct ox_drop_count *c, uint64_t counted);

#endif /* OVSXDP_CTL_DROPS_H */
