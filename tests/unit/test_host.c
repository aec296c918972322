// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_host.c - what check-host and the daemon say of a kernel that lacks
 * something: notes made up, feature by feature. And that the list of helpers
 * is what the programs call.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <string.h>
#include <gelf.h>
#include <libelf.h>

#include "control/ctl/ctl.h"
#include "loader/host_int.h"

#include "bpf/sum.skel.h"
#include "bpf/tc.skel.h"
#include "bpf/xdp.skel.h"

/* A host that has all. */
static struct ox_host whole(void)
{
	return (struct ox_host){ .kernel = "6.1.0", .jit_knob = 1 };
}

#define NOTHING "no datapath can be made"

static const struct {
	enum ox_host_feature f;
	int note;
	int code; /* of the verdict; 0: it goes without */
	const char *why;
	const char *costs;
} gaps[] = {
	{ OX_HOST_PRIVILEGES, -EPERM, -EPERM,
	  "run as root: missing are CAP_NET_ADMIN CAP_NET_RAW", NOTHING },
	{ OX_HOST_BPF, -ENOSYS, -ENOSYS,
	  "the kernel is built without CONFIG_BPF_SYSCALL, or its module "
	  "isn't installed",
	  NOTHING },
	{ OX_HOST_BPFFS, -ENODEV, -ENODEV, "/x is not in a bpffs", NOTHING },
	{ OX_HOST_JIT, -EOPNOTSUPP, -ENOSYS,
	  "the kernel's BPF JIT refuses programs",
	  NOTHING ": the verifier refuses callbacks and tail calls then" },
	{ OX_HOST_LOOP, -EOPNOTSUPP, -ENOSYS,
	  "the kernel doesn't know it (helper 99); Linux 5.17 does", NOTHING },
	{ OX_HOST_FRAGS, -EINVAL, -ENOSYS,
	  "the kernel doesn't know it (helper 99); Linux 5.18 does", NOTHING },
	{ OX_HOST_HELPERS, -EOPNOTSUPP, -ENOSYS,
	  "the kernel doesn't know it (helper 99); Linux 5.10 does", NOTHING },
	{ OX_HOST_PEER, -EOPNOTSUPP, -ENOSYS,
	  "the kernel doesn't know it (helper 99); Linux 5.10 does", NOTHING },
	{ OX_HOST_TAIL_CALLS, -EINVAL, -ENOSYS,
	  "the kernel doesn't know it; Linux 5.10 on x86, 6.0 on arm64 does",
	  NOTHING },
	{ OX_HOST_LOCK, -EOPNOTSUPP, -ENOSYS,
	  "the kernel doesn't know it (helper 99); Linux 5.1 does", NOTHING },
	{ OX_HOST_RING, -EINVAL, -ENOSYS,
	  "the kernel doesn't know it (helper 99); Linux 5.8 does", NOTHING },
	{ OX_HOST_MMAP, -EINVAL, -ENOSYS,
	  "the kernel doesn't know it; Linux 5.5 does", NOTHING },
	{ OX_HOST_DEVMAP, -EOPNOTSUPP, -ENOSYS,
	  "the kernel doesn't know it; Linux 5.14 does", NOTHING },
	{ OX_HOST_TEST_RUN, -EINVAL, -ENOSYS,
	  "the kernel doesn't know it; Linux 5.5 does", NOTHING },
	{ OX_HOST_NETNS_COOKIE, -ENOPROTOOPT, -ENOSYS,
	  "the kernel doesn't know it; Linux 5.14 does", NOTHING },
	{ OX_HOST_PACKET, -EAFNOSUPPORT, -ENOSYS,
	  "the kernel is built without CONFIG_PACKET, or its module isn't "
	  "installed",
	  NOTHING ": user space could send nothing" },
	{ OX_HOST_VETH, -EOPNOTSUPP, -ENOSYS,
	  "the kernel is built without CONFIG_VETH, or its module isn't "
	  "installed",
	  NOTHING ": its local port is a veth pair" },
	{ OX_HOST_CLS_BPF, -ENOENT, 0,
	  "the kernel is built without CONFIG_NET_CLS_BPF or "
	  "CONFIG_NET_SCH_INGRESS, or its module isn't installed",
	  "nothing: tcx is there" },
	{ OX_HOST_TCX, -EOPNOTSUPP, 0,
	  "the kernel doesn't know it; Linux 6.6 does",
	  "the skb tier is a filter of clsact, which tc(8) may remove" },
	{ OX_HOST_XSK, -EAFNOSUPPORT, 0,
	  "the kernel is built without CONFIG_XDP_SOCKETS, or its module isn't "
	  "installed",
	  "misses of XDP ports go through the skb tier, which takes more "
	  "CPU" },
	{ OX_HOST_XDP_FEATURES, -EOPNOTSUPP, 0,
	  "the kernel doesn't know it; Linux 6.3 does",
	  "whether XDP_REDIRECT reaches a device is guessed" },
	{ OX_HOST_PERCPU_LOOKUP, -EOPNOTSUPP, -ENOSYS,
	  "the kernel doesn't know it; Linux 5.19 does", NOTHING },
	{ OX_HOST_PROGRAMS, -EINVAL, -ENOSYS, "R1 is odd", NOTHING },
};
#define N_GAPS (sizeof(gaps) / sizeof(gaps[0]))

