// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vport.c - a datapath's ports by number and name: adding, removing,
 * counters, upcall port ids. What net/openvswitch/vport.c is to the module;
 * vport_dev.c has the devices, vport_watch.c follows them.
 */
#include "control/port/vport.h"

#include <errno.h>
#include <string.h>

#include "control/base/loop.h"
#include "control/packet/packet.h"
#include "control/packet/upcall_pid.h"
#include "control/port/rtnl.h"
#include "control/port/vport_dev.h"
#include "control/port/vport_linger.h"
#include "control/port/vport_own.h"
#include "control/port/vport_tunnel.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/uapi.h"

#define ETH_HEADER 14

uint32_t ox_vport_by_name(const struct ox_datapath *dp, const char *name)
{
	const struct ox_mem *m = dp->mem;
	uint32_t i, seen = 0;

	for (i = 0; i < m->config->max_ports && seen < dp->n_ports; i++) {
		if (!m->uports[i].type)
			continue;
		seen++;
		if (!strncmp((const char *)m->uports[i].name, name,
			     OX_NAME_LEN))
			return i;
	}
	return OX_NONE;
}

bool ox_vport_leaves(const struct ox_ports *ps, const char *name)
{
	for (const struct ox_datapath *dp = ps->datapaths; dp; dp = dp->next)
		if (dp->leaves && (!strcmp(dp->name, name) ||
				   ox_vport_by_name(dp, name) != OX_NONE))
			return true;
	return false;
}

/* From "0-3" or "0,2-7" the last number. */
static uint32_t last_number(const char *s)
{
	const char *p = s + strlen(s);

	while (p > s && (p[-1] < '0' || p[-1] > '9'))
		p--;
	while (p > s && p[-1] >= '0' && p[-1] <= '9')
		p--;
	return (uint32_t)strtoul(p, NULL, 10);
}

uint32_t ox_nr_cpu_ids(void)
{
	static uint32_t n;
	_cleanup_file_ FILE *f = NULL;
	char buf[256] = "";

	if (n)
		return n;
	f = fopen("/sys/devices/system/cpu/possible", "re");
	if (f && fgets(buf, sizeof(buf), f))
		n = last_number(buf) + 1;
	else
		n = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
	return n;
}

int ox_vport_pids_check(const void *pids, size_t len, struct ox_err *e)
{
	size_t n = len / sizeof(uint32_t);

	(void)pids;
	if (!len || len % sizeof(uint32_t))
		return ox_err_set(e, -EINVAL,
				  "upcall port ids: none, or no array of u32");
	if (n > ox_nr_cpu_ids() || n > OX_PORT_PIDS)
		return ox_err_set(e, -EINVAL,
				  "%zu upcall port ids; at most one a CPU (%u) "
				  "and %u",
				  n, ox_nr_cpu_ids(), OX_PORT_PIDS);
	return 0;
}

void ox_vport_pids_set(struct ox_uport *u, const void *pids, size_t len)
{
	u->n_pids = (uint32_t)(len / sizeof(uint32_t));
	memcpy(u->pids, pids, u->n_pids * sizeof(uint32_t));
}

/* As ovs_vport_cmd_new(): a number asked for must be free, otherwise the
 * lowest free one from 1 on. */
static int pick_port_no(const struct ox_datapath *dp, uint32_t asked,
			uint32_t *port_no, struct ox_err *e)
{
	uint32_t max = dp->mem->config->max_ports;
	uint32_t no = asked;

	if (asked != OX_NONE) {
		if (asked >= max)
			return ox_err_set(e, -EFBIG,
					  "port %u: datapath %s has room for "
					  "%u ports (ovsxdpd --max-ports)",
					  asked, dp->name, max);
		if (ox_vport_exists(dp, asked))
			return ox_err_set(e, -EBUSY, "port %u is %s", asked,
					  dp->mem->uports[asked].name);
	} else {
		for (no = 1; no < max && ox_vport_exists(dp, no); no++)
			;
		if (no >= max)
			return ox_err_set(e, -EFBIG,
					  "all %u ports of datapath %s are in "
					  "use (ovsxdpd --max-ports)",
					  max, dp->name);
	}
	*port_no = no;
	return 0;
}

static int check_request(const struct ox_vport_request *rq, struct ox_err *e)
{
	if (rq->type != OVS_VPORT_TYPE_NETDEV &&
	    rq->type != OVS_VPORT_TYPE_INTERNAL && !ox_tunnel_is_type(rq->type))
		return ox_err_set(e, -EAFNOSUPPORT,
				  "vport type %u: this datapath has netdev, "
				  "internal and tunnels",
				  rq->type);
	if (rq->mode > OX_MODE_TC)
		return ox_err_set(e, -EINVAL, "no attach mode %u", rq->mode);
	/* register_netdevice() would make "br%d" the next free "br0"; the
	 * folder has its name before the device, so here it is refused. */
	if (rq->type == OVS_VPORT_TYPE_INTERNAL &&
	    (!rq->name[0] || strchr(rq->name, '%')))
		return ox_err_set(e, -EINVAL, "%s: no name for a device",
				  rq->name);
	return ox_vport_pids_check(rq->pids, rq->n_pids * sizeof(uint32_t), e);
}

static int open_port(struct ox_datapath *dp, uint32_t no,
		     const struct ox_vport_request *rq,
		     const struct ox_link_tunnel *t, struct ox_err *e)
{
	if (rq->type == OVS_VPORT_TYPE_INTERNAL)
		return ox_vport_internal_open(dp, no, rq->want_ifindex, e);
	if (t->kind)
		return ox_vport_tunnel_open(dp, no, t, e);
	return ox_vport_netdev_open(dp, no, e);
}

