// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace_ct.c - ct() of a packet that is followed: the tracker's host build over
 * a table of its own. Into that go copies of what the packet meets: its zone,
 * its connection, and what helpers expect there.
 */
#include "control/packet/trace_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/ct_host.h"
#include "ovsxdp/ct_pkt.h"

#define ROOM 4096 /* entries: every expectation may have a master */
#define MET  64	  /* connections that one packet meets, at most */

struct ox_trace_ct {
	struct ox_ct_mem *live;
	struct ox_ct_host_mem *copy;
	uint8_t zones[OX_CT_ZONES / 8]; /* a bit each: it was copied */
	uint32_t met[MET];		/* places in "live" */
	uint32_t n_met;
};

static struct ox_trace_ct *ct_new(struct ox_ct_mem *live)
{
	struct ox_trace_ct *ct = calloc(1, sizeof(*ct));

	if (!ct)
		return NULL;
	ct->live = live;
	ct->copy = ox_ct_host_like(live->conf, live->tps, ROOM);
	if (ct->copy)
		return ct;
	free(ct);
	return NULL;
}

void ox_trace_ct_free(struct ox_trace_ct *ct)
{
	if (!ct)
		return;
	ox_ct_host_close(ct->copy);
	free(ct);
}

/* Once only: what ends in the copy doesn't come again. */
static bool ct_met(struct ox_trace_ct *ct, uint32_t idx)
{
	for (uint32_t i = 0; i < ct->n_met; i++)
		if (ct->met[i] == idx)
			return true;
	if (ct->n_met < MET)
		ct->met[ct->n_met++] = idx;
	return false;
}

/* What its helper remembers names the new place. */
static void alg_adopt(struct ox_trace_ct *ct, const struct ox_ct *e,
		      uint32_t idx)
{
	struct ox_ct *copy = &ct->copy->ents[idx];
	struct ox_ct_alg *a;

	if (e->alg >= OX_CT_ALGS)
		return;
	a = &ct->copy->algs[e->alg];
	*a = ct->live->algs[e->alg];
	a->owner = idx;
	a->owner_gen = copy->gen;
}

/* A copy of the entry in that place of the live table, which programs change
 * meanwhile: gen is the same before and after, or it is left out. */
static int ct_adopt(struct ox_trace_ct *ct, uint32_t place, uint32_t *idx)
{
	const struct ox_ct *e = ox_ct_mem_at(ct->live, place);
	struct ox_ct was;
	int err;

	if (!e)
		return -ENOENT;
	memcpy(&was, e, sizeof(was));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (was.gen != ((const volatile struct ox_ct *)e)->gen ||
	    was.life != OX_CT_LIVE)
		return -ENOENT;
	err = ox_ct_host_adopt(ct->copy, &was, idx);
	if (!err)
		alg_adopt(ct, &was, *idx);
	return err;
}

static void exps_copy(struct ox_trace_ct *ct, uint16_t zone)
{
	uint32_t idx;

	for (uint32_t i = 0; i < OX_CT_EXPS; i++) {
		const struct ox_ct_exp *x = &ct->live->exps[i];
		struct ox_ct_exp *to = &ct->copy->exps[i];

		if (!(x->word & OX_CT_EXP_LIVE) || x->zone != zone ||
		    ct_adopt(ct, x->master, &idx))
			continue;
		*to = *x;
		to->master = idx;
		to->master_gen = ct->copy->ents[idx].gen;
	}
}

static void zone_copy(struct ox_trace_ct *ct, uint16_t zone)
{
	uint8_t bit = (uint8_t)(1 << (zone & 7));

	if (ct->zones[zone / 8] & bit)
		return;
	ct->zones[zone / 8] |= bit;
	ct->copy->zones[zone] = ct->live->zones[zone];
	if (ct->copy->zones[zone].n_exp)
		exps_copy(ct, zone);
}

static void connection_copy(struct ox_trace_ct *ct, const struct ox_ct_pkt *p)
{
	uint32_t place, idx;
	uint8_t dir;

	if (p->kind == OX_CT_BAD || ox_ct_host_find(ct->copy, p) ||
	    ct->live->ops->find(ct->live, &p->t, p->from_b, &place, &dir) ||
	    ct_met(ct, place))
		return;
	ct_adopt(ct, place, &idx);
}

int ox_trace_ct_do(struct ox_trace_ct **ct, struct ox_ct_mem *live, bool user,
		   uint32_t what, struct ox_ct_run *run, struct ox_key *key,
		   const struct ox_ct_act *act)
{
	if (!live)
		return ENOENT;
	if (!*ct)
		*ct = ct_new(live);
	if (!*ct)
		return ENOMEM;
	(*ct)->copy->now = live->ops->now(live);
	zone_copy(*ct, run->p.t.zone);
	connection_copy(*ct, &run->p);
	run->p.user = user ? OX_CT_USER : 0;
	return ox_ct_host_do((*ct)->copy, what, run, key, act);
}

const char *ox_trace_ct_helper(const struct ox_trace_ct *ct,
			       const struct ox_ct_run *run)
{
	if (!ct || run->idx >= ct->copy->conf->max)
		return NULL;
	switch (ct->copy->ents[run->idx].helper) {
	case OX_CT_HELPER_FTP:
		return "ftp";
	case OX_CT_HELPER_TFTP:
		return "tftp";
	default:
		return NULL;
	}
}
