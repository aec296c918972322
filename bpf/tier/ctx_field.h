/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctx_field.h - the fields of a program's context, struct xdp_md or struct
 * __sk_buff. The verifier takes an access to one only at a constant offset
 * from the context itself. A compiler may compute the offset instead: clang 19
 * makes one store of two to different fields in two branches. So no field is
 * named anywhere else: the assembler puts the offset into the instruction.
 * All fields that we use have 32 bits.
 */
#ifndef OVSXDP_BPF_CTX_FIELD_H
#define OVSXDP_BPF_CTX_FIELD_H

#include "bpf/core/compiler.h"

#define CTX_FIELD_CHECK(c, field)                              \
	_Static_assert(sizeof((c)->field) == sizeof(__u32),    \
		       "a field of the context with 32 bits"); \
	_Static_assert(sizeof(*(c)) > sizeof(__u32), "the context itself")

/*
 * Not volatile: the operand of memory says what the value depends on, so the
 * compiler may keep it until somebody writes to the context or calls a helper
 * with it.
 */
#define CTX_GET(type, c, field)                                             \
	({                                                                  \
		type v_;                                                    \
		CTX_FIELD_CHECK(c, field);                                  \
		asm("%0 = *(u32 *)(%1 + %2)"                                \
		    : "=r"(v_)                                              \
		    : "r"(c), "i"(__builtin_offsetof(typeof(*(c)), field)), \
		      "m"(*(c)));                                           \
		v_;                                                         \
	})

#define ctx_get(c, field) CTX_GET(__u32, c, field)

/* data, data_end or data_meta. */
#define ctx_ptr(c, field) CTX_GET(void *, c, field)

#define ctx_set(c, field, value)                                             \
	do {                                                                 \
		CTX_FIELD_CHECK(c, field);                                   \
		asm volatile("*(u32 *)(%0 + %1) = %2"                        \
			     :                                               \
			     : "r"(c),                                       \
			       "i"(__builtin_offsetof(typeof(*(c)), field)), \
			       "r"((__u32)(value))                           \
			     : "memory");                                    \
	} while (0)

#endif /* OVSXDP_BPF_CTX_FIELD_H */
