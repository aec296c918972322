/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * compiler.h - what the core asks of its compilers, in the kernel's words, for
 * clang's BPF target and for the host's compiler.
 */
#ifndef OVSXDP_BPF_COMPILER_H
#define OVSXDP_BPF_COMPILER_H

#include <linux/types.h>

#ifdef __bpf__
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#endif

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/*
 * Without "static" this is a global function: the verifier checks it once, on
 * its own, instead of once for each way that leads to it. It then knows
 * nothing about the arguments. A pointer to memory may be NULL for all that
 * it knows, so such a function tests its pointers before it follows them.
 * In the host build such a function is the file's own.
 */
#ifdef __bpf__
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif
#else
#define __noinline static __attribute__((unused))
#endif

/* One load of memory that the other side changes meanwhile. */
#ifndef READ_ONCE
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#endif

/*
 * Order on CPUs that load out of it (arm64): what is read by ox_after(p, v) is
 * loaded after v was. The other side writes v last (ox_publish()), so what is
 * read is what was there then, or newer. A branch on v gives no such order. It
 * is an address that depends on v, by nothing, and costs two instructions;
 * none where loads are in order (x86). BPF on 6.1 knows no load that orders.
 */
#ifdef OX_WEAK_ORDER
#define ox_dep(v)                                        \
	({                                               \
		__u64 ox_dep_ = (v);                     \
		asm volatile("%0 &= 0" : "+r"(ox_dep_)); \
		ox_dep_;                                 \
	})
#define ox_after(p, v) ((__typeof__(p))((void *)(p) + ox_dep(v)))
#else
#define ox_dep(v)      0
#define ox_after(p, v) (p)
#endif

/* What the compiler knows of a variable ends here, so that it can't fold what
 * follows into what came before. */
#ifndef barrier_var
#ifdef __bpf__
#define barrier_var(v) asm volatile("" : "+r"(v))
#else
#define barrier_var(v)
#endif
#endif

/* A loop that stays one. */
#ifdef __bpf__
#define OX_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define OX_ROLLED
#endif

/* Calls fn(i, arg) for i = 0..n-1 until it returns not 0; the number of
 * calls. The program's size doesn't depend on n. */
#ifdef __bpf__
#define ox_loop(n, fn, arg) bpf_loop(n, fn, arg, 0)
#else
static __always_inline __u32 ox_loop(__u32 n, long (*fn)(__u32 i, void *arg),
				     void *arg)
{
	__u32 i;

	for (i = 0; i < n; i++)
		if (fn(i, arg))
			return i + 1;
	return n;
}
#endif

#endif /* OVSXDP_BPF_COMPILER_H */
