// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_put_tunnel.c - a tunnel's key to attributes, in the module's order:
 * ip_tun_to_nlattr().
 */
#include <sys/socket.h>
#include <linux/if_tunnel.h>
#include <linux/openvswitch.h>

#include "control/codec/key_int.h"

static int put_address(struct ox_nlbuf *b, uint16_t attr, const void *p,
		       size_t len)
{
	return ox_all_zero(p, len) ? 0 : ox_nl_put(b, attr, p, len);
}

static int put_addresses(struct ox_nlbuf *b, uint8_t proto,
			 const struct ox_tun *tun)
{
	int err = 0;

	if (proto == AF_INET) {
		err = put_address(b, OVS_TUNNEL_KEY_ATTR_IPV4_SRC,
				  &tun->ipv4.src, sizeof(tun->ipv4.src));
		if (!err)
			err = put_address(b, OVS_TUNNEL_KEY_ATTR_IPV4_DST,
					  &tun->ipv4.dst,
					  sizeof(tun->ipv4.dst));
	} else if (proto == AF_INET6) {
		err = put_address(b, OVS_TUNNEL_KEY_ATTR_IPV6_SRC,
				  tun->ipv6.src, sizeof(tun->ipv6.src));
		if (!err)
			err = put_address(b, OVS_TUNNEL_KEY_ATTR_IPV6_DST,
					  tun->ipv6.dst, sizeof(tun->ipv6.dst));
	}
	return err;
}

static int put_flag(struct ox_nlbuf *b, uint16_t attr, bool is)
{
	return is ? ox_nl_put_flag(b, attr) : 0;
}

static int put_port(struct ox_nlbuf *b, uint16_t attr, __be16 port)
{
	return port ? ox_nl_put_u16(b, attr, port) : 0;
}

static int put_header(struct ox_nlbuf *b, const struct ox_key *o,
		      const struct ox_tun *tun)
{
	int err = 0;

	if (o->tun_tos)
		err = ox_nl_put_u8(b, OVS_TUNNEL_KEY_ATTR_TOS, o->tun_tos);
	if (!err)
		err = ox_nl_put_u8(b, OVS_TUNNEL_KEY_ATTR_TTL, o->tun_ttl);
	if (!err)
		err = put_flag(b, OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT,
			       o->tun_flags & TUNNEL_DONT_FRAGMENT);
	if (!err)
		err = put_flag(b, OVS_TUNNEL_KEY_ATTR_CSUM,
			       o->tun_flags & TUNNEL_CSUM);
	if (!err)
		err = put_port(b, OVS_TUNNEL_KEY_ATTR_TP_SRC, tun->tp_src);
	if (!err)
		err = put_port(b, OVS_TUNNEL_KEY_ATTR_TP_DST, tun->tp_dst);
	if (!err)
		err = put_flag(b, OVS_TUNNEL_KEY_ATTR_OAM,
			       o->tun_flags & TUNNEL_OAM);
	return err;
}

static int put_gbp(struct ox_nlbuf *b, const struct ox_tun *tun)
{
	uint32_t mark;
	int err;

	err = ox_nl_nest(b, OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS, &mark);
	if (!err)
		err = ox_nl_put(b, OVS_VXLAN_EXT_GBP, tun->opts, 4);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_opts(struct ox_nlbuf *b, uint8_t len, __be16 flags,
		    const struct ox_tun *tun)
{
	if (!len)
		return 0;
	if (flags & TUNNEL_GENEVE_OPT)
		return ox_nl_put(b, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, tun->opts,
				 len);
	if (flags & TUNNEL_VXLAN_OPT)
		return put_gbp(b, tun);
	if (flags & TUNNEL_ERSPAN_OPT)
		return ox_nl_put(b, OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS, tun->opts,
				 len);
	return 0;
}

static int put_all(struct ox_nlbuf *b, const struct ox_key *swkey,
		   const struct ox_key *o, const struct ox_tun *tun)
{
	int err = 0;

	if (o->tun_flags & TUNNEL_KEY)
		err = ox_nl_put_u64(b, OVS_TUNNEL_KEY_ATTR_ID, tun->tun_id);
	if (!err)
		err = put_addresses(b, swkey->tun_proto, tun);
	if (!err)
		err = put_header(b, o, tun);
	if (!err)
		err = put_opts(b, swkey->tun_opts_len, o->tun_flags, tun);
	return err;
}

int ox_key_put_tunnel(struct ox_nlbuf *b, uint16_t attr,
		      const struct ox_key *swkey, const struct ox_key *output,
		      const struct ox_tun *tun)
{
	static const struct ox_tun none;
	uint32_t mark;
	int err;

	err = ox_nl_nest(b, attr, &mark);
	if (err)
		return err;
	err = put_all(b, swkey, output, tun ? tun : &none);
	if (err)
		ox_nl_nest_cancel(b, mark);
	else
		ox_nl_nest_end(b, mark);
	return err;
}
