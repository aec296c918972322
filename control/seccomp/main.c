// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * main.c - ovsxdp-seccomp CMD [ARG]...: what `ovsxdp-run --seccomp` starts. It
 * becomes CMD, with a filter; the supervisor is beside it (guard.c).
 */
#include "seccomp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Set for what runs under us, which needs no second supervisor. */
#define SERVED "OVSXDP_SECCOMP"
/* The preload library, for programs that can load one. */
#define PRELOAD "OVSXDP_SECCOMP_PRELOAD"

static const char *remedy(int err)
{
	switch (err) {
	case -EINVAL:
	case -ENOSYS:
		return "it needs Linux 5.19 with CONFIG_SECCOMP_FILTER";
	case -EACCES:
	case -EPERM:
		return "it needs root, with CAP_SYS_ADMIN and CAP_SYS_PTRACE";
	case -EBUSY:
		return "another supervisor (of a container?) has a seccomp "
		       "listener on this process already; start the command "
		       "outside of it";
	default:
		return "see dmesg and the system log";
	}
}

static int failed(const char *what, int err)
{
	fprintf(stderr, "ovsxdp-run: %s: %s; %s\n", what, strerror(-err),
		remedy(err));
	return 125;
}

/* For the program, not for us and the supervisor. */
static void add_preload(void)
{
	const char *part = getenv(PRELOAD), *others = getenv("LD_PRELOAD");
	char *all = NULL;

	if (part && *part && others && *others && !strstr(others, part)) {
		if (asprintf(&all, "%s:%s", part, others) < 0)
			return;
		setenv("LD_PRELOAD", all, 1);
		free(all);
	} else if (part && *part && !(others && *others)) {
		setenv("LD_PRELOAD", part, 1);
	}
	unsetenv(PRELOAD);
}

static int run(char **argv)
{
	int err;

	add_preload();
	execvp(argv[0], argv);
	err = errno;
	fprintf(stderr, "ovsxdp-run: %s: %s\n", argv[0], strerror(err));
	return err == ENOENT ? 127 : 126;
}

int main(int argc, char **argv)
{
	const char *step;
	int guard, listener, err;

	if (argc < 2) {
		fputs("Usage: ovsxdp-run --seccomp CMD [ARG]...\n", stderr);
		return 2;
	}
	guard = ox_guard_start(argc, argv);
	if (guard < 0)
		return failed("supervisor", guard);
	listener = ox_filter_load();
	if (listener == -EBUSY && getenv(SERVED)) {
		close(guard);
		return run(argv + 1);
	}
	if (listener < 0)
		return failed("seccomp", listener);
	err = ox_guard_ready(guard, listener, &step);
	if (err)
		return failed(step, err);
	close(guard);
	close(listener);
	setenv(SERVED, "1", 1);
	return run(argv + 1);
}
