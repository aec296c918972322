// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * guard.c - a process that starts the supervisor, and again should it be
 * killed: without one each of the program's calls would fail with ENOSYS. Both
 * are outside of the program's tree, session and terminal, so the program keeps
 * its process id, exit code, signals and children to itself.
 */
#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "ovsxdp/cleanup.h"

#define PAUSE_US 100000 /* before another supervisor */

/* What the program says to its guard, and what that answers. */
struct hello {
	pid_t pid;
	int listener;
	const uint64_t *probe; /* a word of the program's memory */
	uint64_t value;
};
enum step { STEP_NONE, STEP_PIDFD, STEP_GETFD, STEP_MEMORY, STEP_START };
struct verdict {
	int err;
	enum step step;
};
static const char *const steps[] = {
	[STEP_NONE] = "supervisor",   [STEP_PIDFD] = "pidfd_open",
	[STEP_GETFD] = "pidfd_getfd", [STEP_MEMORY] = "process_vm_readv",
	[STEP_START] = "supervisor",
};

/* What is ours to keep: the ends of pipes that others wait for aren't. */
static void become_daemon(int argc, char **argv)
{
	static const int ignored[] = { SIGHUP,	SIGINT,	 SIGQUIT, SIGTERM,
				       SIGTSTP, SIGPIPE, SIGTTOU, SIGTTIN };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), oom;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	if (chdir("/"))
		syslog(LOG_WARNING, "chdir /: %m");
	/* found by its own name, not by the program's */
	prctl(PR_SET_NAME, "ovsxdp-seccomp");
	for (int i = 1; i < argc; i++)
		memset(argv[i], 0, strlen(argv[i]));
	oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (oom >= 0) {
		if (write(oom, "-1000", 5) < 0)
			syslog(LOG_INFO, "oom_score_adj: %m");
		close(oom);
	}
}

/* Takes the listener, tries what serving will need. */
static int take_listener(const struct hello *h, struct verdict *v)
{
	_cleanup_fd_ int pidfd = pidfd_open(h->pid, 0);
	uint64_t value = ~h->value;
	int fd;

	if (pidfd < 0) {
		*v = (struct verdict){ -errno, STEP_PIDFD };
		return -1;
	}
	fd = pidfd_getfd(pidfd, h->listener, 0);
	if (fd < 0) {
		*v = (struct verdict){ -errno, STEP_GETFD };
		return -1;
	}
	if (ox_caller_read(h->pid, (uintptr_t)h->probe, &value,
			   sizeof(value)) ||
	    value != h->value) {
		*v = (struct verdict){ -EPERM, STEP_MEMORY };
		close(fd);
		return -1;
	}
	return fd;
}

static bool supervise(int listener)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(ox_serve(listener));
	if (pid < 0) {
		syslog(LOG_ERR, "fork: %m");
		return false;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	syslog(LOG_WARNING,
	       "supervisor %d died (status 0x%x), starting another", pid,
	       status);
	return false;
}

static void guard(int sock, int argc, char **argv)
{
	struct verdict v = { 0 };
	struct hello h;
	int listener;

	if (read(sock, &h, sizeof(h)) != sizeof(h))
		return; /* the program couldn't be started */
	listener = take_listener(&h, &v);
	if (listener >= 0) {
		int err = ox_served_open();

		if (err)
			v = (struct verdict){ err, STEP_START };
	}
	if (write(sock, &v, sizeof(v)) < 0 || v.err)
		return;
	close(sock);
	become_daemon(argc, argv);
	while (!supervise(listener)) {
		ox_served_interrupt(listener);
		usleep(PAUSE_US);
	}
}

/* Closes all but fd, which it moves to 3: whoever waits for a pipe's end
 * mustn't wait for us. The terminal stays until the program has started. */
static int close_others(int fd)
{
	if (fd != 3 && dup3(fd, 3, O_CLOEXEC) < 0)
		return fd;
	close_range(4, ~0U, 0);
	return 3;
}

int ox_guard_start(int argc, char **argv)
{
	int sv[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		close(sv[0]);
		setsid();
		/* twice: init shall be its parent, not the program */
		if (!fork()) {
			openlog("ovsxdp-seccomp", LOG_PID, LOG_DAEMON);
			guard(close_others(sv[1]), argc, argv);
		}
		_exit(0);
	}
	close(sv[1]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return sv[0];
}

int ox_guard_ready(int sock, int listener, const char **step)
{
	static const uint64_t probe = 0x4f56535844505345;
	struct hello h = { getpid(), listener, &probe, probe };
	struct verdict v = { -EPIPE, STEP_NONE };

	/* not send(2), recv(2): they would wait for who isn't there yet */
	if (write(sock, &h, sizeof(h)) < 0)
		v.err = -errno;
	else if (read(sock, &v, sizeof(v)) != sizeof(v))
		v = (struct verdict){ -EPIPE, STEP_NONE };
	*step = steps[v.step];
	return v.err;
}
