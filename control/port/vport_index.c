// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vport_index.c - ports by the ifindex of their devices, see vport_index.h. A
 * hash table that is made anew when it is asked after a change: ports change
 * seldom, and by requests only.
 */
#include "control/port/vport_index.h"

#include <stdlib.h>

#include "ovsxdp/cleanup.h"

struct place {
	uint32_t ifindex; /* 0: free */
	uint32_t port_no;
	struct ox_datapath *dp;
};

struct ox_port_index {
	uint32_t mask; /* places - 1 */
	struct place at[];
};

/* Where ifindex is, or the free place for it. */
static struct place *find(struct ox_port_index *x, uint32_t ifindex)
{
	uint32_t i = ifindex * 2654435761u >> 7;

	while (x->at[i & x->mask].ifindex &&
	       x->at[i & x->mask].ifindex != ifindex)
		i++;
	return &x->at[i & x->mask];
}

static void put(struct ox_port_index *x, uint32_t ifindex,
		struct ox_datapath *dp, uint32_t port_no)
{
	struct place *p = find(x, ifindex);

	if (ifindex && !p->ifindex)
		*p = (struct place){ ifindex, port_no, dp };
}

static void put_ports(struct ox_port_index *x, struct ox_datapath *dp,
		      bool carriers)
{
	const struct ox_mem *m = dp->mem;
	uint32_t i, seen = 0;

	for (i = 0; i < m->config->max_ports && seen < dp->n_ports; i++) {
		if (!m->uports[i].type)
			continue;
		seen++;
		put(x, carriers ? m->ports[i].ifindex : m->uports[i].ifindex,
		    dp, i);
	}
}

/* Half empty, so that a search ends soon. */
static struct ox_port_index *make(const struct ox_ports *ps)
{
	struct ox_port_index *x;
	struct ox_datapath *dp;
	uint32_t n = 0, places = 16;

	for (dp = ps->datapaths; dp; dp = dp->next)
		n += 2 * dp->n_ports;
	while (places < 2 * n)
		places *= 2;
	x = calloc(1, sizeof(*x) + places * sizeof(x->at[0]));
	if (!x)
		return NULL;
	x->mask = places - 1;
	/* a near end in another namespace has an index of that one: what is
	 * certainly here comes first */
	for (dp = ps->datapaths; dp; dp = dp->next)
		put_ports(x, dp, true);
	for (dp = ps->datapaths; dp; dp = dp->next)
		put_ports(x, dp, false);
	return x;
}

uint32_t ox_vport_by_ifindex(struct ox_ports *ps, uint32_t ifindex,
			     struct ox_datapath **dp)
{
	const struct place *p;

	if (!ps->index || ps->index_stale) {
		ox_vport_index_free(ps);
		ps->index = make(ps);
		ps->index_stale = false;
	}
	if (!ps->index || !ifindex)
		return OX_NONE;
	p = find(ps->index, ifindex);
	if (!p->ifindex)
		return OX_NONE;
	*dp = p->dp;
	return p->port_no;
}

void ox_vport_index_free(struct ox_ports *ps)
{
	free(take_ptr(ps->index));
}
