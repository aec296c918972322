// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * underlay.c - follows addresses and policies for tunnels without a device; see
 * underlay.h. Whatever has changed, all of it is looked at again: that is a few
 * messages, and nothing can be missed.
 */
#include "control/port/underlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <netinet/in.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include "control/base/loop.h"
#include "control/port/rtnl.h"
#include "control/port/tunnel.h"
#include "control/port/underlay_sock.h"
#include "control/port/vport.h"
#include "control/port/vport_index.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"
#include "ovsxdp/talk.h"
#include "ovsxdp/uapi.h"

#define SOON_MS	 20   /* events come in bursts */
#define ROUND_MS 5000 /* somebody may have taken a listener off */

/* A device with the listener of a datapath. */
struct place {
	struct ox_datapath *dp;
	uint32_t ifindex;
	bool keep;
};

struct ox_underlay {
	struct ox_ports *ps;
	struct mnl_socket *addrs, *policies; /* events; NULL: none come */
	struct ox_watch *addrs_watch, *policies_watch, *soon, *round;
	struct ox_underlay_socks *socks;
	struct place *places;
	uint32_t n_places, room;
	bool found; /* what the last daemon left is in places */
};

static bool is_native(const struct ox_datapath *dp, uint32_t no)
{
	return ox_vport_exists(dp, no) &&
	       (dp->mem->ports[no].flags & OX_PORT_NATIVE);
}

static bool has_native(const struct ox_datapath *dp)
{
	for (uint32_t i = 0; i < dp->mem->config->max_ports; i++)
		if (is_native(dp, i))
			return true;
	return false;
}

/* ---- the listener ---- */

static struct place *place_find(struct ox_underlay *u,
				const struct ox_datapath *dp, uint32_t ifindex)
{
	for (uint32_t i = 0; i < u->n_places; i++)
		if (u->places[i].dp == dp && u->places[i].ifindex == ifindex)
			return &u->places[i];
	return NULL;
}

static struct place *place_add(struct ox_underlay *u, struct ox_datapath *dp,
			       uint32_t ifindex)
{
	if (u->n_places == u->room) {
		uint32_t room = u->room ? 2 * u->room : 16;
		void *more = realloc(u->places, room * sizeof(*u->places));

		if (!more)
			return NULL;
		u->places = more;
		u->room = room;
	}
	u->places[u->n_places] = (struct place){ dp, ifindex, false };
	return &u->places[u->n_places++];
}

/* The program may be there already: then nothing happens. */
static void listener_on(struct ox_underlay *u, struct ox_datapath *dp,
			uint32_t ifindex)
{
	struct place *p = place_find(u, dp, ifindex);
	struct ox_err e = { 0 };
	bool is_new = !p;

	if (!p)
		p = place_add(u, dp, ifindex);
	if (!p)
		return;
	p->keep = true;
	if (ox_listener_attach(dp->dp, ifindex, &e) && is_new)
		ox_log_warn("%s: tunnels get nothing by this device: %s",
			    dp->name, e.msg);
}

/* From devices that have no address any more. */
static void listeners_off(struct ox_underlay *u, struct ox_datapath *dp)
{
	for (uint32_t i = 0; i < u->n_places;) {
		struct place *p = &u->places[i];

		if (p->dp != dp || p->keep) {
			p->keep = false;
			i++;
			continue;
		}
		ox_listener_detach(dp->dp, p->ifindex, NULL);
		*p = u->places[--u->n_places];
	}
}

static int found_link(const struct ox_link *l, void *arg)
{
	struct ox_underlay *u = arg;

	for (struct ox_datapath *dp = u->ps->datapaths; dp; dp = dp->next)
		if (ox_listener_query(dp->dp, l->ifindex) == 1 &&
		    !place_find(u, dp, l->ifindex))
			place_add(u, dp, l->ifindex);
	return 0;
}

/* A device that carries a port's packets gives all of them to its datapath, and
 * its addresses get nothing. The near end of an internal port is another
 * matter. */
static bool may_listen(struct ox_underlay *u, uint32_t ifindex)
{
	struct ox_datapath *on = NULL;
	uint32_t no = ox_vport_by_ifindex(u->ps, ifindex, &on);
	struct ox_link l;

	if (no != OX_NONE && on->mem->ports[no].ifindex == ifindex)
		return false;
	return !ox_rtnl_get(u->ps->rtnl, ifindex, &l) &&
	       l.type == ARPHRD_ETHER && !(l.flags & IFF_LOOPBACK);
}

static void listeners_set(struct ox_underlay *u, struct ox_datapath *dp,
			  const struct ox_underlay_addr *a, uint32_t n)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (a[i].ifindex == last)
			continue;
		last = a[i].ifindex;
		if (may_listen(u, last))
			listener_on(u, dp, last);
	}
	listeners_off(u, dp);
}

