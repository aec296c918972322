// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* log.c - one line a message: stderr (with priority prefixes for systemd's
 * journal) or syslog. */
#include "ovsxdp/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[OX_LOG_ERR] = { "err", LOG_ERR },
	[OX_LOG_WARN] = { "warn", LOG_WARNING },
	[OX_LOG_INFO] = { "info", LOG_INFO },
	[OX_LOG_DBG] = { "dbg", LOG_DEBUG },
};
#define N_LEVELS (int)(sizeof(levels) / sizeof(levels[0]))

static enum ox_log_level threshold = OX_LOG_INFO;
static bool to_syslog;

void ox_log_set_level(enum ox_log_level level)
{
	threshold = level;
}

int ox_log_level_parse(const char *name, enum ox_log_level *out)
{
	for (int i = 0; i < N_LEVELS; i++) {
		if (!strcmp(name, levels[i].name)) {
			*out = (enum ox_log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

void ox_log_use_syslog(const char *ident)
{
	openlog(ident, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	to_syslog = true;
}

bool ox_log_enabled(enum ox_log_level level)
{
	return level <= threshold;
}

/*
 * Is stderr systemd's journal? JOURNAL_STREAM is "device:inode" of the stream
 * that it was set for, and is inherited by whatever a unit starts:
 * sd_journal(3) asks to compare.
 */
static bool to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == dev &&
	       st.st_ino == ino;
}

void ox_log(enum ox_log_level level, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!ox_log_enabled(level))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (to_syslog)
		syslog(levels[level].priority, "%s", line);
	else if (to_journal())
		fprintf(stderr, "<%d>%s\n", levels[level].priority, line);
	else
		fprintf(stderr, "ovsxdpd: %s: %s\n", levels[level].name, line);
}
