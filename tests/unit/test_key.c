// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_key.c - keys and masks in and out; the errno of each rule.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/openvswitch.h>

#include "control/codec/ct.h"
#include "control/codec/key.h"
#include "tests/lib/nlmake.h"

#define FILL(v, from)                                              \
	do {                                                       \
		for (size_t i_ = 0; i_ < sizeof(v); i_++)          \
			((uint8_t *)&(v))[i_] = (uint8_t)(from++); \
	} while (0)

static struct ox_make k, m;
static struct ox_key key, mask;
static struct ox_tun tun, tun_mask;
static const struct ox_key_out key_out = { &key, &tun };
static const struct ox_key_out mask_out = { &mask, &tun_mask };
static struct ox_err err;

static int match(bool with_mask)
{
	memset(&err, 0, sizeof(err));
	return ox_key_get_match(k.b, ox_make_end(&k),
				with_mask ? ox_make_end(&m) : NULL, &key_out,
				&mask_out, &err);
}

/* Refused, with words; and the offset of attr type in the key, if given. */
static void refused(int code, bool with_mask, const char *word)
{
	assert_int_equal(match(with_mask), code);
	if (!strstr(err.msg, word))
		fail_msg("'%s' lacks '%s'", err.msg, word);
}

static void put_eth(struct ox_make *b, uint8_t from)
{
	struct ovs_key_ethernet e;

	FILL(e, from);
	ox_make_put(b, OVS_KEY_ATTR_ETHERNET, &e, sizeof(e));
}

static void put_ipv4(struct ox_make *b, uint8_t proto, uint8_t frag)
{
	struct ovs_key_ipv4 v = {
		htonl(0x0a000001), htonl(0x0a000002), proto, 5, 64, frag
	};

	ox_make_put(b, OVS_KEY_ATTR_IPV4, &v, sizeof(v));
}

/* eth, eth_type: the start of most keys. */
static void start(uint16_t eth_type)
{
	ox_make_start(&k, OVS_FLOW_ATTR_KEY);
	ox_make_start(&m, OVS_FLOW_ATTR_MASK);
	ox_make_u32(&k, OVS_KEY_ATTR_IN_PORT, 1);
	put_eth(&k, 1);
	ox_make_u16(&k, OVS_KEY_ATTR_ETHERTYPE, htons(eth_type));
}

/* The parsed key, written and parsed again, is the same; so is the mask. */
static void round_trip(void)
{
	static uint8_t data[4096];
	struct ox_nlbuf b = { .data = data, .size = sizeof(data) };
	struct ox_key key2, mask2, masked;
	struct ox_tun tun2, tun_mask2;
	struct ox_key_out key_out2 = { &key2, &tun2 };
	struct ox_key_out mask_out2 = { &mask2, &tun_mask2 };
	const struct nlattr *a[2];
	void *hdr;

	assert_int_equal(ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, &hdr), 0);
	a[0] = (void *)(data + b.len);
	assert_int_equal(
		ox_key_put(&b, OVS_FLOW_ATTR_KEY, false, &key, &key, &tun), 0);
	a[1] = (void *)(data + b.len);
	for (int i = 0; i < OX_KEY_WORDS; i++)
		masked.w[i] = key.w[i] & mask.w[i];
	assert_int_equal(ox_key_put(&b, OVS_FLOW_ATTR_MASK, true, &masked,
				    &mask, &tun_mask),
			 0);
	memset(&err, 0, sizeof(err));
	if (ox_key_get_match(data, a[0], a[1], &key_out2, &mask_out2, &err))
		fail_msg("%s", err.msg);
	assert_memory_equal(&key, &key2, sizeof(key));
	/* a port is shown as matched in its upper half, and read so */
	if (!mask.in_port)
		mask2.in_port = 0;
	/* a tunnel, too */
	mask2.tun_proto = mask.tun_proto;
	assert_memory_equal(&mask, &mask2, sizeof(mask));
	assert_memory_equal(&tun, &tun2, sizeof(tun));
	assert_memory_equal(&tun_mask, &tun_mask2, sizeof(tun_mask));
}

static void exact_round_trip(void)
{
	assert_int_equal(match(false), 0);
	round_trip();
}

