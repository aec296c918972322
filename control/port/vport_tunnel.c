// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vport_tunnel.c - vports of tunnels' types; see vport_tunnel.h.
 */
#include "control/port/vport_tunnel.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/random.h>

#include "control/port/rtnl.h"
#include "control/port/underlay.h"
#include "control/port/vport_dev.h"
#include "ovsxdp/log.h"
#include "ovsxdp/uapi.h"

#define NATIVE_MTU 65000 /* as ovs-vswitchd gives its devices */

static struct ox_link_tunnel tunnel_of(const struct ox_port *p)
{
	return (struct ox_link_tunnel){ p->tun_kind, p->tun_port, p->tun_exts };
}

/* As eth_random_addr(). The next daemon knows a device by it that this one was
 * about to make. */
static int mac_choose(uint8_t mac[6], struct ox_err *e)
{
	if (getrandom(mac, 6, 0) != 6)
		return ox_err_set(e, -errno, "no random MAC address: %s",
				  strerror(errno));
	mac[0] = (mac[0] & 0xfe) | 0x02;
	return 0;
}

/* The kernel would choose a name for these; the module doesn't find the device
 * then. */
static int name_check(const char *name, struct ox_err *e)
{
	if (!name[0])
		return ox_err_set(e, -EINVAL, "a device needs a name");
	if (strchr(name, '%'))
		return ox_err_set(e, -ENODEV, "%s: no name for a device", name);
	return 0;
}

static int device_open(struct ox_datapath *dp, uint32_t port_no,
		       const struct ox_link_tunnel *t, struct ox_err *e)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	const char *name = (const char *)u->name;
	int err = mac_choose(u->mac, e);

	if (err)
		return err;
	if (ox_tunnel_is_l3(t))
		memset(u->mac, 0, sizeof(u->mac));
	__atomic_fetch_or(&u->flags, OX_UPORT_OURS, __ATOMIC_RELEASE);
	err = ox_tunnel_create(dp->ports->rtnl, name, t, u->mac, e);
	if (err) {
		u->flags &= ~OX_UPORT_OURS;
		return err;
	}
	return ox_vport_netdev_open(dp, port_no, e);
}

/* ---- without a device ---- */

/* As dev_valid_name(). */
static bool name_is_valid(const char *name)
{
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (*name == '/' || *name == ':' ||
		    isspace((unsigned char)*name))
			return false;
	return true;
}

/* Another vport of that name, or of the same kind and UDP port: what the
 * module's devices would say. */
static int native_unique(const struct ox_datapath *dp, uint32_t port_no,
			 const struct ox_link_tunnel *t, struct ox_err *e)
{
	const char *name = (const char *)dp->mem->uports[port_no].name;
	const struct ox_datapath *d;

	for (d = dp->ports->datapaths; d; d = d->next) {
		for (uint32_t i = 0; i < d->mem->config->max_ports; i++) {
			const struct ox_port *p = &d->mem->ports[i];

			if (!d->mem->uports[i].type ||
			    (d == dp && i == port_no))
				continue;
			if (!strncmp((char *)d->mem->uports[i].name, name,
				     OX_NAME_LEN))
				return ox_err_set(e, -EEXIST,
						  "%s exists already", name);
			if (p->tun_kind != t->kind || p->tun_port != t->port)
				continue;
			return ox_err_set(
				e,
				t->kind == OVS_VPORT_TYPE_GENEVE ? -EBUSY
								 : -EEXIST,
				"port %u of %s, %s, is a %s tunnel of the same "
				"UDP port",
				i, d->name, d->mem->uports[i].name,
				ox_tunnel_name(t->kind));
		}
	}
	return 0;
}

static int native_check(struct ox_datapath *dp, uint32_t port_no,
			const struct ox_link_tunnel *t, struct ox_err *e)
{
	const char *name = (const char *)dp->mem->uports[port_no].name;
	struct ox_link l;

	if (!name_is_valid(name))
		return ox_err_set(e, -EINVAL, "%s: no name for a device", name);
	if (!ox_rtnl_get_name(dp->ports->rtnl, name, &l))
		return ox_err_set(e, -EEXIST, "device %s exists already", name);
	return native_unique(dp, port_no, t, e);
}

