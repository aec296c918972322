// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_nsh.c - the nest of a network service header (RFC 8300): base header
 * and, for metadata type 1, four words of context. Type 2 has no place in
 * the key. As in the module, what comes twice overwrites what came first.
 */
#include <errno.h>

#include "control/codec/key_int.h"

#define NSH_MD_TYPE1 1

/* What was met in the nest. */
struct nsh_seen {
	bool md1;
	uint8_t mdtype; /* 0 without a base header */
};

static const int lens[OVS_NSH_KEY_ATTR_MAX + 1] = {
	[OVS_NSH_KEY_ATTR_BASE] = sizeof(struct ovs_nsh_key_base),
	[OVS_NSH_KEY_ATTR_MD1] = sizeof(struct ovs_nsh_key_md1),
	[OVS_NSH_KEY_ATTR_MD2] = OX_LEN_VARIABLE,
};

static int check_nsh_attr(struct ox_match *m, const struct nlattr *a)
{
	uint16_t type = mnl_attr_get_type(a);

	if (!type || type > OVS_NSH_KEY_ATTR_MAX)
		return ox_key_bad(m, -EINVAL, a, "unknown nsh attribute %u",
				  type);
	if (type == OVS_NSH_KEY_ATTR_MD2)
		return ox_key_bad(m, -EINVAL, a,
				  "nsh metadata of type 2 can't be matched");
	if (mnl_attr_get_payload_len(a) != lens[type])
		return ox_key_bad(m, -EINVAL, a,
				  "nsh attribute %u has %d bytes, %d are right",
				  type, mnl_attr_get_payload_len(a),
				  lens[type]);
	return 0;
}

static void get_base(struct ox_key *k, const void *p)
{
	struct ovs_nsh_key_base v;

	memcpy(&v, p, sizeof(v));
	k->nsh.flags = v.flags;
	k->nsh.ttl = v.ttl;
	k->nsh.mdtype = v.mdtype;
	k->nsh.np = v.np;
	k->nsh.path_hdr = v.path_hdr;
}

static void get_nsh_attr(struct ox_key *k, const struct nlattr *a,
			 struct nsh_seen *seen)
{
	if (mnl_attr_get_type(a) == OVS_NSH_KEY_ATTR_BASE) {
		get_base(k, mnl_attr_get_payload(a));
		seen->mdtype = k->nsh.mdtype;
	} else {
		memcpy(k->nsh.context, mnl_attr_get_payload(a),
		       sizeof(k->nsh.context));
		seen->md1 = true;
	}
}

int ox_key_parse_nsh(struct ox_match *m, uint64_t *attrs, bool is_mask)
{
	const struct nlattr *nest = m->a[OVS_KEY_ATTR_NSH], *a;
	struct nsh_seen seen = { 0 };
	int rem, err;

	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		err = check_nsh_attr(m, a);
		if (err)
			return err;
		get_nsh_attr(ox_match_side(m, is_mask), a, &seen);
	}
	if (rem > 0)
		return ox_key_bad(m, -EINVAL, nest,
				  "%d stray bytes behind the nsh attributes",
				  rem);
	if (!is_mask && seen.md1 && seen.mdtype != NSH_MD_TYPE1)
		return ox_key_bad(m, -EINVAL, nest,
				  "nsh context words with metadata type %u, "
				  "they belong to type 1",
				  seen.mdtype);
	*attrs &= ~OX_BIT(OVS_KEY_ATTR_NSH);
	return 0;
}
