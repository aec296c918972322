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

#include "control/codec/key.h"

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

/* Key and mask as attributes, key first. */
static size_t write_both(uint8_t *data, size_t size, const struct ox_key *key,
			 const struct ox_key *mask, size_t *mask_at)
{
	struct ox_nlbuf b = { .data = data, .size = size };
	struct ox_key masked;

	for (int i = 0; i < OX_KEY_WORDS; i++)
		masked.w[i] = key->w[i] & mask->w[i];
	if (ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL) ||
	    ox_key_put(&b, 1, false, key, key))
		abort();
	*mask_at = b.len;
	if (ox_key_put(&b, 2, true, &masked, mask))
		abort();
	ox_nl_end(&b);
	return b.len;
}

static bool has_tag(const struct ox_key *k)
{
	return k->vlan_tpid || k->cvlan_tpid || k->vlan_tci || k->cvlan_tci;
}

/* The form in which flows are written is accepted, and written the same. */
static void check_key(const struct ox_key *key, struct ox_key *mask)
{
	static _Alignas(4) uint8_t data[2048], data2[2048];
	const size_t head = NLMSG_HDRLEN + 4;
	struct ox_key key2, mask2;
	size_t len, at;

	mask->in_port = OX_NONE; /* never quite open as written */
	len = write_both(data, sizeof(data), key, mask, &at);
	/* cut tags are written in a form that needs a mask, or not at all */
	if (has_tag(key))
		return;
	if (ox_key_get_match(data, (struct nlattr *)(data + head),
			     (struct nlattr *)(data + at), &key2, &mask2, NULL))
		abort();
	if (len != write_both(data2, sizeof(data2), &key2, &mask2, &at) ||
	    memcmp(data, data2, len))
		abort();
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
