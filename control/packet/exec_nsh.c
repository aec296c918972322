// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exec_nsh.c - the header of a PUSH_NSH, which its op only refers to.
 */
#include "control/packet/exec_int.h"

#include <string.h>

#define NSH_BASE_LEN 8

/* nsh_hdr_from_nlattr() */
uint32_t ox_nsh_header(const struct nlattr *action, uint8_t *hdr, uint32_t size)
{
	struct ovs_nsh_key_base base = { 0 };
	uint32_t len = NSH_BASE_LEN, n;
	const struct nlattr *nest, *a;

	nest = mnl_attr_get_payload(action);
	if (!mnl_attr_ok(nest, mnl_attr_get_payload_len(action)))
		return 0;
	mnl_attr_for_each_nested (a, nest) {
		n = mnl_attr_get_payload_len(a);
		switch (mnl_attr_get_type(a)) {
		case OVS_NSH_KEY_ATTR_BASE:
			if (n >= sizeof(base))
				memcpy(&base, mnl_attr_get_payload(a),
				       sizeof(base));
			break;
		case OVS_NSH_KEY_ATTR_MD1:
		case OVS_NSH_KEY_ATTR_MD2:
			if (n > size - NSH_BASE_LEN)
				return 0;
			memcpy(hdr + NSH_BASE_LEN, mnl_attr_get_payload(a), n);
			len = NSH_BASE_LEN + n;
			break;
		}
	}
	/* version 0, 2 bits of flags, 6 of TTL, 6 of length in words */
	hdr[0] = (uint8_t)((base.flags & 3) << 4 | (base.ttl & 0x3f) >> 2);
	hdr[1] = (uint8_t)((base.ttl & 3) << 6 | (len / 4 & 0x3f));
	hdr[2] = base.mdtype & 0xf;
	hdr[3] = base.np;
	memcpy(hdr + 4, &base.path_hdr, 4);
	return len;
}
