// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * build.c - which build programs are of. The number is known when ovsxdp is
 * built (bpf/build.skel.h), and lies beside the pins of the programs.
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <bpf/bpf.h>

#include "bpf/build.skel.h"

_Static_assert(sizeof(OX_BUILD_ID) <= OX_BUILD_LEN, "OX_BUILD_LEN");

const char *ox_build_id(void)
{
	return OX_BUILD_ID;
}

int ox_build_make(void)
{
	_cleanup_fd_ int fd =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "build", sizeof(uint32_t),
			       sizeof(struct ox_build_rec), 1, NULL);
	struct ox_build_rec b = { .id = OX_BUILD_ID };
	uint32_t zero = 0;
	int err;

	if (fd < 0)
		return -errno;
	err = bpf_map_update_elem(fd, &zero, &b, BPF_ANY);
	return err ? err : take_fd(fd);
}

int ox_build_read(int fd, struct ox_build_rec *out)
{
	uint32_t zero = 0;
	int err = bpf_map_lookup_elem(fd, &zero, out);

	out->id[OX_BUILD_LEN - 1] = '\0';
	return err;
}
