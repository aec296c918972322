// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* netns.c - namespaces, devices and pin folders of tests; see netns.h. */
#include "tests/lib/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <net/ethernet.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/dp.h"

#define NO_IPV6 "/proc/sys/net/ipv6/conf/default/disable_ipv6"

extern char **environ;

int ox_test_netns(void)
{
	_cleanup_fd_ int fd = -1;

	if (unshare(CLONE_NEWNET))
		return -errno;
	fd = open(NO_IPV6, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "1", 1) != 1)
		return -errno;
	return ox_test_run("ip link set lo up");
}

int ox_test_run(const char *cmd)
{
	char buf[256];
	char *argv[32];
	char *save;
	int n = 0, status, err;
	pid_t pid;

	if (strlen(cmd) >= sizeof(buf))
		return -E2BIG;
	strcpy(buf, cmd);
	for (argv[n] = strtok_r(buf, " ", &save); n < 31 && argv[n];)
		argv[++n] = strtok_r(NULL, " ", &save);
	if (!n)
		return -EINVAL;
	argv[n] = NULL;
	err = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (err)
		return -err;
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

int ox_test_veth(const char *a, const char *b)
{
	char cmd[128];
	int err;

	snprintf(cmd, sizeof(cmd), "ip link add %s type veth peer name %s", a,
		 b);
	err = ox_test_run(cmd);
	if (err)
		return err;
	snprintf(cmd, sizeof(cmd), "ip link set %s up", a);
	err = ox_test_run(cmd);
	if (err)
		return err;
	snprintf(cmd, sizeof(cmd), "ip link set %s up", b);
	return ox_test_run(cmd);
}

int ox_test_packet_socket(const char *ifname)
{
	struct sockaddr_ll a = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(ifname),
	};
	/* protocol 0: sends, receives nothing */
	_cleanup_fd_ int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || !a.sll_ifindex ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)))
		return -errno;
	return take_fd(fd);
}

int ox_test_send(int fd, const void *frame, size_t len)
{
	ssize_t n = send(fd, frame, len, 0);

	return n == (ssize_t)len ? 0 : -errno;
}

static char root[64];

const char *ox_test_root(const char **why)
{
	static struct ox_err e;

	if (root[0])
		return root;
	snprintf(root, sizeof(root), "/sys/fs/bpf/ox-test-%d", (int)getpid());
	if (!ox_probe(root, &e))
		return root;
	root[0] = '\0';
	*why = e.msg;
	return NULL;
}

static int remove_one(const char *name, void *arg)
{
	(void)arg;
	ox_dp_remove(root, name, NULL);
	return 0;
}

void ox_test_root_remove(void)
{
	struct dirent *de;
	DIR *d;

	if (!root[0])
		return;
	ox_dp_list(root, remove_one, NULL);
	d = opendir(root);
	while (d && (de = readdir(d)))
		if (de->d_type == DT_REG)
			unlinkat(dirfd(d), de->d_name, 0);
	if (d)
		closedir(d);
	rmdir(root);
	root[0] = '\0';
}
