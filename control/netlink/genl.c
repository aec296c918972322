// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl.c - from datagram to operation: netlink_rcv_skb() and genl_rcv_msg()
 * in user space. A request's way: ox_inbox_turn → ox_genl_handle →
 * handle_message → the family's doit or the dump.
 */
#include "control/netlink/genl.h"

#include <errno.h>
#include <string.h>

#include "control/netlink/genl_int.h"
#include "ovsxdp/log.h"

static const struct ox_genl_family *find_family(const struct ox_genl *g,
						uint16_t id)
{
	if (id == GENL_ID_CTRL)
		return &ox_fam_ctrl;
	return ox_family_by_id(g, id);
}

static const struct ox_genl_op *find_op(const struct ox_genl_family *f,
					uint8_t cmd)
{
	for (int i = 0; i < f->n_ops; i++) {
		if (f->ops[i].cmd == cmd)
			return &f->ops[i];
	}
	return NULL;
}

/* genl_family_rcv_msg_doit(): attributes by policy, then the operation. */
static int run_doit(struct ox_req *req, const struct ox_genl_family *f,
		    const struct ox_genl_op *op)
{
	uint32_t hdr = NLMSG_HDRLEN + GENL_HDRLEN + NLMSG_ALIGN(f->hdrsize);
	const uint8_t *base = (const void *)req->nlh;
	int err;

	if (!op->doit)
		return -EOPNOTSUPP;
	if (req->nlh->nlmsg_len > hdr) {
		req->attr_buf = base + hdr;
		req->attr_len = req->nlh->nlmsg_len - hdr;
	}
	if (op->policy && req->attr_len) {
		err = ox_attrs_parse(base, req->attr_buf, req->attr_len,
				     op->policy, op->max_attr, req->attrs,
				     &req->err);
		if (err)
			return err;
	}
	return op->doit(req);
}

/* genl_header_check(): what is in a header must make sense, but only of
 * commands that came after the kernel began to look. */
static int header_check(struct ox_req *req, const struct ox_genl_family *f)
{
	uint16_t flags = req->nlh->nlmsg_flags;

	for (int i = 0; i < f->n_ops; i++)
		if (f->ops[i].cmd >= req->genl_hdr->cmd)
			return 0;
	if (req->genl_hdr->reserved)
		return ox_err_set(&req->err, -EINVAL,
				  "genlmsghdr.reserved field is not 0");
	if ((flags & NLM_F_DUMP) == NLM_F_DUMP)
		flags &= ~NLM_F_DUMP;
	if (flags & ~(NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO))
		return ox_err_set(&req->err, -EINVAL,
				  "ambiguous or reserved bits set in "
				  "nlmsg_flags");
	return 0;
}

/* -ENOENT, -EINVAL, -EOPNOTSUPP as genl_rcv_msg(). */
static int find_genl(struct ox_req *req, const struct ox_genl_family **f,
		     const struct ox_genl_op **op)
{
	const struct ox_genl *g = req->genl->main ?: req->genl;
	int err;

	*f = find_family(g, req->nlh->nlmsg_type);
	if (!*f)
		return -ENOENT;
	if (req->nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN + (*f)->hdrsize)
		return -EINVAL;
	err = header_check(req, *f);
	if (err)
		return err;
	*op = find_op(*f, req->genl_hdr->cmd);
	return *op ? 0 : -EOPNOTSUPP;
}

/* Of nfnetlink either bit makes a dump, where there are dumps. */
static bool is_dump(const struct ox_req *req, const struct ox_genl_op *op)
{
	uint16_t bits = req->nlh->nlmsg_flags & NLM_F_DUMP;

	return req->nfnl ? bits && op->dumpit : bits == NLM_F_DUMP;
}

/*
 * One request; -EINTR: answered by its dump. Permission flags need no look:
 * the kernel lets only holders of CAP_NET_ADMIN in this network namespace
 * send to a port id, which is what GENL_UNS_ADMIN_PERM asks for.
 */
static int handle_request(struct ox_req *req)
{
	const struct ox_genl_family *f;
	const struct ox_genl_op *op;
	int err;

	/* both kinds have headers of the same size */
	req->genl_hdr =
		(const void *)((const uint8_t *)req->nlh + NLMSG_HDRLEN);
	req->user_hdr = req->genl_hdr + 1;
	req->nfnl = req->genl->main && !OX_GENL_IS_OURS(req->nlh->nlmsg_type);
	err = req->nfnl ? ox_nfnl_find(req->genl, req->nlh, &f, &op)
			: find_genl(req, &f, &op);
	if (err)
		return err;
	req->family = f;
	if (!is_dump(req, op))
		return run_doit(req, f, op);
	if (!op->dumpit)
		return -EOPNOTSUPP;
	err = ox_client_dump(req, f, op);
	return err ?: -EINTR;
}

