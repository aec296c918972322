// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ctnl_entry.c - an entry to a message, in the kernel's order of attributes:
 * ctnetlink_fill_info() for answers, ctnetlink_conntrack_event() for
 * notifications.
 */
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include "control/codec/ctnl_int.h"

static int put_zone(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	return e->zone ? ox_ctnl_put_be16(b, CTA_ZONE, e->zone) : 0;
}

static int put_tuples(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	int err = ox_ctnl_tuple_put(b, CTA_TUPLE_ORIG, &e->tuple[OX_CTNL_ORIG]);

	if (!err)
		err = ox_ctnl_tuple_put(b, CTA_TUPLE_REPLY,
					&e->tuple[OX_CTNL_REPLY]);
	return err ? err : put_zone(b, e);
}

static int put_status(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	return ox_ctnl_put_be32(b, CTA_STATUS, e->status);
}

static int put_mark(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	return ox_ctnl_put_be32(b, CTA_MARK, e->mark);
}

static int put_id(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	return ox_nl_put_u32(b, CTA_ID, e->id);
}

static int put_use(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	return ox_ctnl_put_be32(b, CTA_USE, e->use);
}

static int put_master(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	if (!(e->has & OX_CTNL_MASTER))
		return 0;
	return ox_ctnl_tuple_put(b, CTA_TUPLE_MASTER, &e->master);
}

static int put_timeout(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	return ox_ctnl_put_be32(b, CTA_TIMEOUT, e->timeout);
}

static int put_proto(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	return ox_ctnl_proto_put(b, e->tuple[0].proto, false, &e->proto);
}

static int put_one_counter(struct ox_nlbuf *b, const struct ox_ctnl_entry *e,
			   enum ox_ctnl_dir dir)
{
	uint32_t mark;
	int err = ox_ctnl_nest(b, (uint16_t)(CTA_COUNTERS_ORIG + dir), &mark);

	if (!err)
		err = ox_ctnl_put_be64(b, CTA_COUNTERS_PACKETS,
				       e->packets[dir]);
	if (!err)
		err = ox_ctnl_put_be64(b, CTA_COUNTERS_BYTES, e->bytes[dir]);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_counters(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	int err;

	if (!(e->has & OX_CTNL_COUNTERS))
		return 0;
	err = put_one_counter(b, e, OX_CTNL_ORIG);
	return err ? err : put_one_counter(b, e, OX_CTNL_REPLY);
}

static int put_timestamp(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	uint32_t mark;
	int err;

	if (!(e->has & OX_CTNL_TIMESTAMP))
		return 0;
	err = ox_ctnl_nest(b, CTA_TIMESTAMP, &mark);
	if (!err)
		err = ox_ctnl_put_be64(b, CTA_TIMESTAMP_START, e->start_ns);
	if (!err && e->stop_ns)
		err = ox_ctnl_put_be64(b, CTA_TIMESTAMP_STOP, e->stop_ns);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_helper(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	uint32_t mark;
	int err;

	if (!(e->has & OX_CTNL_HELPER))
		return 0;
	err = ox_ctnl_nest(b, CTA_HELP, &mark);
	if (!err)
		err = ox_nl_put_str(b, CTA_HELP_NAME, e->helper);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_labels(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	if (!(e->has & OX_CTNL_LABELS))
		return 0;
	return ox_nl_put(b, CTA_LABELS, e->labels, sizeof(e->labels));
}

static int put_one_adj(struct ox_nlbuf *b, uint16_t type,
		       const struct ox_ctnl_seq_adj *a)
{
	uint32_t mark;
	int err = ox_ctnl_nest(b, type, &mark);

	if (!err)
		err = ox_ctnl_put_be32(b, CTA_SEQADJ_CORRECTION_POS,
				       a->correction_pos);
	if (!err)
		err = ox_ctnl_put_be32(b, CTA_SEQADJ_OFFSET_BEFORE,
				       a->offset_before);
	if (!err)
		err = ox_ctnl_put_be32(b, CTA_SEQADJ_OFFSET_AFTER,
				       a->offset_after);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_seq_adj(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	int err;

	if (!(e->has & OX_CTNL_SEQ_ADJ))
		return 0;
	err = put_one_adj(b, CTA_SEQ_ADJ_ORIG, &e->seq_adj[OX_CTNL_ORIG]);
	return err ? err
		   : put_one_adj(b, CTA_SEQ_ADJ_REPLY,
				 &e->seq_adj[OX_CTNL_REPLY]);
}

typedef int (*put_fn)(struct ox_nlbuf *b, const struct ox_ctnl_entry *e);

/* What there is of v, in its order; up to a NULL. */
static int put_all(struct ox_nlbuf *b, const put_fn *v,
		   const struct ox_ctnl_entry *e)
{
	int err = 0;

	while (*v && !err)
		err = (*v++)(b, e);
	return err;
}

int ox_ctnl_entry_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
		      const struct ox_ctnl_entry *e)
{
	static const put_fn order[] = {
		put_tuples,   put_status,    put_mark,	  put_id,
		put_use,      put_master,    put_timeout, put_proto,
		put_counters, put_timestamp, put_helper,  put_labels,
		put_seq_adj,  NULL,
	};
	int err = ox_ctnl_begin(b, to, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_NEW,
				e->tuple[0].l3, 0);

	return err ? err : ox_ctnl_end(b, put_all(b, order, e));
}

static int put_destroyed(struct ox_nlbuf *b, const struct ox_ctnl_entry *e)
{
	int err = e->timeout ? put_timeout(b, e) : 0;

	if (!err)
		err = put_counters(b, e);
	if (!err)
		err = put_timestamp(b, e);
	if (!err)
		err = ox_ctnl_proto_put(b, e->tuple[0].proto, true, &e->proto);
	return err;
}

/* What has changed. */
static int put_changed(struct ox_nlbuf *b, uint32_t events,
		       const struct ox_ctnl_entry *e)
{
	static const struct {
		uint32_t event;
		put_fn put;
	} parts[] = {
		{ 1 << IPCT_PROTOINFO, put_proto },
		{ ~0u, put_helper }, /* whenever there is one */
		{ 1 << IPCT_LABEL, put_labels },
		{ 1 << IPCT_RELATED, put_master },
		{ 1 << IPCT_SEQADJ, put_seq_adj },
	};
	int err = put_timeout(b, e);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !err; i++)
		if (events & parts[i].event)
			err = parts[i].put(b, e);
	return err;
}

int ox_ctnl_event_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
		      uint32_t events, const struct ox_ctnl_entry *e)
{
	static const put_fn head[] = { put_tuples, put_id, put_status, NULL };
	bool destroy = events & (1 << IPCT_DESTROY);
	struct ox_ctnl_to h = *to;
	int err;

	h.flags = 0;
	if (!destroy && events & (1 << IPCT_NEW | 1 << IPCT_RELATED))
		h.flags = NLM_F_CREATE | NLM_F_EXCL;
	err = ox_ctnl_begin(b, &h, NFNL_SUBSYS_CTNETLINK,
			    destroy ? IPCTNL_MSG_CT_DELETE : IPCTNL_MSG_CT_NEW,
			    e->tuple[0].l3, 0);
	if (err)
		return err;
	err = put_all(b, head, e);
	if (!err)
		err = destroy ? put_destroyed(b, e) : put_changed(b, events, e);
	if (!err && (e->mark || events & (1 << IPCT_MARK)))
		err = put_mark(b, e);
	return ox_ctnl_end(b, err);
}
