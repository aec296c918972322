// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_core.c - libFuzzer target for the host build of the core: extract,
 * lookup and the interpreter, on a frame and on ops that the input gives.
 * A list may recirculate into itself. Build:
 * clang -fsanitize=fuzzer,address,undefined, with bpf/host.c and
 * tests/lib/mem_heap.c.
 *
 * Input: one byte of flags, one byte with the number of ops, 18 bytes an op,
 * the frame.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/core/hash.h"
#include "bpf/host.h"
#include "tests/lib/mem_heap.h"

#define FRAME_MAX 2048
#define OP_BYTES  18
#define PORT	  1

/* Any op code, with arguments that reach its branches. */
static void op_read(struct ox_op *op, const uint8_t *p)
{
	static const uint32_t protos[] = { 6, 17, 132, 0 };
	static const uint32_t types[] = { 0x8847,
					  0x8848,
					  0x8847 | OX_MPLS_L3,
					  0x8848 | OX_MPLS_L3,
					  0x0800,
					  0x86dd,
					  0x6558,
					  0x894f };

	memset(op, 0, sizeof(*op));
	op->code = p[0] % (OX_OP_MAX + 1);
	op->arg = p[1];
	if (op->code == OX_OP_SET_TP_SRC || op->code == OX_OP_SET_TP_DST)
		op->arg = protos[p[1] & 3];
	else if (op->code == OX_OP_PUSH_VLAN)
		op->arg = 0x81000000u | p[1];
	else if (op->code >= OX_OP_PUSH_MPLS && op->code <= OX_OP_POP_MPLS)
		op->arg = types[p[1] & 7];
	memcpy(&op->val, p + 2, 8);
	memcpy(&op->mask, p + 10, 8);
	op->val &= op->mask;
}

/* Every byte of it must be there. */
static void sink_packet(uint32_t *sum, const struct ox_host_pkt *pkt,
			uint32_t cutlen)
{
	uint32_t i;

	if (cutlen > pkt->len)
		abort();
	for (i = 0; i < pkt->len - cutlen; i++)
		*sum += pkt->data[i];
}

static void sink_output(void *arg, uint32_t port_no,
			const struct ox_host_pkt *pkt, uint32_t cutlen)
{
	(void)port_no;
	sink_packet(arg, pkt, cutlen);
}

static void sink_userspace(void *arg, uint32_t flow, uint32_t off,
			   const struct ox_host_pkt *pkt, uint32_t cutlen)
{
	(void)flow;
	(void)off;
	sink_packet(arg, pkt, cutlen);
}

static void sink_miss(void *arg, const struct ox_host_pkt *pkt)
{
	sink_packet(arg, pkt, 0);
}

/* Any length, the type with contexts and the one without. */
static uint32_t sink_nsh(void *arg, uint32_t flow, uint32_t off, uint8_t *hdr)
{
	(void)arg;
	(void)flow;
	memset(hdr, 0, 256);
	hdr[1] = off >> 2 & 0x3f;
	hdr[2] = 1 + (off & 1);
	return hdr[1] * 4;
}

/* One flow under the mask of all words, for exactly this key. */
static void flow_put(struct ox_mem *m, const struct ox_key *key,
		     const struct ox_op *ops, uint32_t n_ops, uint32_t kind)
{
	struct ox_mask *mask = &m->scan[0];
	struct ox_flow *f = ox_mem_flow(m, 0);
	struct ox_acts *a = ox_mem_acts(m, 0);
	struct ox_bucket *b;
	uint64_t hash;
	uint32_t i;

	memset(m->buckets, 0, m->config->n_buckets * sizeof(*b));
	memset(mask, 0, sizeof(*mask));
	mask->n_words = OX_KEY_WORDS;
	for (i = 0; i < OX_KEY_WORDS; i++) {
		mask->word[i] = i;
		mask->bits[i] = ~0ull;
		*ox_mem_flow_word(m, 0, i) = key->w[i];
	}
	m->masks[0] = *mask;
	m->config->scan = OX_SCAN(0, 1);
	memcpy(a->ops, ops, n_ops * sizeof(*ops));
	a->n_ops = n_ops;
	a->next = OX_NONE;
	a->state = OX_LIVE;
	f->mask = 0;
	f->action = OX_ACTION(kind, 0);
	f->state = OX_LIVE;
	hash = ox_host_mask_hash(mask, key, NULL);
	ox_mem_flow_more(m, 0)->hash = hash;
	b = &m->buckets[ox_hash_bucket(hash, m->config->n_buckets)];
	b->flow[0] = 0;
	b->sig[0] = ox_hash_sig(hash);
}

