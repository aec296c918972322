// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ct_exp.c - expectations: nf_conntrack_expect.c. */
#include "control/packet/ct_exp.h"

#include <errno.h>
#include <string.h>

#include "bpf/core/ct_exp_key.h"

struct ox_ct_exp_stats ox_ct_exp_stats;
ox_ct_exp_fn *ox_ct_exp_told;

static void tell(struct ox_ct_mem *m, uint32_t at, const struct ox_ct_exp *x,
		 bool made)
{
	if (ox_ct_exp_told)
		ox_ct_exp_told(m, at, x, made);
}

#define TIMEOUT 300 /* seconds; of both helpers */

static uint32_t word_of(const struct ox_ct_exp *x)
{
	return __atomic_load_n(&x->word, __ATOMIC_ACQUIRE);
}

static bool is_alive(const struct ox_ct_mem *m, uint32_t idx, uint16_t gen)
{
	const struct ox_ct *e = ox_ct_mem_at(m, idx);
	uint64_t word;

	if (!e || e->life != OX_CT_LIVE || e->gen != gen ||
	    (int32_t)(e->expires - m->ops->now(m)) <= 0)
		return false;
	word = __atomic_load_n(&m->zones[e->orig.zone].word, __ATOMIC_RELAXED);
	return OX_CT_ZONE_GEN(word) == e->zgen;
}

static bool is_over(const struct ox_ct_mem *m, const struct ox_ct_exp *x)
{
	return (int32_t)(x->expires - m->ops->now(m)) <= 0 ||
	       !is_alive(m, x->master, x->master_gen);
}