/* ---- the way out ---- */

/* The kernel's routes are looked up as for a packet that comes in by a device
 * that forwards: ours does. */
static void forwarding_on(const struct ox_datapath *dp, const char *family)
{
	uint32_t ifindex = dp->mem->config->clone_ifindex;
	char name[IFNAMSIZ], path[80], was = '1';
	_cleanup_fd_ int fd = -1;

	if (!ifindex || !if_indextoname(ifindex, name))
		return;
	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/forwarding",
		 family, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return; /* no such family */
	if (fd >= 0 && read(fd, &was, 1) == 1 && was == '1')
		return;
	if (fd < 0 || pwrite(fd, "1", 1, 0) != 1)
		ox_log_warn("%s: tunnels without a device find no route: can't "
			    "write %s: %s",
			    dp->name, path, strerror(errno));
}

/* The TTL of what this host sends, or 0. Devices may have a hop limit of their
 * own for IPv6, and routes for both. */
static uint8_t host_ttl(const char *path)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[16] = "";
	int ttl;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return 0;
	ttl = atoi(text);
	return ttl > 0 && ttl < 256 ? (uint8_t)ttl : 0;
}

/* What programs that encapsulate read of their datapath. */
static void native_config(const struct ox_underlay *u, struct ox_datapath *dp)
{
	struct ox_config *c = dp->mem->config;

	c->ttl4 = host_ttl("/proc/sys/net/ipv4/ip_default_ttl");
	c->ttl6 = host_ttl("/proc/sys/net/ipv6/conf/default/hop_limit");
	if (u->ps->native_pmtu)
		__atomic_fetch_or(&c->knobs, OX_KNOB_PMTU, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&c->knobs, ~OX_KNOB_PMTU, __ATOMIC_RELAXED);
}

/* ---- all of it ---- */

/* Does a tunnel of this kind go over this family? */
static bool is_over(uint32_t kind, uint8_t family)
{
	return kind == OVS_VPORT_TYPE_GRE      ? family == AF_INET
	       : kind == OVS_VPORT_TYPE_IP6GRE ? family == AF_INET6
					       : true;
}

static uint32_t listen_keys(const struct ox_datapath *dp,
			    const struct ox_underlay_addr *a, uint32_t n,
			    struct ox_listen_key *keys, uint32_t *port_no)
{
	uint32_t k = 0;

	for (uint32_t no = 0; no < dp->mem->config->max_ports; no++) {
		const struct ox_port *p = &dp->mem->ports[no];

		for (uint32_t i = 0; i < n && is_native(dp, no); i++) {
			if (!a[i].local || k == OX_LISTEN_MAX ||
			    !is_over(p->tun_kind, a[i].family))
				continue;
			memset(&keys[k], 0, sizeof(keys[k]));
			memcpy(keys[k].dst, a[i].addr, sizeof(a[i].addr));
			keys[k].port = p->tun_port;
			keys[k].family = a[i].family;
			keys[k].proto = ox_tunnel_proto(p->tun_kind);
			port_no[k++] = no;
		}
	}
	return k;
}

static void listen_set(struct ox_datapath *dp, const struct ox_underlay_addr *a,
		       uint32_t n)
{
	_cleanup_free_ struct ox_listen_key *keys =
		calloc(OX_LISTEN_MAX, sizeof(*keys));
	_cleanup_free_ uint32_t *port_no =
		calloc(OX_LISTEN_MAX, sizeof(*port_no));
	struct ox_err e = { 0 };
	uint32_t k;

	if (!keys || !port_no)
		return;
	k = listen_keys(dp, a, n, keys, port_no);
	if (k == OX_LISTEN_MAX)
		ox_log_warn("%s: over %u pairs of a local address and a "
			    "tunnel's port: some get nothing",
			    dp->name, OX_LISTEN_MAX);
	if (ox_listen_set(dp->dp, keys, port_no, k, &e))
		ox_log_err("%s", e.msg);
}

static void ipsec_set(struct ox_datapath *dp)
{
	_cleanup_free_ struct ox_ipsec_key *keys = NULL;
	struct ox_err e = { 0 };
	uint32_t n = 0;
	int err = ox_underlay_ipsec(&keys, &n);

	/* who can't know them believes that they cover everybody */
	if (err) {
		ox_log_err("%s: no tunnel goes without a device: IPsec's "
			   "policies can't be read: %s",
			   dp->name, strerror(-err));
		n = OX_IPSEC_MAX + 1;
	}
	if (ox_ipsec_set(dp->dp, keys, n, &e))
		ox_log_err("%s", e.msg);
}

