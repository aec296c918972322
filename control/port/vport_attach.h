/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport_attach.h - which programs a port's device carries: what it asks for
 * (enum ox_attach_mode), what the device allows, what is in force. In the modes
 * of XDP the skb tier runs after it, so that nothing that XDP passes on reaches
 * the host's stack.
 *
 * Programs that somebody else attached, the datapath's own or not, are never
 * taken off. OX_UPORT_ATTACHED and OX_UPORT_TC say which are the daemon's, and
 * are written before it attaches (see vport_dev.h).
 */
#ifndef OVSXDP_VPORT_ATTACH_H
#define OVSXDP_VPORT_ATTACH_H

#include "control/packet/handle.h"
#include "control/port/link.h"

/*
 * Attaches to l, the device that carries the frames, what ox_uport.mode_asked
 * wants, and sets ox_uport.mode. "auto" takes what works: native XDP where
 * frames come from a driver that takes it, else the skb tier alone. On error
 * ox_vport_detach() takes off what is half done.
 */
int ox_vport_attach(struct ox_datapath *dp, struct ox_uport *u,
		    const struct ox_link *l, struct ox_err *e);
/* Takes off what the daemon attached; the mode becomes OX_MODE_NONE. */
void ox_vport_detach(struct ox_datapath *dp, struct ox_uport *u,
		     uint32_t carrier);
/*
 * Is anything that was in force gone (a daemon starts)? Attaches it again.
 * What is there stays as it is.
 */
int ox_vport_reattach(struct ox_datapath *dp, struct ox_uport *u,
		      const struct ox_link *l, struct ox_err *e);

/* What the device carries now. */
struct ox_vport_seen {
	enum ox_attach_mode mode;
	bool tc; /* the skb tier's program is there */
};
struct ox_vport_seen ox_vport_seen(struct ox_datapath *dp,
				   const struct ox_link *l);
/* Of XDP alone, which a link message tells: is it as ox_uport.mode says? */
bool ox_vport_xdp_is(const struct ox_datapath *dp, const struct ox_uport *u,
		     const struct ox_link *l);
/* The same as ox_vport_seen(), after the skb tier has followed the XDP program
 * as it must. It is attached after one that an administrator attached. Where
 * attaching was left to the administrator, it is taken off after it. */
struct ox_vport_seen ox_vport_follow(struct ox_datapath *dp, struct ox_uport *u,
				     const struct ox_link *l);

/*
 * The program "clone" on the far end of the local port, and its place in
 * ox_config. Where it is there already: nothing happens.
 */
int ox_vport_clone_attach(struct ox_datapath *dp, uint32_t far_ifindex,
			  struct ox_err *e);

/* Does a mode have an XDP program, so that AF_XDP sockets make sense? */
static inline bool ox_mode_has_xdp(uint32_t mode)
{
	return mode == OX_MODE_XDP || mode == OX_MODE_XDP_GENERIC;
}
/* "xdp", "xdp-generic", "tc", "none" */
const char *ox_mode_name(uint32_t mode);

/*
 * Why the port is in its mode, in a few words: "tc: veth carries skbs". l is
 * NULL if the device can't be asked. other_xdp: That is no program of this
 * datapath.
 */
void ox_vport_mode_why(const struct ox_uport *u, const struct ox_link *l,
		       bool other_xdp, char *buf, size_t size);

#endif /* OVSXDP_VPORT_ATTACH_H */
