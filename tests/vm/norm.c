// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * norm.c - messages in normal form. What is dropped here is never compared:
 * times, hash values, conntrack fields that are zero where they aren't served.
 */
#include <stdlib.h>
#include <linux/genetlink.h>

#include "norm.h"
#include "ovsxdp/uapi.h"

#define MAX_ATTRS 128

static int by_type(const void *a, const void *b)
{
	const struct nlattr *x = *(void *const *)a, *y = *(void *const *)b;
	int c = (int)nla_kind(x) - (int)nla_kind(y);

	return c ? c
		 : memcmp(x, y,
			  x->nla_len < y->nla_len ? x->nla_len : y->nla_len);
}

static uint32_t sorted(const struct nlattr **v, const void *p, uint32_t n)
{
	uint32_t k = 0;

	nla_each(a, p, n) if (k < MAX_ATTRS) v[k++] = a;
	qsort(v, k, sizeof(*v), by_type);
	return k;
}

static bool zero(const struct nlattr *a)
{
	for (uint32_t i = 0; i < nla_size(a); i++)
		if (nla_body(a)[i])
			return false;
	return true;
}

/* Of one that a packet will get, the source port is the device's choice; with
 * devices, ours doesn't know the ports of one that a packet has. */
static void norm_tunnel(struct nlb *out, uint16_t type, const struct nlattr *a)
{
	const struct nlattr *v[MAX_ATTRS];
	uint32_t k = sorted(v, nla_body(a), nla_size(a));
	uint32_t at = nlb_nest(out, type);

	for (uint32_t i = 0; i < k; i++) {
		int kind = nla_kind(v[i]);

		if (kind == OVS_TUNNEL_KEY_ATTR_TP_SRC &&
		    (gen_by_device || type != OVS_KEY_ATTR_TUNNEL))
			continue;
		if (kind == OVS_TUNNEL_KEY_ATTR_TP_DST && gen_by_device &&
		    type == OVS_KEY_ATTR_TUNNEL)
			continue;
		nlb_put(out, (uint16_t)kind, nla_body(v[i]), nla_size(v[i]));
	}
	nlb_end(out, at);
}

static void norm_key(struct nlb *out, uint16_t type, const void *p, uint32_t n)
{
	const struct nlattr *v[MAX_ATTRS];
	uint32_t k = sorted(v, p, n), at = nlb_nest(out, type);

	for (uint32_t i = 0; i < k; i++) {
		int kind = nla_kind(v[i]);

		if (kind == OVS_KEY_ATTR_ENCAP)
			norm_key(out, OVS_KEY_ATTR_ENCAP, nla_body(v[i]),
				 nla_size(v[i]));
		else if (kind == OVS_KEY_ATTR_TUNNEL)
			norm_tunnel(out, OVS_KEY_ATTR_TUNNEL, v[i]);
		else if (kind == OVS_KEY_ATTR_DP_HASH && !zero(v[i]))
			nlb_u32(out, OVS_KEY_ATTR_DP_HASH, 1);
		else
			nlb_put(out, (uint16_t)kind, nla_body(v[i]),
				nla_size(v[i]));
	}
	nlb_end(out, at);
}

/* Room for what is normalised: an upcall of a whole frame fits. */
static void norm(struct items *out, char kind, const struct nlmsghdr *h,
		 uint32_t what,
		 void (*put)(struct nlb *, const struct nlattr *))
{
	const struct nlattr *v[MAX_ATTRS];
	static struct nlb n;
	uint32_t len, k;
	const void *p = side_attrs(h, &len);
	uint8_t *b;

	n.len = 0;
	n.over = false;
	k = sorted(v, p, len);
	for (uint32_t i = 0; i < k; i++)
		put(&n, v[i]);
	b = items_start(out, n.len + 4);
	b[0] = (uint8_t)kind;
	b[1] = ((const uint8_t *)h)[16]; /* cmd */
	b[2] = (uint8_t)what;
	b[3] = (uint8_t)(what >> 8);
	memcpy(b + 4, n.b, n.len);
	items_end(out, n.len + 4);
}

