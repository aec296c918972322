// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_genl.c - the netlink server over real sockets in a network namespace
 * of its own: batches, ACKs byte by byte, dumps with slow and dead readers,
 * subscriptions.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "control/netlink/genl_int.h"
#include "tests/lib/toy_genl.h"

static struct toy toy;
static bool privileged;
static uint8_t buf[300 * 1024] __attribute__((aligned(8)));

#define NEED_ROOT()                                                      \
	do {                                                             \
		if (!privileged)                                         \
			ox_skip("no right to make a network namespace"); \
	} while (0)

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void ask(int fd, uint16_t type, uint8_t cmd, uint16_t flags,
		uint32_t seq, uint32_t value)
{
	struct toy_msg m;
	uint32_t len = toy_request(&m, type, cmd, flags, seq, value);

	assert_int_equal(toy_send(fd, OX_NL_PORTID, &m, len), 0);
}

static int answer(int fd)
{
	int n = toy_recv(fd, buf, sizeof(buf), 20000);

	assert_true(n >= NLMSG_HDRLEN);
	return n;
}

static const struct nlmsghdr *head(void)
{
	return (const void *)buf;
}

/* Three requests in a datagram: three answers, one a datagram, in order. */
static void batch(void **state)
{
	uint8_t *p = buf;
	uint32_t portid;
	int fd;

	(void)state;
	NEED_ROOT();
	fd = toy_client(0, &portid);
	for (uint32_t i = 1; i <= 3; i++) {
		struct toy_msg m;
		uint32_t len = toy_request(&m, TOY_ID,
					   i == 2 ? 99 : TOY_CMD_GET,
					   i == 3 ? NLM_F_ACK : 0, i, 40 + i);

		memcpy(p, &m, len);
		p += NLMSG_ALIGN(len);
	}
	assert_int_equal(toy_send(fd, OX_NL_PORTID, buf, p - buf), 0);
	answer(fd);
	assert_int_equal(toy_value(buf), 41);
	assert_int_equal(head()->nlmsg_pid, portid);
	assert_int_equal(head()->nlmsg_seq, 1);
	assert_int_equal(head()->nlmsg_flags, 0);
	answer(fd);
	assert_int_equal(toy_error(buf), -EOPNOTSUPP);
	answer(fd);
	assert_int_equal(toy_value(buf), 43);
	answer(fd);
	assert_int_equal(toy_error(buf), 0);
	assert_int_equal(head()->nlmsg_seq, 3);
	close(fd);
}

static void ack_success(void **state)
{
	struct toy_msg m;
	uint32_t portid;
	int fd, n;

	(void)state;
	NEED_ROOT();
	fd = toy_client(0, &portid);
	toy_request(&m, TOY_ID, TOY_CMD_NEW, NLM_F_ACK, 9, 5);
	ask(fd, TOY_ID, TOY_CMD_NEW, NLM_F_ACK, 9, 5);
	n = answer(fd);
	/* only the header of the request comes back */
	assert_int_equal(n, NLMSG_HDRLEN + sizeof(struct nlmsgerr));
	assert_int_equal(head()->nlmsg_type, NLMSG_ERROR);
	assert_int_equal(head()->nlmsg_flags, NLM_F_CAPPED);
	assert_int_equal(head()->nlmsg_pid, portid);
	assert_memory_equal(buf + NLMSG_HDRLEN + 4, &m.nlh, sizeof(m.nlh));
	close(fd);
}

