// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_actions.c - lists of actions under an IPv4 or IPv6 key: no read
 * outside of the list; what is accepted compiles to known ops, and its kept
 * form compiles to the same again.
 *
 * Input: IP version (bit 0) and MAC layer (bit 1), IP protocol, the list.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/actions.h"

static void check_ops(const struct ox_actions *a)
{
	for (uint32_t i = 0; i < a->n_ops; i++) {
		const struct ox_op *op = &a->ops[i];

		if (op->code == OX_OP_END || op->code >= OX_OP_MAX ||
		    (op->val & ~op->mask))
			abort();
		if (op->code == OX_OP_USERSPACE && op->arg >= a->nla_len)
			abort();
	}
}

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ox_key key = { .w = { 0 } }, mask;
	struct ox_err e = { 0 };
	struct ox_actions a;
	struct nlattr *nest;

	if (size < 2 || size > 16384)
		return 0;
	memset(&mask, 0xff, sizeof(mask));
	key.eth_type = htons(data[0] & 1 ? 0x86dd : 0x0800);
	key.mac_proto = !(data[0] & 2);
	key.ip_proto = data[1];
	size -= 2;
	nest = malloc(NLA_HDRLEN + size);
	if (!nest)
		abort();
	nest->nla_len = (uint16_t)(NLA_HDRLEN + size);
	nest->nla_type = 1;
	memcpy(nest + 1, data + 2, size);
	if (!ox_actions_compile(nest, nest, &key, &mask, &a, &e)) {
		check_ops(&a);
		check_again(&a);
		ox_actions_free(&a);
	} else if (!e.msg[0]) {
		abort(); /* no refusal without words */
	}
	free(nest);
	return 0;
}
