/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * upcall_pid.h - who is told of a packet: the port ids that clients have given
 * for each port, or for each CPU.
 */
#ifndef OVSXDP_UPCALL_PID_H
#define OVSXDP_UPCALL_PID_H

#include <stddef.h>

#include "control/packet/handle.h"

/* ovs_vport_find_upcall_portid(): per vport by hash, or per CPU when the
 * datapath has OVS_DP_F_DISPATCH_UPCALL_PER_CPU. 0: nobody wants it. */
uint32_t ox_upcall_pid(const struct ox_datapath *dp, uint32_t port_no,
		       uint32_t hash, uint32_t cpu);
/* All port ids that upcalls go to, zeroes among them, to ids if it isn't
 * NULL; returns how many. */
size_t ox_upcall_pids(const struct ox_datapath *dp, uint32_t *ids);
/* Notes in ox_config that these port ids, if any isn't 0, are told upcalls. */
void ox_upcall_pids_note(struct ox_datapath *dp, const uint32_t *pids,
			 uint32_t n);

#endif /* OVSXDP_UPCALL_PID_H */
