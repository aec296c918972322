// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ring.c - reads the BPF ring buffer "ring". By hand, because libbpf's
 * reader has no budget: it goes on as long as there are records. The place
 * up to which it was read is in the map itself, so the next daemon goes on
 * where this one stopped.
 */
#include "loader/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

struct ox_ring {
	int fd;
	size_t page;
	size_t size;		 /* bytes of data, a power of two */
	unsigned long *consumer; /* written here; a page */
	unsigned long at;	 /* read up to here; *consumer follows */
	/* the kernel's: a page with the place up to which it has written,
	 * then the data twice, so that a record never ends at the edge */
	const unsigned long *producer;
	const uint8_t *data;
};

static int ring_mmap(struct ox_ring *r)
{
	void *p = mmap(NULL, r->page, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		       0);

	if (p == MAP_FAILED)
		return -errno;
	r->consumer = p;
	r->at = *r->consumer;
	p = mmap(NULL, r->page + 2 * r->size, PROT_READ, MAP_SHARED, r->fd,
		 r->page);
	if (p == MAP_FAILED)
		return -errno;
	r->producer = p;
	r->data = (const uint8_t *)p + r->page;
	return 0;
}

int ox_ring_open(struct ox_dp *dp, struct ox_ring **out, struct ox_err *e)
{
	struct ox_ring *r = calloc(1, sizeof(*r));
	struct bpf_map_info info;
	int err;

	if (!r)
		return -ENOMEM;
	r->page = sysconf(_SC_PAGESIZE);
	r->fd = fcntl(dp->map_fd[OX_M_RING], F_DUPFD_CLOEXEC, 3);
	err = r->fd < 0 ? -errno : ox_map_info(r->fd, &info);
	if (!err) {
		r->size = info.max_entries;
		err = ring_mmap(r);
	}
	if (err) {
		ox_ring_close(r);
		return ox_err_set(e, err, "can't map %s/ring: %s", dp->path,
				  strerror(-err));
	}
	*out = r;
	return 0;
}

void ox_ring_close(struct ox_ring *r)
{
	if (!r)
		return;
	if (r->producer)
		munmap((void *)r->producer, r->page + 2 * r->size);
	if (r->consumer)
		munmap(r->consumer, r->page);
	ox_closep(&r->fd);
	free(r);
}

int ox_ring_fd(const struct ox_ring *r)
{
	return r->fd;
}

static bool rec_good(const struct ox_ring_rec *rec, size_t size)
{
	return size >= sizeof(*rec) && rec->md.magic == OX_MD_MAGIC &&
	       rec->len && rec->len <= size - sizeof(*rec);
}

/*
 * The record at "at": its length with header, and in *rec the record if it is
 * one to hand up. 0: it is still being written, and none after it may be read.
 */
static size_t look(const struct ox_ring *r, unsigned long at,
		   const struct ox_ring_rec **rec)
{
	const uint8_t *p = r->data + (at & (r->size - 1));
	uint32_t head = __atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE);
	size_t len = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	*rec = NULL;
	if (head & BPF_RINGBUF_BUSY_BIT)
		return 0;
	if (!(head & BPF_RINGBUF_DISCARD_BIT)) {
		*rec = (const void *)(p + BPF_RINGBUF_HDR_SZ);
		if (!rec_good(*rec, len))
			*rec = NULL;
	}
	return (len + BPF_RINGBUF_HDR_SZ + 7) & ~(size_t)7;
}

/* Most of the room has to be there for a burst. */
static bool holds_much(const struct ox_ring *r)
{
	return r->at - *r->consumer >= r->size / 8;
}

int ox_ring_rx(struct ox_ring *r, uint32_t budget,
	       uint32_t (*fn)(const struct ox_ring_rec *rec, void *arg),
	       void *arg)
{
	uint32_t cost = 0;

	while (cost < budget && !holds_much(r) &&
	       r->at != __atomic_load_n(r->producer, __ATOMIC_ACQUIRE)) {
		const struct ox_ring_rec *rec;
		size_t len = look(r, r->at, &rec);

		if (!len)
			break;
		if (rec)
			cost += fn(rec, arg);
		r->at += len;
	}
	return cost;
}

void ox_ring_release(struct ox_ring *r)
{
	__atomic_store_n(r->consumer, r->at, __ATOMIC_RELEASE);
}