/* The extended ACK, byte by byte. */
static void extack(void **state)
{
	static const char text[] = "toy says no";
	const struct nlattr *a;
	struct toy_msg m;
	uint32_t len;
	int fd, n;

	(void)state;
	NEED_ROOT();
	fd = toy_client(0, NULL);
	len = toy_request(&m, TOY_ID, TOY_CMD_FAIL, 0, 3, 5);
	assert_int_equal(toy_send(fd, OX_NL_PORTID, &m, len), 0);
	n = answer(fd);
	assert_int_equal(toy_error(buf), -EEXIST);
	assert_int_equal(head()->nlmsg_flags, NLM_F_ACK_TLVS);
	assert_int_equal(head()->nlmsg_len, n);
	/* the whole request, then the attributes */
	assert_memory_equal(buf + NLMSG_HDRLEN + 4, &m, len);
	a = (const void *)(buf + NLMSG_HDRLEN + 4 + len);
	assert_int_equal(a->nla_type, NLMSGERR_ATTR_MSG);
	assert_int_equal(a->nla_len, NLA_HDRLEN + sizeof(text));
	assert_string_equal(mnl_attr_get_payload(a), text);
	a = mnl_attr_next(a);
	assert_int_equal(a->nla_type, NLMSGERR_ATTR_OFFS);
	assert_int_equal(mnl_attr_get_u32(a), 24);
	a = mnl_attr_next(a);
	assert_int_equal(a->nla_type, NLMSGERR_ATTR_MISS_TYPE);
	assert_int_equal(mnl_attr_get_u32(a), 7);
	assert_int_equal((const uint8_t *)mnl_attr_next(a) - buf, n);
	close(fd);
}

static void errors(void **state)
{
	struct toy_msg m;
	int fd;

	(void)state;
	NEED_ROOT();
	fd = toy_client(0, NULL);
	ask(fd, OX_GENL_METER, 1, 0, 1, 0);
	answer(fd);
	assert_int_equal(toy_error(buf), -ENOENT);
	ask(fd, TOY_ID, 77, 0, 2, 0);
	answer(fd);
	assert_int_equal(toy_error(buf), -EOPNOTSUPP);
	ask(fd, TOY_ID, TOY_CMD_NEW, NLM_F_DUMP, 3, 0);
	answer(fd);
	assert_int_equal(toy_error(buf), -EOPNOTSUPP);
	ask(fd, TOY_ID, TOY_CMD_GET, 0, 4, TOY_VALUE_MAX + 1);
	answer(fd);
	assert_int_equal(toy_error(buf), -ERANGE);
	/* shorter than the family's header */
	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, 5, 0);
	m.nlh.nlmsg_len -= 4;
	assert_int_equal(toy_send(fd, OX_NL_PORTID, &m, m.nlh.nlmsg_len), 0);
	answer(fd);
	assert_int_equal(toy_error(buf), -EINVAL);
	assert_int_equal(head()->nlmsg_seq, 5);
	/* no request: ignored; what follows is answered */
	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, 6, 1);
	m.nlh.nlmsg_flags = 0;
	assert_int_equal(toy_send(fd, OX_NL_PORTID, &m, m.nlh.nlmsg_len), 0);
	ask(fd, TOY_ID, TOY_CMD_GET, 0, 7, 1);
	answer(fd);
	assert_int_equal(head()->nlmsg_seq, 7);
	close(fd);
}

static void oversize(void **state)
{
	struct toy_msg m;
	int fd, size = 1 << 20;

	(void)state;
	NEED_ROOT();
	fd = toy_client(0, NULL);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		ox_skip("SO_SNDBUFFORCE is refused");
	toy_request(&m, TOY_ID, TOY_CMD_GET, 0, 8, 1);
	memset(buf, 0, sizeof(buf));
	memcpy(buf, &m, sizeof(m));
	assert_int_equal(toy_send(fd, OX_NL_PORTID, buf, sizeof(buf)), 0);
	answer(fd);
	assert_int_equal(toy_error(buf), -EMSGSIZE);
	assert_int_equal(head()->nlmsg_seq, 0 + 8);
	close(fd);
}

