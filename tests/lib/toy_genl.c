// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* toy_genl.c - the toy server, in a process of its own, and its client. */
#include "tests/lib/toy_genl.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/base/loop.h"
#include "control/netlink/genl_int.h"
#include "control/netlink/genl_sync.h"
#include "control/netlink/genl_int.h"

/* ---- server ---- */

static const struct ox_nla_policy policy[] = {
	[TOY_A_VALUE] = { .type = OX_NLA_U32, .max = TOY_VALUE_MAX },
	[TOY_A_INTR] = { .type = OX_NLA_FLAG },
};

static uint32_t value_of(const struct nlattr *const *attrs)
{
	return attrs[TOY_A_VALUE] ? mnl_attr_get_u32(attrs[TOY_A_VALUE]) : 0;
}

static int do_new(struct ox_req *req)
{
	struct ox_nlbuf *b;

	if (!ox_must_notify(req->genl, req, OX_MCGRP_FLOW))
		return 0;
	b = ox_notify_begin(req->genl, req, &toy_family, TOY_CMD_NEW, NULL);
	ox_nl_put_u32(b, TOY_A_VALUE, value_of(req->attrs));
	return ox_notify_send(req->genl, req, b, OX_MCGRP_FLOW);
}

static int do_get(struct ox_req *req)
{
	struct ox_nlbuf *b = ox_req_reply_begin(req, TOY_CMD_GET, NULL);

	ox_nl_put_u32(b, TOY_A_VALUE, value_of(req->attrs));
	return ox_req_reply_send(req, b);
}

static int do_fail(struct ox_req *req)
{
	ox_err_attr(&req->err, req->nlh, req->attrs[TOY_A_VALUE]);
	req->err.miss_type = 7 + 1;
	return ox_err_set(&req->err, -EEXIST, "toy says no");
}

#define STEP_US 3000 /* longer than a turn's requests shall take */

static int do_steps(struct ox_req *req)
{
	if (!req->job)
		req->job = value_of(req->attrs);
	else
		req->job--;
	usleep(STEP_US);
	req->go_on = req->job;
	return req->job ? -EINPROGRESS : 0;
}

static int dump(struct ox_dump *d, struct ox_nlbuf *b)
{
	static const uint8_t fill[100];

	d->intr |= d->attrs[TOY_A_INTR] && d->cursor[0] > 50;
	for (; d->cursor[0] < value_of(d->attrs); d->cursor[0]++) {
		if (ox_nl_begin(b, TOY_ID, NLM_F_MULTI, d->nlh->nlmsg_seq,
				d->portid, TOY_CMD_GET, 1, 4, NULL))
			return 1;
		if (ox_nl_put_u32(b, TOY_A_VALUE, d->cursor[0] + 1) ||
		    ox_nl_put(b, TOY_A_FILL, fill, sizeof(fill))) {
			ox_nl_abort(b);
			return 1;
		}
		ox_nl_end(b);
	}
	return 0;
}

#define ATTRS .policy = policy, .max_attr = TOY_A_INTR
static const struct ox_genl_op ops[] = {
	{ .cmd = TOY_CMD_NEW,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .doit = do_new,
	  ATTRS },
	{ .cmd = TOY_CMD_GET, .doit = do_get, .dumpit = dump, ATTRS },
	{ .cmd = TOY_CMD_FAIL, .doit = do_fail, ATTRS },
	{ .cmd = TOY_CMD_STEPS, .doit = do_steps, ATTRS },
};
static const struct ox_genl_group groups[] = {
	{ TOY_NAME, OX_MCGRP_FLOW },
};
const struct ox_genl_family toy_family = {
	.id = TOY_ID,
	.name = TOY_NAME,
	.version = 1,
	.hdrsize = 4,
	.maxattr = TOY_A_INTR,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(ops[0]),
	.groups = groups,
	.n_groups = 1,
};

static const struct ox_genl_op sync_ops[] = {
	{ .cmd = OX_CMD_SUBSCRIBE,
	  .doit = ox_sync_subscribe,
	  .policy = ox_sync_policy,
	  .max_attr = OX_A_MAX__ - 1 },
	{ .cmd = OX_CMD_UNSUBSCRIBE,
	  .doit = ox_sync_unsubscribe,
	  .policy = ox_sync_policy,
	  .max_attr = OX_A_MAX__ - 1 },
	{ .cmd = OX_CMD_SYNC,
	  .doit = ox_sync_sync,
	  .policy = ox_sync_policy,
	  .max_attr = OX_A_MAX__ - 1 },
	{ .cmd = OX_CMD_FORGET,
	  .doit = ox_sync_forget,
	  .policy = ox_sync_policy,
	  .max_attr = OX_A_MAX__ - 1 },
	{ .cmd = OX_CMD_DAEMON_GET,
	  .doit = ox_sync_daemon,
	  .policy = ox_sync_policy,
	  .max_attr = OX_A_MAX__ - 1 },
};
const struct ox_genl_family toy_sync_family = {
	.id = OX_GENL_OVSXDP,
	.name = OX_FAMILY_NAME,
	.version = 1,
	.hdrsize = 4,
	.maxattr = OX_A_MAX__ - 1,
	.ops = sync_ops,
	.n_ops = sizeof(sync_ops) / sizeof(sync_ops[0]),
};

