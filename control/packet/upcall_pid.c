// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * upcall_pid.c - who is told of a packet; see upcall_pid.h.
 */
#include "control/packet/upcall_pid.h"

#include <string.h>

#include "ovsxdp/uapi.h"

/* More CPUs than port ids: any is better than none, as the module does. */
static uint32_t cpu_pid(const struct ox_config *c, uint32_t cpu)
{
	return c->n_cpu_pids ? c->cpu_pids[cpu % c->n_cpu_pids] : 0;
}

uint32_t ox_upcall_pid(const struct ox_datapath *dp, uint32_t port_no,
		       uint32_t hash, uint32_t cpu)
{
	const struct ox_config *c = dp->mem->config;
	const struct ox_uport *u;

	if (c->user_features & OVS_DP_F_DISPATCH_UPCALL_PER_CPU)
		return cpu_pid(c, cpu);
	if (!ox_vport_exists(dp, port_no))
		return 0;
	u = &dp->mem->uports[port_no];
	return u->n_pids ? u->pids[hash % u->n_pids] : 0;
}

size_t ox_upcall_pids(const struct ox_datapath *dp, uint32_t *ids)
{
	const struct ox_config *c = dp->mem->config;
	size_t n = 0;

	if (c->user_features & OVS_DP_F_DISPATCH_UPCALL_PER_CPU)
		n = c->n_cpu_pids;
	if (ids)
		memcpy(ids, c->cpu_pids, n * sizeof(*ids));
	for (uint32_t i = 0; i < c->max_ports; i++) {
		const struct ox_uport *u = &dp->mem->uports[i];

		if (!ox_vport_exists(dp, i))
			continue;
		if (ids)
			memcpy(ids + n, u->pids, u->n_pids * sizeof(*ids));
		n += u->n_pids;
	}
	return n;
}

void ox_upcall_pids_note(struct ox_datapath *dp, const uint32_t *pids,
			 uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (pids[i])
			dp->mem->config->had_reader = 1;
}