/* Reads a dump to its end: messages in order; *intr: was it marked? */
static uint32_t read_dump(int fd, uint32_t seq, bool *intr, int pause_every)
{
	uint32_t next = 1;
	int datagrams = 0;

	*intr = false;
	for (;;) {
		int n = toy_recv(fd, buf, sizeof(buf), 20000);
		const struct nlmsghdr *h = head();

		assert_true(n > 0);
		if (pause_every && ++datagrams % pause_every == 0)
			usleep(3000);
		for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
			assert_int_equal(h->nlmsg_seq, seq);
			assert_true(h->nlmsg_flags & NLM_F_MULTI);
			if (h->nlmsg_flags & NLM_F_DUMP_INTR)
				*intr = true;
			if (h->nlmsg_type == NLMSG_DONE) {
				assert_int_equal(toy_error(h), 0);
				return next - 1;
			}
			assert_int_equal(toy_value(h), next);
			next++;
		}
	}
}

static void dump_whole(void **state)
{
	bool intr;
	int fd;

	(void)state;
	NEED_ROOT();
	fd = toy_client(0, NULL);
	ask(fd, TOY_ID, TOY_CMD_GET, NLM_F_DUMP | NLM_F_ACK, 11, 200000);
	assert_int_equal(read_dump(fd, 11, &intr, 0), 200000);
	assert_false(intr);
	/* and no ACK behind it */
	assert_int_equal(toy_recv(fd, buf, sizeof(buf), 50), -EAGAIN);
	close(fd);
}

static void dump_slow_reader(void **state)
{
	uint64_t start, worst = 0;
	int slow, quick;
	bool intr;

	(void)state;
	NEED_ROOT();
	slow = toy_client(4096, NULL);
	quick = toy_client(0, NULL);
	ask(slow, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 12, 20000);
	for (int i = 0; i < 20; i++) {
		start = now_ms();
		ask(quick, TOY_ID, TOY_CMD_GET, 0, 1, 5);
		answer(quick);
		if (now_ms() - start > worst)
			worst = now_ms() - start;
		usleep(2000);
	}
	/* the other's full buffer costs this one nothing */
	assert_true(worst < 4000);
	assert_int_equal(read_dump(slow, 12, &intr, 100), 20000);
	close(slow);
	close(quick);
}

static void dump_interrupted(void **state)
{
	struct toy_msg m;
	bool intr;
	int fd;
	struct nlattr a = { .nla_len = 4, .nla_type = TOY_A_INTR };

	(void)state;
	NEED_ROOT();
	fd = toy_client(0, NULL);
	toy_request(&m, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 13, 100);
	memcpy(m.attrs + 8, &a, sizeof(a));
	m.nlh.nlmsg_len += 4;
	assert_int_equal(toy_send(fd, OX_NL_PORTID, &m, m.nlh.nlmsg_len), 0);
	assert_int_equal(read_dump(fd, 13, &intr, 0), 100);
	assert_true(intr);
	close(fd);
}

/* A second dump while the first runs: EBUSY; after its end it's fine. */
static void dump_busy(void **state)
{
	bool intr, refused = false;
	uint32_t seen = 0;
	int fd;

	(void)state;
	NEED_ROOT();
	fd = toy_client(16384, NULL);
	ask(fd, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 14, 5000);
	ask(fd, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 15, 10);
	for (bool done = false; !done;) {
		int n = answer(fd);
		const struct nlmsghdr *h = head();

		for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
			if (h->nlmsg_seq == 15) {
				assert_int_equal(toy_error(h), -EBUSY);
				refused = true;
			} else if (h->nlmsg_type == NLMSG_DONE) {
				done = true;
			} else {
				seen++;
			}
		}
	}
	assert_int_equal(seen, 5000);
	if (!refused) {
		answer(fd);
		assert_int_equal(toy_error(buf), -EBUSY);
	}
	ask(fd, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 16, 10);
	assert_int_equal(read_dump(fd, 16, &intr, 0), 10);
	close(fd);
}

/* Reads on until that dump ends; its first message is in buf. */
static void drain_dump(int fd, uint32_t seq)
{
	for (int n = head()->nlmsg_len;; n = answer(fd)) {
		const struct nlmsghdr *h = head();

		for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
			if (h->nlmsg_type == NLMSG_DONE && h->nlmsg_seq == seq)
				return;
		}
	}
}

