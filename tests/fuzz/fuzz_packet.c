// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_packet.c - the family ovs_packet and the user tier: arbitrary EXECUTE
 * requests, and arbitrary frames with arbitrary metadata, over flows of
 * every kind. The first byte chooses which.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/packet/exec.h"
#include "tests/lib/mem_heap.h"

#define MSG_MAX	  16384
#define FRAME_MAX 9216
#define HEAD_LEN  (NLMSG_HDRLEN + 4 + sizeof(struct ovs_header))

static struct ox_datapath dp;

/* Reads all of what leaves, so that a stray pointer is found. */
static uint32_t sum;

static void take(const void *p, size_t len)
{
	const uint8_t *b = p;

	while (len--)
		sum += *b++;
}

static void out_output(void *arg, struct ox_datapath *d, uint32_t port_no,
		       const struct ox_output_pkt *tx)
{
	(void)arg;
	(void)d;
	(void)port_no;
	take(tx->frame, tx->len);
}

static int out_unicast(void *arg, uint32_t portid, const struct iovec *iov,
		       int n)
{
	(void)arg;
	(void)portid;
	for (int i = 0; i < n; i++)
		take(iov[i].iov_base, iov[i].iov_len);
	return 0;
}

static const struct ox_out out = { out_output, out_unicast, NULL, NULL };

/* A flow for an Ethertype with a list of n upcalls and an output. */
static void flow_add(uint16_t eth_type, int n)
{
	static uint8_t room[2048] __attribute__((aligned(4)));
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
	struct ox_flow_spec spec = { .key.eth_type = eth_type,
				     .mask.eth_type = UINT16_MAX };
	struct ox_actions a = { 0 };
	uint32_t nest, user, flow;

	ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 4, NULL);
	ox_nl_nest(&b, OVS_FLOW_ATTR_ACTIONS, &nest);
	for (int i = 0; i < n; i++) {
		ox_nl_nest(&b, OVS_ACTION_ATTR_USERSPACE, &user);
		ox_nl_put_u32(&b, OVS_USERSPACE_ATTR_PID, 5);
		ox_nl_put_flag(&b, OVS_USERSPACE_ATTR_ACTIONS);
		ox_nl_nest_end(&b, user);
	}
	ox_nl_put_u32(&b, OVS_ACTION_ATTR_OUTPUT, 1);
	ox_nl_nest_end(&b, nest);
	if (ox_actions_compile(room, (struct nlattr *)(room + nest), &spec.key,
			       &spec.mask, &a, NULL))
		abort();
	spec.actions = &a;
	if (ox_table_insert(dp.table, &spec, &flow, NULL))
		abort();
	ox_actions_free(&a);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct ox_uport *up;

	(void)argc;
	(void)argv;
	if (ox_mem_heap_new(&(struct ox_mem_heap_params){ 0 }, &dp.mem) ||
	    ox_table_open(dp.mem, &dp.table, NULL))
		abort();
	up = dp.mem->uports;
	dp.mem->ports[1].flags = OX_PORT_UP | OX_PORT_SKB_RX;
	up[0].type = up[1].type = OVS_VPORT_TYPE_NETDEV;
	up[1].n_pids = 1;
	up[1].pids[0] = 7;
	flow_add(__builtin_bswap16(0x0800), 2);
	flow_add(__builtin_bswap16(0x86dd), 50);
	return 0;
}

static void fuzz_execute(const uint8_t *data, size_t size)
{
	const struct nlattr *a[OX_PACKET_ATTR_MAX + 1];
	_Alignas(4) static uint8_t msg[HEAD_LEN + MSG_MAX];
	struct ox_err e = { 0 };
	struct ox_execute x;

	if (size > MSG_MAX)
		return;
	memcpy(msg + HEAD_LEN, data, size);
	if (ox_attrs_parse(msg, msg + HEAD_LEN, size, ox_packet_policy,
			   OX_PACKET_ATTR_MAX, a, &e))
		return;
	if (ox_execute_decode(msg, a, &x, &e))
		return;
	ox_exec_request(&dp, &out, &x);
	ox_execute_done(&x);
}

static void fuzz_rx(const uint8_t *data, size_t size)
{
	struct ox_upcall_md md;
	struct ox_rx rx = { 0 };
	uint8_t *buf;

	if (size < sizeof(md) || size > FRAME_MAX)
		return;
	memcpy(&md, data, sizeof(md));
	data += sizeof(md);
	size -= sizeof(md);
	/* exactly as large as promised, for the sanitizer's sake */
	buf = malloc(OX_HOST_HEADROOM + size);
	if (!buf)
		return;
	rx.md = md.ct_state & 0x80 ? NULL : &md; /* nobody looks there */
	rx.data = buf + OX_HOST_HEADROOM;
	rx.len = size;
	memcpy(rx.data, data, size);
	ox_exec_rx(&dp, &out, 1, &rx);
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] & 1)
		fuzz_rx(data + 1, size - 1);
	else
		fuzz_execute(data + 1, size - 1);
	return 0;
}