const void *norm_attrs(const struct item *i, uint32_t *len)
{
	*len = i->len - 4;
	return i->b + 4;
}

static void put_upcall(struct nlb *n, const struct nlattr *a)
{
	uint64_t none = 0;

	switch (nla_kind(a)) {
	case OVS_PACKET_ATTR_KEY:
		norm_key(n, OVS_PACKET_ATTR_KEY, nla_body(a), nla_size(a));
		break;
	case OVS_PACKET_ATTR_EGRESS_TUN_KEY:
		norm_tunnel(n, OVS_PACKET_ATTR_EGRESS_TUN_KEY, a);
		break;
	case OVS_PACKET_ATTR_HASH:
		nlb_put(n, OVS_PACKET_ATTR_HASH, &none, sizeof(none));
		break;
	default:
		nlb_put(n, nla_kind(a), nla_body(a), nla_size(a));
	}
}

void norm_upcall(struct items *out, const struct nlmsghdr *h)
{
	norm(out, ITEM_UPCALL, h, 0, put_upcall);
}

static void put_flow(struct nlb *n, const struct nlattr *a)
{
	switch (nla_kind(a)) {
	case OVS_FLOW_ATTR_KEY:
	case OVS_FLOW_ATTR_MASK:
		norm_key(n, nla_kind(a), nla_body(a), nla_size(a));
		break;
	case OVS_FLOW_ATTR_USED:
		nlb_put(n, OVS_FLOW_ATTR_USED, NULL, 0);
		break;
	case OVS_FLOW_ATTR_PAD:
		break;
	default:
		nlb_put(n, nla_kind(a), nla_body(a), nla_size(a));
	}
}

void norm_flow(struct items *out, const struct nlmsghdr *h)
{
	norm(out, ITEM_FLOW, h, 0, put_flow);
}

/* ---- replies of all families ---- */

static void put_dp(struct nlb *n, const struct nlattr *a)
{
	struct ovs_dp_megaflow_stats m;

	switch (nla_kind(a)) {
	case OVS_DP_ATTR_UPCALL_PID: /* only ovsxdp shows it */
	case OVS_DP_ATTR_PAD:
		break;
	case OVS_DP_ATTR_IFINDEX:
		nlb_put(n, OVS_DP_ATTR_IFINDEX, NULL, 0);
		break;
	case OVS_DP_ATTR_MEGAFLOW_STATS:
		memcpy(&m, nla_body(a), sizeof(m));
		m.n_mask_hit = m.n_cache_hit = 0;
		nlb_put(n, OVS_DP_ATTR_MEGAFLOW_STATS, &m, sizeof(m));
		break;
	default:
		nlb_put(n, nla_kind(a), nla_body(a), nla_size(a));
	}
}

static void put_vport(struct nlb *n, const struct nlattr *a)
{
	switch (nla_kind(a)) {
	case OVS_VPORT_ATTR_UPCALL_STATS: /* since 6.3 */
	case OVS_VPORT_ATTR_PAD:
		break;
	case OVS_VPORT_ATTR_IFINDEX:
	case OVS_VPORT_ATTR_STATS: /* of packets: diff_packets.c */
		nlb_put(n, nla_kind(a), NULL, 0);
		break;
	default:
		nlb_put(n, nla_kind(a), nla_body(a), nla_size(a));
	}
}

static void put_meter(struct nlb *n, const struct nlattr *a)
{
	switch (nla_kind(a)) {
	case OVS_METER_ATTR_PAD:
		break;
	case OVS_METER_ATTR_USED:
	case OVS_METER_ATTR_MAX_METERS: /* by the machine's memory */
		nlb_put(n, nla_kind(a), NULL, 0);
		break;
	default:
		nlb_put(n, nla_kind(a), nla_body(a), nla_size(a));
	}
}

void norm_reply(struct items *out, char kind, enum side_family family,
		const struct nlmsghdr *h, uint32_t what)
{
	static void (*const put[])(struct nlb *, const struct nlattr *) = {
		put_dp, put_vport, put_flow, put_upcall, put_meter,
	};

	norm(out, kind, h, what, put[family]);
}