/* The reader's socket goes in mid dump, and another takes its port id. */
static void dump_dead_reader(void **state)
{
	struct sockaddr_nl me = { .nl_family = AF_NETLINK };
	uint32_t portid;
	bool intr;
	int fd;

	(void)state;
	NEED_ROOT();
	fd = toy_client(4096, &portid);
	ask(fd, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 17, 1000000);
	answer(fd);
	close(fd);
	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	me.nl_pid = portid;
	assert_int_equal(bind(fd, (struct sockaddr *)&me, sizeof(me)), 0);
	/* parts of the old dump may still come until it asks */
	ask(fd, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 18, 1000);
	do {
		answer(fd);
	} while (head()->nlmsg_seq == 17);
	assert_int_equal(head()->nlmsg_seq, 18);
	assert_int_equal(toy_value(buf), 1);
	drain_dump(fd, 18);
	ask(fd, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 19, 10);
	assert_int_equal(read_dump(fd, 19, &intr, 0), 10);
	close(fd);
}

/* Replies that meet a full buffer wait and keep their order. */
static void replies_queued(void **state)
{
	uint32_t next = 1;
	int fd;

	(void)state;
	NEED_ROOT();
	fd = toy_client(2304, NULL);
	for (uint32_t i = 1; i <= 3000; i++)
		ask(fd, TOY_ID, TOY_CMD_GET, 0, i, i);
	usleep(20000);
	for (; next <= 3000; next++) {
		answer(fd);
		assert_int_equal(head()->nlmsg_seq, next);
		assert_int_equal(toy_value(buf), next);
	}
	close(fd);
}

#define LONG_ONE   (16 << 10) /* bytes of a request that comes back whole */
#define LONG_COUNT 500

/* Who never reads is kept some MiB of answers for, and the rest is lost. */
static void queue_limit(void **state)
{
	static uint8_t big[LONG_ONE] __attribute__((aligned(8)));
	struct toy_msg m;
	uint32_t total = 0;
	int fd, other, n;

	(void)state;
	NEED_ROOT();
	fd = toy_client(0, NULL);
	other = toy_client(0, NULL);
	for (uint32_t i = 0; i < LONG_COUNT; i++) {
		toy_request(&m, TOY_ID, TOY_CMD_FAIL, 0, i, 5);
		memcpy(big, &m, m.nlh.nlmsg_len);
		/* what follows the value is no attribute to look at */
		((struct nlattr *)(big + m.nlh.nlmsg_len))->nla_len =
			(uint16_t)(sizeof(big) - m.nlh.nlmsg_len);
		((struct nlattr *)(big + m.nlh.nlmsg_len))->nla_type = 99;
		((struct nlmsghdr *)big)->nlmsg_len = sizeof(big);
		assert_int_equal(toy_send(fd, OX_NL_PORTID, big, sizeof(big)),
				 0);
	}
	/* the server takes requests in order: it has had all of those */
	ask(other, TOY_ID, TOY_CMD_GET, 0, 1, 1);
	answer(other);
	while ((n = toy_recv(fd, buf, sizeof(buf), 1000)) > 0)
		total += (uint32_t)n;
	/* the socket's own buffer holds some, too */
	assert_in_range(total, 3 << 20, 5 << 20);
	/* it is a client like others again */
	ask(fd, TOY_ID, TOY_CMD_GET, 0, 7, 9);
	answer(fd);
	assert_int_equal(toy_value(buf), 9);
	close(fd);
	close(other);
}

