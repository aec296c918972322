// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * datapath.c - datapaths: creation, change, removal, lookup. What
 * net/openvswitch/datapath.c has below its netlink functions.
 *
 * ox_config.dp_ifindex is the mark of a whole datapath: set when creation has
 * ended, cleared when removal begins. takeover.c removes what lacks it.
 */
#include "control/datapath/datapath.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "control/base/loop.h"
#include "control/datapath/linger.h"
#include "control/packet/upcall_pid.h"
#include "control/port/rtnl.h"
#include "control/port/vport_events.h"
#include "control/port/vport_index.h"
#include "control/port/vport_linger.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"
#include "ovsxdp/thread.h"
#include "ovsxdp/uapi.h"

/*
 * All that 6.1 defines. With OVS_DP_F_TC_RECIRC_SHARING there is nothing to
 * do: packets come here before tc sees them, so no chain has to be shared.
 */
#define FEATURES                                    \
	(OVS_DP_F_VPORT_PIDS | OVS_DP_F_UNALIGNED | \
	 OVS_DP_F_TC_RECIRC_SHARING | OVS_DP_F_DISPATCH_UPCALL_PER_CPU)

static struct ox_datapath *staying(struct ox_datapath *dp)
{
	while (dp && dp->leaves)
		dp = dp->next;
	return dp;
}

struct ox_datapath *ox_datapath_first(const struct ox_datapaths *all)
{
	return staying(all->ports.datapaths);
}

struct ox_datapath *ox_datapath_next(const struct ox_datapath *dp)
{
	return staying(dp->next);
}

struct ox_datapath *ox_datapath_by_ifindex(struct ox_datapaths *all,
					   uint32_t dp_ifindex)
{
	struct ox_datapath *dp = ox_datapath_first(all);

	while (dp && dp->ifindex != dp_ifindex)
		dp = ox_datapath_next(dp);
	return dp;
}

struct ox_datapath *ox_datapath_by_name(struct ox_datapaths *all,
					const char *name)
{
	struct ox_datapath *dp = ox_datapath_first(all);

	while (dp && strcmp(dp->name, name))
		dp = ox_datapath_next(dp);
	return dp;
}

struct ox_datapath *ox_datapath_leaving(const struct ox_datapaths *all,
					uint64_t job)
{
	struct ox_datapath *dp = all->ports.datapaths;

	while (dp && dp->leaves != job)
		dp = dp->next;
	return dp;
}

int ox_datapath_change_check(const struct ox_datapaths *all,
			     const struct ox_dp_change *ch, struct ox_err *e)
{
	const uint32_t unknown = ~FEATURES | all->opt.no_features;
	uint32_t size = ch->cache_size;

	if (ch->has_features && (ch->features & unknown))
		return ox_err_set(e, -EOPNOTSUPP,
				  "user features 0x%x are not known here",
				  ch->features & unknown);
	if (ch->has_cache && ((size & (size - 1)) || size > OX_CACHE_MAX))
		return ox_err_set(e, -EINVAL,
				  "mask cache of %u entries: 0 or a power of "
				  "two up to %u",
				  size, OX_CACHE_MAX);
	if (!ch->has_cpu_pids || !ch->has_features ||
	    !(ch->features & OVS_DP_F_DISPATCH_UPCALL_PER_CPU))
		return 0;
	if (!ch->cpu_pids_len || ch->cpu_pids_len % sizeof(uint32_t))
		return ox_err_set(e, -EINVAL,
				  "per-CPU port ids: %u bytes are no array of "
				  "u32",
				  ch->cpu_pids_len);
	if (ch->cpu_pids_len / sizeof(uint32_t) > OX_CPU_PIDS)
		return ox_err_set(e, -E2BIG, "more than %u per-CPU port ids",
				  OX_CPU_PIDS);
	return 0;
}

static void cpu_pids_set(struct ox_datapath *dp, const struct ox_dp_change *ch)
{
	struct ox_config *c = dp->mem->config;
	uint32_t n = ch->cpu_pids_len / sizeof(uint32_t);

	memcpy(c->cpu_pids, ch->cpu_pids, n * sizeof(uint32_t));
	c->n_cpu_pids = n;
	ox_upcall_pids_note(dp, c->cpu_pids, n);
}

int ox_datapath_change(struct ox_datapath *dp, const struct ox_dp_change *ch,
		       struct ox_err *e)
{
	struct ox_config *c = dp->mem->config;
	int err = ox_datapath_change_check(dp->all, ch, e);

