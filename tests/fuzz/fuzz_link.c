// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_link.c - arbitrary link messages, as the rtnetlink event socket would
 * bring them. The header's length is made to fit; the kernel's always does.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "control/port/link.h"

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ox_link_use use = { .xmit = -1, .knobs = OX_KNOB_REDIRECT_PEER };
	struct nlmsghdr *nlh;
	struct ox_link l;

	if (size < sizeof(*nlh) || size > 65536)
		return 0;
	nlh = malloc(size); /* aligned, and its end is watched */
	if (!nlh)
		return 0;
	memcpy(nlh, data, size);
	nlh->nlmsg_len = (uint32_t)size;
	if (!ox_link_parse(nlh, &l)) {
		must(strlen(l.name) < sizeof(l.name));
		must(strlen(l.kind) < sizeof(l.kind));
		must(l.xdp_mode == OX_MODE_XDP || l.xdp_mode == OX_MODE_NONE ||
		     l.xdp_mode == OX_MODE_XDP_GENERIC);
		must(strlen(l.qdisc) < sizeof(l.qdisc));
		use.mode = l.xdp_mode;
		ox_link_port_flags(&l, &use);
	}
	free(nlh);
	return 0;
}
