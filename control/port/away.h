/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * away.h - what is to be done in other network namespaces, by a thread: the
 * search for a namespace may take long, and only a thread can leave its own.
 */
#ifndef OVSXDP_AWAY_H
#define OVSXDP_AWAY_H

#include <stdbool.h>
#include <stdint.h>

struct ox_away;
struct ox_datapath;
struct ox_loop;

/* The beginning of whatever is to be done; the caller allocates all of it. */
struct ox_away_job {
	struct ox_away_job *next;
	struct ox_datapath *dp; /* whose end waits for it */
	int32_t netnsid;	/* OX_NO_NETNSID: all that can be found */
	/* In the thread, in a namespace; see ox_netns_visit(). arg is the
	 * job. Of the datapath it uses dp->dp alone. */
	int (*run)(void *arg);
	/* In the loop, with what ox_netns_visit() returned; owns the job. */
	void (*done)(struct ox_away_job *job, int result);
	int result;
};

/* -errno. The thread begins with the first job. */
int ox_away_open(struct ox_loop *loop, struct ox_away **out);
/* Waits for what is to be done; NULL ok. */
void ox_away_close(struct ox_away *a);
/* Hands a job over. Calls done with an error if there can be no thread. */
void ox_away_add(struct ox_away *a, struct ox_away_job *job);
/* Is a job of dp to be done, or not given back yet? */
bool ox_away_is_busy(struct ox_away *a, const struct ox_datapath *dp);
/* Returns when no job of dp is left; their done() has been called. NULL ok. */
void ox_away_wait(struct ox_away *a, const struct ox_datapath *dp);

#endif /* OVSXDP_AWAY_H */
