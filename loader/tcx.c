// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tcx.c - programs on tcx hooks by bpf(2) itself: libbpf 1.1 and the headers
 * of 6.1 don't know them. Attached without a link, so they stay when nobody
 * has them open.
 */
#include "loader/tc.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <linux/bpf.h>

#define TCX_INGRESS 46 /* enum bpf_attach_type */
#define TCX_EGRESS  47
#define REPLACE	    (1u << 2) /* BPF_F_REPLACE */
#define BEFORE	    (1u << 3) /* BPF_F_BEFORE; of no program: the first */
#define PROGS_MAX   64	      /* BPF_MPROG_MAX: of a hook */

/* union bpf_attr of BPF_PROG_ATTACH and BPF_PROG_DETACH, as of 6.6. */
struct attach_attr {
	uint32_t target_ifindex;
	uint32_t attach_bpf_fd;
	uint32_t attach_type;
	uint32_t attach_flags;
	uint32_t replace_bpf_fd;
	uint32_t relative_fd;
	uint64_t expected_revision;
};
_Static_assert(sizeof(struct attach_attr) == 32, "bpf_attr");

/* union bpf_attr of BPF_PROG_QUERY, as of 6.6. */
struct query_attr {
	uint32_t target_ifindex;
	uint32_t attach_type;
	uint32_t query_flags;
	uint32_t attach_flags;
	uint64_t prog_ids;
	uint32_t count;
	uint32_t pad;
	uint64_t prog_attach_flags;
	uint64_t link_ids;
	uint64_t link_attach_flags;
	uint64_t revision;
};
_Static_assert(sizeof(struct query_attr) == 64, "bpf_attr");

static uint32_t hook_type(enum ox_tc_hook hook)
{
	return hook == OX_TC_INGRESS ? TCX_INGRESS : TCX_EGRESS;
}

static int sys_bpf(int cmd, void *attr, size_t size)
{
	return syscall(__NR_bpf, cmd, attr, size) < 0 ? -errno : 0;
}

/* A kernel without tcx knows no such type: EINVAL, before it looks for the
 * device. Nothing else in this request can be invalid. */
int ox_tcx_query(uint32_t ifindex, enum ox_tc_hook hook,
		 const struct ox_prog *p)
{
	uint32_t ids[PROGS_MAX] = { 0 };
	struct query_attr a = {
		.target_ifindex = ifindex,
		.attach_type = hook_type(hook),
		.prog_ids = (uintptr_t)ids,
		.count = PROGS_MAX,
	};
	int err = sys_bpf(BPF_PROG_QUERY, &a, sizeof(a));
	uint32_t i;

	if (err)
		return err == -EINVAL ? -EOPNOTSUPP : err;
	for (i = 0; i < a.count && i < PROGS_MAX; i++)
		if (ids[i] == p->id)
			return 1;
	return 0;
}

static int change(int cmd, uint32_t ifindex, enum ox_tc_hook hook, int fd,
		  uint32_t flags)
{
	struct attach_attr a = {
		.target_ifindex = ifindex,
		.attach_bpf_fd = fd,
		.attach_type = hook_type(hook),
		.attach_flags = flags,
	};

	return sys_bpf(cmd, &a, sizeof(a));
}

int ox_tcx_attach(uint32_t ifindex, enum ox_tc_hook hook,
		  const struct ox_prog *p)
{
	return change(BPF_PROG_ATTACH, ifindex, hook, p->fd, BEFORE);
}

int ox_tcx_detach(uint32_t ifindex, enum ox_tc_hook hook,
		  const struct ox_prog *p)
{
	return change(BPF_PROG_DETACH, ifindex, hook, p->fd, 0);
}

int ox_tcx_replace(uint32_t ifindex, enum ox_tc_hook hook,
		   const struct ox_prog *from, const struct ox_prog *to)
{
	struct attach_attr a = {
		.target_ifindex = ifindex,
		.attach_bpf_fd = to->fd,
		.attach_type = hook_type(hook),
		.attach_flags = REPLACE,
		.replace_bpf_fd = from->fd,
	};

	return sys_bpf(BPF_PROG_ATTACH, &a, sizeof(a));
}
