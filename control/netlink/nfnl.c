// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * nfnl.c - what net/netfilter/nfnetlink.c is to conntrack: the way of a message
 * to its subsystem. Everything between socket and message is as for generic
 * netlink. Of the private family the socket takes what comes in a datagram
 * among others' messages (OX_CMD_SYNC).
 */
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>

#include "control/netlink/genl_int.h"

int ox_nfnl_find(const struct ox_genl *g, const struct nlmsghdr *nlh,
		 const struct ox_genl_family **f, const struct ox_genl_op **op)
{
	uint8_t cmd = NFNL_MSG_TYPE(nlh->nlmsg_type);

	*f = ox_family_by_id(g, NFNL_SUBSYS_ID(nlh->nlmsg_type));
	*op = NULL;
	if (!*f || nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(struct nfgenmsg))
		return -EINVAL;
	for (int i = 0; i < (*f)->n_ops; i++)
		if ((*f)->ops[i].cmd == cmd)
			*op = &(*f)->ops[i];
	return *op ? 0 : -EINVAL;
}

struct ox_genl *ox_nfnl_of(struct ox_genl *g, const struct nlattr *protocol)
{
	if (!protocol || mnl_attr_get_u32(protocol) == (uint32_t)g->protocol)
		return g;
	return mnl_attr_get_u32(protocol) == NETLINK_NETFILTER ? g->nf : NULL;
}
