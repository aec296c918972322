// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* detach.c - daemonising, with a pipe that reports the outcome to the
 * parent. */
#include "control/base/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ovsxdp/cleanup.h"

int ox_detach_begin(int *ready)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		int err = -errno;

		close(fds[0]);
		close(fds[1]);
		return err;
	}
	if (pid) {
		char byte;

		close(fds[1]);
		_exit(read(fds[0], &byte, 1) == 1 ? 0 : 1);
	}
	close(fds[0]);
	setsid();
	*ready = fds[1];
	return 0;
}

void ox_detach_ready(int ready)
{
	_cleanup_fd_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	if (null <= 2)
		take_fd(null);
	/* a parent that was killed meanwhile needs no answer */
	if (write(ready, "", 1) < 0 && errno != EPIPE)
		perror("detach");
	close(ready);
}

int ox_pidfile_write(const char *path)
{
	_cleanup_file_ FILE *f = fopen(path, "we");

	if (!f)
		return -errno;
	if (fprintf(f, "%d\n", (int)getpid()) < 0 || fflush(f))
		return -errno;
	return 0;
}

void ox_pidfile_remove(const char *path)
{
	if (path)
		unlink(path);
}