static void family_by_name(void **state)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		struct nlattr a;
		char name[12];
	} m = { .nlh = { sizeof(m), GENL_ID_CTRL, NLM_F_REQUEST, 21, 0 },
		.genl = { CTRL_CMD_GETFAMILY, 1, 0 },
		.a = { NLA_HDRLEN + sizeof(TOY_NAME), CTRL_ATTR_FAMILY_NAME },
		.name = TOY_NAME };
	const struct nlattr *a;
	uint32_t seen = 0;
	int fd;

	(void)state;
	NEED_ROOT();
	fd = toy_client(0, NULL);
	assert_int_equal(toy_send(fd, OX_NL_PORTID, &m, sizeof(m)), 0);
	answer(fd);
	assert_int_equal(head()->nlmsg_type, GENL_ID_CTRL);
	assert_int_equal(buf[NLMSG_HDRLEN], CTRL_CMD_NEWFAMILY);
	mnl_attr_for_each (a, head(), GENL_HDRLEN) {
		/* in the kernel's order: the types rise */
		assert_true(mnl_attr_get_type(a) != CTRL_ATTR_FAMILY_ID ||
			    mnl_attr_get_u16(a) == TOY_ID);
		seen |= 1u << mnl_attr_get_type(a);
	}
	assert_int_equal(seen, 0xfe); /* FAMILY_ID .. MCAST_GROUPS */
	m.name[0] = 'x';
	assert_int_equal(toy_send(fd, OX_NL_PORTID, &m, sizeof(m)), 0);
	answer(fd);
	assert_int_equal(toy_error(buf), -ENOENT);
	close(fd);
}

static void ask_policy(int fd, const char *name, uint32_t op)
{
	uint8_t m[256] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(m);
	struct genlmsghdr *g;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = 22;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = CTRL_CMD_GETPOLICY;
	if (name)
		mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	if (op)
		mnl_attr_put_u32(nlh, CTRL_ATTR_OP, op);
	assert_int_equal(toy_send(fd, OX_NL_PORTID, m, nlh->nlmsg_len), 0);
}

/* Messages of ops and of attributes up to the dump's end. */
static void count_policy(int fd, uint32_t *ops, uint32_t *attrs)
{
	*ops = *attrs = 0;
	for (;;) {
		const struct nlmsghdr *h = head();
		int n = answer(fd);

		for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
			const struct nlattr *a;

			if (h->nlmsg_type == NLMSG_DONE)
				return;
			assert_int_equal(h->nlmsg_type, GENL_ID_CTRL);
			mnl_attr_for_each (a, h, GENL_HDRLEN) {
				*ops += mnl_attr_get_type(a) ==
					CTRL_ATTR_OP_POLICY;
				*attrs += mnl_attr_get_type(a) ==
					  CTRL_ATTR_POLICY;
			}
		}
	}
}

static void policies(void **state)
{
	uint32_t ops, attrs;
	int fd;

	(void)state;
	NEED_ROOT();
	fd = toy_client(0, NULL);
	ask_policy(fd, TOY_NAME, 0);
	count_policy(fd, &ops, &attrs);
	assert_int_equal(ops, toy_family.n_ops);
	assert_int_equal(attrs, 2); /* one policy for all of them */
	ask_policy(fd, TOY_NAME, TOY_CMD_GET);
	count_policy(fd, &ops, &attrs);
	assert_int_equal(ops, 1);
	assert_int_equal(attrs, 2);
	ask_policy(fd, TOY_NAME, 200);
	answer(fd);
	assert_int_equal(toy_error(buf), -ENOENT);
	ask_policy(fd, "xyz", 0);
	answer(fd);
	assert_int_equal(toy_error(buf), -ENOENT);
	ask_policy(fd, NULL, 0);
	answer(fd);
	assert_int_equal(toy_error(buf), -EINVAL);
	close(fd);
}

static void join(int fd, uint8_t cmd, uint32_t group)
{
	struct toy_msg m;
	uint32_t len;

	len = toy_request(&m, OX_GENL_OVSXDP, cmd, NLM_F_ACK, 1, group);
	assert_int_equal(toy_send(fd, OX_NL_PORTID, &m, len), 0);
	answer(fd);
}

