// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * acks.c - which errors a socket wants to hear: whole or with the header of the
 * request alone, with words or without. The kernel looks at the socket, the
 * daemon can't: so it is told. The kernel is asked each time, as other
 * processes and descriptors may change a socket, too.
 */
#include "preload.h"

static bool is_on(int sock, int name)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return !getsockopt(sock, SOL_NETLINK, name, &on, &len) && on;
}

uint16_t ox_ack_flags(int sock)
{
	return (is_on(sock, NETLINK_CAP_ACK) ? OX_NLM_F_CAP_ACK : 0) |
	       (is_on(sock, NETLINK_EXT_ACK) ? 0 : OX_NLM_F_NO_EXT_ACK);
}
