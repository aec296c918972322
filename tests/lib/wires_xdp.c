// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * wires_xdp.c - XDP programs that stand before the skb tier in place of the
 * datapath's, in the kernel's own instructions; see wires.h.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <unistd.h>

#include "loader/priv.h"
#include "tests/lib/test.h"
#include "tests/lib/wires.h"

/* struct bpf_insn, in the words of the kernel's filter.h */
#define MOV_REG(d, s)                                            \
	((struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X, \
			    .dst_reg = BPF_REG_##d,              \
			    .src_reg = BPF_REG_##s })
#define MOV_IMM(d, v)                                            \
	((struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, \
			    .dst_reg = BPF_REG_##d,              \
			    .imm = (v) })
#define ADD_IMM(d, v)                                            \
	((struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K, \
			    .dst_reg = BPF_REG_##d,              \
			    .imm = (v) })
#define LOAD(d, s, at)                                         \
	((struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W, \
			    .dst_reg = BPF_REG_##d,            \
			    .src_reg = BPF_REG_##s,            \
			    .off = (at) })
#define STORE(d, at, s)                                        \
	((struct bpf_insn){ .code = BPF_STX | BPF_MEM | BPF_W, \
			    .dst_reg = BPF_REG_##d,            \
			    .src_reg = BPF_REG_##s,            \
			    .off = (at) })
#define STORE_IMM(d, at, v)                                   \
	((struct bpf_insn){ .code = BPF_ST | BPF_MEM | BPF_W, \
			    .dst_reg = BPF_REG_##d,           \
			    .off = (at),                      \
			    .imm = (v) })
#define CALL(id) \
	((struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_##id })
#define EXIT ((struct bpf_insn){ .code = BPF_JMP | BPF_EXIT })

struct text {
	struct bpf_insn insn[96];
	uint32_t n;
};

static void put(struct text *t, struct bpf_insn i)
{
	t->insn[t->n++] = i;
}

static void put_map(struct text *t, int reg, int fd)
{
	put(t, (struct bpf_insn){ .code = BPF_LD | BPF_DW | BPF_IMM,
				  .dst_reg = reg,
				  .src_reg = BPF_PSEUDO_MAP_FD,
				  .imm = fd });
	put(t, (struct bpf_insn){ .code = 0 });
}

/* Jumps over the next n instructions: not equal to 0, or greater. */
static void put_skip(struct text *t, int op, int a, int b, int n)
{
	put(t, (struct bpf_insn){ .code = BPF_JMP | op,
				  .dst_reg = a,
				  .src_reg = b,
				  .off = n });
}

/* bpf_xdp_adjust_meta(r6, -n) */
static void put_room(struct text *t, int n)
{
	put(t, MOV_REG(1, 6));
	put(t, MOV_IMM(2, -n));
	put(t, CALL(xdp_adjust_meta));
}

/* In place of what is on port 1. */
static void stand_in(struct ox_wires *w, const struct text *t)
{
	LIBBPF_OPTS(bpf_prog_load_opts, o, .prog_flags = BPF_F_XDP_HAS_FRAGS,
		    .expected_attach_type = BPF_XDP);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "stand_in", "GPL", t->insn,
			       t->n, &o);

	if (fd < 0)
		fail_msg("the program doesn't load: %s", strerror(-fd));
	assert_int_equal(bpf_xdp_attach((int)w->wire[1].ifindex, fd,
					XDP_FLAGS_DRV_MODE, NULL),
			 0);
	close(fd);
}

void ox_wires_no_meta(struct ox_wires *w)
{
	int jmp = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "jmp", 4, 4, 1, NULL);
	struct text t = { .n = 0 };
	uint32_t zero = 0;

	assert_true(jmp >= 0);
	assert_int_equal(
		bpf_map_update_elem(jmp, &zero, &w->dp->prog[OX_P_XDP].fd, 0),
		0);
	put(&t, MOV_REG(6, 1));
	/* as much as this kernel lets have: the rest is refused */
	for (int n = 128; n >= 4; n /= 2)
		put_room(&t, n);
	put(&t, MOV_REG(1, 6));
	put_map(&t, BPF_REG_2, jmp);
	put(&t, MOV_IMM(3, 0));
	put(&t, CALL(tail_call));
	put(&t, MOV_IMM(0, XDP_ABORTED));
	put(&t, EXIT);
	stand_in(w, &t);
	/* without its last user the map would forget the program */
	w->jmp = jmp;
}

void ox_wires_forge(struct ox_wires *w, const struct ox_upcall_md *md)
{
	const int words = sizeof(*md) / 4;
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "md", 4, sizeof(*md), 1,
				 NULL);
	struct text t = { .n = 0 };
	uint32_t zero = 0;

	assert_true(map >= 0);
	assert_int_equal(bpf_map_update_elem(map, &zero, md, 0), 0);
	put(&t, MOV_REG(6, 1));
	put_room(&t, sizeof(*md));
	put(&t, STORE_IMM(10, -4, 0));
	put(&t, MOV_REG(2, 10));
	put(&t, ADD_IMM(2, -4));
	put_map(&t, BPF_REG_1, map);
	put(&t, CALL(map_lookup_elem));
	put_skip(&t, BPF_JEQ | BPF_K, BPF_REG_0, 0, 5 + 2 * words);
	put(&t, LOAD(1, 6, offsetof(struct xdp_md, data_meta)));
	put(&t, LOAD(2, 6, offsetof(struct xdp_md, data)));
	put(&t, MOV_REG(3, 1));
	put(&t, ADD_IMM(3, sizeof(*md)));
	put_skip(&t, BPF_JGT | BPF_X, BPF_REG_3, BPF_REG_2, 2 * words);
	for (int i = 0; i < words; i++) {
		put(&t, LOAD(4, 0, 4 * i));
		put(&t, STORE(1, 4 * i, 4));
	}
	put(&t, MOV_IMM(0, XDP_PASS));
	put(&t, EXIT);
	stand_in(w, &t);
	close(map);
}
