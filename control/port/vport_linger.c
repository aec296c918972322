// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vport_linger.c - lingering flows go with their port. There may be a million,
 * so it takes some turns of the loop; see vport_linger.h.
 */
#include "control/port/vport_linger.h"

#include "control/base/loop.h"
#include "control/netlink/genl.h"
#include "control/packet/packet.h"

static void step(void *arg)
{
	struct ox_datapath *dp = arg;

	ox_loop_did(dp->packets->loop, OX_DID_FLOWS, OX_FLUSH_STEP);
	if (ox_table_linger_port_step(dp->table))
		ox_loop_timer_now(dp->unlinger);
	else if (dp->packets->genl)
		ox_genl_wake(dp->packets->genl);
}

/* From the next turn on; at once, if there is no timer to be had. */
static void begin(struct ox_datapath *dp)
{
	struct ox_loop *loop = dp->packets->loop;

	if (!dp->unlinger && loop)
		ox_loop_timer(loop, 0, 0, step, dp, &dp->unlinger);
	if (dp->unlinger && !ox_loop_timer_now(dp->unlinger))
		return;
	while (ox_table_linger_port_step(dp->table))
		;
}

void ox_vport_unlinger(struct ox_datapath *dp, uint32_t port_no)
{
	if (ox_table_linger_port(dp->table, port_no))
		begin(dp);
}

void ox_vport_unlinger_all(struct ox_datapath *dp)
{
	bool any = false;

	for (uint32_t i = 0; i < dp->mem->config->max_ports; i++)
		if (!ox_vport_exists(dp, i))
			any |= ox_table_linger_port(dp->table, i);
	if (any)
		begin(dp);
}

void ox_vport_unlinger_close(struct ox_datapath *dp)
{
	ox_loop_del(dp->unlinger);
	dp->unlinger = NULL;
}