bool ox_ct_exp_remove(struct ox_ct_mem *m, uint32_t at, uint32_t word)
{
	struct ox_ct_exp *x = &m->exps[at & (OX_CT_EXPS - 1)], was = *x;

	was.word = word;
	if (!(word & OX_CT_EXP_LIVE) ||
	    !__atomic_compare_exchange_n(&x->word, &word, OX_CT_EXP_NEXT(word),
					 false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return false;
	ox_ct_exp_stats.deleted++;
	tell(m, at & (OX_CT_EXPS - 1), &was, false);
	return true;
}

int ox_ct_exp_view(const struct ox_ct_mem *m, uint32_t at,
		   struct ox_ct_exp *out)
{
	const struct ox_ct_exp *x = &m->exps[at];
	uint32_t word = word_of(x);

	if (!(word & OX_CT_EXP_LIVE))
		return -ENOENT;
	memcpy(out, x, sizeof(*out));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return word_of(x) == word && !is_over(m, out) ? 0 : -ENOENT;
}

/* ---- putting one in ---- */

/* Do both wait for packets to one end? */
static bool same_dst(const struct ox_ct_exp *x, const struct ox_ct_exp *y)
{
	return !memcmp(x->dst, y->dst, sizeof(x->dst)) &&
	       x->dport == y->dport && x->proto == y->proto && x->l3 == y->l3 &&
	       x->zone == y->zone;
}

/* expect_clash(): one packet could be for both. */
static bool clashes(const struct ox_ct_exp *x, const struct ox_ct_exp *y)
{
	for (int i = 0; i < 2; i++)
		if ((x->src[i] ^ y->src[i]) & x->src_mask[i] & y->src_mask[i])
			return false;
	return !((x->sport ^ y->sport) & x->sport_mask & y->sport_mask);
}

/* expect_matches() */
static bool is_same(const struct ox_ct_exp *x, const struct ox_ct_exp *y)
{
	return !memcmp(x->src, y->src, sizeof(x->src)) &&
	       !memcmp(x->src_mask, y->src_mask, sizeof(x->src_mask)) &&
	       x->sport == y->sport && x->sport_mask == y->sport_mask;
}

/* __nf_ct_expect_check() for the one in a place. */
static int check_one(struct ox_ct_mem *m, uint32_t at,
		     const struct ox_ct_exp *x)
{
	const struct ox_ct_exp *other = &m->exps[at];
	uint32_t word = word_of(other);

	if (!(word & OX_CT_EXP_LIVE))
		return 0;
	if (is_over(m, other)) {
		ox_ct_exp_remove(m, at, word);
		return 0;
	}
	if (!same_dst(x, other))
		return 0;
	if (!is_same(x, other))
		return clashes(x, other) ? -EBUSY : 0;
	if (other->master != x->master || other->master_gen != x->master_gen)
		return -EALREADY;
	ox_ct_exp_remove(m, at, word);
	return 0;
}

static uint32_t home_of(const struct ox_ct_mem *m, const struct ox_ct_exp *x)
{
	const struct ox_ct_tuple like = { .proto = x->proto,
					  .l3 = x->l3,
					  .zone = x->zone };

	return ct_exp_home(x->dst, x->dport, &like, m->conf->seed);
}

/* In this order: a program that finds "word" finds the rest, and the zone says
 * that there is something to be found. */
static void fill(struct ox_ct_mem *m, struct ox_ct_alg *a, uint32_t at,
		 const struct ox_ct_exp *x)
{
	struct ox_ct_exp *to = &m->exps[at];
	struct ox_ct_zone *z = &m->zones[x->zone];
	uint32_t word = word_of(to) | OX_CT_EXP_LIVE;
	const size_t skip = sizeof(to->word);

	memcpy((uint8_t *)to + skip, (const uint8_t *)x + skip,
	       sizeof(*to) - skip);
	a->exp_word = word;
	a->exp = at;
	if (!z->n_exp)
		z->n_exp = 1;
	m->n_exps++;
	__atomic_store_n(&to->word, word, __ATOMIC_RELEASE);
	ox_ct_exp_stats.created++;
	tell(m, at, to, true);
}

int ox_ct_exp_relate(struct ox_ct_mem *m, struct ox_ct_alg *a,
		     struct ox_ct_exp *x)
{
	uint32_t home, at = OX_CT_NONE;

	x->master = a->owner;
	x->master_gen = a->owner_gen;
	x->expires = m->ops->now(m) + TIMEOUT * m->conf->hz;
	home = home_of(m, x);
	for (uint32_t i = 0; i < OX_CT_EXP_PROBES; i++) {
		uint32_t here = (home + i) & (OX_CT_EXPS - 1);
		int err = check_one(m, here, x);

		if (err)
			return err;
		if (at == OX_CT_NONE && !(word_of(&m->exps[here]) & 1))
			at = here;
	}
	/* evict_oldest_expect() */
	ox_ct_exp_remove(m, a->exp, a->exp_word);
	if (at == OX_CT_NONE)
		return -EMFILE;
	fill(m, a, at, x);
	return 0;
}

/* ---- ageing ---- */

/* How many zones have; for one thread. */
static uint16_t counts[OX_CT_ZONES];

static void count(struct ox_ct_mem *m)
{
	const struct ox_ct_exp *x = m->exps;
	uint32_t i, n = 0;

	for (i = 0; i < OX_CT_EXPS; i++)
		counts[x[i].zone] = 0;
	for (i = 0; i < OX_CT_EXPS; i++) {
		if (!(word_of(&x[i]) & OX_CT_EXP_LIVE))
			continue;
		counts[x[i].zone]++;
		n++;
	}
	for (i = 0; i < OX_CT_EXPS; i++)
		m->zones[x[i].zone].n_exp = counts[x[i].zone];
	m->n_exps = n;
}

void ox_ct_exp_start(struct ox_ct_mem *m)
{
	for (uint32_t at = 0; at < OX_CT_EXPS; at++) {
		uint32_t word = word_of(&m->exps[at]);

		if ((word & OX_CT_EXP_LIVE) && is_over(m, &m->exps[at]))
			ox_ct_exp_remove(m, at, word);
	}
	count(m);
}

void ox_ct_exp_tick(struct ox_ct_mem *m)
{
	if (m->n_exps)
		ox_ct_exp_start(m);
}

/* ---- what a helper remembers ---- */

#define TRIES 64 /* places that are looked at for a free one */

static bool is_owned(const struct ox_ct_mem *m, uint32_t at)
{
	const struct ox_ct_alg *a = &m->algs[at];
	const struct ox_ct *e = ox_ct_mem_at(m, a->owner);

	return e && e->alg == at && is_alive(m, a->owner, a->owner_gen);
}

static struct ox_ct_alg *alg_make(struct ox_ct_mem *m, uint32_t idx,
				  uint16_t gen)
{
	static uint32_t next; /* where to look first */
	struct ox_ct to = { 0 };

	for (int i = 0; i < TRIES; i++) {
		uint32_t at = next++ % OX_CT_ALGS;

		if (is_owned(m, at))
			continue;
		m->algs[at] =
			(struct ox_ct_alg){ .owner = idx, .owner_gen = gen };
		to.alg = at;
		if (m->ops->change(m, idx, gen, OX_CT_CHANGE_ALG, &to))
			return NULL;
		return &m->algs[at];
	}
	return NULL;
}

struct ox_ct_alg *ox_ct_alg_of(struct ox_ct_mem *m, uint32_t idx, uint16_t gen,
			       bool make)
{
	const struct ox_ct *e = ox_ct_mem_at(m, idx);
	struct ox_ct_alg *a;

	if (!e || e->gen != gen)
		return NULL;
	if (e->alg < OX_CT_ALGS) {
		a = &m->algs[e->alg];
		if (a->owner == idx && a->owner_gen == gen)
			return a;
	}
	return make ? alg_make(m, idx, gen) : NULL;
}
