/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport.h - what the families need of vport.c beyond daemon.h.
 */
#ifndef OVSXDP_VPORT_H
#define OVSXDP_VPORT_H

#include "control/daemon.h"

/* ovs_vport_set_upcall_portids(): len bytes of u32 port ids. -EINVAL: none,
 * not whole ones, or more than the machine can have CPUs. */
int ox_vport_pids_check(const void *pids, size_t len, struct ox_err *e);
void ox_vport_pids_set(struct ox_uport *u, const void *pids, size_t len);

/* nr_cpu_ids of the kernel: the highest possible CPU, plus one. */
uint32_t ox_nr_cpu_ids(void);

/* The namespace of an internal port's near end, as this one numbers it;
 * OX_NO_NETNSID: it is here. */
int32_t ox_vport_netnsid(const struct ox_datapath *dp, uint32_t port_no);

#endif /* OVSXDP_VPORT_H */
