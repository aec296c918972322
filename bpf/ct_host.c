// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ct_host.c - the host build of connection tracking. */
#include "bpf/ct_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/tier/ctx_host.h"
#include "bpf/core/ct_edit.h"
#include "bpf/core/ct_key.h"
#include "bpf/core/ct_parse.h"
#include "bpf/core/parse.h"
#include "ovsxdp/ct_timeouts.h"

__thread struct ox_ct_host_mem *ox_ct_host;

static void fill_timeouts(struct ox_ct_tp *tps, uint32_t hz)
{
#define SET(id, at, seconds, sysctl) \
	tps[OX_CT_TP_##id].timeout[at] = (seconds)*hz;
	OX_CT_TIMEOUTS(SET)
#undef SET
}

static void fill_defaults(struct ox_ct_host_mem *m, uint32_t max, uint32_t hz,
			  uint32_t n_buckets)
{
	m->conf->magic = OX_CT_ABI_MAGIC;
	m->conf->version = OX_CT_ABI_VERSION;
	m->conf->seed = 0x8f1bbcdcbfa53e0bull;
	m->conf->n_buckets = n_buckets;
	m->conf->max = max;
	m->conf->hz = hz;
	m->conf->n_chunks = (max >> OX_CT_CHUNK_SHIFT) + 1;
	m->conf->flags = OX_CT_CONF_LOOSE;
	m->conf->max_retrans = 3;
	fill_timeouts(m->tps, hz);
}

struct ox_ct_host_mem *ox_ct_host_open(uint32_t max, uint32_t hz)
{
	struct ox_ct_host_mem *m = calloc(1, sizeof(*m));
	uint32_t n_buckets = 16;

	if (!m)
		return NULL;
	while (n_buckets < max / 2)
		n_buckets *= 2;
	m->conf = calloc(1, sizeof(*m->conf));
	m->ents = aligned_alloc(64, sizeof(*m->ents) * max);
	m->bkts = calloc(n_buckets, sizeof(*m->bkts));
	m->bits = calloc((max + 63) / 64, sizeof(*m->bits));
	m->zones = calloc(OX_CT_ZONES, sizeof(*m->zones));
	m->tps = calloc(OX_CT_TPS, sizeof(*m->tps));
	m->exps = calloc(OX_CT_EXPS, sizeof(*m->exps));
	m->algs = calloc(OX_CT_ALGS, sizeof(*m->algs));
	if (!m->conf || !m->ents || !m->bkts || !m->bits || !m->zones ||
	    !m->tps || !m->exps || !m->algs) {
		ox_ct_host_close(m);
		return NULL;
	}
	memset(m->ents, 0, sizeof(*m->ents) * max);
	fill_defaults(m, max, hz, n_buckets);
	return m;
}

void ox_ct_host_close(struct ox_ct_host_mem *m)
{
	if (!m)
		return;
	free(m->conf);
	free(m->ents);
	free(m->bkts);
	free(m->bits);
	free(m->zones);
	free(m->tps);
	free(m->exps);
	free(m->algs);
	free(m);
}

int ox_ct_host_parse(const struct ox_host_pkt *pkt, uint16_t zone,
		     struct ox_ct_pkt *p)
{
	struct ox_host_pkt c = *pkt;
	struct ox_pkt op;

	pkt_init(&op, c.in_port);
	op.len = c.len;
	memset(p, 0, sizeof(*p));
	if (parse(&c, &op) || ct_parse(&c, &op, p, zone))
		return -EINVAL;
	return 0;
}

int ox_ct_host_in(struct ox_ct_host_mem *m, struct ox_ct_run *r)
{
	ox_ct_host = m;
	return ox_ct_in(r);
}

int ox_ct_host_commit(struct ox_ct_host_mem *m, struct ox_ct_run *r)
{
	ox_ct_host = m;
	return ox_ct_commit(r);
}

void ox_ct_host_over(struct ox_ct_host_mem *m, struct ox_ct_run *r)
{
	ox_ct_host = m;
	ct_over(r);
}

int ox_ct_host_execute(struct ox_ct_host_mem *m, struct ox_host_pkt *pkt,
		       const struct ox_ct_act *act)
{
	struct ox_ct_run r = { .now = m->now };
	enum ox_op_rc rc;
	struct ox_pkt p;
	int err;

	ox_ct_host = m;
	memset(&r.p, 0, sizeof(r.p));
	pkt_init(&p, pkt->in_port);
	p.len = pkt->len;
	if (!parse(pkt, &p))
		ct_parse(pkt, &p, &r.p, act->zone);
	r.p.t.zone = act->zone;
	err = ct_execute(&r, &pkt->key, act);
	if (err || !r.edit.what)
		return -err;
	p.key = pkt->key;
	rc = ox_ct_nat_apply(pkt, &p, &r.edit);
	pkt->key = p.key;
	if (rc == OX_RC_REFUSED)
		return -(int)p.arg;
	return rc ? -ENOMEM : 0;
}

int ox_ct_host_do(struct ox_ct_host_mem *m, uint32_t what,
		  struct ox_ct_run *run, struct ox_key *key,
		  const struct ox_ct_act *act)
{
	ox_ct_host = m;
	return ct_do(what, run, key, act);
}

struct ox_ct *ox_ct_host_find(struct ox_ct_host_mem *m,
			      const struct ox_ct_pkt *p)
{
	struct ox_ct_run r = { .p = *p, .now = m->now };

	ox_ct_host = m;
	return ct_find(&r) ? tbl_ct(r.idx) : NULL;
}

struct ox_ct *ox_ct_host_lookup(struct ox_ct_host_mem *m,
				const struct ox_ct_tuple *t, int from_b,
				uint8_t *dir)
{
	struct ox_ct_run r = { .p.t = *t, .p.from_b = from_b, .now = m->now };

	ox_ct_host = m;
	if (!ct_find(&r))
		return NULL;
	*dir = r.dir;
	return tbl_ct(r.idx);
}

int ox_ct_host_make(struct ox_ct_host_mem *m, const struct ox_ct *e,
		    uint32_t *idx)
{
	static const int errs[] = { 0, -EEXIST, -ENOMEM, -ENOSPC };
	struct ox_ct_run r = { .p.t = e->orig,
			       .p.from_b = e->init_b,
			       .now = m->now,
			       .fresh = *e,
			       .made = 1 };
	int rc;

	ox_ct_host = m;
	r.p.hash = ct_hash(&r.p.t);
	rc = ox_ct_commit(&r);
	*idx = r.idx;
	return errs[rc];
}

struct ox_ct_host_mem *ox_ct_host_like(const struct ox_ct_conf *conf,
				       const struct ox_ct_tp *tps, uint32_t max)
{
	struct ox_ct_host_mem *m = ox_ct_host_open(max, conf->hz);
	struct ox_ct_conf own;

	if (!m)
		return NULL;
	own = *m->conf;
	*m->conf = *conf;
	m->conf->n_buckets = own.n_buckets;
	m->conf->max = own.max;
	m->conf->n_chunks = own.n_chunks;
	memcpy(m->tps, tps, sizeof(*tps) * OX_CT_TPS);
	return m;
}

int ox_ct_host_adopt(struct ox_ct_host_mem *m, const struct ox_ct *e,
		     uint32_t *idx)
{
	struct ox_ct_zone *z = &m->zones[e->orig.zone], was = *z;
	uint32_t limit = m->conf->default_limit;
	struct ox_ct_stats stats = m->stats;
	struct ox_ct *copy;
	int err;

	z->flags = 0;
	m->conf->default_limit = 0;
	err = ox_ct_host_make(m, e, idx);
	*z = was;
	m->conf->default_limit = limit;
	m->stats = stats;
	if (err)
		return err;
	copy = &m->ents[*idx];
	copy->init_b = e->init_b;
	copy->status = e->status;
	copy->start_ns = e->start_ns;
	return 0;
}

int ox_ct_host_kill(struct ox_ct_host_mem *m, const struct ox_ct *e)
{
	ox_ct_host = m;
	return ox_ct_kill(e - m->ents, e->gen, 0) ? -ENOENT : 0;
}

uint32_t ox_ct_host_sweep(struct ox_ct_host_mem *m)
{
	uint32_t n = 0;

	ox_ct_host = m;
	for (uint32_t i = 0; i < m->conf->max; i++)
		n += ox_ct_sweep_one(i, m->now);
	return n;
}

uint32_t ox_ct_host_flush(struct ox_ct_host_mem *m, uint16_t zone)
{
	ox_ct_host = m;
	return ct_zone_flush(&m->zones[zone]);
}

uint32_t ox_ct_host_count(const struct ox_ct_host_mem *m, uint16_t zone)
{
	return OX_CT_ZONE_COUNT(m->zones[zone].word);
}
