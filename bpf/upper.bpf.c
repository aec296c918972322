// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * upper.bpf.c - what takes a device's packets beside its address: on no
 * device, run by user space (loader/upper.c). netlink doesn't say it of a
 * macvlan that is in another network namespace. So the kernel's own fields are
 * read, at offsets that its BTF gives.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "ovsxdp/abi.h"

char _license[] SEC("license") = "Dual BSD/GPL";

/* The kernel's structures, as much of them as is read here. */
#pragma clang attribute push(__attribute__((preserve_access_index)), \
			     apply_to = record)
struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct vlan_group {
	unsigned int nr_vlan_devs;
};

struct vlan_info {
	struct vlan_group grp;
};

struct net_device {
	int ifindex;
	unsigned long priv_flags;
	struct hlist_node index_hlist;
	void *rx_handler;
	struct vlan_info *vlan_info;
};

struct net {
	struct hlist_head *dev_index_head;
};

struct nsproxy {
	struct net *net_ns;
};

struct task_struct {
	struct nsproxy *nsproxy;
};
#pragma clang attribute pop

enum netdev_priv_flags {
	IFF_NO_RX_HANDLER = 1 << 26,
};

#define HASH_ENTRIES 256 /* NETDEV_HASHENTRIES */
#define MOST_IN_ROW  65536

struct search {
	struct hlist_node *at;
	int ifindex;
	struct net_device *found;
};

static long device_next(__u32 i, struct search *s)
{
	__u32 offset = bpf_core_field_offset(struct net_device, index_hlist);
	struct hlist_node *n = s->at;
	struct net_device *dev = (void *)n - offset;

	if (!n)
		return 1;
	if (BPF_CORE_READ(dev, ifindex) == s->ifindex) {
		s->found = dev;
		return 1;
	}
	s->at = BPF_CORE_READ(n, next);
	return 0;
}

/* As __dev_get_by_index(). */
static __always_inline struct net_device *device_find(int ifindex)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hlist_head *row =
		BPF_CORE_READ(task, nsproxy, net_ns, dev_index_head);
	struct search s = { .ifindex = ifindex };

	row += ifindex & (HASH_ENTRIES - 1);
	s.at = BPF_CORE_READ(row, first);
	bpf_loop(MOST_IN_ROW, device_next, &s, 0);
	return s.found;
}

static __always_inline int no_rx_handler(struct net_device *dev)
{
	__u64 flags;

	if (!bpf_core_enum_value_exists(enum netdev_priv_flags,
					IFF_NO_RX_HANDLER))
		return 0;
	flags = BPF_CORE_READ_BITFIELD_PROBED(dev, priv_flags);
	return !!(flags & bpf_core_enum_value(enum netdev_priv_flags,
					      IFF_NO_RX_HANDLER));
}

static __always_inline int has_vlans(struct net_device *dev)
{
	struct vlan_info *v;

	if (!bpf_core_field_exists(dev->vlan_info))
		return 0;
	v = BPF_CORE_READ(dev, vlan_info);
	return v && BPF_CORE_READ(v, grp.nr_vlan_devs);
}

/* OX_UPPER_* of a device of the caller's network namespace. */
SEC("syscall")
int ovsxdp_upper(struct ox_upper_args *args)
{
	struct net_device *dev = device_find(args->ifindex);
	int bits = OX_UPPER_KNOWN;

	if (!dev)
		return 0;
	if (BPF_CORE_READ(dev, rx_handler))
		bits |= OX_UPPER_HANDLER;
	if (has_vlans(dev))
		bits |= OX_UPPER_VLAN;
	if (no_rx_handler(dev))
		bits |= OX_UPPER_REFUSES;
	return bits;
}
