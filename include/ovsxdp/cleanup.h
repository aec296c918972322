/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cleanup.h - scope-bound owners. A variable marked _cleanup_*_ owns what it
 * holds and starts as NULL or -1; take_ptr()/take_fd() hand ownership on.
 */
#ifndef OVSXDP_CLEANUP_H
#define OVSXDP_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void ox_freep(void *p)
{
	free(*(void **)p);
}

static inline void ox_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void ox_fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define _cleanup_(f)   __attribute__((cleanup(f)))
#define _cleanup_free_ _cleanup_(ox_freep)
#define _cleanup_fd_   _cleanup_(ox_closep)
#define _cleanup_file_ _cleanup_(ox_fclosep)

#define take_ptr(p)                        \
	({                                 \
		__typeof__(p) took_ = (p); \
		(p) = NULL;                \
		took_;                     \
	})
#define take_fd(fd)               \
	({                        \
		int took_ = (fd); \
		(fd) = -1;        \
		took_;            \
	})

#endif /* OVSXDP_CLEANUP_H */
