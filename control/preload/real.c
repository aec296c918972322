// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * real.c - the C library's calls, looked up once. Racing threads look up the
 * same, so no lock is needed; a constructor of another library may come
 * before ours, so it can't be left to ours.
 */
#include "preload.h"

#include <dlfcn.h>
#include <stddef.h>

#define CALL(name)                                    \
	{                                             \
#name, offsetof(struct ox_real, name) \
	}

static const struct {
	const char *name;
	size_t offset;
} calls[] = {
	CALL(socket),
	CALL(bind),
	CALL(connect),
	CALL(close),
	CALL(close_range),
	CALL(dup),
	CALL(dup2),
	CALL(dup3),
	CALL(fcntl),
	CALL(fcntl64),
	CALL(setsockopt),
	CALL(send),
	CALL(sendto),
	CALL(sendmsg),
	CALL(sendmmsg),
	CALL(write),
	CALL(writev),
	CALL(recv),
	CALL(recvfrom),
	CALL(recvmsg),
	CALL(recvmmsg),
	CALL(read),
	CALL(readv),
	{ "__recv_chk", offsetof(struct ox_real, recv_chk) },
	{ "__recvfrom_chk", offsetof(struct ox_real, recvfrom_chk) },
	{ "__read_chk", offsetof(struct ox_real, read_chk) },
};

static struct ox_real real;
static int ready;

const struct ox_real *ox_real(void)
{
	if (__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
		return &real;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		void **at = (void **)((char *)&real + calls[i].offset);

		*at = dlsym(RTLD_NEXT, calls[i].name);
	}
	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	return &real;
}
