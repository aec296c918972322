// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * attach.c - the program of a datapath on devices. By netlink and not by a
 * bpf_link, so that it stays when the daemon goes. Every request says what
 * the kernel must find there (nothing, or our program), so a program that
 * someone else attaches at the same moment is never replaced.
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <net/if.h>
#include <linux/if_link.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

struct attached {
	uint32_t prog_id;
	enum ox_attach_mode mode; /* OX_MODE_NONE if prog_id is 0 */
};

/* For texts only: a device may be gone by now. */
static const char *if_name(uint32_t ifindex, char buf[IF_NAMESIZE])
{
	if (!if_indextoname(ifindex, buf))
		strcpy(buf, "?");
	return buf;
}

static int query(uint32_t ifindex, uint32_t ours, struct attached *a)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, q);
	int err;

	ox_print_begin();
	err = bpf_xdp_query(ifindex, 0, &q);
	ox_print_end();
	if (err)
		return err;
	*a = (struct attached){ .mode = OX_MODE_NONE };
	/* Both kinds can be there at once; the datapath's is the one that
	 * counts. */
	if (q.skb_prog_id && (q.skb_prog_id == ours || !q.prog_id ||
			      q.attach_mode == XDP_ATTACHED_SKB))
		*a = (struct attached){ q.skb_prog_id, OX_MODE_XDP_GENERIC };
	if (q.drv_prog_id && (q.drv_prog_id == ours || !a->prog_id))
		*a = (struct attached){ q.drv_prog_id, OX_MODE_XDP };
	if (q.hw_prog_id && !a->prog_id)
		*a = (struct attached){ q.hw_prog_id, OX_MODE_XDP };
	return 0;
}

static uint32_t mode_flags(enum ox_attach_mode mode)
{
	return mode == OX_MODE_XDP_GENERIC ? XDP_FLAGS_SKB_MODE
					   : XDP_FLAGS_DRV_MODE;
}

/* Names the command that ends it, in the mode that the program is in. */
static int busy(uint32_t ifindex, const struct attached *a, struct ox_err *e)
{
	char name[IF_NAMESIZE];

	if_name(ifindex, name);
	return ox_err_set(e, -EBUSY,
			  "%s has another XDP program attached (id %u): "
			  "remove it with 'ip link set dev %s %s off'",
			  name, a->prog_id, name,
			  a->mode == OX_MODE_XDP_GENERIC ? "xdpgeneric"
							 : "xdpdrv");
}

/* One try; the driver's own words become part of the text. */
static int attach_mode(struct ox_dp *dp, uint32_t ifindex,
		       enum ox_attach_mode mode, struct ox_err *e)
{
	char name[IF_NAMESIZE];
	const char *said;
	int err;

	ox_print_begin();
	err = bpf_xdp_attach(ifindex, dp->prog[OX_P_XDP].fd,
			     XDP_FLAGS_UPDATE_IF_NOEXIST | mode_flags(mode),
			     NULL);
	said = ox_print_end();
	if (!err)
		return 0;
	if (!strncmp(said, "Kernel error message: ", 22))
		said += 22;
	return ox_err_set(e, err, "can't attach %s XDP to %s: %s%s%s",
			  mode == OX_MODE_XDP_GENERIC ? "generic" : "native",
			  if_name(ifindex, name), strerror(-err),
			  *said ? ": " : "", said);
}

/* Is this an answer of the driver, so that generic XDP is worth a try? */
static bool refused(int err)
{
	return err != -EBUSY && err != -EEXIST && err != -ENODEV &&
	       err != -EPERM && err != -EACCES;
}

/* Someone was there first, or between the query and the request. */
static int settle(struct ox_dp *dp, uint32_t ifindex, int err,
		  enum ox_attach_mode *mode, struct ox_err *e)
{
	struct attached a;

	if (err != -EBUSY && err != -EEXIST)
		return err;
	if (query(ifindex, dp->prog[OX_P_XDP].id, &a) || !a.prog_id)
		return err;
	if (a.prog_id != dp->prog[OX_P_XDP].id)
		return busy(ifindex, &a, e);
	*mode = a.mode;
	return 0;
}

int ox_attach(struct ox_dp *dp, uint32_t ifindex, enum ox_attach_mode asked,
	      enum ox_attach_mode *mode, struct ox_err *e)
{
	enum ox_attach_mode try = asked;
	struct attached a;
	int err = query(ifindex, dp->prog[OX_P_XDP].id, &a);

	if (err)
		return ox_err_set(e, err,
				  "can't ask for the XDP program of device "
				  "index %u: %s",
				  ifindex, strerror(-err));
	if (a.prog_id && a.prog_id != dp->prog[OX_P_XDP].id)
		return busy(ifindex, &a, e);
	*mode = a.mode;
	if (a.prog_id || asked == OX_MODE_NONE || asked == OX_MODE_TC)
		return 0;
	if (try == OX_MODE_AUTO)
		try = OX_MODE_XDP;
	err = attach_mode(dp, ifindex, try, e);
	if (asked == OX_MODE_AUTO && err && refused(err)) {
		try = OX_MODE_XDP_GENERIC;
		err = attach_mode(dp, ifindex, try, e);
	}
	if (err)
		return settle(dp, ifindex, err, mode, e);
	*mode = try;
	return 0;
}

int ox_detach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts,
		    .old_prog_fd = dp->prog[OX_P_XDP].fd);
	char name[IF_NAMESIZE];
	struct attached a;
	int err = query(ifindex, dp->prog[OX_P_XDP].id, &a);

	if (!err && a.prog_id != dp->prog[OX_P_XDP].id)
		return 0;
	if (!err) {
		ox_print_begin();
		err = bpf_xdp_detach(ifindex, mode_flags(a.mode), &opts);
		ox_print_end();
	}
	/* replaced meanwhile, or the device went and took it along */
	if (!err || err == -EEXIST || err == -ENODEV)
		return 0;
	return ox_err_set(e, err, "can't take the XDP program off %s: %s",
			  if_name(ifindex, name), strerror(-err));
}

int ox_attach_query(uint32_t ifindex, uint32_t *prog_id,
		    enum ox_attach_mode *mode)
{
	struct attached a;
	int err = query(ifindex, 0, &a);

	if (err)
		return err;
	*prog_id = a.prog_id;
	*mode = a.mode;
	return 0;
}
