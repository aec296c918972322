// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * warm.c - touches new memory of maps, before packets or requests do. In a
 * virtual machine the first access to a page may cost a trip to the hypervisor
 * of some 10 us, by each way that leads to it: the kernel's and this process's.
 * A packet in a million flows paid for one on nearly every lookup.
 */
#include "loader/priv.h"

#include <stdlib.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "ovsxdp/cleanup.h"

/* An element of each page by the kernel's way. */
static void by_kernel(int fd, uint32_t value_size, uint32_t n, void *value,
		      size_t page)
{
	uint32_t step = value_size < page ? page / value_size : 1;

	for (uint32_t i = 0; i < n; i += step)
		if (bpf_map_lookup_elem(fd, &i, value))
			return;
}

void ox_map_warm(int fd, void *mem, uint32_t value_size, uint32_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	_cleanup_free_ void *value = malloc(value_size);
	volatile char *byte = mem;

	/* a write: a page that was only read is write-protected perhaps */
	for (size_t at = 0; at < (size_t)value_size * n; at += page)
		byte[at] = 0;
	if (value && fd >= 0)
		by_kernel(fd, value_size, n, value, page);
}