/* OX_PORT_NATIVE commits the port, as an ifindex does others. */
static int native_open(struct ox_datapath *dp, uint32_t port_no,
		       const struct ox_link_tunnel *t, struct ox_err *e)
{
	struct ox_mem *m = dp->mem;
	struct ox_port *p = &m->ports[port_no];
	uint32_t flags = OX_PORT_NATIVE | OX_PORT_UP | OX_PORT_NO_XMIT |
			 OX_PORT_SKB_TIER;
	int err = native_check(dp, port_no, t, e);

	if (err)
		return err;
	memset(p, 0, sizeof(*p));
	p->mtu = NATIVE_MTU;
	p->tun_kind = t->kind;
	p->tun_port = t->port;
	p->tun_exts = t->exts;
	err = m->ops->port_stats_zero(m, port_no);
	if (err)
		return ox_err_set(e, err, "port %u: counters: %s", port_no,
				  strerror(-err));
	m->uports[port_no].mode = OX_MODE_TC;
	if (ox_tunnel_is_l3(t))
		flags |= OX_PORT_L3;
	__atomic_store_n(&p->flags, flags, __ATOMIC_RELEASE);
	ox_table_port_changed(dp->table, port_no);
	ox_underlay_changed(dp);
	return 0;
}

int ox_vport_tunnel_open(struct ox_datapath *dp, uint32_t port_no,
			 const struct ox_link_tunnel *t, struct ox_err *e)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	enum ox_tunnels how = dp->ports->tunnels;
	struct ox_err said = { 0 };
	int err = name_check((const char *)u->name, e);

	if (err)
		return err;
	if (how != OX_TUNNELS_NATIVE) {
		err = device_open(dp, port_no, t, &said);
		if (err != -EOPNOTSUPP)
			return err ? ox_err_set(e, err, "%s", said.msg) : 0;
		u->flags |= OX_UPORT_NO_KIND;
	}
	if (how != OX_TUNNELS_KERNEL && ox_tunnel_is_native(t))
		return native_open(dp, port_no, t, e);
	return ox_tunnel_refuse(t, how == OX_TUNNELS_NATIVE, e);
}

/* ---- frames of the user tier ---- */

bool ox_vport_has_tunnels(const struct ox_datapath *dp)
{
	for (uint32_t i = 0; i < dp->mem->config->max_ports; i++)
		if (dp->mem->ports[i].flags & (OX_PORT_TUNNEL | OX_PORT_NATIVE))
			return true;
	return false;
}

void ox_vport_clone_mtu(struct ox_datapath *dp)
{
	uint32_t far = dp->mem->config->clone_ifindex;
	struct ox_err e = { 0 };

	if (far && ox_rtnl_set_mtu(dp->ports->rtnl, far, OX_CLONE_MTU, &e))
		ox_log_warn("%s: frames over the local port's MTU don't reach "
			    "tunnels from user space: %s",
			    dp->name, e.msg);
}

/* ---- what is said of it ---- */

bool ox_vport_tunnel_options(const struct ox_datapath *dp, uint32_t port_no,
			     struct ox_vport_tun_attrs *a)
{
	const struct ox_link_tunnel t = tunnel_of(&dp->mem->ports[port_no]);

	return ox_tunnel_is_type(dp->mem->uports[port_no].type) &&
	       ox_tunnel_options_of(&t, a);
}

static const char *whose(const struct ox_datapath *dp, uint32_t port_no)
{
	const struct ox_uport *u = &dp->mem->uports[port_no];

	if (!ox_vport_is_native(dp, port_no))
		return u->flags & OX_UPORT_OURS ? "by a device of the kernel's"
						: "by this device";
	return u->flags & OX_UPORT_NO_KIND
		       ? "without a device: the kernel has none of the kind"
		       : "without a device: --tunnels=native";
}

void ox_vport_tunnel_why(const struct ox_datapath *dp, uint32_t port_no,
			 char *buf, size_t size)
{
	const struct ox_port *p = &dp->mem->ports[port_no];
	char port[32] = "";

	buf[0] = '\0';
	if (!p->tun_kind)
		return;
	if (p->tun_port)
		snprintf(port, sizeof(port), ", UDP port %u",
			 ntohs(p->tun_port));
	snprintf(buf, size, "%s%s%s%s tunnel%s, %s",
		 ox_tunnel_name(p->tun_kind),
		 p->tun_exts & OX_TUN_EXT_GBP ? " GBP" : "",
		 p->tun_exts & OX_TUN_EXT_GPE ? " GPE" : "",
		 p->tun_exts & OX_TUN_EXT_MPLS ? " multiproto" : "", port,
		 whose(dp, port_no));
}
