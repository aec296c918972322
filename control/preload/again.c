// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * again.c - the dump that a socket asked for last. Its end comes while it is
 * read; should the daemon have died by then, the next one is asked.
 */
#include "preload.h"

#include <stdlib.h>
#include <string.h>

struct ox_again *ox_again_take(struct ox_fd *f)
{
	return __atomic_exchange_n(&f->dump, NULL, __ATOMIC_ACQ_REL);
}

void ox_again_give(struct ox_fd *f, struct ox_again *a)
{
	free(__atomic_exchange_n(&f->dump, a, __ATOMIC_ACQ_REL));
}

void ox_again_drop(struct ox_fd *f)
{
	if (__atomic_load_n(&f->dump, __ATOMIC_RELAXED))
		free(ox_again_take(f));
}

void ox_again_keep(struct ox_fd *f, const void *buf, size_t len)
{
	struct ox_again *a = NULL;
	struct nlmsghdr first;

	if (len >= NLMSG_HDRLEN && len <= UINT16_MAX) {
		memcpy(&first, buf, sizeof(first));
		if ((first.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
			a = malloc(sizeof(*a) + len);
	}
	if (a) {
		a->len = (uint32_t)len;
		memcpy(a->msg, buf, len);
		ox_again_give(f, a);
	} else {
		ox_again_drop(f);
	}
}
