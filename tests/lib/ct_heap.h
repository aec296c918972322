/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_heap.h - the memory of connection tracking on the heap, over the host
 * build of the tracker: packets fill it by bpf/ct_host.h, and what user space
 * asks for is done at once. For tests without privileges.
 */
#ifndef OVSXDP_TESTS_CT_HEAP_H
#define OVSXDP_TESTS_CT_HEAP_H

#include "bpf/ct_host.h"
#include "ovsxdp/ct_mem.h"

struct ct_heap {
	struct ox_ct_mem mem;
	struct ox_ct_host_mem *host; /* its now is the clock */
};

/* A table of "max" entries, whole chunks, with "hz" jiffies a second. */
struct ct_heap *ct_heap_new(uint32_t max, uint32_t hz);
void ct_heap_free(struct ct_heap *h);

#endif /* OVSXDP_TESTS_CT_HEAP_H */
