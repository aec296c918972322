// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * host_table.c - judges what ox_host_probe() noted: what is needed, why a
 * feature isn't there, what is lost without it. No system calls.
 */
#include "ovsxdp/host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NO_DATAPATH "no datapath can be made"

struct feature {
	const char *name;
	const char *costs;  /* NULL: NO_DATAPATH */
	const char *since;  /* the Linux that brought it */
	const char *config; /* the option that brings it */
	bool optional;
};

static const struct feature features[OX_HOST_COUNT] = {
#define OX_HOST_NAME(id, text) [OX_HOST_##id].name = (text),
	OX_HOST_FEATURES(OX_HOST_NAME)
#undef OX_HOST_NAME
		[OX_HOST_BPF]
			.config = "CONFIG_BPF_SYSCALL",
	[OX_HOST_JIT].costs = NO_DATAPATH ": the verifier refuses callbacks "
					  "and tail calls then",
	[OX_HOST_LOOP].since = "5.17",
	[OX_HOST_FRAGS].since = "5.18",
	[OX_HOST_HELPERS].since = "5.10",
	[OX_HOST_PEER].since = "5.10",
	[OX_HOST_TAIL_CALLS].since = "5.10 on x86, 6.0 on arm64",
	[OX_HOST_LOCK].since = "5.1",
	[OX_HOST_RING].since = "5.8",
	[OX_HOST_MMAP].since = "5.5",
	[OX_HOST_DEVMAP].since = "5.14",
	[OX_HOST_TEST_RUN].since = "5.5",
	[OX_HOST_NETNS_COOKIE].since = "5.14",
	[OX_HOST_PACKET].config = "CONFIG_PACKET",
	[OX_HOST_PACKET].costs = NO_DATAPATH ": user space could send nothing",
	[OX_HOST_VETH].config = "CONFIG_VETH",
	[OX_HOST_VETH].costs = NO_DATAPATH ": its local port is a veth pair",
	[OX_HOST_TCX].since = "6.6",
	[OX_HOST_TCX].costs = "the skb tier is a filter of clsact, which "
			      "tc(8) may remove",
	[OX_HOST_CLS_BPF].config = "CONFIG_NET_CLS_BPF or "
				   "CONFIG_NET_SCH_INGRESS",
	[OX_HOST_CLS_BPF].costs = "nothing: tcx is there",
	[OX_HOST_XSK].config = "CONFIG_XDP_SOCKETS",
	[OX_HOST_XSK].costs = "misses of XDP ports go through the skb tier, "
			      "which takes more CPU",
	[OX_HOST_XSK].optional = true,
	[OX_HOST_XDP_FEATURES].since = "6.3",
	[OX_HOST_XDP_FEATURES].costs = "whether XDP_REDIRECT reaches a device "
				       "is guessed",
	[OX_HOST_XDP_FEATURES].optional = true,
	[OX_HOST_PERCPU_LOOKUP].since = "5.19",
};

const char *ox_host_name(enum ox_host_feature f)
{
	return features[f].name;
}

static bool missing(const struct ox_host *h, enum ox_host_feature f)
{
	return h->note[f] < 0;
}

static bool no_tc(const struct ox_host *h)
{
	return missing(h, OX_HOST_TCX) && missing(h, OX_HOST_CLS_BPF);
}

bool ox_host_needed(const struct ox_host *h, enum ox_host_feature f)
{
	if (f == OX_HOST_TCX || f == OX_HOST_CLS_BPF)
		return no_tc(h);
	return !features[f].optional;
}

const char *ox_host_costs(const struct ox_host *h, enum ox_host_feature f)
{
	if ((f == OX_HOST_TCX || f == OX_HOST_CLS_BPF) && no_tc(h))
		return NO_DATAPATH ": the skb tier has no place on a device";
	return features[f].costs ? features[f].costs : NO_DATAPATH;
}

static void why_caps(const struct ox_host *h, char *buf, uint32_t size)
{
	static const char *const names[] = {
		"CAP_SYS_ADMIN",
		"CAP_NET_ADMIN",
		"CAP_NET_RAW",
	};
	uint32_t at = snprintf(buf, size, "run as root: missing are");

	for (uint32_t i = 0; i < 3; i++)
		if ((h->caps_missing & 1u << i) && at < size)
			at += snprintf(buf + at, size - at, " %s", names[i]);
}

