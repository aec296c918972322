// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_vlan.c - VLAN tags of a key: an ETHERTYPE (the TPID), a VLAN (the TCI)
 * and an ENCAP nest that holds what follows the tag, two levels deep.
 *
 * The CFI bit of a TCI says "there is a tag". A TCI of 0 with an empty nest
 * means a frame that ends inside its tag.
 *
 * A mask may name a tag's TPID and nest but no TCI, or one of zeros. Then it
 * has the TCI that was read last: of the tag outside, or the key's innermost.
 * So it is in the module, which doesn't clear its array of attributes.
 */
#include <arpa/inet.h>
#include <errno.h>

#include "control/codec/key_int.h"

static const char *tag_name(bool inner)
{
	return inner ? "C-VLAN" : "VLAN";
}

/* 1: a tag is there, 0: none. */
static int check_key_tag(struct ox_match *m, uint64_t attrs, bool inner)
{
	const struct nlattr *const *a = m->a;
	uint64_t both = OX_BIT(OVS_KEY_ATTR_ETHERNET) |
			OX_BIT(OVS_KEY_ATTR_ETHERTYPE);
	__be16 tci;

	if ((attrs & both) != both ||
	    !ox_eth_type_vlan(mnl_attr_get_u16(a[OVS_KEY_ATTR_ETHERTYPE])))
		return 0;

	both = OX_BIT(OVS_KEY_ATTR_VLAN) | OX_BIT(OVS_KEY_ATTR_ENCAP);
	if ((attrs & both) != both)
		return ox_key_bad(m, -EINVAL, a[OVS_KEY_ATTR_ETHERTYPE],
				  "%s key needs both vlan and encap",
				  tag_name(inner));

	tci = mnl_attr_get_u16(a[OVS_KEY_ATTR_VLAN]);
	if (tci & htons(OX_VLAN_CFI))
		return 1;
	if (tci)
		return ox_key_bad(m, -EINVAL, a[OVS_KEY_ATTR_VLAN],
				  "%s TCI 0x%04x lacks the CFI bit 0x1000",
				  tag_name(inner), ntohs(tci));
	if (mnl_attr_get_payload_len(a[OVS_KEY_ATTR_ENCAP]))
		return ox_key_bad(m, -EINVAL, a[OVS_KEY_ATTR_ENCAP],
				  "cut %s tag (TCI 0) must have an empty encap",
				  tag_name(inner));
	return 1;
}

static int check_mask_tag(struct ox_match *m, uint64_t attrs, bool inner)
{
	const struct nlattr *const *a = m->a;
	__be16 key_tci = inner ? m->key->cvlan_tci : m->key->vlan_tci;
	__be16 tci = 0, tpid = 0;

	if (!(attrs & OX_BIT(OVS_KEY_ATTR_ENCAP)))
		return 0;
	if (!(key_tci & htons(OX_VLAN_CFI)))
		return ox_key_bad(m, -EINVAL, a[OVS_KEY_ATTR_ENCAP],
				  "mask has an encap, the key has no %s tag",
				  tag_name(inner));
	if (a[OVS_KEY_ATTR_VLAN])
		tci = mnl_attr_get_u16(a[OVS_KEY_ATTR_VLAN]);
	if (a[OVS_KEY_ATTR_ETHERTYPE])
		tpid = mnl_attr_get_u16(a[OVS_KEY_ATTR_ETHERTYPE]);
	if (tpid != htons(0xffff))
		return ox_key_bad(m, -EINVAL, a[OVS_KEY_ATTR_ENCAP],
				  "%s TPID mask 0x%04x must be 0xffff",
				  tag_name(inner), ntohs(tpid));
	if (!(tci & htons(OX_VLAN_CFI)))
		return ox_key_bad(m, -EINVAL, a[OVS_KEY_ATTR_ENCAP],
				  "%s TCI mask 0x%04x must have 0x1000 set",
				  tag_name(inner), ntohs(tci));
	return 1;
}

static void store_tag(struct ox_match *m, bool inner, bool is_mask)
{
	struct ox_key *out = ox_match_side(m, is_mask);
	__be16 tci = 0, tpid = 0;

	if (m->a[OVS_KEY_ATTR_VLAN])
		tci = mnl_attr_get_u16(m->a[OVS_KEY_ATTR_VLAN]);
	if (m->a[OVS_KEY_ATTR_ETHERTYPE])
		tpid = mnl_attr_get_u16(m->a[OVS_KEY_ATTR_ETHERTYPE]);
	if (inner) {
		out->cvlan_tpid = tpid;
		out->cvlan_tci = tci;
	} else {
		out->vlan_tpid = tpid;
		out->vlan_tci = tci;
	}
}

static int parse_tag(struct ox_match *m, uint64_t *attrs, bool inner,
		     bool is_mask)
{
	const struct nlattr *encap;
	int err;

	err = is_mask ? check_mask_tag(m, *attrs, inner)
		      : check_key_tag(m, *attrs, inner);
	if (err <= 0)
		return err;

	store_tag(m, inner, is_mask);
	encap = m->a[OVS_KEY_ATTR_ENCAP];
	/* the nest may hold a tag of its own, and the real EtherType */
	*attrs &= ~(OX_BIT(OVS_KEY_ATTR_ENCAP) | OX_BIT(OVS_KEY_ATTR_VLAN) |
		    OX_BIT(OVS_KEY_ATTR_ETHERTYPE));
	return ox_key_parse_nest(m, encap, attrs, is_mask);
}

int ox_key_parse_vlan(struct ox_match *m, uint64_t *attrs, bool is_mask)
{
	int err = parse_tag(m, attrs, false, is_mask);

	if (err || !(m->key->vlan_tci & htons(OX_VLAN_CFI)))
		return err;
	return parse_tag(m, attrs, true, is_mask);
}
