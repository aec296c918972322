// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_build.c - from a kept stream of attributes to ops, and to which
 * tier starts on them.
 *
 * Lists in lists become branches in line. What is the last action of its list
 * runs in place, on the very packet. What isn't gets a copy of packet and key
 * (CLONE), unless it only looks at the packet. That is what the module does
 * with skb_clone() and its key stack. Streams come from memory that a crash may
 * have torn, so every length is looked at once more.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "control/codec/actions_int.h"
#include "ovsxdp/cleanup.h"

static void build_list(struct ox_build *b, const void *list, int len,
		       uint32_t level);

/* Sets how many ops the one at index at has after it. */
static void skip_to_here(struct ox_build *b, uint32_t at)
{
	if (!b->err)
		b->steps[at].op.arg = b->n - at - 1;
}

/* The bounds of a copy's branch, for those steps that have none closer. */
static void close_branch(struct ox_build *b, uint32_t from)
{
	for (uint32_t i = from; i < b->n; i++)
		if (!b->steps[i].end)
			b->steps[i].end = b->n;
}

/* What an action does to the packet and to its key. */
enum effect {
	LOOKS, /* at most it copies them */
	CUTS,  /* it bounds the copy that the next output makes */
	LISTS, /* what the lists in it do */
	RECIRCS,
	CHANGES,
};

static enum effect effect(const struct nlattr *a)
{
	switch (ox_action_type(a)) {
	case OX_ACTION_OUTPUT:
	case OX_ACTION_USERSPACE:
		return LOOKS;
	case OX_ACTION_TRUNC:
		return CUTS;
	case OX_ACTION_CLONE:
	case OX_ACTION_SAMPLE:
	case OX_ACTION_CHECK_PKT_LEN:
		return LISTS;
	case OX_ACTION_RECIRC:
		return RECIRCS;
	case OX_ACTION_SET:
	case OX_ACTION_SET_MASKED:
	case OX_ACTION_PUSH_VLAN:
	case OX_ACTION_POP_VLAN:
	case OX_ACTION_PUSH_MPLS:
	case OX_ACTION_ADD_MPLS:
	case OX_ACTION_POP_MPLS:
	case OX_ACTION_PUSH_ETH:
	case OX_ACTION_POP_ETH:
	case OX_ACTION_PUSH_NSH:
	case OX_ACTION_POP_NSH:
	case OX_ACTION_HASH:
	case OX_ACTION_DEC_TTL:
	case OX_ACTION_METER: /* may end the list */
	case OX_ACTION_DROP:
	case OX_ACTION_CT:
	case OX_ACTION_CT_CLEAR:
		return CHANGES;
	}
	return CHANGES;
}

static bool lists_harmless(const struct nlattr *a, uint32_t level);

/* Does a list only look at the packet and change neither it nor its key? */
static bool harmless(const void *list, int len, uint32_t level)
{
	const struct nlattr *a;
	int rem;

	if (level > OX_ACTIONS_MAX_DEPTH)
		return false;
	ox_attr_for_each(a, list, len, rem)
	{
		switch (effect(a)) {
		case LOOKS:
			break;
		case LISTS:
			if (!lists_harmless(a, level + 1))
				return false;
			break;
		case CUTS:
		case RECIRCS:
		case CHANGES:
			return false;
		}
	}
	return true;
}

/* The same for the lists in a clone, a sample, or a check_pkt_len. */
static bool lists_harmless(const struct nlattr *nest, uint32_t level)
{
	bool sample = ox_action_type(nest) == OX_ACTION_SAMPLE;
	const struct nlattr *a;
	int rem;

	if (ox_action_type(nest) == OX_ACTION_CLONE)
		return harmless(mnl_attr_get_payload(nest),
				mnl_attr_get_payload_len(nest), level);
	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		if (mnl_attr_get_type(a) ==
		    (sample ? OVS_SAMPLE_ATTR_PROBABILITY
			    : OVS_CHECK_PKT_LEN_ATTR_PKT_LEN))
			continue;
		if (!harmless(mnl_attr_get_payload(a),
			      mnl_attr_get_payload_len(a), level))
			return false;
	}
	return true;
}

/*
 * Does a list that shares its key with the list around it recirculate? Then
 * the module parses a stale key again for both (actions_may_change_flow()).
 */
