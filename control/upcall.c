// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * upcall.c - one upcall from its decision to its counters. The reasons say
 * what the module's n_lost alone can't: who lost it.
 */
#include "control/upcall.h"

#include <errno.h>

/* Fits key, actions (32 KB at most) and user data (an attribute). One for
 * the process: the daemon is one thread, and a message is sent at once. */
#define HEAD_SIZE (160 * 1024)
static uint8_t head[HEAD_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));

static enum ox_reason lost_reason(int err)
{
	switch (err) {
	case -EAGAIN:
	case -ENOBUFS:
		return OX_R_CLIENT_FULL;
	case -ECONNREFUSED:
		return OX_R_CLIENT_GONE;
	default:
		return OX_R_SEND;
	}
}

static void lost(struct ox_datapath *dp, enum ox_reason why)
{
	dp->mem->config->host.n_lost++;
	dp->mem->config->host.reason[why]++;
}

int ox_upcall(struct ox_datapath *dp, const struct ox_out *out, uint32_t portid,
	      uint32_t port_no, struct ox_upcall_msg *m)
{
	const struct ox_config *cfg = dp->mem->config;
	struct ox_nlbuf b = { .data = head, .size = sizeof(head) };
	struct iovec iov[OX_UPCALL_IOV];
	struct ox_uport *up = NULL;
	int n;

	/* As newer modules count: an upcall that nobody asked for is lost,
	 * but it is not the port's failure. */
	if (!portid) {
		lost(dp, OX_R_NO_UPCALL_PID);
		return -ENOTCONN;
	}
	if (port_no < cfg->max_ports)
		up = &dp->mem->uports[port_no];
	m->dp_ifindex = dp->ifindex;
	m->unaligned = cfg->user_features & OVS_DP_F_UNALIGNED;
	n = ox_upcall_encode(m, &b, iov);
	if (n > 0)
		n = out->unicast(out->arg, portid, iov, n);
	if (n < 0)
		lost(dp, lost_reason(n));
	if (up && n < 0)
		up->upcall_fail++;
	else if (up)
		up->upcall_success++;
	return n < 0 ? n : 0;
}
