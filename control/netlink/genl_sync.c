// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_sync.c - the part of the private family that is about the server:
 * subscriptions, rendezvous, a word when a socket closes, counters.
 */
#include "control/netlink/genl_sync.h"

#include <errno.h>

#include "control/netlink/genl_int.h"

const struct ox_nla_policy ox_sync_policy[OX_A_MAX__] = {
	[OX_A_GROUP] = { .type = OX_NLA_U32 },
	[OX_A_PORTID] = { .type = OX_NLA_U32 },
	[OX_A_PORT_NO] = { .type = OX_NLA_U32 },
	[OX_A_RECV_SIZE] = { .type = OX_NLA_U32 },
	[OX_A_DP_KNOBS] = { .type = OX_NLA_U32 },
	[OX_A_DP_KNOBS_MASK] = { .type = OX_NLA_U32 },
	[OX_A_REPLY_TO] = { .type = OX_NLA_U32 },
	[OX_A_PROTOCOL] = { .type = OX_NLA_U32 },
	[OX_A_TRACE_KEY] = { .type = OX_NLA_NESTED },
	[OX_A_TRACE_PACKET] = { .type = OX_NLA_ANY },
};

static uint32_t portid_of(const struct ox_req *req)
{
	const struct nlattr *a = req->attrs[OX_A_PORTID];

	return a ? mnl_attr_get_u32(a) : req->portid;
}

int ox_req_missing(struct ox_req *req, uint32_t type, const char *text)
{
	req->err.miss_type = type + 1;
	return ox_err_set(&req->err, -EINVAL, "%s", text);
}

static int do_group(struct ox_req *req,
		    int (*fn)(struct ox_genl *, uint32_t, uint32_t))
{
	const struct nlattr *a = req->attrs[OX_A_GROUP];
	int err;

	if (!a)
		return ox_req_missing(req, OX_A_GROUP, "which group?");
	req->err.cookie = req->genl->cookie;
	err = fn(req->genl, mnl_attr_get_u32(a), portid_of(req));
	if (err == -EINVAL) {
		ox_err_attr(&req->err, req->nlh, a);
		ox_err_set(&req->err, err, "no such group");
	} else if (err == -ENOSPC) {
		ox_err_set(&req->err, err, "more than %d subscriptions",
			   OX_MAX_SUBS);
	}
	return err;
}

static bool is_netfilter(const struct ox_req *req)
{
	const struct nlattr *a = req->attrs[OX_A_PROTOCOL];

	return a && mnl_attr_get_u32(a) == NETLINK_NETFILTER;
}

/* The kernel keeps who is in these groups. */
static int join(struct ox_genl *g, uint32_t group, uint32_t portid)
{
	(void)portid;
	return ox_nfnl_join(g->main ?: g, group);
}

int ox_sync_subscribe(struct ox_req *req)
{
	return do_group(req, is_netfilter(req) ? join : ox_genl_subscribe);
}

int ox_sync_unsubscribe(struct ox_req *req)
{
	return do_group(req, ox_genl_unsubscribe);
}

static void set_part_size(struct ox_client *c, const struct nlattr *size)
{
	c->part_size = mnl_attr_get_u32(size);
	if (c->part_size < OX_PART_MIN)
		c->part_size = OX_PART_MIN;
	if (c->part_size > OX_PART_MAX)
		c->part_size = OX_PART_MAX;
}

int ox_sync_sync(struct ox_req *req)
{
	const struct nlattr *size = req->attrs[OX_A_RECV_SIZE];
	const struct nlattr *reply_to = req->attrs[OX_A_REPLY_TO];
	struct ox_genl *g = ox_nfnl_of(req->genl, req->attrs[OX_A_PROTOCOL]);
	uint32_t portid = portid_of(req);
	struct ox_client *c = g ? ox_client_find(g, portid) : NULL;

	req->err.cookie = req->genl->cookie;
	if (reply_to)
		req->ack_to = mnl_attr_get_u32(reply_to);
	if (c && req->attrs[OX_A_PORTID]) {
		if (size)
			set_part_size(c, size);
		ox_client_push(g, c);
		c = ox_client_find(g, portid);
	}
	if (!c && (reply_to || req->attrs[OX_A_PORTID]))
		req->ack_flags = OX_NLM_F_IDLE;
	return 0;
}

