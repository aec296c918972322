// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * change.c - connections that netlink ends, makes or changes.
 */
#include "control/conntrack/change.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "bpf/core/ct_timeout.h"
#include "control/conntrack/policy.h"

#define TURN 4096 /* connections that a flush looks at in one call */

/* ---- ending ---- */

void ox_ct_flush_zone(struct ox_ct_mem *m, uint16_t zone)
{
	uint64_t *word = (uint64_t *)&m->zones[zone].word;
	uint64_t old = __atomic_load_n(word, __ATOMIC_RELAXED);

	while (OX_CT_ZONE_COUNT(old) &&
	       !__atomic_compare_exchange_n(
		       word, &old, (uint64_t)OX_CT_ZONE_FLUSHED(old), false,
		       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		;
}

static void flush_all(struct ox_ct_mem *m)
{
	for (uint32_t zone = 0; zone < OX_CT_ZONES; zone++)
		ox_ct_flush_zone(m, (uint16_t)zone);
}

/* Does it look at nothing but the zone? */
static bool is_zone_only(const struct ox_ctnl_filter *f)
{
	return !f->family && !f->mark_mask && !f->status_mask && !f->flags[0] &&
	       !f->flags[1];
}

int ox_ct_flush(struct ox_ct_mem *m, const struct ox_ctnl_filter *f, bool each,
		uint32_t *at)
{
	struct ox_ctnl_entry e;
	uint16_t gen;
	int n;

	if (is_zone_only(f) && !each) {
		if (f->has_zone)
			ox_ct_flush_zone(m, f->zone);
		else
			flush_all(m);
		return 0;
	}
	for (n = 0; n < TURN; n++) {
		uint32_t idx = ox_ct_next(m, *at);

		if (idx == OX_CT_NONE)
			return 0;
		*at = idx + 1;
		if (!ox_ct_view(m, idx, &e, &gen) &&
		    ox_ctnl_filter_match(f, &e))
			m->ops->kill(m, idx, gen);
	}
	return -EINPROGRESS;
}

/* ---- what both kinds of CT_NEW set ---- */

/* ctnetlink_change_protoinfo() */
static void set_proto(const struct ox_ctnl_entry *e, struct ox_ct *to)
{
	if (e->proto.given & OX_CTNL_PROTO_STATE)
		to->proto_state = e->proto.state;
	if (to->orig.proto != IPPROTO_TCP)
		return;
	for (int i = 0; i < 2; i++)
		to->tcp.flags[i] = (to->tcp.flags[i] & ~e->proto.mask[i]) |
				   (e->proto.flags[i] & e->proto.mask[i]);
	if ((e->proto.given & OX_CTNL_PROTO_WSCALE) &&
	    (to->tcp.flags[0] & to->tcp.flags[1] & OX_CT_TCP_WINDOW_SCALE))
		to->tcp.scale = (uint8_t)((e->proto.wscale[0] & 15) |
					  e->proto.wscale[1] << 4);
}

static uint8_t helper_of(const char *name)
{
	if (!strcmp(name, "ftp"))
		return OX_CT_HELPER_FTP;
	return !strcmp(name, "tftp") ? OX_CT_HELPER_TFTP : OX_CT_HELPER_NONE;
}

/* __nf_ct_change_status() */
static int check_status(const struct ox_ctnl_entry *old,
			const struct ox_ctnl_entry *e, struct ox_err *err)
{
	uint32_t changed = old->status ^ e->status;

	if (changed & (OX_IPS_EXPECTED | OX_IPS_CONFIRMED | OX_IPS_DYING))
		return ox_err_set(err, -EBUSY,
				  "status 0x%x: EXPECTED, CONFIRMED and DYING "
				  "can't be changed",
				  e->status);
	if (changed & old->status & (OX_IPS_SEEN_REPLY | OX_IPS_ASSURED))
		return ox_err_set(err, -EBUSY,
				  "status 0x%x: SEEN_REPLY and ASSURED can't "
				  "be taken away",
				  e->status);
	return 0;
}

/* Of a status, what a request may set: not IPS_UNCHANGEABLE_MASK. */
#define MAY_SET                                                            \
	(0xffffu & ~(OX_IPS_SRC_NAT_DONE | OX_IPS_DST_NAT_DONE |           \
		     OX_IPS_SRC_NAT | OX_IPS_DST_NAT | OX_IPS_EXPECTED |   \
		     OX_IPS_CONFIRMED | OX_IPS_DYING | OX_IPS_SEQ_ADJUST | \
		     OX_IPS_TEMPLATE | OX_IPS_NAT_CLASH | OX_IPS_HELPER))

/* ---- a new one ---- */

static int create_tuples(const struct ox_ctnl_entry *e, struct ox_ct *to,
			 struct ox_err *err)
{
	bool from_b, reply_b;
	int rc = ox_ct_tuple_make(&e->tuple[0], e->zone, &to->orig, &from_b);

	if (!rc)
		rc = ox_ct_tuple_make(&e->tuple[1], e->zone, &to->reply,
				      &reply_b);
	if (rc)
		return ox_err_set(err, rc, "such packets aren't tracked");
	if (memcmp(&to->orig, &to->reply, sizeof(to->orig)))
		return ox_err_set(err, -EOPNOTSUPP,
				  "a connection with NAT can't be made by "
				  "netlink");
	to->init_b = from_b;
	return 0;
}

/* ctnetlink_create_conntrack() */
int ox_ct_create(struct ox_ct_mem *m, const struct ox_ctnl_entry *e,
		 struct ox_err *err)
{
	static const struct ox_ctnl_entry unconfirmed = {
		.status = OX_IPS_CONFIRMED
	};
	struct ox_ct to = { .alg = OX_CT_NONE };
	uint32_t idx;
	int rc;

	if (!(e->has & OX_CTNL_TIMEOUT))
		return ox_err_set(err, -EINVAL,
				  "a new connection needs a timeout");
	if (e->has & (OX_CTNL_MASTER | OX_CTNL_SEQ_ADJ))
		return ox_err_set(err, -EOPNOTSUPP,
				  "a new connection can't have a master, or "
				  "corrected sequence numbers");
	if (e->has & OX_CTNL_HELPER) {
		to.helper = helper_of(e->helper);
		if (!to.helper)
			return ox_err_set(err, -EOPNOTSUPP,
					  "helper %s: ftp and tftp are known",
					  e->helper);
		to.status |= OX_IPS_HELPER;
	}
	rc = create_tuples(e, &to, err);
	if (!rc && (e->has & OX_CTNL_STATUS))
		rc = check_status(
			&unconfirmed,
			&(struct ox_ctnl_entry){ .status = e->status |
							   OX_IPS_CONFIRMED },
			err);
	if (rc)
		return rc;
	to.tp = ct_default_tp(to.orig.proto);
	to.expires = m->ops->now(m) + ox_ct_jiffies(m, e->timeout);
	to.mark = e->mark;
	to.status |= OX_IPS_CONFIRMED;
	if (e->has & OX_CTNL_STATUS)
		to.status |= e->status & MAY_SET;
	memcpy(to.labels, e->labels, sizeof(to.labels));
	if (e->has & OX_CTNL_PROTOINFO)
		set_proto(e, &to);
	return m->ops->make(m, &to, &idx);
}

/* ---- one that is there ---- */

/* What can't be changed; ctnetlink_change_conntrack(). */
static int check_update(const struct ox_ctnl_entry *old,
			const struct ox_ctnl_entry *e, struct ox_err *err)
{
	if (e->has & OX_CTNL_MASTER)
		return ox_err_set(err, -EOPNOTSUPP,
				  "a connection's master can't be changed");
	if ((e->has & OX_CTNL_HELPER) && strcmp(e->helper, old->helper))
		return ox_err_set(err, -EOPNOTSUPP,
				  "a connection's helper can't be changed");
	if (e->has & OX_CTNL_SEQ_ADJ)
		return ox_err_set(err, -EOPNOTSUPP,
				  "sequence numbers can't be changed");
	if ((e->has & OX_CTNL_TIMEOUT) && (old->status & OX_IPS_FIXED_TIMEOUT))
		return ox_err_set(err, -EPERM,
				  "this connection's timeout is fixed");
	return e->has & OX_CTNL_STATUS ? check_status(old, e, err) : 0;
}

static void set_labels(const struct ox_ctnl_entry *old,
		       const struct ox_ctnl_entry *e, const uint8_t mask[16],
		       struct ox_ct *to)
{
	for (int i = 0; i < 16; i++)
		to->labels[i] =
			(uint8_t)((old->labels[i] & ~mask[i]) ^ e->labels[i]);
}

int ox_ct_update(struct ox_ct_mem *m, uint32_t idx, uint16_t gen,
		 const struct ox_ctnl_entry *old, const struct ox_ctnl_entry *e,
		 const struct ox_ct_masks *masks, struct ox_err *err)
{
	const struct ox_ct *now = ox_ct_mem_at(m, idx);
	uint32_t what = 0;
	struct ox_ct to;
	int rc = check_update(old, e, err);

	if (rc)
		return rc;
	to = *now;
	if (e->has & OX_CTNL_TIMEOUT) {
		to.expires = m->ops->now(m) + ox_ct_jiffies(m, e->timeout);
		what |= OX_CT_CHANGE_EXPIRES;
	}
	if (e->has & OX_CTNL_STATUS) {
		to.status = e->status & MAY_SET;
		what |= OX_CT_CHANGE_STATUS;
	}
	if (e->has & OX_CTNL_PROTOINFO) {
		set_proto(e, &to);
		what |= OX_CT_CHANGE_STATE;
	}
	if (e->has & OX_CTNL_MARK) {
		to.mark = (old->mark & ~masks->mark) ^ e->mark;
		what |= OX_CT_CHANGE_MARK;
	}
	if (e->has & OX_CTNL_LABELS) {
		set_labels(old, e, masks->labels, &to);
		what |= OX_CT_CHANGE_LABELS;
	}
	return m->ops->change(m, idx, gen, what | OX_CT_CHANGE_TELL, &to);
}
