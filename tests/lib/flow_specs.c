// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * flow_specs.c - see flow_specs.h.
 */
#include "tests/lib/flow_specs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_tunnel.h>
#include <linux/openvswitch.h>
#include <sys/socket.h>

#include "bpf/core/hash.h"

void ox_spec_key(struct ox_key *key, uint32_t n)
{
	memset(key, 0, sizeof(*key));
	key->in_port = 1;
	key->eth_type = htons(0x0800);
	key->mac_proto = 1;
	key->eth_dst[5] = 2;
	key->eth_src[5] = 1;
	key->ip_proto = 17;
	key->ip_ttl = 64;
	key->ipv4.src = htonl(0x0a000000 + n);
	key->ipv4.dst = htonl(0x0b000000 + n);
	key->tp_src = htons((uint16_t)n);
	key->tp_dst = htons(53);
}

void ox_spec_mask(struct ox_key *mask, uint32_t n)
{
	memset(mask, 0, sizeof(*mask));
	mask->in_port = 0xffffffff;
	mask->eth_type = 0xffff;
	mask->vlan_tci = 0xffff;
	mask->cvlan_tci = 0xffff;
	mask->mac_proto = 0xff;
	mask->ipv4.src = htonl(0xffffffff);
	mask->ipv4.dst = htonl(n);
	if (n & 1)
		mask->ip_proto = 0xff;
	if (n & 2)
		mask->tp_src = 0xffff;
	if (n & 4)
		memset(mask->eth_dst, 0xff, 6);
}

void ox_spec_tunnel(struct ox_flow_spec *s, uint32_t n, uint8_t opts)
{
	s->key.has_tun = 1;
	s->key.tun_proto = AF_INET;
	s->key.tun_flags = TUNNEL_KEY;
	s->key.tun_ttl = 64;
	s->key.tun_opts_len = opts;
	s->tun.tun_id = htobe64(n);
	s->tun.ipv4.src = htonl(0x0c000001);
	s->tun.ipv4.dst = htonl(0x0c000002);
	for (uint8_t i = 0; i < opts; i++)
		s->tun.opts[i] = (uint8_t)(n + i);
	s->mask.tun_proto = 0xff;
	s->mask.tun_opts_len = 0xff;
	s->tun_mask.tun_id = ~0ull;
	s->tun_mask.ipv4.dst = 0xffffffff;
	for (uint8_t i = 0; i < opts && i < 4; i++)
		s->tun_mask.opts[i] = 0xff;
}

static int append(struct ox_actions *a, uint16_t type, const void *data,
		  uint16_t len)
{
	struct nlattr h = { (uint16_t)(NLA_HDRLEN + len), type };
	uint8_t *p = realloc(a->nla, a->nla_len + NLA_HDRLEN + NLA_ALIGN(len));

	if (!p)
		return -ENOMEM;
	memset(p + a->nla_len, 0, NLA_HDRLEN + NLA_ALIGN(len));
	memcpy(p + a->nla_len, &h, sizeof(h));
	memcpy(p + a->nla_len + NLA_HDRLEN, data, len);
	a->nla = p;
	a->nla_len += NLA_HDRLEN + NLA_ALIGN(len);
	return 0;
}

int ox_spec_edits(uint32_t n, uint32_t port, struct ox_actions *out)
{
	struct ox_actions list = { 0 };
	struct {
		struct nlattr h;
		struct ovs_key_udp v;
	} set = { { sizeof(set), OVS_KEY_ATTR_UDP }, { 0, 0 } };
	int err = 0;

	for (uint32_t i = 0; i < n && !err; i++) {
		set.v.udp_src = htons((uint16_t)(i + 1));
		set.v.udp_dst = htons((uint16_t)port);
		err = append(&list, OVS_ACTION_ATTR_SET, &set, sizeof(set));
	}
	if (!err)
		err = append(&list, OVS_ACTION_ATTR_OUTPUT, &port, 4);
	if (!err)
		err = ox_actions_recompile(list.nla, list.nla_len, out);
	free(list.nla);
	return err;
}

int ox_spec_output(uint32_t port, struct ox_actions *out)
{
	return ox_spec_edits(0, port, out);
}

