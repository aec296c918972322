// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * answer.c - what a call that waits is told, and which calls nobody has told
 * anything yet.
 */
#include "seccomp.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <syslog.h>

#define CALLS 256

/* Calls being served, in memory that outlives the supervisor. */
static _Atomic uint64_t *served;

int ox_served_open(void)
{
	void *p = mmap(NULL, CALLS * sizeof(*served), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	served = p;
	return 0;
}

int ox_served_note(uint64_t id)
{
	for (int i = 0; i < CALLS; i++) {
		uint64_t none = 0;

		if (atomic_compare_exchange_strong(&served[i], &none, id))
			return i;
	}
	return -1;
}

void ox_served_clear(int slot)
{
	if (slot >= 0)
		atomic_store(&served[slot], 0);
}

void ox_served_interrupt(int listener)
{
	for (int i = 0; i < CALLS; i++) {
		struct seccomp_notif_resp r = { .id = served[i],
						.error = -EINTR };

		if (r.id)
			ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
		served[i] = 0;
	}
}

static void answer(const struct ox_call *c, struct seccomp_notif_resp *r)
{
	int err;

	r->id = c->id;
	err = ioctl(c->listener, SECCOMP_IOCTL_NOTIF_SEND, r);
	/* the process was killed meanwhile: nobody to answer */
	if (err && errno != ENOENT)
		syslog(LOG_ERR, "answer to process %d: %m", (int)c->tgid);
	ox_served_clear(c->slot);
}

void ox_call_return(const struct ox_call *c, int64_t ret)
{
	struct seccomp_notif_resp r = { 0 };

	if (ret < 0)
		r.error = (int32_t)ret;
	else
		r.val = ret;
	answer(c, &r);
}

void ox_call_continue(const struct ox_call *c)
{
	struct seccomp_notif_resp r = {
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE
	};

	answer(c, &r);
}
