/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * upper.h - devices on a port's device: a bridge or bond that it is enslaved
 * to, a macvlan or VLAN on it. The kernel gives a device's packets to one of
 * them (its rx_handler), and the module is one. Here the programs come first,
 * so that whatever else is there gets nothing.
 */
#ifndef OVSXDP_UPPER_H
#define OVSXDP_UPPER_H

#include "control/port/vport.h"

/*
 * Can device l be a port of dp? It is what netdev_master_upper_dev_link() and
 * netdev_rx_handler_register() would say. -EBUSY: Something has its packets, or
 * it is on dp's own local port. -EINVAL: Nothing can be on such a device.
 */
int ox_upper_check(const struct ox_datapath *dp, const struct ox_link *l,
		   struct ox_err *e);
/* The device that l is on, if l is of a kind that takes its packets; else 0. */
uint32_t ox_upper_lower(const struct ox_link *l);
/* Has what is on a netdev port changed since ox_upper_follow() looked? As far
 * as an event of its device tells; and as far as the kernel can be asked, with
 * one system call. */
bool ox_upper_event(const struct ox_datapath *dp, const struct ox_uport *u,
		    const struct ox_link *l);
bool ox_upper_differs(const struct ox_datapath *dp, const struct ox_uport *u);
/* Looks what is on netdev port port_no by now, and says in the log if that has
 * changed. l: its device. */
void ox_upper_follow(struct ox_datapath *dp, uint32_t port_no,
		     const struct ox_link *l);
/* What is on the port's device and gets nothing, for a person; "" if nothing
 * is. l: its device. */
void ox_upper_why(const struct ox_datapath *dp, const struct ox_uport *u,
		  const struct ox_link *l, char *buf, size_t size);

#endif /* OVSXDP_UPPER_H */
