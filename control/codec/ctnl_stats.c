// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ctnl_stats.c - counters of the table, all and by CPU.
 */
#include <sys/socket.h>

#include "control/codec/ctnl_int.h"

/* A message of 32-bit counters: attributes type[i] with v[i]. */
static int put_counts(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
		      uint8_t subsys, uint8_t cmd, uint16_t res_id,
		      const uint16_t *type, const uint32_t *v, int n)
{
	int err = ox_ctnl_begin(b, to, subsys, cmd, AF_UNSPEC, res_id);

	if (err)
		return err;
	for (int i = 0; i < n && !err; i++)
		err = ox_ctnl_put_be32(b, type[i], v[i]);
	return ox_ctnl_end(b, err);
}

int ox_ctnl_stats_cpu_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
			  uint16_t cpu, const struct ox_ctnl_stats *s)
{
	static const uint16_t type[] = {
		CTA_STATS_FOUND,	 CTA_STATS_INVALID,
		CTA_STATS_INSERT,	 CTA_STATS_INSERT_FAILED,
		CTA_STATS_DROP,		 CTA_STATS_EARLY_DROP,
		CTA_STATS_ERROR,	 CTA_STATS_SEARCH_RESTART,
		CTA_STATS_CLASH_RESOLVE, CTA_STATS_CHAIN_TOOLONG,
	};
	const uint32_t v[] = {
		s->found,	  s->invalid,	     s->insert,
		s->insert_failed, s->drop,	     s->early_drop,
		s->error,	  s->search_restart, s->clash_resolve,
		s->chain_toolong,
	};

	return put_counts(b, to, NFNL_SUBSYS_CTNETLINK,
			  IPCTNL_MSG_CT_GET_STATS_CPU, cpu, type, v,
			  sizeof(v) / sizeof(v[0]));
}

int ox_ctnl_stats_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
		      uint32_t entries, uint32_t max)
{
	static const uint16_t type[] = { CTA_STATS_GLOBAL_ENTRIES,
					 CTA_STATS_GLOBAL_MAX_ENTRIES };
	const uint32_t v[] = { entries, max };

	return put_counts(b, to, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS,
			  0, type, v, 2);
}

int ox_ctnl_stats_exp_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
			  uint16_t cpu, uint32_t made_new, uint32_t created,
			  uint32_t deleted)
{
	static const uint16_t type[] = { CTA_STATS_EXP_NEW,
					 CTA_STATS_EXP_CREATE,
					 CTA_STATS_EXP_DELETE };
	const uint32_t v[] = { made_new, created, deleted };

	/* the kernel's answer has the other subsystem's number */
	return put_counts(b, to, NFNL_SUBSYS_CTNETLINK,
			  IPCTNL_MSG_EXP_GET_STATS_CPU, cpu, type, v, 3);
}
