// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ct_host.c - the host build of connection tracking. */
#include "bpf/ct_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/tier/ctx_host.h"
#include "bpf/core/ct_key.h"
#include "bpf/core/ct_parse.h"
#include "bpf/core/parse.h"

__thread struct ox_ct_host_mem *ox_ct_host;

/* Seconds, by place; as the kernel's *_timeouts. */
struct seconds {
	enum ox_ct_tp_default tp;
	uint32_t s[16];
};

static const struct seconds defaults[] = {
	{ OX_CT_TP_GENERIC, { 600 } },
	{ OX_CT_TP_TCP,
	  { [OX_CT_TCP_ST_NONE] = 120,
	    [OX_CT_TCP_ST_SYN_SENT] = 120,
	    [OX_CT_TCP_ST_SYN_RECV] = 60,
	    [OX_CT_TCP_ST_ESTABLISHED] = 432000,
	    [OX_CT_TCP_ST_FIN_WAIT] = 120,
	    [OX_CT_TCP_ST_CLOSE_WAIT] = 60,
	    [OX_CT_TCP_ST_LAST_ACK] = 30,
	    [OX_CT_TCP_ST_TIME_WAIT] = 120,
	    [OX_CT_TCP_ST_CLOSE] = 10,
	    [OX_CT_TCP_ST_SYN_SENT2] = 120,
	    [OX_CT_TCP_RETRANS] = 300,
	    [OX_CT_TCP_UNACK] = 300 } },
	{ OX_CT_TP_UDP, { 30, 120 } },
	{ OX_CT_TP_UDPLITE, { 30, 120 } },
	{ OX_CT_TP_ICMP, { 30 } },
	{ OX_CT_TP_ICMPV6, { 30 } },
	{ OX_CT_TP_SCTP,
	  { [OX_CT_SCTP_ST_NONE] = 10,
	    [OX_CT_SCTP_ST_CLOSED] = 10,
	    [OX_CT_SCTP_ST_COOKIE_WAIT] = 3,
	    [OX_CT_SCTP_ST_COOKIE_ECHOED] = 3,
	    [OX_CT_SCTP_ST_ESTABLISHED] = 210,
	    [OX_CT_SCTP_ST_SHUTDOWN_SENT] = 3,
	    [OX_CT_SCTP_ST_SHUTDOWN_RECD] = 3,
	    [OX_CT_SCTP_ST_SHUTDOWN_ACK_SENT] = 3,
	    [OX_CT_SCTP_ST_HEARTBEAT_SENT] = 30 } },
	{ OX_CT_TP_DCCP, /* DCCP_MSL is 120 */
	  { [OX_CT_DCCP_ST_NONE] = 240,
	    [OX_CT_DCCP_ST_REQUEST] = 240,
	    [OX_CT_DCCP_ST_RESPOND] = 480,
	    [OX_CT_DCCP_ST_PARTOPEN] = 480,
	    [OX_CT_DCCP_ST_OPEN] = 43200,
	    [OX_CT_DCCP_ST_CLOSEREQ] = 64,
	    [OX_CT_DCCP_ST_CLOSING] = 64,
	    [OX_CT_DCCP_ST_TIMEWAIT] = 240 } },
	{ OX_CT_TP_GRE, { 30, 180 } },
};

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
	for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		for (int j = 0; j < 16; j++)
			m->tps[defaults[i].tp].timeout[j] =
				defaults[i].s[j] * hz;
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
	if (!m->conf || !m->ents || !m->bkts || !m->bits || !m->zones ||
	    !m->tps) {
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
	if (parse(&c, &op) || ox_ct_parse(&c, &op, p, zone))
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

	ox_ct_host = m;
	ox_ct_host_parse(pkt, act->zone, &r.p);
	r.p.t.zone = act->zone;
	return -ox_ct_execute(&r, &pkt->key, act);
}

struct ox_ct *ox_ct_host_find(struct ox_ct_host_mem *m,
			      const struct ox_ct_pkt *p)
{
	struct ox_ct_run r = { .p = *p, .now = m->now };

	ox_ct_host = m;
	return ct_find(&r) ? tbl_ct(r.idx) : NULL;
}

int ox_ct_host_kill(struct ox_ct_host_mem *m, const struct ox_ct *e)
{
	ox_ct_host = m;
	return ox_ct_kill(e - m->ents, e->gen) ? -ENOENT : 0;
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
