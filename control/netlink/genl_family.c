// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_family.c - the families that are served, by id and by name.
 */
#include "control/netlink/genl_int.h"

#include <errno.h>
#include <string.h>

const struct ox_genl_family *ox_family_by_id(const struct ox_genl *g,
					     uint16_t id)
{
	for (int i = 0; i < g->n_families; i++) {
		if (g->families[i]->id == id)
			return g->families[i];
	}
	return NULL;
}

const struct ox_genl_family *ox_family_by_name(const struct ox_genl *g,
					       const char *name)
{
	for (int i = 0; i < g->n_families; i++) {
		if (!strcmp(g->families[i]->name, name))
			return g->families[i];
	}
	return NULL;
}

int ox_genl_register(struct ox_genl *g, const struct ox_genl_family *f)
{
	if (g->n_families == OX_MAX_FAMILIES)
		return -ENOSPC;
	if (f->id == GENL_ID_CTRL || ox_family_by_id(g, f->id))
		return -EEXIST;
	for (int i = 0; i < f->n_ops; i++) {
		if (f->ops[i].max_attr > OX_GENL_MAX_ATTR)
			return -EINVAL;
	}
	g->families[g->n_families++] = f;
	return 0;
}
