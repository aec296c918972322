// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_core.c - libFuzzer target for the host build of the core: extract,
 * lookup and execute, on a frame and on ops that the input gives. Build:
 * clang -fsanitize=fuzzer,address,undefined, with bpf/host.c and
 * tests/lib/mem_heap.c.
 *
 * Input: one byte of flags, one byte with the number of ops, 18 bytes an op,
 * the frame.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/hash.h"
#include "bpf/host.h"
#include "tests/lib/mem_heap.h"

#define FRAME_MAX 2048
#define OP_BYTES  18
#define PORT	  1

/* Any op code, with arguments that reach its branches. */
static void op_read(struct ox_op *op, const uint8_t *p)
{
	static const uint32_t protos[] = { 6, 17, 132, 0 };

	memset(op, 0, sizeof(*op));
	op->code = p[0] % (OX_OP_MAX + 1);
	op->arg = p[1];
	if (op->code == OX_OP_SET_TP_SRC || op->code == OX_OP_SET_TP_DST)
		op->arg = protos[p[1] & 3];
	else if (op->code == OX_OP_PUSH_VLAN)
		op->arg = 0x81000000u | p[1];
	memcpy(&op->val, p + 2, 8);
	memcpy(&op->mask, p + 10, 8);
	op->val &= op->mask;
}

static void sink_packet(void *arg, uint32_t n, const struct ox_host_pkt *pkt)
{
	uint32_t *sum = arg, i;

	/* every byte of it must be there */
	for (i = 0; i < pkt->len; i++)
		*sum += pkt->data[i];
	*sum += n;
}

/* One flow under the mask of all words, for exactly this key. */
static void flow_put(struct ox_mem *m, const struct ox_key *key,
		     const struct ox_op *ops, uint32_t n_ops)
{
	struct ox_mask *mask = &m->scan[0];
	struct ox_flow *f = ox_mem_flow(m, 0);
	struct ox_acts *a = ox_mem_acts(m, 0);
	struct ox_bucket *b;
	uint32_t i;

	memset(m->buckets, 0, m->config->n_buckets * sizeof(*b));
	memset(mask, 0, sizeof(*mask));
	mask->n_words = OX_KEY_WORDS;
	for (i = 0; i < OX_KEY_WORDS; i++) {
		mask->word[i] = i;
		mask->bits[i] = ~0ull;
		f->key[i] = key->w[i];
	}
	m->masks[0] = *mask;
	m->config->scan = OX_SCAN(0, 1);
	memcpy(a->ops, ops, n_ops * sizeof(*ops));
	a->n_ops = n_ops;
	a->state = OX_LIVE;
	f->hash = ox_host_mask_hash(mask, key);
	f->mask = 0;
	f->action = OX_ACTION(OX_ACT_OPS, 0);
	f->state = OX_LIVE;
	b = &m->buckets[ox_hash_bucket(f->hash, m->config->n_buckets)];
	b->flow[0] = 0;
	b->sig[0] = ox_hash_sig(f->hash);
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

/* What extract found must be found again, and run like it. */
static void run(const uint8_t *data, uint32_t len, const struct ox_op *ops,
		uint32_t n_ops, uint8_t flags)
{
	static struct ox_cache cache;
	uint32_t sum = 0, hit = 0;
	struct ox_host_sink sink = { sink_packet, sink_packet, &sum };
	struct ox_host_pkt p = frame_copy(data, len);
	struct ox_mem *m = memory();
	struct ox_host_rx_out out;

	m->config->cache_size = flags & 1 ? 64 : 0;
	m->ports[PORT] = (struct ox_port){ .ifindex = 1,
					   .flags = flags & 0x0c,
					   .n_xsk = flags >> 7 };
	if (ox_host_extract(p.data, p.len, PORT, &p.key)) {
		if (len >= 14)
			abort();
	} else {
		flow_put(m, &p.key, ops, n_ops);
		if (ox_host_lookup(m, &p.key, &hit) != 0 || hit != 1)
			abort();
		if (!ox_host_key_hash(&p.key))
			abort();
		ox_host_execute(ops, n_ops, &p, &sink);
	}
	frame_free(&p);
	p = frame_copy(data, len);
	ox_host_rx(m, &cache, &p, &out);
	if (len >= 14 && out.dp.n_hit != 1)
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
	return 0;
}
