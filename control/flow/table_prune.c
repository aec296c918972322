// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_prune.c - which masks a packet may match: the map "prune". Tuple
 * pruning by the bytes of the key. A mask whose flows all have 10 in a byte
 * isn't worth a probe for a packet with 11 there. One AND per byte says so of
 * 64 masks at once.
 *
 * The host keeps a column a mask; a place in "scan" is a column in "prune".
 * Bits are only ever added to a half in use: before the flow that needs them
 * is linked. A flow that goes leaves its bits behind, which cost probes and
 * nothing else. After many have gone, the columns are made anew over some
 * ticks, and take effect with the next rebuild of the half.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/flow/table_int.h"

#define DIM_WORDS  4	 /* of 64 values of a byte */
#define RENEW_MIN  1024	 /* flows gone that are worth it */
#define RENEW_STEP 32768 /* flow slots a tick */

struct ox_column {
	uint64_t may[OX_DIMS][DIM_WORDS];
};

static const uint8_t dim_byte[OX_DIMS] = {
#define DIM_BYTE(d, at) at,
	OX_PRUNE_BYTES(DIM_BYTE)
#undef DIM_BYTE
};

/* Columns under way to replace the present ones. */
struct renewal {
	struct ox_column *cols; /* NULL: none is under way */
	uint32_t next;		/* flow slot */
};

struct ox_pruning {
	struct ox_column *cols; /* [max_masks], by mask slot */
	uint32_t *place;	/* [max_masks], of a mask slot in "scan" */
	uint32_t dirty[2];	/* blocks of a half that may have bits */
	uint32_t n_gone;	/* flows, since the columns were made */
	struct renewal renewal;
};

int ox_prune_open(struct ox_table *t)
{
	uint32_t max = t->m->config->max_masks;
	struct ox_pruning *p = calloc(1, sizeof(*p));

	t->pruning = p;
	if (!p)
		return -ENOMEM;
	p->cols = calloc(max, sizeof(*p->cols));
	p->place = malloc(max * sizeof(*p->place));
	if (!p->cols || !p->place)
		return -ENOMEM;
	memset(p->place, 0xff, max * sizeof(*p->place));
	p->dirty[0] = p->dirty[1] = OX_PRUNE_BLOCKS(max);
	return 0;
}

void ox_prune_close(struct ox_table *t)
{
	struct ox_pruning *p = t->pruning;

	if (!p)
		return;
	free(p->cols);
	free(p->place);
	free(p->renewal.cols);
	free(p);
}

static struct ox_prune *half_of(const struct ox_table *t, uint32_t half)
{
	return t->m->prune +
	       (size_t)half * OX_PRUNE_HALF(t->m->config->max_masks);
}

static void bit_publish(__u64 *w, uint32_t i)
{
	uint64_t bit = 1ull << (i & 63);

	if (!(*w & bit))
		ox_publish(w, *w | bit);
}

/* A bit of the half in use; the top's last, which leads to it. */
static void place_publish(struct ox_table *t, uint32_t place, uint32_t d,
			  uint32_t v)
{
	struct ox_prune *b = half_of(t, OX_SCAN_HALF(t->m->config->scan));
	uint32_t max = t->m->config->max_masks;

	bit_publish(&b[place / 64].may[d][v], place);
	if (OX_PRUNE_TOPS(max))
		bit_publish(&b[OX_PRUNE_BLOCKS(max) + place / 4096].may[d][v],
			    place / 64);
}

/* Where a mask's words are; OX_KEY_WORDS: it has no such word. */
static void words_of(const struct ox_mask *m, uint8_t at[OX_KEY_WORDS])
{
	memset(at, OX_KEY_WORDS, OX_KEY_WORDS);
	for (uint8_t i = 0; i < m->n_words; i++)
		if (m->word[i] < OX_KEY_WORDS)
			at[m->word[i]] = i;
}

static uint8_t mask_byte(const struct ox_mask *m, const uint8_t *at, int d)
{
	uint8_t i = at[dim_byte[d] / 8];

	return i < OX_KEY_WORDS ? (uint8_t)(m->bits[i] >> dim_byte[d] % 8 * 8)
				: 0;
}

/* A mask without flows: what it doesn't look at, may be anything. */
static void column_begin(struct ox_column *c, const struct ox_mask *m)
{
	uint8_t at[OX_KEY_WORDS];

	words_of(m, at);
	for (int d = 0; d < OX_DIMS; d++)
		memset(c->may[d], mask_byte(m, at, d) ? 0 : 0xff,
		       sizeof(c->may[d]));
}

