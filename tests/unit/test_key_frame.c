// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_key_frame.c - a packet made of a key has that key, by the parser of the
 * data plane, and its checksums are right, by a second sum.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/openvswitch.h>
#include <netinet/in.h>

#include "bpf/host.h"
#include "control/codec/key_frame.h"

static struct ox_key eth_key(uint16_t type)
{
	return (struct ox_key){
		.in_port = 1,
		.eth_dst = { 2, 0, 0, 0, 0, 2 },
		.eth_src = { 2, 0, 0, 0, 0, 1 },
		.eth_type = htons(type),
		.mac_proto = 1,
	};
}

static struct ox_key ipv4_key(uint8_t proto)
{
	struct ox_key k = eth_key(ETH_P_IP);

	k.ip_proto = proto;
	k.ip_tos = 0x24;
	k.ip_ttl = 63;
	k.ipv4.src = htonl(0x0a000001);
	k.ipv4.dst = htonl(0x0a0000fe);
	return k;
}

static struct ox_key ipv6_key(uint8_t proto)
{
	struct ox_key k = eth_key(ETH_P_IPV6);

	k.ip_proto = proto;
	k.ip_tos = 0x24;
	k.ip_ttl = 63;
	k.ipv6_label = htonl(0x12345);
	for (int i = 0; i < 4; i++) {
		k.ipv6.src[i] = htonl(0x20010db8u + (uint32_t)i);
		k.ipv6.dst[i] = htonl(0xfd000000u + 7 * (uint32_t)i);
	}
	return k;
}

static void ports(struct ox_key *k)
{
	k->tp_src = htons(1000);
	k->tp_dst = htons(2000);
}

/* Makes a packet of k, and reads k from it again. Returns its length. */
static uint32_t same(const struct ox_key *k, uint8_t *frame)
{
	uint32_t len = ox_key_frame(k, frame);
	struct ox_key got;

	assert_true(len <= OX_KEY_FRAME_MAX);
	if (k->mac_proto)
		assert_int_equal(ox_host_extract(frame, len, k->in_port, &got),
				 0);
	else
		assert_int_equal(ox_host_extract_l3(frame, len, k->eth_type,
						    k->in_port, &got),
				 0);
	assert_memory_equal(&got, k, sizeof(got));
	return len;
}

static uint32_t add_up(uint32_t s, const uint8_t *p, uint32_t len)
{
	for (uint32_t i = 0; i + 1 < len; i += 2)
		s += (uint32_t)p[i] << 8 | p[i + 1];
	if (len & 1)
		s += (uint32_t)p[len - 1] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* All of it, with the pseudo-header of an IP packet, has the sum 0xffff. */
static void sums_right(const uint8_t *ip, uint32_t len, bool v6, bool pseudo,
		       uint8_t proto)
{
	uint32_t hl = v6 ? 40 : 20, s = 0;

	if (!v6)
		assert_int_equal(add_up(0, ip, 20), 0xffff);
	if (pseudo)
		s = add_up(proto + (len - hl), ip + (v6 ? 8 : 12), v6 ? 32 : 8);
	assert_int_equal(add_up(s, ip + hl, len - hl), 0xffff);
}

static void ipv4(void **state)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP,
					  IPPROTO_ICMP };
	uint8_t frame[OX_KEY_FRAME_MAX];

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		struct ox_key k = ipv4_key(protos[i]);
		uint32_t len;

		ports(&k);
		if (protos[i] == IPPROTO_ICMP) {
			k.tp_src = htons(8);
			k.tp_dst = htons(1);
		}
		if (protos[i] == IPPROTO_TCP)
			k.tcp_flags = htons(0x012);
		len = same(&k, frame);
		sums_right(frame + 14, len - 14, false,
			   protos[i] != IPPROTO_ICMP, protos[i]);
	}
}

static void ipv4_others(void **state)
{
	uint8_t frame[OX_KEY_FRAME_MAX];
	struct ox_key k = ipv4_key(IPPROTO_SCTP);

	(void)state;
	ports(&k);
	same(&k, frame);
	k = ipv4_key(47);
	same(&k, frame);
	k = ipv4_key(IPPROTO_UDP);
	k.ip_frag = OVS_FRAG_TYPE_LATER;
	same(&k, frame);
	k.ip_frag = OVS_FRAG_TYPE_FIRST;
	ports(&k);
	same(&k, frame);
}

