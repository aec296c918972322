// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * codec_flow.c - ovs_flow requests in, flows out.
 */
#include "control/codec/codec_flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "control/codec/key.h"
#include "ovsxdp/err.h"

#define MAX_UFID 16

const struct ox_nla_policy ox_flow_policy[OVS_FLOW_ATTR_MAX + 1] = {
	[OVS_FLOW_ATTR_KEY] = { .type = OX_NLA_NESTED },
	[OVS_FLOW_ATTR_MASK] = { .type = OX_NLA_NESTED },
	[OVS_FLOW_ATTR_ACTIONS] = { .type = OX_NLA_NESTED },
	[OVS_FLOW_ATTR_CLEAR] = { .type = OX_NLA_FLAG },
	[OVS_FLOW_ATTR_PROBE] = { .type = OX_NLA_FLAG },
	[OVS_FLOW_ATTR_UFID] = { .type = OX_NLA_MIN, .len = 1 },
	[OVS_FLOW_ATTR_UFID_FLAGS] = { .type = OX_NLA_U32 },
};

/* One of a wrong length counts as none, as in the module. */
static void get_ufid(const struct nlattr *a, struct ox_flow_spec *spec)
{
	uint32_t len = a ? mnl_attr_get_payload_len(a) : 0;

	if (!len || len > MAX_UFID)
		return;
	spec->ufid_len = (uint8_t)len;
	memcpy(spec->ufid, mnl_attr_get_payload(a), len);
}

static int missing(struct ox_err *e, int attr, const char *what)
{
	if (e)
		e->miss_type = (uint32_t)attr + 1;
	return ox_err_set(e, -EINVAL, "%s is missing in the request", what);
}

static int check_present(const struct nlattr *const *tb, enum ox_flow_want want,
			 const struct ox_flow_request *rq, struct ox_err *e)
{
	bool has_id = rq->has_key || rq->spec.ufid_len;

	if (want == OX_FLOW_WANT_ALL && !rq->has_key)
		return missing(e, OVS_FLOW_ATTR_KEY, "the flow's key");
	if (want == OX_FLOW_WANT_ALL && !tb[OVS_FLOW_ATTR_ACTIONS])
		return missing(e, OVS_FLOW_ATTR_ACTIONS, "the action list");
	if (want != OX_FLOW_WANT_ANY && !has_id)
		return missing(e, OVS_FLOW_ATTR_KEY, "the flow's key or UFID");
	if (want == OX_FLOW_WANT_ID_ACTIONS && tb[OVS_FLOW_ATTR_ACTIONS] &&
	    !rq->has_key)
		return missing(e, OVS_FLOW_ATTR_KEY,
			       "the key, by which actions are checked,");
	return 0;
}

int ox_flow_decode(const void *base, const struct nlattr *const *tb,
		   enum ox_flow_want want, struct ox_flow_request *rq,
		   struct ox_err *e)
{
	bool put = want == OX_FLOW_WANT_ALL || want == OX_FLOW_WANT_ID_ACTIONS;
	struct ox_flow_spec *spec = &rq->spec;
	struct ox_key_out key = { &spec->key, &spec->tun };
	struct ox_key_out mask = { &spec->mask, &spec->tun_mask };
	int err;

	memset(rq, 0, sizeof(*rq));
	rq->has_key = tb[OVS_FLOW_ATTR_KEY];
	rq->clear = tb[OVS_FLOW_ATTR_CLEAR];
	spec->probe = tb[OVS_FLOW_ATTR_PROBE];
	if (tb[OVS_FLOW_ATTR_UFID_FLAGS])
		rq->ufid_flags = mnl_attr_get_u32(tb[OVS_FLOW_ATTR_UFID_FLAGS]);
	get_ufid(tb[OVS_FLOW_ATTR_UFID], spec);

	err = check_present(tb, want, rq, e);
	if (!err && rq->has_key)
		err = ox_key_get_match(base, tb[OVS_FLOW_ATTR_KEY],
				       put ? tb[OVS_FLOW_ATTR_MASK] : NULL,
				       &key, put ? &mask : NULL, e);
	if (err || !put || !tb[OVS_FLOW_ATTR_ACTIONS])
		return err;
	err = ox_actions_compile(base, tb[OVS_FLOW_ATTR_ACTIONS], &spec->key,
				 &spec->mask, &rq->actions, e);
	if (!err)
		spec->actions = &rq->actions;
	return err;
}

void ox_flow_request_done(struct ox_flow_request *rq)
{
	ox_actions_free(&rq->actions);
	rq->spec.actions = NULL;
}

static int put_stats(struct ox_nlbuf *b, const struct ox_flow_stats *s)
{
	struct ovs_flow_stats stats = { s->packets, s->bytes };
	uint8_t tcp_flags = (uint8_t)ntohs(s->tcp_flags);
	int err = 0;

	if (s->used)
		err = ox_nl_put_u64(b, OVS_FLOW_ATTR_USED, s->used / 1000000);
	if (!err && s->packets)
		err = ox_nl_put(b, OVS_FLOW_ATTR_STATS, &stats, sizeof(stats));
	if (!err && tcp_flags)
		err = ox_nl_put_u8(b, OVS_FLOW_ATTR_TCP_FLAGS, tcp_flags);
	return err;
}

static int put_match(struct ox_nlbuf *b, const struct ox_flow_view *v, bool key,
		     bool mask)
{
	struct ox_key masked;
	struct ox_tun tun;
	int err = 0;

	for (int i = 0; i < OX_KEY_WORDS; i++)
		masked.w[i] = v->key->w[i] & v->mask->w[i];
	for (int i = 0; masked.tun_proto && i < OX_TUN_WORDS; i++)
		tun.x[i] = v->tun->x[i] & v->tun_mask->x[i];
	if (key)
		err = ox_key_put(b, OVS_FLOW_ATTR_KEY, false, &masked, &masked,
				 &tun);
	if (!err && mask)
		err = ox_key_put(b, OVS_FLOW_ATTR_MASK, true, &masked, v->mask,
				 v->tun_mask);
	return err;
}

int ox_flow_put(struct ox_nlbuf *b, const struct ox_flow_view *v,
		uint32_t ufid_flags)
{
	bool key = v->ufid_len && !(ufid_flags & OVS_UFID_F_OMIT_KEY);
	bool mask = !(ufid_flags & OVS_UFID_F_OMIT_MASK);
	int err;

	if (v->ufid_len)
		err = ox_nl_put(b, OVS_FLOW_ATTR_UFID, v->ufid, v->ufid_len);
	else
		err = ox_key_put(b, OVS_FLOW_ATTR_KEY, false, v->key, v->key,
				 v->tun);
	if (!err && (key || mask))
		err = put_match(b, v, key, mask);
	if (!err)
		err = put_stats(b, v->stats);
	if (!err && !(ufid_flags & OVS_UFID_F_OMIT_ACTIONS))
		err = ox_nl_put(b, OVS_FLOW_ATTR_ACTIONS, v->nla, v->nla_len);
	return err;
}
