// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libinsn.c - loads what was written by hand.
 */
#include "bench/libinsn.h"

#include <errno.h>
#include <string.h>
#include <bpf/bpf.h>

#include "bench/libframes.h"

int ox_insn_array(const char *name, uint32_t value_size, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_create_opts, o, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, 4, value_size, n, &o);

	if (fd < 0)
		ox_bench_die("can't make an array of %u times %u bytes: %s", n,
			     value_size, strerror(errno));
	return fd;
}

int ox_insn_load(const char *name, const struct bpf_insn *insns, size_t n)
{
	LIBBPF_OPTS(bpf_prog_load_opts, o, .prog_flags = BPF_F_XDP_HAS_FRAGS,
		    .expected_attach_type = BPF_XDP);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, name, "Dual BSD/GPL", insns,
			       n, &o);

	if (fd < 0)
		ox_bench_die("can't load %s: %s", name, strerror(errno));
	return fd;
}