static void send_turn(int fd, uint32_t turn, uint16_t flags, uint32_t seq,
		      int n)
{
	uint8_t out[1024] __attribute__((aligned(8)));
	struct toy_msg m;
	uint32_t len = 0;

	for (int i = 0; i < n; i++) {
		toy_request(&m, TOY_ID, TOY_CMD_GET, i ? 0 : flags,
			    seq + (uint32_t)i, seq + (uint32_t)i);
		if (!i)
			m.nlh.nlmsg_flags |= turn << OX_NLM_F_TURN_SHIFT;
		memcpy(out + len, &m, m.nlh.nlmsg_len);
		len += m.nlh.nlmsg_len;
	}
	assert_int_equal(toy_send(fd, OX_NL_PORTID, out, len), 0);
}

static void expect_values(int fd, uint32_t from, int n)
{
	for (int i = 0; i < n; i++) {
		answer(fd);
		assert_int_equal(toy_value(buf), from + (uint32_t)i);
		/* the bits are between us and the preload library */
		assert_int_equal(head()->nlmsg_flags & OX_NLM_F_TURN, 0);
	}
	assert_int_equal(toy_recv(fd, buf, sizeof(buf), 50), -EAGAIN);
}

/* m becomes a SYNC that is answered to the port id to. */
static uint32_t sync_to(struct toy_msg *m, uint32_t to, uint32_t seq)
{
	struct nlattr a = { .nla_len = 8, .nla_type = OX_A_REPLY_TO };

	toy_request(m, OX_GENL_OVSXDP, OX_CMD_SYNC, NLM_F_ACK, seq, to);
	memcpy(m->attrs, &a, sizeof(a));
	return m->nlh.nlmsg_len;
}

static void ask_sync(int fd, uint16_t flags, uint32_t value, uint32_t to)
{
	uint8_t out[1024] __attribute__((aligned(8)));
	struct toy_msg m;
	uint32_t len = toy_request(&m, TOY_ID, TOY_CMD_GET, flags, 4, value);

	memcpy(out, &m, len);
	sync_to(&m, to, 1000 + value);
	memcpy(out + len, &m, m.nlh.nlmsg_len);
	assert_int_equal(toy_send(fd, OX_NL_PORTID, out, len + m.nlh.nlmsg_len),
			 0);
}

static void expect_sync(int side, uint32_t seq, bool idle)
{
	answer(side);
	assert_int_equal(toy_error(buf), 0);
	assert_int_equal(head()->nlmsg_seq, seq);
	assert_int_equal(!!(head()->nlmsg_flags & OX_NLM_F_IDLE), idle);
}

/* A SYNC behind requests, answered to another socket: after their answers,
 * and it says whether there is more to come. */
static void sync_behind(void **state)
{
	int fd = toy_client(8192, NULL), side;
	uint32_t to;

	(void)state;
	NEED_ROOT();
	side = toy_client(0, &to);
	ask_sync(fd, 0, 5, to);
	expect_sync(side, 1005, true);
	assert_int_equal(toy_recv(fd, buf, sizeof(buf), 0),
			 toy_request(&(struct toy_msg){ 0 }, TOY_ID,
				     TOY_CMD_GET, 0, 4, 5));
	assert_int_equal(toy_value(buf), 5);
	assert_int_equal(toy_recv(fd, buf, sizeof(buf), 50), -EAGAIN);
	ask_sync(fd, NLM_F_DUMP, 20000, to);
	expect_sync(side, 21000, false);
	close(fd);
	close(side);
}

