// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exec_help.c - the helpers of ct() in the user tier: nf_ct_helper() of
 * Linux with ftp and tftp (nf_conntrack_ftp.c, nf_nat_ftp.c and their kind). A
 * packet has met the table before, and NAT has been done to it.
 */
#include "control/packet/exec_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/packet/ct_exp.h"
#include "control/packet/ct_mangle.h"
#include "control/packet/ftp.h"
#include "control/packet/tftp.h"
#include "ovsxdp/ct_pkt.h"

/* A packet that a helper looks at. */
struct help {
	struct ox_exec *x;
	struct ox_ct_mem *ct;
	struct ox_ct e; /* its connection, as it was */
	struct ox_ct_alg *a;
	uint32_t idx;
	uint16_t gen;
	uint8_t dir;
	uint8_t info;
	struct ox_host_pkt *pkt;
	uint32_t l3, l4;
};

/* struct nf_conntrack_tuple: the ends of a direction's packets. */
struct ends {
	__be64 src[2], dst[2];
	__be16 sport, dport;
};

static struct ends ends_of(const struct ox_ct *e, uint32_t dir)
{
	const struct ox_ct_tuple *t = dir && e->nat ? &e->reply : &e->orig;
	bool from_b = dir && e->nat ? e->reply_b : e->init_b ^ dir;
	struct ends n = { .sport = from_b ? t->pb : t->pa,
			  .dport = from_b ? t->pa : t->pb };

	memcpy(n.src, from_b ? t->b : t->a, sizeof(n.src));
	memcpy(n.dst, from_b ? t->a : t->b, sizeof(n.dst));
	return n;
}

static bool is_v6(const struct ox_ct *e)
{
	return e->orig.l3 & OX_CT_L3_IPV6;
}

/* nf_ct_expect_init(): from an address, by any port, to an address and port. */
static struct ox_ct_exp expect(const struct help *h, const __be64 src[2],
			       const void *dst, __be16 dport)
{
	struct ox_ct_exp x = {
		.dport = dport,
		.zone = h->e.orig.zone,
		.proto = h->e.orig.proto,
		.l3 = h->e.orig.l3,
		.helper = h->e.helper,
	};

	memcpy(x.src, src, sizeof(x.src));
	memset(x.src_mask, 0xff, is_v6(&h->e) ? 16 : 4);
	memcpy(x.dst, dst, sizeof(x.dst));
	return x;
}

/* nf_nat_follow_master(), for packets of direction dir of the master. */
static void follow(const struct help *h, struct ox_ct_exp *x, uint32_t dir,
		   __be16 saved_port)
{
	struct ends other = ends_of(&h->e, !dir);

	x->follow = 1;
	x->dir = (uint8_t)dir;
	x->saved_port = saved_port;
	memcpy(x->nat_src, other.dst, sizeof(x->nat_src));
	memcpy(x->nat_dst, other.src, sizeof(x->nat_dst));
}

/* ---- sequence numbers ---- */

/* Changes of both tables are one store each, the last one of these. */
static int adjust_by(struct help *h, uint32_t seq, int32_t by)
{
	const struct ox_ct to = { .status = OX_IPS_SEQ_ADJUST };
	uint8_t cur = h->a->adj_cur[h->dir] & 1;

	if (!by)
		return 0;
	if (h->ct->ops->change(h->ct, h->idx, h->gen, OX_CT_CHANGE_STATUS, &to))
		return -ENOENT;
	h->e.status |= OX_IPS_SEQ_ADJUST;
	h->a->adj[h->dir][!cur] = ox_adj_add(h->a->adj[h->dir][cur], seq, by);
	__atomic_store_n(&h->a->adj_cur[h->dir], !cur, __ATOMIC_RELEASE);
	return 0;
}

static int adjust(const struct help *h)
{
	const struct ox_ct_alg *a = h->a;
	const struct ox_ct_adj *mine = &a->adj[h->dir][a->adj_cur[h->dir] & 1];
	const struct ox_ct_adj *theirs =
		&a->adj[!h->dir][a->adj_cur[!h->dir] & 1];

	return ox_adj_segment(h->pkt, h->l4, mine, theirs);
}

/* ---- ftp ---- */

/* find_nl_seq() */
static bool is_after_nl(const struct ox_ct_alg *a, uint32_t dir, uint32_t seq)
{
	for (uint32_t i = 0; i < a->nl_num[dir] && i < 2; i++)
		if (a->nl[dir][i] == seq)
			return true;
	return false;
}

/* update_nl_seq() */
static void note_nl(struct ox_ct_alg *a, uint32_t dir, uint32_t seq)
{
	uint32_t oldest;

	if (is_after_nl(a, dir, seq))
		return;
	if (a->nl_num[dir] < 2) {
		a->nl[dir][a->nl_num[dir]] = seq;
		__atomic_store_n(&a->nl_num[dir], a->nl_num[dir] + 1,
				 __ATOMIC_RELEASE);
		return;
	}
	oldest = (int32_t)(a->nl[dir][0] - a->nl[dir][1]) < 0 ? 0 : 1;
	if ((int32_t)(a->nl[dir][oldest] - seq) < 0)
		a->nl[dir][oldest] = seq;
}

#define PORT_TRIES 128

/* nf_nat_exp_find_port(): the port that it is, or one above it. In host order;
 * 0: there is none. */
static uint16_t find_port(struct help *h, struct ox_ct_exp *x)
{
	uint16_t min = ntohs(x->dport), port = min;
	uint32_t range = UINT16_MAX - min;
	uint32_t left = range < PORT_TRIES ? range : PORT_TRIES;

	for (;; left--) {
		int err;

		x->dport = htons(port);
		err = ox_ct_exp_relate(h->ct, h->a, x);
		if (!err)
			return port;
		if (err != -EBUSY || !left)
			return 0;
		port = (uint16_t)(min + (uint32_t)random() % range);
	}
}