	if (err)
		return err;
	if (ch->has_cache)
		__atomic_store_n(&c->cache_size, ch->cache_size,
				 __ATOMIC_RELAXED);
	c->user_features = ch->has_features ? ch->features : 0;
	if (ch->has_cpu_pids &&
	    (c->user_features & OVS_DP_F_DISPATCH_UPCALL_PER_CPU))
		cpu_pids_set(dp, ch);
	return 0;
}

/* All but the memory, whose handle it returns. */
static struct ox_dp *free_but_memory(struct ox_datapath *dp)
{
	struct ox_dp *handle = dp->dp;

	if (dp->packet_ports)
		for (uint32_t i = 0; i < dp->mem->config->max_ports; i++)
			ox_packet_port_close(dp, i);
	ox_packet_dp_close(dp);
	ox_linger_close(dp);
	ox_loop_del(dp->upgrade);
	ox_vport_unlinger_close(dp);
	ox_vport_events_forget(dp);
	free(dp->packet_ports);
	ox_table_close(dp->table);
	free(dp);
	return handle;
}

/* A thread may still load programs for it. */
static void memory_close(struct ox_dp *handle)
{
	ox_renew_drop(handle);
	ox_dp_close(handle);
}

void ox_datapath_free(struct ox_datapath *dp)
{
	if (dp)
		memory_close(free_but_memory(dp));
}

int ox_datapath_new(struct ox_datapaths *all, const char *name,
		    struct ox_dp *handle, struct ox_datapath **out,
		    struct ox_err *e)
{
	struct ox_datapath *dp = calloc(1, sizeof(*dp));
	int err;

	if (!dp) {
		ox_dp_close(handle);
		return -ENOMEM;
	}
	dp->all = all;
	dp->packets = &all->packets;
	dp->ports = &all->ports;
	dp->dp = handle;
	dp->mem = ox_dp_mem(handle);
	dp->ct = all->ct;
	snprintf(dp->name, sizeof(dp->name), "%s", name);
	err = ox_table_open(dp->mem, &dp->table, e);
	if (!err) {
		dp->packet_ports = calloc(dp->mem->config->max_ports,
					  sizeof(*dp->packet_ports));
		err = dp->packet_ports ? 0 : -ENOMEM;
	}
	if (err) {
		ox_datapath_free(dp);
		return err;
	}
	*out = dp;
	return 0;
}

void ox_datapath_link(struct ox_datapath *dp)
{
	struct ox_datapath **p = &dp->ports->datapaths;

	while (*p)
		p = &(*p)->next;
	dp->next = NULL;
	*p = dp;
	ox_vport_index_stale(dp->ports);
	dp->all->generation++;
}

static void datapath_unlink(struct ox_datapath *dp)
{
	struct ox_datapath **p = &dp->ports->datapaths;

	while (*p && *p != dp)
		p = &(*p)->next;
	if (*p)
		*p = dp->next;
	dp->all->generation++;
}

/* dev_valid_name(), and no pattern: the folder has its name before the
 * device would get the number that replaces "%d". */
static int name_check(const char *name, struct ox_err *e)
{
	const char *p;

	for (p = name; *p; p++)
		if (*p == '/' || *p == ':' || *p == '%' ||
		    isspace((unsigned char)*p))
			break;
	if (*p || p == name || !strcmp(name, ".") || !strcmp(name, ".."))
		return ox_err_set(e, -EINVAL, "\"%s\" can't name a device",
				  name);
	return 0;
}

static int memory_create(struct ox_datapaths *all,
			 const struct ox_dp_request *rq,
			 struct ox_datapath **out, struct ox_err *e)
{
	struct ox_dp_params p = {
		.netns_cookie = all->space.cookie,
		.max_flows = rq->max_flows ? rq->max_flows : all->opt.max_flows,
		.max_masks = rq->max_masks ? rq->max_masks : all->opt.max_masks,
		.max_ports = rq->max_ports ? rq->max_ports : all->opt.max_ports,
		.cache_size = rq->cache_size,
		.ct = all->ct_set,
	};
	struct ox_dp *handle = NULL;
	struct ox_config *c;
	int err;

	memcpy(p.name, rq->name, sizeof(p.name));
	err = ox_spare_create(&all->spares, all->space.folder, &p, &handle, e);
	if (err)
		return err;
	err = ox_datapath_new(all, rq->name, handle, out, e);
	if (err) {
		ox_dp_remove(all->space.folder, rq->name, NULL);
		return err;
	}
	c = (*out)->mem->config;
	c->user_features = rq->user_features;
	c->upcall_pid = rq->upcall_pid;
	c->knobs = 0; /* ports' devices count and show what they send */
	return 0;
}

