// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * xsk.c - the AF_XDP sockets of a port, one for each receive queue, and
 * their places in the datapath's map "xsks".
 */
#include "loader/xsk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <net/if.h>
#include <bpf/bpf.h>

#include "loader/priv.h"

struct ox_xsks {
	int map_fd; /* own duplicate: dp may be closed first */
	uint32_t base;
	uint32_t n;
	struct ox_xsk x[];
};

/*
 * Enters the sockets from base on. The kernel decides whether a place is
 * free, so that this is right after a crash (sockets take their entries
 * along) and among several processes. On failure *taken is the place that
 * wasn't free.
 */
static int enter_at(struct ox_xsks *x, uint32_t base, uint32_t *taken)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < x->n; i++) {
		uint32_t key = base + i;
		int fd = xsk_socket__fd(x->x[i].sock);

		err = bpf_map_update_elem(x->map_fd, &key, &fd, BPF_NOEXIST);
		if (err)
			break;
	}
	if (!err) {
		x->base = base;
		return 0;
	}
	*taken = base + i;
	while (i--) {
		uint32_t key = base + i;

		bpf_map_delete_elem(x->map_fd, &key);
	}
	return err;
}

/*
 * A port that hasn't opened its sockets yet after a restart still names its
 * old places; packets from there would go to a wrong socket and be lost.
 * Returns the end of such a range that overlaps, or 0.
 */
static uint32_t claimed(const struct ox_mem *m, uint32_t base, uint32_t n,
			uint32_t ifindex)
{
	uint32_t i;

	for (i = 0; i < m->config->max_ports; i++) {
		const struct ox_port *p = &m->ports[i];

		if (p->ifindex && p->ifindex != ifindex && p->n_xsk &&
		    p->xsk_base < base + n && base < p->xsk_base + p->n_xsk)
			return p->xsk_base + p->n_xsk;
	}
	return 0;
}

static int enter_first_fit(struct ox_xsks *x, const struct ox_mem *m,
			   uint32_t ifindex, bool respect_claims)
{
	uint32_t room = m->config->n_xsks;
	uint32_t base = 0;
	int err = -ENOSPC;

	while (x->n <= room && base <= room - x->n) {
		uint32_t end = respect_claims ? claimed(m, base, x->n, ifindex)
					      : 0;

		if (end) {
			base = end;
			continue;
		}
		err = enter_at(x, base, &end);
		if (err != -EEXIST)
			return err;
		base = end + 1;
		err = -ENOSPC;
	}
	return err;
}

/* Where the port had its sockets before, if that is free; else anywhere. */
static int enter(struct ox_xsks *x, const struct ox_mem *m, uint32_t ifindex)
{
	uint32_t i, taken;
	int err;

	for (i = 0; i < m->config->max_ports; i++) {
		const struct ox_port *p = &m->ports[i];

		if (p->ifindex == ifindex && p->n_xsk == x->n &&
		    !enter_at(x, p->xsk_base, &taken))
			return 0;
	}
	err = enter_first_fit(x, m, ifindex, true);
	return err == -ENOSPC ? enter_first_fit(x, m, ifindex, false) : err;
}

static int open_sockets(struct ox_xsks *x, const char *ifname, uint32_t n,
			struct ox_err *e)
{
	for (; x->n < n; x->n++) {
		int err = ox_xsk_open(&x->x[x->n], ifname, x->n, e);

		/* the count was of allocated queues: fewer are in use */
		if (err == -EINVAL && x->n)
			return 0;
		if (err)
			return err;
	}
	return 0;
}

/* Its map may have been made when there was no AF_XDP. */
static bool has_xskmap(const struct ox_dp *dp)
{
	struct bpf_map_info info;

	return !ox_map_info(dp->map_fd[OX_M_XSKS], &info) &&
	       info.type == BPF_MAP_TYPE_XSKMAP;
}

int ox_xsks_open(struct ox_dp *dp, uint32_t ifindex, struct ox_xsks **out,
		 uint32_t *xsk_base, uint32_t *n_xsk, struct ox_err *e)
{
	char ifname[IF_NAMESIZE];
	struct ox_xsks *x;
	uint32_t n;
	int err;

	if (!if_indextoname(ifindex, ifname))
		return ox_err_set(e, -ENODEV, "no device with index %u",
				  ifindex);
	if (!has_xskmap(dp))
		return ox_err_set(e, -EAFNOSUPPORT,
				  "%s/xsks takes no AF_XDP sockets: the kernel "
				  "had none (CONFIG_XDP_SOCKETS)",
				  dp->path);
	err = ox_queues_count(ifindex, ifname, &n);
	if (err)
		return ox_err_set(e, err,
				  "can't tell the receive queues of %s: %s",
				  ifname, strerror(-err));
	x = calloc(1, sizeof(*x) + n * sizeof(x->x[0]));
	if (!x)
		return -ENOMEM;
	x->map_fd = fcntl(dp->map_fd[OX_M_XSKS], F_DUPFD_CLOEXEC, 3);
	err = x->map_fd < 0 ? -errno : open_sockets(x, ifname, n, e);
	if (err)
		goto err_close;
	err = enter(x, &dp->mem, ifindex);
	if (err) {
		ox_err_set(e, err,
			   "no room for %u sockets of %s in %s/xsks (%u "
			   "places): %s",
			   x->n, ifname, dp->path, dp->mem.config->n_xsks,
			   strerror(-err));
		goto err_close;
	}
	*xsk_base = x->base;
	*n_xsk = x->n;
	*out = x;
	return 0;

err_close:
	ox_xsks_close(x);
	return err;
}

/* Closing takes a socket's entry out of the map. */
void ox_xsks_close(struct ox_xsks *x)
{
	uint32_t i;

	if (!x)
		return;
	for (i = 0; i < x->n; i++)
		ox_xsk_close(&x->x[i]);
	if (x->map_fd >= 0)
		close(x->map_fd);
	free(x);
}

int ox_xsks_fd(const struct ox_xsks *x, uint32_t queue)
{
	return queue < x->n ? xsk_socket__fd(x->x[queue].sock) : -EINVAL;
}

int ox_xsks_rx(struct ox_xsks *x, uint32_t queue, uint32_t budget,
	       uint32_t (*fn)(const struct ox_rx *rx, void *arg), void *arg)
{
	if (queue >= x->n)
		return 0;
	return ox_xsk_rx(&x->x[queue], queue, budget, fn, arg);
}

uint64_t ox_xsks_lost(struct ox_xsks *x)
{
	uint64_t lost = 0;
	uint32_t i;

	for (i = 0; i < x->n; i++)
		lost += ox_xsk_lost(&x->x[i]);
	return lost;
}
