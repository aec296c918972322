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
#include "tests/lib/dp.h"
#include "tests/lib/netns.h"

static struct ox_err err;

/* A veth pair t0, t1; its index. The test deletes t0. */
static uint32_t veth(void)
{
	return ox_test_dp_veth("t0", "t1");
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
	struct ox_dp *dp = ox_test_dp_new("at");
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
	ox_test_dp_end(dp, "at");
}

/* It stays when the process that attached it ends without a word. */
static void attach_stays(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("stay");
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
	assert_int_equal(ox_dp_open(ox_test_dp_root(), "stay", &dp, &err), 0);
	assert_int_equal(ox_dp_tc_id(dp), id);
	assert_int_equal(ox_tc_query(dp, t0), 1);
	assert_int_equal(ox_tc_detach(dp, t0, &err), 0);
	assert_int_equal(ox_tc_query(dp, t0), 0);
	veth_del();
	ox_test_dp_end(dp, "stay");
}

/* Two datapaths on one device: each takes off its own. */
static void attach_two(void **state)
{
	struct ox_dp *a = ox_test_dp_new("two1");
	struct ox_dp *b = ox_test_dp_new("two2");
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
	ox_test_dp_end(a, "two1");
	ox_test_dp_end(b, "two2");
}

static void attach_no_device(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("gone");
	uint32_t t0 = veth();

	(void)state;
	assert_int_equal(ox_tc_attach(dp, t0, &err), 0);
	veth_del();
	assert_int_equal(ox_tc_query(dp, t0), -ENODEV);
	assert_int_equal(ox_tc_detach(dp, t0, &err), 0);
	assert_int_equal(ox_tc_attach(dp, t0, &err), -ENODEV);
	assert_non_null(strstr(err.msg, "skb tier"));
	ox_test_dp_end(dp, "gone");
}

/* By tc(8), at a priority of its own: seen, and not ours to take off. */
static void attach_by_hand(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("hand");
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
	ox_test_dp_end(dp, "hand");
}

static void clone_attach(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("cl");
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
	ox_test_dp_end(dp, "cl");
}

static void tcx_first(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("tcx");
	uint32_t t0 = veth();
	struct ox_prog other = foreign_prog();
	const struct ox_prog *ours = &dp->prog[OX_P_TC];

	(void)state;
	if (!has_tcx(t0, dp)) {
		close(other.fd);
		veth_del();
		ox_test_dp_end(dp, "tcx");
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
	ox_test_dp_end(dp, "tcx");
}

/* clsact by name, also where the kernel has tcx. */
static void clsact_own(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("cls");
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
	ox_test_dp_end(dp, "cls");
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
	struct ox_dp *dp = ox_test_dp_new("oth");
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
	ox_test_dp_end(dp, "oth");
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
	return cmocka_run_group_tests(tests, ox_test_dp_setup,
				      ox_test_dp_cleanup);
}
