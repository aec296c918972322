/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * key_attr.h - what key*.c and actions*.c share: walking attribute streams with
 * the kernel's rules, and the lengths of the key attributes. The rest may go
 * negative where the last attribute has no padding, and callers of the module
 * tell these cases apart.
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

/*
 * The attributes from head on, as nla_for_each_attr() walks them. What is left
 * at the end stays in rem, an int, for those that tell a cut attribute from
 * none. mnl_attr_for_each_payload() keeps it to itself. All else of reading
 * attributes is libmnl's.
 */
#define ox_attr_for_each(a, head, len, rem)                  \
	for (rem = (len), a = (const struct nlattr *)(head); \
	     mnl_attr_ok(a, rem);                            \
	     rem -= (int)MNL_ALIGN(a->nla_len), a = mnl_attr_next(a))

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
