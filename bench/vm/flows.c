// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * flows.c - many flows, quickly, in the module or in ovsxdpd:
 *
 *   flows module|ovsxdp DP_IFINDEX N OUT_PORT
 *
 * One mask; flow i is of the sender BARE_SRC + i, from port 1 to OUT_PORT.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/genetlink.h>
#include <libmnl/libmnl.h>

#include "bench/libclient.h"
#include "bench/libframes.h"
#include "bench/vm/bare.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/uapi.h"

#define BATCH 50

static int fd;
static uint32_t peer; /* port id: the kernel's is 0 */
static uint16_t family = OX_GENL_FLOW;

static void send_to_peer(const struct ox_nlbuf *b)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = peer };

	if (sendto(fd, b->data, b->len, 0, (struct sockaddr *)&to, sizeof(to)) <
	    0)
		ox_bench_die("can't send flows: %s", strerror(errno));
}

/* The module's number of family ovs_flow. */
static void find_module(void)
{
	uint8_t room[4096] __attribute__((aligned(4)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(room);
	struct genlmsghdr *genl;
	struct nlattr *a;
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, OVS_FLOW_FAMILY);
	b.len = nlh->nlmsg_len;
	send_to_peer(&b);
	if (!ox_client_recv(fd, room, sizeof(room), 5000) ||
	    nlh->nlmsg_type != GENL_ID_CTRL)
		ox_bench_die("the kernel has no family " OVS_FLOW_FAMILY
			     ": modprobe openvswitch");
	mnl_attr_for_each (a, nlh, sizeof(*genl)) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
			family = mnl_attr_get_u16(a);
	}
}

/* Key or mask, where ones is all ones. */
static void put_key(struct ox_nlbuf *b, uint16_t type, uint32_t i, int mask)
{
	static const struct ovs_key_ethernet eth;
	struct ovs_key_ipv4 ip = {
		.ipv4_src = mask ? UINT32_MAX : htonl(BARE_SRC + i),
		.ipv4_frag = mask ? 0xff : OVS_FRAG_TYPE_NONE,
	};
	uint16_t eth_type = mask ? UINT16_MAX : htons(0x0800);
	uint32_t nest;

	ox_nl_nest(b, type, &nest);
	ox_nl_put_u32(b, OVS_KEY_ATTR_RECIRC_ID, mask ? UINT32_MAX : 0);
	ox_nl_put_u32(b, OVS_KEY_ATTR_IN_PORT, mask ? UINT32_MAX : 1);
	ox_nl_put(b, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
	ox_nl_put(b, OVS_KEY_ATTR_ETHERTYPE, &eth_type, sizeof(eth_type));
	ox_nl_put(b, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
	ox_nl_nest_end(b, nest);
}

static void put_flow(struct ox_nlbuf *b, uint32_t dp_ifindex, uint32_t i,
		     uint32_t out)
{
	uint32_t nest;

	ox_client_begin(b, family, OVS_FLOW_CMD_NEW, NLM_F_ACK | NLM_F_CREATE,
			dp_ifindex);
	put_key(b, OVS_FLOW_ATTR_KEY, i, 0);
	put_key(b, OVS_FLOW_ATTR_MASK, i, 1);
	ox_nl_nest(b, OVS_FLOW_ATTR_ACTIONS, &nest);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, out);
	ox_nl_nest_end(b, nest);
	ox_nl_end(b);
}

int main(int argc, char **argv)
{
	static uint8_t room[65536] __attribute__((aligned(4)));
	uint32_t dp, n, out, portid;

	if (argc != 5)
		ox_bench_die("usage: flows module|ovsxdp DP_IFINDEX N OUT");
	dp = atoi(argv[2]);
	n = atoi(argv[3]);
	out = atoi(argv[4]);
	fd = ox_client_open(&portid);
	if (strcmp(argv[1], "module"))
		peer = OX_NL_PORTID;
	else
		find_module();
	for (uint32_t i = 0; i < n;) {
		struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
		uint32_t first = i;

		while (i < n && i - first < BATCH)
			put_flow(&b, dp, i++, out);
		send_to_peer(&b);
		ox_client_acks(fd, i - first);
	}
	return 0;
}
