// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sdnotify.c - one datagram to the socket that $NOTIFY_SOCKET names, and what
 * systemd hands to a service: sd_notify(3), sd_listen_fds(3).
 */
#include "control/base/sdnotify.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ovsxdp/cleanup.h"

#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

/* $NOTIFY_SOCKET; 1, or 0 if there is none. */
static int address(struct sockaddr_un *to, socklen_t *len)
{
	const char *path = getenv("NOTIFY_SOCKET");

	if (!path || !path[0])
		return 0;
	if (strlen(path) >= sizeof(to->sun_path))
		return -ENAMETOOLONG;
	memcpy(to->sun_path, path, strlen(path));
	if (to->sun_path[0] == '@') /* abstract */
		to->sun_path[0] = '\0';
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			   strlen(path));
	return 1;
}

/* fd -1: none goes with it. */
static int tell(const char *state, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr head;
	} control = { 0 };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct iovec iov = { (void *)state, strlen(state) };
	struct msghdr m = { .msg_name = &to, .msg_iov = &iov, .msg_iovlen = 1 };
	_cleanup_fd_ int s = -1;
	int r = address(&to, &m.msg_namelen);

	if (r <= 0)
		return r;
	if (fd >= 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return -errno;
	return sendmsg(s, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int ox_sdnotify(const char *state)
{
	return tell(state, -1);
}

int ox_sdnotify_store(const char *name, int fd)
{
	char state[64];

	/* not to be thrown away for an error of a moment: FDPOLL */
	snprintf(state, sizeof(state), "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
	return tell(state, fd);
}

static int number(const char *name)
{
	const char *s = getenv(name);

	return s ? atoi(s) : 0;
}

int ox_sdnotify_stored(const char *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	int n = number("LISTEN_FDS");
	size_t len = strlen(name);

	if (number("LISTEN_PID") != (int)getpid() || !names)
		return -1;
	for (int fd = FIRST_FD; fd < FIRST_FD + n; fd++) {
		size_t step = strcspn(names, ":");

		if (step == len && !strncmp(names, name, len))
			return fcntl(fd, F_SETFD, FD_CLOEXEC) ? -1 : fd;
		names += step + (names[step] == ':');
	}
	return -1;
}
