/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport_own.h - which device is a port's own, and taking back what was done to
 * it. An ifindex or a name alone says nothing: both are given again, and a
 * device that is moved in from another namespace brings its own along.
 */
#ifndef OVSXDP_VPORT_OWN_H
#define OVSXDP_VPORT_OWN_H

#include "control/packet/handle.h"
#include "control/port/rtnl.h"

/*
 * Is the device that the port was opened with still here? (A port without a
 * device is always there.) It was entered in a
 * devmap. The kernel takes it out when the device ends or leaves its namespace,
 * whether a daemon lives or not (docs/facts.md, V10).
 */
bool ox_vport_there(const struct ox_datapath *dp, uint32_t port_no);

/* By what a device is known again that isn't there any more, and what was done
 * to it. */
struct ox_vport_mark {
	uint32_t ifindex;
	uint32_t flags; /* OX_UPORT_* */
	char name[IFNAMSIZ];
	uint8_t mac[6];
};
struct ox_vport_mark ox_vport_mark(const struct ox_uport *u);
#define OX_UPORT_DONE                                                        \
	(OX_UPORT_ATTACHED | OX_UPORT_TC | OX_UPORT_PROMISC | OX_UPORT_LRO | \
	 OX_UPORT_OURS | OX_UPORT_BRIDGED) /* what can be taken back */

/*
 * Is l, in whatever namespace the thread is in, the device of that mark? It is
 * if it carries a program that the daemon attached, and index, name or MAC are
 * the same. Where the daemon attached none, or none that stays on a device that
 * moves (ox_tc_stays()), name and MAC must be. A device that the daemon made
 * for a tunnel also is a tunnel's.
 */
bool ox_vport_owns(const struct ox_datapath *dp, const struct ox_vport_mark *m,
		   const struct ox_link *l);
/* Takes back what the mark says was done. */
void ox_vport_undo(struct ox_datapath *dp, struct ox_rtnl *r,
		   const struct ox_vport_mark *m, const struct ox_link *l);
/*
 * The same in another network namespace, later, in a thread (away.h): in the
 * one that an RTM_DELLINK names (left), or, with NULL, in any that can be
 * found. The log says what became of it. The ox_uport has no type any more, and
 * is blank at the end.
 */
void ox_vport_undo_away(struct ox_datapath *dp, uint32_t port_no,
			const struct ox_link *left);

/* It was the port of a device that has left. What was done to that hasn't been
 * taken back yet, so no other port can have the number. */
static inline bool ox_vport_is_unfinished(const struct ox_datapath *dp,
					  uint32_t port_no)
{
	const struct ox_uport *u = &dp->mem->uports[port_no];

	return !u->type && (u->flags & OX_UPORT_DONE);
}

#endif /* OVSXDP_VPORT_OWN_H */
