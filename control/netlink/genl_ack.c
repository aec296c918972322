// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_ack.c - NLMSG_ERROR messages, as netlink_ack() makes them.
 */
#include "control/netlink/genl_int.h"

#include <string.h>

void ox_ack_put_tlvs(struct ox_nlbuf *b, int err, const struct ox_err *e)
{
	uint32_t before = b->len;

	/* no room: an ACK without words is better than none */
	if (e->msg[0])
		ox_nl_put_str(b, NLMSGERR_ATTR_MSG, e->msg);
	if (err && e->offset)
		ox_nl_put_u32(b, NLMSGERR_ATTR_OFFS, e->offset);
	if (err && e->miss_type)
		ox_nl_put_u32(b, NLMSGERR_ATTR_MISS_TYPE, e->miss_type - 1);
	if (!err && e->cookie)
		ox_nl_put(b, NLMSGERR_ATTR_COOKIE, &e->cookie,
			  sizeof(e->cookie));
	if (err && e->miss_nest)
		ox_nl_put_u32(b, NLMSGERR_ATTR_MISS_NEST, e->miss_nest);
	if (b->len != before)
		b->nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
}

void ox_ack_build(struct ox_nlbuf *b, const struct nlmsghdr *nlh,
		  uint32_t portid, int err, const struct ox_err *e, bool cap)
{
	uint32_t len = NLMSG_HDRLEN + sizeof(struct nlmsgerr);
	uint32_t body = nlh->nlmsg_len - NLMSG_HDRLEN;
	struct nlmsgerr *msg;

	/* room is kept for the words; what is cut is said so */
	if (!err || NLMSG_ALIGN(body) > b->size - b->len - len - 512)
		cap = true;
	if (cap)
		body = 0;
	b->nlh = (void *)(b->data + b->len);
	memset(b->nlh, 0, len);
	msg = (void *)((uint8_t *)b->nlh + NLMSG_HDRLEN);
	msg->error = err;
	msg->msg = *nlh;
	memcpy(msg + 1, (const uint8_t *)nlh + NLMSG_HDRLEN, body);
	memset((uint8_t *)(msg + 1) + body, 0, NLMSG_ALIGN(body) - body);
	len += NLMSG_ALIGN(body);
	b->nlh->nlmsg_len = len;
	b->nlh->nlmsg_type = NLMSG_ERROR;
	b->nlh->nlmsg_flags = cap ? NLM_F_CAPPED : 0;
	b->nlh->nlmsg_seq = nlh->nlmsg_seq;
	b->nlh->nlmsg_pid = portid;
	b->len += len;
	/* An error that was met on the way to success stays unsaid; a bare
	 * text (code 0) is a warning, as in the kernel. */
	if (e && (err || !e->code))
		ox_ack_put_tlvs(b, err, e);
	ox_nl_end(b);
}