static bool freshens(const struct nlattr *list)
{
	const struct nlattr *a;
	bool recirc = false;
	int rem;

	ox_attr_for_each(a, mnl_attr_get_payload(list),
			 mnl_attr_get_payload_len(list), rem)
	{
		switch (effect(a)) {
		case RECIRCS:
			recirc = true;
			break;
		case LOOKS:
		case CUTS:
			break;
		case LISTS:
		case CHANGES:
			return false;
		}
	}
	return recirc;
}

/*
 * A list in a list. A truncation that waits for its output belongs to the
 * copy as well as to the original: then a harmless list needs a copy, too.
 * One that the packet brings along over a recirculation isn't known here:
 * the flags of a harmless list's outputs have it serve both.
 */
static void build_branch(struct ox_build *b, const struct nlattr *list,
			 uint32_t level, bool last)
{
	bool cut = b->cut;
	uint8_t cut_flags = b->cut_flags;
	uint32_t at = b->n;

	if (last) {
		build_list(b, mnl_attr_get_payload(list),
			   mnl_attr_get_payload_len(list), level);
	} else if (!cut && harmless(mnl_attr_get_payload(list),
				    mnl_attr_get_payload_len(list), level)) {
		b->cut_flags |= OX_OPF_KEEP_CUT;
		build_list(b, mnl_attr_get_payload(list),
			   mnl_attr_get_payload_len(list), level);
	} else {
		b->cut_flags = 0;
		ox_build_add(b, OX_OP_CLONE, 0)->flags =
			freshens(list) ? OX_OPF_FRESH : 0;
		b->depth++;
		build_list(b, mnl_attr_get_payload(list),
			   mnl_attr_get_payload_len(list), level);
		b->depth--;
		skip_to_here(b, at);
		close_branch(b, at + 1);
	}
	b->cut = cut;
	b->cut_flags = cut_flags;
}

/* OUTPUT or USERSPACE: what waited for it is over, in its own list. */
static void build_use(struct ox_build *b, enum ox_opcode code, uint32_t arg)
{
	ox_build_add(b, code, arg)->flags = b->cut_flags;
	if (b->cut_flags & OX_OPF_KEEP_CUT)
		b->cut_flags |= OX_OPF_WHOLE;
	b->cut = false;
}

static void build_sample(struct ox_build *b, const struct nlattr *a,
			 uint32_t level, bool last)
{
	const struct nlattr *p = ox_nla_find(a, OVS_SAMPLE_ATTR_PROBABILITY);
	const struct nlattr *list = ox_nla_find(a, OVS_SAMPLE_ATTR_ACTIONS);
	uint32_t at = b->n;

	if (!p || mnl_attr_get_payload_len(p) != 4 || !list) {
		b->err = b->err ? b->err : -EINVAL;
		return;
	}
	/* never and always are no questions for the data plane */
	if (!mnl_attr_get_u32(p))
		return;
	if (mnl_attr_get_u32(p) == UINT32_MAX) {
		build_branch(b, list, level, last);
		return;
	}
	ox_build_add(b, OX_OP_SAMPLE, 0)->val = mnl_attr_get_u32(p);
	build_branch(b, list, level, last);
	skip_to_here(b, at);
}

static void build_check_len(struct ox_build *b, const struct nlattr *a,
			    uint32_t level, bool last)
{
	const struct nlattr *len, *le, *gt;
	uint32_t at = b->n, jump;

	len = ox_nla_find(a, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN);
	le = ox_nla_find(a, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL);
	gt = ox_nla_find(a, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER);
	if (!len || mnl_attr_get_payload_len(len) < 2 || !le || !gt) {
		b->err = b->err ? b->err : -EINVAL;
		return;
	}
	ox_build_add(b, OX_OP_CHECK_LEN, 0)->val = mnl_attr_get_u16(len);
	build_branch(b, le, level, last);
	jump = b->n;
	ox_build_add(b, OX_OP_JUMP, 0);
	skip_to_here(b, at);
	build_branch(b, gt, level, last);
	skip_to_here(b, jump);
}

