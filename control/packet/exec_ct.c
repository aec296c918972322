// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exec_ct.c - ct() of the user tier. A program in the kernel does it: then only
 * programs write the table, and no daemon dies in the middle of that.
 */
#include "control/packet/exec_int.h"

#include <errno.h>

#include "ovsxdp/ct_pkt.h"

int ox_exec_ct(void *arg, uint32_t what, struct ox_ct_run *run,
	       struct ox_key *key, const struct ox_ct_act *act)
{
	const struct ox_exec *x = arg;
	struct ox_ct_mem *ct = x->dp->ct;
	struct ox_ct_req rq = {
		.p = run->p,
		.key = *key,
		.act = *act,
		.what = what,
		.idx = OX_CT_NONE,
	};
	int err = ct ? ct->ops->meet(ct, &rq) : -ENOENT;

	if (err)
		return -err;
	*key = rq.key;
	run->edit = rq.edit;
	run->idx = rq.idx;
	run->gen = rq.gen;
	run->dir = rq.dir;
	run->info = rq.info;
	return (int)rq.err;
}
