// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_codec_packet.c - EXECUTE requests decoded, upcalls encoded, byte by
 * byte. No privileges.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>

#include "bpf/host.h"
#include "control/codec/codec_packet.h"
#include "control/packet/exec_request.h"
#include "ovsxdp/nl.h"

static const uint8_t udp_frame[] = {
	0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0x00,
	/* IPv4 10.0.0.1 > 10.0.0.2, UDP, 29 bytes */
	0x45, 0, 0, 29, 0, 0, 0x40, 0, 64, 17, 0x26, 0xce, 10, 0, 0, 1, 10, 0,
	0, 2,
	/* UDP 1000 > 2000, no checksum, one byte */
	0x03, 0xe8, 0x07, 0xd0, 0, 9, 0, 0, 'x'
};

static uint8_t room[4096] __attribute__((aligned(4)));

/* A whole message from its pieces. */
static struct nlmsghdr *join(const struct iovec *iov, int n)
{
	static uint8_t msg[8192] __attribute__((aligned(4)));
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		assert_true(len + iov[i].iov_len <= sizeof(msg));
		memcpy(msg + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	assert_int_equal(((struct nlmsghdr *)msg)->nlmsg_len, len);
	return (struct nlmsghdr *)msg;
}

#define HEAD (NLMSG_HDRLEN + 4 + sizeof(struct ovs_header))

/* The attribute types in their order, as "3 2 11 1". */
static const char *order(const struct nlmsghdr *nlh)
{
	static char s[64];
	const struct nlattr *a;

	s[0] = 0;
	mnl_attr_for_each (a, nlh, 4 + sizeof(struct ovs_header))
		sprintf(s + strlen(s), "%s%d", s[0] ? " " : "",
			mnl_attr_get_type(a));
	return s;
}

static const struct nlattr *find(const struct nlmsghdr *nlh, int type)
{
	const struct nlattr *a;

	mnl_attr_for_each (a, nlh, 4 + sizeof(struct ovs_header)) {
		if (mnl_attr_get_type(a) == type)
			return a;
	}
	fail_msg("no attribute %d", type);
	return NULL;
}

static struct ox_upcall_msg miss(struct ox_key *key)
{
	assert_int_equal(ox_host_extract(udp_frame, sizeof(udp_frame), 3, key),
			 0);
	return (struct ox_upcall_msg){
		.cmd = OVS_PACKET_CMD_MISS,
		.dp_ifindex = 77,
		.key = key,
		.hash = 0x12345678 | OVS_PACKET_HASH_SW_BIT,
		.frame = udp_frame,
		.len = sizeof(udp_frame),
		.cutlen = UINT32_MAX,
	};
}

static struct nlmsghdr *encode(const struct ox_upcall_msg *m)
{
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
	struct iovec iov[OX_UPCALL_IOV];
	int n = ox_upcall_encode(m, &b, iov);

