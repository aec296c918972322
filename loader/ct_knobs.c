// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_knobs.c - what nf_conntrack of the kernel is set to: a new table of ours
 * begins with the same. Where there is no nf_conntrack, it is what that would
 * begin with.
 */
#include "ovsxdp/ct_set.h"

#include <stddef.h>
#include <stdio.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/ct_timeouts.h"

#define SYSCTL "/proc/sys/net/netfilter/nf_conntrack_"

static uint32_t sysctl_read(const char *name, uint32_t otherwise)
{
	char path[96];
	_cleanup_file_ FILE *f = NULL;
	unsigned int v;

	if (!*name)
		return otherwise;
	snprintf(path, sizeof(path), SYSCTL "%s", name);
	f = fopen(path, "re");
	return f && fscanf(f, "%u", &v) == 1 ? v : otherwise;
}

uint32_t ox_ct_kernel_max(void)
{
	uint32_t max = sysctl_read("max", 0);

	return max ? max : OX_CT_MAX_DEFAULT;
}

static const struct {
	uint16_t tp;
	uint16_t at;
	uint32_t seconds;
	const char *sysctl;
} timeouts[] = {
#define ROW(id, at, seconds, sysctl) { OX_CT_TP_##id, at, seconds, sysctl },
	OX_CT_TIMEOUTS(ROW)
#undef ROW
};

static const struct {
	uint32_t flag;
	uint32_t otherwise;
	const char *sysctl;
} flags[] = {
	{ OX_CT_CONF_LOOSE, 1, "tcp_loose" },
	{ OX_CT_CONF_LIBERAL, 0, "tcp_be_liberal" },
	{ OX_CT_CONF_IGNORE_INVALID_RST, 0, "tcp_ignore_invalid_rst" },
	{ OX_CT_CONF_ACCT, 0, "acct" },
	{ OX_CT_CONF_TIMESTAMP, 0, "timestamp" },
};

/* Times of over a month don't fit signed differences of jiffies. */
static uint32_t to_jiffies(uint32_t seconds, uint32_t hz)
{
	uint32_t most = INT32_MAX / hz;

	return (seconds > most ? most : seconds) * hz;
}

/* 0: no events, 1: always, 2: of connections that began while somebody
 * listened. */
static uint32_t events_flags(void)
{
	switch (sysctl_read("events", 2)) {
	case 0:
		return OX_CT_CONF_NO_EVENTS;
	case 1:
		return OX_CT_CONF_EVENTS;
	default:
		return 0;
	}
}

void ox_ct_kernel_knobs(struct ox_ct_conf *conf, struct ox_ct_tp *tps)
{
	uint32_t i, v;

	conf->max_retrans = sysctl_read("tcp_max_retrans", 3);
	conf->flags |= events_flags();
	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (sysctl_read(flags[i].sysctl, flags[i].otherwise))
			conf->flags |= flags[i].flag;
	for (i = 0; i < sizeof(timeouts) / sizeof(*timeouts); i++) {
		v = sysctl_read(timeouts[i].sysctl, timeouts[i].seconds);
		tps[timeouts[i].tp].timeout[timeouts[i].at] =
			to_jiffies(v, conf->hz);
	}
}
