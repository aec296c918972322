// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exec_frag.c - fragments in front of a ct() of the user tier. One table for
 * all datapaths, as the module has one for each network namespace; limits and
 * times are those that the kernel has for its own.
 */
#include "control/packet/exec_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <stdio.h>

#include "control/packet/defrag.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/now.h"

#define SYSCTL "/proc/sys/net/"
#define LIMIT  (4u << 20)

/* NULL until the first fragment; one for the process, which is one thread. */
static struct ox_defrag *defrag;

static uint32_t sysctl_read(const char *path, uint32_t otherwise)
{
	_cleanup_file_ FILE *f = fopen(path, "re");
	unsigned int v;

	return f && fscanf(f, "%u", &v) == 1 ? v : otherwise;
}

static uint32_t seconds(const char *path, uint32_t otherwise)
{
	uint32_t s = sysctl_read(path, otherwise);

	return (s < UINT32_MAX / 1000 ? s : otherwise) * 1000;
}

/* nf_defrag_ipv6 may not be there; then what it would begin with. */
static struct ox_defrag *defrag_new(void)
{
	const struct ox_defrag_conf conf = {
		.timeout_ms = {
			seconds(SYSCTL "ipv4/ipfrag_time", 30),
			seconds(SYSCTL "netfilter/nf_conntrack_frag6_timeout",
				60),
		},
		.limit = {
			sysctl_read(SYSCTL "ipv4/ipfrag_high_thresh", LIMIT),
			sysctl_read(SYSCTL
				    "netfilter/nf_conntrack_frag6_high_thresh",
				    LIMIT),
		},
		.max_dist = sysctl_read(SYSCTL "ipv4/ipfrag_max_dist", 64),
	};

	return ox_defrag_new(&conf);
}

static void frag_drop(void *arg, enum ox_reason why,
		      const struct ox_host_pkt *pkt)
{
	ox_drop_tell_pkt(arg, why, OX_NONE, pkt);
}

int ox_exec_defrag(void *arg, struct ox_host_pkt *pkt, uint32_t l3,
		   uint16_t zone)
{
	const struct ox_exec *x = arg;
	const struct ox_defrag_in in = {
		.l3 = l3,
		.zone = zone,
		.v6 = pkt->key.eth_type == htons(ETH_P_IPV6),
		.port_no = pkt->in_port,
		.reasons = x->dp->mem->config->host.reason,
		.drop = frag_drop,
		.arg = x->dp,
		.now_ms = ox_now_ms(),
	};

	if (!defrag)
		defrag = defrag_new();
	if (!defrag) {
		ox_exec_drop(x->dp, OX_R_FRAG_LIMIT, pkt);
		return -ENOMEM;
	}
	return ox_defrag(defrag, &in, pkt);
}

void ox_exec_tick(void)
{
	if (defrag)
		ox_defrag_expire(defrag, ox_now_ms());
}

void ox_exec_frag_forget(const struct ox_datapath *dp)
{
	if (!defrag)
		return;
	ox_defrag_forget(defrag, dp->mem->config->host.reason);
	if (ox_defrag_waiting(defrag))
		return;
	ox_defrag_free(defrag);
	defrag = NULL;
}
