// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_key.c - keys and masks: no read outside of the message, and what is
 * accepted can be written and is read back as the same.
 *
 * Input: the length of the key's attributes (2 bytes, host order; the top
 * bit: no mask), those attributes, and the mask's.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/key.h"

/* A copy that ends where the nest ends, for the address sanitizer. */
static struct nlattr *nest(const uint8_t *data, size_t len)
{
	struct nlattr *a = malloc(NLA_HDRLEN + len);

	if (!a)
		abort();
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	a->nla_type = 1;
	if (len)
		memcpy(a + 1, data, len);
	return a;
}

static void check_key(const struct ox_key *key, const struct ox_key *mask)
{
	static uint8_t data[2048];
	struct ox_nlbuf b = { .data = data, .size = sizeof(data) };
	struct ox_key again, masked;
	struct nlattr *a;
	void *hdr;

	if (ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, &hdr))
		abort();
	a = (void *)(data + b.len);
	if (ox_key_put(&b, 1, false, key, key))
		abort();
	/* cut tags are written in a form that needs a mask, or not at all */
	if (!key->vlan_tpid && !key->cvlan_tpid &&
	    !ox_key_get_match(data, a, NULL, &again, NULL, NULL) &&
	    key->eth_type != again.eth_type)
		abort();
	for (int i = 0; i < OX_KEY_WORDS; i++)
		masked.w[i] = key->w[i] & mask->w[i];
	if (ox_key_put(&b, 2, true, &masked, mask))
		abort();
	ox_nl_end(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ox_key key, mask, meta = { 0 };
	struct ox_err e = { 0 };
	struct nlattr *k, *m;
	uint16_t len;
	int err;

	if (size < sizeof(len) || size > 8192)
		return 0;
	memcpy(&len, data, sizeof(len));
	data += sizeof(len);
	size -= sizeof(len);
	k = nest(data, (len & 0x7fff) < size ? (len & 0x7fff) : size);
	size -= k->nla_len - NLA_HDRLEN;
	m = nest(data + k->nla_len - NLA_HDRLEN, size);

	err = ox_key_get_match(k, k, len & 0x8000 ? NULL : m, &key, &mask, &e);
	if (!err)
		check_key(&key, &mask);
	else if (err != -22 && err != -95)
		abort();
	ox_key_get_metadata(k, k, &meta, NULL);
	free(k);
	free(m);
	return 0;
}