	assert_true(n > 0);
	/* the frame is not copied */
	assert_ptr_equal(iov[1].iov_base, m->frame);
	return join(iov, n);
}

static void upcall_miss(void **state)
{
	struct ox_key key;
	struct ox_upcall_msg m = miss(&key);
	const struct nlmsghdr *nlh = encode(&m);
	const uint8_t *p = (const uint8_t *)nlh;
	const struct nlattr *a;
	uint64_t hash;

	(void)state;
	assert_int_equal(nlh->nlmsg_type, OX_GENL_PACKET);
	assert_int_equal(nlh->nlmsg_flags, 0);
	assert_int_equal(nlh->nlmsg_seq, 0);
	assert_int_equal(nlh->nlmsg_pid, 0);
	assert_int_equal(p[16], OVS_PACKET_CMD_MISS);
	assert_int_equal(p[17], OVS_PACKET_VERSION);
	assert_int_equal(*(const uint32_t *)(p + 20), 77);
	assert_string_equal(order(nlh), "2 11 1");
	a = find(nlh, OVS_PACKET_ATTR_HASH);
	memcpy(&hash, mnl_attr_get_payload(a), sizeof(hash));
	assert_true(hash == m.hash);
	a = find(nlh, OVS_PACKET_ATTR_PACKET);
	assert_int_equal(mnl_attr_get_payload_len(a), sizeof(udp_frame));
	assert_memory_equal(mnl_attr_get_payload(a), udp_frame,
			    sizeof(udp_frame));
	/* 43 bytes are padded to 44 */
	assert_int_equal(nlh->nlmsg_len % NLMSG_ALIGNTO, 0);
}

static void upcall_key(void **state)
{
	struct ox_key key;
	struct ox_upcall_msg m = miss(&key);
	const struct nlattr *k = find(encode(&m), OVS_PACKET_ATTR_KEY), *a;
	bool in_port = false, udp = false;

	(void)state;
	mnl_attr_for_each_nested (a, k) {
		const uint8_t *v = mnl_attr_get_payload(a);

		if (mnl_attr_get_type(a) == OVS_KEY_ATTR_IN_PORT)
			in_port = mnl_attr_get_u32(a) == 3;
		if (mnl_attr_get_type(a) == OVS_KEY_ATTR_UDP)
			udp = v[0] == 0x03 && v[1] == 0xe8 && v[2] == 0x07 &&
			      v[3] == 0xd0;
	}
	assert_true(in_port);
	assert_true(udp);
}

static void upcall_unaligned(void **state)
{
	struct ox_key key;
	struct ox_upcall_msg m = miss(&key);
	uint32_t padded = encode(&m)->nlmsg_len;

	(void)state;
	m.unaligned = true;
	assert_int_equal(encode(&m)->nlmsg_len, padded - 1);
}

static void upcall_action(void **state)
{
	static const uint8_t acts[] = { 8, 0, 1, 0, 2, 0, 0, 0 };
	uint8_t ud[] = { 9, 0, 2, 0, 'h', 'e', 'l', 'l', 'o', 0, 0, 0 };
	struct ox_key key;
	struct ox_upcall_msg m = miss(&key);
	const struct nlmsghdr *nlh;
	const struct nlattr *a;

	(void)state;
	m.cmd = OVS_PACKET_CMD_ACTION;
	m.userdata = (const struct nlattr *)ud;
	m.actions = acts;
	m.actions_len = sizeof(acts);
	m.mru = 1400;
	m.cutlen = 20;
	nlh = encode(&m);
	/* KEY USERDATA ACTIONS MRU LEN HASH PACKET */
	assert_string_equal(order(nlh), "2 4 3 9 10 11 1");
	a = find(nlh, OVS_PACKET_ATTR_USERDATA);
	assert_int_equal(mnl_attr_get_payload_len(a), 5);
	assert_memory_equal(mnl_attr_get_payload(a), "hello", 5);
	a = find(nlh, OVS_PACKET_ATTR_ACTIONS);
	assert_int_equal(mnl_attr_get_payload_len(a), sizeof(acts));
	assert_memory_equal(mnl_attr_get_payload(a), acts, sizeof(acts));
	a = find(nlh, OVS_PACKET_ATTR_MRU);
	assert_int_equal(mnl_attr_get_u16(a), 1400);
	a = find(nlh, OVS_PACKET_ATTR_LEN);
	assert_int_equal(mnl_attr_get_u32(a), sizeof(udp_frame));
	a = find(nlh, OVS_PACKET_ATTR_PACKET);
	assert_int_equal(mnl_attr_get_payload_len(a), 20);
}

static void upcall_too_big(void **state)
{
	static uint8_t frame[65536];
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
	struct iovec iov[OX_UPCALL_IOV];
	struct ox_key key;
	struct ox_upcall_msg m = miss(&key);

	(void)state;
	m.frame = frame;
	m.len = 65532;
	assert_int_equal(ox_upcall_encode(&m, &b, iov), -EFBIG);
	m.len = 65531;
	assert_true(ox_upcall_encode(&m, &b, iov) > 0);
	b.len = 0;
	b.size = 40; /* no room for the key */
	assert_int_equal(ox_upcall_encode(&m, &b, iov), -EMSGSIZE);
	assert_int_equal(b.len, 0);
}

/* ---- EXECUTE ---- */

struct request {
	struct ox_nlbuf b;
	const struct nlattr *a[OX_PACKET_ATTR_MAX + 1];
};

static void request_begin(struct request *r)
{
	memset(r, 0, sizeof(*r));
	r->b.data = room;
	r->b.size = sizeof(room);
	assert_int_equal(ox_nl_begin(&r->b, OX_GENL_PACKET, 0, 1, 1,
				     OVS_PACKET_CMD_EXECUTE, 1,
				     sizeof(struct ovs_header), NULL),
			 0);
}

static int request_decode(struct request *r, struct ox_execute *x,
			  struct ox_err *e)
{
	int err = ox_attrs_parse(room, room + HEAD, r->b.len - HEAD,
				 ox_packet_policy, OX_PACKET_ATTR_MAX, r->a, e);

