// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_tun.c - arbitrary outer headers: only what is whole and for the address
 * and port that listen becomes a tunnel key, and nothing is read after its end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/host.h"
#include "bpf/tier/ctx_host.h"
#include "bpf/core/tun_in.h"

static const uint32_t kinds[] = { OX_VPORT_GENEVE, OX_VPORT_VXLAN,
				  OX_VPORT_GRE };

/* What the listener does, but for the map: its entry is this one. */
static void headers(const uint8_t *p, uint32_t size, int v6)
{
	static const struct ox_listen_key mine4 = {
		.dst = { 0x010010ac }, .port = 0xc117, .family = 2, .proto = 17
	};
	uint32_t need = v6 ? 58 : 38, len = size - 2;
	struct ox_outer o = { 0 };
	struct ox_listen_key l;
	struct ox_tun_head h = { 0 };
	struct ox_tun t;

	if (size < need)
		return;
	memcpy(&o.type, p, need);
	if (v6 ? tun_in_ip6(&o, &len, &l) : tun_in_ip4(&o, &len, &l))
		return;
	if (len > size - 2 || len < need - 2 ||
	    (l.proto != 17 && l.proto != 47))
		abort();
	if (memcmp(&l, &mine4, sizeof(l)) == 0 && v6)
		abort();
	for (int i = 0; i < 3; i++) {
		uint32_t ip = v6 ? 40 : 20, opts;
		int n = tun_in_kind(v6 ? &o.v6.l4 : &o.v4.l4, kinds[i],
				    OX_TUN_EXT_GBP, len - ip, 0, &h, &t);

		if (n < 0)
			continue;
		opts = kinds[i] == OX_VPORT_GENEVE ? h.opts_len : 0;
		if (h.opts_len > OX_TUN_OPTS_MAX || h.opts_len & 3 ||
		    ip + n + opts + 14u > len)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ox_host_tun_in from = { .family = 2 };
	struct ox_tun t;
	__u64 w23;
	uint8_t *p;
	int n;

	if (size < 1 || size > 65535)
		return 0;
	/* exactly as large as promised, for the sanitizer's sake */
	p = malloc(size);
	if (!p)
		return 0;
	memcpy(p, data, size);
	headers(p, (uint32_t)size, 0);
	headers(p, (uint32_t)size, 1);
	for (int i = 0; i < 3; i++) {
		from.kind = (uint16_t)kinds[i];
		n = ox_host_tun_in(p, (uint32_t)size, &from, &w23, &t);
		if (n >= 0 && (uint32_t)n + 14 > size)
			abort();
	}
	free(p);
	return 0;
}
