// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * near.c - the distance of Damerau and Levenshtein between short words.
 */
#include "control/ctl/near.h"

#include <string.h>

#define MAX_LEN 32

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* d[i][j]: between the first i letters of a and the first j of b. */
static unsigned int distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned int d[MAX_LEN + 1][MAX_LEN + 1];

	for (size_t i = 0; i <= n; i++)
		d[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			unsigned int other = a[i - 1] != b[j - 1];

			d[i][j] = least(d[i - 1][j - 1] + other,
					least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[n][m];
}

void ox_near_begin(struct ox_near *n, const char *word, size_t len)
{
	n->word = word;
	n->len = len;
	n->best = NULL;
	n->distance = (unsigned int)(len < 3 ? 1 : (len + 2) / 3) + 1;
}

void ox_near_try(struct ox_near *n, const char *right)
{
	size_t len = strlen(right);
	unsigned int d;

	if (!n->len || n->len > MAX_LEN || len > MAX_LEN)
		return;
	d = distance(n->word, n->len, right, len);
	/* all other letters: nothing that was meant */
	if (d >= n->distance || d >= n->len)
		return;
	n->distance = d;
	n->best = right;
}
