// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * main.c - ovsxdpctl, the administrator's tool for ovsxdpd's datapaths. All of
 * it is in the library, so that tests can run it.
 */
#include "control/ctl/ctl.h"

int main(int argc, char **argv)
{
	return ox_ctl_main(argc, argv, stdout, stderr);
}
