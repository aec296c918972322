// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * defrag_queue.c - packets that wait for fragments, as net/ipv4/inet_fragment.c
 * has them. There, whoever sends most fills the memory for all. Here a port may
 * have as much as it leaves free, so half of the memory if it is alone, and
 * others always find some.
 */
#include "control/packet/defrag_int.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* What the allocator needs for a block of memory, about. */
#define BLOCK 16

static uint32_t bucket(const struct ox_defrag *d, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = d->seed;

	for (size_t i = 0; i < len; i += 4) {
		uint32_t v;

		memcpy(&v, p + i, sizeof(v));
		h = (h ^ v) * 0x9e3779b97f4a7c15;
		h ^= h >> 29;
	}
	return h >> 32 & (OX_DEFRAG_BUCKETS - 1);
}

/* ---- memory ---- */

static bool may_take(const struct ox_defrag *d,
		     const struct ox_defrag_payer *payer, int v6, uint32_t n)
{
	uint32_t limit = d->conf.limit[v6], used = d->used[v6];

	return used <= limit && n <= limit - used &&
	       payer->used[v6] + n <= limit - used - n;
}

static void take(struct ox_defrag *d, struct ox_defrag_queue *q, uint32_t n)
{
	q->mem += n;
	q->payer->used[q->id.v6] += n;
	d->used[q->id.v6] += n;
}

static void give(struct ox_defrag *d, struct ox_defrag_queue *q, uint32_t n)
{
	q->mem -= n;
	q->payer->used[q->id.v6] -= n;
	d->used[q->id.v6] -= n;
}

/* A block that has size bytes gets more. NULL: it stays as it is. */
static void *grow(struct ox_defrag *d, struct ox_defrag_queue *q, void *block,
		  uint32_t size, uint32_t more)
{
	uint32_t n = more - size + (block ? 0 : BLOCK);
	void *p;

	if (!may_take(d, q->payer, q->id.v6, n))
		return NULL;
	p = realloc(block, more);
	if (p)
		take(d, q, n);
	return p;
}

/* ---- who pays, and who sends ---- */

static struct ox_defrag_payer **
payer_place(struct ox_defrag *d, const __u64 *reasons, uint32_t port_no)
{
	const uint64_t key[2] = { (uintptr_t)reasons, port_no };
	struct ox_defrag_payer **p = &d->payers[bucket(d, key, sizeof(key))];

	while (*p && ((*p)->reasons != reasons || (*p)->port_no != port_no))
		p = &(*p)->next;
	return p;
}

static struct ox_defrag_payer *payer_get(struct ox_defrag *d,
					 const struct ox_defrag_in *in)
{
	struct ox_defrag_payer **p = payer_place(d, in->reasons, in->port_no);

	if (!*p)
		*p = calloc(1, sizeof(**p));
	if (!*p)
		return NULL;
	(*p)->reasons = in->reasons;
	(*p)->port_no = in->port_no;
	(*p)->refs++;
	return *p;
}

static void payer_put(struct ox_defrag *d, struct ox_defrag_payer *payer)
{
	struct ox_defrag_payer **p;

	if (--payer->refs)
		return;
	p = payer_place(d, payer->reasons, payer->port_no);
	*p = payer->next;
	free(payer);
}

static struct ox_defrag_source **source_place(struct ox_defrag *d, __be32 addr)
{
	struct ox_defrag_source **s =
		&d->sources[bucket(d, &addr, sizeof(addr))];

	while (*s && (*s)->addr != addr)
		s = &(*s)->next;
	return s;
}

static struct ox_defrag_source *source_get(struct ox_defrag *d, __be32 addr)
{
	struct ox_defrag_source **s = source_place(d, addr);

	if (!*s)
		*s = calloc(1, sizeof(**s));
	if (!*s)
		return NULL;
	(*s)->addr = addr;
	(*s)->refs++;
	return *s;
}

static void source_put(struct ox_defrag *d, struct ox_defrag_source *source)
{
	struct ox_defrag_source **s;

	if (!source || --source->refs)
		return;
	s = source_place(d, source->addr);
	*s = source->next;
	free(source);
}

