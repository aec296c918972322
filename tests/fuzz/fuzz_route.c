// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_route.c - what the preload library makes of arbitrary datagrams that a
 * program sends: parts cover the datagram, and are cut between messages.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/preload/route.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* of either protocol, whatever is in it */
	int protocol = size & 1 ? NETLINK_NETFILTER : NETLINK_GENERIC;
	uint8_t *copy = malloc(size + 1);
	size_t at = 0, n;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	while (at < size) {
		enum ox_route route =
			ox_route_next(protocol, copy + at, size - at, &n);

		if (!n || n > size - at || (n < size - at && n % NLMSG_ALIGNTO))
			abort();
		/* a dump of families is sent twice, so it must stand alone */
		if (route == OX_TO_BOTH && n < NLMSG_HDRLEN + GENL_HDRLEN)
			abort();
		at += n;
	}
	free(copy);
	return 0;
}