/* Where the TTL is at its end, so is the list: the branch has the packet. */
static void build_dec_ttl(struct ox_build *b, const struct nlattr *a,
			  uint32_t level)
{
	const struct nlattr *list = ox_nla_find(a, OVS_DEC_TTL_ATTR_ACTION);
	uint32_t at = b->n;

	if (!list) {
		b->err = b->err ? b->err : -EINVAL;
		return;
	}
	ox_build_add(b, OX_OP_DEC_TTL, 0);
	build_branch(b, list, level, true);
	ox_build_add(b, OX_OP_END, 0);
	skip_to_here(b, at);
}

static void build_recirc(struct ox_build *b, const struct nlattr *a, bool last)
{
	uint32_t at = b->n;

	if (last) {
		ox_build_add(b, OX_OP_RECIRC, mnl_attr_get_u32(a));
		return;
	}
	ox_build_add(b, OX_OP_CLONE, 1)->flags = OX_OPF_FRESH;
	b->depth++;
	ox_build_add(b, OX_OP_RECIRC, mnl_attr_get_u32(a));
	b->depth--;
	close_branch(b, at + 1);
}

/* ---- actions that are one op ---- */

/* The CFI bit of an attribute's TCI only says "tag": it isn't sent. */
static void build_push_vlan(struct ox_build *b, const struct nlattr *a)
{
	struct ovs_action_push_vlan v;

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	ox_build_add(b, OX_OP_PUSH_VLAN,
		     (uint32_t)ntohs(v.vlan_tpid) << 16 |
			     (ntohs(v.vlan_tci) & ~OX_VLAN_CFI));
}

static void build_push_mpls(struct ox_build *b, const struct nlattr *a)
{
	struct ovs_action_push_mpls v;

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	ox_build_add(b, OX_OP_PUSH_MPLS, ntohs(v.mpls_ethertype))->val =
		v.mpls_lse;
}

static void build_add_mpls(struct ox_build *b, const struct nlattr *a)
{
	struct ovs_action_add_mpls v;
	bool l3;

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	l3 = v.tun_flags & OVS_MPLS_L3_TUNNEL_FLAG_MASK;
	ox_build_add(b, OX_OP_ADD_MPLS,
		     ntohs(v.mpls_ethertype) | (l3 ? OX_MPLS_L3 : 0))
		->val = v.mpls_lse;
}

static void build_push_eth(struct ox_build *b, const struct nlattr *a)
{
	struct ovs_action_push_eth v;
	struct ox_op *op = ox_build_add(b, OX_OP_PUSH_ETH, 0);

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	memcpy(&op->val, v.addresses.eth_dst, 6);
	memcpy(&op->mask, v.addresses.eth_src, 6);
}

static void build_hash(struct ox_build *b, const struct nlattr *a)
{
	struct ovs_action_hash v;

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	ox_build_add(b, OX_OP_HASH, v.hash_basis)->val = v.hash_alg;
}

static uint32_t offset(const struct ox_build *b, const struct nlattr *a)
{
	return (uint32_t)((const uint8_t *)a - b->nla);
}