static struct ox_host lacking(enum ox_host_feature f, int note)
{
	struct ox_host h = whole();

	h.note[f] = note;
	h.caps_missing = OX_HOST_CAP_NET_ADMIN | OX_HOST_CAP_NET_RAW;
	h.helper = 99;
	strcpy(h.root_why, "/x is not in a bpffs");
	strcpy(h.programs_why, "R1 is odd");
	return h;
}

static void nothing_missing(void **state)
{
	struct ox_host h = whole();
	struct ox_err e = { 0 };
	char why[200];

	(void)state;
	assert_true(ox_host_can(&h));
	assert_int_equal(ox_host_verdict(&h, &e), 0);
	assert_string_equal(e.msg, "");
	for (int f = 0; f < OX_HOST_COUNT; f++) {
		ox_host_why(&h, f, why, sizeof(why));
		assert_string_equal(why, "");
		h.note[f] = OX_HOST_UNASKED;
		ox_host_why(&h, f, why, sizeof(why));
		assert_string_equal(why, "");
	}
	assert_true(ox_host_can(&h));
}

/* Each has its text, and stops a datapath or not. */
static void each_gap(void **state)
{
	(void)state;
	assert_int_equal(N_GAPS, OX_HOST_COUNT);
	for (size_t i = 0; i < N_GAPS; i++) {
		struct ox_host h = lacking(gaps[i].f, gaps[i].note);
		struct ox_err e = { 0 };
		char why[200], want[250] = "";

		assert_int_equal(gaps[i].f, i);
		ox_host_why(&h, i, why, sizeof(why));
		assert_string_equal(why, gaps[i].why);
		assert_string_equal(ox_host_costs(&h, i), gaps[i].costs);
		assert_int_equal(ox_host_needed(&h, i), !!gaps[i].code);
		assert_int_equal(ox_host_can(&h), !gaps[i].code);
		assert_int_equal(ox_host_verdict(&h, &e), gaps[i].code);
		if (i == OX_HOST_BPFFS)
			snprintf(want, sizeof(want), "%s", why);
		else if (gaps[i].code)
			snprintf(want, sizeof(want), "no %s: %s",
				 ox_host_name(i), why);
		assert_string_equal(e.msg, want);
	}
}

