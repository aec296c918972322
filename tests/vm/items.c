// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * items.c - what a side did, as pieces that can be sorted and compared.
 */
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "side.h"

#define ITEMS_MEM (64u << 20)

void items_clear(struct items *it)
{
	it->n = 0;
	it->used = 0;
}

/* The memory never moves: items point into it. */
uint8_t *items_start(struct items *it, uint32_t n)
{
	if (!it->mem) {
		it->size = ITEMS_MEM;
		it->mem = malloc(it->size);
	}
	if (it->n == it->cap) {
		it->cap = it->cap ? 2 * it->cap : 1024;
		it->v = realloc(it->v, it->cap * sizeof(*it->v));
	}
	if (!it->mem || !it->v || it->used + n > it->size)
		errx(1, "too much for one batch");
	return it->mem + it->used;
}

void items_end(struct items *it, uint32_t n)
{
	it->v[it->n++] = (struct item){ n, it->mem + it->used };
	it->used += NLA_ALIGN(n); /* attributes inside stay aligned */
}

void items_text(struct items *it, char kind, const char *fmt, ...)
{
	char *b = (char *)items_start(it, 4096);
	va_list ap;
	int n;

	b[0] = kind;
	va_start(ap, fmt);
	n = vsnprintf(b + 1, 4095, fmt, ap);
	va_end(ap);
	items_end(it, 1 + (uint32_t)(n < 4095 ? n : 4094));
}

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	uint32_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(x->b, y->b, n);

	return c ? c : x->len < y->len ? -1 : x->len > y->len;
}

void items_sort(struct items *it)
{
	qsort(it->v, it->n, sizeof(*it->v), compare);
}
