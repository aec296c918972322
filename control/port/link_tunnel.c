// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * link_tunnel.c - what a link message says of a tunnel's device; see link.h.
 */
#include "control/port/link.h"

#include <string.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>

#include "ovsxdp/uapi.h"

#define GRE_KIND(kind_, type_)                                   \
	{                                                        \
		.kind = (kind_), .type = OVS_VPORT_TYPE_##type_, \
		.md = IFLA_GRE_COLLECT_METADATA,                 \
	}

/*
 * Attributes of IFLA_INFO_DATA by kind. md: the one that says that a device
 * takes its key from each packet; 0: such a kind always does. Kinds that
 * ovs_netdev_link() refuses for their type of device (ipip, sit, ip6tnl) aren't
 * here.
 */
static const struct tunnel_kind {
	const char *kind;
	uint16_t type; /* enum ovs_vport_type */
	uint16_t md;
	uint16_t port; /* be16; 0: the kind has none */
	struct {
		uint16_t attr; /* its presence says so; 0: none */
		uint32_t flag;
	} ext[2];
} tunnel_kinds[] = {
	{ .kind = "vxlan",
	  .type = OVS_VPORT_TYPE_VXLAN,
	  .md = IFLA_VXLAN_COLLECT_METADATA,
	  .port = IFLA_VXLAN_PORT,
	  .ext = { { IFLA_VXLAN_GBP, OX_TUN_EXT_GBP },
		   { IFLA_VXLAN_GPE, OX_TUN_EXT_GPE } } },
	{ .kind = "geneve",
	  .type = OVS_VPORT_TYPE_GENEVE,
	  .md = IFLA_GENEVE_COLLECT_METADATA,
	  .port = IFLA_GENEVE_PORT },
	GRE_KIND("gre", GRE),
	GRE_KIND("gretap", GRE),
	GRE_KIND("ip6gre", IP6GRE),
	GRE_KIND("ip6gretap", IP6GRE),
	GRE_KIND("erspan", ERSPAN),
	GRE_KIND("ip6erspan", IP6ERSPAN),
	{ .kind = "bareudp",
	  .type = OVS_VPORT_TYPE_BAREUDP,
	  .port = IFLA_BAREUDP_PORT,
	  .ext = { { IFLA_BAREUDP_MULTIPROTO_MODE, OX_TUN_EXT_MPLS } } },
};

static const struct tunnel_kind *tunnel_kind(const char *kind)
{
	for (size_t i = 0; i < sizeof(tunnel_kinds) / sizeof(*tunnel_kinds);
	     i++)
		if (!strcmp(tunnel_kinds[i].kind, kind))
			return &tunnel_kinds[i];
	return NULL;
}

static const struct nlattr *find(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *a;

	if (!nest || !type)
		return NULL;
	mnl_attr_for_each_nested (a, nest)
		if (mnl_attr_get_type(a) == type)
			return a;
	return NULL;
}

/* VXLAN says it by a byte, the others by the attribute's presence. */
static bool is_external(const struct nlattr *info, uint16_t attr)
{
	const struct nlattr *a = find(info, attr);

	return a && (!mnl_attr_get_payload_len(a) || mnl_attr_get_u8(a));
}

void ox_link_tunnel_parse(const struct nlattr *info, struct ox_link *l)
{
	const struct tunnel_kind *t = tunnel_kind(l->kind);
	const struct nlattr *a;

	if (!t || (t->md && !is_external(info, t->md)))
		return;
	l->tun.kind = t->type;
	a = find(info, t->port);
	if (a && mnl_attr_get_payload_len(a) == sizeof(l->tun.port))
		memcpy(&l->tun.port, mnl_attr_get_payload(a),
		       sizeof(l->tun.port));
	for (size_t i = 0; i < sizeof(t->ext) / sizeof(t->ext[0]); i++)
		if (find(info, t->ext[i].attr))
			l->tun.exts |= t->ext[i].flag;
}

bool ox_link_is_tunnel(const struct ox_link *l)
{
	return l->tun.kind;
}
