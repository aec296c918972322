// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * deny.c - loaded into a program (LD_PRELOAD), it has the kernel lack what
 * OX_DENY names, words with spaces between: xsk (AF_XDP), tcx, jit, packet
 * (AF_PACKET), ringbuf, loop (bpf_loop), load (the program of lists in the skb
 * tier). Answers are those of a kernel that
 * was built without, or is older. While the file OX_HOLD is there, the verifier
 * doesn't come to an end with the programs of a datapath. OX_DIE=WHAT:N kills
 * the program at the Nth step by which new programs come into their place: pin,
 * attach or rename.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/bpf.h>

#define TCX_INGRESS 46
#define TCX_EGRESS  47

static bool denied(const char *what)
{
	const char *list = getenv("OX_DENY"), *at = list;
	size_t n = strlen(what);

	while (at && (at = strstr(at, what))) {
		if ((at == list || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return true;
		at += n;
	}
	return false;
}

static int refuse(int err)
{
	errno = err;
	return -1;
}

int socket(int domain, int type, int protocol)
{
	int (*real)(int, int, int) = dlsym(RTLD_NEXT, "socket");

	if ((domain == AF_XDP && denied("xsk")) ||
	    (domain == AF_PACKET && denied("packet")))
		return refuse(EAFNOSUPPORT);
	return real(domain, type, protocol);
}

static bool map_denied(const union bpf_attr *a)
{
	return (a->map_type == BPF_MAP_TYPE_XSKMAP && denied("xsk")) ||
	       (a->map_type == BPF_MAP_TYPE_RINGBUF && denied("ringbuf"));
}

static bool hook_denied(uint32_t type)
{
	return (type == TCX_INGRESS || type == TCX_EGRESS) && denied("tcx");
}

static void die_at(const char *what)
{
	const char *when = getenv("OX_DIE");
	size_t n = strlen(what);
	static int steps;

	if (when && !strncmp(when, what, n) && when[n] == ':' &&
	    ++steps == atoi(when + n + 1))
		kill(getpid(), SIGKILL);
}

int rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");

	if (strstr(from, "/next-"))
		die_at("rename");
	return real(from, to);
}

/* As the verifier of an older kernel says it. */
static bool prog_denied(const union bpf_attr *a)
{
	const struct bpf_insn *insn = (void *)(uintptr_t)a->insns;

	if (denied("load") && !strcmp(a->prog_name, "ovsxdp_tc_run"))
		return true;
	if (!denied("loop"))
		return false;
	for (uint32_t i = 0; i < a->insn_cnt; i++) {
		if (insn[i].code != (BPF_JMP | BPF_CALL) || insn[i].src_reg ||
		    insn[i].imm != BPF_FUNC_loop)
			continue;
		if (a->log_buf)
			snprintf((char *)(uintptr_t)a->log_buf, a->log_size,
				 "invalid func unknown#%d\n", BPF_FUNC_loop);
		return true;
	}
	return false;
}

static bool bpf_denied(long cmd, const union bpf_attr *a)
{
	switch (cmd) {
	case BPF_MAP_CREATE:
		return map_denied(a);
	case BPF_PROG_LOAD:
		return prog_denied(a);
	case BPF_PROG_QUERY:
		return hook_denied(a->query.attach_type);
	case BPF_PROG_ATTACH:
	case BPF_PROG_DETACH:
		return hook_denied(a->attach_type);
	default:
		return false;
	}
}

/* A program that is interpreted has no machine code. */
static void info_edit(const union bpf_attr *a)
{
	struct bpf_prog_info *info = (void *)(uintptr_t)a->info.info;

	if (denied("jit") && a->info.info_len == sizeof(*info))
		info->jited_prog_len = 0;
}

/* The host's probes, and what sums counters up, have other names. */
static void hold(const union bpf_attr *a)
{
	const char *file = getenv("OX_HOLD");

	while (file && !strncmp(a->prog_name, "ovsxdp_", 7) &&
	       !access(file, F_OK))
		usleep(10000);
}

long syscall(long nr, ...)
{
	long (*real)(long, ...) = dlsym(RTLD_NEXT, "syscall");
	long v[6], rc;
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		v[i] = va_arg(ap, long);
	va_end(ap);
	if (nr == SYS_bpf && bpf_denied(v[0], (const union bpf_attr *)v[1]))
		return refuse(EINVAL);
	if (nr == SYS_bpf && v[0] == BPF_PROG_LOAD)
		hold((const union bpf_attr *)v[1]);
	if (nr == SYS_bpf && v[0] == BPF_PROG_ATTACH)
		die_at("attach");
	if (nr == SYS_bpf && v[0] == BPF_OBJ_PIN &&
	    strstr((const char *)(uintptr_t)((const union bpf_attr *)v[1])
			   ->pathname,
		   "/next-"))
		die_at("pin");
	rc = real(nr, v[0], v[1], v[2], v[3], v[4], v[5]);
	if (nr == SYS_bpf && !rc && v[0] == BPF_OBJ_GET_INFO_BY_FD)
		info_edit((const union bpf_attr *)v[1]);
	return rc;
}