static int why(const char *what, uint32_t i)
{
	fprintf(stderr, "table check: %s (%u)\n", what, i);
	return -1;
}

static int check_bucket(const struct ox_mem *m, uint32_t b, uint8_t *seen,
			uint16_t *overflow)
{
	uint32_t n = m->config->n_buckets;

	for (int i = 0; i < OX_BUCKET_WAYS; i++) {
		uint32_t idx = m->buckets[b].flow[i];
		const struct ox_flow *f = ox_mem_flow(m, idx);
		uint32_t d, home;
		uint64_t hash;

		if (!m->buckets[b].sig[i])
			continue;
		if (!f || f->state != OX_LIVE)
			return why("bucket names a flow that isn't live", idx);
		if (seen[idx]++)
			return why("flow is in two buckets", idx);
		hash = ox_mem_flow_more(m, idx)->hash;
		if (m->buckets[b].sig[i] != ox_hash_sig(hash))
			return why("signature of another flow", idx);
		home = ox_hash_bucket(hash, n);
		d = (b + n - home) % n;
		if (d >= OX_PROBES)
			return why("flow out of reach", idx);
		for (; d; d--)
			overflow[(b + n - d) % n]++;
	}
	return 0;
}

static int check_buckets(const struct ox_mem *m, uint8_t *seen)
{
	uint16_t *overflow = calloc(m->config->n_buckets, sizeof(*overflow));
	int err = overflow ? 0 : -1;

	for (uint32_t b = 0; b < m->config->n_buckets && !err; b++)
		err = check_bucket(m, b, seen, overflow);
	for (uint32_t b = 0; b < m->config->n_buckets && !err; b++)
		if (m->buckets[b].overflow != overflow[b])
			err = why("overflow count", b);
	free(overflow);
	return err;
}

static bool names_slot(uint32_t kind)
{
	return kind == OX_ACT_OPS || kind == OX_ACT_USER || kind == OX_ACT_RUN;
}

/* A chain has as many slots as the longer of its two lists needs. */
static int check_chain(const struct ox_mem *m, uint32_t first, uint8_t *used)
{
	const struct ox_acts *head = ox_mem_acts(m, first);
	uint32_t n = 0, slot = first;

	for (; slot != OX_NONE; slot = ox_mem_acts(m, slot)->next, n++) {
		const struct ox_acts *a = ox_mem_acts(m, slot);

		if (!a || a->state != OX_LIVE)
			return why("action slot isn't live", slot);
		if (used[slot]++)
			return why("action slot of two flows", slot);
		if (!(a->flags & OX_ACTS_CONT) != !n)
			return why("action slot out of place", slot);
		if (n && (a->n_ops || a->nla_len))
			return why("lengths not in the first slot", slot);
	}
	if (n * OX_ACTS_OPS < head->n_ops || n * OX_ACTS_NLA < head->nla_len)
		return why("chain of action slots too short", first);
	if (n > 1 && (n - 1) * OX_ACTS_OPS >= head->n_ops &&
	    (n - 1) * OX_ACTS_NLA >= head->nla_len)
		return why("chain of action slots too long", first);
	return 0;
}

/* The slot of a flow's own, for the tunnel of its key. */
static int check_tun(const struct ox_mem *m, const struct ox_uflow *u,
		     uint8_t *used)
{
	const struct ox_acts *a = ox_mem_acts(m, u->tun);

	if (!a || a->state != OX_LIVE || !(a->flags & OX_ACTS_TUN))
		return why("slot of a tunnel isn't one", u->tun);
	if (used[u->tun]++)
		return why("slot of a tunnel of two flows", u->tun);
	if (u->ufid_len || !u->key.tun_proto)
		return why("slot of a tunnel that nobody needs", u->tun);
	return 0;
}

