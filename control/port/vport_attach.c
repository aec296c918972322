// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vport_attach.c - programs on ports' devices; see vport_attach.h.
 */
#include "control/port/vport_attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ovsxdp/log.h"
#include "ovsxdp/uapi.h"

static bool xdp_is_ours(const struct ox_datapath *dp, const struct ox_link *l)
{
	return l->xdp_prog_id && l->xdp_prog_id == ox_dp_prog_id(dp->dp);
}

struct ox_vport_seen ox_vport_seen(struct ox_datapath *dp,
				   const struct ox_link *l)
{
	struct ox_vport_seen s = { .mode = OX_MODE_NONE };

	s.tc = ox_tc_query(dp->dp, l->ifindex) == 1;
	if (xdp_is_ours(dp, l))
		s.mode = l->xdp_mode;
	else if (s.tc)
		s.mode = OX_MODE_TC;
	return s;
}

bool ox_vport_xdp_is(const struct ox_datapath *dp, const struct ox_uport *u,
		     const struct ox_link *l)
{
	if (!ox_mode_has_xdp(u->mode))
		return !xdp_is_ours(dp, l);
	return xdp_is_ours(dp, l) && l->xdp_mode == u->mode;
}

static int tc_on(struct ox_datapath *dp, struct ox_uport *u, uint32_t ifindex,
		 struct ox_err *e)
{
	int err;

	if (ox_tc_query(dp->dp, ifindex) == 1)
		return 0;
	u->flags |= OX_UPORT_TC;
	err = ox_tc_attach(dp->dp, ifindex, e);
	if (err)
		u->flags &= ~OX_UPORT_TC;
	return err;
}

static void tc_off(struct ox_datapath *dp, struct ox_uport *u, uint32_t ifindex)
{
	if (!(u->flags & OX_UPORT_TC))
		return;
	ox_tc_detach(dp->dp, ifindex, NULL);
	u->flags &= ~OX_UPORT_TC;
}

static int xdp_on(struct ox_datapath *dp, struct ox_uport *u,
		  const struct ox_link *l, enum ox_attach_mode asked,
		  struct ox_err *e)
{
	enum ox_attach_mode mode = OX_MODE_NONE;
	int err;

	if (xdp_is_ours(dp, l)) {
		u->mode = l->xdp_mode;
		return 0;
	}
	u->flags |= OX_UPORT_ATTACHED;
	err = ox_attach(dp->dp, l->ifindex, asked, &mode, e);
	if (err)
		u->flags &= ~OX_UPORT_ATTACHED;
	else
		u->mode = mode;
	return err;
}

/* "auto" puts up with a driver's no, not with a device that isn't there or
 * with a daemon that may not attach anything. */
static bool is_refusal(int err)
{
	return err != -ENODEV && err != -EPERM && err != -EACCES &&
	       err != -ENOMEM;
}

/* Attaching is left to an administrator: the skb tier follows what they did. */
static int attach_none(struct ox_datapath *dp, struct ox_uport *u,
		       const struct ox_link *l, struct ox_err *e)
{
	struct ox_vport_seen s = ox_vport_seen(dp, l);

	u->mode = s.mode;
	return ox_mode_has_xdp(s.mode) ? tc_on(dp, u, l->ifindex, e) : 0;
}

/* Another's XDP program doesn't stop "auto": the skb tier gets what that
 * program passes on, as the module would. On a tunnel any mode means the skb
 * tier, as XDP sees no tunnel key. */
static enum ox_attach_mode mode_wanted(const struct ox_datapath *dp,
				       const struct ox_uport *u,
				       const struct ox_link *l)
{
	if (xdp_is_ours(dp, l))
		return l->xdp_mode;
	if (ox_link_is_tunnel(l))
		return OX_MODE_TC;
	if (u->mode_asked != OX_MODE_AUTO)
		return u->mode_asked;
	return l->xdp_prog_id ? OX_MODE_TC : ox_link_auto_mode(l);
}

/* Native XDP if the driver takes it; without it "auto" is content. */
static int xdp_try(struct ox_datapath *dp, struct ox_uport *u,
		   const struct ox_link *l, struct ox_err *e)
{
	struct ox_err said = { 0 };
	int err = xdp_on(dp, u, l, OX_MODE_XDP, &said);

	if (!err)
		return 0;
	if (!is_refusal(err))
		return ox_err_set(e, err, "%s", said.msg);
	u->flags |= OX_UPORT_REFUSED;
	ox_log_info("%s: port %s: the skb tier alone: %s", dp->name, u->name,
		    said.msg[0] ? said.msg : strerror(-err));
	return 0;
}

int ox_vport_attach(struct ox_datapath *dp, struct ox_uport *u,
		    const struct ox_link *l, struct ox_err *e)
{
	enum ox_attach_mode want = mode_wanted(dp, u, l);
	int err;

	u->mode = OX_MODE_NONE;
	u->flags &= ~OX_UPORT_REFUSED;
	if (u->mode_asked == OX_MODE_NONE)
		return attach_none(dp, u, l, e);
	if (ox_mode_has_xdp(want) && ox_link_is_l3(l))
		return ox_err_set(e, -EOPNOTSUPP,
				  "%s carries packets without an Ethernet "
				  "header: mode=tc takes them, XDP can't",
				  l->name);
	/* first, so that whatever XDP passes on finds it there */
	err = tc_on(dp, u, l->ifindex, e);
	if (err)
		return err;
	u->mode = OX_MODE_TC;
	if (!ox_mode_has_xdp(want))
		return 0;
	if (u->mode_asked == OX_MODE_AUTO && !xdp_is_ours(dp, l))
		return xdp_try(dp, u, l, e);
	return xdp_on(dp, u, l, want, e);
}

