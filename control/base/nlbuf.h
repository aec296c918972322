/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * nlbuf.h - netlink messages built in a buffer of a given size. All that
 * return an int return 0, or -EMSGSIZE where there is no room: then the
 * message is as it was.
 */
#ifndef OVSXDP_NLBUF_H
#define OVSXDP_NLBUF_H

#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>

struct ox_nlbuf {
	uint8_t *data;
	uint32_t len; /* used, over all messages, aligned */
	uint32_t size;
	struct nlmsghdr *nlh; /* message being built, or NULL */
};

int ox_nl_put(struct ox_nlbuf *b, uint16_t type, const void *data, size_t len);
int ox_nl_put_u8(struct ox_nlbuf *b, uint16_t type, uint8_t v);
int ox_nl_put_u16(struct ox_nlbuf *b, uint16_t type, uint16_t v);
int ox_nl_put_u32(struct ox_nlbuf *b, uint16_t type, uint32_t v);
int ox_nl_put_u64(struct ox_nlbuf *b, uint16_t type, uint64_t v);
int ox_nl_put_str(struct ox_nlbuf *b, uint16_t type, const char *s);
int ox_nl_put_flag(struct ox_nlbuf *b, uint16_t type);
/* Bytes without a header, into a nest: nla_put_nohdr(). */
int ox_nl_put_raw(struct ox_nlbuf *b, const void *data, size_t len);
/* nest: *mark is for ox_nl_nest_end/_cancel. Sets no NLA_F_NESTED (the ovs
 * families use nla_nest_start_noflag) unless type carries it. */
int ox_nl_nest(struct ox_nlbuf *b, uint16_t type, uint32_t *mark);
void ox_nl_nest_end(struct ox_nlbuf *b, uint32_t mark);
void ox_nl_nest_cancel(struct ox_nlbuf *b, uint32_t mark);

/* Starts a message (netlink + genetlink + family header of hdrsize bytes,
 * zeroed; *hdr points at it) / finishes it / forgets it. */
int ox_nl_begin(struct ox_nlbuf *b, uint16_t family_id, uint16_t flags,
		uint32_t seq, uint32_t portid, uint8_t cmd, uint8_t version,
		uint32_t hdrsize, void **hdr);
/* The same with any header after that of netlink: hdr, of size bytes. */
int ox_nl_begin_raw(struct ox_nlbuf *b, uint16_t type, uint16_t flags,
		    uint32_t seq, uint32_t portid, const void *hdr,
		    uint32_t size);
void ox_nl_end(struct ox_nlbuf *b);
void ox_nl_abort(struct ox_nlbuf *b);

#endif /* OVSXDP_NLBUF_H */