static void send_ack(struct ox_genl *g, const struct nlmsghdr *nlh,
		     uint32_t portid, uint16_t flags, int err,
		     const struct ox_err *e, bool cap)
{
	g->ack.len = 0;
	ox_ack_build(&g->ack, nlh, portid, err, e, cap);
	((struct nlmsghdr *)g->ack.data)->nlmsg_flags |= flags;
	ox_client_send(g, portid, g->ack.data, g->ack.len);
}

/* Not a step of a turn: each daemon that gets the datagram answers it. */
static bool is_sync(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *hdr = mnl_nlmsg_get_payload(nlh);

	return nlh->nlmsg_type == OX_GENL_OVSXDP &&
	       nlh->nlmsg_len >= NLMSG_HDRLEN + GENL_HDRLEN &&
	       hdr->cmd == OX_CMD_SYNC;
}

/* One message: handled, and acknowledged as netlink_rcv_skb() does. False: it
 * is put off. */
static bool handle_message(struct ox_genl *g, struct ox_letter *l,
			   const struct nlmsghdr *nlh)
{
	struct ox_req req = {
		.again = l->again,
		.job = l->job,
		/* our own requests come among those of a program that doesn't
		 * know about them */
		.cap_ack = l->cap_ack && nlh->nlmsg_type != OX_GENL_OVSXDP,
		.no_ext_ack = l->no_ext_ack &&
			      nlh->nlmsg_type != OX_GENL_OVSXDP,
		.genl = g,
		.datapaths = g->datapaths,
		.nlh = nlh,
		.portid = l->portid,
		.uid = l->uid,
		.pid = l->pid,
	};
	int err = 0;

	/* What is no request is ignored, but acknowledged if so asked. */
	if ((nlh->nlmsg_flags & NLM_F_REQUEST) &&
	    nlh->nlmsg_type >= NLMSG_MIN_TYPE)
		err = handle_request(&req);
	l->job = err == -EINPROGRESS ? req.job : 0;
	if (err == -EINTR)
		return true;
	if (err == -EINPROGRESS) {
		g->go_on |= req.go_on;
		return false;
	}
	if (err)
		ox_log_dbg("request %u/%u of %u: %s %s", nlh->nlmsg_type,
			   req.family ? req.genl_hdr->cmd : 0, l->portid,
			   strerror(-err), req.err.msg);
	if (err || (nlh->nlmsg_flags & NLM_F_ACK))
		send_ack(req.ack_to && g->main ? g->main : g, nlh,
			 req.ack_to ?: l->portid, req.ack_flags, err,
			 req.no_ext_ack ? NULL : &req.err, req.cap_ack);
	if (g->in_turn && !is_sync(nlh))
		ox_turn_done(g, l->portid);
	return true;
}

static void letter_begin(struct ox_genl *g, struct ox_letter *l)
{
	l->begun = true;
	g->in_turn = false;
	if (l->len >= NLMSG_HDRLEN) {
		struct nlmsghdr *first = (void *)l->data;

		l->cap_ack = first->nlmsg_flags & OX_NLM_F_CAP_ACK;
		l->no_ext_ack = first->nlmsg_flags & OX_NLM_F_NO_EXT_ACK;
		first->nlmsg_flags &= ~(OX_NLM_F_CAP_ACK | OX_NLM_F_NO_EXT_ACK);
		l->skip = ox_turn_begin(g, l->portid, first, &l->again);
	}
	l->in_turn = g->in_turn;
}

/* The next message of a datagram; NULL: there is none, or a malformed one. */
static const struct nlmsghdr *letter_next(const struct ox_letter *l)
{
	const struct nlmsghdr *nlh = (void *)(l->data + l->at);

	if (l->len - l->at < NLMSG_HDRLEN || nlh->nlmsg_len < NLMSG_HDRLEN ||
	    nlh->nlmsg_len > l->len - l->at)
		return NULL;
	return nlh;
}

uint32_t ox_genl_handle(struct ox_genl *g, struct ox_letter *l, uint32_t budget)
{
	const struct nlmsghdr *nlh;
	uint32_t n = 0;

	if (!l->begun)
		letter_begin(g, l);
	g->in_turn = l->in_turn;
	for (; n < budget; n++) {
		uint32_t step;

		nlh = letter_next(l);
		if (!nlh) {
			l->at = l->len;
			break;
		}
		step = NLMSG_ALIGN(nlh->nlmsg_len);
		if (l->skip && !is_sync(nlh))
			l->skip--;
		else if (!handle_message(g, l, nlh)) {
			l->put_off = true;
			break;
		}
		l->at = step < l->len - l->at ? l->at + step : l->len;
	}
	g->count[OX_GENL_REQUESTS] += n;
	ox_loop_did(g->loop, OX_DID_MESSAGES, n);
	return n;
}

void ox_genl_refuse(struct ox_genl *g, const struct ox_letter *l, int err,
		    const struct ox_err *e)
{
	struct nlmsghdr first;

	if (l->len - l->at < sizeof(first))
		return;
	memcpy(&first, l->data + l->at, sizeof(first));
	first.nlmsg_len = NLMSG_HDRLEN;
	send_ack(g, &first, l->portid, 0, err, e, false);
}
