// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * filter.c - which system calls wait for the supervisor: those that bind,
 * connect, send and subscribe. A filter sees a file descriptor's number only,
 * so it can't see a difference between sockets, and write(2) would make each
 * write of the program wait: it is left out. So are other ABIs of the machine
 * (32 bit, x32).
 */
#include "seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ovsxdp/cleanup.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/*
 * A signal must not interrupt a call that is being served: it would be done
 * again. And this is no sandbox that speculation could leave.
 */
#define FLAGS                                                                \
	(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW | \
	 SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)

/* The upper half of an int's register may hold anything. */
#define INT_IS(arg, value) \
	SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, 0xffffffffu, (uint32_t)(value))

static const int calls[] = {
	SCMP_SYS(bind),	   SCMP_SYS(connect),  SCMP_SYS(sendto),
	SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg),
};
static const int options[] = { NETLINK_ADD_MEMBERSHIP,
			       NETLINK_DROP_MEMBERSHIP };

static int add_rules(scmp_filter_ctx ctx)
{
	int err =
		seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);

	for (size_t i = 0; !err && i < sizeof(calls) / sizeof(calls[0]); i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, calls[i], 0);
	for (size_t i = 0; !err && i < sizeof(options) / sizeof(options[0]);
	     i++)
		err = seccomp_rule_add(
			ctx, SCMP_ACT_NOTIFY, SCMP_SYS(setsockopt), 2,
			INT_IS(1, SOL_NETLINK), INT_IS(2, options[i]));
	if (!err)
		err = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, SCMP_SYS(recvfrom),
				       3, SCMP_A2(SCMP_CMP_EQ, OX_RECV_ROOM),
				       INT_IS(3, 0), SCMP_A4(SCMP_CMP_NE, 0));
	return err;
}

/* libseccomp 2.5 can't set all of FLAGS itself. */
static int load(int code)
{
	struct sock_fprog prog;
	struct stat st;
	void *p;
	int fd;

	if (fstat(code, &st))
		return -errno;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, code, 0);
	if (p == MAP_FAILED)
		return -errno;
	prog.filter = p;
	prog.len = (unsigned short)((size_t)st.st_size /
				    sizeof(struct sock_filter));
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, FLAGS, &prog);
	if (fd < 0)
		fd = -errno;
	munmap(p, (size_t)st.st_size);
	return fd;
}

int ox_filter_load(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	_cleanup_fd_ int code = memfd_create("filter", MFD_CLOEXEC);
	int r;

	if (!ctx)
		return -ENOMEM;
	r = code < 0 ? -errno : add_rules(ctx);
	if (!r)
		r = seccomp_export_bpf(ctx, code);
	seccomp_release(ctx);
	return r ? r : load(code);
}
