/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctnl_int.h - inside ctnl*.c: integers in network order, tuples, the state of
 * a protocol.
 */
#ifndef OVSXDP_CODEC_CTNL_INT_H
#define OVSXDP_CODEC_CTNL_INT_H

#include <arpa/inet.h>
#include <endian.h>

#include "control/codec/ctnl.h"

static inline int ox_ctnl_put_be16(struct ox_nlbuf *b, uint16_t type,
				   uint16_t v)
{
	return ox_nl_put_u16(b, type, htons(v));
}

static inline int ox_ctnl_put_be32(struct ox_nlbuf *b, uint16_t type,
				   uint32_t v)
{
	return ox_nl_put_u32(b, type, htonl(v));
}

static inline int ox_ctnl_put_be64(struct ox_nlbuf *b, uint16_t type,
				   uint64_t v)
{
	return ox_nl_put_u64(b, type, htobe64(v));
}

static inline uint16_t ox_ctnl_be16(const struct nlattr *a)
{
	return ntohs(mnl_attr_get_u16(a));
}

static inline uint32_t ox_ctnl_be32(const struct nlattr *a)
{
	return ntohl(mnl_attr_get_u32(a));
}

static inline uint64_t ox_ctnl_be64(const struct nlattr *a)
{
	return be64toh(mnl_attr_get_u64(a));
}

/* A nest as nla_nest_start() begins it: with its flag. */
static inline int ox_ctnl_nest(struct ox_nlbuf *b, uint16_t type,
			       uint32_t *mark)
{
	return ox_nl_nest(b, NLA_F_NESTED | type, mark);
}

/* Ends a message, or on err takes it back; returns err. ctnl_msg.c */
int ox_ctnl_end(struct ox_nlbuf *b, int err);

/* What parses: the message's start and where words go. */
struct ox_ctnl_in {
	const void *base;
	struct ox_err *err;
};

/* Words and the offset of a (NULL: none); returns code. ctnl_msg.c */
int ox_ctnl_bad(const struct ox_ctnl_in *in, int code, const struct nlattr *a,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The attributes of a nest, by policy; -EINVAL, -ERANGE. */
int ox_ctnl_nested(const struct ox_ctnl_in *in, const struct nlattr *nest,
		   const struct ox_nla_policy *policy, int max,
		   const struct nlattr **tb);
/* A NUL-terminated name into to, which has size bytes. */
void ox_ctnl_name(const struct nlattr *a, char *to, size_t size);

/* ---- ctnl_tuple.c ---- */

int ox_ctnl_tuple_put(struct ox_nlbuf *b, uint16_t type,
		      const struct ox_ctnl_tuple *t);
/*
 * ctnetlink_parse_tuple_filter(): of the fields in flags (OX_CTNL_F_*), all
 * have to be there. l3: the message's family. zone NULL: none may be given.
 */
int ox_ctnl_tuple_parse(const struct ox_ctnl_in *in, const struct nlattr *nest,
			uint8_t l3, uint32_t flags, uint16_t *zone,
			struct ox_ctnl_tuple *t);
/* CTA_ZONE; 0 without. */
uint16_t ox_ctnl_zone(const struct nlattr *a);

/* ---- ctnl_proto.c ---- */

/* Is there more to say of this protocol's state? */
bool ox_ctnl_proto_has(uint8_t proto);
/* CTA_PROTOINFO; destroy: the last notification, which has the state alone. */
int ox_ctnl_proto_put(struct ox_nlbuf *b, uint8_t proto, bool destroy,
		      const struct ox_ctnl_proto *p);
int ox_ctnl_proto_parse(const struct ox_ctnl_in *in, const struct nlattr *nest,
			uint8_t proto, struct ox_ctnl_proto *p);

#endif /* OVSXDP_CODEC_CTNL_INT_H */