/* First the policies: what they cover must not leave for a moment. */
static void sync_dp(struct ox_underlay *u, struct ox_datapath *dp)
{
	_cleanup_free_ struct ox_underlay_addr *a = NULL;
	bool native = has_native(dp);
	uint32_t n = 0;
	int err = 0;

	if (native) {
		ipsec_set(dp);
		native_config(u, dp);
		forwarding_on(dp, "ipv4");
		forwarding_on(dp, "ipv6");
		err = ox_underlay_addrs(&a, &n);
	}
	if (err) {
		ox_log_err("%s: the local addresses of tunnels: %s", dp->name,
			   strerror(-err));
		return;
	}
	listen_set(dp, a, n);
	listeners_set(u, dp, a, n);
	ox_underlay_socks_set(u->socks, dp);
}

static void sync_all(void *arg)
{
	struct ox_underlay *u = arg;
	bool any = false;

	if (!u->found) {
		ox_rtnl_dump(u->ps->rtnl, found_link, u);
		u->found = true;
	}
	for (struct ox_datapath *dp = u->ps->datapaths; dp; dp = dp->next) {
		bool native = has_native(dp);

		any |= native;
		if (native || u->n_places)
			sync_dp(u, dp);
	}
	ox_loop_timer_set(u->round, any ? ROUND_MS : 0, 0);
}

void ox_underlay_changed(struct ox_datapath *dp)
{
	struct ox_underlay *u = dp->ports->underlay;

	if (!u)
		return;
	sync_dp(u, dp);
	if (has_native(dp))
		ox_loop_timer_set(u->round, ROUND_MS, 0);
}

/* ---- events ---- */

static void drain(struct mnl_socket *s)
{
	char buf[8192];

	while (recv(mnl_socket_get_fd(s), buf, sizeof(buf), MSG_DONTWAIT) > 0 ||
	       errno == ENOBUFS || errno == EINTR)
		;
}

/* Policies can't wait: each packet before is one too much. */
static void on_policies(void *arg, uint32_t events)
{
	struct ox_underlay *u = arg;

	(void)events;
	drain(u->policies);
	for (struct ox_datapath *dp = u->ps->datapaths; dp; dp = dp->next)
		if (has_native(dp))
			ipsec_set(dp);
}

static void on_addrs(void *arg, uint32_t events)
{
	struct ox_underlay *u = arg;
	struct ox_datapath *dp;

	(void)events;
	drain(u->addrs);
	for (dp = u->ps->datapaths; dp; dp = dp->next)
		if (has_native(dp))
			break;
	if (dp)
		ox_loop_timer_set(u->soon, SOON_MS, 0);
}

static int events_open(struct ox_loop *loop, int bus, uint32_t groups,
		       void (*fn)(void *arg, uint32_t events),
		       struct ox_underlay *u, struct mnl_socket **out,
		       struct ox_watch **watch)
{
	struct mnl_socket *s = mnl_socket_open2(bus, SOCK_CLOEXEC);

	if (!s)
		return -errno;
	*out = s;
	if (mnl_socket_bind(s, groups, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return ox_loop_add(loop, mnl_socket_get_fd(s), EPOLLIN, fn, u, watch);
}

int ox_underlay_open(struct ox_ports *ps, struct ox_loop *loop,
		     struct ox_underlay **out)
{
	struct ox_underlay *u = calloc(1, sizeof(*u));
	int err;

	if (!u)
		return -ENOMEM;
	*out = u;
	u->ps = ps;
	err = events_open(loop, NETLINK_ROUTE,
			  RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, on_addrs, u,
			  &u->addrs, &u->addrs_watch);
	if (!err)
		err = events_open(loop, NETLINK_XFRM, XFRMGRP_POLICY,
				  on_policies, u, &u->policies,
				  &u->policies_watch);
	/* a kernel without IPsec */
	if (err == -EPROTONOSUPPORT)
		err = 0;
	if (!err)
		err = ox_underlay_socks_open(loop, &u->socks);
	if (!err)
		err = ox_loop_timer(loop, 0, 0, sync_all, u, &u->round);
	if (!err)
		err = ox_loop_timer(loop, 1, 0, sync_all, u, &u->soon);
	return err;
}

void ox_underlay_close(struct ox_underlay *u)
{
	if (!u)
		return;
	ox_loop_del(u->addrs_watch);
	ox_loop_del(u->policies_watch);
	ox_loop_del(u->soon);
	ox_loop_del(u->round);
	if (u->addrs)
		mnl_socket_close(u->addrs);
	if (u->policies)
		mnl_socket_close(u->policies);
	ox_underlay_socks_close(u->socks);
	free(u->places);
	free(u);
}