/* ---- queues ---- */

static void age_add(struct ox_defrag *d, struct ox_defrag_queue *q,
		    int64_t now_ms)
{
	int v6 = q->id.v6;

	q->expires_ms = now_ms + d->conf.timeout_ms[v6];
	q->newer = NULL;
	q->older = d->newest[v6];
	*(q->older ? &q->older->newer : &d->oldest[v6]) = q;
	d->newest[v6] = q;
}

static void age_del(struct ox_defrag *d, struct ox_defrag_queue *q)
{
	int v6 = q->id.v6;

	*(q->older ? &q->older->newer : &d->oldest[v6]) = q->newer;
	*(q->newer ? &q->newer->older : &d->newest[v6]) = q->older;
}

static void queue_free(struct ox_defrag *d, struct ox_defrag_queue *q)
{
	for (uint32_t i = 0; i < q->n_runs; i++)
		free(q->runs[i].data);
	free(q->runs);
	free(q->head);
	if (q->payer) {
		give(d, q, q->mem);
		payer_put(d, q->payer);
	}
	source_put(d, q->source);
	free(q);
}

static struct ox_defrag_queue *queue_new(struct ox_defrag *d,
					 const struct ox_defrag_id *id,
					 const struct ox_defrag_in *in)
{
	struct ox_defrag_queue *q = calloc(1, sizeof(*q));
	const uint32_t size = sizeof(*q) + BLOCK;

	if (!q)
		return NULL;
	q->id = *id;
	q->payer = payer_get(d, in);
	if (q->payer && !id->v6)
		q->source = source_get(d, id->src[0]);
	if (!q->payer || (!id->v6 && !q->source) ||
	    !may_take(d, q->payer, id->v6, size)) {
		queue_free(d, q);
		return NULL;
	}
	take(d, q, size);
	return q;
}

struct ox_defrag_queue *ox_defrag_find(struct ox_defrag *d,
				       const struct ox_defrag_id *id,
				       const struct ox_defrag_in *in)
{
	struct ox_defrag_queue **b = &d->buckets[bucket(d, id, sizeof(*id))];
	struct ox_defrag_queue *q;

	for (q = *b; q; q = q->next)
		if (!memcmp(&q->id, id, sizeof(*id)))
			return q;
	q = queue_new(d, id, in);
	if (!q)
		return NULL;
	q->next = *b;
	*b = q;
	age_add(d, q, in->now_ms);
	d->n++;
	return q;
}

void ox_defrag_kill(struct ox_defrag *d, struct ox_defrag_queue *q,
		    enum ox_reason why)
{
	struct ox_defrag_queue **p =
		&d->buckets[bucket(d, &q->id, sizeof(q->id))];

	while (*p != q)
		p = &(*p)->next;
	*p = q->next;
	age_del(d, q);
	d->n--;
	if (why != OX_R_NONE)
		q->payer->reasons[why] += q->n;
	queue_free(d, q);
}

void ox_defrag_again(struct ox_defrag *d, struct ox_defrag_queue *q,
		     int64_t now_ms)
{
	q->payer->reasons[OX_R_CT_FRAG] += q->n;
	for (uint32_t i = 0; i < q->n_runs; i++) {
		give(d, q, q->runs[i].room + BLOCK);
		free(q->runs[i].data);
	}
	q->n_runs = 0;
	q->n = 0;
	q->len = 0;
	q->meat = 0;
	q->ecn = 0;
	q->first = false;
	q->last = false;
	age_del(d, q);
	age_add(d, q, now_ms);
}

/* ---- what is in a queue ---- */

static bool run_append(struct ox_defrag *d, struct ox_defrag_queue *q,
		       struct ox_defrag_run *r, const uint8_t *data,
		       uint32_t len)
{
	uint32_t want = r->len + len;
	uint8_t *p;

	if (want > r->room) {
		want += want / 2;
		p = grow(d, q, r->data, r->room, want);
		if (!p)
			return false;
		r->data = p;
		r->room = want;
	}
	memcpy(r->data + r->len, data, len);
	r->len += len;
	return true;
}

