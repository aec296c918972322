// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * accepted_case.c - differences that are told by what a case does.
 */
#include <errno.h>

#include "accepted.h"
#include "accepted_int.h"
#include "norm.h"
#include "ovsxdp/uapi.h"

typedef bool (*action_is)(const struct nlattr *action, int kind);

static bool has_action(const uint8_t *p, uint32_t n, action_is is, int kind);

static bool is_kind(const struct nlattr *action, int kind)
{
	return nla_kind(action) == kind;
}

/* A set of the topmost label that may change whether it is the last. */
static bool sets_last_label(const struct nlattr *action, int kind)
{
	const struct nlattr *field = (const void *)nla_body(action);
	bool masked = nla_kind(action) == OVS_ACTION_ATTR_SET_MASKED;

	(void)kind;
	return (masked || nla_kind(action) == OVS_ACTION_ATTR_SET) &&
	       nla_kind(field) == OVS_KEY_ATTR_MPLS &&
	       (!masked || nla_body(field)[nla_size(field) / 2 + 2] & 1);
}

/* A nest of attributes some of which are lists of actions. */
static bool nest_has(const struct nlattr *nest, action_is is, int kind)
{
	int list[2] = { -1, -1 };

	switch (nla_kind(nest)) {
	case OVS_ACTION_ATTR_CLONE:
		return has_action(nla_body(nest), nla_size(nest), is, kind);
	case OVS_ACTION_ATTR_SAMPLE:
		list[0] = OVS_SAMPLE_ATTR_ACTIONS;
		break;
	case OVS_ACTION_ATTR_DEC_TTL:
		list[0] = OVS_DEC_TTL_ATTR_ACTION;
		break;
	case OVS_ACTION_ATTR_CHECK_PKT_LEN:
		list[0] = OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER;
		list[1] = OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL;
		break;
	default:
		return false;
	}
	nla_each(a, nla_body(nest), nla_size(nest))
	{
		if ((nla_kind(a) == list[0] || nla_kind(a) == list[1]) &&
		    has_action(nla_body(a), nla_size(a), is, kind))
			return true;
	}
	return false;
}

static bool has_action(const uint8_t *p, uint32_t n, action_is is, int kind)
{
	nla_each(a, p, n)
	{
		if (is(a, kind) || nest_has(a, is, kind))
			return true;
	}
	return false;
}

static bool case_does(const struct gen_case *c, action_is is, int kind)
{
	for (uint32_t i = 0; i < c->n_flows; i++) {
		const struct nlb *put = c->flow[i].put;
		const struct nlattr *a =
			nla_find(put->b, put->len, OVS_FLOW_ATTR_ACTIONS);

		if (a && has_action(nla_body(a), nla_size(a), is, kind))
			return true;
	}
	return false;
}

static bool case_has(const struct gen_case *c, int kind)
{
	return case_does(c, is_kind, kind);
}

/* Upcalls; frames, too, if they may be. */
static bool all_packets(const struct items *it, bool frames)
{
	for (uint32_t i = 0; i < it->n; i++)
		if (it->v[i].b[0] != ITEM_UPCALL &&
		    (it->v[i].b[0] != ITEM_FRAME || !frames))
			return false;
	return true;
}

/* Of two bytes: the Ethertype of a tag. */
static bool is_tag(const uint8_t *b)
{
	return (b[0] == 0x81 && !b[1]) || (b[0] == 0x88 && b[1] == 0xa8);
}

static bool case_tagged(const struct gen_case *c)
{
	for (int i = 0; i < CASE_PACKETS; i++) {
		const uint8_t *b = c->packet[i].b;

		if (c->packet[i].len >= 14 && is_tag(b + 12))
			return true;
	}
	return case_has(c, OVS_ACTION_ATTR_PUSH_VLAN);
}

/* With a label or NSH in front of its tag, or with a tag but no MACs, a packet
 * can reach no Ethernet port, but user space. After pop_nsh, what was in there
 * is a frame again. */
static bool is_label_before_tag(const struct gen_case *c,
				const struct items *module)
{
	bool pop = case_has(c, OVS_ACTION_ATTR_POP_NSH);

	return all_packets(module, pop) && case_tagged(c) &&
	       (pop || case_has(c, OVS_ACTION_ATTR_ADD_MPLS) ||
		case_has(c, OVS_ACTION_ATTR_PUSH_NSH) ||
		(case_has(c, OVS_ACTION_ATTR_POP_ETH) &&
		 case_has(c, OVS_ACTION_ATTR_PUSH_VLAN)));
}

/* A list in a list that the kernel tiers leave to user space, and then don't
 * wait for: the list around goes on although the branch fails. */
static bool is_branch_below(const struct gen_case *c)
{
	static const int below[] = {
		OVS_ACTION_ATTR_PUSH_MPLS, OVS_ACTION_ATTR_POP_MPLS,
		OVS_ACTION_ATTR_PUSH_ETH,  OVS_ACTION_ATTR_POP_ETH,
		OVS_ACTION_ATTR_PUSH_NSH,  OVS_ACTION_ATTR_POP_NSH,
		OVS_ACTION_ATTR_ADD_MPLS,
	};

	for (uint32_t i = 0; i < c->n_flows; i++) {
		const struct nlb *put = c->flow[i].put;
		const struct nlattr *acts =
			nla_find(put->b, put->len, OVS_FLOW_ATTR_ACTIONS);

		if (!acts)
			continue;
		nla_each(a, nla_body(acts), nla_size(acts))
		{
			for (size_t k = 0; k < sizeof(below) / sizeof(*below);
			     k++)
				if (nest_has(a, is_kind, below[k]))
					return true;
		}
	}
	return false;
}

