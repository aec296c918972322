// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_defrag.c - fragments of arbitrary bytes: what is put together stays
 * inside of its memory, and all memory comes back. Each is a length and that
 * many bytes, from a byte that says family, port and how much time has passed.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/packet/defrag.h"

#define L2   14
#define ROOM 70000

static __u64 lost[OX_R_COUNT];

static void one(struct ox_defrag *d, uint8_t how, int64_t now,
		const uint8_t *data, uint32_t len)
{
	const struct ox_defrag_in in = { .l3 = L2,
					 .v6 = how & 1,
					 .zone = how >> 1 & 1,
					 .port_no = how >> 2 & 1,
					 .reasons = lost,
					 .now_ms = now };
	uint32_t size = how & 8 ? L2 + len : ROOM;
	uint8_t *room = calloc(1, size);
	struct ox_host_pkt pkt = { .data = room,
				   .len = L2 + len,
				   .tailroom = size - L2 - len };
	int err;

	if (!room)
		return;
	memcpy(room + L2, data, len);
	err = ox_defrag(d, &in, &pkt);
	if (err != -EINPROGRESS && err != 0 && err != -EINVAL &&
	    err != -ENOMEM && err != -E2BIG)
		abort();
	if (pkt.data != room || pkt.len + pkt.tailroom != size ||
	    pkt.len > L2 + 40 + 65535)
		abort();
	free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ox_defrag_conf conf = {
		.timeout_ms = { 30000, 60000 },
		.limit = { 60000, 60000 },
		.max_dist = 8,
	};
	struct ox_defrag *d = ox_defrag_new(&conf);
	int64_t now = 0;

	if (!d)
		return 0;
	while (size > 2) {
		uint32_t len = data[1] < size - 2 ? data[1]
						  : (uint32_t)size - 2;

		now += (data[0] >> 4) * 1000;
		one(d, data[0], now, data + 2, len);
		data += 2 + len;
		size -= 2 + len;
	}
	ox_defrag_expire(d, INT64_MAX);
	if (ox_defrag_waiting(d) || ox_defrag_memory(d, 0) ||
	    ox_defrag_memory(d, 1))
		abort();
	ox_defrag_free(d);
	return 0;
}
