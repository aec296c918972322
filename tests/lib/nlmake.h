/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * nlmake.h - attributes for tests, written without the code under test.
 */
#ifndef OVSXDP_TESTS_NLMAKE_H
#define OVSXDP_TESTS_NLMAKE_H

#include <stdint.h>
#include <string.h>
#include <libmnl/libmnl.h>

/* A nest under construction: a[0] is the nest's own header. */
struct ox_make {
	uint32_t len;
	_Alignas(4) uint8_t b[4096];
};

static inline void ox_make_start(struct ox_make *m, uint16_t type)
{
	struct nlattr h = { NLA_HDRLEN, type };

	memset(m, 0, sizeof(*m));
	memcpy(m->b, &h, sizeof(h));
	m->len = NLA_HDRLEN;
}

static inline struct nlattr *ox_make_end(struct ox_make *m)
{
	struct nlattr *h = (struct nlattr *)m->b;

	h->nla_len = (uint16_t)m->len;
	return h;
}

static inline void ox_make_put(struct ox_make *m, uint16_t type,
			       const void *data, uint32_t len)
{
	struct nlattr h = { (uint16_t)(NLA_HDRLEN + len), type };

	memcpy(m->b + m->len, &h, sizeof(h));
	if (len)
		memcpy(m->b + m->len + NLA_HDRLEN, data, len);
	m->len += NLA_HDRLEN + NLA_ALIGN(len);
}

static inline void ox_make_u16(struct ox_make *m, uint16_t type, uint16_t v)
{
	ox_make_put(m, type, &v, sizeof(v));
}

static inline void ox_make_u32(struct ox_make *m, uint16_t type, uint32_t v)
{
	ox_make_put(m, type, &v, sizeof(v));
}

static inline uint32_t ox_make_nest(struct ox_make *m, uint16_t type)
{
	uint32_t at = m->len;

	ox_make_put(m, type, NULL, 0);
	return at;
}

static inline void ox_make_nest_end(struct ox_make *m, uint32_t at)
{
	((struct nlattr *)(m->b + at))->nla_len = (uint16_t)(m->len - at);
}

#endif /* OVSXDP_TESTS_NLMAKE_H */
