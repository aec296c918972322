// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * clock.c - jiffies as nanoseconds of CLOCK_MONOTONIC. The program stamps a
 * flow with jiffies, because the verifier makes a plain load of them where
 * any clock is a call of some 8 ns. Both advance in the same tick.
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>

/* r0 = (u32)(bpf_jiffies64() >> shift) */
static int prog_load(int shift)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_jiffies64 },
		{ .code = BPF_ALU64 | BPF_RSH | BPF_K, .imm = shift },
		{ .code = BPF_ALU | BPF_MOV | BPF_X, .src_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "ox_jiffies",
			       "Dual BSD/GPL", insns, 4, NULL);

	return fd < 0 ? -errno : fd;
}

static int prog_run(int fd, uint32_t *value)
{
	uint8_t frame[14] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame,
		    .data_size_in = sizeof(frame), .repeat = 1);

	if (bpf_prog_test_run_opts(fd, &o))
		return -errno;
	*value = o.retval;
	return 0;
}

static uint64_t coarse_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Both clocks within one tick: the coarse clock shows that none passed. */
static int clock_pair(int low_fd, int high_fd, struct ox_clock *c)
{
	uint32_t low, high;
	int err, tries;

	for (tries = 0; tries < 1000; tries++) {
		c->ns = coarse_ns();
		err = prog_run(low_fd, &low);
		if (!err)
			err = prog_run(high_fd, &high);
		if (err)
			return err;
		if (coarse_ns() != c->ns)
			continue;
		c->jiffies = (uint64_t)high << 32 | low;
		return 0;
	}
	return -EAGAIN;
}

int ox_clock_open(struct ox_clock *c, struct ox_err *e)
{
	_cleanup_fd_ int low = prog_load(0);
	_cleanup_fd_ int high = prog_load(32);
	struct timespec tick;
	int err;

	if (low < 0 || high < 0)
		err = low < 0 ? low : high;
	else
		err = clock_pair(low, high, c);
	if (err)
		return ox_err_set(e, err,
				  "can't relate jiffies to a clock: %s "
				  "(is BPF_PROG_TEST_RUN allowed?)",
				  strerror(-err));
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	c->tick_ns = tick.tv_nsec;
	return 0;
}

uint64_t ox_clock_ns(const struct ox_clock *c, uint64_t jiffies)
{
	if (!jiffies)
		return 0;
	return c->ns + (int64_t)(jiffies - c->jiffies) * (int64_t)c->tick_ns;
}
