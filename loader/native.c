// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * native.c - the maps of tunnels without a device: who listens where, and whom
 * IPsec covers. Programs read them while they change, so what stays is left as
 * it is.
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <bpf/bpf.h>

/* Is it among n keys of size bytes? */
static bool has(const void *keys, uint32_t n, const void *key, size_t size)
{
	for (uint32_t i = 0; i < n; i++)
		if (!memcmp((const char *)keys + i * size, key, size))
			return true;
	return false;
}

/* Takes out what isn't among keys. The kernel's walk begins anew where the last
 * key is gone, so it goes on from one that is still there. */
static void drop_others(int fd, const void *keys, uint32_t n, size_t size)
{
	char at[64], next[64];
	const void *last = NULL;

	while (!bpf_map_get_next_key(fd, last, next)) {
		if (!has(keys, n, next, size)) {
			if (bpf_map_delete_elem(fd, next))
				return;
			continue;
		}
		memcpy(at, next, size);
		last = at;
	}
}

int ox_listen_set(struct ox_dp *dp, const struct ox_listen_key *keys,
		  const uint32_t *port_no, uint32_t n, struct ox_err *e)
{
	int fd = dp->map_fd[OX_M_LISTEN], err;

	if (n > OX_LISTEN_MAX)
		return ox_err_set(e, -ENOSPC,
				  "%s: %u local addresses and ports of "
				  "tunnels, of which %u have room",
				  dp->name, n, OX_LISTEN_MAX);
	drop_others(fd, keys, n, sizeof(*keys));
	for (uint32_t i = 0; i < n; i++) {
		err = bpf_map_update_elem(fd, &keys[i], &port_no[i], BPF_ANY);
		if (err)
			return ox_err_set(e, err, "%s: map listen: %s",
					  dp->name, strerror(-err));
	}
	return 0;
}

static void knob_set(struct ox_dp *dp, bool on)
{
	uint32_t *knobs = &dp->mem.config->knobs;

	if (on)
		__atomic_fetch_or(knobs, OX_KNOB_IPSEC, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(knobs, ~OX_KNOB_IPSEC, __ATOMIC_RELAXED);
}

/* Where it can't tell all of them it covers everybody: plaintext must not
 * leave. */
int ox_ipsec_set(struct ox_dp *dp, const struct ox_ipsec_key *keys, uint32_t n,
		 struct ox_err *e)
{
	static const struct ox_ipsec_key all[] = {
		{ .prefixlen = 32, .family = 2 },
		{ .prefixlen = 32, .family = 10 },
	};
	int fd = dp->map_fd[OX_M_IPSEC], err = 0;
	const uint32_t one = 1;

	if (n > OX_IPSEC_MAX) {
		keys = all;
		n = 2;
	}
	for (uint32_t i = 0; !err && i < n; i++)
		err = bpf_map_update_elem(fd, &keys[i], &one, BPF_ANY);
	if (n)
		knob_set(dp, true);
	if (err)
		return ox_err_set(e, err, "%s: map ipsec: %s", dp->name,
				  strerror(-err));
	drop_others(fd, keys, n, sizeof(*keys));
	if (!n)
		knob_set(dp, false);
	return 0;
}
