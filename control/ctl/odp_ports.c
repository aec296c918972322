// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_ports.c - names of a datapath's ports and their numbers.
 */
#include "control/ctl/odp.h"

#include <string.h>

const char *ox_odp_port_name(const struct ox_odp_ports *ports, uint32_t no)
{
	for (uint32_t i = 0; ports && i < ports->n; i++)
		if (ports->v[i].no == no)
			return ports->v[i].name;
	return NULL;
}

bool ox_odp_port_find(const struct ox_odp_ports *ports, const char *name,
		      uint32_t *no)
{
	for (uint32_t i = 0; ports && i < ports->n; i++) {
		if (!strcmp(ports->v[i].name, name)) {
			*no = ports->v[i].no;
			return true;
		}
	}
	return false;
}
