// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_turn.c - a daemon that dies takes along what was in its queue and what
 * it was at. The preload library sends that again to the next one, which
 * finds here, in pinned memory, how much of it has been answered already.
 */
#include "control/netlink/genl_int.h"

void ox_turns_open(struct ox_genl *g, struct ox_state_mem *state)
{
	if (state)
		g->turns = state->turns;
}

static struct ox_turn *place(const struct ox_genl *g, uint32_t portid)
{
	/* port ids: dense, or random from high numbers down. In pinned
	 * memory, so this stays as it is. */
	return &g->turns[(portid * 2654435761u >> 16) % OX_MAX_TURNS];
}

/* One store, so that a crash leaves it whole. */
static void put(struct ox_turn *t, struct ox_turn v)
{
	uint64_t word;

	_Static_assert(sizeof(v) == sizeof(word), "a turn is a word");
	__builtin_memcpy(&word, &v, sizeof(word));
	__atomic_store_n((uint64_t *)t, word, __ATOMIC_RELEASE);
}

uint32_t ox_turn_begin(struct ox_genl *g, uint32_t portid, struct nlmsghdr *nlh,
		       bool *again)
{
	uint8_t turn = (nlh->nlmsg_flags & OX_NLM_F_TURN) >>
		       OX_NLM_F_TURN_SHIFT;
	bool repeated = nlh->nlmsg_flags & OX_NLM_F_AGAIN;
	uint16_t seq = (uint16_t)nlh->nlmsg_seq;
	struct ox_turn *t;

	g->in_turn = turn && g->turns;
	if (turn)
		nlh->nlmsg_flags &= ~(OX_NLM_F_TURN | OX_NLM_F_AGAIN);
	if (!g->in_turn)
		return 0;
	t = place(g, portid);
	if (repeated && t->portid == portid && t->turn == turn &&
	    t->seq == seq) {
		*again = true;
		return t->done;
	}
	put(t, (struct ox_turn){ .portid = portid, .seq = seq, .turn = turn });
	return 0;
}

void ox_turn_done(struct ox_genl *g, uint32_t portid)
{
	struct ox_turn v = *place(g, portid);

	if (v.portid != portid)
		return;
	/* beyond what it can count it forgets: all is done again */
	if (v.done == UINT8_MAX)
		v.portid = 0;
	v.done++;
	put(place(g, portid), v);
}

void ox_turn_forget(struct ox_genl *g, uint32_t portid)
{
	if (g->turns && place(g, portid)->portid == portid)
		put(place(g, portid), (struct ox_turn){ 0 });
}