static void metadata(void **state)
{
	(void)state;
	start(0x88cc);
	ox_make_u32(&k, OVS_KEY_ATTR_PRIORITY, 3);
	ox_make_u32(&k, OVS_KEY_ATTR_SKB_MARK, 4);
	ox_make_u32(&k, OVS_KEY_ATTR_DP_HASH, 5);
	ox_make_u32(&k, OVS_KEY_ATTR_RECIRC_ID, 6);
	exact_round_trip();
	assert_int_equal(key.in_port, 1);
	assert_int_equal(key.skb_priority, 3);
	assert_int_equal(key.skb_mark, 4);
	assert_int_equal(key.dp_hash, 5);
	assert_int_equal(key.recirc_id, 6);
	assert_int_equal(key.eth_dst[0], 7);
	assert_int_equal(key.mac_proto, 1);
	assert_int_equal(mask.in_port, 0xffffffff);
	assert_int_equal(mask.vlan_tci, 0xffff);
	assert_int_equal(mask.cvlan_tci, 0xffff);
	assert_int_equal(mask.vlan_tpid, 0);
	assert_int_equal(mask.skb_mark, 0xffffffff);
	assert_int_equal(mask.ip_proto, 0);
}

static void transport(void **state)
{
	static const struct {
		uint8_t proto;
		uint16_t attr;
		uint16_t len;
	} t[] = { { 6, OVS_KEY_ATTR_TCP, 4 },
		  { 17, OVS_KEY_ATTR_UDP, 4 },
		  { 132, OVS_KEY_ATTR_SCTP, 4 },
		  { 1, OVS_KEY_ATTR_ICMP, 2 } };
	static const char *const lacks[] = { "lacks tcp, tcp_flags",
					     "lacks udp", "lacks sctp",
					     "lacks icmp" };
	static const uint8_t bytes[4] = { 0, 80, 1, 2 };

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		start(0x0800);
		put_ipv4(&k, t[i].proto, 0);
		refused(-EINVAL, false, lacks[i]);
		ox_make_put(&k, t[i].attr, bytes, t[i].len);
		if (t[i].proto == 6) {
			refused(-EINVAL, false, "lacks tcp_flags");
			ox_make_u16(&k, OVS_KEY_ATTR_TCP_FLAGS, htons(0x12));
		}
		exact_round_trip();
		assert_int_equal(key.ip_proto, t[i].proto);
		assert_int_equal(key.ip_ttl, 64);
		assert_int_equal(mask.tp_src,
				 t[i].proto == 1 ? htons(0xff) : 0xffff);
	}
	/* a later fragment has no transport header */
	start(0x0800);
	put_ipv4(&k, 6, OVS_FRAG_TYPE_LATER);
	exact_round_trip();
}

static void ipv6_nd(void **state)
{
	struct ovs_key_ipv6 v = { .ipv6_proto = 58, .ipv6_hlimit = 255 };
	struct ovs_key_icmpv6 icmp = { 135, 0 };
	struct ovs_key_nd nd;
	uint8_t from = 1;

	(void)state;
	FILL(v.ipv6_src, from);
	FILL(v.ipv6_dst, from);
	FILL(nd, from);
	v.ipv6_label = htonl(0x12345);
	start(0x86dd);
	ox_make_put(&k, OVS_KEY_ATTR_IPV6, &v, sizeof(v));
	refused(-EINVAL, false, "icmpv6");
	ox_make_put(&k, OVS_KEY_ATTR_ICMPV6, &icmp, sizeof(icmp));
	refused(-EINVAL, false, "lacks nd");
	ox_make_put(&k, OVS_KEY_ATTR_ND, &nd, sizeof(nd));
	exact_round_trip();
	assert_int_equal(key.ipv6_label, v.ipv6_label);
	assert_memory_equal(key.ipv6.src, v.ipv6_src, 16);
	assert_memory_equal(key.nd_tll, nd.nd_tll, 6);
}

static void arp(void **state)
{
	struct ovs_key_arp v = { htonl(1), htonl(2), htons(2), { 1 }, { 2 } };

	(void)state;
	start(0x0806);
	refused(-EINVAL, false, "arp");
	ox_make_put(&k, OVS_KEY_ATTR_ARP, &v, sizeof(v));
	exact_round_trip();
	assert_int_equal(key.ip_proto, 2);
	assert_int_equal(key.arp.tha[0], 2);
	start(0x0806);
	v.arp_op = htons(256);
	ox_make_put(&k, OVS_KEY_ATTR_ARP, &v, sizeof(v));
	refused(-EINVAL, false, "opcode");
}

