// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * nlbuf.c - netlink messages built in bounded buffers, several after each
 * other. What doesn't fit leaves the message as it was.
 */
#include "control/base/nlbuf.h"

#include <errno.h>
#include <string.h>
#include <linux/genetlink.h>

/* Takes n bytes (aligned) after the message, zeroed. NULL: no room. */
static void *reserve(struct ox_nlbuf *b, size_t n)
{
	void *p = b->data + b->len;

	n = NLMSG_ALIGN(n);
	if (n > b->size - b->len)
		return NULL;
	memset(p, 0, n);
	b->len += n;
	b->nlh->nlmsg_len += n;
	return p;
}

int ox_nl_put(struct ox_nlbuf *b, uint16_t type, const void *data, size_t len)
{
	struct nlattr *a;

	if (len > UINT16_MAX - NLA_HDRLEN)
		return -EMSGSIZE;
	a = reserve(b, NLA_HDRLEN + len);
	if (!a)
		return -EMSGSIZE;
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((uint8_t *)a + NLA_HDRLEN, data, len);
	return 0;
}

int ox_nl_put_u8(struct ox_nlbuf *b, uint16_t type, uint8_t v)
{
	return ox_nl_put(b, type, &v, sizeof(v));
}

int ox_nl_put_u16(struct ox_nlbuf *b, uint16_t type, uint16_t v)
{
	return ox_nl_put(b, type, &v, sizeof(v));
}

int ox_nl_put_u32(struct ox_nlbuf *b, uint16_t type, uint32_t v)
{
	return ox_nl_put(b, type, &v, sizeof(v));
}

int ox_nl_put_u64(struct ox_nlbuf *b, uint16_t type, uint64_t v)
{
	return ox_nl_put(b, type, &v, sizeof(v));
}

int ox_nl_put_str(struct ox_nlbuf *b, uint16_t type, const char *s)
{
	return ox_nl_put(b, type, s, strlen(s) + 1);
}

int ox_nl_put_flag(struct ox_nlbuf *b, uint16_t type)
{
	return ox_nl_put(b, type, NULL, 0);
}

int ox_nl_put_raw(struct ox_nlbuf *b, const void *data, size_t len)
{
	void *p = reserve(b, len);

	if (!p)
		return -EMSGSIZE;
	memcpy(p, data, len);
	return 0;
}

int ox_nl_nest(struct ox_nlbuf *b, uint16_t type, uint32_t *mark)
{
	*mark = b->len;
	return ox_nl_put(b, type, NULL, 0);
}

void ox_nl_nest_end(struct ox_nlbuf *b, uint32_t mark)
{
	struct nlattr *a = (void *)(b->data + mark);

	/* A nest beyond 64 KB wraps, as nla_nest_end()'s does. */
	a->nla_len = (uint16_t)(b->len - mark);
}

void ox_nl_nest_cancel(struct ox_nlbuf *b, uint32_t mark)
{
	b->nlh->nlmsg_len -= b->len - mark;
	b->len = mark;
}

int ox_nl_begin_raw(struct ox_nlbuf *b, uint16_t type, uint16_t flags,
		    uint32_t seq, uint32_t portid, const void *hdr,
		    uint32_t size)
{
	size_t n = NLMSG_HDRLEN + NLMSG_ALIGN(size);

	if (n > b->size - b->len)
		return -EMSGSIZE;
	b->nlh = (void *)(b->data + b->len);
	memset(b->nlh, 0, n);
	b->len += n;
	b->nlh->nlmsg_len = n;
	b->nlh->nlmsg_type = type;
	b->nlh->nlmsg_flags = flags;
	b->nlh->nlmsg_seq = seq;
	b->nlh->nlmsg_pid = portid;
	memcpy((uint8_t *)b->nlh + NLMSG_HDRLEN, hdr, size);
	return 0;
}

int ox_nl_begin(struct ox_nlbuf *b, uint16_t family_id, uint16_t flags,
		uint32_t seq, uint32_t portid, uint8_t cmd, uint8_t version,
		uint32_t hdrsize, void **hdr)
{
	struct genlmsghdr g = { .cmd = cmd, .version = version };
	int err;

	if (NLMSG_HDRLEN + GENL_HDRLEN + NLMSG_ALIGN(hdrsize) >
	    b->size - b->len)
		return -EMSGSIZE;
	err = ox_nl_begin_raw(b, family_id, flags, seq, portid, &g, sizeof(g));
	if (!err && hdrsize)
		reserve(b, hdrsize);
	if (!err && hdr)
		*hdr = (uint8_t *)b->nlh + NLMSG_HDRLEN + GENL_HDRLEN;
	return err;
}

void ox_nl_end(struct ox_nlbuf *b)
{
	b->nlh = NULL;
}

void ox_nl_abort(struct ox_nlbuf *b)
{
	if (!b->nlh)
		return;
	b->len = (uint32_t)((uint8_t *)b->nlh - b->data);
	b->nlh = NULL;
}
