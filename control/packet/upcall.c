// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * upcall.c - one upcall from its decision to its counters. The reasons say
 * what the module's n_lost alone can't: who lost it.
 */
#include "control/packet/upcall.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/openvswitch.h>

#include "control/packet/drop.h"
#include "control/packet/gso.h"

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
	case -EPROTO: /* no segments can be made of it */
		return OX_R_EDIT;
	default:
		return OX_R_SEND;
	}
}

static void lost(struct ox_datapath *dp, enum ox_reason why)
{
	dp->mem->config->host.n_lost++;
	dp->mem->config->host.reason[why]++;
}

static void lost_packet(struct ox_datapath *dp, enum ox_reason why,
			const struct ox_host_pkt *pkt)
{
	lost(dp, why);
	ox_drop_tell_pkt(dp, why, OX_NONE, pkt);
}

/* soon: with others, where that is possible. */
static int queue(struct ox_datapath *dp, const struct ox_out *out,
		 uint32_t portid, const struct ox_host_pkt *pkt,
		 const struct ox_upcall_msg *m, bool soon)
{
	struct ox_nlbuf b = { .data = head, .size = sizeof(head) };
	struct iovec iov[OX_UPCALL_IOV];
	int n = ox_upcall_encode(m, &b, iov);

	if (n < 0)
		return n;
	if (soon && out->defer &&
	    !out->defer(out->arg, dp, pkt->in_port, portid, iov, n))
		return 0;
	return out->unicast(out->arg, portid, iov, n);
}

/* queue_gso_packets(): key and what else there is of the whole packet stand
 * for each segment. */
static int queue_gso(struct ox_datapath *dp, const struct ox_out *out,
		     uint32_t portid, const struct ox_host_pkt *pkt,
		     struct ox_upcall_msg *m)
{
	static uint8_t seg[OX_GSO_SEG_MAX];
	struct ox_gso g;
	int err;

	err = ox_gso_init(&g, m->frame, m->len, pkt->gso_size, ox_l3_type(pkt));
	m->frame = seg;
	while (!err && (m->len = ox_gso_next(&g, seg)))
		err = queue(dp, out, portid, pkt, m, false);
	return err;
}

int ox_upcall(struct ox_datapath *dp, const struct ox_out *out, uint32_t portid,
	      const struct ox_host_pkt *pkt, struct ox_upcall_msg *m)
{
	const struct ox_config *cfg = dp->mem->config;
	struct ox_uport *up = NULL;
	int err;

	/* As newer modules count: an upcall that nobody asked for is lost,
	 * but it is not the port's failure. */
	if (!portid) {
		lost_packet(dp, OX_R_NO_UPCALL_PID, pkt);
		return -ENOTCONN;
	}
	if (pkt->in_port < cfg->max_ports)
		up = &dp->mem->uports[pkt->in_port];
	m->dp_ifindex = dp->ifindex;
	m->unaligned = cfg->user_features & OVS_DP_F_UNALIGNED;
	err = pkt->gso_size ? queue_gso(dp, out, portid, pkt, m)
			    : queue(dp, out, portid, pkt, m, true);
	if (err < 0)
		lost_packet(dp, lost_reason(err), pkt);
	if (up && err < 0)
		up->upcall_fail++;
	else if (up)
		up->upcall_success++;
	return err;
}

/* The packet is in the message: to tell of it, it is taken from there. */
static void tell_message(struct ox_datapath *dp, uint32_t in_port,
			 enum ox_reason why, const struct nlmsghdr *nlh)
{
	struct ox_drop d = { .why = why, .in_port = in_port, .flow = OX_NONE };
	const struct nlattr *a;

	mnl_attr_for_each (a, nlh, GENL_HDRLEN + sizeof(struct ovs_header)) {
		if (mnl_attr_get_type(a) != OVS_PACKET_ATTR_PACKET)
			continue;
		d.frame = mnl_attr_get_payload(a);
		d.len = mnl_attr_get_payload_len(a);
		ox_drop_tell(dp, &d);
	}
}

void ox_upcall_lost(struct ox_datapath *dp, uint32_t in_port, int err,
		    const struct nlmsghdr *nlh)
{
	lost(dp, lost_reason(err));
	if (ox_drop_wanted(dp))
		tell_message(dp, in_port, lost_reason(err), nlh);
	if (in_port < dp->mem->config->max_ports) {
		dp->mem->uports[in_port].upcall_success--;
		dp->mem->uports[in_port].upcall_fail++;
	}
}