/* The knob is seen in the first network namespace only. */
static void why_jit(const struct ox_host *h, char *buf, uint32_t size)
{
	if (!h->jit_knob)
		snprintf(buf, size,
			 "net.core.bpf_jit_enable is 0: "
			 "sysctl -w net.core.bpf_jit_enable=1");
	else if (h->jit_knob > 0)
		snprintf(buf, size, "the kernel's BPF JIT refuses programs");
	else
		snprintf(buf, size,
			 "the kernel is built without CONFIG_BPF_JIT, or "
			 "net.core.bpf_jit_enable is 0");
}

static void why_refused(const struct ox_host *h, char *buf, uint32_t size)
{
	bool locked = *h->lockdown && strcmp(h->lockdown, "none") != 0;

	snprintf(buf, size, "refused (EPERM) by %s%s%s",
		 locked ? "kernel lockdown ("
			: "a seccomp filter or a "
			  "security module",
		 locked ? h->lockdown : "",
		 locked ? "), or a seccomp filter" : "");
}

/* How the kernel says that it doesn't know what it is asked for. */
static bool unknown(int err)
{
	return err == -EINVAL || err == -EOPNOTSUPP || err == -ENOSYS ||
	       err == -EAFNOSUPPORT || err == -ENOPROTOOPT || err == -ENOENT;
}

static void why_unknown(const struct ox_host *h, enum ox_host_feature f,
			char *buf, uint32_t size)
{
	const struct feature *t = &features[f];
	char helper[32] = "";

	if (h->helper &&
	    (f == OX_HOST_LOOP || f == OX_HOST_FRAGS || f == OX_HOST_HELPERS ||
	     f == OX_HOST_LOCK || f == OX_HOST_RING || f == OX_HOST_PEER))
		snprintf(helper, sizeof(helper), " (helper %u)", h->helper);
	if (t->config)
		snprintf(buf, size,
			 "the kernel is built without %s, or its module isn't "
			 "installed",
			 t->config);
	else if (t->since)
		snprintf(buf, size,
			 "the kernel doesn't know it%s; Linux %s "
			 "does",
			 helper, t->since);
	else
		snprintf(buf, size, "the kernel doesn't know it");
}

void ox_host_why(const struct ox_host *h, enum ox_host_feature f, char *buf,
		 uint32_t size)
{
	int note = h->note[f];

	*buf = '\0';
	if (note >= 0)
		return;
	if (f == OX_HOST_PRIVILEGES)
		why_caps(h, buf, size);
	else if (f == OX_HOST_BPFFS)
		snprintf(buf, size, "%s", h->root_why);
	else if (f == OX_HOST_JIT)
		why_jit(h, buf, size);
	else if (f == OX_HOST_TAIL_CALLS && missing(h, OX_HOST_JIT))
		snprintf(buf, size, "refused without a JIT");
	else if (f == OX_HOST_PROGRAMS)
		snprintf(buf, size, "%s", h->programs_why);
	else if (note == -EPERM || note == -EACCES)
		why_refused(h, buf, size);
	else if (unknown(note))
		why_unknown(h, f, buf, size);
	else
		snprintf(buf, size, "%s", strerror(-note));
}

static bool stops(const struct ox_host *h, enum ox_host_feature f)
{
	return missing(h, f) && ox_host_needed(h, f);
}

bool ox_host_can(const struct ox_host *h)
{
	for (int f = 0; f < OX_HOST_COUNT; f++)
		if (stops(h, f))
			return false;
	return true;
}

static int verdict_code(enum ox_host_feature f, int note)
{
	if (f == OX_HOST_PRIVILEGES)
		return -EPERM;
	return f == OX_HOST_BPFFS ? note : -ENOSYS;
}

int ox_host_verdict(const struct ox_host *h, struct ox_err *e)
{
	int first = -1;
	char why[256], others[100] = "";
	uint32_t at = 0;

	for (int f = 0; f < OX_HOST_COUNT; f++) {
		if (!stops(h, f))
			continue;
		if (first < 0)
			first = f;
		else if (at < sizeof(others))
			at += snprintf(
				others + at, sizeof(others) - at, "%s %s",
				at ? "," : "; also missing:", features[f].name);
	}
	if (first < 0)
		return 0;
	ox_host_why(h, first, why, sizeof(why));
	/* this one names its folder, which may well be in a bpffs */
	if (first == OX_HOST_BPFFS)
		return ox_err_set(e, h->note[first], "%s%s", why, others);
	return ox_err_set(e, verdict_code(first, h->note[first]), "no %s: %s%s",
			  features[first].name, why, others);
}
