// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * attach_tc.c - the skb tier's programs on devices, by tcx where the kernel
 * has it, else by clsact. Both keep a program when the one who attached it
 * goes.
 */
#include "loader/tc.h"

#include <errno.h>
#include <string.h>
#include <net/if.h>

static int query(uint32_t ifindex, enum ox_tc_hook hook,
		 const struct ox_prog *p)
{
	int rc = ox_tcx_query(ifindex, hook, p);

	if (rc != -EOPNOTSUPP)
		return rc;
	ox_print_begin();
	rc = ox_clsact_query(ifindex, hook, p);
	ox_print_end();
	return rc;
}

/* A hint for what clsact refuses: its first priority is of another kind. */
static const char *hint(int err)
{
	return err == -EINVAL ? " (is another kind of filter there with "
				"priority 1? see 'tc filter show')"
			      : "";
}

static int attach(uint32_t ifindex, enum ox_tc_hook hook,
		  const struct ox_prog *p, struct ox_err *e)
{
	char name[IF_NAMESIZE];
	const char *said = "";
	int err = ox_tcx_query(ifindex, hook, p);

	if (err == 1)
		return 0;
	if (!err) {
		err = ox_tcx_attach(ifindex, hook, p);
	} else if (err == -EOPNOTSUPP) {
		ox_print_begin();
		err = ox_clsact_attach(ifindex, hook, p);
		said = ox_print_end();
	}
	/* there already, or another was faster with the same program */
	if (!err || (err == -EEXIST && query(ifindex, hook, p) == 1))
		return 0;
	if (!strncmp(said, "Kernel error message: ", 22))
		said += 22;
	if (!if_indextoname(ifindex, name))
		strcpy(name, "?");
	return ox_err_set(e, err,
			  "can't attach the skb tier to %s %s: %s%s%s%s", name,
			  hook == OX_TC_INGRESS ? "ingress" : "egress",
			  strerror(-err), *said ? ": " : "", said, hint(err));
}

int ox_tc_attach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e)
{
	return attach(ifindex, OX_TC_INGRESS, &dp->prog[OX_P_TC], e);
}

bool ox_tc_stays(struct ox_dp *dp, uint32_t ifindex)
{
	return ox_tcx_query(ifindex, OX_TC_INGRESS, &dp->prog[OX_P_TC]) !=
	       -EOPNOTSUPP;
}

int ox_clone_attach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e)
{
	return attach(ifindex, OX_TC_EGRESS, &dp->prog[OX_P_CLONE], e);
}

static int detach(uint32_t ifindex, const struct ox_prog *p, const char *what,
		  struct ox_err *e)
{
	char name[IF_NAMESIZE];
	int err = ox_tcx_query(ifindex, OX_TC_INGRESS, p);

	if (err == 1) {
		err = ox_tcx_detach(ifindex, OX_TC_INGRESS, p);
	} else if (err == -EOPNOTSUPP) {
		ox_print_begin();
		err = ox_clsact_detach(ifindex, OX_TC_INGRESS, p);
		ox_print_end();
	}
	/* not there, or gone meanwhile, with its device perhaps */
	if (!err || err == -ENOENT || err == -ENODEV)
		return 0;
	if (!if_indextoname(ifindex, name))
		strcpy(name, "?");
	return ox_err_set(e, err, "can't take the %s off %s: %s", what, name,
			  strerror(-err));
}

int ox_tc_detach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e)
{
	return detach(ifindex, &dp->prog[OX_P_TC], "skb tier", e);
}

int ox_listener_attach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e)
{
	return attach(ifindex, OX_TC_INGRESS, &dp->prog[OX_P_LISTEN], e);
}

int ox_listener_query(struct ox_dp *dp, uint32_t ifindex)
{
	return query(ifindex, OX_TC_INGRESS, &dp->prog[OX_P_LISTEN]);
}

int ox_listener_detach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e)
{
	return detach(ifindex, &dp->prog[OX_P_LISTEN], "listener", e);
}

/* An administrator may have used tc(8), which knows clsact alone, on any
 * kernel. */
int ox_tc_query(struct ox_dp *dp, uint32_t ifindex)
{
	const struct ox_prog *p = &dp->prog[OX_P_TC];
	int rc = query(ifindex, OX_TC_INGRESS, p);

	return rc ? rc : ox_clsact_find(ifindex, OX_TC_INGRESS, p);
}
