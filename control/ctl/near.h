/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * near.h - "did you mean": the word that a mistyped one is nearest to.
 */
#ifndef OVSXDP_CTL_NEAR_H
#define OVSXDP_CTL_NEAR_H

#include <stddef.h>

struct ox_near {
	const char *word; /* as it was typed; need not end with a 0 */
	size_t len;
	const char *best; /* NULL: none is near */
	unsigned int distance;
};

void ox_near_begin(struct ox_near *n, const char *word, size_t len);
/* Takes one of the right words into account. It is near if a third of the
 * letters at most are wrong, missing, too many, or two exchanged. */
void ox_near_try(struct ox_near *n, const char *right);

#endif /* OVSXDP_CTL_NEAR_H */
