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
#include <sys/socket.h>

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

/* A key and its mask, parsed. */
struct match {
	struct ox_key key, mask;
	struct ox_tun tun, tun_mask;
};

static int match_get(const void *base, const struct nlattr *key,
		     const struct nlattr *mask, struct match *m,
		     struct ox_err *e)
{
	struct ox_key_out k = { &m->key, &m->tun };
	struct ox_key_out out = { &m->mask, &m->tun_mask };

	return ox_key_get_match(base, key, mask, &k, &out, e);
}

/* Key and mask as attributes, key first. */
static size_t write_both(uint8_t *data, size_t size, const struct match *m,
			 size_t *mask_at)
{
	struct ox_nlbuf b = { .data = data, .size = size };
	struct ox_key masked;

	for (int i = 0; i < OX_KEY_WORDS; i++)
		masked.w[i] = m->key.w[i] & m->mask.w[i];
	if (ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL) ||
	    ox_key_put(&b, 1, false, &m->key, &m->key, &m->tun))
		abort();
	*mask_at = b.len;
	if (ox_key_put(&b, 2, true, &masked, &m->mask, &m->tun_mask))
		abort();
	ox_nl_end(&b);
	return b.len;
}

static bool has_tag(const struct ox_key *k)
{
	return k->vlan_tpid || k->cvlan_tpid || k->vlan_tci || k->cvlan_tci;
}

/* A tunnel's id alone, the bridge form: written without saying that. */
static bool is_bridge(const struct match *m)
{
	return m->key.tun_proto == AF_INET && !m->tun.ipv4.dst;
}

/* The form in which flows are written is accepted, and written the same. */
static void check_key(struct match *m)
{
	static _Alignas(4) uint8_t data[2048], data2[2048];
	const size_t head = NLMSG_HDRLEN + 4;
	struct match m2;
	size_t len, at;

	m->mask.in_port = OX_NONE; /* never quite open as written */
	len = write_both(data, sizeof(data), m, &at);
	/* cut tags are written in a form that needs a mask, or not at all */
	if (has_tag(&m->key) || is_bridge(m))
		return;
	if (match_get(data, (struct nlattr *)(data + head),
		      (struct nlattr *)(data + at), &m2, NULL))
		abort();
	if (len != write_both(data2, sizeof(data2), &m2, &at) ||
	    memcmp(data, data2, len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ox_key meta = { 0 };
	struct ox_tun tun = { 0 };
	struct match match;
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

	err = match_get(k, k, len & 0x8000 ? NULL : m, &match, &e);
	if (!err)
		check_key(&match);
	else if (err != -22 && err != -95)
		abort();
	ox_key_get_metadata(k, k, &meta, &tun, NULL);
	free(k);
	free(m);
	return 0;
}
