/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sdnotify.h - reports to systemd (or whoever set NOTIFY_SOCKET) how the daemon
 * does: sd_notify(3) without libsystemd.
 */
#ifndef OVSXDP_SDNOTIFY_H
#define OVSXDP_SDNOTIFY_H

/* state: "READY=1", "STOPPING=1", ... 0, also if nobody listens; -errno. */
int ox_sdnotify(const char *state);

#endif /* OVSXDP_SDNOTIFY_H */