/* Two tags, an IPv4 packet inside. */
static void put_two_tags(uint16_t tci, uint16_t ctci)
{
	uint32_t outer, inner;

	start(0x88a8);
	ox_make_u16(&k, OVS_KEY_ATTR_VLAN, htons(tci));
	outer = ox_make_nest(&k, OVS_KEY_ATTR_ENCAP);
	ox_make_u16(&k, OVS_KEY_ATTR_ETHERTYPE, htons(0x8100));
	ox_make_u16(&k, OVS_KEY_ATTR_VLAN, htons(ctci));
	inner = ox_make_nest(&k, OVS_KEY_ATTR_ENCAP);
	ox_make_u16(&k, OVS_KEY_ATTR_ETHERTYPE, htons(0x0800));
	put_ipv4(&k, 200, 0);
	ox_make_nest_end(&k, inner);
	ox_make_nest_end(&k, outer);
}

static void vlan(void **state)
{
	uint32_t at;

	(void)state;
	put_two_tags(0x1005, 0x3006);
	exact_round_trip();
	assert_int_equal(key.vlan_tpid, htons(0x88a8));
	assert_int_equal(key.vlan_tci, htons(0x1005));
	assert_int_equal(key.cvlan_tpid, htons(0x8100));
	assert_int_equal(key.cvlan_tci, htons(0x3006));
	assert_int_equal(key.eth_type, htons(0x0800));
	put_two_tags(5, 0x3006);
	refused(-EINVAL, false, "CFI");
	put_two_tags(0x1005, 6);
	refused(-EINVAL, false, "C-VLAN TCI");
	put_two_tags(0, 0x1006);
	refused(-EINVAL, false, "empty encap");
	start(0x8100);
	refused(-EINVAL, false, "both vlan and encap");
	/* a frame cut in its tag; the module takes it with a mask only */
	start(0x8100);
	ox_make_u16(&k, OVS_KEY_ATTR_VLAN, 0);
	at = ox_make_nest(&k, OVS_KEY_ATTR_ENCAP);
	ox_make_nest_end(&k, at);
	refused(-EINVAL, false, "vlan");
	assert_int_equal(match(true), 0);
	assert_int_equal(key.vlan_tpid, htons(0x8100));
	start(0x0800);
	ox_make_u16(&k, OVS_KEY_ATTR_VLAN, htons(0x1001));
	refused(-EINVAL, false, "vlan");
}

static void vlan_mask(void **state)
{
	uint32_t at;

	(void)state;
	/* tags not mentioned by the mask are matched all the same */
	put_two_tags(0x1005, 0x1006);
	assert_int_equal(match(true), 0);
	assert_int_equal(mask.vlan_tci, 0xffff);
	assert_int_equal(mask.vlan_tpid, 0);
	ox_make_u16(&m, OVS_KEY_ATTR_ETHERTYPE, 0xffff);
	ox_make_u16(&m, OVS_KEY_ATTR_VLAN, htons(0x1fff));
	at = ox_make_nest(&m, OVS_KEY_ATTR_ENCAP);
	ox_make_u16(&m, OVS_KEY_ATTR_ETHERTYPE, 0xffff);
	ox_make_nest_end(&m, at);
	assert_int_equal(match(true), 0);
	assert_int_equal(mask.vlan_tci, htons(0x1fff));
	assert_int_equal(mask.vlan_tpid, 0xffff);
	/* TPID and CFI can't be left open */
	((struct nlattr *)(m.b + 4))->nla_type = OVS_KEY_ATTR_IN_PORT;
	put_two_tags(0x1005, 0x1006);
	ox_make_u16(&m, OVS_KEY_ATTR_VLAN, htons(0x1fff));
	at = ox_make_nest(&m, OVS_KEY_ATTR_ENCAP);
	ox_make_u16(&m, OVS_KEY_ATTR_ETHERTYPE, 0xffff);
	ox_make_nest_end(&m, at);
	refused(-EINVAL, true, "TPID mask");
	put_two_tags(0x1005, 0x1006);
	ox_make_u16(&m, OVS_KEY_ATTR_ETHERTYPE, 0xffff);
	ox_make_u16(&m, OVS_KEY_ATTR_VLAN, htons(0x0fff));
	at = ox_make_nest(&m, OVS_KEY_ATTR_ENCAP);
	ox_make_u16(&m, OVS_KEY_ATTR_ETHERTYPE, 0xffff);
	ox_make_nest_end(&m, at);
	refused(-EINVAL, true, "TCI mask");
	/* an encap over a key without a tag */
	start(0x88cc);
	at = ox_make_nest(&m, OVS_KEY_ATTR_ENCAP);
	ox_make_u16(&m, OVS_KEY_ATTR_ETHERTYPE, 0xffff);
	ox_make_nest_end(&m, at);
	refused(-EINVAL, true, "encap");
}