/* An 802.3 frame with room for an LLC header, by the length behind its tags. */
static bool is_llc(const struct gen_packet *p)
{
	uint32_t at = 12;

	while (at + 10 <= p->len && is_tag(p->b + at))
		at += 4;
	return at + 10 <= p->len && p->b[at] < 6;
}

static bool is_label_behind_llc(const struct gen_case *c)
{
	bool llc = false;

	for (int i = 0; i < CASE_PACKETS; i++)
		llc |= is_llc(&c->packet[i]);
	return llc && (case_has(c, OVS_ACTION_ATTR_ADD_MPLS) ||
		       case_has(c, OVS_ACTION_ATTR_PUSH_MPLS));
}

/* The module's key has as many labels after a recirculation as before. */
static bool is_last_label(const struct gen_case *c)
{
	return case_does(c, sets_last_label, 0) &&
	       case_has(c, OVS_ACTION_ATTR_RECIRC);
}

/* Only counters differ. */
static bool all_counters(const struct items *it)
{
	for (uint32_t i = 0; i < it->n; i++)
		if (it->v[i].b[0] != ITEM_COUNTER)
			return false;
	return true;
}

/* An IP header that ends too early: the module cuts the packet by a length that
 * it reads behind it (ovs_skb_network_trim()). */
static bool is_cut_ip(const struct gen_packet *p)
{
	uint32_t at = 12, left;

	while (at + 6 <= p->len && is_tag(p->b + at))
		at += 4;
	if (at + 2 > p->len)
		return false;
	left = p->len - at - 2;
	return (p->b[at] == 0x08 && !p->b[at + 1] && left < 20) ||
	       (p->b[at] == 0x86 && p->b[at + 1] == 0xdd && left < 40);
}

static bool is_ct_of_cut_ip(const struct gen_case *c)
{
	bool cut = false;

	for (int i = 0; i < CASE_PACKETS; i++)
		cut |= is_cut_ip(&c->packet[i]);
	return cut && case_has(c, OVS_ACTION_ATTR_CT);
}

static bool is_short_tag(const struct gen_case *c)
{
	bool is_short = false;

	for (int i = 0; i < CASE_PACKETS; i++)
		is_short |= c->packet[i].len < 18;
	return is_short && case_has(c, OVS_ACTION_ATTR_PUSH_VLAN);
}

/* Frames below the tunnels. */
static bool all_outer(const struct items *it)
{
	for (uint32_t i = 0; i < it->n; i++)
		if (it->v[i].b[0] != ITEM_FRAME || it->v[i].b[1] != GEN_UNDER)
			return false;
	return it->n;
}

/* A packet's bytes behind its outer headers. */
static struct gen_packet inner_of(const struct gen_packet *p)
{
	struct gen_packet in = { .in_port = p->in_port };

	in.len = p->len > p->inner ? p->len - p->inner : 0;
	memcpy(in.b, p->b + p->inner, in.len);
	return in;
}

static bool is_sctp(const struct gen_packet *p)
{
	uint32_t at = 12;

	while (at + 30 <= p->len && is_tag(p->b + at))
		at += 4;
	return at + 30 <= p->len &&
	       (p->b[at + 2 + 9] == 132 || p->b[at + 2 + 6] == 132);
}

static bool any_inner(const struct gen_case *c,
		      bool (*is)(const struct gen_packet *))
{
	for (int i = 0; i < CASE_PACKETS; i++) {
		struct gen_packet in = inner_of(&c->packet[i]);

		if (is(&in))
			return true;
	}
	return false;
}

/* What the ports of tunnels have sent. */
static bool all_tunnels_tx(const struct items *it)
{
	for (uint32_t i = 0; i < it->n; i++) {
		const char *text = (const char *)it->v[i].b + 1;
		unsigned int port = 0;
		int end = 0;

		if (it->v[i].b[0] != ITEM_COUNTER)
			return false;
		sscanf(text, "port %u: tx%n", &port, &end);
		if (!end || port <= GEN_PORTS)
			return false;
	}
	return it->n;
}

/* Ours has no room for a mask. */
static bool is_mask_too_long(const struct gen_case *c)
{
	for (uint32_t i = 0; i < c->n_flows; i++)
		if (!c->flow[i].err[0] && c->flow[i].err[1] == -E2BIG)
			return true;
	return false;
}

bool accepted_case(const struct gen_case *c, const struct items *module,
		   const struct items *ours)
{
	int kind = -1;

	if (!ours->n && is_label_before_tag(c, module))
		kind = LABEL_TAG;
	else if (!module->n && all_packets(ours, true) && is_branch_below(c))
		kind = BRANCH_FAILS;
	else if (all_packets(ours, true) && all_packets(module, true) &&
		 is_label_behind_llc(c))
		kind = LABEL_LLC;
	else if (all_packets(ours, true) && all_packets(module, true) &&
		 is_last_label(c))
		kind = BOS_CASE;
	else if (all_counters(module) && all_counters(ours) && is_short_tag(c))
		kind = SHORT_TAG;
	else if (is_ct_of_cut_ip(c))
		kind = CT_CUT_IP;
	else if (!gen_by_device && all_tunnels_tx(module) &&
		 all_tunnels_tx(ours) && case_has(c, OVS_ACTION_ATTR_TRUNC))
		kind = TUN_EMPTY;
	else if (gen_tunnels && is_mask_too_long(c))
		kind = TUN_WORDS;
	else if (all_outer(ours) && all_outer(module) && any_inner(c, is_llc))
		kind = TUN_LLC;
	else if (!gen_by_device && all_outer(ours) && all_outer(module) &&
		 any_inner(c, is_sctp))
		kind = TUN_SCTP;
	if (kind < 0)
		return false;
	accepted_count(kind);
	return true;
}
