/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tc.h - inside the loader: the two ways to have a program on a device's tc
 * hooks. tcx (tcx.c, kernel 6.6 on) keeps a list of programs per hook, clsact
 * (clsact.c) is a qdisc with filters.
 */
#ifndef OVSXDP_LOADER_TC_H
#define OVSXDP_LOADER_TC_H

#include <stdint.h>

#include "loader/priv.h"

enum ox_tc_hook {
	OX_TC_INGRESS,
	OX_TC_EGRESS,
};

/*
 * All return 0 or -errno. -ENODEV: There is no such device. query returns 1 if
 * the program is on the hook, 0 if not. attach puts it in front of others;
 * -EEXIST: It is there. detach returns -ENOENT if it isn't there.
 */

/* -EOPNOTSUPP: the kernel has no tcx. */
int ox_tcx_query(uint32_t ifindex, enum ox_tc_hook hook,
		 const struct ox_prog *p);
int ox_tcx_attach(uint32_t ifindex, enum ox_tc_hook hook,
		  const struct ox_prog *p);
/* In the same place of the list. -EBUSY: somebody holds it by a bpf_link. */
int ox_tcx_replace(uint32_t ifindex, enum ox_tc_hook hook,
		   const struct ox_prog *from, const struct ox_prog *to);
int ox_tcx_detach(uint32_t ifindex, enum ox_tc_hook hook,
		  const struct ox_prog *p);

int ox_clsact_query(uint32_t ifindex, enum ox_tc_hook hook,
		    const struct ox_prog *p);
/* As query, but in any filter: one that an administrator made counts as well. A
 * device that isn't there has none. */
int ox_clsact_find(uint32_t ifindex, enum ox_tc_hook hook,
		   const struct ox_prog *p);
/* Each such filter that isn't of ox_clsact_attach() runs "to" instead of "from"
 * from now on. -ENODEV: no such device. */
int ox_clsact_replace(uint32_t ifindex, enum ox_tc_hook hook,
		      const struct ox_prog *from, const struct ox_prog *to);
/* Takes the filter of ox_clsact_attach() off, and leaves the qdisc. */
int ox_clsact_remove(uint32_t ifindex, enum ox_tc_hook hook,
		     const struct ox_prog *p);
/* Makes the qdisc if it isn't there. */
int ox_clsact_attach(uint32_t ifindex, enum ox_tc_hook hook,
		     const struct ox_prog *p);
/* The qdisc goes as well when no filter is left in it. */
int ox_clsact_detach(uint32_t ifindex, enum ox_tc_hook hook,
		     const struct ox_prog *p);

#endif /* OVSXDP_LOADER_TC_H */
