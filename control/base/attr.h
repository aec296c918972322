/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * attr.h - netlink attributes by policy, as lib/nlattr.c validates them for the
 * ovs families, with its errno and extended-ACK texts and offsets. It is
 * liberal: Unknown types are ignored, and longer is fine for fixed sizes.
 */
#ifndef OVSXDP_ATTR_H
#define OVSXDP_ATTR_H

#include <stddef.h>
#include <stdint.h>
#include <libmnl/libmnl.h>

#include "ovsxdp/err.h"

enum ox_nla_type {
	OX_NLA_NONE = 0, /* not known: ignored, tb entry stays NULL */
	OX_NLA_U8,
	OX_NLA_U16,
	OX_NLA_U32,
	OX_NLA_U64,
	OX_NLA_S32,
	OX_NLA_STRING, /* len: most characters without the NUL; 0: any */
	OX_NLA_NUL_STRING,
	OX_NLA_NESTED,
	OX_NLA_FLAG,
	OX_NLA_EXACT,  /* len: exactly; else -EINVAL */
	OX_NLA_MIN,    /* len: at least */
	OX_NLA_BINARY, /* len: at most; else -ERANGE */
	OX_NLA_ANY,    /* any payload (NLA_UNSPEC with no length) */
};

struct ox_nla_policy {
	enum ox_nla_type type;
	uint32_t len;
	/* for U8..S32 (of that none below 0), checked if max is not 0; -ERANGE
	 * like NLA_RANGE */
	uint64_t min;
	uint64_t max;
	/* mask of valid bits, checked if not 0; -EINVAL like NLA_MASK */
	uint64_t bits;
};

/*
 * Parses attributes in buf[0..len) into tb[0..max] (the last of a type
 * wins, as in the kernel). base: start of the netlink message, for offsets
 * in e. 0 or -errno with e filled.
 */
int ox_attrs_parse(const void *base, const void *buf, size_t len,
		   const struct ox_nla_policy *policy, int max,
		   const struct nlattr **tb, struct ox_err *e);

/* Sets e->offset to attr's place in the message at base. */
void ox_err_attr(struct ox_err *e, const void *base, const struct nlattr *attr);

#endif /* OVSXDP_ATTR_H */
