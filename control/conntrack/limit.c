// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * limit.c - limits of zones. The flag that says that a zone has one is written
 * after it, and taken away before.
 */
#include "control/conntrack/limit.h"

#include "control/conntrack/view.h"

static void set_flag(struct ox_ct_zone *z, bool on)
{
	uint16_t flags = z->flags & ~OX_CT_ZONE_LIMIT;

	__atomic_store_n(&z->flags,
			 (uint16_t)(flags | (on ? OX_CT_ZONE_LIMIT : 0)),
			 __ATOMIC_RELEASE);
}

void ox_ct_limit_set(struct ox_ct_mem *m, const struct ox_ct_limit *l)
{
	uint32_t *limit = &m->conf->default_limit;

	if (l->zone != OX_CT_LIMIT_DEFAULT)
		limit = &m->zones[l->zone].limit;
	__atomic_store_n(limit, l->limit, __ATOMIC_RELAXED);
	if (l->zone != OX_CT_LIMIT_DEFAULT)
		set_flag(&m->zones[l->zone], true);
}

void ox_ct_limit_del(struct ox_ct_mem *m, int32_t zone)
{
	if (zone == OX_CT_LIMIT_DEFAULT)
		__atomic_store_n(&m->conf->default_limit, OX_CT_LIMIT_NONE,
				 __ATOMIC_RELAXED);
	else
		set_flag(&m->zones[zone], false);
}

void ox_ct_limit_view(const struct ox_ct_mem *m, int32_t zone,
		      struct ox_ct_limit *out)
{
	*out = (struct ox_ct_limit){ .zone = zone,
				     .limit = m->conf->default_limit };
	if (zone == OX_CT_LIMIT_DEFAULT)
		return;
	if (m->zones[zone].flags & OX_CT_ZONE_LIMIT)
		out->limit = m->zones[zone].limit;
	out->count = ox_ct_zone_count(m, (uint16_t)zone);
}

int32_t ox_ct_limit_next_zone(const struct ox_ct_mem *m, int32_t zone)
{
	for (; zone < (int32_t)OX_CT_ZONES; zone++)
		if (m->zones[zone].flags & OX_CT_ZONE_LIMIT)
			return zone;
	return -1;
}
