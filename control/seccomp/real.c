// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * real.c - what side.c of the preload calls: here nothing is in front of the C
 * library.
 */
#include <fcntl.h>
#include <unistd.h>

#include "control/preload/preload.h"

static const struct ox_real real = {
	.socket = socket,
	.close = close,
	.fcntl = fcntl,
	.sendto = sendto,
	.recvmsg = recvmsg,
};

const struct ox_real *ox_real(void)
{
	return &real;
}
