// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * inject.c - frames of the user tier into tunnels.
 */
#include "control/packet/inject.h"

#include <string.h>
#include <sys/random.h>

/* Who could guess a token could have one frame of his own sent into another's
 * tunnel. Without randomness none is given away. */
static uint32_t token_new(uint32_t place)
{
	uint32_t r;

	if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != sizeof(r))
		return 0;
	return OX_INJECT_TOKEN(place, r);
}

uint32_t ox_inject_begin(struct ox_mem *m, uint32_t place, uint32_t port_no,
			 const struct ox_output_pkt *tx)
{
	struct ox_inject *in = &m->inject[place];
	uint32_t token = token_new(place);

	in->port_no = port_no;
	in->mark = tx->mark;
	in->priority = tx->priority;
	in->failed = OX_R_NONE;
	memcpy(&in->key, tx->tunnel, sizeof(in->key));
	__atomic_store_n(&in->token, token, __ATOMIC_RELEASE);
	return token;
}

enum ox_reason ox_inject_end(struct ox_mem *m, uint32_t place)
{
	struct ox_inject *in = &m->inject[place];

	/* a program takes it before the frame's sendmsg() returns */
	if (__atomic_exchange_n(&in->token, 0, __ATOMIC_ACQ_REL))
		return OX_R_SEND;
	return in->failed;
}

void ox_inject_clear(struct ox_mem *m)
{
	if (m->inject)
		memset(m->inject, 0, OX_INJECTS * sizeof(*m->inject));
}