static int check_lists(const struct ox_mem *m, uint32_t flow, uint8_t *used)
{
	const struct ox_uflow *u = ox_mem_uflow(m, flow);
	uint64_t action = ox_mem_flow(m, flow)->action;
	uint32_t kind = OX_ACTION_KIND(action), slot = u->acts;

	if (names_slot(kind) && OX_ACTION_ARG(action) != slot)
		return why("ops and verbatim list differ", flow);
	if (slot == OX_NONE && kind == OX_ACT_OUTPUT &&
	    (u->inline_len != 8 ||
	     memcmp(ox_mem_flow_more(m, flow)->nla + 4,
		    &(uint32_t){ OX_ACTION_ARG(action) }, 4)))
		return why("output and verbatim list differ", flow);
	if (slot != OX_NONE && check_chain(m, slot, used))
		return -1;
	return u->tun == OX_NONE ? 0 : check_tun(m, u, used);
}

/* Is this part of a list at off of the list a? GROUP's arg is the table's. */
static bool same_ops(const struct ox_op *ops, const struct ox_actions *a,
		     uint32_t off)
{
	for (uint32_t i = 0; i < OX_ACTS_OPS; i++) {
		struct ox_op op = { 0 }, got = ops[i];

		if (off + i < a->n_ops)
			op = a->ops[off + i];
		if (op.code == OX_OP_GROUP)
			got.arg = op.arg;
		if (memcmp(&op, &got, sizeof(op)))
			return false;
	}
	return true;
}

int ox_spec_holds(const struct ox_mem *m, uint32_t flow,
		  const struct ox_actions *a)
{
	uint64_t action = ox_mem_flow(m, flow)->action;
	uint32_t slot = ox_mem_uflow(m, flow)->acts;
	const struct ox_acts *s = ox_mem_acts(m, slot);

	if (OX_ACTION_KIND(action) != a->kind)
		return why("another kind", OX_ACTION_KIND(action));
	if (slot == OX_NONE)
		return 0; /* ox_spec_check() looks at these */
	if (s->n_ops != a->n_ops || s->nla_len != a->nla_len ||
	    (s->flags & (OX_ACTS_SKB | OX_ACTS_CONT)) != a->acts_flags)
		return why("first slot has other lengths or flags", slot);
	for (uint32_t k = 0; s; s = ox_mem_acts(m, s->next), k++) {
		uint32_t off = k * OX_ACTS_NLA;
		uint32_t len = off < a->nla_len ? a->nla_len - off : 0;

		if (!same_ops(s->ops, a, k * OX_ACTS_OPS))
			return why("ops of a slot", k);
		if (len > OX_ACTS_NLA)
			len = OX_ACTS_NLA;
		if (memcmp(s->nla, (const uint8_t *)a->nla + off, len))
			return why("verbatim piece of a slot", k);
	}
	return 0;
}

static int check_flows(const struct ox_mem *m, const uint8_t *seen,
		       uint32_t *mask_flows)
{
	uint32_t n = m->n_flow_chunks << m->config->chunk_shift;
	uint32_t n_acts = m->n_acts_chunks << OX_ACTS_SHIFT;
	uint8_t *used = calloc(n_acts + 1, 1);
	int err = used ? 0 : -1;

	for (uint32_t i = 0; i < n && !err; i++) {
		const struct ox_flow *f = ox_mem_flow(m, i);

		if ((f->state == OX_LIVE) != !!seen[i])
			err = why("state and buckets differ", i);
		else if (seen[i] && m->masks[f->mask].state != OX_LIVE)
			err = why("flow of a mask that isn't live", i);
		else if (seen[i]) {
			mask_flows[f->mask]++;
			err = check_lists(m, i, used);
		}
	}
	for (uint32_t i = 0; i < n_acts && !err; i++)
		if (ox_mem_acts(m, i)->state == OX_LIVE && !used[i])
			err = why("action slot of no flow", i);
	free(used);
	return err;
}