/* A daemon that has nothing left to do of a datagram answers its SYNC. */
static void sync_again(void **state)
{
	struct ox_state_mem *mem;
	uint32_t portid;
	struct toy_msg m;
	int fd;

	(void)state;
	NEED_ROOT();
	mem = mmap(NULL, sizeof(*mem), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(mem != MAP_FAILED);
	toy_stop(&toy);
	assert_int_equal(toy_start(&toy, mem, 0), 0);
	fd = toy_client(0, &portid);
	for (int i = 0; i < 2; i++) {
		sync_to(&m, portid, 7);
		m.nlh.nlmsg_flags |= 1 << OX_NLM_F_TURN_SHIFT;
		m.nlh.nlmsg_flags |= i ? OX_NLM_F_AGAIN : 0;
		assert_int_equal(
			toy_send(fd, OX_NL_PORTID, &m, m.nlh.nlmsg_len), 0);
		expect_sync(fd, 7, true);
	}
	close(fd);
	toy_stop(&toy);
	assert_int_equal(toy_start(&toy, NULL, 0), 0);
	munmap(mem, sizeof(*mem));
}

/* What a daemon has answered the next one doesn't answer again. */
static void turns(void **state)
{
	struct ox_state_mem *mem;
	uint32_t portid;
	int fd;

	(void)state;
	NEED_ROOT();
	mem = mmap(NULL, sizeof(*mem), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(mem != MAP_FAILED);
	toy_stop(&toy);
	assert_int_equal(toy_start(&toy, mem, 0), 0);
	fd = toy_client(0, &portid);
	send_turn(fd, 1, 0, 100, 3);
	expect_values(fd, 100, 3);
	toy_stop(&toy);
	assert_int_equal(toy_start(&toy, mem, 0), 0);
	send_turn(fd, 1, OX_NLM_F_AGAIN, 100, 3);
	expect_values(fd, 0, 0);
	/* two of three answered when it died */
	for (int i = 0; i < OX_MAX_TURNS; i++)
		if (mem->turns[i].portid == portid)
			mem->turns[i].done = 2;
	send_turn(fd, 1, OX_NLM_F_AGAIN, 100, 3);
	expect_values(fd, 102, 1);
	/* died in the queue: another turn, or another's with that port id */
	send_turn(fd, 2, OX_NLM_F_AGAIN, 200, 2);
	expect_values(fd, 200, 2);
	send_turn(fd, 2, OX_NLM_F_AGAIN, 300, 2);
	expect_values(fd, 300, 2);
	/* who takes no turns gets an answer each time */
	send_turn(fd, 0, 0, 400, 1);
	expect_values(fd, 400, 1);
	send_turn(fd, 0, 0, 400, 1);
	expect_values(fd, 400, 1);
	close(fd);
	toy_stop(&toy);
	assert_int_equal(toy_start(&toy, NULL, 0), 0);
	munmap(mem, sizeof(*mem));
}

/* Joined, notified, kept over a restart, left, dropped when gone. */
static void subscription(void **state)
{
	struct ox_state_mem *mem;
	uint32_t portid;
	int sub, fd;

	(void)state;
	NEED_ROOT();
	mem = mmap(NULL, sizeof(*mem), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(mem != MAP_FAILED);
	toy_stop(&toy);
	assert_int_equal(toy_start(&toy, mem, 0), 0);
	sub = toy_client(0, &portid);
	fd = toy_client(0, NULL);
	join(sub, OX_CMD_SUBSCRIBE, 0x77777777);
	assert_int_equal(toy_error(buf), -EINVAL);
	join(sub, OX_CMD_SUBSCRIBE, OX_MCGRP_FLOW);
	assert_int_equal(toy_error(buf), 0);
	ask(fd, TOY_ID, TOY_CMD_NEW, 0, 1, 71);
	answer(sub);
	assert_int_equal(toy_value(buf), 71);
	/* killed and started again: still a subscriber */
	toy_stop(&toy);
	assert_int_equal(toy_start(&toy, mem, 0), 0);
	ask(fd, TOY_ID, TOY_CMD_NEW, 0, 1, 72);
	answer(sub);
	assert_int_equal(toy_value(buf), 72);
	/* ECHO: the requester hears it once, whether it has joined or not */
	ask(sub, TOY_ID, TOY_CMD_NEW, NLM_F_ECHO, 5, 73);
	answer(sub);
	assert_int_equal(toy_value(buf), 73);
	assert_int_equal(head()->nlmsg_seq, 5);
	assert_int_equal(toy_recv(sub, buf, sizeof(buf), 50), -EAGAIN);
	ask(fd, TOY_ID, TOY_CMD_NEW, NLM_F_ECHO, 6, 74);
	answer(fd);
	assert_int_equal(toy_value(buf), 74);
	answer(sub);
	assert_int_equal(toy_value(buf), 74);
	/* leaving, and coming back to vanish */
	join(sub, OX_CMD_UNSUBSCRIBE, OX_MCGRP_FLOW);
	ask(fd, TOY_ID, TOY_CMD_NEW, 0, 1, 75);
	assert_int_equal(toy_recv(sub, buf, sizeof(buf), 50), -EAGAIN);
	join(sub, OX_CMD_SUBSCRIBE, OX_MCGRP_FLOW);
	assert_int_equal(mem->subs[0].portid, portid);
	close(sub);
	ask(fd, TOY_ID, TOY_CMD_NEW, NLM_F_ACK, 1, 76);
	answer(fd);
	assert_int_equal(toy_error(buf), 0);
	assert_int_equal(mem->subs[0].group, 0);
	close(fd);
	munmap(mem, sizeof(*mem));
	toy_stop(&toy);
	assert_int_equal(toy_start(&toy, NULL, 0), 0);
}

static void stuck_client(void **state)
{
	int fd, other, n, total = 0;

	(void)state;
	NEED_ROOT();
	toy_stop(&toy);
	assert_int_equal(toy_start(&toy, NULL, 200), 0);
	fd = toy_client(4096, NULL);
	ask(fd, TOY_ID, TOY_CMD_GET, NLM_F_DUMP, 31, 100000);
	usleep(600000);
	/* two answers later its time has run out in a turn of the loop */
	other = toy_client(0, NULL);
	for (int i = 0; i < 2; i++) {
		ask(other, TOY_ID, TOY_CMD_GET, 0, 1, 5);
		answer(other);
	}
	close(other);
	/* given up: what was sent is there, and no more comes */
	while ((n = toy_recv(fd, buf, sizeof(buf), 100)) > 0)
		total += n;
	assert_int_equal(n, -EAGAIN);
	assert_true(total > 0 && total < 100000);
	close(fd);
	toy_stop(&toy);
	assert_int_equal(toy_start(&toy, NULL, 0), 0);
}

static void second_daemon(void **state)
{
	struct ox_genl *g = NULL;
	struct ox_loop *loop;
	struct ox_err e = { 0 };
	char pid[16];

	(void)state;
	NEED_ROOT();
	assert_int_equal(ox_loop_new(&loop), 0);
	assert_int_equal(ox_genl_open(loop, NULL, NULL, &g, &e), -EADDRINUSE);
	snprintf(pid, sizeof(pid), "%d", (int)toy.pid);
	assert_non_null(strstr(e.msg, pid));
	ox_loop_free(loop);
}

static int setup(void **state)
{
	(void)state;
	privileged = toy_netns() && !toy_start(&toy, NULL, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	toy_stop(&toy);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.genl.batch", batch),
		OX_TEST("unit.genl.ack_success", ack_success),
		OX_TEST("unit.genl.extack", extack),
		OX_TEST("unit.genl.errors", errors),
		OX_TEST("unit.genl.oversize", oversize),
		OX_TEST("unit.genl.dump_whole", dump_whole),
		OX_TEST("unit.genl.dump_slow_reader", dump_slow_reader),
		OX_TEST("unit.genl.dump_interrupted", dump_interrupted),
		OX_TEST("unit.genl.dump_busy", dump_busy),
		OX_TEST("unit.genl.dump_dead_reader", dump_dead_reader),
		OX_TEST("unit.genl.replies_queued", replies_queued),
		OX_TEST("unit.genl.queue_limit", queue_limit),
		OX_TEST("unit.genl.family_by_name", family_by_name),
		OX_TEST("unit.genl.policies", policies),
		OX_TEST("unit.genl.subscription", subscription),
		OX_TEST("unit.genl.turns", turns),
		OX_TEST("unit.genl.sync_behind", sync_behind),
		OX_TEST("unit.genl.sync_again", sync_again),
		OX_TEST("unit.genl.stuck_client", stuck_client),
		OX_TEST("unit.genl.second_daemon", second_daemon),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
