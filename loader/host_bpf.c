// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * host_bpf.c - asks bpf(2) for features, by the smallest program or map that
 * has each. A helper is asked for by a call of it: the verifier names those
 * that it doesn't know before it looks at their arguments.
 */
#include "loader/host_int.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <bpf/bpf.h>

#include "loader/priv.h"

#define XDP	BPF_PROG_TYPE_XDP
#define TC	BPF_PROG_TYPE_SCHED_CLS
#define SYSCALL BPF_PROG_TYPE_SYSCALL

#ifndef BPF_F_XDP_HAS_FRAGS
#define BPF_F_XDP_HAS_FRAGS (1U << 5)
#endif

/* All that bpf/ calls, by the type of its program: test_host.c looks. */
const struct ox_host_helper ox_host_helpers[] = {
	{ XDP, BPF_FUNC_map_lookup_elem, OX_HOST_HELPERS },
	{ XDP, BPF_FUNC_get_smp_processor_id, OX_HOST_HELPERS },
	{ XDP, BPF_FUNC_ktime_get_ns, OX_HOST_HELPERS },
	{ XDP, BPF_FUNC_jiffies64, OX_HOST_HELPERS },
	{ XDP, BPF_FUNC_get_prandom_u32, OX_HOST_HELPERS },
	{ XDP, BPF_FUNC_tail_call, OX_HOST_HELPERS },
	{ XDP, BPF_FUNC_redirect_map, OX_HOST_HELPERS },
	{ XDP, BPF_FUNC_xdp_adjust_head, OX_HOST_HELPERS },
	{ XDP, BPF_FUNC_xdp_adjust_tail, OX_HOST_HELPERS },
	{ XDP, BPF_FUNC_xdp_adjust_meta, OX_HOST_HELPERS },
	{ XDP, BPF_FUNC_xdp_get_buff_len, OX_HOST_FRAGS },
	{ XDP, BPF_FUNC_xdp_load_bytes, OX_HOST_FRAGS },
	{ XDP, BPF_FUNC_xdp_store_bytes, OX_HOST_FRAGS },
	{ XDP, BPF_FUNC_loop, OX_HOST_LOOP },
	{ XDP, BPF_FUNC_spin_lock, OX_HOST_LOCK },
	{ XDP, BPF_FUNC_spin_unlock, OX_HOST_LOCK },
	{ TC, BPF_FUNC_map_lookup_elem, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_get_smp_processor_id, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_ktime_get_ns, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_jiffies64, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_get_prandom_u32, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_tail_call, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_redirect, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_clone_redirect, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_skb_load_bytes, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_skb_store_bytes, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_skb_change_tail, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_skb_vlan_push, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_skb_vlan_pop, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_l4_csum_replace, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_l3_csum_replace, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_csum_diff, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_get_hash_recalc, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_skb_get_tunnel_key, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_skb_set_tunnel_key, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_skb_get_tunnel_opt, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_skb_set_tunnel_opt, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_skb_change_head, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_skb_adjust_room, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_fib_lookup, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_redirect_neigh, OX_HOST_HELPERS },
	{ TC, BPF_FUNC_loop, OX_HOST_LOOP },
	{ TC, BPF_FUNC_redirect_peer, OX_HOST_PEER },
	{ XDP, BPF_FUNC_ringbuf_reserve, OX_HOST_RING },
	{ XDP, BPF_FUNC_ringbuf_submit, OX_HOST_RING },
	{ XDP, BPF_FUNC_ringbuf_query, OX_HOST_RING },
	{ TC, BPF_FUNC_ringbuf_reserve, OX_HOST_RING },
	{ TC, BPF_FUNC_ringbuf_submit, OX_HOST_RING },
	{ TC, BPF_FUNC_ringbuf_discard, OX_HOST_RING },
	{ TC, BPF_FUNC_ringbuf_query, OX_HOST_RING },
	{ TC, BPF_FUNC_spin_lock, OX_HOST_LOCK },
	{ TC, BPF_FUNC_spin_unlock, OX_HOST_LOCK },
	{ SYSCALL, BPF_FUNC_map_lookup_elem, OX_HOST_PERCPU_LOOKUP },
	{ SYSCALL, BPF_FUNC_map_lookup_percpu_elem, OX_HOST_PERCPU_LOOKUP },
	{ SYSCALL, BPF_FUNC_loop, OX_HOST_PERCPU_LOOKUP },
};
const size_t ox_host_n_helpers =
	sizeof(ox_host_helpers) / sizeof(ox_host_helpers[0]);