static void ipv6(void **state)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP,
					  IPPROTO_ICMPV6 };
	uint8_t frame[OX_KEY_FRAME_MAX];

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		struct ox_key k = ipv6_key(protos[i]);
		uint32_t len;

		ports(&k);
		if (protos[i] == IPPROTO_ICMPV6) {
			k.tp_src = htons(128);
			k.tp_dst = htons(0);
		}
		len = same(&k, frame);
		sums_right(frame + 14, len - 14, true, true, protos[i]);
	}
}

static void ipv6_nd(void **state)
{
	uint8_t frame[OX_KEY_FRAME_MAX];
	struct ox_key k = ipv6_key(IPPROTO_ICMPV6);
	uint32_t len;

	(void)state;
	k.tp_src = htons(135);
	for (int i = 0; i < 4; i++)
		k.nd_target[i] = htonl(0xfe800000u + (uint32_t)i);
	memcpy(k.nd_sll, "\2\0\0\0\0\11", 6);
	len = same(&k, frame);
	sums_right(frame + 14, len - 14, true, true, IPPROTO_ICMPV6);
	k.tp_src = htons(136);
	memset(k.nd_sll, 0, 6);
	memcpy(k.nd_tll, "\2\0\0\0\0\12", 6);
	same(&k, frame);
}

static void tags(void **state)
{
	uint8_t frame[OX_KEY_FRAME_MAX];
	struct ox_key k = ipv4_key(IPPROTO_UDP);

	(void)state;
	ports(&k);
	k.vlan_tpid = htons(ETH_P_8021Q);
	k.vlan_tci = htons(0x6005 | OX_VLAN_CFI);
	assert_int_equal(same(&k, frame), 18 + 20 + 8 + 64);
	k.cvlan_tpid = htons(ETH_P_8021Q);
	k.cvlan_tci = htons(9 | OX_VLAN_CFI);
	k.vlan_tpid = htons(ETH_P_8021AD);
	assert_int_equal(same(&k, frame), 22 + 20 + 8 + 64);
}

static void others(void **state)
{
	uint8_t frame[OX_KEY_FRAME_MAX];
	struct ox_key k = eth_key(ETH_P_ARP);

	(void)state;
	k.ip_proto = 2;
	k.arp.src = htonl(0x0a000001);
	k.arp.dst = htonl(0x0a000002);
	memcpy(k.arp.sha, "\2\0\0\0\0\1", 6);
	memcpy(k.arp.tha, "\2\0\0\0\0\2", 6);
	assert_int_equal(same(&k, frame), 60);
	k = eth_key(ETH_P_MPLS_UC);
	k.mpls.lse[0] = htonl(16 << 12 | 64);
	k.mpls.lse[1] = htonl(17 << 12 | 0x100 | 64);
	k.mpls.num_labels_mask = 3;
	same(&k, frame);
	k = eth_key(0x894f);
	k.nsh.ttl = 63;
	k.nsh.mdtype = 1;
	k.nsh.np = 3;
	k.nsh.path_hdr = htonl(0x12300);
	k.nsh.context[2] = htonl(7);
	same(&k, frame);
	k = eth_key(0x88b5);
	same(&k, frame);
	k = eth_key(ETH_P_802_2);
	same(&k, frame);
}

static void no_ethernet(void **state)
{
	uint8_t frame[OX_KEY_FRAME_MAX];
	struct ox_key k = ipv4_key(IPPROTO_UDP);

	(void)state;
	ports(&k);
	memset(k.eth_src, 0, 6);
	memset(k.eth_dst, 0, 6);
	k.mac_proto = 0;
	assert_int_equal(same(&k, frame), 20 + 8 + 64);
}

#define T(id, fn) OX_TEST("unit.key_frame." id, fn)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T("ipv4", ipv4),
		T("ipv4_others", ipv4_others),
		T("ipv6", ipv6),
		T("ipv6_nd", ipv6_nd),
		T("tags", tags),
		T("others", others),
		T("no_ethernet", no_ethernet),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
