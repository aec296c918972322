// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* private.c - see private.h. */
#include "control/family/private.h"

#include "ovsxdp/nl.h"
#include "ovsxdp/uapi.h"

int ox_private_dump_begin(struct ox_dump *d, struct ox_nlbuf *b, uint8_t cmd,
			  uint32_t dp_ifindex)
{
	struct ovs_header *h;
	int err = ox_nl_begin(b, OX_GENL_OVSXDP, NLM_F_MULTI, d->nlh->nlmsg_seq,
			      d->portid, cmd, OX_FAMILY_VERSION, sizeof(*h),
			      (void **)&h);

	if (!err)
		h->dp_ifindex = (int)dp_ifindex;
	return err;
}