static void masks(void **state)
{
	struct ovs_key_ipv4 ip = { .ipv4_src = htonl(0xff000000) };
	struct ovs_key_udp udp = { 0xffff, 0 };

	(void)state;
	start(0x0800);
	put_ipv4(&k, 17, 0);
	ox_make_put(&k, OVS_KEY_ATTR_UDP, &udp, sizeof(udp));
	/* all wildcarded but what never is */
	assert_int_equal(match(true), 0);
	round_trip();
	assert_int_equal(mask.eth_type, 0);
	assert_int_equal(mask.in_port, 0);
	assert_int_equal(mask.vlan_tci, 0xffff);
	/* ipv4 needs an exact eth_type */
	ox_make_put(&m, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
	refused(-EINVAL, true, "ipv4 can't be masked");
	/* any value of the mask is taken for all ones */
	ox_make_u16(&m, OVS_KEY_ATTR_ETHERTYPE, htons(1));
	ox_make_u32(&m, OVS_KEY_ATTR_IN_PORT, 1);
	put_eth(&m, 9);
	assert_int_equal(match(true), 0);
	assert_int_equal(mask.eth_type, 0xffff);
	assert_int_equal(mask.in_port, 0xffffffff);
	assert_int_equal(mask.ipv4.src, ip.ipv4_src);
	round_trip();
	/* ports need an exact protocol */
	ox_make_put(&m, OVS_KEY_ATTR_UDP, &udp, sizeof(udp));
	refused(-EINVAL, true, "udp can't be masked");
	/* what isn't in the key can't be masked */
	start(0x88cc);
	ox_make_u32(&m, OVS_KEY_ATTR_SKB_MARK, 1);
	refused(-EINVAL, true, "skb_mark");
}

static void malformed(void **state)
{
	(void)state;
	start(0x0800);
	put_ipv4(&k, 0, 3);
	refused(-EINVAL, false, "frag");
	start(0x05ff);
	refused(-EINVAL, false, "0x0600");
	start(0x88cc);
	ox_make_u32(&k, OVS_KEY_ATTR_IN_PORT, 2);
	refused(-EINVAL, false, "twice");
	assert_int_equal(err.offset, k.len - 8);
	start(0x88cc);
	ox_make_u16(&k, OVS_KEY_ATTR_SKB_MARK, 2);
	refused(-EINVAL, false, "bytes");
	start(0x88cc);
	ox_make_u32(&k, OVS_KEY_ATTR_MAX + 1, 2);
	refused(-EINVAL, false, "unknown");
	start(0x88cc);
	ox_make_u32(&k, OVS_KEY_ATTR_PACKET_TYPE, 2);
	refused(-EINVAL, false, "unknown");
	start(0x88cc);
	k.len += 2;
	refused(-EINVAL, false, "stray");
	ox_make_start(&k, OVS_FLOW_ATTR_KEY);
	ox_make_u32(&k, OVS_KEY_ATTR_IN_PORT, 2);
	refused(-EINVAL, false, "needs an eth");
	ox_make_start(&k, OVS_FLOW_ATTR_KEY);
	ox_make_u32(&k, OVS_KEY_ATTR_IN_PORT, 65535);
	refused(-EINVAL, false, "65534");
}

static void put_mpls(struct ox_make *b, int n, uint32_t lse)
{
	__be32 v[4];

	for (int i = 0; i < 4; i++)
		v[i] = htonl(lse + i);
	ox_make_put(b, OVS_KEY_ATTR_MPLS, v, n * 4);
}

static void mpls(void **state)
{
	(void)state;
	for (int n = 1; n <= 3; n++) {
		start(0x8847);
		refused(-EINVAL, false, "lacks mpls");
		put_mpls(&k, n, 0x1100);
		exact_round_trip();
		assert_int_equal(key.mpls.lse[n - 1], htonl(0x1100 + n - 1));
		assert_int_equal(key.mpls.num_labels_mask, (1 << n) - 1);
		assert_int_equal(mask.mpls.num_labels_mask, (1 << n) - 1);
		assert_int_equal(mask.mpls.lse[n - 1], 0xffffffff);
	}
	start(0x8848);
	put_mpls(&k, 4, 0x1100);
	refused(-EINVAL, false, "16 bytes");
	/* the mask may name fewer labels, or open all of them */
	start(0x8847);
	put_mpls(&k, 3, 0x1100);
	assert_int_equal(match(true), 0);
	assert_int_equal(mask.mpls.num_labels_mask, 0);
	round_trip();
	put_mpls(&m, 2, 0xfffff000);
	refused(-EINVAL, true, "mpls can't be masked");
	ox_make_u16(&m, OVS_KEY_ATTR_ETHERTYPE, 0xffff);
	assert_int_equal(match(true), 0);
	assert_int_equal(mask.mpls.num_labels_mask, 3);
	assert_int_equal(key.mpls.num_labels_mask, 7);
	assert_int_equal(mask.mpls.lse[1], htonl(0xfffff001));
	assert_int_equal(mask.mpls.lse[2], 0);
	round_trip();
}

static void put_nsh(struct ox_make *b, uint8_t mdtype, bool md1)
{
	struct ovs_nsh_key_base base = { 1, 63, mdtype, 3, htonl(0x1ff) };
	uint32_t at = ox_make_nest(b, OVS_KEY_ATTR_NSH);
	struct ovs_nsh_key_md1 ctx;
	uint8_t from = 1;

	FILL(ctx, from);
	ox_make_put(b, OVS_NSH_KEY_ATTR_BASE, &base, sizeof(base));
	if (md1)
		ox_make_put(b, OVS_NSH_KEY_ATTR_MD1, &ctx, sizeof(ctx));
	ox_make_nest_end(b, at);
}

static void nsh(void **state)
{
	uint32_t at;

	(void)state;
	start(0x894f);
	refused(-EINVAL, false, "lacks nsh");
	put_nsh(&k, 1, true);
	exact_round_trip();
	assert_int_equal(key.nsh.flags, 1);
	assert_int_equal(key.nsh.ttl, 63);
	assert_int_equal(key.nsh.mdtype, 1);
	assert_int_equal(key.nsh.np, 3);
	assert_int_equal(key.nsh.path_hdr, htonl(0x1ff));
	assert_int_equal(key.nsh.context[3], htonl(0x0d0e0f10));
	assert_int_equal(mask.nsh.mdtype, 0xff);
	assert_int_equal(mask.nsh.context[0], 0xffffffff);
	/* no more of the mask than of the key */
	start(0x894f);
	put_nsh(&k, 2, false);
	exact_round_trip();
	assert_int_equal(mask.nsh.context[0], 0);
	start(0x894f);
	put_nsh(&k, 2, true);
	refused(-EINVAL, false, "type 2");
	start(0x894f);
	at = ox_make_nest(&k, OVS_KEY_ATTR_NSH);
	ox_make_put(&k, OVS_NSH_KEY_ATTR_MD2, &at, 4);
	ox_make_nest_end(&k, at);
	refused(-EINVAL, false, "type 2");
	start(0x894f);
	at = ox_make_nest(&k, OVS_KEY_ATTR_NSH);
	ox_make_u32(&k, OVS_NSH_KEY_ATTR_BASE, 1);
	ox_make_nest_end(&k, at);
	refused(-EINVAL, false, "4 bytes");
	assert_int_equal(err.offset, at + NLA_HDRLEN);
}

static void exthdrs(void **state)
{
	struct ovs_key_ipv6 v = { .ipv6_proto = 200, .ipv6_hlimit = 255 };
	uint16_t ext = 0x41;

	(void)state;
	start(0x86dd);
	ox_make_put(&k, OVS_KEY_ATTR_IPV6, &v, sizeof(v));
	exact_round_trip();
	assert_int_equal(mask.ipv6_exthdrs, 0);
	ox_make_put(&k, OVS_KEY_ATTR_IPV6_EXTHDRS, &ext, 2);
	exact_round_trip();
	assert_int_equal(key.ipv6_exthdrs, 0x41);
	assert_int_equal(mask.ipv6_exthdrs, 0xffff);
	/* the one field of IPv6 that needs no eth_type beside it */
	ox_make_put(&m, OVS_KEY_ATTR_IPV6_EXTHDRS, &ext, 2);
	assert_int_equal(match(true), 0);
	assert_int_equal(mask.ipv6_exthdrs, 0x41);
	assert_int_equal(mask.eth_type, 0);
}

static void conntrack(void **state)
{
	static const uint8_t labels[16] = { 1 };

	(void)state;
	ox_ct_served = OX_CT_SERVE_NONE;
	start(0x88cc);
	ox_make_u32(&k, OVS_KEY_ATTR_CT_STATE, 0);
	ox_make_u32(&k, OVS_KEY_ATTR_CT_MARK, 0);
	assert_int_equal(match(false), 0);
	ox_make_put(&k, OVS_KEY_ATTR_CT_LABELS, labels, 16);
	refused(-EINVAL, false, "connection tracking");
	assert_int_equal(match(true), 0); /* wildcarded */
	ox_make_put(&m, OVS_KEY_ATTR_CT_LABELS, labels, 16);
	refused(-EINVAL, true, "ct_label");
	assert_int_equal(err.offset, (uint32_t)(m.b + 4 - k.b));
	ox_ct_served = OX_CT_SERVE_ALL;
	assert_int_equal(match(true), 0);
	assert_memory_equal(mask.ct_labels, labels, 16);
}

static void layer3(void **state)
{
	(void)state;
	ox_make_start(&k, OVS_FLOW_ATTR_KEY);
	ox_make_u16(&k, OVS_KEY_ATTR_ETHERTYPE, htons(0x0800));
	put_ipv4(&k, 200, 0);
	exact_round_trip();
	assert_int_equal(key.mac_proto, 0);
	assert_int_equal(key.in_port, OX_NONE);
	/* 802.2: no EtherType at all */
	ox_make_start(&k, OVS_FLOW_ATTR_KEY);
	put_eth(&k, 1);
	exact_round_trip();
	assert_int_equal(key.eth_type, htons(0x0004));
}

static void only_key(void **state)
{
	(void)state;
	start(0x88cc);
	assert_int_equal(ox_key_get_match(k.b, ox_make_end(&k), NULL, &key_out,
					  NULL, NULL),
			 0);
	assert_int_equal(key.eth_type, htons(0x88cc));
}

static void execute_metadata(void **state)
{
	(void)state;
	start(0x0800);
	ox_make_u32(&k, OVS_KEY_ATTR_SKB_MARK, 7);
	memset(&key, 0, sizeof(key));
	assert_int_equal(
		ox_key_get_metadata(k.b, ox_make_end(&k), &key, &tun, &err), 0);
	assert_int_equal(key.skb_mark, 7);
	assert_int_equal(key.in_port, 1);
	ox_make_start(&k, OVS_PACKET_ATTR_KEY);
	assert_int_equal(
		ox_key_get_metadata(k.b, ox_make_end(&k), &key, &tun, &err), 0);
	assert_int_equal(key.in_port, OX_NONE);
}

/* A buffer of any size: all or nothing. */
static void no_room(void **state)
{
	static uint8_t data[512];
	struct ox_nlbuf b = { .data = data };
	uint32_t before;
	void *hdr;
	int r = -EMSGSIZE;

	(void)state;
	start(0x0800);
	put_ipv4(&k, 200, 0);
	assert_int_equal(match(false), 0);
	for (b.size = 24; r; b.size += 4) {
		b.len = 0;
		b.nlh = NULL;
		if (ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, &hdr))
			continue;
		before = b.len;
		r = ox_key_put(&b, OVS_FLOW_ATTR_KEY, false, &key, &key, &tun);
		if (r) {
			assert_int_equal(r, -EMSGSIZE);
			assert_int_equal(b.len, before);
		}
		assert_true(b.size < sizeof(data));
	}
	assert_true(b.size > 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.key.metadata", metadata),
		OX_TEST("unit.key.transport", transport),
		OX_TEST("unit.key.ipv6_nd", ipv6_nd),
		OX_TEST("unit.key.arp", arp),
		OX_TEST("unit.key.vlan", vlan),
		OX_TEST("unit.key.vlan_mask", vlan_mask),
		OX_TEST("unit.key.masks", masks),
		OX_TEST("unit.key.malformed", malformed),
		OX_TEST("unit.key.mpls", mpls),
		OX_TEST("unit.key.nsh", nsh),
		OX_TEST("unit.key.exthdrs", exthdrs),
		OX_TEST("unit.key.conntrack", conntrack),
		OX_TEST("unit.key.layer3", layer3),
		OX_TEST("unit.key.only_key", only_key),
		OX_TEST("unit.key.execute_metadata", execute_metadata),
		OX_TEST("unit.key.no_room", no_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
