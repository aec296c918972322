/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dp.h - datapaths of a test program's own, in its pin folder and network
 * namespace (netns.h). For cmocka: what fails here fails the test, and where
 * there can be no such datapath, the test skips.
 */
#ifndef OVSXDP_TESTS_DP_H
#define OVSXDP_TESTS_DP_H

#include "ovsxdp/dp.h"

/* Set-up and tear-down of the group of tests. */
int ox_test_dp_setup(void **state);
int ox_test_dp_cleanup(void **state);

/* The pin folder. */
const char *ox_test_dp_root(void);

/* A small datapath; ends with the folder, too. */
struct ox_dp *ox_test_dp_new(const char *name);
void ox_test_dp_end(struct ox_dp *dp, const char *name);

/* A veth pair in place of one that a failed test left; the first's index. */
uint32_t ox_test_dp_veth(const char *a, const char *b);

#endif /* OVSXDP_TESTS_DP_H */
