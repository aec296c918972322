/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * netns.h - how a network namespace is named in file names: by its cookie
 * (SO_NETNS_COOKIE), in hexadecimal. The kernel gives no cookie a second time
 * until it boots again, so a name never passes to another namespace, as the
 * device and inode of /proc/PID/ns/net do. A file that outlives a boot must be
 * checked in another way; those in bpffs and in a tmpfs don't.
 *
 * Inline, and without calls that take locks or memory: the preload uses it in
 * the processes of others.
 */
#ifndef OVSXDP_NETNS_H
#define OVSXDP_NETNS_H

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/* Bytes of a name with its NUL. */
#define OX_NETNS_NAME_LEN 17

/* Cookie of the network namespace of a socket, of any family; it needn't be
 * the one of the thread. 0 or -errno: -ENOPROTOOPT before Linux 5.14. */
static inline int ox_netns_cookie(int sock, uint64_t *cookie)
{
	socklen_t len = sizeof(*cookie);

	return getsockopt(sock, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &len)
		       ? -errno
		       : 0;
}

/* As "%x" would print it. */
static inline void ox_netns_name(uint64_t cookie, char name[OX_NETNS_NAME_LEN])
{
	int digits = 1;

	while (digits < 16 && cookie >> (4 * digits))
		digits++;
	name[digits] = '\0';
	for (; digits; cookie >>= 4)
		name[--digits] = "0123456789abcdef"[cookie & 15];
}

#endif /* OVSXDP_NETNS_H */
