// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exec_tun.c - userspace() with egress_tun_port: the tunnel key that a packet
 * would leave by, as dev_fill_metadata_dst() has it. The kernel chooses the UDP
 * source port by the skb's hash, which isn't known here: it stays 0.
 */
#include "control/packet/exec_int.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "ovsxdp/cleanup.h"

/* The address that the kernel would send from. Not 0: there is no route. A
 * datagram socket that is connected sends nothing, and asks the routes. */
static int route_source(int family, const void *dst, void *src, size_t len)
{
	_cleanup_fd_ int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = 1 };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = 1 };
	struct sockaddr *sa = (struct sockaddr *)&a;
	void *addr = &a.sin_addr;
	socklen_t size = sizeof(a);

	if (family == AF_INET6) {
		sa = (struct sockaddr *)&a6;
		addr = &a6.sin6_addr;
		size = sizeof(a6);
	}
	memcpy(addr, dst, len);
	if (fd < 0 || connect(fd, sa, size) || getsockname(fd, sa, &size))
		return -1;
	memcpy(src, addr, len);
	return 0;
}

static int source_fill(struct ox_tun *t, int family)
{
	static const uint8_t none[16];

	if (family == AF_INET)
		return t->ipv4.src ? 0
				   : route_source(family, &t->ipv4.dst,
						  &t->ipv4.src, 4);
	return memcmp(t->ipv6.src, none, 16)
		       ? 0
		       : route_source(family, t->ipv6.dst, t->ipv6.src, 16);
}

bool ox_exec_egress(const struct ox_exec *x, const struct ox_host_pkt *pkt,
		    uint32_t port_no, struct ox_tun_key *out)
{
	const struct ox_mem *m = x->dp->mem;

	if (!pkt->tun_out || port_no >= m->config->max_ports ||
	    !(m->ports[port_no].flags & (OX_PORT_TUNNEL | OX_PORT_NATIVE)))
		return false;
	*out = *pkt->tun_out;
	out->tun.tp_dst = m->ports[port_no].tun_port;
	return !source_fill(&out->tun, out->proto);
}
