// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_loader_tc.c - the skb tier's programs on devices, by tcx and by
 * clsact: attaching, who else is there, what stays. In a network namespace of
 * its own; needs root, a bpffs and iproute2.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <unistd.h>
#include <net/if.h>
#include <sys/wait.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_cls.h>

#include "loader/tc.h"
#include "tests/lib/netns.h"

static struct ox_err err;
static int netns_rc;

static const char *root_or_skip(void)
{
	const char *why = "?";
	const char *root = ox_test_root(&why);

	if (!root)
		ox_skip(why);
	if (netns_rc)
		ox_skip("no network namespace of its own");
	err.msg[0] = '\0';
	return root;
}

static struct ox_dp *create(const char *name)
{
	struct ox_dp_params p = {
		.max_flows = 4096,
		.max_masks = 64,
		.max_ports = 64,
	};
	const char *root = root_or_skip();
	struct ox_dp *dp = NULL;

	strncpy(p.name, name, sizeof(p.name) - 1);
	assert_int_equal(ox_dp_create(root, &p, &dp, &err), 0);
	return dp;
}

static void destroy(struct ox_dp *dp, const char *name)
{
	ox_dp_close(dp);
	assert_int_equal(ox_dp_remove(root_or_skip(), name, &err), 0);
}

/* A veth pair t0, t1; its index. The test deletes t0. */
static uint32_t veth(void)
{
	if (if_nametoindex("t0")) /* of a test that failed */
		ox_test_run("ip link del t0");
	assert_int_equal(ox_test_veth("t0", "t1"), 0);
	return if_nametoindex("t0");
}

static void veth_del(void)
{
	assert_int_equal(ox_test_run("ip link del t0"), 0);
}

/* Does a command's output hold a word? */
static int shows(const char *cmd, const char *word)
{
	char line[512];
	FILE *f = popen(cmd, "r");
	int found = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		found |= !!strstr(line, word);
	pclose(f);
	return found;
}

static int has_tcx(uint32_t ifindex, struct ox_dp *dp)
{
	return ox_tcx_query(ifindex, OX_TC_INGRESS, &dp->prog[OX_P_TC]) !=
	       -EOPNOTSUPP;
}

/* A program of someone else: passes every packet on. */
static struct ox_prog foreign_prog(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = TC_ACT_UNSPEC },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct ox_prog p = { 0 };

	p.fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "foreign", "GPL", insns,
			     2, NULL);
	assert_true(p.fd >= 0);
	assert_int_equal(ox_prog_id(&p), 0);
	return p;
}

static void attach_veth(void **state)
{
	struct ox_dp *dp = create("at");
	uint32_t t0 = veth();

	(void)state;
	assert_true(ox_dp_tc_id(dp) > 0);
	assert_int_equal(ox_tc_query(dp, t0), 0);
	assert_int_equal(ox_tc_detach(dp, t0, &err), 0);
	assert_int_equal(ox_tc_attach(dp, t0, &err), 0);
	assert_int_equal(ox_tc_query(dp, t0), 1);
	assert_int_equal(ox_tc_attach(dp, t0, &err), 0);
	assert_int_equal(ox_tc_query(dp, t0), 1);
	assert_int_equal(ox_tc_detach(dp, t0, &err), 0);
	assert_int_equal(ox_tc_query(dp, t0), 0);
	/* once was enough, and nothing of ours is left */
	assert_false(shows("tc qdisc show dev t0", "clsact"));
	veth_del();
	destroy(dp, "at");
}

