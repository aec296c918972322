// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tier.c - the tier of a flow; see tier.h.
 */
#include "control/ctl/tier.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "control/codec/actions.h"
#include "ovsxdp/cleanup.h"

static const struct ox_tier_port *find(const struct ox_tier_port *ports,
				       uint32_t n, uint32_t no)
{
	for (uint32_t i = 0; i < n; i++)
		if (ports[i].no == no)
			return &ports[i];
	return NULL;
}

/* Moves the flow to a lower tier, or adds a reason why it is there. A list
 * that user space runs needs no further ones. */
static void lower(struct ox_tier *t, const char *name, const char *why,
		  uint32_t port)
{
	size_t at = strlen(t->why);

	if (strcmp(t->name, name)) {
		if (!strcmp(t->name, "user"))
			return;
		t->name = name;
		at = 0;
	}
	snprintf(t->why + at, sizeof(t->why) - at,
		 at ? ", port %u %s" : "port %u %s", port, why);
}

/* Where do packets come in? A port without a program lets none in; the list
 * is what there is to say then. */
static void ingress(struct ox_tier *t, const struct ox_tier_port *in)
{
	if (in && in->mode == OX_MODE_TC)
		lower(t, "skb", "is in mode tc", in->no);
}

/* Generic XDP sends as a stack does, so that it reaches every device. */
static void egress(struct ox_tier *t, const struct ox_tier_port *in,
		   const struct ox_tier_port *out)
{
	bool from_l3 = in && (in->flags & OX_PORT_L3);

	if ((out->flags & OX_PORT_L3) && !from_l3)
		lower(t, "user", "takes no Ethernet header", out->no);
	else if ((out->flags & OX_PORT_NO_XMIT) &&
		 !(in && in->mode == OX_MODE_XDP_GENERIC) &&
		 !strcmp(t->name, "xdp"))
		lower(t, "skb", "can't be reached by XDP_REDIRECT", out->no);
}

/* Each port once, however often the list names it. */
static bool seen_before(const struct ox_actions *a, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++)
		if (a->ops[j].code == OX_OP_OUTPUT &&
		    a->ops[j].arg == a->ops[i].arg)
			return true;
	return false;
}

static bool removes_eth(const struct ox_actions *a)
{
	for (uint32_t i = 0; i < a->n_ops; i++)
		if (a->ops[i].code == OX_OP_POP_ETH)
			return true;
	return false;
}

int ox_tier_of(const void *acts, uint32_t len, uint32_t in_no,
	       const struct ox_tier_port *ports, uint32_t n_ports,
	       struct ox_tier *t)
{
	const struct ox_tier_port *in = find(ports, n_ports, in_no);
	_cleanup_(ox_actions_free) struct ox_actions a = { 0 };
	int err = ox_actions_recompile(acts, len, &a);

	memset(t, 0, sizeof(*t));
	if (err)
		return err;
	ox_actions_tier(&a, &t->name, t->why, sizeof(t->why));
	/* nothing leaves by a port, wherever it came in */
	if (a.kind == OX_ACT_USER)
		return 0;
	ingress(t, in);
	for (uint32_t i = 0; i < a.n_ops; i++) {
		const struct ox_tier_port *out;

		if (a.ops[i].code != OX_OP_OUTPUT || seen_before(&a, i))
			continue;
		out = find(ports, n_ports, a.ops[i].arg);
		if (out && !removes_eth(&a))
			egress(t, in, out);
	}
	return 0;
}
