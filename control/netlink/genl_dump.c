// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_dump.c - dumps as cursors. The kernel makes the next part when the
 * reader has room; we can't see that, so a part that meets a full buffer is
 * kept and tried again (client.c). Nothing is ever built ahead by more than
 * one part, so a dump of a million flows costs a few KB.
 */
#include "control/netlink/genl_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/netlink/portid.h"
#include "ovsxdp/cleanup.h"

#define PUSH_PARTS 64	     /* then others get their turn */
#define PART_LIMIT (1 << 20) /* a single message larger than this: error */

void ox_dump_free(struct ox_dump_run *run)
{
	if (!run)
		return;
	if (run->op->dump_done)
		run->op->dump_done(&run->d);
	free(run->part.data);
	free(run->copy);
	free(run);
}

/* Doubles the part's buffer: not even one message fitted. */
static int grow(struct ox_nlbuf *b)
{
	uint8_t *p;

	if (b->size >= PART_LIMIT)
		return -EMSGSIZE;
	p = realloc(b->data, (size_t)b->size * 2);
	if (!p)
		return -ENOMEM;
	b->data = p;
	b->size *= 2;
	return 0;
}

static void mark(const struct ox_dump_run *run, struct ox_nlbuf *b)
{
	uint16_t flags = NLM_F_MULTI | (run->d.intr ? NLM_F_DUMP_INTR : 0);

	for (uint32_t at = 0; at < b->len;) {
		struct nlmsghdr *h = (void *)(b->data + at);

		h->nlmsg_flags |= flags;
		at += NLMSG_ALIGN(h->nlmsg_len);
	}
}

/* NLMSG_DONE, with what went wrong. */
static void put_done(struct ox_dump_run *run)
{
	uint32_t len = NLMSG_HDRLEN + sizeof(int);
	struct ox_nlbuf *b = &run->part;

	b->nlh = (void *)b->data;
	memset(b->nlh, 0, len);
	b->nlh->nlmsg_len = len;
	b->nlh->nlmsg_type = NLMSG_DONE;
	b->nlh->nlmsg_flags = NLM_F_MULTI | (run->d.intr ? NLM_F_DUMP_INTR : 0);
	b->nlh->nlmsg_seq = run->d.nlh->nlmsg_seq;
	b->nlh->nlmsg_pid = run->d.portid;
	memcpy(b->data + NLMSG_HDRLEN, &run->error, sizeof(run->error));
	b->len = len;
	if (run->error)
		ox_ack_put_tlvs(b, run->error, &run->d.err);
	ox_nl_end(b);
}

/* Makes the part to be sent next: messages, or in the end NLMSG_DONE. */
static void make_part(struct ox_dump_run *run, uint32_t size)
{
	struct ox_nlbuf *b = &run->part;
	int r = 1;

	if (size > b->size) {
		uint8_t *p = realloc(b->data, size);

		if (p) {
			b->data = p;
			b->size = size;
		}
	}
	while (!run->filled && !b->len) {
		r = run->op->dumpit(&run->d, b);
		if (b->nlh)
			ox_nl_abort(b);
		if (r == 1 && !b->len)
			r = grow(b) ?: 1;
		if (r <= 0) {
			run->filled = true;
			run->error = r;
		}
	}
	if (b->len) {
		mark(run, b);
		return;
	}
	run->done = true;
	/* A merged dump of families goes on in the kernel: it says DONE. */
	if (run->d.nlh->nlmsg_type != GENL_ID_CTRL ||
	    !(run->d.nlh->nlmsg_flags & OX_NLM_F_NO_DONE))
		put_done(run);
}

int ox_dump_push(struct ox_genl *g, struct ox_client *c, uint32_t *sent)
{
	struct ox_dump_run *run = c->dump;

	for (int i = 0; i < PUSH_PARTS; i++) {
		struct iovec iov;
		int err;

		if (!run->part.len && !run->done)
			make_part(run, c->part_size);
		/* Whose dump it is, before the client knows that it runs:
		 * its port id may change hands later (check_busy()). */
		if (!c->inode && !run->filled)
			c->inode = ox_portid_inode(c->portid);
		if (run->part.len) {
			iov = (struct iovec){ run->part.data, run->part.len };
			err = ox_transport_send(g->fd, c->portid, &iov, 1);
			if (err)
				return err;
			run->part.len = 0;
			(*sent)++;
		}
		if (run->done) {
			if (run->turn)
				ox_turn_done(g, c->portid);
			ox_dump_free(run);
			c->dump = NULL;
			return 0;
		}
	}
	return -EINPROGRESS;
}

static void run_freep(struct ox_dump_run **run)
{
	if (*run) {
		free((*run)->part.data);
		free((*run)->copy);
		free(*run);
	}
}

/* A dump already runs: -EBUSY, unless its socket is gone and another one
 * has the port id now. */
static int check_busy(struct ox_genl *g, uint32_t portid)
{
	struct ox_client *c = ox_client_find(g, portid);

	if (!c || !c->dump)
		return 0;
	if (c->inode && c->inode != ox_portid_inode(portid)) {
		ox_client_drop(g, portid);
		return 0;
	}
	return -EBUSY;
}

static int run_new(struct ox_req *req, const struct ox_genl_family *f,
		   const struct ox_genl_op *op, struct ox_dump_run **out)
{
	_cleanup_(run_freep) struct ox_dump_run *run = calloc(1, sizeof(*run));
	uint32_t len = req->nlh->nlmsg_len;
	uint32_t hdr = NLMSG_HDRLEN + GENL_HDRLEN + NLMSG_ALIGN(f->hdrsize);
	uint8_t *copy = malloc(NLMSG_ALIGN(len));
	int err;

	if (!run || !copy) {
		free(copy);
		return -ENOMEM;
	}
	run->copy = memcpy(copy, req->nlh, len);
	run->op = op;
	run->part.data = malloc(OX_PART_MIN);
	run->part.size = OX_PART_MIN;
	run->d =
		(struct ox_dump){ .genl = req->genl,
				  .datapaths = req->datapaths,
				  .nlh = run->copy,
				  .user_hdr = copy + NLMSG_HDRLEN + GENL_HDRLEN,
				  .portid = req->portid };
	if (!run->part.data)
		return -ENOMEM;
	if (op->policy && !op->dump_unread && len > hdr) {
		err = ox_attrs_parse(copy, copy + hdr, len - hdr, op->policy,
				     op->max_attr, run->d.attrs, &req->err);
		if (err)
			return err;
	}
	err = op->dump_start ? op->dump_start(&run->d) : 0;
	if (err)
		return err;
	*out = take_ptr(run);
	return 0;
}

int ox_dump_start(struct ox_req *req, const struct ox_genl_family *f,
		  const struct ox_genl_op *op)
{
	struct ox_genl *g = req->genl;
	struct ox_dump_run *run = NULL;
	struct ox_client *c;
	int err = check_busy(g, req->portid);

	if (!err)
		err = run_new(req, f, op, &run);
	if (err)
		return err;
	c = ox_client_get(g, req->portid);
	if (!c) {
		ox_dump_free(run);
		return -ENOMEM;
	}
	run->turn = g->in_turn;
	/* From the start once more: what it was sent comes twice. */
	run->d.intr = req->again;
	c->dump = run;
	ox_client_push(g, c);
	return 0;
}