/* It stays when the process that attached it ends without a word. */
static void attach_stays(void **state)
{
	struct ox_dp *dp = create("stay");
	uint32_t id = ox_dp_tc_id(dp);
	uint32_t t0 = veth();
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (!pid)
		_exit(ox_tc_attach(dp, t0, NULL) ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	ox_dp_close(dp);
	assert_int_equal(ox_dp_open(root_or_skip(), "stay", &dp, &err), 0);
	assert_int_equal(ox_dp_tc_id(dp), id);
	assert_int_equal(ox_tc_query(dp, t0), 1);
	assert_int_equal(ox_tc_detach(dp, t0, &err), 0);
	assert_int_equal(ox_tc_query(dp, t0), 0);
	veth_del();
	destroy(dp, "stay");
}

/* Two datapaths on one device: each takes off its own. */
static void attach_two(void **state)
{
	struct ox_dp *a = create("two1");
	struct ox_dp *b = create("two2");
	uint32_t t0 = veth();

	(void)state;
	assert_int_equal(ox_tc_attach(a, t0, &err), 0);
	assert_int_equal(ox_tc_attach(b, t0, &err), 0);
	assert_int_equal(ox_tc_query(a, t0), 1);
	assert_int_equal(ox_tc_query(b, t0), 1);
	assert_int_equal(ox_tc_detach(a, t0, &err), 0);
	assert_int_equal(ox_tc_query(a, t0), 0);
	assert_int_equal(ox_tc_query(b, t0), 1);
	assert_int_equal(ox_tc_detach(b, t0, &err), 0);
	assert_int_equal(ox_tc_query(b, t0), 0);
	veth_del();
	destroy(a, "two1");
	destroy(b, "two2");
}

static void attach_no_device(void **state)
{
	struct ox_dp *dp = create("gone");
	uint32_t t0 = veth();

	(void)state;
	assert_int_equal(ox_tc_attach(dp, t0, &err), 0);
	veth_del();
	assert_int_equal(ox_tc_query(dp, t0), -ENODEV);
	assert_int_equal(ox_tc_detach(dp, t0, &err), 0);
	assert_int_equal(ox_tc_attach(dp, t0, &err), -ENODEV);
	assert_non_null(strstr(err.msg, "skb tier"));
	destroy(dp, "gone");
}

/* By tc(8), at a priority of its own: seen, and not ours to take off. */
static void attach_by_hand(void **state)
{
	struct ox_dp *dp = create("hand");
	uint32_t t0 = veth();
	char cmd[200];

	(void)state;
	assert_int_equal(ox_test_run("tc qdisc add dev t0 clsact"), 0);
	snprintf(cmd, sizeof(cmd),
		 "tc filter add dev t0 egress bpf da object-pinned %s/tc",
		 ox_dp_path(dp));
	assert_int_equal(ox_test_run(cmd), 0);
	assert_int_equal(ox_tc_query(dp, t0), 0);
	snprintf(cmd, sizeof(cmd),
		 "tc filter add dev t0 ingress bpf da object-pinned %s/tc",
		 ox_dp_path(dp));
	assert_int_equal(ox_test_run(cmd), 0);
	assert_int_equal(ox_tc_query(dp, t0), 1);
	assert_int_equal(ox_tc_detach(dp, t0, &err), 0);
	assert_int_equal(ox_tc_query(dp, t0), 1);
	assert_int_equal(ox_test_run("tc filter del dev t0 ingress"), 0);
	assert_int_equal(ox_tc_query(dp, t0), 0);
	veth_del();
	destroy(dp, "hand");
}

static void clone_attach(void **state)
{
	struct ox_dp *dp = create("cl");
	uint32_t t0 = veth();
	const struct ox_prog *p = &dp->prog[OX_P_CLONE];

	(void)state;
	assert_int_equal(ox_clone_attach(dp, t0, &err), 0);
	assert_int_equal(ox_clone_attach(dp, t0, &err), 0);
	assert_int_equal(has_tcx(t0, dp) ? ox_tcx_query(t0, OX_TC_EGRESS, p)
					 : ox_clsact_query(t0, OX_TC_EGRESS, p),
			 1);
	/* the other hook is another matter */
	assert_int_equal(ox_tc_query(dp, t0), 0);
	assert_int_equal(ox_tc_attach(dp, t0, &err), 0);
	assert_int_equal(ox_tc_detach(dp, t0, &err), 0);
	assert_int_equal(has_tcx(t0, dp) ? ox_tcx_query(t0, OX_TC_EGRESS, p)
					 : ox_clsact_query(t0, OX_TC_EGRESS, p),
			 1);
	veth_del();
	destroy(dp, "cl");
}

static void tcx_first(void **state)
{
	struct ox_dp *dp = create("tcx");
	uint32_t t0 = veth();
	struct ox_prog other = foreign_prog();
	const struct ox_prog *ours = &dp->prog[OX_P_TC];

	(void)state;
	if (!has_tcx(t0, dp)) {
		close(other.fd);
		veth_del();
		destroy(dp, "tcx");
		ox_skip("kernel without tcx (6.6)");
	}
	assert_int_equal(ox_tcx_attach(t0, OX_TC_INGRESS, &other), 0);
	assert_int_equal(ox_tc_attach(dp, t0, &err), 0);
	assert_int_equal(ox_tcx_query(t0, OX_TC_INGRESS, &other), 1);
	assert_int_equal(ox_tcx_attach(t0, OX_TC_INGRESS, ours), -EEXIST);
	/* ours is gone, theirs is there */
	assert_int_equal(ox_tc_detach(dp, t0, &err), 0);
	assert_int_equal(ox_tcx_query(t0, OX_TC_INGRESS, ours), 0);
	assert_int_equal(ox_tcx_query(t0, OX_TC_INGRESS, &other), 1);
	assert_int_equal(ox_tcx_detach(t0, OX_TC_INGRESS, ours), -ENOENT);
	close(other.fd);
	veth_del();
	destroy(dp, "tcx");
}

/* clsact by name, also where the kernel has tcx. */
static void clsact_own(void **state)
{
	struct ox_dp *dp = create("cls");
	const struct ox_prog *p = &dp->prog[OX_P_TC];
	uint32_t t0 = veth();

	(void)state;
	ox_print_begin();
	assert_int_equal(ox_clsact_query(t0, OX_TC_INGRESS, p), 0);
	assert_int_equal(ox_clsact_detach(t0, OX_TC_INGRESS, p), -ENOENT);
	assert_int_equal(ox_clsact_attach(t0, OX_TC_INGRESS, p), 0);
	assert_int_equal(ox_clsact_query(t0, OX_TC_INGRESS, p), 1);
	assert_int_equal(ox_clsact_query(t0, OX_TC_EGRESS, p), 0);
	assert_int_equal(ox_clsact_attach(t0, OX_TC_INGRESS, p), -EEXIST);
	assert_true(shows("tc filter show dev t0 ingress", "ovsxdp_tc"));
	assert_int_equal(ox_clsact_detach(t0, OX_TC_INGRESS, p), 0);
	assert_int_equal(ox_clsact_query(t0, OX_TC_INGRESS, p), 0);
	assert_false(shows("tc qdisc show dev t0", "clsact"));
	ox_print_end();
	veth_del();
	destroy(dp, "cls");
}

/* The first line of "tc filter show" that names a handle: who is in front. */
static int first_filter_is(const char *name)
{
	char line[512];
	FILE *f = popen("tc filter show dev t0 ingress", "r");
	int found = -1;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (found < 0 && strstr(line, "handle"))
			found = !!strstr(line, name);
	pclose(f);
	return found;
}

static void clsact_others(void **state)
{
	struct ox_dp *dp = create("oth");
	const struct ox_prog *p = &dp->prog[OX_P_TC];
	struct ox_prog other = foreign_prog();
	uint32_t t0 = veth();
	char cmd[200];

	(void)state;
	ox_print_begin();
	assert_int_equal(ox_clsact_attach(t0, OX_TC_INGRESS, &other), 0);
	assert_int_equal(ox_clsact_attach(t0, OX_TC_INGRESS, p), 0);
	assert_int_equal(first_filter_is("ovsxdp_tc"), 1);
	assert_int_equal(ox_clsact_detach(t0, OX_TC_INGRESS, p), 0);
	assert_int_equal(ox_clsact_query(t0, OX_TC_INGRESS, &other), 1);
	/* one on the other hook keeps the qdisc, too */
	assert_int_equal(ox_clsact_attach(t0, OX_TC_EGRESS, p), 0);
	assert_int_equal(ox_clsact_detach(t0, OX_TC_INGRESS, &other), 0);
	assert_int_equal(ox_clsact_query(t0, OX_TC_EGRESS, p), 1);
	assert_int_equal(ox_clsact_detach(t0, OX_TC_EGRESS, p), 0);
	assert_false(shows("tc qdisc show dev t0", "clsact"));
	/* priority 1 is of another protocol */
	snprintf(cmd, sizeof(cmd),
		 "tc filter add dev t0 ingress prio 1 protocol ip bpf da "
		 "object-pinned %s/clone",
		 ox_dp_path(dp));
	assert_int_equal(ox_test_run("tc qdisc add dev t0 clsact"), 0);
	assert_int_equal(ox_test_run(cmd), 0);
	assert_int_equal(ox_clsact_attach(t0, OX_TC_INGRESS, p), -EINVAL);
	assert_int_equal(ox_clsact_query(t0, OX_TC_INGRESS, p), 0);
	assert_true(shows("tc filter show dev t0 ingress", "ovsxdp_clone"));
	ox_print_end();
	close(other.fd);
	veth_del();
	destroy(dp, "oth");
}

static int setup(void **state)
{
	(void)state;
	netns_rc = ox_test_netns();
	return 0;
}

static int cleanup(void **state)
{
	(void)state;
	ox_test_root_remove();
	return 0;
}

static const struct CMUnitTest tests[] = {
	OX_TEST("loader.tc.veth", attach_veth),
	OX_TEST("loader.tc.stays", attach_stays),
	OX_TEST("loader.tc.two", attach_two),
	OX_TEST("loader.tc.no_device", attach_no_device),
	OX_TEST("loader.tc.by_hand", attach_by_hand),
	OX_TEST("loader.tc.clone", clone_attach),
	OX_TEST("loader.tcx.first", tcx_first),
	OX_TEST("loader.clsact.own", clsact_own),
	OX_TEST("loader.clsact.others", clsact_others),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, cleanup);
}