void ox_vport_detach(struct ox_datapath *dp, struct ox_uport *u,
		     uint32_t carrier)
{
	if (u->flags & OX_UPORT_ATTACHED)
		ox_detach(dp->dp, carrier, NULL);
	u->flags &= ~OX_UPORT_ATTACHED;
	tc_off(dp, u, carrier);
	u->mode = OX_MODE_NONE;
}

int ox_vport_reattach(struct ox_datapath *dp, struct ox_uport *u,
		      const struct ox_link *l, struct ox_err *e)
{
	enum ox_attach_mode was = u->mode;
	int err;

	if (u->mode_asked == OX_MODE_NONE || was == OX_MODE_NONE)
		return 0;
	err = tc_on(dp, u, l->ifindex, e);
	if (!err && ox_mode_has_xdp(was) && !l->xdp_prog_id)
		err = xdp_on(dp, u, l, was, e);
	return err;
}

struct ox_vport_seen ox_vport_follow(struct ox_datapath *dp, struct ox_uport *u,
				     const struct ox_link *l)
{
	struct ox_vport_seen s = ox_vport_seen(dp, l);
	struct ox_err e = { 0 };

	if (ox_mode_has_xdp(s.mode) && !s.tc && !ox_mode_has_xdp(u->mode)) {
		if (tc_on(dp, u, l->ifindex, &e))
			ox_log_err("%s: port %s: %s", dp->name, u->name, e.msg);
		else
			s.tc = true;
	}
	if (u->mode_asked == OX_MODE_NONE && s.mode == OX_MODE_TC &&
	    (u->flags & OX_UPORT_TC)) {
		tc_off(dp, u, l->ifindex);
		return ox_vport_seen(dp, l);
	}
	return s;
}

int ox_vport_clone_attach(struct ox_datapath *dp, uint32_t far_ifindex,
			  struct ox_err *e)
{
	struct ox_config *c = dp->mem->config;
	int err = ox_clone_attach(dp->dp, far_ifindex, e);

	__atomic_store_n(&c->clone_ifindex, err ? 0 : far_ifindex,
			 __ATOMIC_RELEASE);
	return err;
}

const char *ox_mode_name(uint32_t mode)
{
	static const char *const names[] = {
		[OX_MODE_AUTO] = "auto",
		[OX_MODE_XDP] = "xdp",
		[OX_MODE_XDP_GENERIC] = "xdp-generic",
		[OX_MODE_NONE] = "none",
		[OX_MODE_TC] = "tc",
	};

	return mode < sizeof(names) / sizeof(names[0]) ? names[mode] : "?";
}

/* "auto" chose the skb tier alone. */
static void why_tc(const struct ox_uport *u, const struct ox_link *l,
		   bool other_xdp, char *buf, size_t size)
{
	if (u->type == OVS_VPORT_TYPE_INTERNAL)
		snprintf(buf, size, "internal port carries skbs");
	else if (l && ox_link_is_tunnel(l))
		snprintf(buf, size, "only skbs have a tunnel key");
	else if (!l)
		snprintf(buf, size, "auto");
	else if (ox_link_is_l3(l))
		snprintf(buf, size, "packets without Ethernet header");
	else if (!ox_link_is_frame_borne(l))
		snprintf(buf, size, "%s carries skbs", l->kind);
	else if (other_xdp)
		snprintf(buf, size, "another XDP program is in front");
	else if (u->flags & OX_UPORT_REFUSED)
		snprintf(buf, size, "driver takes no native XDP");
	else
		snprintf(buf, size, "the XDP program was taken off");
}

static const char *why_none(const struct ox_uport *u)
{
	return u->mode_asked == OX_MODE_NONE ? "attaching is left to you"
					     : "the programs were taken off";
}

void ox_vport_mode_why(const struct ox_uport *u, const struct ox_link *l,
		       bool other_xdp, char *buf, size_t size)
{
	char reason[64];

	if (u->mode == OX_MODE_NONE)
		snprintf(reason, sizeof(reason), "%s", why_none(u));
	else if (u->mode == u->mode_asked)
		snprintf(reason, sizeof(reason), "asked");
	else if (u->mode == OX_MODE_TC &&
		 (u->mode_asked == OX_MODE_AUTO || (l && ox_link_is_tunnel(l))))
		why_tc(u, l, other_xdp, reason, sizeof(reason));
	else if (u->mode == OX_MODE_TC)
		snprintf(reason, sizeof(reason), "%s",
			 other_xdp ? "another XDP program took ours' place"
				   : "the XDP program was taken off");
	else if (!(u->flags & OX_UPORT_ATTACHED))
		snprintf(reason, sizeof(reason), "attached by hand");
	else
		snprintf(reason, sizeof(reason), "driver takes native XDP");
	snprintf(buf, size, "%s: %s", ox_mode_name(u->mode), reason);
}