static void build_action(struct ox_build *b, const struct nlattr *a,
			 uint32_t level, bool last)
{
	switch (ox_action_type(a)) {
	case OX_ACTION_OUTPUT:
		build_use(b, OX_OP_OUTPUT, mnl_attr_get_u32(a));
		return;
	case OX_ACTION_USERSPACE:
		build_use(b, OX_OP_USERSPACE, offset(b, a));
		return;
	case OX_ACTION_SET:
		if (ox_build_set(b, a, false))
			return;
		break;
	case OX_ACTION_SET_MASKED:
		if (ox_build_set(b, a, true))
			return;
		break;
	case OX_ACTION_PUSH_VLAN:
		build_push_vlan(b, a);
		return;
	case OX_ACTION_POP_VLAN:
		ox_build_add(b, OX_OP_POP_VLAN, 0);
		return;
	case OX_ACTION_PUSH_MPLS:
		build_push_mpls(b, a);
		return;
	case OX_ACTION_ADD_MPLS:
		build_add_mpls(b, a);
		return;
	case OX_ACTION_POP_MPLS:
		ox_build_add(b, OX_OP_POP_MPLS, ntohs(mnl_attr_get_u16(a)));
		return;
	case OX_ACTION_PUSH_ETH:
		build_push_eth(b, a);
		return;
	case OX_ACTION_POP_ETH:
		ox_build_add(b, OX_OP_POP_ETH, 0);
		return;
	case OX_ACTION_PUSH_NSH:
		ox_build_add(b, OX_OP_PUSH_NSH, offset(b, a));
		return;
	case OX_ACTION_POP_NSH:
		ox_build_add(b, OX_OP_POP_NSH, 0);
		return;
	case OX_ACTION_SAMPLE:
		build_sample(b, a, level, last);
		return;
	case OX_ACTION_CLONE:
		build_branch(b, a, level, last);
		return;
	case OX_ACTION_CHECK_PKT_LEN:
		build_check_len(b, a, level, last);
		return;
	case OX_ACTION_DEC_TTL:
		build_dec_ttl(b, a, level);
		return;
	case OX_ACTION_RECIRC:
		build_recirc(b, a, last);
		return;
	case OX_ACTION_HASH:
		build_hash(b, a);
		return;
	case OX_ACTION_TRUNC:
		ox_build_add(b, OX_OP_TRUNC, mnl_attr_get_u32(a));
		b->cut = true;
		return;
	case OX_ACTION_METER:
		ox_build_add(b, OX_OP_METER, mnl_attr_get_u32(a));
		return;
	case OX_ACTION_DROP:
		ox_build_add(b, OX_OP_DROP, mnl_attr_get_u32(a));
		return;
	case OX_ACTION_CT:
		if (ox_build_ct(b, a))
			return;
		break;
	case OX_ACTION_CT_CLEAR:
		ox_build_add(b, OX_OP_CT_CLEAR, 0);
		return;
	}
	b->err = b->err ? b->err : -EINVAL;
}

static void build_list(struct ox_build *b, const void *list, int len,
		       uint32_t level)
{
	const struct nlattr *a;
	int rem;

	if (level > OX_ACTIONS_MAX_DEPTH)
		b->err = b->err ? b->err : -EINVAL;
	if (b->err)
		return;
	ox_attr_for_each(a, list, len, rem)
	{
		if (!ox_action_known(a) || !ox_action_len_ok(a))
			b->err = -EINVAL;
		if (b->err)
			return;
		build_action(b, a, level + 1,
			     rem <= (int)NLA_ALIGN(a->nla_len));
	}
	if (rem > 0)
		b->err = b->err ? b->err : -EINVAL;
}

/* ---- what the ops amount to ---- */

/* Edits that every tier's short way knows, then one output. */
static bool simple(const struct ox_op *ops, uint32_t n)
{
	if (!n || n > OX_ACTS_OPS || ops[n - 1].code != OX_OP_OUTPUT)
		return false;
	while (--n)
		if (!(ox_op_traits(ops[n - 1].code) & OX_TRAIT_SHORT))
			return false;
	return true;
}

static bool only_upcalls(const struct ox_op *ops, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (ops[i].code != OX_OP_USERSPACE)
			return false;
	return true;
}

static uint32_t choose_kind(const struct ox_op *ops, uint32_t n)
{
	if (!n)
		return OX_ACT_DROP;
	if (simple(ops, n))
		return n == 1 ? OX_ACT_OUTPUT : OX_ACT_OPS;
	return only_upcalls(ops, n) ? OX_ACT_USER : OX_ACT_RUN;
}

static int take_ops(const struct ox_build *b, struct ox_actions *out)
{
	out->n_ops = b->n;
	out->ops = NULL;
	if (b->n) {
		out->ops = malloc(b->n * sizeof(*out->ops));
		if (!out->ops)
			return -ENOMEM;
		for (uint32_t i = 0; i < b->n; i++)
			out->ops[i] = b->steps[i].op;
	}
	out->kind = choose_kind(out->ops, b->n);
	out->port = out->kind == OX_ACT_OUTPUT ? out->ops[0].arg : 0;
	out->acts_flags = 0;
	if (out->kind == OX_ACT_RUN)
		out->acts_flags = ox_actions_flags(out->ops, b->n);
	return 0;
}

int ox_actions_build(const void *nla, uint32_t nla_len, struct ox_actions *out)
{
	struct ox_build b = { .nla = nla };
	int err;

	build_list(&b, nla, (int)nla_len, 0);
	err = b.err;
	if (!err) {
		close_branch(&b, 0);
		ox_build_trim(&b);
		err = b.err ? b.err : take_ops(&b, out);
	}
	free(b.steps);
	return err;
}
