// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gen_tunnel.c - random keys of tunnels, for flows and for set(). Few of them
 * lack what they need, have it twice, or are of two families.
 */
#include <arpa/inet.h>

#include "gen.h"
#include "ovsxdp/uapi.h"

static void put_random(struct nlb *n, uint16_t type, uint32_t len,
		       struct rnd *r)
{
	uint8_t b[256];

	rnd_fill(r, b, len);
	nlb_put(n, type, b, len);
}

static void addresses(struct nlb *n, struct rnd *r, bool v6)
{
	uint32_t len = v6 ? 16 : 4;
	uint8_t dst[16] = { 0 };

	if (rnd_pct(r, 70) && !gen_by_device && !(gen_tunnels && v6))
		put_random(n,
			   v6 ? OVS_TUNNEL_KEY_ATTR_IPV6_SRC
			      : OVS_TUNNEL_KEY_ATTR_IPV4_SRC,
			   len, r);
	if (rnd_pct(r, 99))
		rnd_fill(r, dst, len);
	if (rnd_pct(r, 98))
		nlb_put(n,
			v6 ? OVS_TUNNEL_KEY_ATTR_IPV6_DST
			   : OVS_TUNNEL_KEY_ATTR_IPV4_DST,
			dst, len);
}

static void header(struct nlb *n, struct rnd *r)
{
	if (rnd_pct(r, 40))
		nlb_u8(n, OVS_TUNNEL_KEY_ATTR_TOS, (uint8_t)rnd64(r));
	if (rnd_pct(r, 98))
		nlb_u8(n, OVS_TUNNEL_KEY_ATTR_TTL, (uint8_t)rnd64(r));
	if (rnd_pct(r, 40))
		nlb_put(n, OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT, NULL, 0);
	if (rnd_pct(r, 40))
		nlb_put(n, OVS_TUNNEL_KEY_ATTR_CSUM, NULL, 0);
	if (rnd_pct(r, 20))
		nlb_put(n, OVS_TUNNEL_KEY_ATTR_OAM, NULL, 0);
	if (rnd_pct(r, 30))
		nlb_u16(n, OVS_TUNNEL_KEY_ATTR_TP_SRC, (uint16_t)rnd64(r));
	if (rnd_pct(r, 30) && !gen_by_device)
		nlb_u16(n, OVS_TUNNEL_KEY_ATTR_TP_DST, (uint16_t)rnd64(r));
	if (rnd_pct(r, 2))
		put_random(n, OVS_TUNNEL_KEY_ATTR_PAD, rnd_below(r, 8), r);
	if (rnd_pct(r, 2))
		nlb_put(n, OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE, NULL, 0);
}

/* Options that follow each other, most of the time up to the end. */
static void geneve(struct nlb *n, struct rnd *r, uint32_t max)
{
	uint32_t len = 0, want = 4 * rnd_below(r, max / 4 + 1), words;
	uint8_t b[256];

	rnd_fill(r, b, sizeof(b));
	while (len + 4 <= want) {
		words = rnd_below(r, 4);
		if (words > (want - len) / 4 - 1 && rnd_pct(r, 98))
			words = (want - len) / 4 - 1;
		b[len + 3] = (uint8_t)((b[len + 3] & 0xe0) | words);
		len += 4 + 4 * words;
	}
	if (rnd_pct(r, 2))
		want = rnd_below(r, max + 1);
	nlb_put(n, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, b, want);
}

static void gbp(struct nlb *n, struct rnd *r)
{
	uint32_t at =
		nlb_nest(n, OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS | NLA_F_NESTED);

	if (rnd_pct(r, 95))
		nlb_u32(n, OVS_VXLAN_EXT_GBP, (uint32_t)rnd64(r));
	nlb_end(n, at);
}

/* Where packets get them, devices only get their own kind: gen_tunnel_to(). */
static void options(struct nlb *n, struct rnd *r, uint32_t max)
{
	if (gen_tunnels)
		return;
	switch (rnd_below(r, 5)) {
	case 0:
	case 1:
		return geneve(n, r, max);
	case 2:
		return gbp(n, r);
	case 3:
		return put_random(n, OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS,
				  rnd_pct(r, 80) ? 12 : rnd_below(r, 13), r);
	}
}

void gen_tunnel(struct nlb *n, uint32_t max_opts, struct rnd *r)
{
	uint32_t at = nlb_nest(n, OVS_KEY_ATTR_TUNNEL | NLA_F_NESTED);
	bool v6 = rnd_pct(r, 35), late = rnd_pct(r, 20);

	if (late)
		options(n, r, max_opts);
	if (rnd_pct(r, 80) || gen_by_device)
		put_random(n, OVS_TUNNEL_KEY_ATTR_ID, 8, r);
	addresses(n, r, v6);
	if (rnd_pct(r, 1))
		addresses(n, r, !v6);
	header(n, r);
	if (!late || rnd_pct(r, 3))
		options(n, r, max_opts);
	nlb_end(n, at);
}
