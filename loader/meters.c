// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * meters.c - the map "meters". A meter is read and written whole under its
 * lock, which the programs take as well.
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf.h>

int ox_meter_get(struct ox_mem *m, uint32_t id, struct ox_meter *out)
{
	return bpf_map_lookup_elem_flags(ox_dp_of(m)->map_fd[OX_M_METERS], &id,
					 out, BPF_F_LOCK);
}

/* A full hash answers E2BIG. */
int ox_meter_set(struct ox_mem *m, uint32_t id, const struct ox_meter *meter)
{
	int err = bpf_map_update_elem(ox_dp_of(m)->map_fd[OX_M_METERS], &id,
				      meter, BPF_ANY | BPF_F_LOCK);

	return err == -E2BIG ? -ENOSPC : err;
}

int ox_meter_del(struct ox_mem *m, uint32_t id)
{
	return bpf_map_delete_elem(ox_dp_of(m)->map_fd[OX_M_METERS], &id);
}

/* Only the daemon, which asks, makes and deletes them: no key goes under way.
 */
int ox_meter_ids(struct ox_mem *m, uint32_t *ids, uint32_t *n)
{
	int fd = ox_dp_of(m)->map_fd[OX_M_METERS];
	int err = 0;

	for (*n = 0; *n < OX_MAX_METERS; (*n)++) {
		err = bpf_map_get_next_key(fd, *n ? &ids[*n - 1] : NULL,
					   &ids[*n]);
		if (err)
			break;
	}
	return err == -ENOENT ? 0 : err;
}

/* The frame carries the question: see ovsxdp_meter() in xdp.bpf.c. */
int ox_meter_test(struct ox_mem *m, uint32_t id, uint32_t len)
{
	struct {
		uint8_t eth[ETH_HLEN];
		uint32_t id;
		uint32_t len;
	} __attribute__((packed)) frame = { .id = id, .len = len };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = &frame,
		    .data_size_in = sizeof(frame), .repeat = 1);
	int err =
		bpf_prog_test_run_opts(ox_dp_of(m)->prog[OX_P_METER].fd, &opts);

	if (err)
		return err;
	switch (opts.retval) {
	case XDP_PASS:
		return 0;
	case XDP_DROP:
		return 1;
	default:
		return -EIO;
	}
}
