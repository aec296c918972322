/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_set.h - libovsxdp: the maps of connection tracking of a network namespace,
 * which all of its datapaths share. They are pinned in a folder "%ct" beside
 * the daemon's state, and connections in them end in their time without a
 * daemon. All functions return 0 or -errno and explain through struct ox_err
 * (may be NULL).
 */
#ifndef OVSXDP_CT_SET_H
#define OVSXDP_CT_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "ovsxdp/ct_mem.h"
#include "ovsxdp/err.h"

struct ox_ct_set; /* open handle: fds and mappings */

#define OX_CT_MAX_DEFAULT 262144 /* entries, where the kernel tells none */

struct ox_ct_params {
	uint32_t max; /* entries; 0: net.netfilter.nf_conntrack_max */
	uint64_t netns_cookie;
};

/*
 * Opens the set in "folder" (ox_space.own), or makes one. What was left half
 * made is made anew. A set that is there stays as large as it is: compare
 * conf->max. A new one gets the knobs and timeouts that the kernel has for this
 * thread's network namespace; max is rounded up to whole chunks. The sweep runs
 * from here on. Only who holds the namespace's lock (ox_space_open()) may call
 * it. -EPROTO: another ABI version, or maps that aren't ours.
 */
int ox_ct_set_open(const char *folder, const struct ox_ct_params *p,
		   struct ox_ct_set **out, struct ox_err *e);
/* Unmaps and closes; what is pinned lives on. NULL ok. */
void ox_ct_set_close(struct ox_ct_set *s);
/* Removes the pins; 0 if there are none. The maps go with the last program
 * that uses them. */
int ox_ct_set_remove(const char *folder, struct ox_err *e);

/* The memory; lives as long as s. */
struct ox_ct_mem *ox_ct_set_mem(struct ox_ct_set *s);

/*
 * The fd of a map by its name in bpf/tier/ct_maps.h ("ct_ents"; ct_conf is
 * OX_CT_CONF_SECTION), for bpf_map__reuse_fd(); it stays the set's. -ENOENT: no
 * map of that name is shared. An object that takes them also sets
 * ox_ct_rc_n_buckets to conf->n_buckets.
 */
int ox_ct_set_fd(const struct ox_ct_set *s, const char *map);
#define OX_CT_CONF_SECTION ".data.ct_conf"

/*
 * Makes room ahead of need: once half of the places that exist are taken, a
 * thread makes as many again. To be called several times per second; costs some
 * 10 us for a million entries. Returns true if there is more room than before.
 */
bool ox_ct_set_tick(struct ox_ct_set *s);

/* ---- ct_ring.c: what happens to connections, for those who listen ---- */

/*
 * From here on a ring has what programs tell, and connections begin to tell
 * (OX_CT_CONF_LISTEN). Where a daemon before this one had left a ring, it goes
 * on with that. Waits for a grace period. 0 if it does so already.
 */
int ox_ct_ring_open(struct ox_ct_set *s);
/* Nobody listens any more: nothing is told. What is in the ring is lost. */
void ox_ct_ring_stop(struct ox_ct_set *s);
/* Is there one from before? */
bool ox_ct_ring_left(const struct ox_ct_set *s);
/* For epoll; -1: there is none. */
int ox_ct_ring_fd(const struct ox_ct_set *s);
/* Hands over up to budget records, in their order; how many there were. */
uint32_t ox_ct_ring_read(struct ox_ct_set *s, uint32_t budget,
			 void (*fn)(const struct ox_ct_event *ev, void *arg),
			 void *arg);

/* ---- ct_knobs.c ---- */

/* What the kernel of this thread's network namespace has: max entries, or
 * OX_CT_MAX_DEFAULT without nf_conntrack. */
uint32_t ox_ct_kernel_max(void);
/* Sets the flags that are sysctls, max_retrans, and all default timeouts (tps:
 * OX_CT_TP_DEFAULTS of them). conf->hz must be there. What the kernel doesn't
 * tell gets its usual value. */
void ox_ct_kernel_knobs(struct ox_ct_conf *conf, struct ox_ct_tp *tps);

#endif /* OVSXDP_CT_SET_H */
