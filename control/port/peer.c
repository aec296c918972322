// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * peer.c - asks about the other end of a veth, see peer.h. It may be in another
 * network namespace; then a thread asks there.
 */
#include "control/port/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "control/base/ethtool.h"
#include "control/port/away.h"
#include "control/port/netns.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/dp.h"

static int ask(uint32_t ifindex)
{
	enum ox_attach_mode mode = OX_MODE_NONE;
	struct ifreq ifr = { .ifr_ifindex = (int)ifindex };
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t prog = 0;
	int gro;

	if (fd < 0 || ioctl(fd, SIOCGIFNAME, &ifr) ||
	    ioctl(fd, SIOCGIFFLAGS, &ifr))
		return -errno;
	if (!(ifr.ifr_flags & IFF_UP))
		return 0;
	gro = ox_ethtool_get_gro(ifr.ifr_name);
	if (gro)
		return gro;
	if (ox_attach_query(ifindex, &prog, &mode))
		return 0;
	return prog && mode == OX_MODE_XDP;
}

struct question {
	uint32_t ifindex;
	int answer;
};

static int ask_there(void *arg)
{
	struct question *q = arg;

	q->answer = ask(q->ifindex);
	return 0;
}

int ox_peer_takes_frames(const struct ox_link *l)
{
	struct question q = { .ifindex = l->peer };
	int err;

	if (!l->peer)
		return -ENODEV;
	if (l->peer_netnsid == OX_NO_NETNSID)
		return ask(l->peer);
	err = ox_netns_visit(l->peer_netnsid, ask_there, &q);
	return err ? err : q.answer;
}

/* ---- by a thread ---- */

struct later {
	struct ox_away_job job;
	struct question q;
	uint32_t carrier;
	void (*fn)(struct ox_ports *ps, uint32_t ifindex, int answer);
};

static int later_run(void *arg)
{
	struct later *la = arg;

	return ask_there(&la->q);
}

static void later_done(struct ox_away_job *job, int result)
{
	struct later *la = (struct later *)job;

	la->fn(job->dp->ports, la->carrier, result ? result : la->q.answer);
	free(la);
}

void ox_peer_ask(struct ox_datapath *dp, const struct ox_link *l,
		 void (*fn)(struct ox_ports *ps, uint32_t ifindex, int answer))
{
	struct later *la = calloc(1, sizeof(*la));

	/* without memory the next round asks */
	if (!la)
		return;
	la->job = (struct ox_away_job){
		.dp = dp,
		.netnsid = l->peer_netnsid,
		.run = later_run,
		.done = later_done,
	};
	la->q.ifindex = l->peer;
	la->carrier = l->ifindex;
	la->fn = fn;
	ox_away_add(dp->ports->away, &la->job);
}
