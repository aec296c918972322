// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * xsk_sock.c - one AF_XDP socket: receives what the data plane hands up from
 * one receive queue.
 *
 * Copy mode, always. Zero-copy would put the whole queue on this UMEM. Each
 * frame that is forwarded would then be copied to a page of its own
 * (xdp_convert_zc_to_xdp_frame), and a daemon that dies would stop the queue.
 * Here only what is handed up is copied.
 */
#include "loader/xsk.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <linux/if_xdp.h>

#include "loader/priv.h"

#define AREA_SIZE ((size_t)OX_XSK_FRAMES * OX_XSK_FRAME_SIZE)
#define RX_BATCH  64

_Static_assert((OX_XSK_FRAMES & (OX_XSK_FRAMES - 1)) == 0, "ring size");

/* All frames fit the fill ring, so giving frames back never fails. */
static void fill(struct ox_xsk *x, const uint64_t *addr, uint32_t n)
{
	uint32_t at, i;

	if (xsk_ring_prod__reserve(&x->fill, n, &at) != n)
		return;
	for (i = 0; i < n; i++)
		*xsk_ring_prod__fill_addr(&x->fill, at + i) = addr[i];
	xsk_ring_prod__submit(&x->fill, n);
}

static void fill_all(struct ox_xsk *x)
{
	uint64_t addr[OX_XSK_FRAMES];
	uint32_t i;

	for (i = 0; i < OX_XSK_FRAMES; i++)
		addr[i] = (uint64_t)i * OX_XSK_FRAME_SIZE;
	fill(x, addr, OX_XSK_FRAMES);
}

static int try_open(struct ox_xsk *x, const char *ifname, uint32_t queue)
{
	const struct xsk_umem_config uc = {
		.fill_size = OX_XSK_FRAMES,
		.comp_size = 64, /* nothing is sent, but it must be there */
		.frame_size = OX_XSK_FRAME_SIZE,
	};
	const struct xsk_socket_config sc = {
		.rx_size = OX_XSK_FRAMES,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = XDP_COPY,
	};
	int err;

	x->area = mmap(NULL, AREA_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (x->area == MAP_FAILED) {
		x->area = NULL;
		return -errno;
	}
	err = xsk_umem__create(&x->umem, x->area, AREA_SIZE, &x->fill, &x->comp,
			       &uc);
	if (err) {
		x->umem = NULL;
		return err;
	}
	/* before binding: a packet may come at once */
	fill_all(x);
	err = xsk_socket__create(&x->sock, ifname, queue, x->umem, &x->rx, NULL,
				 &sc);
	if (err)
		x->sock = NULL;
	return err;
}

static void raise_memlock(void)
{
	struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &r);
}

static const char *hint(int err)
{
	switch (err) {
	case -EBUSY:
		return "another socket is there still";
	case -ENOBUFS:
	case -ENOMEM:
		return "too little locked memory: raise LimitMEMLOCK= or "
		       "'ulimit -l'";
	case -EOPNOTSUPP:
	case -EAFNOSUPPORT:
		return "the kernel has no AF_XDP (CONFIG_XDP_SOCKETS)";
	case -EMFILE:
		return "too many open files: raise LimitNOFILE= or "
		       "'ulimit -n'";
	case -EPERM:
		return "no privilege: CAP_NET_RAW and CAP_NET_ADMIN are "
		       "needed";
	default:
		return strerror(-err);
	}
}

int ox_xsk_open(struct ox_xsk *x, const char *ifname, uint32_t queue,
		struct ox_err *e)
{
	int err;

	ox_print_begin();
	err = try_open(x, ifname, queue);
	if (err == -ENOBUFS || err == -ENOMEM) {
		ox_xsk_close(x);
		raise_memlock();
		err = try_open(x, ifname, queue);
	}
	if (err)
		ox_xsk_close(x);
	ox_print_end();
	if (!err)
		return 0;
	return ox_err_set(e, err, "no AF_XDP socket for %s queue %u: %s",
			  ifname, queue, hint(err));
}

void ox_xsk_close(struct ox_xsk *x)
{
	if (x->sock)
		xsk_socket__delete(x->sock);
	if (x->umem)
		xsk_umem__delete(x->umem);
	if (x->area)
		munmap(x->area, AREA_SIZE);
	memset(x, 0, sizeof(*x));
}

/*
 * The metadata is copied out, because who handles the packet may write over
 * it (push a header), and wiped, because the next packet in this frame may
 * come without any.
 */
static uint32_t hand_up(struct ox_xsk *x, const struct xdp_desc *d,
			struct ox_rx *rx,
			uint32_t (*fn)(const struct ox_rx *rx, void *arg),
			void *arg)
{
	struct ox_upcall_md md;
	uint8_t *data = xsk_umem__get_data(x->area, d->addr);
	uint32_t cost;

	memcpy(&md, data - sizeof(md), sizeof(md));
	memset(data - sizeof(md), 0, sizeof(md));
	rx->md = md.magic == OX_MD_MAGIC ? &md : NULL;
	rx->data = data;
	rx->len = d->len;
	cost = fn(rx, arg);
	memset(data - sizeof(md), 0, sizeof(md));
	return cost;
}

/* At most RX_BATCH packets. *cost grows by what they cost; returns whether
 * there may be more. */
static bool rx_batch(struct ox_xsk *x, struct ox_rx *rx, uint32_t budget,
		     uint32_t *cost,
		     uint32_t (*fn)(const struct ox_rx *rx, void *arg),
		     void *arg)
{
	uint64_t addr[RX_BATCH];
	uint32_t at = 0, i, n;

	n = xsk_ring_cons__peek(&x->rx, RX_BATCH, &at);
	for (i = 0; i < n && *cost < budget; i++) {
		const struct xdp_desc *d =
			xsk_ring_cons__rx_desc(&x->rx, at + i);

		addr[i] = d->addr & ~(uint64_t)(OX_XSK_FRAME_SIZE - 1);
		*cost += hand_up(x, d, rx, fn, arg);
	}
	if (i < n)
		xsk_ring_cons__cancel(&x->rx, n - i);
	if (i) {
		xsk_ring_cons__release(&x->rx, i);
		fill(x, addr, i);
	}
	return i == RX_BATCH;
}

int ox_xsk_rx(struct ox_xsk *x, uint32_t queue, uint32_t budget,
	      uint32_t (*fn)(const struct ox_rx *rx, void *arg), void *arg)
{
	struct ox_rx rx = { .queue = queue };
	uint32_t cost = 0;

	while (cost < budget && rx_batch(x, &rx, budget, &cost, fn, arg))
		;
	return cost;
}

/* In copy mode a frame that finds the fill ring empty is in rx_dropped too,
 * so rx_fill_ring_empty_descs is not added. */
uint64_t ox_xsk_lost(struct ox_xsk *x)
{
	struct xdp_statistics st = { 0 };
	socklen_t len = sizeof(st);
	uint64_t now, lost;

	if (getsockopt(xsk_socket__fd(x->sock), SOL_XDP, XDP_STATISTICS, &st,
		       &len))
		return 0;
	now = st.rx_dropped + st.rx_ring_full;
	lost = now - x->lost;
	x->lost = now;
	return lost;
}
