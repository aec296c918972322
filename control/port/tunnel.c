// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tunnel.c - kinds of tunnels and their devices; see tunnel.h.
 */
#include "control/port/tunnel.h"

#include <errno.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/rtnetlink.h>

#include "ovsxdp/uapi.h"

#define REQUEST_SIZE 512
#define SRCPORT_MIN  49153 /* of bareudp, as ovs-vswitchd has it */

/* Attributes of OVS_TUNNEL_ATTR_EXTENSION, a bit each. */
#define EXT_VXLAN_GBP	  (1u << OVS_VXLAN_EXT_GBP)
#define EXT_VXLAN_GPE	  (1u << OX_VXLAN_EXT_GPE)
#define EXT_BAREUDP_MULTI (1u << OX_BAREUDP_EXT_MULTIPROTO)

static void put_vxlan(struct nlmsghdr *nlh, const struct ox_link_tunnel *t)
{
	mnl_attr_put_u8(nlh, IFLA_VXLAN_LEARNING, 0);
	mnl_attr_put_u8(nlh, IFLA_VXLAN_COLLECT_METADATA, 1);
	mnl_attr_put_u8(nlh, IFLA_VXLAN_UDP_ZERO_CSUM6_RX, 1);
	mnl_attr_put_u16(nlh, IFLA_VXLAN_PORT, t->port);
	if (t->exts & OX_TUN_EXT_GBP)
		mnl_attr_put(nlh, IFLA_VXLAN_GBP, 0, NULL);
	if (t->exts & OX_TUN_EXT_GPE)
		mnl_attr_put(nlh, IFLA_VXLAN_GPE, 0, NULL);
}

static void put_geneve(struct nlmsghdr *nlh, const struct ox_link_tunnel *t)
{
	mnl_attr_put(nlh, IFLA_GENEVE_COLLECT_METADATA, 0, NULL);
	mnl_attr_put_u16(nlh, IFLA_GENEVE_PORT, t->port);
}

static void put_gre(struct nlmsghdr *nlh, const struct ox_link_tunnel *t)
{
	(void)t;
	mnl_attr_put(nlh, IFLA_GRE_COLLECT_METADATA, 0, NULL);
}

static void put_bareudp(struct nlmsghdr *nlh, const struct ox_link_tunnel *t)
{
	mnl_attr_put_u16(nlh, IFLA_BAREUDP_PORT, t->port);
	mnl_attr_put_u16(nlh, IFLA_BAREUDP_ETHERTYPE, htons(ETH_P_MPLS_UC));
	mnl_attr_put_u16(nlh, IFLA_BAREUDP_SRCPORT_MIN, SRCPORT_MIN);
	if (t->exts & OX_TUN_EXT_MPLS)
		mnl_attr_put(nlh, IFLA_BAREUDP_MULTIPROTO_MODE, 0, NULL);
}

/*
 * mtu: what the module's devices have, "don't restrict the packets that can be
 * sent". has_options: the module tells of them, and wants a UDP port. native:
 * there is encapsulation of our own.
 */
static const struct kind {
	const char *name;   /* of the vport's type */
	const char *kind;   /* of the device */
	const char *module; /* the kernel's, which has the device */
	void (*put)(struct nlmsghdr *nlh, const struct ox_link_tunnel *t);
	uint32_t type; /* enum ovs_vport_type */
	uint32_t mtu;
	bool has_options;
	bool native;
} kinds[] = {
	{ "gre", "gretap", "ip_gre", put_gre, OVS_VPORT_TYPE_GRE, 65497, false,
	  true },
	{ "vxlan", "vxlan", "vxlan", put_vxlan, OVS_VPORT_TYPE_VXLAN, 65535,
	  true, true },
	{ "geneve", "geneve", "geneve", put_geneve, OVS_VPORT_TYPE_GENEVE,
	  65465, true, true },
	{ "erspan", "erspan", "ip_gre", put_gre, OVS_VPORT_TYPE_ERSPAN, 65000,
	  false, false },
	{ "ip6erspan", "ip6erspan", "ip6_gre", put_gre,
	  OVS_VPORT_TYPE_IP6ERSPAN, 65000, false, false },
	{ "ip6gre", "ip6gretap", "ip6_gre", put_gre, OVS_VPORT_TYPE_IP6GRE,
	  65000, false, true },
	/* no kernel's gtp device takes its key from the packet */
	{ "gtpu", NULL, NULL, NULL, OVS_VPORT_TYPE_GTPU, 65000, true, false },
	{ "bareudp", "bareudp", "bareudp", put_bareudp, OVS_VPORT_TYPE_BAREUDP,
	  65000, true, false },
};