/* nf_nat_ftp(): tells the other end what it can reach. */
static int ftp_nat(struct help *h, const struct ox_ftp_cmd *cmd,
		   struct ox_ct_exp *x, uint32_t seq)
{
	struct ends other = ends_of(&h->e, !h->dir);
	char text[OX_FTP_TEXT];
	uint32_t len;
	uint16_t port;
	int err;

	follow(h, x, !h->dir, x->dport);
	port = find_port(h, x);
	if (!port)
		return -EBUSY;
	len = ox_ftp_format(cmd->type, is_v6(&h->e), (const __be32 *)other.dst,
			    port, text);
	err = adjust_by(h, seq, (int32_t)(len - cmd->len));
	if (!err)
		err = ox_mangle_tcp(h->pkt, h->l3, h->l4, cmd->off, cmd->len,
				    text, len);
	if (err)
		ox_ct_exp_remove(h->ct, h->a->exp, h->a->exp_word);
	return err;
}

static int ftp_expect(struct help *h, const struct ox_ftp_cmd *cmd,
		      uint32_t seq)
{
	struct ends mine = ends_of(&h->e, h->dir);
	struct ends other = ends_of(&h->e, !h->dir);
	struct ox_ct_exp x;

	/* "loose" is off: nobody opens a way to somebody else */
	if (memcmp(cmd->addr, mine.src, sizeof(cmd->addr)))
		return 0;
	x = expect(h, other.src, other.dst, cmd->port);
	if (h->e.status & (OX_IPS_SRC_NAT | OX_IPS_DST_NAT))
		return ftp_nat(h, cmd, &x, seq);
	return ox_ct_exp_relate(h->ct, h->a, &x);
}

static int help_ftp(struct help *h)
{
	const uint8_t *tcp = h->pkt->data + h->l4, *text;
	struct ends mine = ends_of(&h->e, h->dir);
	uint32_t at = h->l4 + (tcp[12] >> 4) * 4, len, seq;
	struct ox_ftp_cmd cmd;
	bool ends_in_nl;
	int err = 0;

	/* only once there was traffic both ways */
	if (h->info != OX_CT_I_ESTABLISHED || at >= h->pkt->len)
		return 0;
	text = h->pkt->data + at;
	len = h->pkt->len - at;
	memcpy(&seq, tcp + 4, sizeof(seq));
	seq = ntohl(seq);
	ends_in_nl = text[len - 1] == '\n';
	if (is_after_nl(h->a, h->dir, seq) || h->a->pickup[h->dir]) {
		h->a->pickup[h->dir] = 0;
		switch (ox_ftp_parse(text, len, h->dir, is_v6(&h->e),
				     (const __be32 *)mine.src, &cmd)) {
		case OX_FTP_PARTIAL:
			return -EINVAL;
		case OX_FTP_CMD:
			err = ftp_expect(h, &cmd, seq);
			break;
		case OX_FTP_NONE:
			break;
		}
	}
	if (ends_in_nl)
		note_nl(h->a, h->dir, seq + len);
	return err;
}

/* ---- tftp ---- */

static int help_tftp(struct help *h)
{
	struct ends orig = ends_of(&h->e, OX_CT_ORIGINAL);
	struct ends reply = ends_of(&h->e, OX_CT_REPLY);
	uint32_t at = h->l4 + 8;
	struct ox_ct_exp x;

	if (at > h->pkt->len ||
	    !ox_tftp_asks(h->pkt->data + at, h->pkt->len - at))
		return 0;
	x = expect(h, reply.src, reply.dst, reply.dport);
	if (h->e.status & (OX_IPS_SRC_NAT | OX_IPS_DST_NAT))
		follow(h, &x, OX_CT_REPLY, orig.sport);
	return ox_ct_exp_relate(h->ct, h->a, &x);
}

/* ---- either ---- */

static bool help_init(struct help *h, const struct ox_ct_run *run)
{
	const struct ox_ct *e = ox_ct_mem_at(h->ct, run->idx);

	if (!e)
		return false;
	memcpy(&h->e, e, sizeof(h->e));
	h->idx = run->idx;
	h->gen = run->gen;
	h->dir = run->dir & 1;
	h->info = run->info;
	return h->e.gen == run->gen && h->e.life == OX_CT_LIVE && h->e.helper;
}

int ox_exec_help(void *arg, struct ox_host_pkt *pkt, uint32_t l3, uint32_t l4,
		 const struct ox_ct_run *run)
{
	struct ox_exec *x = arg;
	struct help h = {
		.x = x, .ct = x->dp->ct, .pkt = pkt, .l3 = l3, .l4 = l4
	};
	int err = 0;

	if (!h.ct || !l4 || !help_init(&h, run))
		return 0;
	h.a = ox_ct_alg_of(h.ct, h.idx, h.gen, true);
	if (!h.a) {
		ox_exec_reason(x->dp, OX_R_CT_NO_HELPER);
		return 0;
	}
	if (h.e.helper == OX_CT_HELPER_FTP)
		err = help_ftp(&h);
	else if (h.e.helper == OX_CT_HELPER_TFTP)
		err = help_tftp(&h);
	if (!err && (h.e.status & OX_IPS_SEQ_ADJUST) &&
	    h.e.orig.proto == IPPROTO_TCP)
		err = adjust(&h);
	return err ? EINVAL : 0;
}