static int local_create(struct ox_datapath *dp, const struct ox_dp_request *rq,
			struct ox_err *e)
{
	struct ox_vport_request port = {
		.type = OVS_VPORT_TYPE_INTERNAL,
		.port_no = OVSP_LOCAL,
		.want_ifindex = rq->want_ifindex,
		.n_pids = 1,
		.pids = &rq->upcall_pid,
	};
	uint32_t no;
	int err;

	memcpy(port.name, rq->name, sizeof(port.name));
	err = ox_vport_add(dp, &port, &no, e);
	if (err)
		return err;
	dp->ifindex = dp->mem->uports[OVSP_LOCAL].ifindex;
	__atomic_store_n(&dp->mem->config->dp_ifindex, dp->ifindex,
			 __ATOMIC_RELEASE);
	return 0;
}

int ox_datapath_create(struct ox_datapaths *all, const struct ox_dp_request *rq,
		       struct ox_datapath **out, struct ox_err *e)
{
	struct ox_datapath *dp = NULL;
	struct ox_link l;
	int err = name_check(rq->name, e);

	if (err)
		return err;
	if (ox_datapath_by_name(all, rq->name))
		return ox_err_set(e, -EEXIST, "datapath %s exists already",
				  rq->name);
	if (ox_vport_leaves(&all->ports, rq->name))
		return -EINPROGRESS;
	if (!ox_rtnl_get_name(all->ports.rtnl, rq->name, &l))
		return ox_err_set(e, -EEXIST, "device %s exists already",
				  rq->name);
	err = memory_create(all, rq, &dp, e);
	if (err)
		return err;
	err = ox_packet_dp_open(dp, e);
	if (!err)
		err = local_create(dp, rq, e);
	if (err) {
		ox_datapath_free(dp);
		ox_dp_remove(all->space.folder, rq->name, NULL);
		return err;
	}
	ox_datapath_link(dp);
	*out = dp;
	ox_log_info("%s: datapath created in %s", dp->name, ox_dp_path(dp->dp));
	return 0;
}

uint64_t ox_datapath_leave(struct ox_datapath *dp)
{
	struct ox_config *c = dp->mem->config;

	__atomic_store_n(&c->dp_ifindex, 0, __ATOMIC_RELEASE);
	dp->leaves = ++dp->all->jobs;
	dp->leaves_at = c->max_ports;
	dp->all->generation++;
	return dp->leaves;
}

bool ox_datapath_leave_step(struct ox_datapath *dp)
{
	while (dp->leaves_at && dp->n_ports) {
		uint32_t no = --dp->leaves_at;

		if (!ox_vport_exists(dp, no))
			continue;
		ox_vport_del(dp, no);
		break;
	}
	return dp->leaves_at && dp->n_ports;
}

static void *closer_run(void *handle)
{
	memory_close(handle);
	return NULL;
}

static void closer_wait(struct ox_datapaths *all)
{
	if (all->closing)
		pthread_join(all->closer, NULL);
	all->closing = false;
}

/* By a thread, since the unmapping of its memory takes 10 to 60 ms. */
static void close_later(struct ox_datapaths *all, struct ox_dp *handle)
{
	closer_wait(all);
	all->closing = !ox_thread_start(&all->closer, closer_run, handle);
	if (!all->closing)
		memory_close(handle);
}

void ox_datapath_destroy(struct ox_datapath *dp)
{
	struct ox_datapaths *all = dp->all;
	char folder[OX_NAME_LEN + 1] = "", name[IFNAMSIZ];
	struct ox_err e = { 0 };

	memcpy(folder, dp->mem->config->name, OX_NAME_LEN);
	memcpy(name, dp->name, sizeof(name));
	if (!dp->leaves)
		ox_datapath_leave(dp);
	while (ox_datapath_leave_step(dp))
		;
	datapath_unlink(dp);
	close_later(all, free_but_memory(dp));
	if (ox_dp_remove(all->space.folder, folder, &e))
		ox_log_err("%s: %s", name, e.msg);
	else
		ox_log_info("%s: datapath deleted", name);
}

void ox_datapath_close_all(struct ox_datapaths *all)
{
	struct ox_datapath *dp;

	while ((dp = all->ports.datapaths)) {
		if (dp->leaves) {
			ox_datapath_destroy(dp);
			continue;
		}
		all->ports.datapaths = dp->next;
		ox_datapath_free(dp);
	}
	closer_wait(all);
	free(all->left);
	all->left = NULL;
	all->n_left = 0;
	ox_packet_close(&all->packets);
	ox_spare_close(&all->spares);
}