uint64_t toy_queued_max, toy_inbox_max;

static int serve(struct ox_state_mem *state, uint32_t stuck_ms, int ready)
{
	struct ox_genl *genl = NULL;
	struct ox_loop *loop = NULL;
	int err = ox_loop_new(&loop);

	if (!err)
		err = ox_genl_open(loop, state, NULL, &genl, NULL);
	if (!err)
		err = ox_genl_register(genl, &toy_family);
	if (!err)
		err = ox_genl_register(genl, &toy_sync_family);
	if (!err && stuck_ms)
		genl->stuck_ms = stuck_ms;
	if (!err && toy_queued_max)
		genl->queued_max = toy_queued_max;
	if (!err && toy_inbox_max)
		genl->inbox_max = toy_inbox_max;
	if (write(ready, &err, sizeof(err)) != sizeof(err) || err)
		return 1;
	return ox_loop_run(loop) ? 1 : 0;
}

bool toy_netns(void)
{
	return !unshare(CLONE_NEWNET);
}

int toy_start(struct toy *t, struct ox_state_mem *state, uint32_t stuck_ms)
{
	int fds[2], err = -EIO;

	if (pipe(fds))
		return -errno;
	t->pid = fork();
	if (t->pid < 0)
		return -errno;
	if (!t->pid) {
		/* a failed test leaves no server behind */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* nor do clients' sockets live on in it */
		dup2(fds[1], 3);
		close_range(4, ~0u, 0);
		_exit(serve(state, stuck_ms, 3));
	}
	close(fds[1]);
	if (read(fds[0], &err, sizeof(err)) != sizeof(err))
		err = -EIO;
	close(fds[0]);
	return err;
}

void toy_stop(struct toy *t)
{
	if (t->pid > 0) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
	}
	t->pid = 0;
}

/* ---- client ---- */

uint64_t toy_count(const void *msg, const char *name)
{
	const struct nlattr *a, *r;

	mnl_attr_for_each (a, msg, GENL_HDRLEN + 4) {
		if (mnl_attr_get_type(a) != OX_A_DAEMON)
			continue;
		mnl_attr_for_each_nested (r, a) {
			const struct nlattr *n = mnl_attr_get_payload(r);

			if (!strcmp(mnl_attr_get_str(n), name))
				return mnl_attr_get_u64(mnl_attr_next(n));
		}
	}
	return UINT64_MAX;
}

int toy_client(int rcvbuf, uint32_t *portid)
{
	struct sockaddr_nl me = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	socklen_t len = sizeof(me);

	if (fd < 0)
		return -errno;
	if (rcvbuf)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (bind(fd, (struct sockaddr *)&me, sizeof(me)) ||
	    getsockname(fd, (struct sockaddr *)&me, &len)) {
		close(fd);
		return -EADDRINUSE;
	}
	if (portid)
		*portid = me.nl_pid;
	return fd;
}

uint32_t toy_request(struct toy_msg *m, uint16_t type, uint8_t cmd,
		     uint16_t flags, uint32_t seq, uint32_t value)
{
	struct nlattr a = { .nla_len = 8, .nla_type = TOY_A_VALUE };

	memset(m, 0, sizeof(*m));
	m->nlh.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN + 4;
	m->nlh.nlmsg_type = type;
	m->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	m->nlh.nlmsg_seq = seq;
	m->genl.cmd = cmd;
	m->genl.version = 1;
	if (value) {
		memcpy(m->attrs, &a, sizeof(a));
		memcpy(m->attrs + 4, &value, sizeof(value));
		m->nlh.nlmsg_len += 8;
	}
	return m->nlh.nlmsg_len;
}

int toy_send(int fd, uint32_t to, const void *buf, uint32_t len)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_pid = to };

	if (sendto(fd, buf, len, 0, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -errno;
	return 0;
}

int toy_recv(int fd, void *buf, uint32_t size, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, ms) <= 0)
		return -EAGAIN;
	n = recv(fd, buf, size, MSG_DONTWAIT);
	return n < 0 ? -errno : (int)n;
}

uint32_t toy_value(const void *msg)
{
	const struct toy_msg *m = msg;
	uint32_t v;

	if (m->nlh.nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN + 12)
		return 0;
	memcpy(&v, m->attrs + 4, sizeof(v));
	return v;
}

int toy_error(const void *msg)
{
	const struct nlmsghdr *h = msg;
	int err;

	if (h->nlmsg_type != NLMSG_ERROR && h->nlmsg_type != NLMSG_DONE)
		return 1;
	memcpy(&err, (const uint8_t *)msg + NLMSG_HDRLEN, sizeof(err));
	return err;
}