#define N_INSNS(a) (sizeof(a) / sizeof((a)[0]))

static const struct bpf_insn insn_zero = {
	.code = BPF_ALU64 | BPF_MOV | BPF_K,
};
static const struct bpf_insn insn_exit = { .code = BPF_JMP | BPF_EXIT };

static struct bpf_insn insn_call(uint32_t func)
{
	return (struct bpf_insn){ .code = BPF_JMP | BPF_CALL,
				  .imm = (int32_t)func };
}

/* The first half of the load of a map's address: BPF_IMM, which is 0. */
static struct bpf_insn insn_map(uint8_t reg, int fd)
{
	return (struct bpf_insn){ .code = BPF_LD | BPF_DW,
				  .dst_reg = reg,
				  .src_reg = BPF_PSEUDO_MAP_FD,
				  .imm = fd };
}

static struct bpf_insn insn_move(uint8_t to, uint8_t from)
{
	return (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X,
				  .dst_reg = to,
				  .src_reg = from };
}

static struct bpf_insn insn_set(uint8_t reg, int32_t v)
{
	return (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,
				  .dst_reg = reg,
				  .imm = v };
}

/* An fd or -errno; log (may be NULL) gets the verifier's words. */
static int prog_load(uint32_t type, uint32_t flags,
		     const struct bpf_insn *insns, size_t n, char *log,
		     uint32_t size)
{
	LIBBPF_OPTS(bpf_prog_load_opts, o, .prog_flags = flags, .log_buf = log,
		    .log_size = log ? size : 0, .log_level = log ? 1 : 0);
	int fd = bpf_prog_load(type, "ox_host", "Dual BSD/GPL", insns, n, &o);

	return fd < 0 ? -errno : fd;
}

int ox_host_prog_tiny(uint32_t prog_type, uint32_t flags)
{
	const struct bpf_insn insns[] = { insn_zero, insn_exit };

	return prog_load(prog_type, flags, insns, N_INSNS(insns), NULL, 0);
}

/* Refused for its arguments, the helper is there. */
static int ask_helper(uint32_t type, uint32_t func)
{
	static const char *const unknown[] = {
		"invalid func ",
		"unknown func ",
		"cannot use helper",
	};
	const struct bpf_insn insns[] = { insn_call(func), insn_exit };
	char log[2048] = "";
	_cleanup_fd_ int fd =
		prog_load(type, 0, insns, N_INSNS(insns), log, sizeof(log));

	if (fd >= 0)
		return 0;
	for (size_t i = 0; i < N_INSNS(unknown); i++)
		if (strstr(log, unknown[i]))
			return -EOPNOTSUPP;
	/* not looked at by the verifier at all */
	return *log ? 0 : fd;
}

static void note(struct ox_host *h, enum ox_host_feature f, int rc)
{
	if (h->note[f] >= 0)
		h->note[f] = rc < 0 ? rc : 0;
}

static void ask_helpers(struct ox_host *h)
{
	for (size_t i = 0; i < ox_host_n_helpers; i++) {
		const struct ox_host_helper *t = &ox_host_helpers[i];
		int rc = ask_helper(t->prog_type, t->func);

		if (rc && !h->helper && t->feature != OX_HOST_PERCPU_LOOKUP)
			h->helper = t->func;
		note(h, t->feature, rc);
	}
}

static int map_make(uint32_t type, uint32_t key, uint32_t value, uint32_t n,
		    const struct bpf_map_create_opts *o)
{
	int fd = bpf_map_create(type, "ox_host", key, value, n, o);

	return fd < 0 ? -errno : fd;
}

static int ask_map(uint32_t type, uint32_t key, uint32_t value, uint32_t n)
{
	_cleanup_fd_ int fd = map_make(type, key, value, n, NULL);

	return fd < 0 ? fd : 0;
}

