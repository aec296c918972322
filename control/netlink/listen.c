// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * listen.c - the server's socket. Its port id is the well-known one, unless a
 * program that is no daemon sits there: then another one, which nobody can
 * guess. systemd keeps the socket while the daemon restarts (its file
 * descriptor store), so that nobody else can get the port id meanwhile, and
 * what clients send waits in it.
 */
#include "control/netlink/genl_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/base/sdnotify.h"
#include "control/netlink/portid.h"
#include "ovsxdp/address.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"

#define STORE_NAME "netlink"
#define ASK_MS	   2000
#define TRIES	   64

/* ---- a socket that systemd has kept ---- */

/* Ours, of this network namespace, with a port id? */
static bool is_usable(const struct ox_genl *g, int fd, uint32_t *portid)
{
	struct sockaddr_nl me = { 0 };
	int domain = 0, protocol = 0;
	socklen_t len = sizeof(int);
	uint64_t netns;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
	    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) ||
	    domain != AF_NETLINK || protocol != NETLINK_GENERIC ||
	    ox_netns_cookie(fd, &netns) || netns != g->seat.netns)
		return false;
	len = sizeof(me);
	if (getsockname(fd, (struct sockaddr *)&me, &len) || !me.nl_pid)
		return false;
	*portid = me.nl_pid;
	return true;
}

static bool inherit(struct ox_genl *g)
{
	_cleanup_fd_ int fd = ox_sdnotify_stored(STORE_NAME);

	if (fd < 0)
		return false;
	if (!is_usable(g, fd, &g->portid)) {
		ox_log_warn("the socket that systemd has kept isn't of this "
			    "network namespace: not used");
		ox_sdnotify("FDSTOREREMOVE=1\nFDNAME=" STORE_NAME);
		return false;
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	g->fd = take_fd(fd);
	return true;
}

/* ---- who has the well-known port id ---- */

static bool is_roots(pid_t pid)
{
	struct stat st;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return !stat(path, &st) && !st.st_uid;
}

static int send_sync(int fd)
{
	uint8_t room[64] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct ox_nlbuf b = { .data = room, .size = sizeof(room) };
	struct iovec iov = { room, 0 };

	ox_nl_begin(&b, OX_GENL_OVSXDP, NLM_F_REQUEST | NLM_F_ACK, 1, 0,
		    OX_CMD_SYNC, OX_FAMILY_VERSION, sizeof(uint32_t), NULL);
	ox_nl_end(&b);
	iov.iov_len = b.len;
	return ox_transport_send(fd, OX_NL_PORTID, &iov, 1);
}

/* Does a daemon answer there? One that has another /run than we. */
static bool answers(void)
{
	uint8_t room[512];
	struct pollfd p = { .events = POLLIN };
	_cleanup_fd_ int fd = -1;
	struct ox_datagram dg;

	if (ox_transport_socket(NETLINK_GENERIC, &fd, NULL) ||
	    ox_transport_bind(fd, 0) || send_sync(fd))
		return false;
	p.fd = fd;
	while (poll(&p, 1, ASK_MS) > 0) {
		if (!ox_transport_recv(fd, room, sizeof(room), &dg) &&
		    dg.portid == OX_NL_PORTID)
			return ox_address_is_root(dg.uid);
	}
	return false;
}

/* A daemon has the port id, or another process that root has to stop: we
 * can't be sure that they don't write the same maps. */
static int check_holder(const struct ox_genl *g, struct ox_err *e)
{
	pid_t pid = ox_portid_owner(OX_NL_PORTID);

	if (g->seat.lock >= 0 && (pid ? !is_roots(pid) : !answers()))
		return 0;
	if (!pid)
		return ox_err_set(e, -EADDRINUSE,
				  "netlink port id 0x%x of this network "
				  "namespace is taken by another process",
				  OX_NL_PORTID);
	return ox_err_set(e, -EADDRINUSE,
			  "netlink port id 0x%x of this network namespace is "
			  "taken by process %d; stop it first",
			  OX_NL_PORTID, (int)pid);
}

static int bind_any(struct ox_genl *g)
{
	int err = -EADDRINUSE;

	for (int i = 0; err == -EADDRINUSE && i < TRIES; i++) {
		if (getrandom(&g->portid, sizeof(g->portid), 0) < 0)
			return -errno;
		/* beyond process ids, which programs take for their own, and
		 * beneath what the kernel gives */
		g->portid = 0x40000000u | (g->portid & 0x3fffffffu);
		err = ox_transport_bind(g->fd, g->portid);
	}
	return err;
}

static int bind_new(struct ox_genl *g, struct ox_err *e)
{
	int err = ox_transport_socket(NETLINK_GENERIC, &g->fd, e);

	if (err)
		return err;
	g->portid = OX_NL_PORTID;
	err = ox_transport_bind(g->fd, g->portid);
	if (err == -EADDRINUSE) {
		err = check_holder(g, e);
		if (err)
			return err;
		err = bind_any(g);
		if (!err)
			ox_log_warn("netlink port id 0x%x is taken by process "
				    "%d, which is no ovsxdpd: using 0x%x",
				    OX_NL_PORTID,
				    (int)ox_portid_owner(OX_NL_PORTID),
				    g->portid);
	}
	if (err)
		return ox_err_set(e, err, "netlink port id 0x%x: %s", g->portid,
				  strerror(-err));
	ox_sdnotify_store(STORE_NAME, g->fd);
	return 0;
}

int ox_listen(struct ox_genl *g, struct ox_err *e)
{
	int err = ox_seat_take(&g->seat, e);

	if (!err && !inherit(g))
		err = bind_new(g, e);
	return err ?: ox_seat_publish(&g->seat, g->fd, g->portid, e);
}

void ox_listen_end(struct ox_genl *g)
{
	if (!g->main)
		ox_seat_leave(&g->seat);
	if (g->fd >= 0)
		close(g->fd);
}
