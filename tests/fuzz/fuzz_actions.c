// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_actions.c - lists of actions under keys of each kind. Nothing outside of
 * the list is read. What is accepted compiles to ops that are fit to be run
 * (tests/lib/ops_check.h), and its kept form compiles to the same again. The
 * same bytes as a stream from torn memory do no harm.
 *
 * Input: Ethernet type (low three bits), MAC layer (bit 3), a VLAN tag (bit
 * 4), MPLS labels (bits 5, 6); IP protocol or NSH's np; the list.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/codec/actions.h"
#include "tests/lib/ops_check.h"

static void check_again(const struct ox_actions *a)
{
	struct ox_actions b;

	if (ox_actions_recompile(a->nla, a->nla_len, &b))
		abort();
	if (a->kind != b.kind || a->n_ops != b.n_ops ||
	    (a->n_ops && memcmp(a->ops, b.ops, a->n_ops * sizeof(*a->ops))))
		abort();
	ox_actions_free(&b);
}

static void check_all(const struct ox_actions *a)
{
	const char *tier;
	char why[100];

	if (ox_ops_check(a))
		abort();
	check_again(a);
	ox_actions_tier(a, &tier, why, sizeof(why));
	if (!strcmp(tier, "xdp") != !why[0])
		abort();
	for (uint32_t i = 0; i < a->n_ops; i++) {
		uint32_t len = a->nla_len;

		if (a->ops[i].code == OX_OP_USERSPACE &&
		    !ox_actions_list_of(a->nla, a->nla_len, a->ops[i].arg,
					&len))
			abort();
		if (len > a->nla_len)
			abort();
	}
}

/* What a crash leaves in memory was never checked. */
static void torn(const uint8_t *data, size_t size)
{
	struct ox_actions a;

	if (ox_actions_recompile(data, (uint32_t)size, &a))
		return;
	if (a.n_ops > OX_ACTIONS_MAX_OPS)
		abort();
	ox_actions_free(&a);
}

static void key_of(uint8_t how, uint8_t proto, struct ox_key *key)
{
	static const uint16_t types[] = { 0x0800, 0x86dd, 0x8847, 0x894f,
					  0x0806, 0x8848, 0x8035, 0x88b5 };

	memset(key, 0, sizeof(*key));
	key->eth_type = htons(types[how & 7]);
	key->mac_proto = !(how & 8);
	if (how & 16)
		key->vlan_tci = htons(0x1001);
	key->ip_proto = proto;
	if (types[how & 7] == 0x894f)
		key->nsh.np = proto;
	else if (key->eth_type == htons(0x8847))
		key->mpls.num_labels_mask = (1u << (how >> 5 & 3)) - 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ox_key key, mask;
	struct ox_err e = { 0 };
	struct ox_actions a;
	struct nlattr *nest;

	if (size < 2 || size > 16384)
		return 0;
	memset(&mask, 0xff, sizeof(mask));
	key_of(data[0], data[1], &key);
	size -= 2;
	nest = malloc(NLA_HDRLEN + size);
	if (!nest)
		abort();
	nest->nla_len = (uint16_t)(NLA_HDRLEN + size);
	nest->nla_type = 1;
	memcpy(nest + 1, data + 2, size);
	if (!ox_actions_compile(nest, nest, &key, &mask, &a, &e)) {
		check_all(&a);
		ox_actions_free(&a);
	} else if (!e.msg[0]) {
		abort(); /* no refusal without words */
	}
	torn((const uint8_t *)(nest + 1), size);
	free(nest);
	return 0;
}
