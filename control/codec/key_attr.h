/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * key_attr.h - what key*.c and actions*.c share: walking attribute streams
 * with the kernel's rules (the rest may go negative where the last attribute
 * has no padding, and callers of the module tell these cases apart), and the
 * lengths of the key attributes.
 */
#ifndef OVSXDP_KEY_ATTR_H
#define OVSXDP_KEY_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/openvswitch.h>
#include <libmnl/libmnl.h>

#include "ovsxdp/abi.h"
#include "ovsxdp/err.h"

#define OX_LEN_NESTED	(-1)
#define OX_LEN_VARIABLE (-2)
#define OX_DP_MAX_PORTS 65535 /* USHRT_MAX, as datapath.h has it */
#define OX_NLA_MAX	OVS_KEY_ATTR_MAX

static inline uint16_t ox_nla_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

static inline int ox_nla_len(const struct nlattr *a)
{
	return (int)a->nla_len - (int)NLA_HDRLEN;
}

static inline const void *ox_nla_data(const struct nlattr *a)
{
	return (const uint8_t *)a + NLA_HDRLEN;
}

static inline bool ox_nla_ok(const struct nlattr *a, int rem)
{
	return rem >= (int)sizeof(*a) && a->nla_len >= sizeof(*a) &&
	       a->nla_len <= rem;
}

static inline const struct nlattr *ox_nla_next(const struct nlattr *a, int *rem)
{
	*rem -= (int)NLA_ALIGN(a->nla_len);
	return (const void *)((const uint8_t *)a + NLA_ALIGN(a->nla_len));
}

/* rem: an int that holds what is left behind the loop. */
#define ox_nla_for_each(a, head, len, rem)                   \
	for (rem = (len), a = (const struct nlattr *)(head); \
	     ox_nla_ok(a, rem); a = ox_nla_next(a, &(rem)))

static inline uint16_t ox_nla_u16(const struct nlattr *a)
{
	uint16_t v;

	memcpy(&v, ox_nla_data(a), sizeof(v));
	return v;
}

static inline uint32_t ox_nla_u32(const struct nlattr *a)
{
	uint32_t v;

	memcpy(&v, ox_nla_data(a), sizeof(v));
	return v;
}

static inline bool ox_all_zero(const void *p, size_t len)
{
	const uint8_t *b = p;

	while (len--)
		if (*b++)
			return false;
	return true;
}

static inline bool ox_eth_type_vlan(__be16 t)
{
	return t == __builtin_bswap16(0x8100) || t == __builtin_bswap16(0x88a8);
}

static inline bool ox_eth_type_mpls(__be16 t)
{
	return t == __builtin_bswap16(0x8847) || t == __builtin_bswap16(0x8848);
}

/* Bytes of a key attribute's payload, or OX_LEN_*; by OVS_KEY_ATTR_*. */
extern const int ox_key_lens[OX_NLA_MAX + 1];
/* Is len right for a key attribute of this type (0..OX_NLA_MAX)? */
bool ox_key_len_ok(uint16_t type, int len);
/* "ipv4", as ovs-dpctl names it; "?" where it has no name. */
const char *ox_key_attr_name(uint16_t type);

#endif /* OVSXDP_KEY_ATTR_H */
