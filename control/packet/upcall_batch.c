// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * upcall_batch.c - the upcalls of a turn, sent by one system call: a message
 * costs a third less so. One batch for the process, which is one thread; it
 * is empty between turns of the loop, so the datapaths in it exist.
 */
#include "control/packet/upcall.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "control/netlink/genl.h"

#define BATCH 64
#define ARENA (256 * 1024) /* room for their copies */

struct slot {
	struct ox_datapath *dp;
	uint32_t in_port;
	struct iovec iov;
	struct sockaddr_nl to;
};

static uint32_t n_slots;
static uint32_t used; /* bytes of the arena */
static struct slot slots[BATCH];
static struct mmsghdr msgs[BATCH];
static uint8_t arena[ARENA] __attribute__((aligned(NLMSG_ALIGNTO)));

static uint32_t total(const struct iovec *iov, int n_iov)
{
	uint32_t len = 0;

	for (int i = 0; i < n_iov; i++)
		len += iov[i].iov_len;
	return len;
}

int ox_upcalls_add(struct ox_genl *g, struct ox_datapath *dp, uint32_t in_port,
		   uint32_t portid, const struct iovec *iov, int n_iov)
{
	uint32_t len = total(iov, n_iov);
	struct slot *sl;

	if (n_slots == BATCH || len > ARENA - used)
		ox_upcalls_flush(g);
	if (len > ARENA)
		return -1;
	sl = &slots[n_slots];
	*sl = (struct slot){
		.dp = dp,
		.in_port = in_port,
		.iov = { arena + used, len },
		.to = { .nl_family = AF_NETLINK, .nl_pid = portid },
	};
	for (int i = 0; i < n_iov; i++) {
		memcpy(arena + used, iov[i].iov_base, iov[i].iov_len);
		used += iov[i].iov_len;
	}
	msgs[n_slots++].msg_hdr = (struct msghdr){
		.msg_name = &sl->to,
		.msg_namelen = sizeof(sl->to),
		.msg_iov = &sl->iov,
		.msg_iovlen = 1,
	};
	return 0;
}

void ox_upcalls_flush(struct ox_genl *g)
{
	uint32_t done = 0;

	while (done < n_slots) {
		int n = ox_genl_unicast_many(g, msgs + done, n_slots - done);

		/* that is the first one's; the others have their own */
		if (n <= 0) {
			ox_upcall_lost(slots[done].dp, slots[done].in_port, n,
				       slots[done].iov.iov_base);
			n = 1;
		}
		done += n;
	}
	n_slots = 0;
	used = 0;
}
