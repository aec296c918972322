/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * log.h - the daemon's log: stderr, with sd-daemon priority prefixes when
 * systemd reads it, or syslog once detached. Codecs, tables and the loader
 * never log; the edge that decides does.
 */
#ifndef OVSXDP_LOG_H
#define OVSXDP_LOG_H

#include <stdbool.h>

enum ox_log_level { OX_LOG_ERR, OX_LOG_WARN, OX_LOG_INFO, OX_LOG_DBG };

void ox_log_set_level(enum ox_log_level level);
/* err|warn|info|dbg; -EINVAL otherwise. */
int ox_log_level_parse(const char *name, enum ox_log_level *out);
void ox_log_use_syslog(const char *ident);
bool ox_log_enabled(enum ox_log_level level);
void ox_log(enum ox_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define ox_log_err(...)	 ox_log(OX_LOG_ERR, __VA_ARGS__)
#define ox_log_warn(...) ox_log(OX_LOG_WARN, __VA_ARGS__)
#define ox_log_info(...) ox_log(OX_LOG_INFO, __VA_ARGS__)
#define ox_log_dbg(...)                                  \
	do {                                             \
		if (ox_log_enabled(OX_LOG_DBG))          \
			ox_log(OX_LOG_DBG, __VA_ARGS__); \
	} while (0)

#endif /* OVSXDP_LOG_H */
