/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ports.h - the daemon without its netlink families: datapaths with real maps
 * and devices, in a network namespace and a pin folder of the test program's
 * own. For cmocka: what fails here fails the test.
 */
#ifndef OVSXDP_TESTS_PORTS_H
#define OVSXDP_TESTS_PORTS_H

#include "control/base/loop.h"
#include "control/datapath/takeover.h"
#include "control/port/link.h"
#include "tests/lib/test.h"

extern struct ox_datapaths ox_test_all;
extern struct ox_loop *ox_test_loop;
extern const char *ox_test_no_ports; /* why there are none; NULL: there are */

#define OX_NEED_PORTS()                            \
	do {                                       \
		if (ox_test_no_ports)              \
			ox_skip(ox_test_no_ports); \
	} while (0)

/* Runs a test program whose tests need all this. */
#define ox_test_ports_main(tests, n) ox_test_ports_run(#tests, tests, n)
int ox_test_ports_run(const char *group, const struct CMUnitTest *tests,
		      size_t n);
/* Tear-down of a test: no datapath is left. */
int ox_test_ports_end(void **state);

/* Lets the daemon handle what came in. */
void ox_test_pump(void);
/* The daemon ends, and the next one takes over. */
void ox_test_restart(void);

/* A small datapath; ifindex of its local port, 0: any. */
struct ox_datapath *ox_test_datapath(const char *name, uint32_t ifindex);
/* 0 and its number, or -errno. */
int ox_test_port(struct ox_datapath *dp, const char *name, uint32_t type,
		 enum ox_attach_mode mode, uint32_t *no);
/* Port numbers of ports that must become one. */
uint32_t ox_test_netdev_mode(struct ox_datapath *dp, const char *name,
			     enum ox_attach_mode mode);
uint32_t ox_test_netdev(struct ox_datapath *dp, const char *name);

/* A device that must be there, as it is now. */
struct ox_link ox_test_link(const char *name);
/* Does the device carry dp's programs: "" none, "x" XDP, "t" skb tier? */
const char *ox_test_carries(struct ox_datapath *dp, const char *name);

#endif /* OVSXDP_TESTS_PORTS_H */