int ox_sync_forget(struct ox_req *req)
{
	struct ox_genl *g = ox_nfnl_of(req->genl, req->attrs[OX_A_PROTOCOL]);

	if (!req->attrs[OX_A_PORTID])
		return ox_req_missing(req, OX_A_PORTID, "which port id?");
	if (!g)
		return 0;
	ox_client_drop(g, portid_of(req));
	ox_subs_drop(g, portid_of(req));
	ox_turn_forget(g, portid_of(req));
	return 0;
}

int ox_sync_put_count(struct ox_nlbuf *b, const char *name, uint64_t v)
{
	uint32_t mark;
	int err = ox_nl_nest(b, OX_A_REASON, &mark);

	if (!err)
		err = ox_nl_put_str(b, OX_A_REASON_NAME, name);
	if (!err)
		err = ox_nl_put_u64(b, OX_A_REASON_COUNT, v);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

/* In the order of enum ox_did. */
static int put_did(struct ox_nlbuf *b, const char *const name[OX_DID_COUNT],
		   const uint64_t did[OX_DID_COUNT])
{
	int err = 0;

	for (int i = 0; !err && i < OX_DID_COUNT; i++)
		err = ox_sync_put_count(b, name[i], did[i]);
	return err;
}

static int put_turns(struct ox_nlbuf *b, const struct ox_turns *t)
{
	static const char *const longest[] = {
		"loop_longest_requests", "loop_longest_packets",
		"loop_longest_links",	 "loop_longest_ports",
		"loop_longest_flows",
	};
	static const char *const most[] = {
		"loop_most_requests", "loop_most_packets", "loop_most_links",
		"loop_most_ports",    "loop_most_flows",
	};
	int err = ox_sync_put_count(b, "loop_turns", t->turns);

	if (!err)
		err = ox_sync_put_count(b, "loop_events", t->events);
	if (!err)
		err = ox_sync_put_count(b, "loop_longest_us", t->longest_us);
	if (!err)
		err = ox_sync_put_count(b, "loop_longest_events",
					t->longest_events);
	if (!err)
		err = put_did(b, longest, t->longest_did);
	return err ?: put_did(b, most, t->most_did);
}

int ox_sync_counts_put(struct ox_genl *g, struct ox_nlbuf *b)
{
	static const char *const names[] = {
#define NAME(id, name) name,
		OX_GENL_COUNTS(NAME)
#undef NAME
	};
	int err = 0;

	for (int i = 0; !err && i < OX_GENL_N_COUNTS; i++)
		err = ox_sync_put_count(b, names[i], g->count[i]);
	if (!err)
		err = ox_sync_put_count(b, "requests_waiting_bytes",
					g->inbox_bytes);
	if (!err)
		err = ox_sync_put_count(b, "answers_waiting_bytes", g->queued);
	if (!err)
		err = ox_sync_put_count(b, "requests_put_off", g->n_put_off);
	return err ?: put_turns(b, ox_loop_turns(g->loop));
}

int ox_sync_daemon(struct ox_req *req)
{
	struct ox_nlbuf *b = ox_req_reply_begin(req, OX_CMD_DAEMON_GET, NULL);
	uint32_t mark;
	int err = ox_nl_nest(b, OX_A_DAEMON, &mark);

	if (!err)
		err = ox_sync_counts_put(req->genl, b);
	if (err) {
		ox_nl_abort(b);
		return err;
	}
	ox_nl_nest_end(b, mark);
	return ox_req_reply_send(req, b);
}
