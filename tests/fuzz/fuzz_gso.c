// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_gso.c - segmentation of arbitrary bytes: it stays inside of them, and
 * the segments' payloads are the packet's. The first bytes choose the size
 * of a segment and what the packet begins with.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/packet/gso.h"

#define HEAD 4

static uint8_t seg[OX_GSO_SEG_MAX];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t gso_size, len, at, n = 0;
	struct ox_gso g;
	uint8_t *frame;
	__be16 type;

	if (size < HEAD)
		return 0;
	gso_size = (uint32_t)data[0] << 8 | data[1];
	memcpy(&type, data + 2, sizeof(type));
	data += HEAD;
	size -= HEAD;
	/* exactly as large as promised, for the sanitizer's sake */
	frame = malloc(size ? size : 1);
	if (!frame)
		return 0;
	memcpy(frame, data, size);
	if (!ox_gso_init(&g, frame, (uint32_t)size, gso_size, type)) {
		at = g.payload;
		while ((len = ox_gso_next(&g, seg))) {
			if (len < g.payload || len - g.payload > gso_size ||
			    len - g.payload > size - at ||
			    memcmp(seg + g.payload, frame + at,
				   len - g.payload))
				abort();
			at += len - g.payload;
			n++;
		}
		if (at != size || !n)
			abort();
	}
	free(frame);
	return 0;
}