static void uport_begin(struct ox_uport *u, const struct ox_vport_request *rq)
{
	memset(u, 0, sizeof(*u));
	memcpy(u->name, rq->name, sizeof(u->name));
	u->name[sizeof(u->name) - 1] = '\0';
	u->mode_asked = rq->mode;
	u->mode = OX_MODE_NONE;
	ox_vport_pids_set(u, rq->pids, rq->n_pids * sizeof(uint32_t));
	__atomic_store_n(&u->type, rq->type, __ATOMIC_RELEASE);
}

int ox_vport_add(struct ox_datapath *dp, const struct ox_vport_request *rq,
		 uint32_t *port_no, struct ox_err *e)
{
	struct ox_link_tunnel t = { 0 };
	uint32_t no = OX_NONE;
	int err;

	err = pick_port_no(dp, rq->port_no, &no, e);
	if (!err)
		err = check_request(rq, e);
	if (!err && ox_tunnel_is_type(rq->type))
		err = ox_tunnel_options(rq->type, &rq->tun, &t, e);
	if (!err && (ox_vport_leaves(dp->ports, rq->name) ||
		     ox_table_linger_names(dp->table, no) ||
		     ox_vport_is_unfinished(dp, no)))
		err = -EINPROGRESS;
	if (err)
		return err;
	ox_loop_did(dp->packets->loop, OX_DID_PORTS, 1);
	uport_begin(&dp->mem->uports[no], rq);
	ox_upcall_pids_note(dp, rq->pids, rq->n_pids);
	dp->n_ports++;
	err = open_port(dp, no, rq, &t, e);
	if (err) {
		ox_vport_dev_close(dp, no, NULL);
		dp->n_ports--;
		return err;
	}
	if (dp->mem->ports[no].flags & (OX_PORT_TUNNEL | OX_PORT_NATIVE))
		ox_vport_clone_mtu(dp);
	dp->port_generation++;
	*port_no = no;
	return 0;
}

void ox_vport_del(struct ox_datapath *dp, uint32_t port_no)
{
	ox_vport_del_left(dp, port_no, NULL);
}

void ox_vport_del_left(struct ox_datapath *dp, uint32_t port_no,
		       const struct ox_link *left)
{
	if (!ox_vport_exists(dp, port_no))
		return;
	ox_loop_did(dp->packets->loop, OX_DID_PORTS, 1);
	if (!dp->leaves)
		ox_vport_unlinger(dp, port_no);
	ox_vport_dev_close(dp, port_no, left);
	dp->n_ports--;
	dp->port_generation++;
}

static void stats_add(struct ox_port_stats *a, const struct ox_port_stats *b)
{
	a->rx_packets += b->rx_packets;
	a->tx_packets += b->tx_packets;
	a->rx_bytes += b->rx_bytes;
	a->tx_bytes += b->tx_bytes;
	a->rx_errors += b->rx_errors;
	a->tx_errors += b->tx_errors;
	a->rx_dropped += b->rx_dropped;
	a->tx_dropped += b->tx_dropped;
}

/*
 * The module reports the device's counters. Those of its internal device are
 * the host's. What the datapath hands to it is received, and counted without
 * the Ethernet header. What the host sends into the datapath is transmitted.
 */
static struct ox_port_stats stats_of_host(const struct ox_port_stats *s)
{
	uint64_t headers = ETH_HEADER * s->tx_packets;

	return (struct ox_port_stats){
		.rx_packets = s->tx_packets,
		.tx_packets = s->rx_packets,
		.rx_bytes = s->tx_bytes > headers ? s->tx_bytes - headers : 0,
		.tx_bytes = s->rx_bytes,
		.rx_errors = s->tx_errors,
		.tx_errors = s->rx_errors,
		.rx_dropped = s->tx_dropped,
		.tx_dropped = s->rx_dropped,
	};
}

/*
 * The module reports the device's counters. A tunnel's device drops what it has
 * no route for and counts that, so it is asked. What was dropped before it
 * comes on top.
 */
static void stats_of_tunnel(const struct ox_datapath *dp, uint32_t port_no,
			    struct ox_port_stats *s)
{
	struct ox_link l;

	if (!dp->ports->rtnl ||
	    ox_rtnl_get(dp->ports->rtnl, dp->mem->ports[port_no].ifindex, &l) ||
	    !ox_vport_there(dp, port_no))
		return;
	*s = (struct ox_port_stats){
		.rx_errors = s->rx_errors,
		.tx_errors = s->tx_errors,
		.rx_dropped = s->rx_dropped,
		.tx_dropped = s->tx_dropped,
	};
	stats_add(s, &l.stats);
}

int ox_vport_stats(const struct ox_datapath *dp, uint32_t port_no,
		   struct ox_port_stats *out)
{
	const struct ox_uport *u;
	int err;

	memset(out, 0, sizeof(*out));
	if (!ox_vport_exists(dp, port_no))
		return -ENODEV;
	u = &dp->mem->uports[port_no];
	err = dp->mem->ops->port_stats(dp->mem, port_no, out);
	stats_add(out, &u->host);
	if (dp->mem->ports[port_no].flags & OX_PORT_TUNNEL)
		stats_of_tunnel(dp, port_no, out);
	else
		stats_add(out, &u->base);
	if (u->type == OVS_VPORT_TYPE_INTERNAL)
		*out = stats_of_host(out);
	return err;
}

int32_t ox_vport_netnsid(const struct ox_datapath *dp, uint32_t port_no)
{
	struct ox_rtnl *r = dp->ports->rtnl;
	struct ox_link far;

	if (dp->mem->uports[port_no].type != OVS_VPORT_TYPE_INTERNAL || !r ||
	    ox_rtnl_get(r, dp->mem->ports[port_no].ifindex, &far))
		return OX_NO_NETNSID;
	return far.peer_netnsid;
}
