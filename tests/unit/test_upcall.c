// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_upcall.c - what an upcall counts, whatever becomes of it. The test is
 * the transport; only a batch goes over sockets.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/netlink/genl_int.h"
#include "control/packet/upcall.h"
#include "tests/lib/mem_heap.h"

struct fixture {
	struct ox_datapath dp;
	struct ox_config *cfg;
	struct ox_uport *up; /* port 3 */
	int result;	     /* of unicast */
	uint32_t portid;     /* of the last one, 0: none */
	uint32_t dp_ifindex; /* in it */
	size_t len;
};

static int fake_unicast(void *arg, uint32_t portid, const struct iovec *iov,
			int n)
{
	struct fixture *f = arg;

	f->portid = portid;
	memcpy(&f->dp_ifindex,
	       (const uint8_t *)iov[0].iov_base + NLMSG_HDRLEN + 4, 4);
	f->len = 0;
	while (n--)
		f->len += iov[n].iov_len;
	return f->result;
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.dp.ifindex = 42;
	if (ox_mem_heap_new(&(struct ox_mem_heap_params){ 0 }, &f.dp.mem))
		return -1;
	f.cfg = f.dp.mem->config;
	f.up = &f.dp.mem->uports[3];
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ox_mem_heap_free(f->dp.mem);
	return 0;
}

static int call(struct fixture *f, uint32_t portid, uint32_t len)
{
	static uint8_t frame[70000];
	const struct ox_out out = { NULL, fake_unicast, f, NULL };
	const struct ox_host_pkt pkt = { .in_port = 3 };
	struct ox_key key = { .in_port = 3, .mac_proto = 1 };
	struct ox_upcall_msg m = {
		.cmd = OVS_PACKET_CMD_MISS,
		.key = &key,
		.frame = frame,
		.len = len,
		.cutlen = UINT32_MAX,
	};

	return ox_upcall(&f->dp, &out, portid, &pkt, &m);
}

static void delivered(void **state)
{
	struct fixture *f = *state;
	size_t padded;

	assert_int_equal(call(f, 999, 61), 0);
	assert_int_equal(f->portid, 999);
	assert_int_equal(f->dp_ifindex, 42);
	assert_int_equal(f->up->upcall_success, 1);
	assert_int_equal(f->up->upcall_fail, 0);
	assert_int_equal(f->cfg->host.n_lost, 0);
	padded = f->len;
	f->cfg->user_features = OVS_DP_F_UNALIGNED;
	assert_int_equal(call(f, 999, 61), 0);
	assert_int_equal(f->len, padded - 3);
}

static void nobody(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(call(f, 0, 60), -ENOTCONN);
	assert_int_equal(f->portid, 0);
	assert_int_equal(f->cfg->host.n_lost, 1);
	assert_int_equal(f->cfg->host.reason[OX_R_NO_UPCALL_PID], 1);
	assert_int_equal(f->up->upcall_fail, 0);
}

static void failed(void **state)
{
	static const struct {
		int err;
		enum ox_reason reason;
	} cases[] = {
		{ -EAGAIN, OX_R_CLIENT_FULL },
		{ -ENOBUFS, OX_R_CLIENT_FULL },
		{ -ECONNREFUSED, OX_R_CLIENT_GONE },
		{ -EPERM, OX_R_SEND },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		__u64 *r = &f->cfg->host.reason[cases[i].reason];
		__u64 before = *r;

		f->result = cases[i].err;
		assert_int_equal(call(f, 999, 60), cases[i].err);
		assert_int_equal(*r, before + 1);
		assert_int_equal(f->cfg->host.n_lost, i + 1);
		assert_int_equal(f->up->upcall_fail, i + 1);
	}
	assert_int_equal(f->up->upcall_success, 0);
}

static void too_big(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(call(f, 999, 65532), -EFBIG);
	assert_int_equal(f->portid, 0);
	assert_int_equal(f->cfg->host.n_lost, 1);
	assert_int_equal(f->up->upcall_fail, 1);
}

static int socket_of(uint32_t *portid)
{
	struct sockaddr_nl me = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	socklen_t len = sizeof(me);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&me, sizeof(me)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&me, &len), 0);
	*portid = me.nl_pid;
	return fd;
}

static int add(void *arg, struct ox_datapath *dp, uint32_t in_port,
	       uint32_t portid, const struct iovec *iov, int n_iov)
{
	return ox_upcalls_add(arg, dp, in_port, portid, iov, n_iov);
}

/* More than a batch has room for, to two clients by turns, one of whom is
 * gone: each of its messages is lost, none of the other's, in order. */
static void batch(void **state)
{
	enum { N = 150 };
	static uint8_t frame[1500], got[4096];
	struct fixture *f = *state;
	uint32_t here, gone, none;
	struct ox_genl g = { .fd = socket_of(&none) };
	int fd = socket_of(&here), other = socket_of(&gone);
	const struct ox_out out = { NULL, NULL, &g, add };
	const struct ox_host_pkt pkt = { .in_port = 3 };

	if (geteuid()) {
		close(g.fd);
		close(fd);
		close(other);
		ox_skip("needs root: no right to send to another socket");
	}
	close(other);
	for (uint32_t i = 0; i < N; i++) {
		struct ox_key key = { .in_port = 3, .mac_proto = 1 };
		struct ox_upcall_msg m = { .cmd = OVS_PACKET_CMD_MISS,
					   .key = &key,
					   .frame = frame,
					   .len = 61,
					   .cutlen = UINT32_MAX };

		frame[0] = (uint8_t)i;
		assert_int_equal(
			ox_upcall(&f->dp, &out, i % 3 ? here : gone, &pkt, &m),
			0);
	}
	ox_upcalls_flush(&g);
	for (uint32_t i = 0; i < N; i++) {
		ssize_t n;

		if (!(i % 3))
			continue;
		n = recv(fd, got, sizeof(got), MSG_DONTWAIT);
		/* the frame is at its end, padded from 61 to 64 */
		assert_true(n > 64);
		assert_int_equal(got[n - 64], i);
	}
	assert_true(recv(fd, got, sizeof(got), MSG_DONTWAIT) < 0);
	assert_int_equal(f->up->upcall_success, 100);
	assert_int_equal(f->up->upcall_fail, 50);
	assert_int_equal(f->cfg->host.n_lost, 50);
	assert_int_equal(f->cfg->host.reason[OX_R_CLIENT_GONE], 50);
	close(g.fd);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST_WITH("unit.upcall.delivered", delivered, setup,
			     teardown),
		OX_TEST_WITH("unit.upcall.nobody", nobody, setup, teardown),
		OX_TEST_WITH("unit.upcall.failed", failed, setup, teardown),
		OX_TEST_WITH("unit.upcall.batch", batch, setup, teardown),
		OX_TEST_WITH("unit.upcall.too_big", too_big, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
