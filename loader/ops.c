// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ops.c - struct ox_mem_ops over pinned maps: the table of operations, and
 * those that are neither chunks nor statistics.
 */
#include "loader/priv.h"

#include <errno.h>
#include <bpf/bpf.h>

static int delete_key(int fd, uint32_t key)
{
	int err = bpf_map_delete_elem(fd, &key);

	return err == -ENOENT ? 0 : err;
}

/* What the program looks at first; "rxports" has the devices whose place
 * here another one has. */
static void hint_set(struct ox_config *c, uint32_t ifindex, uint32_t port_no)
{
	__atomic_store_n(&c->rx_hint[ifindex % OX_RX_HINTS],
			 OX_RX_HINT(ifindex, port_no), __ATOMIC_RELEASE);
}

static void hint_clear(struct ox_config *c, uint32_t ifindex)
{
	uint64_t *h = (uint64_t *)&c->rx_hint[ifindex % OX_RX_HINTS];

	if ((uint32_t)*h == ifindex)
		__atomic_store_n(h, 0, __ATOMIC_RELAXED);
}

static int rx_forget(struct ox_mem *m, int rxports, uint32_t ifindex)
{
	hint_clear(m->config, ifindex);
	return delete_key(rxports, ifindex);
}

/* The ways out of both tiers; ifindex 0: none. */
static int tx_set(struct ox_dp *dp, uint32_t port_no, uint32_t ifindex)
{
	static const enum ox_map maps[] = { OX_M_TX, OX_M_SKB_TX };
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(maps) / sizeof(*maps); i++) {
		int fd = dp->map_fd[maps[i]];

		err = ifindex ? bpf_map_update_elem(fd, &port_no, &ifindex,
						    BPF_ANY)
			      : delete_key(fd, port_no);
	}
	return err;
}

/* The way out is there before the way in, and goes after it. */
static int port_device(struct ox_mem *m, uint32_t port_no, uint32_t rx_ifindex,
		       uint32_t old_ifindex)
{
	struct ox_dp *dp = ox_dp_of(m);
	int rxports = dp->map_fd[OX_M_RXPORTS];
	int err;

	if (port_no >= m->config->max_ports)
		return -EINVAL;
	if (!rx_ifindex) {
		err = old_ifindex ? rx_forget(m, rxports, old_ifindex) : 0;
		return err ? err : tx_set(dp, port_no, 0);
	}
	err = tx_set(dp, port_no, rx_ifindex);
	if (!err)
		err = bpf_map_update_elem(rxports, &rx_ifindex, &port_no,
					  BPF_ANY);
	if (err) {
		tx_set(dp, port_no, 0);
		return err;
	}
	hint_set(m->config, rx_ifindex, port_no);
	if (old_ifindex && old_ifindex != rx_ifindex)
		return rx_forget(m, rxports, old_ifindex);
	return 0;
}

/* The kernel takes a device out of all devmaps at NETDEV_UNREGISTER, which is
 * also what a device's old namespace sees when it moves to another. */
static int port_there(struct ox_mem *m, uint32_t port_no, uint32_t ifindex)
{
	uint32_t entered = 0;

	return !bpf_map_lookup_elem(ox_dp_of(m)->map_fd[OX_M_TX], &port_no,
				    &entered) &&
	       entered == ifindex;
}

const struct ox_mem_ops ox_dp_ops = {
	.grow_flows = ox_grow_flows,
	.grow_flows_soon = ox_grow_flows_soon,
	.grow_acts = ox_grow_acts,
	.sync = ox_sync,
	.sync_begin = ox_sync_begin,
	.sync_ended = ox_sync_ended,
	.flow_stats = ox_stats_flows,
	.flow_stats_zero = ox_stats_flow_zero,
	.mask_hits = ox_stats_masks,
	.port_stats = ox_stats_port,
	.port_lost = ox_stats_port_lost,
	.port_stats_zero = ox_stats_port_zero,
	.dp_stats = ox_stats_dp,
	.port_device = port_device,
	.port_there = port_there,
	.groups_set = ox_groups_set,
	.meter_get = ox_meter_get,
	.meter_set = ox_meter_set,
	.meter_del = ox_meter_del,
	.meter_ids = ox_meter_ids,
	.meter_run = ox_meter_test,
};