static const struct kind *kind_of(uint32_t type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

bool ox_tunnel_is_type(uint32_t type)
{
	return kind_of(type);
}

const char *ox_tunnel_name(uint32_t type)
{
	const struct kind *k = kind_of(type);

	return k ? k->name : "tunnel";
}

bool ox_tunnel_is_native(const struct ox_link_tunnel *t)
{
	const struct kind *k = kind_of(t->kind);

	return k && k->native && !ox_tunnel_is_l3(t);
}

uint8_t ox_tunnel_proto(uint32_t type)
{
	return type == OVS_VPORT_TYPE_GRE || type == OVS_VPORT_TYPE_IP6GRE
		       ? IPPROTO_GRE
		       : IPPROTO_UDP;
}

int ox_tunnel_refuse(const struct ox_link_tunnel *t, bool native,
		     struct ox_err *e)
{
	const struct kind *k = kind_of(t->kind);

	if (!k || !k->kind)
		return ox_err_set(e, -EAFNOSUPPORT,
				  "vport type %s: no kernel has such a device, "
				  "use geneve, vxlan or gre",
				  ox_tunnel_name(t->kind));
	if (native)
		return ox_err_set(e, -EAFNOSUPPORT,
				  "vport type %s: there is no encapsulation of "
				  "our own, which --tunnels=native asks for",
				  k->name);
	return ox_err_set(e, -EAFNOSUPPORT,
			  "vport type %s: this kernel has no %s device; load "
			  "its module %s, or use geneve, vxlan or gre",
			  k->name, k->kind, k->module);
}

bool ox_tunnel_is_l3(const struct ox_link_tunnel *t)
{
	return t->kind == OVS_VPORT_TYPE_BAREUDP ||
	       (t->kind == OVS_VPORT_TYPE_VXLAN && (t->exts & OX_TUN_EXT_GPE));
}

/* ---- options ---- */

int ox_tunnel_options(uint32_t type, const struct ox_vport_tun_attrs *a,
		      struct ox_link_tunnel *t, struct ox_err *e)
{
	const struct kind *k = kind_of(type);

	*t = (struct ox_link_tunnel){ .kind = (uint16_t)type };
	if (!k->has_options)
		return 0;
	if (!a->has_port)
		return ox_err_set(e, -EINVAL,
				  "a %s vport needs a UDP port of two bytes "
				  "(OVS_TUNNEL_ATTR_DST_PORT)",
				  k->name);
	t->port = htons(a->port);
	/* vport-geneve.c doesn't look */
	if (type == OVS_VPORT_TYPE_GENEVE)
		return 0;
	if (a->exts_err)
		return ox_err_set(e, a->exts_err,
				  "OVS_TUNNEL_ATTR_EXTENSION is empty, or one "
				  "of its flags has a value");
	if (type == OVS_VPORT_TYPE_BAREUDP) {
		t->exts |= a->exts & EXT_BAREUDP_MULTI ? OX_TUN_EXT_MPLS : 0;
		return 0;
	}
	t->exts |= a->exts & EXT_VXLAN_GBP ? OX_TUN_EXT_GBP : 0;
	t->exts |= a->exts & EXT_VXLAN_GPE ? OX_TUN_EXT_GPE : 0;
	return 0;
}

bool ox_tunnel_options_of(const struct ox_link_tunnel *t,
			  struct ox_vport_tun_attrs *a)
{
	const struct kind *k = kind_of(t->kind);

	memset(a, 0, sizeof(*a));
	if (!k || !k->has_options)
		return false;
	a->has_port = true;
	a->port = ntohs(t->port);
	if (t->exts & OX_TUN_EXT_GBP)
		a->exts |= EXT_VXLAN_GBP;
	if (t->exts & OX_TUN_EXT_GPE)
		a->exts |= EXT_VXLAN_GPE;
	if (t->exts & OX_TUN_EXT_MPLS)
		a->exts |= EXT_BAREUDP_MULTI;
	return true;
}

/* ---- the device ---- */

int ox_tunnel_create(struct ox_rtnl *r, const char *name,
		     const struct ox_link_tunnel *t, const uint8_t mac[6],
		     struct ox_err *e)
{
	const struct kind *k = kind_of(t->kind);
	struct nlattr *info, *data;
	uint8_t buf[REQUEST_SIZE];
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh;

	if (!k->kind)
		return -EOPNOTSUPP;
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_flags = IFF_UP;
	ifi->ifi_change = IFF_UP;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	mnl_attr_put_u32(nlh, IFLA_MTU, k->mtu);
	if (!ox_tunnel_is_l3(t))
		mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, mac);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, k->kind);
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	k->put(nlh, t);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return ox_rtnl_ack(r, nlh, e);
}