	return err ? err : ox_execute_decode(room, r->a, x, e);
}

static void put_key(struct request *r, uint32_t in_port)
{
	uint32_t mark;

	ox_nl_nest(&r->b, OVS_PACKET_ATTR_KEY, &mark);
	ox_nl_put_u32(&r->b, OVS_KEY_ATTR_IN_PORT, in_port);
	ox_nl_put_u32(&r->b, OVS_KEY_ATTR_RECIRC_ID, 5);
	ox_nl_put_u32(&r->b, OVS_KEY_ATTR_SKB_MARK, 6);
	ox_nl_nest_end(&r->b, mark);
}

static void put_output(struct request *r, uint32_t port)
{
	uint32_t mark;

	ox_nl_nest(&r->b, OVS_PACKET_ATTR_ACTIONS, &mark);
	ox_nl_put_u32(&r->b, OVS_ACTION_ATTR_OUTPUT, port);
	ox_nl_nest_end(&r->b, mark);
}

static void execute_whole(void **state)
{
	struct ox_err e = { 0 };
	struct ox_execute x;
	struct request r;

	(void)state;
	request_begin(&r);
	ox_nl_put(&r.b, OVS_PACKET_ATTR_PACKET, udp_frame, sizeof(udp_frame));
	put_key(&r, 2);
	put_output(&r, 4);
	ox_nl_put_u16(&r.b, OVS_PACKET_ATTR_MRU, 1300);
	ox_nl_put_u64(&r.b, OVS_PACKET_ATTR_HASH, 0xff000001deadbeefULL);
	ox_nl_put_u32(&r.b, OVS_PACKET_ATTR_UPCALL_PID, 4711);
	ox_nl_put_flag(&r.b, OVS_PACKET_ATTR_PROBE);
	assert_int_equal(request_decode(&r, &x, &e), 0);
	assert_int_equal(x.len, sizeof(udp_frame));
	assert_memory_equal(x.frame, udp_frame, x.len);
	assert_true(x.probe);
	assert_int_equal(x.mru, 1300);
	assert_true(x.hash == 0x1deadbeefULL);
	assert_int_equal(x.upcall_pid, 4711);
	/* the metadata from the request, the rest from the frame */
	assert_int_equal(x.key.in_port, 2);
	assert_int_equal(x.key.recirc_id, 5);
	assert_int_equal(x.key.skb_mark, 6);
	assert_int_equal(x.key.eth_type, htons(0x0800));
	assert_int_equal(x.key.tp_dst, htons(2000));
	assert_int_equal(x.actions.n_ops, 1);
	assert_int_equal(x.actions.ops[0].code, OX_OP_OUTPUT);
	assert_int_equal(x.actions.ops[0].arg, 4);
	ox_execute_done(&x);
}

static void execute_required(void **state)
{
	struct ox_err e = { 0 };
	struct ox_execute x;
	struct request r;

	(void)state;
	for (int leave_out = 0; leave_out < 3; leave_out++) {
		request_begin(&r);
		if (leave_out != 0)
			ox_nl_put(&r.b, OVS_PACKET_ATTR_PACKET, udp_frame,
				  sizeof(udp_frame));
		if (leave_out != 1)
			put_key(&r, 2);
		if (leave_out != 2)
			put_output(&r, 4);
		assert_int_equal(request_decode(&r, &x, &e), -EINVAL);
	}
}

static void execute_short_packet(void **state)
{
	struct ox_err e = { 0 };
	struct ox_execute x;
	struct request r;

	(void)state;
	request_begin(&r);
	ox_nl_put(&r.b, OVS_PACKET_ATTR_PACKET, udp_frame, 13);
	put_key(&r, 2);
	put_output(&r, 4);
	assert_int_equal(request_decode(&r, &x, &e), -ERANGE);
}

static void execute_no_in_port(void **state)
{
	struct ox_err e = { 0 };
	struct ox_execute x;
	struct request r;
	uint32_t mark;

	(void)state;
	request_begin(&r);
	ox_nl_put(&r.b, OVS_PACKET_ATTR_PACKET, udp_frame, sizeof(udp_frame));
	ox_nl_nest(&r.b, OVS_PACKET_ATTR_KEY, &mark);
	ox_nl_nest_end(&r.b, mark);
	put_output(&r, 4);
	assert_int_equal(request_decode(&r, &x, &e), 0);
	assert_int_equal(x.key.in_port, OX_NONE);
	assert_int_equal(x.mru, 0);
	assert_false(x.probe);
	assert_true(x.hash == 0);
	ox_execute_done(&x);
}

/* A port beyond the module's 65,535 is refused. */
static void execute_refused(void **state)
{
	struct ox_err e = { 0 };
	struct ox_execute x;
	struct request r;

	(void)state;
	request_begin(&r);
	ox_nl_put(&r.b, OVS_PACKET_ATTR_PACKET, udp_frame, sizeof(udp_frame));
	put_key(&r, 2);
	put_output(&r, 65536);
	assert_int_equal(request_decode(&r, &x, &e), -EINVAL);
}

static int execute_l3(uint16_t eth_type, uint32_t len, struct ox_execute *x,
		      struct ox_err *e)
{
	struct request r;
	uint32_t mark;

