// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * accepted.c - compares two sorted lists of items.
 */
#include "accepted.h"

static int compare(const struct item *x, const struct item *y)
{
	uint32_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(x->b, y->b, n);

	return c ? c : x->len < y->len ? -1 : x->len > y->len;
}

static void add(struct items *out, const struct item *i)
{
	memcpy(items_start(out, i->len), i->b, i->len);
	items_end(out, i->len);
}

void items_only(const struct items *a, const struct items *b,
		struct items *only_a, struct items *only_b)
{
	uint32_t i = 0, k = 0;
	int c;

	items_clear(only_a);
	items_clear(only_b);
	while (i < a->n || k < b->n) {
		c = i == a->n	? 1
		    : k == b->n ? -1
				: compare(&a->v[i], &b->v[k]);
		if (c < 0)
			add(only_a, &a->v[i++]);
		else if (c > 0)
			add(only_b, &b->v[k++]);
		else
			i++, k++;
	}
}

enum accepted {
	TX_BYTES,
	ACCEPTED,
};

static struct {
	const char *id, *what, *why;
	uint64_t count;
} list[ACCEPTED] = {
	[TX_BYTES] = { "tx_bytes_of_tags",
		       "a port's tx_bytes: 4 more per tagged frame",
		       "the module reports the device's own counter, which "
		       "leaves out a tag that travels in the skb's metadata; "
		       "ours counts the frame, whichever tier sends it" },
};

bool accepted_answer(const struct nlb *put, const int err[2])
{
	(void)put;
	(void)err;
	return false;
}

bool accepted_request(const struct request *q, int module, int ours)
{
	(void)q;
	(void)module;
	(void)ours;
	return false;
}

bool accepted_tx_bytes(uint64_t module, uint64_t ours, uint64_t tagged)
{
	uint64_t more = ours - module;

	if (!more || more % 4 || more / 4 > tagged)
		return false;
	list[TX_BYTES].count++;
	return true;
}

void accepted_summary(FILE *f)
{
	for (int i = 0; i < ACCEPTED; i++)
		if (list[i].count)
			fprintf(f, "# accepted %llu times: %s\n",
				(unsigned long long)list[i].count,
				list[i].what);
}