/* All values of byte d that match v under bits; place: in use, or OX_NONE. */
static void column_add_values(struct ox_table *t, struct ox_column *c,
			      uint32_t place, uint32_t d, uint8_t bits,
			      uint8_t v)
{
	uint8_t rest = (uint8_t)~bits, sub = 0;

	do {
		uint32_t value = v | sub;

		c->may[d][value / 64] |= 1ull << value % 64;
		if (place != OX_NONE)
			place_publish(t, place, d, value);
		sub = (uint8_t)(sub - rest) & rest;
	} while (sub);
}

/* One mask has the same bits for all its flows, so where the least value is
 * set, all others that it means are, too. */
static void column_add(struct ox_table *t, struct ox_column *c, uint32_t place,
		       const struct ox_mask *m, uint32_t flow)
{
	uint8_t at[OX_KEY_WORDS];

	words_of(m, at);
	for (int d = 0; d < OX_DIMS; d++) {
		uint8_t bits = mask_byte(m, at, d), v;

		if (!bits)
			continue;
		v = (uint8_t)(*ox_mem_flow_word(t->m, flow,
						at[dim_byte[d] / 8]) >>
			      dim_byte[d] % 8 * 8);
		if (!(c->may[d][v / 64] >> v % 64 & 1))
			column_add_values(t, c, place, (uint32_t)d, bits, v);
	}
}

void ox_prune_mask(struct ox_table *t, uint32_t slot)
{
	struct ox_pruning *p = t->pruning;

	column_begin(&p->cols[slot], &t->m->masks[slot]);
	if (p->renewal.cols)
		column_begin(&p->renewal.cols[slot], &t->m->masks[slot]);
}

/* A bit of the rows that bits names. */
static void rows_publish(__u64 *row, uint64_t bits, uint64_t bit)
{
	for (; bits; bits &= bits - 1) {
		__u64 *w = &row[__builtin_ctzll(bits)];

		if (!(*w & bit))
			ox_publish(w, *w | bit);
	}
}

void ox_prune_place(struct ox_table *t, uint32_t slot, uint32_t place)
{
	uint32_t half = OX_SCAN_HALF(t->m->config->scan);
	uint32_t max = t->m->config->max_masks;
	const struct ox_column *c = &t->pruning->cols[slot];
	struct ox_prune *b = half_of(t, half) + place / 64;
	struct ox_prune *top =
		half_of(t, half) + OX_PRUNE_BLOCKS(max) + place / 4096;

	t->pruning->place[slot] = place;
	if (t->pruning->dirty[half] <= place / 64)
		t->pruning->dirty[half] = place / 64 + 1;
	for (uint32_t d = 0; d < OX_DIMS; d++)
		for (uint32_t q = 0; q < DIM_WORDS; q++) {
			rows_publish(&b->may[d][64 * q], c->may[d][q],
				     1ull << place % 64);
			if (OX_PRUNE_TOPS(max))
				rows_publish(&top->may[d][64 * q], c->may[d][q],
					     1ull << place / 64 % 64);
		}
}

void ox_prune_flow(struct ox_table *t, uint32_t flow)
{
	const struct ox_flow *f = ox_mem_flow(t->m, flow);
	const struct ox_mask *m = &t->m->masks[f->mask];
	struct ox_pruning *p = t->pruning;

	column_add(t, &p->cols[f->mask], p->place[f->mask], m, flow);
	if (p->renewal.cols)
		column_add(t, &p->renewal.cols[f->mask], OX_NONE, m, flow);
}

void ox_prune_gone(struct ox_table *t)
{
	t->pruning->n_gone++;
}

/* Bit j of word i becomes bit i of word j. */
static void transpose(uint64_t w[64])
{
	uint64_t keep = 0x00000000ffffffffull;

	for (uint32_t n = 32; n; n >>= 1, keep ^= keep << n) {
		for (uint32_t i = 0; i < 64; i = ((i | n) + 1) & ~n) {
			uint64_t x = (w[i] >> n ^ w[i | n]) & keep;

			w[i] ^= x << n;
			w[i | n] ^= x;
		}
	}
}

