/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_zone.h - zones: how many connections they have, their limits, and flushing
 * one. All by atomic operations on the zone's one word, so no lock is needed.
 */
#ifndef OVSXDP_BPF_CT_ZONE_H
#define OVSXDP_BPF_CT_ZONE_H

#include "bpf/core/ct_ctx.h"

#define OX_CT_ZONE_TRIES 256 /* CPUs that change one word at a time */

/* ct_limit_get(): entries that it may have; 0: any number. */
static __always_inline __u32 ct_zone_limit(const struct ox_ct_zone *z,
					   const struct ox_ct_conf *cf)
{
	return z->flags & OX_CT_ZONE_LIMIT ? z->limit : cf->default_limit;
}

/* One less, of those that a flush hasn't forgotten. */
static __always_inline void ct_zone_put(struct ox_ct_zone *z, __u16 zgen)
{
	__u64 word;
	__u32 i;

	OX_ROLLED
	for (i = 0; i < OX_CT_ZONE_TRIES; i++) {
		word = READ_ONCE(z->word);
		if (OX_CT_ZONE_GEN(word) != zgen || !OX_CT_ZONE_COUNT(word) ||
		    ct_cas(&z->word, word, word - 1) == word)
			return;
	}
}

/*
 * One more. Returns 0 with the generation in *zgen, or -1 at the limit; then
 * nothing has changed. As ovs_ct_check_limit(), which counts the new one, too.
 */
static __always_inline int ct_zone_get(struct ox_ct_zone *z,
				       const struct ox_ct_conf *cf, __u16 *zgen)
{
	__u32 limit = ct_zone_limit(z, cf);
	__u64 word = ct_fetch_add(&z->word, 1);

	*zgen = OX_CT_ZONE_GEN(word);
	if (!limit || OX_CT_ZONE_COUNT(word) < limit)
		return 0;
	ct_zone_put(z, *zgen);
	return -1;
}

/* All of its entries are dead from here on. Returns how many there were. */
static __always_inline __u32 ct_zone_flush(struct ox_ct_zone *z)
{
	__u64 word = 0;
	__u32 i;

	OX_ROLLED
	for (i = 0; i < OX_CT_ZONE_TRIES; i++) {
		word = READ_ONCE(z->word);
		if (!OX_CT_ZONE_COUNT(word) ||
		    ct_cas(&z->word, word, OX_CT_ZONE_FLUSHED(word)) == word)
			break;
	}
	return OX_CT_ZONE_COUNT(word);
}

#endif /* OVSXDP_BPF_CT_ZONE_H */