/* An array of maps like "inner". */
static int ask_outer(int inner)
{
	LIBBPF_OPTS(bpf_map_create_opts, o, .inner_map_fd = (uint32_t)inner);
	_cleanup_fd_ int fd = -1;

	if (inner < 0)
		return inner;
	fd = map_make(BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1, &o);
	return fd < 0 ? fd : 0;
}

static int ask_mmap(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, o, .map_flags = BPF_F_MMAPABLE);
	_cleanup_fd_ int inner = map_make(BPF_MAP_TYPE_ARRAY, 4, 4096, 1, &o);

	return ask_outer(inner);
}

/* Is the program made machine code? */
static int ask_jit(void)
{
	_cleanup_fd_ int fd = ox_host_prog_tiny(XDP, 0);
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	if (fd < 0)
		return fd;
	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	return info.jited_prog_len ? 0 : -EOPNOTSUPP;
}

/* A function's call, and a tail call beside it. */
static int ask_tail_calls(void)
{
	_cleanup_fd_ int map = map_make(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, NULL);
	const struct bpf_insn insns[] = {
		insn_move(BPF_REG_6, BPF_REG_1),
		{ .code = BPF_JMP | BPF_CALL,
		  .src_reg = BPF_PSEUDO_CALL,
		  .imm = 7 },
		insn_move(BPF_REG_1, BPF_REG_6),
		insn_map(BPF_REG_2, map),
		{ 0 },
		insn_set(BPF_REG_3, 0),
		insn_call(BPF_FUNC_tail_call),
		insn_zero,
		insn_exit,
		insn_zero,
		insn_exit,
	};
	_cleanup_fd_ int fd = -1;

	if (map < 0)
		return map;
	fd = prog_load(XDP, 0, insns, N_INSNS(insns), NULL, 0);
	return fd < 0 ? fd : 0;
}

/* bpf_redirect_map() doesn't look at flags before it runs. */
static int ask_broadcast(void)
{
	_cleanup_fd_ int map =
		map_make(BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 1, NULL);
	const struct bpf_insn insns[] = {
		insn_map(BPF_REG_1, map),
		{ 0 },
		insn_set(BPF_REG_2, 0),
		insn_set(BPF_REG_3, BPF_F_BROADCAST),
		insn_call(BPF_FUNC_redirect_map),
		insn_exit,
	};
	uint8_t frame[64] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame,
		    .data_size_in = sizeof(frame), .repeat = 1);
	_cleanup_fd_ int fd = -1;
	int err = ask_outer(map);

	if (err)
		return err;
	fd = prog_load(XDP, 0, insns, N_INSNS(insns), NULL, 0);
	if (fd < 0)
		return fd;
	if (bpf_prog_test_run_opts(fd, &o))
		return -errno;
	return o.retval == XDP_REDIRECT ? 0 : -EOPNOTSUPP;
}

static int ask_frags(void)
{
	_cleanup_fd_ int fd = ox_host_prog_tiny(XDP, BPF_F_XDP_HAS_FRAGS);

	return fd < 0 ? fd : 0;
}

static int ask_xsk(void)
{
	_cleanup_fd_ int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : ask_map(BPF_MAP_TYPE_XSKMAP, 4, 4, 1);
}

void ox_host_ask_bpf(struct ox_host *h)
{
	struct ox_clock clock;

	note(h, OX_HOST_BPF, ask_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1));
	if (h->note[OX_HOST_BPF])
		return;
	note(h, OX_HOST_JIT, ask_jit());
	ask_helpers(h);
	note(h, OX_HOST_FRAGS, ask_frags());
	note(h, OX_HOST_TAIL_CALLS, ask_tail_calls());
	note(h, OX_HOST_RING, ask_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 1 << 16));
	note(h, OX_HOST_MMAP, ask_mmap());
	note(h, OX_HOST_DEVMAP, ask_map(BPF_MAP_TYPE_DEVMAP, 4, 4, 1));
	note(h, OX_HOST_DEVMAP, ask_broadcast());
	note(h, OX_HOST_TEST_RUN, ox_clock_open(&clock, NULL));
	note(h, OX_HOST_XSK, ask_xsk());
}
