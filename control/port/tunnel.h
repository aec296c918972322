/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tunnel.h - kinds of tunnels: what a vport of such a type asks for, and making
 * the kernel's device for it. What vport-vxlan.c, vport-geneve.c and
 * vport-gre.c are to the module.
 */
#ifndef OVSXDP_TUNNEL_H
#define OVSXDP_TUNNEL_H

#include "control/codec/codec_vport.h"
#include "control/port/rtnl.h"

/* Whose encapsulation vports of tunnels' types get (--tunnels). */
enum ox_tunnels {
	OX_TUNNELS_AUTO,   /* the kernel's device; else our own */
	OX_TUNNELS_KERNEL, /* nothing but the kernel's */
	OX_TUNNELS_NATIVE, /* our own, which needs no device */
};

/* OVS_VPORT_TYPE_GRE and the like. */
bool ox_tunnel_is_type(uint32_t type);
/* "vxlan"; type is one. */
const char *ox_tunnel_name(uint32_t type);
/* Is there encapsulation of our own of that kind? */
bool ox_tunnel_is_native(const struct ox_link_tunnel *t);
/* The IP protocol of our own encapsulation: IPPROTO_UDP, IPPROTO_GRE. */
uint8_t ox_tunnel_proto(uint32_t type);
/* Says why there is no such port, and what to do. native: --tunnels asks for
 * encapsulation of our own. Returns -EAFNOSUPPORT, as the module without its
 * vport-*.ko: ovs-vswitchd asks again only after its configuration or a device
 * has changed. */
int ox_tunnel_refuse(const struct ox_link_tunnel *t, bool native,
		     struct ox_err *e);
/* Does the kernel's device of it carry packets without Ethernet header? */
bool ox_tunnel_is_l3(const struct ox_link_tunnel *t);

/*
 * What the options of a request say, in *t. -EINVAL: the kind wants a UDP port
 * and there is none; or the errno of what is wrong with EXTENSION.
 */
int ox_tunnel_options(uint32_t type, const struct ox_vport_tun_attrs *a,
		      struct ox_link_tunnel *t, struct ox_err *e);
/* The way back, as get_options() of the module's kinds. False: none. */
bool ox_tunnel_options_of(const struct ox_link_tunnel *t,
			  struct ox_vport_tun_attrs *a);

/*
 * Makes the device, up, as the module does. mac: its address; ignored where it
 * has none. -EOPNOTSUPP: the kernel has no such kind.
 */
int ox_tunnel_create(struct ox_rtnl *r, const char *name,
		     const struct ox_link_tunnel *t, const uint8_t mac[6],
		     struct ox_err *e);

#endif /* OVSXDP_TUNNEL_H */
