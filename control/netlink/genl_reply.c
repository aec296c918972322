// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_reply.c - what leaves for one port id: replies of families, and
 * messages that are ready.
 */
#include "control/netlink/genl_int.h"

struct ox_nlbuf *ox_req_reply_empty(struct ox_req *req)
{
	struct ox_nlbuf *b = &req->genl->reply;

	b->len = 0;
	b->nlh = NULL;
	return b;
}

struct ox_nlbuf *ox_req_reply_begin(struct ox_req *req, uint8_t cmd,
				    void **user_hdr)
{
	struct ox_nlbuf *b = ox_req_reply_empty(req);
	const struct ox_genl_family *f = req->family;

	ox_nl_begin(b, f->id, 0, req->nlh->nlmsg_seq, req->portid, cmd,
		    f->version, f->hdrsize, user_hdr);
	return b;
}

int ox_req_reply_send(struct ox_req *req, struct ox_nlbuf *b)
{
	if (b->nlh)
		ox_nl_end(b);
	return ox_client_send(req->genl, req->portid, b->data, b->len);
}

int ox_genl_unicast_many(struct ox_genl *g, struct mmsghdr *msgs, uint32_t n)
{
	return ox_transport_send_many(g->fd, msgs, n);
}

int ox_genl_unicast(struct ox_genl *g, uint32_t portid, const struct iovec *iov,
		    int n_iov)
{
	return ox_transport_send(g->fd, portid, iov, n_iov);
}
