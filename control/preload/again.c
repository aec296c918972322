// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * again.c - the dump that a socket asked for last. Its end comes while it is
 * read. Should the daemon have died by then, the next one is asked. close(2)
 * and sendmsg(2) are allowed in signal handlers, malloc(3) isn't. So it is
 * mmap(2).
 */
#include "preload.h"

#include <string.h>
#include <sys/mman.h>

static void release(struct ox_again *a)
{
	if (a)
		munmap(a, sizeof(*a) + a->len);
}

struct ox_again *ox_again_take(struct ox_fd *f)
{
	return __atomic_exchange_n(&f->dump, NULL, __ATOMIC_ACQ_REL);
}

void ox_again_give(struct ox_fd *f, struct ox_again *a)
{
	release(__atomic_exchange_n(&f->dump, a, __ATOMIC_ACQ_REL));
}

void ox_again_drop(struct ox_fd *f)
{
	if (__atomic_load_n(&f->dump, __ATOMIC_RELAXED))
		release(ox_again_take(f));
}

void ox_again_keep(struct ox_fd *f, const void *buf, size_t len)
{
	struct ox_again *a = NULL;
	struct nlmsghdr first;

	if (len >= NLMSG_HDRLEN && len <= UINT16_MAX) {
		memcpy(&first, buf, sizeof(first));
		if ((first.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
			a = mmap(NULL, sizeof(*a) + len, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	if (a && a != MAP_FAILED) {
		a->len = (uint32_t)len;
		memcpy(a->msg, buf, len);
		ox_again_give(f, a);
	} else {
		ox_again_drop(f);
	}
}