static struct ox_mem *memory(void)
{
	static struct ox_mem *m;

	if (m)
		return m;
	if (ox_mem_heap_new(NULL, &m) || m->ops->grow_flows(m) ||
	    m->ops->grow_acts(m))
		abort();
	m->ports[2] = (struct ox_port){ .ifindex = 2,
					.flags = OX_PORT_UP,
					.mtu = 1500 };
	return m;
}

/* In a buffer of exactly the frame's size, so that ASan sees each byte. */
static struct ox_host_pkt frame_copy(const uint8_t *data, uint32_t len)
{
	struct ox_host_pkt p = { .len = len,
				 .headroom = OX_HOST_HEADROOM,
				 .in_port = PORT };
	uint8_t *buf = malloc(OX_HOST_HEADROOM + len);

	if (!buf)
		abort();
	p.data = buf + OX_HOST_HEADROOM;
	if (len)
		memcpy(p.data, data, len);
	return p;
}

static void frame_free(struct ox_host_pkt *p)
{
	free(p->data - p->headroom);
}

/* Runs the list twice: as an EXECUTE's, and as that of the flow. */
static void run_lists(struct ox_mem *m, struct ox_host_pkt *p,
		      const struct ox_op *ops, uint32_t n_ops)
{
	uint32_t sum = 0;
	const struct ox_host_sink sink = { .output = sink_output,
					   .userspace = sink_userspace,
					   .miss = sink_miss,
					   .nsh = sink_nsh,
					   .arg = &sum };
	struct ox_host_list l = {
		.flow = OX_NONE, .ops = ops, .n_ops = n_ops, .end = OX_NONE
	};

	ox_host_run(m, &l, p, &sink);
	l.ops = NULL;
	l.n_ops = 0;
	l.flow = 0;
	if (!ox_host_extract(p->data, p->len, PORT, &p->key))
		ox_host_run(m, &l, p, &sink);
}

/* Bytes that are a packet from the network header on. */
static void run_l3(const uint8_t *data, uint32_t len, const struct ox_op *ops,
		   uint32_t n_ops)
{
	static const uint16_t types[] = { 0x0800, 0x86dd, 0x8847, 0x894f };
	struct ox_host_pkt p = frame_copy(data, len);
	uint16_t type = types[len & 3];
	struct ox_mem *m = memory();

	type = (uint16_t)(type << 8 | type >> 8);
	if (!ox_host_extract_l3(p.data, p.len, type, PORT, &p.key)) {
		if (p.key.mac_proto || p.key.eth_type != type)
			abort();
		run_lists(m, &p, ops, n_ops);
	}
	frame_free(&p);
}

/* What extract found must be found again, and run like it. */
static void run(const uint8_t *data, uint32_t len, const struct ox_op *ops,
		uint32_t n_ops, uint8_t flags)
{
	static struct ox_cache cache;
	struct ox_host_pkt p = frame_copy(data, len);
	struct ox_mem *m = memory();
	struct ox_host_rx_out out;
	uint32_t hit = 0;
	int err;

	m->config->cache_size = flags & 1 ? 64 : 0;
	m->ports[PORT] = (struct ox_port){ .ifindex = 1,
					   .flags = flags & 0x0c,
					   .n_xsk = flags >> 7 };
	err = ox_host_extract(p.data, p.len, PORT, &p.key);
	if (!err) {
		flow_put(m, &p.key, ops, n_ops,
			 flags & 2 ? OX_ACT_OPS : OX_ACT_RUN);
		if (ox_host_lookup(m, &p.key, NULL, &hit) != 0 || hit != 1)
			abort();
		if (!ox_host_key_hash(&p.key))
			abort();
		run_lists(m, &p, ops, n_ops);
	}
	frame_free(&p);
	p = frame_copy(data, len);
	ox_host_rx(m, &cache, &p, &out);
	if (out.dp.n_hit != !err)
		abort();
	frame_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ox_op ops[OX_ACTS_OPS];
	uint32_t n_ops, i;
	uint8_t flags;

	if (size < 2)
		return 0;
	flags = data[0];
	n_ops = data[1] % (OX_ACTS_OPS + 1);
	data += 2;
	size -= 2;
	if (size < n_ops * OP_BYTES)
		return 0;
	for (i = 0; i < n_ops; i++)
		op_read(&ops[i], data + i * OP_BYTES);
	data += n_ops * OP_BYTES;
	size -= n_ops * OP_BYTES;
	if (size > FRAME_MAX)
		size = FRAME_MAX;
	run(data, size, ops, n_ops, flags);
	if (flags & 0x10)
		run_l3(data, size, ops, n_ops);
	return 0;
}