static void jit_causes(void **state)
{
	struct ox_host h = lacking(OX_HOST_JIT, -EOPNOTSUPP);
	struct ox_err e = { 0 };
	char why[200];

	(void)state;
	h.jit_knob = 0;
	h.note[OX_HOST_TAIL_CALLS] = -EINVAL;
	ox_host_why(&h, OX_HOST_JIT, why, sizeof(why));
	assert_string_equal(why, "net.core.bpf_jit_enable is 0: "
				 "sysctl -w net.core.bpf_jit_enable=1");
	ox_host_why(&h, OX_HOST_TAIL_CALLS, why, sizeof(why));
	assert_string_equal(why, "refused without a JIT");
	assert_int_equal(ox_host_verdict(&h, &e), -ENOSYS);
	assert_string_equal(e.msg, "no jit: net.core.bpf_jit_enable is 0: "
				   "sysctl -w net.core.bpf_jit_enable=1"
				   "; also missing: tail-calls");
	h.jit_knob = -1;
	ox_host_why(&h, OX_HOST_JIT, why, sizeof(why));
	assert_string_equal(why, "the kernel is built without CONFIG_BPF_JIT, "
				 "or net.core.bpf_jit_enable is 0");
}

/* The skb tier needs one of two places. */
static void no_place_in_tc(void **state)
{
	static const char costs[] = NOTHING
		": the skb tier has no place on a device";
	struct ox_host h = lacking(OX_HOST_TCX, -EOPNOTSUPP);
	struct ox_err e = { 0 };

	(void)state;
	h.note[OX_HOST_CLS_BPF] = -ENOENT;
	assert_true(ox_host_needed(&h, OX_HOST_TCX));
	assert_true(ox_host_needed(&h, OX_HOST_CLS_BPF));
	assert_string_equal(ox_host_costs(&h, OX_HOST_TCX), costs);
	assert_string_equal(ox_host_costs(&h, OX_HOST_CLS_BPF), costs);
	assert_false(ox_host_can(&h));
	assert_int_equal(ox_host_verdict(&h, &e), -ENOSYS);
	assert_string_equal(e.msg,
			    "no cls_bpf: the kernel is built without "
			    "CONFIG_NET_CLS_BPF or CONFIG_NET_SCH_INGRESS, or "
			    "its module isn't installed; also missing: tcx");
}

static void refusals(void **state)
{
	struct ox_host h = lacking(OX_HOST_BPF, -EPERM);
	char why[200];

	(void)state;
	ox_host_why(&h, OX_HOST_BPF, why, sizeof(why));
	assert_string_equal(why, "refused (EPERM) by a seccomp filter or a "
				 "security module");
	strcpy(h.lockdown, "none");
	ox_host_why(&h, OX_HOST_BPF, why, sizeof(why));
	assert_string_equal(why, "refused (EPERM) by a seccomp filter or a "
				 "security module");
	strcpy(h.lockdown, "confidentiality");
	ox_host_why(&h, OX_HOST_BPF, why, sizeof(why));
	assert_string_equal(why, "refused (EPERM) by kernel lockdown "
				 "(confidentiality), or a seccomp filter");
	h.note[OX_HOST_BPF] = -ENOMEM;
	ox_host_why(&h, OX_HOST_BPF, why, sizeof(why));
	assert_string_equal(why, strerror(ENOMEM));
}

static void json_rows(void **state)
{
	struct ox_host h = lacking(OX_HOST_XSK, -EAFNOSUPPORT);
	cJSON *o, *a, *row;

	(void)state;
	h.note[OX_HOST_PROGRAMS] = OX_HOST_UNASKED;
	o = ox_host_json(&h);
	a = cJSON_GetObjectItem(o, "features");
	assert_int_equal(cJSON_GetArraySize(a), OX_HOST_COUNT);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(o, "datapath")));
	assert_string_equal(cJSON_GetObjectItem(o, "kernel")->valuestring,
			    "6.1.0");
	row = cJSON_GetArrayItem(a, OX_HOST_XSK);
	assert_string_equal(cJSON_GetObjectItem(row, "feature")->valuestring,
			    "xdp-sockets");
	assert_true(cJSON_IsFalse(cJSON_GetObjectItem(row, "there")));
	assert_true(cJSON_IsFalse(cJSON_GetObjectItem(row, "needed")));
	assert_non_null(strstr(cJSON_GetObjectItem(row, "why")->valuestring,
			       "CONFIG_XDP_SOCKETS"));
	row = cJSON_GetArrayItem(a, OX_HOST_PROGRAMS);
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(row, "there")));
	row = cJSON_GetArrayItem(a, OX_HOST_JIT);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(row, "there")));
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(row, "needed")));
	cJSON_Delete(o);
}

