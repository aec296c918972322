// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_too_big.c - who is told that a packet is too big: the error stays inside
 * of its room, goes to the packet's sender, and is never answered itself. The
 * first bytes are the MTU.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/packet/too_big.h"

#define MTU 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t mtu, len;
	uint8_t *frame, *out, *again;

	if (size < MTU)
		return 0;
	mtu = (uint32_t)data[0] << 8 | data[1];
	data += MTU;
	size -= MTU;
	/* exactly as large as promised, for the sanitizer's sake */
	frame = malloc(size ? size : 1);
	out = malloc(OX_TOO_BIG_MAX);
	again = malloc(OX_TOO_BIG_MAX);
	if (!frame || !out || !again)
		abort();
	memcpy(frame, data, size);
	len = ox_too_big(frame, (uint32_t)size, mtu, out);
	if (len > OX_TOO_BIG_MAX)
		abort();
	if (len && (memcmp(out, frame + 6, 6) || memcmp(out + 6, frame, 6) ||
		    ox_too_big(out, len, mtu, again)))
		abort();
	free(frame);
	free(out);
	free(again);
	return 0;
}
