// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * accepted.c - what is meant to differ, how often it was met, and answers and
 * counters.
 */
#include <errno.h>

#include "accepted.h"
#include "accepted_int.h"
#include "norm.h"
#include "ovsxdp/uapi.h"

static struct {
	const char *id, *what;
	uint64_t count;
} list[ACCEPTED] = {
	[TX_BYTES] = { "tx_bytes_of_tags",
		       "a port's tx_bytes: 4 more per tagged frame", 0 },
	[MPLS_KEY] = { "mpls_set_on_stale_key",
		       "key of an upcall between push_mpls and recirc: a "
		       "label in an address",
		       0 },
	[STALE_KEY] = { "stale_key",
			"key of an upcall behind a push or pop: the module's "
			"contradicts the packet, ours doesn't",
			0 },
	[L3_MACS] = { "macs_of_l3_key",
		      "key of an upcall behind push_eth: MACs from before "
		      "pop_eth",
		      0 },
	[SHORT_IHL] = { "set_ipv4_without_header",
			"checksum of an IPv4 header of a wrong length", 0 },
	[METER_SLOT] = { "meter_slots",
			 "a meter whose id shares a slot with another's", 0 },
	[TC_RECIRC] = { "tc_recirc_sharing",
			"the user feature TC_RECIRC_SHARING", 0 },
	[UPCALL_STATS] = { "upcall_stats",
			   "a vport request with a cut UPCALL_STATS", 0 },
	[MASK_RANGE] = { "mask_ranges",
			 "a few masks more or less for the same flows", 0 },
	[IHL_KEY] = { "set_ipv4_without_header_key",
		      "key of a packet whose IPv4 header has a wrong length: "
		      "what was set there",
		      0 },
	[BRANCH_FAILS] = { "branch_fails_below",
			   "cases of a branch that user space runs and an "
			   "edit in it fails",
			   0 },
	[LABEL_LLC] = { "label_behind_llc",
			"cases of a label between LLC and its packet", 0 },
	[BOS_KEY] = { "set_bottom_of_stack",
		      "key of an upcall: labels behind one whose last-bit an "
		      "action has changed",
		      0 },
	[BOS_CASE] = { "set_bottom_of_stack",
		       "cases of a label whose last-bit is set in front of a "
		       "recirculation",
		       0 },
	[SHORT_TAG] = { "tag_of_nothing",
			"cases of a tag pushed onto less than 18 bytes: what "
			"ports count as sent",
			0 },
	[LABEL_TAG] = { "label_before_tag",
			"cases of a label in front of a tagged frame", 0 },
	[CT_CUT_IP] = { "ct_of_cut_ip",
			"cases of ct() and a packet whose IP header is cut: the "
			"module reads its length behind its end",
			0 },
	[TUN_LLC] = { "tunnel_ecn_of_llc",
		      "cases of an LLC frame into a tunnel: ECN bits of an IP "
		      "header that isn't there",
		      0 },
	[TUN_SCTP] = { "tunnel_sum_of_sctp",
		       "cases of SCTP into a tunnel without a device: no outer "
		       "checksum",
		       0 },
	[TUN_SUM] = { "tunnel_sum_of_wrong",
		      "frames into a tunnel without a device: an outer checksum "
		      "that is wrong as the inner one is",
		      0 },
	[TUN_WORDS] = { "tunnel_mask_words",
			"cases with a mask of more than 24 words, with a tunnel "
			"in it",
			0 },
	[TUN_EMPTY] = { "tunnel_of_nothing",
			"cases of a frame that ends with its MACs, into a "
			"tunnel without a device: what its port counts as sent",
			0 },
	[TUNNEL] = { "tunnel_vports", "vports of tunnel types", 0 },
};

void accepted_count(enum accepted kind)
{
	list[kind].count++;
}

bool accepted_answer(const struct nlb *put, const int err[2])
{
	(void)put;
	return gen_tunnels && !err[0] && err[1] == -E2BIG;
}

static uint32_t u32_of(const struct request *q, uint16_t type)
{
	uint32_t v = 0;

	/* the last one counts */
	nla_each(a, q->attrs.b,
		 q->attrs.len) if (nla_kind(a) == type && nla_size(a) >= 4)
		memcpy(&v, nla_body(a), 4);
	return v;
}

/* Is there a nest of this type that ends within its first header? */
static bool cut_nest(const struct request *q, uint16_t type)
{
	nla_each(a, q->attrs.b,
		 q->attrs.len) if (nla_kind(a) == type && nla_size(a) &&
				   nla_size(a) < NLA_HDRLEN) return true;
	return false;
}

static int accepted_kind(const struct request *q, int module, int ours)
{
	uint32_t type = u32_of(q, OVS_VPORT_ATTR_TYPE);

	switch (q->family) {
	case SIDE_METER:
		/* its meters are an array, in which ids share slots */
		if (q->cmd == OVS_METER_CMD_SET && module == -EBUSY && !ours)
			return METER_SLOT;
		break;
	case SIDE_DP:
		if (module == -EOPNOTSUPP &&
		    u32_of(q, OVS_DP_ATTR_USER_FEATURES) &
			    OVS_DP_F_TC_RECIRC_SHARING)
			return TC_RECIRC;
		break;
	case SIDE_VPORT:
		if (q->cmd == OVS_VPORT_CMD_NEW && ours == -EAFNOSUPPORT &&
		    type >= OVS_VPORT_TYPE_GRE && type <= OVS_VPORT_TYPE_GENEVE)
			return TUNNEL;
		/* which modules before 6.3 don't know */
		if (ours == -ERANGE && cut_nest(q, OVS_VPORT_ATTR_UPCALL_STATS))
			return UPCALL_STATS;
		break;
	}
	return -1;
}

bool accepted_request(const struct request *q, int module, int ours)
{
	int kind = accepted_kind(q, module, ours);

	if (kind < 0)
		return false;
	accepted_count(kind);
	return true;
}

bool accepted_tx_bytes(uint64_t module, uint64_t ours, uint64_t tagged)
{
	uint64_t more = ours - module;

	if (!more || more % 4 || more / 4 > tagged)
		return false;
	accepted_count(TX_BYTES);
	return true;
}

bool accepted_masks(uint32_t module, uint32_t ours)
{
	uint32_t more = ours > module ? ours - module : module - ours;

	/* it tells masks apart by which part of the key they span, too; we do
	 * by whether their flows have an Ethernet header */
	if (!more || more > 4)
		return false;
	accepted_count(MASK_RANGE);
	return true;
}

void accepted_summary(FILE *f)
{
	for (int i = 0; i < ACCEPTED; i++)
		if (list[i].count)
			fprintf(f, "# accepted %llu times: %s (%s)\n",
				(unsigned long long)list[i].count, list[i].id,
				list[i].what);
}