static void text_rows(void **state)
{
	struct ox_host h = lacking(OX_HOST_XSK, -EAFNOSUPPORT);
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	h.note[OX_HOST_PROGRAMS] = OX_HOST_UNASKED;
	strcpy(h.lockdown, "integrity");
	ox_host_print(f, &h);
	fclose(f);
	assert_non_null(strstr(text, "kernel 6.1.0, lockdown integrity\n"));
	assert_non_null(strstr(text, "\njit              yes\n"));
	assert_non_null(strstr(text, "\nprograms         ?\n"));
	assert_non_null(strstr(text, "\nxdp-sockets      no\n    why: the "));
	assert_non_null(strstr(text, "\n    without it: misses of XDP ports"));
	free(text);
}

/* ---- what the objects call ---- */

static bool listed(uint32_t type, uint32_t func)
{
	for (size_t i = 0; i < ox_host_n_helpers; i++)
		if (ox_host_helpers[i].prog_type == type &&
		    ox_host_helpers[i].func == func)
			return true;
	return false;
}

static bool called[256];

/* Calls of helpers, not of functions, in a section of code. */
static void calls_check(uint32_t type, const Elf_Data *d)
{
	const struct bpf_insn *insn = d->d_buf;

	for (size_t i = 0; i < d->d_size / sizeof(*insn); i++) {
		if (insn[i].code != (BPF_JMP | BPF_CALL) || insn[i].src_reg)
			continue;
		if (!listed(type, (uint32_t)insn[i].imm))
			fail_msg("helper %d of program type %u isn't asked for",
				 insn[i].imm, type);
		called[insn[i].imm & 255] = true;
	}
}

static void object_check(uint32_t type, const void *bytes, size_t size)
{
	Elf *elf = elf_memory((char *)bytes, size);
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	int n = 0;

	assert_non_null(elf);
	while ((scn = elf_nextscn(elf, scn))) {
		assert_non_null(gelf_getshdr(scn, &sh));
		if (sh.sh_type != SHT_PROGBITS ||
		    !(sh.sh_flags & SHF_EXECINSTR))
			continue;
		calls_check(type, elf_getdata(scn, NULL));
		n += sh.sh_size > 0;
	}
	elf_end(elf);
	assert_true(n > 0);
}

/* All that is called is asked for, and nothing else. */
static void helpers_are_the_programs(void **state)
{
	const void *bytes;
	size_t size;

	(void)state;
	assert_int_not_equal(elf_version(EV_CURRENT), EV_NONE);
	bytes = ovsxdp_xdp__elf_bytes(&size);
	object_check(BPF_PROG_TYPE_XDP, bytes, size);
	bytes = ovsxdp_tc__elf_bytes(&size);
	object_check(BPF_PROG_TYPE_SCHED_CLS, bytes, size);
	bytes = ovsxdp_sum__elf_bytes(&size);
	object_check(BPF_PROG_TYPE_SYSCALL, bytes, size);
	for (size_t i = 0; i < ox_host_n_helpers; i++)
		if (!called[ox_host_helpers[i].func & 255])
			fail_msg("helper %u is asked for, nobody calls it",
				 ox_host_helpers[i].func);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.host.nothing_missing", nothing_missing),
	OX_TEST("unit.host.each_gap", each_gap),
	OX_TEST("unit.host.jit_causes", jit_causes),
	OX_TEST("unit.host.no_place_in_tc", no_place_in_tc),
	OX_TEST("unit.host.refusals", refusals),
	OX_TEST("unit.host.json_rows", json_rows),
	OX_TEST("unit.host.text_rows", text_rows),
	OX_TEST("unit.host.helpers_are_the_programs", helpers_are_the_programs),
};

OX_TEST_MAIN(tests)