/* A run at place i. */
static bool run_new(struct ox_defrag *d, struct ox_defrag_queue *q, uint32_t i,
		    uint32_t off, const uint8_t *data, uint32_t len)
{
	struct ox_defrag_run r = { .off = off, .room = len };
	uint32_t room = q->run_room ? 2 * q->run_room : 2;

	if (q->n_runs == q->run_room) {
		void *p = grow(d, q, q->runs, q->run_room * sizeof(r),
			       room * sizeof(r));

		if (!p)
			return false;
		q->runs = p;
		q->run_room = room;
	}
	r.data = grow(d, q, NULL, 0, len);
	if (!r.data)
		return false;
	memcpy(r.data, data, len);
	r.len = len;
	memmove(q->runs + i + 1, q->runs + i, (q->n_runs - i) * sizeof(r));
	q->runs[i] = r;
	q->n_runs++;
	return true;
}

/* The first run that ends after off. */
static uint32_t run_find(const struct ox_defrag_queue *q, uint32_t off)
{
	uint32_t lo = 0, hi = q->n_runs;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (q->runs[mid].off + q->runs[mid].len > off)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

enum ox_defrag_put ox_defrag_insert(struct ox_defrag *d,
				    struct ox_defrag_queue *q, uint32_t off,
				    uint32_t end, const uint8_t *data,
				    uint32_t len)
{
	uint32_t i = run_find(q, off);
	struct ox_defrag_run *r = q->n_runs ? q->runs + i : NULL;
	bool ok;

	if (i < q->n_runs && r->off < end)
		return off >= r->off && end <= r->off + r->len
			       ? OX_DEFRAG_DUP
			       : OX_DEFRAG_OVERLAP;
	/* only the last run grows: then the kernel's duplicates are ours */
	if (i && i == q->n_runs && r[-1].off + r[-1].len == off)
		ok = run_append(d, q, r - 1, data, len);
	else
		ok = run_new(d, q, i, off, data, len);
	return ok ? OX_DEFRAG_PUT : OX_DEFRAG_NO_MEM;
}

int ox_defrag_head(struct ox_defrag *d, struct ox_defrag_queue *q,
		   const uint8_t *head, uint32_t len, uint32_t l3)
{
	if (q->head) { /* of a packet that was given up */
		give(d, q, q->head_len + BLOCK);
		free(q->head);
	}
	q->head_len = 0;
	q->head = grow(d, q, NULL, 0, len);
	if (!q->head)
		return -1;
	memcpy(q->head, head, len);
	q->head_len = len;
	q->head_l3 = l3;
	return 0;
}

/* ---- all of them ---- */

struct ox_defrag *ox_defrag_new(const struct ox_defrag_conf *conf)
{
	struct ox_defrag *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->conf = *conf;
	if (getrandom(&d->seed, sizeof(d->seed), GRND_NONBLOCK) < 0)
		d->seed = (uintptr_t)d;
	return d;
}

void ox_defrag_free(struct ox_defrag *d)
{
	if (!d)
		return;
	for (int v6 = 0; v6 < 2; v6++)
		while (d->oldest[v6])
			ox_defrag_kill(d, d->oldest[v6], OX_R_NONE);
	free(d);
}

void ox_defrag_expire(struct ox_defrag *d, int64_t now_ms)
{
	for (int v6 = 0; v6 < 2; v6++)
		while (d->oldest[v6] && d->oldest[v6]->expires_ms <= now_ms)
			ox_defrag_kill(d, d->oldest[v6], OX_R_FRAG_TIMEOUT);
}

void ox_defrag_forget(struct ox_defrag *d, const __u64 *reasons)
{
	struct ox_defrag_queue *q, *newer;

	for (int v6 = 0; v6 < 2; v6++)
		for (q = d->oldest[v6]; q; q = newer) {
			newer = q->newer;
			if (q->payer->reasons == reasons)
				ox_defrag_kill(d, q, OX_R_CT_FRAG);
		}
}

uint32_t ox_defrag_waiting(const struct ox_defrag *d)
{
	return d->n;
}

uint32_t ox_defrag_memory(const struct ox_defrag *d, int v6)
{
	return d->used[v6];
}
