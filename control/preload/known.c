// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * known.c - port ids that daemons of this process had. A message of the former
 * one may still be in a socket when the next one has another port id. Nobody
 * else can send from these: the kernel lets only holders of CAP_NET_ADMIN send
 * to a program.
 */
#include "preload.h"

#include "ovsxdp/address.h"

#define PLACES 32 /* of all network namespaces; the oldest one goes */

/* Racing threads write whole entries or lose one: the next answer adds it. */
static struct {
	uint64_t netns;
	uint32_t portid; /* 0: free */
} known[PLACES];
static uint32_t next;

bool ox_known(uint64_t netns, uint32_t portid)
{
	if (!portid)
		return false;
	for (int i = 0; i < PLACES; i++) {
		if (__atomic_load_n(&known[i].portid, __ATOMIC_ACQUIRE) ==
			    portid &&
		    known[i].netns == netns)
			return true;
	}
	return false;
}

void ox_known_add(uint64_t netns, uint32_t portid)
{
	uint32_t i;

	if (!portid || ox_known(netns, portid))
		return;
	i = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % PLACES;
	__atomic_store_n(&known[i].portid, 0, __ATOMIC_RELEASE);
	known[i].netns = netns;
	__atomic_store_n(&known[i].portid, portid, __ATOMIC_RELEASE);
}

/* The file is read for each send to an address that isn't the kernel's: there
 * are few such programs. */
bool ox_is_daemons(uint64_t netns, uint32_t portid)
{
	struct ox_address a;

	return portid == OX_NL_PORTID || ox_known(netns, portid) ||
	       (!ox_address_find(netns, false, &a, NULL) && a.portid == portid);
}
