// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dp.c - datapaths of a test program's own; see dp.h. */
#include "tests/lib/dp.h"

#include <net/if.h>
#include <stdio.h>

#include "tests/lib/netns.h"
#include "tests/lib/test.h"

static int netns_rc;

int ox_test_dp_setup(void **state)
{
	(void)state;
	netns_rc = ox_test_netns();
	return 0;
}

int ox_test_dp_cleanup(void **state)
{
	(void)state;
	ox_test_root_remove();
	return 0;
}

const char *ox_test_dp_root(void)
{
	const char *why = "?";
	const char *root = ox_test_root(&why);

	if (!root)
		ox_skip(why);
	if (netns_rc)
		ox_skip("no network namespace of its own");
	return root;
}

struct ox_dp *ox_test_dp_new(const char *name)
{
	struct ox_dp_params p = {
		.max_flows = 4096,
		.max_masks = 64,
		.max_ports = 64,
	};
	const char *root = ox_test_dp_root();
	struct ox_dp *dp = NULL;
	struct ox_err err;

	snprintf(p.name, sizeof(p.name), "%s", name);
	if (ox_dp_create(root, &p, &dp, &err))
		fail_msg("%s", err.msg);
	return dp;
}

void ox_test_dp_end(struct ox_dp *dp, const char *name)
{
	struct ox_err err;

	ox_dp_close(dp);
	if (ox_dp_remove(ox_test_dp_root(), name, &err))
		fail_msg("%s", err.msg);
}

uint32_t ox_test_dp_veth(const char *a, const char *b)
{
	char del[64];

	snprintf(del, sizeof(del), "ip link del %s", a);
	if (if_nametoindex(a))
		ox_test_run(del);
	assert_int_equal(ox_test_veth(a, b), 0);
	return if_nametoindex(a);
}
