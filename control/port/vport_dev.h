/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport_dev.h - the device under a vport: taking it into the datapath and
 * giving it back. What vport-netdev.c and vport-internal_dev.c are to the
 * module; vport.c and vport_watch.c call it.
 *
 * Order of writes, so that a crash anywhere is found by the next daemon:
 * ox_uport gets name, intent (flags) and at last its type. Then the device is
 * made, attached, made promiscuous, and ox_port.ifindex commits the port.
 * Backwards for removal: devices leave the maps, ox_port.ifindex becomes 0, all
 * else is undone, ox_uport.type becomes 0. So a port with a type but no
 * ox_port.ifindex is half made or half removed, and ox_vport_dev_close()
 * finishes that in either case. A device that has gone to another network
 * namespace is looked for by a thread. Until that is done the ox_uport has no
 * type, but the flags: ox_vport_is_unfinished().
 */
#ifndef OVSXDP_VPORT_DEV_H
#define OVSXDP_VPORT_DEV_H

#include "control/port/vport.h"

/* Called with ox_uport begun (name, type, pids). On error the caller calls
 * ox_vport_dev_close(). */
int ox_vport_netdev_open(struct ox_datapath *dp, uint32_t port_no,
			 struct ox_err *e);
int ox_vport_internal_open(struct ox_datapath *dp, uint32_t port_no,
			   uint32_t want_ifindex, struct ox_err *e);
/* Takes IPv6 off the far end of an internal port (ox_veth_silence()), and says
 * in the log if it can't. */
void ox_vport_silence(struct ox_datapath *dp, const struct ox_link *far);
/* Undoes both, whole or half done, and ends with a free ox_uport. A device that
 * isn't the port's own (any more) is left alone. left: the RTM_DELLINK that
 * says where the port's own went, or NULL. */
void ox_vport_dev_close(struct ox_datapath *dp, uint32_t port_no,
			const struct ox_link *left);
/* Goes on with an unfinished one. */
void ox_vport_dev_finish(struct ox_datapath *dp, uint32_t port_no);
/* The same for the device and its place in the maps only: the ox_uport
 * stays, for an internal port whose devices are to be made again. */
void ox_vport_dev_release(struct ox_datapath *dp, uint32_t port_no);

/*
 * Changes the attach mode of a port. Packets go on being forwarded: the skb
 * tier stays attached between two modes that have it. On error the old mode
 * is put back.
 */
int ox_vport_mode_set(struct ox_datapath *dp, uint32_t port_no, uint32_t mode,
		      struct ox_err *e);

/* Writes what follows from the device's state to ox_port: flags, MTU. l: of
 * the device that carries the frames. */
void ox_vport_port_update(struct ox_datapath *dp, uint32_t port_no,
			  const struct ox_link *l);
/* The same of a link event: whether XDP_REDIRECT reaches the device stays as it
 * is known, since that would have to be asked for. */
void ox_vport_port_event(struct ox_datapath *dp, uint32_t port_no,
			 const struct ox_link *l);
/* XDP_REDIRECT reaches the port's device from now on, or doesn't: the skb tier
 * sends. */
void ox_vport_xmit_set(struct ox_datapath *dp, uint32_t port_no, bool xmit);

#endif /* OVSXDP_VPORT_DEV_H */
