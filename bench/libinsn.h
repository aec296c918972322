/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libinsn.h - short BPF programs written by hand, and arrays for them. The
 * functions end the program on any error.
 */
#ifndef OVSXDP_BENCH_LIBINSN_H
#define OVSXDP_BENCH_LIBINSN_H

#include <stddef.h>
#include <stdint.h>
#include <linux/bpf.h>

#define INSN(...) ((struct bpf_insn){ __VA_ARGS__ })
#define MOV(d, s)                                                 \
	INSN(.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (d), \
	     .src_reg = (s))
#define ALU_IMM(op, d, i) \
	INSN(.code = BPF_ALU64 | (op) | BPF_K, .dst_reg = (d), .imm = (i))
#define LOAD(size, d, s, o)                                      \
	INSN(.code = BPF_LDX | BPF_MEM | (size), .dst_reg = (d), \
	     .src_reg = (s), .off = (o))
#define STORE(size, d, o, s)                                     \
	INSN(.code = BPF_STX | BPF_MEM | (size), .dst_reg = (d), \
	     .src_reg = (s), .off = (o))
#define MOV_IMM(d, i) ALU_IMM(BPF_MOV, d, i)
#define MAP(d, fd)                                              \
	INSN(.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = (d), \
	     .src_reg = BPF_PSEUDO_MAP_FD, .imm = (fd)),        \
		INSN(.code = 0)
#define CALL(fn) INSN(.code = BPF_JMP | BPF_CALL, .imm = (fn))
#define JUMP_EQ0(r, o) \
	INSN(.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = (r), .off = (o))
#define JUMP_GT(a, b, o)                                        \
	INSN(.code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = (a), \
	     .src_reg = (b), .off = (o))
#define JUMP_LT_IMM(r, i, o)                                                \
	INSN(.code = BPF_JMP | BPF_JLT | BPF_K, .dst_reg = (r), .imm = (i), \
	     .off = (o))
#define EXIT() INSN(.code = BPF_JMP | BPF_EXIT)
/* r0: the element of map fd whose index is in r7 */
#define ELEMENT(fd)                                                          \
	STORE(BPF_W, BPF_REG_10, -4, BPF_REG_7), MAP(BPF_REG_1, fd),         \
		MOV(BPF_REG_2, BPF_REG_10), ALU_IMM(BPF_ADD, BPF_REG_2, -4), \
		CALL(BPF_FUNC_map_lookup_elem)

/* An array that can be mapped; its fd. */
int ox_insn_array(const char *name, uint32_t value_size, uint32_t n);
/* An XDP program that knows frags; its fd. */
int ox_insn_load(const char *name, const struct bpf_insn *insns, size_t n);

#endif /* OVSXDP_BENCH_LIBINSN_H */
