// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * talk.c - questions to the kernel by netlink; see talk.h.
 */
#include "ovsxdp/talk.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <linux/netlink.h>

#include "ovsxdp/cleanup.h"

#define ANSWER_SIZE (32 * 1024)

/* An answer under way. */
struct answer {
	ox_nl_fn *fn;
	void *arg;
	struct ox_err *err;
	bool single; /* the first message is all of it */
	bool done;
	int code;
};

static void socket_closep(struct mnl_socket **s)
{
	if (*s)
		mnl_socket_close(*s);
}

int ox_nl_open(int bus, struct mnl_socket **out)
{
	struct timeval tv = { .tv_sec = 5 };
	struct mnl_socket *s = mnl_socket_open2(bus, SOCK_CLOEXEC);
	int on = 1, err;

	if (!s)
		return -errno;
	mnl_socket_setsockopt(s, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(s, NETLINK_CAP_ACK, &on, sizeof(on));
	/* The kernel answers inside send(); this is for the day it doesn't. */
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVTIMEO, &tv,
		       sizeof(tv))) {
		err = -errno;
		mnl_socket_close(s);
		return err;
	}
	*out = s;
	return 0;
}

/* The kernel's own words are the best text for its error. */
static const char *ext_ack_text(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *me = mnl_nlmsg_get_payload(nlh);
	uint32_t off = sizeof(*me);
	const struct nlattr *a;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		off += MNL_ALIGN(me->msg.nlmsg_len) - sizeof(me->msg);
	if (nlh->nlmsg_len < MNL_NLMSG_HDRLEN + off)
		return NULL;
	mnl_attr_for_each (a, nlh, off)
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG &&
		    !mnl_attr_validate(a, MNL_TYPE_NUL_STRING))
			return mnl_attr_get_str(a);
	return NULL;
}

static void take_ack(struct answer *ans, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *me = mnl_nlmsg_get_payload(nlh);
	const char *text = NULL;

	ans->done = true;
	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*me)))
		ans->code = -EBADMSG;
	else if (me->error)
		ans->code = me->error;
	if (!ans->code || !ans->err)
		return;
	if (ans->code != -EBADMSG)
		text = ext_ack_text(nlh);
	ox_err_set(ans->err, ans->code, "%s",
		   text ? text : strerror(-ans->code));
}

static void take(struct answer *ans, const struct nlmsghdr *nlh)
{
	if ((nlh->nlmsg_flags & NLM_F_DUMP_INTR) && !ans->code)
		ans->code = -EINTR;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		take_ack(ans, nlh);
		break;
	case NLMSG_DONE:
		ans->done = true;
		break;
	default:
		if (ans->fn && !ans->code)
			ans->code = ans->fn(nlh, ans->arg);
		ans->done |= ans->single;
	}
}

int ox_nl_talk(struct mnl_socket *s, struct nlmsghdr *nlh, ox_nl_fn *fn,
	       void *arg, struct ox_err *e)
{
	static _Atomic uint32_t last_seq;
	struct answer ans = { .fn = fn, .arg = arg, .err = e };
	uint8_t buf[ANSWER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	uint32_t seq = ++last_seq;

	ans.single = !(nlh->nlmsg_flags & (NLM_F_ACK | NLM_F_DUMP));
	nlh->nlmsg_seq = seq;
	nlh->nlmsg_flags |= NLM_F_REQUEST;
	if (mnl_socket_sendto(s, nlh, nlh->nlmsg_len) < 0)
		return ox_err_set(e, -errno, "send: %s", strerror(errno));
	while (!ans.done) {
		const struct nlmsghdr *m = (const void *)buf;
		ssize_t n = mnl_socket_recvfrom(s, buf, sizeof(buf));
		int len = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ox_err_set(e,
					  errno == EAGAIN ? -ETIMEDOUT : -errno,
					  "receive: %s", strerror(errno));
		for (; mnl_nlmsg_ok(m, len); m = mnl_nlmsg_next(m, &len))
			if (m->nlmsg_seq == seq)
				take(&ans, m);
	}
	return ans.code;
}

int ox_nl_ask(int bus, struct nlmsghdr *nlh, ox_nl_fn *fn, void *arg)
{
	_cleanup_(socket_closep) struct mnl_socket *s = NULL;
	int err = ox_nl_open(bus, &s);

	return err ? err : ox_nl_talk(s, nlh, fn, arg, NULL);
}
