/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * netns.h - what tests on real devices need: a network namespace and a
 * folder in bpffs of their own, commands, frames.
 */
#ifndef OVSXDP_TESTS_NETNS_H
#define OVSXDP_TESTS_NETNS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Puts this process in a new network namespace without IPv6, so that only
 * the test's own packets are there. 0 or -errno; -EPERM without privilege.
 */
int ox_test_netns(void);

/* Runs a command of words separated by spaces, like "ip link add v0 type
 * dummy". Its exit code, or -errno. What it prints is shown. */
int ox_test_run(const char *cmd);

/* Makes a veth pair, both ends up; 0 or an exit code. */
int ox_test_veth(const char *a, const char *b);

/* A packet socket on a device, or -errno. */
int ox_test_packet_socket(const char *ifname);
int ox_test_send(int fd, const void *frame, size_t len); /* 0 or -errno */

/*
 * A folder in bpffs of this process's own, made on first use. NULL, with the
 * reason in *why, where there can be none. ox_test_root_remove() takes it away
 * again with all datapaths in it.
 */
const char *ox_test_root(const char **why);
void ox_test_root_remove(void);

#endif /* OVSXDP_TESTS_NETNS_H */
