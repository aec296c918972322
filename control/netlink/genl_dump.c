// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_dump.c - dumps as cursors. The kernel makes the next part when the
 * reader has room; we can't see that, so client.c keeps a part that meets a
 * full buffer and tries again. Nothing is ever built ahead by more than
 * one part, so a dump of a million flows costs a few KB.
 */
#include "control/netlink/genl_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"

#define PART_LIMIT (1 << 20) /* a single message larger than this: error */

void ox_dump_free(struct ox_dump_run *run)
{
	if (!run)
		return;
	if (run->op->dump_done)
		run->op->dump_done(&run->d);
	run->d.genl->queued -= run->charged;
	free(run->part.data);
	free(run->copy);
	free(run);
}

/* Its memory is what waits for its client. */
static void charge(struct ox_dump_run *run)
{
	run->d.genl->queued -= run->charged;
	run->charged =
		(uint32_t)sizeof(*run) + run->copy->nlmsg_len + run->part.size;
	run->d.genl->queued += run->charged;
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
	if (run->error && !run->no_ext_ack)
		ox_ack_put_tlvs(b, run->error, &run->d.err);
	ox_nl_end(b);
}

void ox_dump_part(struct ox_dump_run *run, uint32_t size)
{
	struct ox_nlbuf *b = &run->part;
	int r = 1;

	if (size > b->size) {
		uint8_t *p = realloc(b->data, size);

		if (p) {
			b->data = p;
			b->size = size;
			charge(run);
		}
	}
	while (!run->filled && !b->len) {
		r = run->op->dumpit(&run->d, b);
		if (b->nlh)
			ox_nl_abort(b);
		if (r == 1 && !b->len) {
			r = grow(b) ?: 1;
			charge(run);
		}
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

static void run_freep(struct ox_dump_run **run)
{
	if (*run) {
		free((*run)->part.data);
		free((*run)->copy);
		free(*run);
	}
}

int ox_dump_new(struct ox_req *req, const struct ox_genl_family *f,
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
	if (err) {
		req->err = run->d.err;
		return err;
	}
	charge(run);
	*out = take_ptr(run);
	return 0;
}
