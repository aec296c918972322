// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * swap.c - programs of another build take the place of those on devices. Each
 * step is one that the kernel takes at once: a packet meets one program or the
 * other, never none. All devices are looked at, not ports alone, because an
 * administrator may have attached a pinned program to any.
 */
#include "loader/tc.h"

#include <errno.h>
#include <string.h>
#include <net/if.h>
#include <linux/if_link.h>
#include <bpf/libbpf.h>

/* A device on its way; rc > 0: something was replaced. */
struct swap {
	uint32_t ifindex;
	const struct ox_prog *from, *to; /* [OX_P_COUNT] */
	bool changed;
};

/* It isn't there any more: the device, or the program, which somebody took off
 * or replaced meanwhile. */
static bool gone(int err)
{
	return err == -ENODEV || err == -ENOENT || err == -EEXIST;
}

static int note(struct swap *s, int err)
{
	if (!err)
		s->changed = true;
	return gone(err) ? 0 : err;
}

/* ---- XDP ---- */

static int xdp_replace(struct swap *s, uint32_t mode)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, o,
		    .old_prog_fd = s->from[OX_P_XDP].fd);

	return note(s, bpf_xdp_attach(s->ifindex, s->to[OX_P_XDP].fd,
				      XDP_FLAGS_REPLACE | mode, &o));
}

static int swap_xdp(struct swap *s)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, q);
	uint32_t id = s->from[OX_P_XDP].id;
	int err = bpf_xdp_query(s->ifindex, 0, &q);

	if (err)
		return gone(err) ? 0 : err;
	if (q.drv_prog_id == id)
		err = xdp_replace(s, XDP_FLAGS_DRV_MODE);
	if (!err && q.skb_prog_id == id)
		err = xdp_replace(s, XDP_FLAGS_SKB_MODE);
	return err;
}

/* ---- the skb tier ---- */

static int replace_clsact(struct swap *s, enum ox_tc_hook hook, int p)
{
	const struct ox_prog *from = &s->from[p], *to = &s->to[p];
	int rc = ox_clsact_query(s->ifindex, hook, from);

	if (rc == 1) {
		rc = ox_clsact_query(s->ifindex, hook, to);
		if (!rc)
			rc = ox_clsact_attach(s->ifindex, hook, to);
		else if (rc == 1)
			rc = 0;
		rc = note(s, rc);
	}
	if (!rc)
		rc = ox_clsact_replace(s->ifindex, hook, from, to);
	return gone(rc) || rc == -EINVAL ? 0 : rc;
}

/* A program that keeps nothing from one call to another. */
static int swap_ingress(struct swap *s, int p)
{
	int rc = ox_tcx_query(s->ifindex, OX_TC_INGRESS, &s->from[p]);

	if (rc == 1)
		rc = note(s, ox_tcx_replace(s->ifindex, OX_TC_INGRESS,
					    &s->from[p], &s->to[p]));
	if (rc && rc != -EOPNOTSUPP)
		return gone(rc) ? 0 : rc;
	/* tc(8) knows clsact alone, on any kernel */
	return replace_clsact(s, OX_TC_INGRESS, p);
}

static int swap_tc(struct swap *s)
{
	return swap_ingress(s, OX_P_TC);
}

static int swap_listen(struct swap *s)
{
	return swap_ingress(s, OX_P_LISTEN);
}

/* Of branches that the old programs have begun only the old one knows. Who
 * finds none lets the other one see the packet. */
static int swap_clone(struct swap *s)
{
	const struct ox_prog *from = &s->from[OX_P_CLONE];
	const struct ox_prog *to = &s->to[OX_P_CLONE];
	int rc = ox_tcx_query(s->ifindex, OX_TC_EGRESS, from);

	if (rc == -EOPNOTSUPP)
		return replace_clsact(s, OX_TC_EGRESS, OX_P_CLONE);
	if (rc == 1)
		rc = note(s, ox_tcx_attach(s->ifindex, OX_TC_EGRESS, to));
	return gone(rc) ? 0 : rc;
}

/* ---- all devices ---- */

/* Branches of a new program find theirs: that is there first. */
static const struct {
	enum ox_prog_nr p;
	int round;
	int (*swap)(struct swap *s);
} swaps[] = {
	{ OX_P_CLONE, 0, swap_clone },
	{ OX_P_XDP, 1, swap_xdp },
	{ OX_P_TC, 1, swap_tc },
	{ OX_P_LISTEN, 1, swap_listen },
};
#define ROUNDS 2

static int swap_one(struct swap *s, int round, const char *name,
		    struct ox_err *e)
{
	const char *said;
	int err = 0;

	ox_print_begin();
	for (size_t i = 0; !err && i < sizeof(swaps) / sizeof(swaps[0]); i++)
		if (swaps[i].round == round &&
		    s->from[swaps[i].p].id != s->to[swaps[i].p].id)
			err = swaps[i].swap(s);
	said = ox_print_end();
	return err ? ox_err_set(e, err,
				"can't replace the programs of %s: %s%s%s",
				name, strerror(-err), *said ? ": " : "", said)
		   : 0;
}

static void names_free(struct if_nameindex **n)
{
	if (*n)
		if_freenameindex(*n);
}

static int swap_round(const struct if_nameindex *all, int round,
		      const struct ox_prog *from, const struct ox_prog *to,
		      uint32_t *n_devices, struct ox_err *e)
{
	int err = 0;

	*n_devices = 0;
	for (; !err && all->if_index; all++) {
		struct swap s = {
			.ifindex = all->if_index,
			.from = from,
			.to = to,
		};

		err = swap_one(&s, round, all->if_name, e);
		*n_devices += s.changed;
	}
	return err;
}

int ox_swap_begin(const struct ox_prog *from, const struct ox_prog *to,
		  uint32_t *n_devices, struct ox_err *e)
{
	_cleanup_(names_free) struct if_nameindex *all = if_nameindex();
	int err = 0;

	*n_devices = 0;
	if (!all)
		return ox_err_set(e, -errno, "can't list the devices: %s",
				  strerror(errno));
	for (int round = 0; !err && round < ROUNDS; round++)
		err = swap_round(all, round, from, to, n_devices, e);
	return err;
}

/* What ox_swap_begin() has put something in front of. */
static void end_one(uint32_t ifindex, enum ox_tc_hook hook,
		    const struct ox_prog *from)
{
	if (ox_tcx_detach(ifindex, hook, from) == -EINVAL)
		ox_clsact_remove(ifindex, hook, from);
}

void ox_swap_end(const struct ox_prog *from, const struct ox_prog *to)
{
	static const struct {
		enum ox_prog_nr p;
		enum ox_tc_hook hook;
	} ends[] = {
		{ OX_P_TC, OX_TC_INGRESS },
		{ OX_P_LISTEN, OX_TC_INGRESS },
		{ OX_P_CLONE, OX_TC_EGRESS },
	};
	_cleanup_(names_free) struct if_nameindex *all = if_nameindex();

	ox_print_begin();
	for (struct if_nameindex *i = all; all && i->if_index; i++)
		for (int k = 0; k < 3; k++)
			if (from[ends[k].p].id != to[ends[k].p].id)
				end_one(i->if_index, ends[k].hook,
					&from[ends[k].p]);
	ox_print_end();
}
