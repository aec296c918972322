// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_talk.c - questions to the kernel: what ends an answer, what is skipped,
 * what an error says.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "ovsxdp/talk.h"
#include "tests/lib/netns.h"

static int no_netns;

static struct nlmsghdr *ask_link(void *buf, uint16_t type, int ifindex,
				 uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = ifindex;
	return nlh;
}

struct seen {
	int n;
	int ifindex;
	int result;
};

static int see(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct seen *s = arg;

	assert_int_equal(nlh->nlmsg_type, RTM_NEWLINK);
	s->n++;
	s->ifindex = ifi->ifi_index;
	return s->result;
}

static struct mnl_socket *sock(void)
{
	struct mnl_socket *s = NULL;

	if (no_netns)
		ox_skip("needs root for a network namespace");
	assert_int_equal(ox_nl_open(NETLINK_ROUTE, &s), 0);
	return s;
}

static void ends(void **state)
{
	struct mnl_socket *s = sock();
	struct seen seen = { 0 };
	char buf[512];

	(void)state;
	/* one message; an ACK alone; the end of a dump */
	assert_int_equal(ox_nl_talk(s, ask_link(buf, RTM_GETLINK, 1, 0), see,
				    &seen, NULL),
			 0);
	assert_int_equal(seen.n, 1);
	assert_int_equal(ox_nl_talk(s, ask_link(buf, RTM_SETLINK, 1, NLM_F_ACK),
				    see, &seen, NULL),
			 0);
	assert_int_equal(seen.n, 1);
	ox_test_run("ip link add talk0 type veth peer name talk1");
	seen.n = 0;
	assert_int_equal(ox_nl_talk(s,
				    ask_link(buf, RTM_GETLINK, 0, NLM_F_DUMP),
				    see, &seen, NULL),
			 0);
	assert_int_equal(seen.n, 3);
	ox_test_run("ip link del talk0");
	mnl_socket_close(s);
}

/* fn's result is the answer's, and the rest is read all the same. */
static void result(void **state)
{
	struct seen seen = { .result = 7 };
	struct mnl_socket *s = sock();
	char buf[512];

	(void)state;
	ox_test_run("ip link add talk0 type veth peer name talk1");
	assert_int_equal(ox_nl_talk(s,
				    ask_link(buf, RTM_GETLINK, 0, NLM_F_DUMP),
				    see, &seen, NULL),
			 7);
	assert_int_equal(seen.n, 1);
	ox_test_run("ip link del talk0");
	assert_int_equal(ox_nl_talk(s, ask_link(buf, RTM_GETLINK, 4711, 0), see,
				    &seen, NULL),
			 -ENODEV);
	assert_int_equal(seen.n, 1);
	mnl_socket_close(s);
}

/* An answer that an earlier request left behind (it timed out). */
static void stale(void **state)
{
	struct mnl_socket *s = sock();
	struct seen seen = { 0 };
	struct nlmsghdr *nlh;
	char buf[512];

	(void)state;
	nlh = ask_link(buf, RTM_GETLINK, 4711, NLM_F_REQUEST);
	assert_true(mnl_socket_sendto(s, nlh, nlh->nlmsg_len) > 0);
	assert_int_equal(ox_nl_talk(s, ask_link(buf, RTM_GETLINK, 1, 0), see,
				    &seen, NULL),
			 0);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.ifindex, 1);
	mnl_socket_close(s);
}

static void words(void **state)
{
	struct mnl_socket *s = sock();
	struct ox_err e = { 0 };
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	char buf[512];

	(void)state;
	nlh = ask_link(buf, RTM_NEWLINK, 0, NLM_F_ACK | NLM_F_CREATE);
	nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "no-such-kind");
	mnl_attr_nest_end(nlh, nest);
	assert_int_equal(ox_nl_talk(s, nlh, NULL, NULL, &e), -EOPNOTSUPP);
	assert_string_equal(e.msg, "Unknown device type");
	/* no words of the kernel: those of the errno */
	nlh = ask_link(buf, RTM_DELLINK, 4711, NLM_F_ACK);
	assert_int_equal(ox_nl_talk(s, nlh, NULL, NULL, &e), -ENODEV);
	assert_string_equal(e.msg, strerror(ENODEV));
	mnl_socket_close(s);
}

static void ask(void **state)
{
	struct seen seen = { 0 };
	char buf[512];

	(void)state;
	assert_int_equal(ox_nl_ask(NETLINK_ROUTE,
				   ask_link(buf, RTM_GETLINK, 1, 0), see,
				   &seen),
			 0);
	assert_int_equal(seen.ifindex, 1);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.talk.ends", ends),   OX_TEST("unit.talk.result", result),
	OX_TEST("unit.talk.stale", stale), OX_TEST("unit.talk.words", words),
	OX_TEST("unit.talk.ask", ask),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	no_netns = ox_test_netns();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