	request_begin(&r);
	ox_nl_put(&r.b, OVS_PACKET_ATTR_PACKET, udp_frame + 14, len);
	ox_nl_nest(&r.b, OVS_PACKET_ATTR_KEY, &mark);
	ox_nl_put_u32(&r.b, OVS_KEY_ATTR_PRIORITY, 7);
	ox_nl_put_u32(&r.b, OVS_KEY_ATTR_DP_HASH, 8);
	ox_nl_put_u16(&r.b, OVS_KEY_ATTR_ETHERTYPE, htons(eth_type));
	ox_nl_nest_end(&r.b, mark);
	put_output(&r, 4);
	return request_decode(&r, x, e);
}

/* An EtherType without addresses: the packet has no Ethernet header. */
static void execute_layer3(void **state)
{
	uint32_t len = sizeof(udp_frame) - 14;
	struct ox_err e = { 0 };
	struct ox_execute x;

	(void)state;
	assert_int_equal(execute_l3(0x0800, len, &x, &e), 0);
	assert_int_equal(x.len, len);
	assert_int_equal(x.key.mac_proto, 0);
	assert_int_equal(x.key.eth_type, htons(0x0800));
	assert_int_equal(x.key.ip_proto, 17);
	assert_int_equal(x.key.tp_dst, htons(2000));
	assert_int_equal(x.key.skb_priority, 7);
	assert_int_equal(x.key.dp_hash, 8);
	ox_execute_done(&x);
	/* a tag stands behind addresses only */
	assert_int_equal(execute_l3(0x8100, len, &x, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "0x8100"));
	assert_true(e.offset > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.codec_packet.upcall_miss", upcall_miss),
		OX_TEST("unit.codec_packet.upcall_key", upcall_key),
		OX_TEST("unit.codec_packet.upcall_unaligned", upcall_unaligned),
		OX_TEST("unit.codec_packet.upcall_action", upcall_action),
		OX_TEST("unit.codec_packet.upcall_too_big", upcall_too_big),
		OX_TEST("unit.codec_packet.execute", execute_whole),
		OX_TEST("unit.codec_packet.execute_required", execute_required),
		OX_TEST("unit.codec_packet.execute_short_packet",
			execute_short_packet),
		OX_TEST("unit.codec_packet.execute_no_in_port",
			execute_no_in_port),
		OX_TEST("unit.codec_packet.execute_refused", execute_refused),
		OX_TEST("unit.codec_packet.execute_layer3", execute_layer3),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
