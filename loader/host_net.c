// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * host_net.c - asks the kernel for kinds of devices and filters. Where nothing
 * less than making one shows, it is made in a network namespace of its own.
 */
#include "loader/host_int.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "loader/priv.h"
#include "loader/tc.h"

#define LOOPBACK 1 /* its ifindex in every network namespace */

static int transact(struct mnl_socket *s, const struct nlmsghdr *nlh)
{
	char buf[16384]; /* MNL_SOCKET_BUFFER_SIZE is no constant */
	ssize_t n;

	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(s, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	n = mnl_socket_recvfrom(s, buf, sizeof(buf));
	if (n < 0)
		return -errno;
	return mnl_cb_run(buf, n, nlh->nlmsg_seq, mnl_socket_get_portid(s),
			  NULL, NULL) < 0
		       ? -errno
		       : 0;
}

/*
 * A request for a pair whose address is too short: veth_validate() refuses it
 * with EINVAL. A kernel that has no veth says EOPNOTSUPP before.
 */
int ox_host_ask_veth(void)
{
	static const uint8_t too_short[5];
	char buf[512];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct mnl_socket *s;
	struct nlattr *info;
	int err;

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE |
			   NLM_F_EXCL;
	nlh->nlmsg_seq = 1;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(too_short), too_short);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	mnl_attr_nest_end(nlh, info);
	s = mnl_socket_open(NETLINK_ROUTE);
	if (!s)
		return -errno;
	err = transact(s, nlh);
	mnl_socket_close(s);
	return err == -EINVAL || err == -EADDRNOTAVAIL ? 0 : err;
}

/* A thread's network namespace ends with the thread. */
static void *cls_bpf_thread(void *arg)
{
	int *rc = arg;
	struct ox_prog p = { .fd = ox_host_prog_tiny(BPF_PROG_TYPE_SCHED_CLS,
						     0) };

	if (p.fd < 0) {
		*rc = p.fd;
		return NULL;
	}
	*rc = ox_prog_id(&p);
	if (!*rc && unshare(CLONE_NEWNET))
		*rc = -errno;
	if (!*rc) {
		ox_print_begin();
		*rc = ox_clsact_attach(LOOPBACK, OX_TC_INGRESS, &p);
		ox_print_end();
	}
	close(p.fd);
	return NULL;
}

int ox_host_ask_cls_bpf(void)
{
	pthread_t tid;
	int rc = 0;
	int err = pthread_create(&tid, NULL, cls_bpf_thread, &rc);

	if (err)
		return -err;
	pthread_join(tid, NULL);
	return rc;
}
