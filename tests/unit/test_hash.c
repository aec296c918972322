// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The hash of a packet's flow (key_hash() of bpf/core/lookup.h). Flows that
 * differ as flows do, in one field or in two that are counted up, must not meet
 * in the cache more often than by chance.
 */
#include "tests/lib/test.h"

#include <stdlib.h>

#include "bpf/host.h"
#include "bpf/core/pkt.h"

#define N_SIDE 256
#define N      (N_SIDE * N_SIDE)

/* Puts two numbers below N_SIDE into a key. */
struct family {
	const char *name;
	void (*vary)(struct ox_key *k, uint32_t a, uint32_t b);
};

static void v4_addresses(struct ox_key *k, uint32_t a, uint32_t b)
{
	k->ipv4.src = ox_be32(0x0a000000 + a);
	k->ipv4.dst = ox_be32(0x0a000000 + b);
}

static void v4_one_address(struct ox_key *k, uint32_t a, uint32_t b)
{
	k->ipv4.src = ox_be32(0x0a000000 + a * N_SIDE + b);
}

static void ports(struct ox_key *k, uint32_t a, uint32_t b)
{
	k->tp_src = ox_be16(1024 + a);
	k->tp_dst = ox_be16(b);
}

static void port_and_address(struct ox_key *k, uint32_t a, uint32_t b)
{
	k->tp_src = ox_be16(32768 + a);
	k->ipv4.dst = ox_be32(0xc0a80000 + b);
}

static void macs(struct ox_key *k, uint32_t a, uint32_t b)
{
	k->eth_src[5] = a;
	k->eth_dst[5] = b;
}

static void mac_and_address(struct ox_key *k, uint32_t a, uint32_t b)
{
	k->eth_src[5] = a;
	k->ipv4.src = ox_be32(0x0a000000 + b);
}

static void port_and_vlan(struct ox_key *k, uint32_t a, uint32_t b)
{
	k->in_port = a;
	k->vlan_tci = ox_be16(OX_VLAN_CFI | b);
}

static void recirculated(struct ox_key *k, uint32_t a, uint32_t b)
{
	k->recirc_id = a;
	k->ipv4.dst = ox_be32(0x0a000000 + b);
}

static void v6_addresses(struct ox_key *k, uint32_t a, uint32_t b)
{
	k->eth_type = ox_be16(OX_P_IPV6);
	k->ipv6.src[3] = ox_be32(a);
	k->ipv6.dst[3] = ox_be32(b);
}

static void v6_nets(struct ox_key *k, uint32_t a, uint32_t b)
{
	k->eth_type = ox_be16(OX_P_IPV6);
	k->ipv6.src[1] = ox_be32(a);
	k->ipv6.dst[3] = ox_be32(b);
}

static const struct family families[] = {
	{ "v4_addresses", v4_addresses },
	{ "v4_one_address", v4_one_address },
	{ "ports", ports },
	{ "port_and_address", port_and_address },
	{ "macs", macs },
	{ "mac_and_address", mac_and_address },
	{ "port_and_vlan", port_and_vlan },
	{ "recirculated", recirculated },
	{ "v6_addresses", v6_addresses },
	{ "v6_nets", v6_nets },
};

static void hashes(const struct family *f, uint32_t *out)
{
	const struct ox_key base = {
		.in_port = 1,
		.eth_dst = { 2, 0, 0, 0, 0, 2 },
		.eth_src = { 2, 0, 0, 0, 0, 1 },
		.eth_type = ox_be16(OX_P_IP),
		.ip_proto = OX_IP_UDP,
		.ip_ttl = 64,
		.tp_src = ox_be16(1000),
		.tp_dst = ox_be16(53),
		.ipv4 = { ox_be32(0x0a000001), ox_be32(0x0a000002) },
		.mac_proto = 1,
	};
	struct ox_key k;
	uint32_t i;

	for (i = 0; i < N; i++) {
		k = base;
		f->vary(&k, i / N_SIDE, i % N_SIDE);
		out[i] = ox_host_key_hash(&k);
	}
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* 65,536 numbers of 32 bits: half a pair is the same by chance. */
static void few_are_equal(void **state)
{
	static uint32_t h[N];
	uint32_t f, i, n;

	(void)state;
	for (f = 0; f < sizeof(families) / sizeof(*families); f++) {
		hashes(&families[f], h);
		qsort(h, N, sizeof(*h), by_value);
		n = 0;
		for (i = 1; i < N; i++)
			n += h[i] == h[i - 1];
		if (n > 8 || !h[0])
			fail_msg("%s: %u pairs, least %u", families[f].name, n,
				 h[0]);
	}
}

/* Each place of the cache, in each of its ways, gets 16 on average; over 48
 * is one in a million by chance. */
static void ways_are_even(void **state)
{
	static uint32_t h[N];
	uint32_t f, i, way, n[OX_CACHE_MAX], size;

	(void)state;
	for (f = 0; f < sizeof(families) / sizeof(*families); f++) {
		hashes(&families[f], h);
		for (way = 0; way < OX_CACHE_WAYS; way++) {
			/* the last one has but 8 bits */
			size = way < 3 ? OX_CACHE_MAX : 256;
			memset(n, 0, sizeof(n));
			for (i = 0; i < N; i++)
				n[h[i] >> (8 * way) & (size - 1)]++;
			for (i = 0; i < size; i++)
				if (n[i] > 3 * N / size)
					fail_msg("%s: way %u, place %u: %u",
						 families[f].name, way, i,
						 n[i]);
		}
	}
}

/* What changes within a flow doesn't change it. */
static void same_flow(void **state)
{
	struct ox_key a = { .in_port = 1, .eth_type = ox_be16(OX_P_IP) }, b = a;

	(void)state;
	b.ip_tos = 0xb8;
	b.ip_ttl = 3;
	b.tcp_flags = ox_be16(0x10);
	assert_int_equal(ox_host_key_hash(&a), ox_host_key_hash(&b));
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.hash.few_are_equal", few_are_equal),
	OX_TEST("unit.hash.ways_are_even", ways_are_even),
	OX_TEST("unit.hash.same_flow", same_flow),
};

OX_TEST_MAIN(tests)