/* Every mask with flows once in the active half; others may linger. */
static int check_scan(const struct ox_mem *m, const uint32_t *mask_flows)
{
	uint32_t max = m->config->max_masks, n = OX_SCAN_N(m->config->scan);
	const struct ox_mask *scan =
		m->scan + (size_t)OX_SCAN_HALF(m->config->scan) * max;
	uint32_t *times = calloc(max, sizeof(*times));
	int err = times && n <= max ? 0 : -1;

	for (uint32_t i = 0; i < n && !err; i++) {
		const struct ox_mask *mask = &m->masks[scan[i].slot];

		times[scan[i].slot]++;
		if (scan[i].n_words != mask->n_words ||
		    scan[i].seed != mask->seed ||
		    memcmp(scan[i].bits, mask->bits, sizeof(mask->bits)))
			err = why("scan and mask differ", i);
	}
	for (uint32_t i = 0; i < max && !err; i++) {
		if (m->masks[i].n_flows != mask_flows[i])
			err = why("flows of a mask", i);
		else if (times[i] > 1 || (mask_flows[i] && !times[i]))
			err = why("mask not once in scan", i);
	}
	free(times);
	return err;
}

static const uint8_t prune_byte[OX_DIMS] = {
#define PRUNE_BYTE(d, at) at,
	OX_PRUNE_BYTES(PRUNE_BYTE)
#undef PRUNE_BYTE
};

/* May a packet with v in byte d match the mask in this place? */
static bool may(const struct ox_mem *m, uint32_t place, int d, uint32_t v)
{
	uint32_t max = m->config->max_masks;
	const struct ox_prune *b = m->prune;

	if (OX_SCAN_HALF(m->config->scan))
		b += OX_PRUNE_HALF(max);
	if (!(b[place / 64].may[d][v] >> place % 64 & 1))
		return false;
	b += OX_PRUNE_BLOCKS(max) + place / 4096;
	return max <= 64 || b->may[d][v] >> place / 64 % 64 & 1;
}

/* All values of all bytes that flow f, in this place, may meet. */
static int check_flow_bits(const struct ox_mem *m, uint32_t flow,
			   uint32_t place)
{
	const struct ox_mask *mask = &m->masks[ox_mem_flow(m, flow)->mask];
	uint8_t key[8 * OX_KEY_WORDS] = { 0 }, bits[sizeof(key)] = { 0 };

	for (uint32_t i = 0; i < mask->n_words; i++) {
		if (mask->word[i] >= OX_KEY_WORDS)
			break;
		memcpy(&key[mask->word[i] * 8], ox_mem_flow_word(m, flow, i),
		       8);
		memcpy(&bits[mask->word[i] * 8], &mask->bits[i], 8);
	}
	for (int d = 0; d < OX_DIMS; d++)
		for (uint32_t v = 0; v < 256; v++)
			if ((v & bits[prune_byte[d]]) == key[prune_byte[d]] &&
			    !may(m, place, d, v))
				return why("flow is pruned", place);
	return 0;
}

static int check_prune(const struct ox_mem *m)
{
	uint32_t max = m->config->max_masks, n = OX_SCAN_N(m->config->scan);
	uint32_t n_flows = m->n_flow_chunks << m->config->chunk_shift;
	uint32_t *place = calloc(max, sizeof(*place));
	int err = place ? 0 : -1;

	for (uint32_t i = 0; i < n && !err; i++)
		place[m->scan[(size_t)OX_SCAN_HALF(m->config->scan) * max + i]
			      .slot] = i;
	for (uint32_t i = 0; i < n_flows && !err; i++) {
		const struct ox_flow *f = ox_mem_flow(m, i);

		if (f->state == OX_LIVE)
			err = check_flow_bits(m, i, place[f->mask]);
	}
	/* what isn't there must not be probed */
	for (uint32_t i = n; i < max && !err; i++)
		for (int d = 0; d < OX_DIMS; d++)
			for (uint32_t v = 0; v < 256; v++)
				if (may(m, i, d, v))
					err = why("a place without mask", i);
	free(place);
	return err;
}

int ox_spec_check(const struct ox_mem *m)
{
	uint32_t n = m->n_flow_chunks << m->config->chunk_shift;
	uint32_t *mask_flows = calloc(m->config->max_masks, sizeof(uint32_t));
	uint8_t *seen = calloc(n + 1, 1);
	int err = seen && mask_flows ? 0 : -1;

	if (!err)
		err = check_buckets(m, seen);
	if (!err)
		err = check_flows(m, seen, mask_flows);
	if (!err)
		err = check_scan(m, mask_flows);
	if (!err)
		err = check_prune(m);
	free(seen);
	free(mask_flows);
	return err;
}
