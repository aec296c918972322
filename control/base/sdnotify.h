/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sdnotify.h - reports to systemd (or whoever set NOTIFY_SOCKET) how the daemon
 * does: sd_notify(3) without libsystemd.
 */
#ifndef OVSXDP_SDNOTIFY_H
#define OVSXDP_SDNOTIFY_H

/* state: "READY=1", "STOPPING=1", ... 0, also if nobody listens; -errno. */
int ox_sdnotify(const char *state);
/* Has systemd keep fd while the service restarts (FDSTORE=1), under a name of
 * letters. As ox_sdnotify(); fd stays the caller's. */
int ox_sdnotify_store(const char *name, int fd);
/* What it has kept under that name, now the caller's, close-on-exec; -1:
 * nothing. Called once. */
int ox_sdnotify_stored(const char *name);

#endif /* OVSXDP_SDNOTIFY_H */
