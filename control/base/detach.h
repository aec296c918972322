/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * detach.h - leaving the shell: the parent process returns only when the
 * child says that it is ready, or has failed.
 */
#ifndef OVSXDP_DETACH_H
#define OVSXDP_DETACH_H

/* Forks. The child goes on with *ready for ox_detach_ready(); the parent
 * never returns from here. -errno if it couldn't fork. */
int ox_detach_begin(int *ready);
/* Lets the parent exit with 0, and closes standard input and output. Without
 * this call (the child exits) the parent exits with 1. */
void ox_detach_ready(int ready);

/* Writes the process id to path; removed by ox_pidfile_remove(). */
int ox_pidfile_write(const char *path);
void ox_pidfile_remove(const char *path);

#endif /* OVSXDP_DETACH_H */
