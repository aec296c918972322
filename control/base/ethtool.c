// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ethtool.c - SIOCETHTOOL; see ethtool.h.
 */
#include "control/base/ethtool.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>

#include "ovsxdp/cleanup.h"

static int call(const char *name, struct ethtool_value *v)
{
	struct ifreq ifr = { .ifr_data = (void *)v };
	_cleanup_fd_ int fd = -1;

	if (strlen(name) >= sizeof(ifr.ifr_name))
		return -ENODEV;
	strcpy(ifr.ifr_name, name);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	return ioctl(fd, SIOCETHTOOL, &ifr) ? -errno : 0;
}

int ox_ethtool_set_gro(const char *name, bool on)
{
	struct ethtool_value v = { .cmd = ETHTOOL_SGRO, .data = on };

	return call(name, &v);
}

int ox_ethtool_get_gro(const char *name)
{
	struct ethtool_value v = { .cmd = ETHTOOL_GGRO };
	int err = call(name, &v);

	return err ? err : !!v.data;
}

static int flags_get(const char *name, uint32_t *flags)
{
	struct ethtool_value v = { .cmd = ETHTOOL_GFLAGS };
	int err = call(name, &v);

	*flags = v.data;
	return err;
}

int ox_ethtool_set_lro(const char *name, bool on)
{
	struct ethtool_value v = { .cmd = ETHTOOL_SFLAGS };
	uint32_t flags;
	int err = flags_get(name, &flags);

	if (err)
		return err;
	v.data = on ? flags | ETH_FLAG_LRO : flags & ~ETH_FLAG_LRO;
	return v.data == flags ? 0 : call(name, &v);
}

int ox_ethtool_get_lro(const char *name)
{
	uint32_t flags;
	int err = flags_get(name, &flags);

	return err ? err : !!(flags & ETH_FLAG_LRO);
}