/* 64 rows of n columns. Most columns have few bits or all of them. */
static void rows_build(__u64 row[64], const uint64_t *col, uint32_t n)
{
	uint64_t w[64] = { 0 }, all = ~0ull;
	uint32_t n_bits = 0;

	for (uint32_t i = 0; i < n; i++) {
		n_bits += (uint32_t)__builtin_popcountll(col[i]);
		all &= col[i];
	}
	if (n_bits > 256 && !~all) {
		all = n < 64 ? (1ull << n) - 1 : ~0ull;
		for (uint32_t v = 0; v < 64; v++)
			row[v] = all;
		return;
	}
	if (n_bits <= 256) {
		memset(row, 0, sizeof(w));
		for (uint32_t i = 0; i < n; i++)
			rows_publish(row, col[i], 1ull << i);
		return;
	}
	memcpy(w, col, n * sizeof(*w));
	transpose(w);
	memcpy(row, w, sizeof(w));
}

/* Places from 64 * block on, as order has them. */
static void block_build(struct ox_table *t, struct ox_prune *b, uint32_t block,
			uint32_t n)
{
	const uint32_t *order = t->order + (size_t)64 * block;
	uint64_t col[64];

	n = n - 64 * block < 64 ? n - 64 * block : 64;
	for (uint32_t d = 0; d < OX_DIMS; d++)
		for (uint32_t q = 0; q < DIM_WORDS; q++) {
			for (uint32_t i = 0; i < n; i++)
				col[i] = t->pruning->cols[order[i]].may[d][q];
			rows_build(&b->may[d][64 * q], col, n);
		}
}

/* Of up to 64 blocks. */
static void top_build(struct ox_prune *top, const struct ox_prune *b,
		      uint32_t n)
{
	memset(top, 0, sizeof(*top));
	for (uint32_t i = 0; i < n && i < 64; i++)
		for (uint32_t d = 0; d < OX_DIMS; d++)
			for (uint32_t v = 0; v < 256; v++)
				if (b[i].may[d][v])
					top->may[d][v] |= 1ull << i;
}

void ox_prune_build(struct ox_table *t, uint32_t half, uint32_t n)
{
	uint32_t n_blocks = OX_PRUNE_BLOCKS(n), max = t->m->config->max_masks;
	struct ox_pruning *p = t->pruning;
	struct ox_prune *b = half_of(t, half);

	for (uint32_t i = 0; i < n_blocks; i++)
		block_build(t, &b[i], i, n);
	for (uint32_t i = n_blocks; i < p->dirty[half]; i++)
		memset(&b[i], 0, sizeof(*b));
	p->dirty[half] = n_blocks;
	for (uint32_t i = 0; i < OX_PRUNE_TOPS(max); i++)
		top_build(&b[OX_PRUNE_BLOCKS(max) + i], &b[(size_t)64 * i],
			  n_blocks > 64 * i ? n_blocks - 64 * i : 0);
	for (uint32_t i = 0; i < n; i++)
		p->place[t->order[i]] = i;
}

void ox_prune_clean(struct ox_table *t)
{
	t->pruning->dirty[0] = t->pruning->dirty[1] = 0;
}

/* The columns of all masks that are there, without a flow yet. */
static int renewal_begin(struct ox_table *t, struct renewal *r)
{
	r->cols = calloc(t->m->config->max_masks, sizeof(*r->cols));
	if (!r->cols)
		return -ENOMEM;
	r->next = 0;
	for (uint32_t i = 0; i < t->n_scan; i++)
		column_begin(&r->cols[t->order[i]], &t->m->masks[t->order[i]]);
	return 0;
}

bool ox_prune_tick(struct ox_table *t)
{
	struct ox_pruning *p = t->pruning;
	struct renewal *r = &p->renewal;
	uint32_t end;

	if (!r->cols) {
		if (p->n_gone < RENEW_MIN || p->n_gone < t->n_flows / 4)
			return false;
		if (renewal_begin(t, r))
			return false; /* there is memory another time */
		p->n_gone = 0;
	}
	end = r->next + RENEW_STEP;
	for (; r->next < t->flow_slots.hi && r->next < end; r->next++) {
		const struct ox_flow *f = ox_mem_flow(t->m, r->next);

		if (f->state == OX_LIVE)
			column_add(t, &r->cols[f->mask], OX_NONE,
				   &t->m->masks[f->mask], r->next);
	}
	if (r->next < t->flow_slots.hi)
		return false;
	free(p->cols);
	p->cols = r->cols;
	r->cols = NULL;
	return true;
}
